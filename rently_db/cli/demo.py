"""`rently-db demo`: the whole way before your eyes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL


app = typer.Typer()

DATABASE = "rently_demo"


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
    from rently_db.operations.screen import command, say, screen

    console = screen()
    with _database(url) as (target, embedded):
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


@contextmanager
def _database(explicit: str | None) -> Iterator[tuple[URL, bool]]:
    """The database to show it on: the given one, which must be empty, or a new one on the embedded server."""
    import os

    from sqlalchemy import text

    from rently_db.database import ENVIRONMENT_VARIABLE, create_database_if_missing, make_engine, parse_url, resolve_url
    from rently_db.server import embedded_server

    if explicit or os.environ.get(ENVIRONMENT_VARIABLE):
        with resolve_url(explicit) as target:
            engine = make_engine(target)
            try:
                with engine.connect() as connection:
                    tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'ops')"))
            finally:
                engine.dispose()
            if tables:
                typer.echo(
                    f"rently-db: the demo needs an empty database, and this one holds {tables} tables; make one with CREATE DATABASE",
                    err=True,
                )
                raise typer.Exit(ExitCode.USAGE)
            yield target, False
        return
    with embedded_server() as server:
        admin = make_engine(server.url(), isolation_level="AUTOCOMMIT")
        try:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        finally:
            admin.dispose()
        create_database_if_missing(parse_url(server.url()), DATABASE)
        yield parse_url(server.url(DATABASE)), True


def _how_to_connect(url: URL, *, embedded: bool) -> list[str]:
    from rently_db.database import masked

    if not embedded:
        return [f"The database is at v1: {masked(url)}"]
    return [
        "The database is at v1, in .rently/; the server stops with this command. To look around:",
        f"  psql    .venv/bin/rently-db psql --database {DATABASE}",
        "  Python  .venv/bin/rently-db server run    (keeps it running and prints the URL for make_engine)",
        "The eleven dashboards on a book like this one, in a browser: make superset",
    ]
