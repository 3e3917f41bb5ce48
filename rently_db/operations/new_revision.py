"""A new revision by autogenerate: the models and the live SQL compared with a scratch database at head."""

from __future__ import annotations

import io
from pathlib import Path

from alembic import command
from alembic.operations.ops import MigrationScript
from alembic.runtime.migration import MigrationContext
from alembic.script import Script
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.migrate.freezing import check_revision_id, differs, only_head
from rently_db.operations.alembic_config import alembic_config, scripts
from rently_db.operations.compat.scratch import scratch_database, upgrade
from rently_db.sql.generated import write_generated


def new_revision(name: str, message: str, server: URL | None = None) -> list[Path]:
    """Write revision ``name`` after the present head. Returns the files that were written.

    ``server`` is where a scratch database may be made for a moment; without it our own server is started.

    Raises:
        CommandError: the name won't do, nothing differs, or something has to be written by hand.
    """
    check_revision_id(name)
    only_head(scripts())
    if name in {revision.revision for revision in scripts().walk_revisions()}:
        raise CommandError(f"there is a revision {name} already; what it deploys never changes: choose another name")
    write_generated()
    with scratch_database(server, "") as (url, _):
        upgrade(url, "head")
        config = alembic_config(url, stdout=io.StringIO())
        made = command.revision(config, message, autogenerate=True, rev_id=name, process_revision_directives=_not_empty)
    files = made if isinstance(made, list) else [made]
    found = [Path(script.path) for script in files if isinstance(script, Script)]
    if not found:
        raise CommandError("nothing differs: what models and live SQL say is what the revisions deploy")
    return found


def _not_empty(context: MigrationContext, revision: object, directives: list[MigrationScript]) -> None:
    """Alembic's hook: no file for nothing."""
    del revision
    (script,) = directives
    assert script.upgrade_ops is not None
    assert context.script is not None
    if script.upgrade_ops.is_empty() and not differs(context.script):
        directives.clear()
