"""`rently-db server`: this checkout's own PostgreSQL."""

from __future__ import annotations

import signal
import threading

import typer

app = typer.Typer(help="This checkout's own PostgreSQL 18, with its data in .rently/pg18.", no_args_is_help=True)


@app.callback()
def server() -> None:
    """This checkout's own PostgreSQL 18, with its data in .rently/pg18."""


@app.command()
def run() -> None:
    """Start the server, print how to reach it, and keep it running until Ctrl-C.

    Example: rently-db server run
    """
    from rently_db.database import embedded_url

    # A shell that starts us in the background makes us ignore Ctrl-C; whoever then sends it means it.
    for signum in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signum, signal.default_int_handler)
    with embedded_url() as url:
        plain = url.set(drivername="postgresql").render_as_string()
        typer.echo(f"PostgreSQL is running; stop it with Ctrl-C.\n\n  export RENTLY_DATABASE_URL='{plain}'\n  rently-db psql '{plain}'\n")
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            typer.echo("stopping; other commands that use the server keep it running until they end")
