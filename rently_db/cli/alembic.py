"""`rently-db alembic`: Alembic itself, with the configuration that this package carries."""

from __future__ import annotations

import typer

app = typer.Typer()


@app.command(context_settings={"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []})
def alembic(context: typer.Context) -> None:
    """Run Alembic with the revisions of this package: what follows is Alembic's own command line.

    The database is named by RENTLY_DATABASE_URL, or by -x url=postgresql://...

    Example: rently-db alembic upgrade head --sql

    Exit codes: 0; 255 if Alembic refused or failed; 2 for a wrong option.
    """
    from alembic.config import main

    from rently_db.packaged import alembic_ini

    main(["-c", str(alembic_ini()), *context.args], prog="rently-db alembic")
