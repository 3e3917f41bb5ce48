"""`rently-db drift`: what a live database has that its revision did not make, and what it lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.drift import Difference, DriftReport

app = typer.Typer()

_WIDTH = 160
"""Longer definitions are shortened, longer commands left out; --json and --sql have them whole."""


@app.command()
def drift(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    scratch_url: Annotated[
        str | None,
        typer.Option("--scratch-url", help="A server of the same version where a database may be made for a moment.", show_default=False),
    ] = None,
    role: Annotated[
        list[str] | None, typer.Option("--role", help="A role whose grants are in order; may be given several times.", show_default=False)
    ] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="List also what others may do and did: their objects, grants on tables of v0.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
    as_sql: Annotated[
        bool, typer.Option("--sql", help="Print only the commands that mend the drift, as a script to read and run.")
    ] = False,
) -> None:
    """Compare a live database with what its revision makes: definitions, grants, comments, constraints, indexes, triggers. It is only read.

    The first time, the revision is made in a scratch database, on our own server or the one named; its catalogue is kept in the user's
    cache. What others add (views, indexes ...) is counted as a note: no drift. Exit code 0: no drift; 1: drift; 2: a wrong option or URL.

    Example: rently-db drift postgresql://user@host/rently --role app --role metabase

    --json prints {database, revision, server_version, objects, drift: [{kind, name, what, found, expected, drift, mend}], notes: [...]}.
    """
    import json

    from rently_db.database import parse_url, resolve_url
    from rently_db.operations.drift import find_drift

    scratch = parse_url(scratch_url, source="the option --scratch-url") if scratch_url is not None else None
    with resolve_url(url) as target:
        report = find_drift(target, scratch=scratch, roles=role or (), progress=lambda line: typer.echo(line, err=True))
    if as_json:
        typer.echo(json.dumps(report.as_json(), ensure_ascii=False, indent=1))
    elif as_sql:
        for difference in report.drift:
            typer.echo(f"-- {_said(difference)}\n{difference.mend};\n")
    else:
        _print(report, notes=notes)
    raise typer.Exit(ExitCode.FINDINGS if report.drift else ExitCode.DONE)


def _print(report: DriftReport, *, notes: bool) -> None:
    """A paragraph a difference, drift first, then the count."""
    from rently_db.operations.screen import command, say, screen

    console = screen()
    for difference in report.differences if notes else report.drift:
        say(console, f"{'' if difference.drift else 'note: '}{_said(difference)}")
        if difference.drift:
            # A part of a command is worse than none.
            command(console, f"mend: {_whole(difference.mend) or 'rently-db drift --sql prints it'}")
    count = len(report.drift)
    what = {0: "no drift", 1: "1 difference that is drift"}.get(count, f"{count} differences that are drift")
    beside = f", {len(report.notes)} notes{'' if notes else ' (--notes lists them)'}" if report.notes else ""
    say(console, f"{report.database} at {report.revision}, {report.objects} objects compared: {what}{beside}")


def _said(one: Difference) -> str:
    """The difference in one line."""
    about = f"{one.kind} {one.name}"
    if one.what == "there":
        return f"{about}: not there" if one.found is None else f"{about}: should not be there" if one.drift else f"{about}: made by others"
    if one.what.startswith("grant "):
        should = "should not be" if one.expected is None else "should be" if one.found is None else f"should be {one.expected}"
        return f"{about}: {one.what} {should}"
    return f"{about}: {one.what} is {_short(one.found)}, should be {_short(one.expected)}"


def _whole(value: str) -> str | None:
    """A command in one line; None if that would be too long to read."""
    line = " ".join(value.split())
    return line if len(line) <= _WIDTH else None


def _short(value: str | None) -> str:
    if value is None:
        return "nothing"
    line = " ".join(value.split())
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}... (--json has it whole)"
