"""`rently-db rehearse`: the whole way on a clone, with a verdict."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rently_db.cli.exit_codes import ExitCode
from rently_db.cli.migrate import OnViolation, migration_arguments

if TYPE_CHECKING:
    from rently_db.migrate.run import Observer
    from rently_db.operations.migrating import Journey
    from rently_db.operations.rehearse import Rehearsal

app = typer.Typer()


@app.command()
def rehearse(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    on: Annotated[
        str | None,
        typer.Option(
            "--on", metavar="SERVER_URL", help="The server for the clone. Default: one of our own, PostgreSQL 18.", show_default=False
        ),
    ] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the clone, to look at it.")] = False,
    mapping: Annotated[Path | None, typer.Option("--mapping", metavar="FILE", help="As for rently-db migrate.", show_default=False)] = None,
    on_violation: Annotated[OnViolation, typer.Option("--on-violation", help="As for rently-db migrate.")] = OnViolation.STOP,
    quarantine_limit: Annotated[
        int | None, typer.Option("--quarantine-limit", min=0, metavar="N", help="As for rently-db migrate.", show_default=False)
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the rehearsal as one JSON object.")] = False,
) -> None:
    """Clone the database and go the whole way on the clone: preflight, upgrade, validation, downgrade, comparison, upgrade again.

    The database itself is only read. The clone is dropped in any case, unless --keep is given. It takes the disk space of the database
    and of a compressed backup (in TMPDIR) on this machine, or with --on on that server.

    Example: rently-db rehearse postgresql://deploy@db.example/rently --on postgresql://deploy@staging.example

    Exit code 0: the verdict is good; 1: not good, the first reason is named; 2: a wrong option, URL or server; 3: stopped or cut off.

    --json prints {verdict: good | not good, reason, source, source_version, clone_version, clone, rows, seconds, longest_lock: {seconds,
    step}, proven: sentences, findings: as rently-db preflight lists them, legs: outcomes as rently-db migrate prints them, with revisions:
    [{revision, seconds, rows, longest_lock_seconds}], notes: sentences}; nothing with exit codes 2 and 3.
    """
    from rently_db.cli.conduct import print_json
    from rently_db.database import parse_url, resolve_url
    from rently_db.migrate.mapping import read_mapping
    from rently_db.operations.backup import BackupError, HalfWayError
    from rently_db.operations.interrupt import interruptible
    from rently_db.operations.progress import shown
    from rently_db.operations.rehearse import Rehearser

    arguments = migration_arguments(mapping, on_violation, quarantine_limit)
    server = None if on is None else parse_url(on, source="the option --on")

    def watch(journey: Journey) -> AbstractContextManager[Observer]:
        return shown(journey)

    rehearser = Rehearser(arguments, read_mapping(mapping) if mapping else {}, lambda line: typer.echo(line, err=True), watch)
    try:
        with resolve_url(url) as target, interruptible():
            result = rehearser.run(target, on=server, keep=keep)
    except KeyboardInterrupt:
        _fail("stopped; the clone is dropped, the database was only read" if not keep else "stopped; the clone is kept", ExitCode.RESUMABLE)
    except HalfWayError as problem:
        _fail(str(problem), ExitCode.RESUMABLE)
    except BackupError as problem:
        _fail(str(problem), ExitCode.USAGE)
    if as_json:
        print_json(result.json())
    else:
        _print(result)
    raise typer.Exit(ExitCode.DONE if result.good else ExitCode.FINDINGS)


def _fail(sentence: str, code: ExitCode) -> NoReturn:
    """End with one sentence on stderr."""
    typer.echo(f"rently-db: {sentence}", err=True)
    raise typer.Exit(code)


def _print(result: Rehearsal) -> None:
    """Repairs and findings, what each revision took on each way, what is proven, and the verdict."""
    from rich.table import Table

    from rently_db.operations.screen import say, screen

    console = screen()
    stops = [finding for finding in result.findings if not finding["automatic"]]
    repaired = sum(finding["count"] for finding in result.findings if finding["automatic"])
    say(console, f"{result.source}: {result.rows:,} rows; {repaired:,} values to repair, {len(stops)} findings")
    for finding in stops:
        console.print(f"  {finding['table'] or ''} {finding['rule']}: {finding['count']:,} rows; {finding['repair']}", markup=False)
    table = Table("way", "revision", title="what it took", title_justify="left", box=None, pad_edge=False)
    for heading in ("seconds", "rows", "longest lock"):
        table.add_column(heading, justify="right")
    for leg in result.legs:
        for revision in leg.revisions:
            way = f"{leg.outcome.start or '-'} to {leg.outcome.end}" if revision is leg.revisions[0] else ""
            table.add_row(way, revision.revision, f"{revision.seconds:.1f}", f"{revision.rows:,}", f"{revision.longest_lock_seconds:.3f} s")
        table.add_row("", "all", f"{leg.outcome.seconds:.1f}", f"{leg.outcome.rows:,}", f"{leg.outcome.longest_lock_seconds:.3f} s")
        table.add_section()
    if result.legs:
        console.print(table)
        seconds, step = result.longest_lock
        say(console, f"longest lock: {seconds:.3f} s{f' ({step})' if step else ''}")
    for sentence in result.proven:
        say(console, f"proven: {sentence}")
    for note in result.notes:
        say(console, f"note: {note}")
    if result.clone:
        say(console, f"the clone is kept: {result.clone}")
    verdict = "good" if result.good else f"NOT GOOD: {result.reason}"
    say(console, f"verdict: {verdict} ({result.seconds:.1f} s)")
