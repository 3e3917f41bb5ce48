"""`rently-db doctor`: what a server, a database and a role lack for a migration."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.doctor import Report

app = typer.Typer()


@app.command()
def doctor(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Say what a server, a database and this role lack for a migration; changes nothing.

    Example: rently-db doctor postgresql://deploy@db.example/rently

    Each line is ok, warning or missing, with the line to run. Run it as the role that will deploy.
    Exit code 0: nothing is missing (there may be warnings); 1: something is.

    --json prints url (without password), checks (each: area, name, status, found, mend or null) and summary (how many
    are ok, warning, missing).
    """
    from rently_db.database import resolve_url
    from rently_db.operations.doctor import examine

    with resolve_url(url) as target:
        report = examine(target)
    if as_json:
        import json

        typer.echo(json.dumps(report.as_json(), indent=2))
    else:
        _print(report)
    raise typer.Exit(ExitCode.FINDINGS if report.missing else ExitCode.DONE)


def _print(report: Report) -> None:
    """A line a check, grouped by area; the mend below what it mends, never wrapped, so that it can be copied."""
    from itertools import groupby
    from textwrap import wrap

    from rich.text import Text

    from rently_db.operations.doctor import Status
    from rently_db.operations.screen import command, screen

    colours = {Status.OK: "green", Status.WARNING: "yellow", Status.MISSING: "red"}
    console = screen()
    console.print(report.url, soft_wrap=True, markup=False)
    for area, lines in groupby(report.lines, key=lambda line: line.area):
        console.print(f"\n[bold]{area}[/bold]")
        for line in lines:
            first, *others = wrap(f"{line.name}: {line.found}", width=max(console.width - 10, 30))
            console.print(Text.assemble("  ", (f"{line.status:8}", colours[line.status]), first), soft_wrap=True)
            for text in others:
                console.print(f"          {text}", soft_wrap=True, markup=False)
            if line.mend is not None:
                command(console, f"-> {line.mend}", indent=12)
    counted = report.as_json()["summary"]
    console.print("\n" + ", ".join(f"{number} {status}" for status, number in counted.items()))
