"""A new revision by autogenerate: the models and the live SQL compared with a scratch database at head."""

from __future__ import annotations

import io
from contextlib import suppress
from pathlib import Path

from alembic import command
from alembic.script import Script
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.migrate.freezing import check_revision_id, fill_rollback
from rently_db.operations.alembic_config import alembic_config, scripts
from rently_db.operations.compat.scratch import scratch_database, upgrade


def new_revision(name: str, message: str, server: URL | None = None) -> list[Path]:
    """Write revision ``name`` after the present head. Returns the files that were written.

    ``server`` is where a scratch database may be made for a moment; without it our own server is started.

    Raises:
        CommandError: the name won't do, nothing differs, or something has to be written by hand.
    """
    check_revision_id(name)
    if name in {revision.revision for revision in scripts().walk_revisions()}:
        raise CommandError(f"there is a revision {name} already; what it deploys never changes: choose another name")
    with scratch_database(server, "") as (url, _):
        upgrade(url, "head")
        made = command.revision(alembic_config(url, stdout=io.StringIO()), message, autogenerate=True, rev_id=name)
    # A step that somebody has yet to write has no way back yet: rently-db freeze NAME --again keeps it then.
    with suppress(CommandError):
        fill_rollback(scripts(), name)
    files = made if isinstance(made, list) else [made]
    return [Path(script.path) for script in files if isinstance(script, Script)]
