"""`rently-db access`: the roles that people and programs are members of, and their rights."""

from __future__ import annotations

from typing import Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

app = typer.Typer(help="Roles and rights: what a DBA must run, and giving them again.", no_args_is_help=True)

_Url = Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)]


@app.command()
def script(url: _Url = None) -> None:
    """Print what a DBA runs where the migrating role may not create roles.

    Before the migration it makes the roles, and the upgrade gives the rights; after it, it gives the rights, too. Call it as the role
    that deploys.

    Example: rently-db access script > roles.sql
    """
    from rently_db.database import resolve_url
    from rently_db.operations.access import access_script

    with resolve_url(url) as target:
        typer.echo(access_script(target))


@app.command()
def apply(url: _Url = None) -> None:
    """Create the roles that are missing, if that is allowed, and give each its rights; what others granted stays.

    Exit code 0; 1 if roles are missing and may not be created: rently-db access script prints what a DBA runs.

    Example: rently-db access apply postgresql://deploy@host/rently
    """
    from rently_db.database import resolve_url
    from rently_db.operations.access import apply_access

    with resolve_url(url) as target:
        done = apply_access(target)
    typer.echo(f"{done.changes:,} rights changed")
    if done.missing:
        typer.echo(f"missing: {', '.join(done.missing)}; have a DBA run what rently-db access script prints", err=True)
    raise typer.Exit(ExitCode.FINDINGS if done.missing else ExitCode.DONE)
