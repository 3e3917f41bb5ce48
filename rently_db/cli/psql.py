"""`rently-db psql`: PostgreSQL's own shell on the database that the other commands work on."""

from __future__ import annotations

import os
import signal
import subprocess
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def psql(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL, else the embedded database.", show_default=False)] = None,
    database: Annotated[
        str | None, typer.Option("--database", "-d", help="Another database of the same server.", show_default=False)
    ] = None,
    command: Annotated[
        list[str] | None, typer.Option("--command", "-c", help="Run this SQL and leave; may be given several times.", show_default=False)
    ] = None,
) -> None:
    """Open psql on a database; the exit code is psql's.

    Example: rently-db psql postgresql://user@host/rently -c "SELECT count(*) FROM loan"
    """
    from rently_db.database import client_address, resolve_url
    from rently_db.server import client_tool

    program = client_tool("psql")
    with resolve_url(url, allow_embedded=True) as target:
        address, secrets = client_address(target.set(database=database) if database else target)
        # Ctrl-C cancels the query in psql; it must not end us, who keep the server running.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            done = subprocess.run(
                [program, "--dbname", address, *(word for sql in command or () for word in ("--command", sql))],
                env={**os.environ, **secrets},
                check=False,
                preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # we have one thread
            )
        finally:
            signal.signal(signal.SIGINT, before)
    raise typer.Exit(done.returncode)
