"""`rently-db golive`: whether a database may go live, with evidence, and a sheet to sign."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.golive import GoLive

app = typer.Typer()


@app.command()
def golive(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    backup: Annotated[
        Path | None,
        typer.Option("--backup", metavar="FILE", help="The backup that brings it back; FILE.json beside it.", show_default=False),
    ] = None,
    verify_backup: Annotated[
        bool, typer.Option("--verify-backup", help="Restore and compare it now, as rently-db backup verify does.")
    ] = False,
    backup_hours: Annotated[float, typer.Option("--backup-hours", min=0, help="How old the backup and its proof may be.")] = 24,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role whose grants are in order; may be given several times.", show_default=False)
    ] = None,
    scratch_url: Annotated[
        str | None,
        typer.Option("--scratch-url", help="A server where databases may be made for a moment, as for drift.", show_default=False),
    ] = None,
    limit: Annotated[float, typer.Option("--limit", min=1, help="Seconds for the self-tests together, and for each validation.")] = 900,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write the sheet there; stdout then has a line a criterion.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print what was measured as JSON.")] = False,
) -> None:
    """Measure now whether the database may go live, and write a sheet to sign: criteria, evidence, verdicts, what mends them.

    Criteria: revision, in force, drift, self-tests, validation, accounts, query times, freshness, alerts, schedules, incidents,
    permissions, backup. What can't be measured is not shown, and not shown is not met. Nothing is changed but the log of validations.

    Exit code 0: every criterion is met; 1: one is not; 2: a wrong option, file or URL; 3: stopped.

    Example: rently-db golive postgresql://deploy@db.example/rently --backup rently.dump --verify-backup --out golive.md

    --json prints {database, server, server_version, revision, role, release, began, ended, met, criteria: [{criterion, title, asked,
    verdict: met | not met | not shown, evidence: sentences, commands, at, seconds}]}.
    """
    from rently_db.cli.conduct import print_json
    from rently_db.database import parse_url, resolve_url
    from rently_db.operations.golive import Options, look, sheet
    from rently_db.operations.interrupt import interruptible
    from rently_db.operations.screen import progress as shown

    _check(out, backup, verify_backup=verify_backup)
    scratch = None if scratch_url is None else parse_url(scratch_url, source="the option --scratch-url")
    options = Options(backup, verify_backup, backup_hours, scratch, tuple(role or ()), limit)
    try:
        with resolve_url(url) as target, interruptible(), shown() as progress:
            found = look(target, options, progress)
    except KeyboardInterrupt:
        typer.echo("rently-db: stopped; nothing was changed but the log of validations, run it again when you like", err=True)
        raise typer.Exit(ExitCode.RESUMABLE) from None
    if as_json:
        print_json(found.as_json())
    if out is not None:
        _write(out, sheet(found), or_print=not as_json)
        if not as_json:
            _print(found, out)
    elif not as_json:
        typer.echo(sheet(found), nl=False)
    raise typer.Exit(ExitCode.DONE if found.met else ExitCode.FINDINGS)


def _check(out: Path | None, backup: Path | None, *, verify_backup: bool) -> None:
    """What can be wrong with the options is told before anything is measured."""
    from alembic.util import CommandError

    if verify_backup and backup is None:
        raise CommandError("--verify-backup needs --backup FILE: the backup to restore and compare")
    if out is not None and out.exists():
        raise CommandError(f"{out} exists and may be signed; give another name with --out")
    if out is not None and not out.parent.is_dir():
        raise CommandError(f"{out} can't be written: there is no directory {out.parent}; give another name with --out")


def _write(out: Path, text: str, *, or_print: bool) -> None:
    """The sheet as a file; what took minutes to measure is not lost with it: where it can't be written, it is printed."""
    from alembic.util import CommandError

    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as problem:
        if or_print:
            typer.echo(text, nl=False)
        raise CommandError(f"{out} can't be written: {problem.strerror}; what it was to hold is on stdout") from problem


def _print(found: GoLive, out: Path) -> None:
    """A line a criterion, the reason below what is not met, and the conclusion."""
    from rently_db.operations.golive import Verdict
    from rently_db.operations.golive.sheet import conclusion
    from rently_db.operations.screen import command, say, screen

    console = screen()
    styles = {Verdict.MET: "green", Verdict.NOT_MET: "red", Verdict.NOT_SHOWN: "yellow"}
    for one in found.criteria:
        console.print(f"{one.verdict:10}{one.title}", style=styles[one.verdict], markup=False)
        if one.verdict is not Verdict.MET:
            say(console, one.evidence[0], indent=10)
            for line in one.commands:
                command(console, line, indent=10)
    say(console, f"technically ready: {conclusion(found)}")
    say(console, f"the sheet to sign: {out}")
