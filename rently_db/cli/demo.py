"""`rently-db demo`: the whole way before your eyes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL


app = typer.Typer()


@app.command()
def demo(
    url: Annotated[
        str | None, typer.Argument(help="An empty database. Default: RENTLY_DATABASE_URL, else the embedded server.", show_default=False)
    ] = None,
    loans: Annotated[int, typer.Option("--loans", min=50, help="Size of the book.")] = 600,
) -> None:
    """Migrate a v0 database with data, use it, roll it back, migrate it again; a v0 application writes all the while.

    Example: rently-db demo --loans 2000
    """
    from rently_db.demo.acts import Demo, LostError
    from rently_db.demo.place import demo_database
    from rently_db.operations.screen import command, say, screen

    console = screen()
    with demo_database(url) as (target, embedded):
        try:
            proven = Demo(console, target).run(loans)
        except LostError as lost:
            typer.echo(f"rently-db: NOT SO: {lost}", err=True)
            raise typer.Exit(ExitCode.FINDINGS) from lost
    console.rule("proven")
    for number, sentence in enumerate(proven, 1):
        console.print(f"{number:2}. {sentence}")
    console.rule()
    for line in _how_to_connect(target, embedded=embedded):
        command(console, line, indent=0) if line.startswith(" ") else say(console, line)


def _how_to_connect(url: URL, *, embedded: bool) -> list[str]:
    from rently_db.database import masked
    from rently_db.demo.place import DATABASE

    if not embedded:
        return [f"The database is at v1: {masked(url)}"]
    return [
        "The database is at v1, in .rently/; the server stops with this command. To look around:",
        f"  psql    .venv/bin/rently-db psql --database {DATABASE}",
        "  Python  .venv/bin/rently-db server run    (keeps it running and prints the URL for make_engine)",
        "The eleven dashboards on a book like this one, in a browser: make superset",
    ]
