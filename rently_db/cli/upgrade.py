"""`rently-db upgrade`: the name under which Alembic's users look for `rently-db migrate`."""

from __future__ import annotations

import typer

from rently_db.cli.migrate import migrate

app = typer.Typer()
app.command()(migrate)
