"""`rently-db preflight`: what would stop the migration of a v0 database, and what it will repair."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rich.console import Console

    from rently_db.migrate.preflight import Finding
    from rently_db.operations.preflight import Report

app = typer.Typer()


@app.command()
def preflight(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    mapping: Annotated[Path | None, typer.Option("--mapping", help="The mapping file, as for alembic -x mapping=FILE.")] = None,
    baseline: Annotated[
        Path | None, typer.Option("--baseline", help="Write rows, money, digests and the busiest statements to this file, as JSON.")
    ] = None,
    thorough: Annotated[
        bool, typer.Option("--thorough", help="Also look for rows without a parent behind valid foreign keys: triggers may have been off.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Find what would stop the migration of a v0 database, and what it will repair; writes nothing to it.

    Exit code 0: the migration would not stop; 1: it would; 2: a wrong option or URL.

    Example: rently-db preflight postgresql://user@host/rently --baseline before.json

    --json prints {revision, would_stop, nothing_to_check, findings, kept_besides_v0}; a finding is {kind: schema | rows | repair | advice,
    table, column, rule, count, sample: ids, repair, automatic, commands: texts, mapping: CSV lines, note}.
    """
    import json

    from alembic.util import CommandError
    from sqlalchemy.pool import NullPool

    from rently_db.database import make_engine, resolve_url
    from rently_db.migrate.mapping import read_mapping
    from rently_db.operations.preflight import check, take_baseline
    from rently_db.operations.screen import screen

    said = read_mapping(mapping) if mapping is not None else {}
    with resolve_url(url) as target:
        # Time limits of a role are meant for applications.
        options = {"options": "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"}
        engine = make_engine(target, poolclass=NullPool, connect_args=options)
        report = check(engine, said, thorough=thorough)
        if baseline is not None:
            try:
                baseline.write_text(json.dumps(take_baseline(engine), indent=1) + "\n", encoding="utf-8")
            except OSError as problem:
                raise CommandError(f"{baseline} can't be written: {problem.strerror}; give another file with --baseline") from problem
            typer.echo(f"baseline written to {baseline}", err=True)
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=1))
    else:
        _print(report, screen())
    raise typer.Exit(ExitCode.FINDINGS if report.stops else ExitCode.DONE)


def _print(report: Report, console: Console) -> None:
    """Findings that stop, one paragraph each with its commands, then a table of repairs, then advice."""
    from rich.table import Table

    from rently_db.operations.screen import say

    if report.nothing_to_check:
        console.print(report.nothing_to_check, markup=False)
        return
    stops = [finding for finding in report.findings if finding.stops]
    repairs = [finding for finding in report.findings if finding.automatic]
    for finding in stops:
        _paragraph(finding, console)
    if repairs:
        table = Table(title="what declared repairs will change, and a downgrade gives back", title_justify="left")
        table.add_column("repair")
        table.add_column("rows", justify="right")
        for finding in repairs:
            table.add_row(f"{finding.rule}\n  {finding.mend}", f"{finding.count:,}")
        console.print(table)
    advice = [finding for finding in report.findings if finding.kind == "advice"]
    if advice:
        console.print("advice: the migration neither stops at these rows nor changes them, and rently-db validate will name them after it")
    for finding in advice:
        say(console, finding.sentence(), indent=4)
    for extra in report.extras:
        console.print(f"kept as it is, not part of v0: {extra}", markup=False)
    if stops:
        console.print(f"the migration would stop: {len(stops)} finding{'' if len(stops) == 1 else 's'}", markup=False)
    else:
        changed = sum(finding.count for finding in repairs)
        console.print(f"the migration would not stop; it repairs {changed:,} values", markup=False)


def _paragraph(finding: Finding, console: Console) -> None:
    from rently_db.operations.screen import command, say

    say(console, finding.sentence())
    for line in finding.mapping:
        command(console, f"FILE: {line}")
    for line in finding.commands if finding.kind != "schema" else ():
        command(console, line)
    if finding.note:
        say(console, finding.note, indent=4)
    console.print()
