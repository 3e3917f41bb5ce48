"""`rently-db rollback`: back to v0, without losing what v1 learnt."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL

    from rently_db.operations.migrating import Journey

app = typer.Typer()


@app.command()
def rollback(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Don't ask; for pipelines.")] = False,
    script: Annotated[bool, typer.Option("--script", help="Print the way back as a script for psql, and do nothing.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as one JSON object.")] = False,
) -> None:
    """Take the database back to v0, byte for byte, while v0's applications work on it.

    It does what alembic downgrade v0 does. First redeploy v0's applications (v1 serves them), stop v1's, and take a quiet hour. What v1
    alone knew is kept aside and comes back with the next rently-db migrate. Stopped at any moment, the same command goes on from there.

    Example: rently-db rollback postgresql://deploy@db.example/rently --yes

    Exit codes and --json as for rently-db migrate. Without a terminal to ask on, --yes is needed.
    """
    from rently_db.cli.conduct import conduct, stopped
    from rently_db.database import resolve_url
    from rently_db.operations.interrupt import interruptible
    from rently_db.operations.migrating import plan_journey

    if script:
        if as_json or yes or url is not None:
            _usage("--script prints the script and looks at no database; leave the other options and the URL out")
        _print_script()
        return
    try:
        with resolve_url(url) as target, interruptible():
            journey = plan_journey(target, "down", "v0")
            if journey.revisions:
                _announce(target, journey)
                _confirm(yes=yes)
            code = conduct(target, journey, {}, as_json=as_json)
    except KeyboardInterrupt:
        raise stopped() from None
    raise typer.Exit(code)


def _usage(sentence: str) -> NoReturn:
    typer.echo(f"rently-db: {sentence}", err=True)
    raise typer.Exit(ExitCode.USAGE)


def _print_script() -> None:
    from alembic import command

    from rently_db.operations.alembic_config import alembic_config
    from rently_db.packaged import revisions

    command.downgrade(alembic_config(), f"{revisions()[-1]}:v0", sql=True)


def _announce(url: URL, journey: Journey) -> None:
    """On stderr: what will happen, and who is connected."""
    from rich.table import Table

    from rently_db.database import masked
    from rently_db.operations.clients import clients
    from rently_db.operations.screen import say, screen
    from rently_db.operations.sessions import reading

    console = screen(stderr=True)
    with reading(url) as connection:
        found = clients(connection)
    revisions = ", ".join(name for name, _ in journey.revisions)
    say(console, f"{masked(url.set(drivername='postgresql'))} goes back from {journey.start} to v0: {journey.total:,} steps ({revisions}).")
    say(console, "v1's applications must have stopped, and v0's serve already: from the first step on only they work.")
    if not found:
        console.print("No other session is connected.")
        return
    table = Table("application", "role", title="sessions now; each must be one of v0's", title_justify="left")
    for heading in ("sessions", "active", "idle in transaction"):
        table.add_column(heading, justify="right")
    for client in found:
        table.add_row(client.application, client.user, f"{client.sessions:,}", f"{client.active:,}", f"{client.idle_in_transaction:,}")
    console.print(table)


def _confirm(*, yes: bool) -> None:
    import sys

    if yes:
        return
    if not sys.stdin.isatty():
        _usage("there is no terminal to ask on; to roll back without being asked, run the command with --yes. Nothing was changed.")
    try:
        agreed = typer.confirm("Go back to v0 now?", err=True)
    except typer.Abort:  # Ctrl-C, or the end of the input
        agreed = False
    if not agreed:
        _usage("nothing was changed")
