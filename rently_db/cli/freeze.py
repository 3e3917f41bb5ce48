"""`rently-db freeze`: write what a revision deploys into its frozen folder."""

from __future__ import annotations

from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def freeze(
    revision: Annotated[str, typer.Argument(help="Revision id, e.g. v1_more_views; a new one comes after the present head.")],
    *,
    again: Annotated[bool, typer.Option("--again", help="Write the folder again: only while no database has the revision.")] = False,
) -> None:
    """Copy what is new or changed in rently_db/sql into migrations/sql/REVISION, in the order of deployment, with its digests.

    Without migrations/versions/REVISION.py one is written, to be completed by hand. Statement files in the folder (fill.sql) are kept,
    and deployed after all that they use.

    Example: rently-db freeze v1_more_views

    Exit codes: 0; 2 for a file that is wrong, a folder that is frozen already, or when nothing is new.
    """
    from alembic.util import CommandError

    from rently_db.migrate.freezing import freeze as write
    from rently_db.operations.alembic_config import scripts
    from rently_db.packaged import PACKAGE, checkout

    if checkout() is None:
        raise CommandError(f"freeze writes into a checkout, this package is installed in {PACKAGE}; run it in a clone of the repository")
    frozen = write(scripts(), revision, again=again)
    for word, files in (("new", frozen.new), ("changed", frozen.changed), ("dropped", frozen.dropped), ("statements", frozen.scripts)):
        for file in files:
            typer.echo(f"{word:<10} {file}")
    count = len(frozen.new) + len(frozen.changed)
    typer.echo(f"{frozen.folder}: {count} {'entity' if count == 1 else 'entities'}")
    if frozen.revision_file is not None:
        from rently_db.operations.screen import say, screen

        say(screen(), f"{frozen.revision_file}: complete its first lines; they say why, which locks, and how back")
