"""What `rently-db migrate` and `rently-db rollback` have in common: run, show progress, report, and say how it ended."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL

    from rently_db.migrate.errors import FindingsError
    from rently_db.operations.migrating import Journey


def conduct(url: URL, journey: Journey, arguments: Mapping[str, str], *, as_json: bool) -> ExitCode:
    """Carry out a migration with its progress on stderr and its report on stdout; gives the exit code.

    Raises CommandError if nothing could begin: a wrong argument, a server or role that can't be used.
    """
    from rently_db.migrate.errors import FindingsError
    from rently_db.operations.migrating import carry_out
    from rently_db.operations.progress import shown
    from rently_db.operations.report import print_findings, print_outcome
    from rently_db.operations.screen import screen

    console = screen()
    try:
        with shown(journey) as observer:
            outcome = carry_out(url, journey, arguments=arguments, observer=observer)
    except FindingsError as found:
        if as_json:
            print_json(findings_json(journey, found))
        else:
            print_findings(console, found)
        return ExitCode.FINDINGS
    if as_json:
        print_json(outcome.json())
    else:
        print_outcome(console, outcome, journey)
    if outcome.error is not None:
        typer.echo(f"rently-db: {outcome.error}", err=True)
        return ExitCode.RESUMABLE
    return ExitCode.FINDINGS if outcome.unexplained else ExitCode.DONE


def findings_json(journey: Journey, found: FindingsError) -> dict[str, Any]:
    """The outcome of a run that findings forbid, in the shape of every outcome."""
    from rently_db.operations.migrating import Outcome
    from rently_db.operations.preflight import Report

    outcome = Outcome(journey.direction, journey.start, journey.start, worked=False, seconds=0.0, error=str(found))
    report = Report(journey.start, "", list(found.findings))
    return outcome.json() | {"outcome": "findings", "findings": report.as_json()["findings"]}


def stopped() -> typer.Exit:
    """Say that the command was stopped, for a place where Alembic is not at work; raise the result."""
    from rently_db.operations.migrating import STOPPED

    typer.echo(f"rently-db: {STOPPED}", err=True)
    return typer.Exit(ExitCode.RESUMABLE)


def print_json(value: Any) -> None:
    """One JSON value on stdout."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
