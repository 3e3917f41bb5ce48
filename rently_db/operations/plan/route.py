"""Which way a plan goes."""

from __future__ import annotations

from alembic.util import CommandError
from sqlalchemy import URL, Connection

from rently_db.migrate.adoption import State, look
from rently_db.operations.migrating import Direction, Journey, plan_journey
from rently_db.operations.sessions import current_revision
from rently_db.packaged import revisions


def find_journey(connection: Connection, url: URL, target: str) -> Journey:
    """The way from where the database is to ``target``, in whichever direction that lies.

    Raises:
        CommandError: there is no such revision, or the database is none that the migration would begin with.
    """
    known = revisions()
    current = current_revision(connection)
    if current is None:
        found = look(connection)
        if found.state is State.UNRECORDED:
            raise CommandError("this database has v1's tables but not its records (schema ops); restore schema ops from a backup")
        if found.state in (State.FOREIGN, State.CONFLICT):
            raise CommandError(f"the database is no v0: {found.conflicts[0]}; connect to the right one, or see rently-db preflight")
    to = known[-1] if target == "head" else target
    at, there = (known.index(name) if name in known else -1 for name in (current, to))
    direction: Direction = "down" if to in known and there < at else "up"
    journey = plan_journey(url, direction, target)
    # At its target already: what an earlier run left half done may be finished in either direction.
    return journey if journey.revisions or there != at else plan_journey(url, "down", target)
