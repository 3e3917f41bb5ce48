"""`rently-db plan`: what a migration will do, before it does anything."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from rently_db.cli import completing

app = typer.Typer()


@app.command()
def plan(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    to: Annotated[
        str, typer.Option("--to", metavar="REVISION", autocompletion=completing.revisions, help="Where to: head, v0, or another revision.")
    ] = "head",
    steps: Annotated[bool, typer.Option("--steps", help="Every step by itself, not those of one kind together.")] = False,
    rehearsed: Annotated[
        str | None,
        typer.Option(
            "--rehearsed", metavar="URL", help="A copy migrated the same way: durations come from its record.", show_default=False
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the plan as one JSON object.")] = False,
) -> None:
    """Say what a migration will do, before it does anything: locks, rows, disk, WAL, time, and who is in its way now.

    The direction follows from where the database is: --to head migrates, --to v0 rolls back. Nothing is changed, no lock is waited for,
    no statement takes over 5 s. Numbers are ranges where they are estimates; rows marked ~ are estimated.

    Example: rently-db plan postgresql://deploy@db.example/rently --to head

    --json prints database, server_version, current, target, direction, lock_budget_seconds, durations_from, notes, totals and revisions;
    of each revision its revision, direction, totals and steps; of each step title, mode, state (to do, begun, done, nothing to do), locks
    (mode, relation), blocks (readers, writers, null), rows (likely, most, source), reads_rows, reads_bytes, disk_bytes, wal_bytes and
    seconds (low, high), seconds_from (model, measured, rehearsed) and waits_for.

    Exit codes: 0; 2 for a wrong URL or revision.
    """
    from rently_db.database import parse_url, resolve_url
    from rently_db.operations.plan import make_plan
    from rently_db.operations.plan.report import print_plan
    from rently_db.operations.screen import screen

    like = parse_url(rehearsed, source="the option --rehearsed") if rehearsed is not None else None
    with resolve_url(url) as target:
        found = make_plan(target, to, rehearsed=like)
    if as_json:
        typer.echo(json.dumps(found.as_json(), indent=2))
    else:
        print_plan(screen(), found, steps=steps)
