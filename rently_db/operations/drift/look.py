"""Look at a live database, and compare it with what its revision makes."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from alembic.util import CommandError
from sqlalchemy import URL, Connection, text

from rently_db.database import masked, server_version
from rently_db.migrate.roles import ROLES
from rently_db.operations.drift.catalogue import read_catalogue
from rently_db.operations.drift.compare import Allowed, Difference, compare
from rently_db.operations.drift.reference import reference
from rently_db.operations.sessions import current_revision, reading
from rently_db.packaged import revisions

_UNFINISHED = text(
    """
    SELECT s.revision || ' (' || s.direction || ')' FROM ops.migration_step AS s
    WHERE s.state <> 'undone' AND s.direction = CASE WHEN s.revision = ANY (:done) THEN 'down' ELSE 'up' END
    ORDER BY s.started_at DESC LIMIT 1
    """
)
_ROLES = text("SELECT r.rolname::text FROM pg_roles AS r WHERE r.rolname = ANY (:roles)")
# A NOT NULL that v0 had by hand stays: v1 only adds what it demands itself.
_OF_V0 = text(
    "SELECT 'public.' || quote_ident(o.table_name) || '.' || quote_ident(o.name) FROM ops.v0_object AS o "
    "WHERE o.kind = 'column' AND o.detail ->> 'not_null' = 'true'"
)


@dataclass(frozen=True, slots=True)
class DriftReport:
    """What differs, drift before notes."""

    database: str
    revision: str
    server_version: int
    objects: int
    """How many objects were compared."""
    differences: tuple[Difference, ...]

    @property
    def drift(self) -> tuple[Difference, ...]:
        """What should be otherwise."""
        return tuple(one for one in self.differences if one.drift)

    @property
    def notes(self) -> tuple[Difference, ...]:
        """What others have done, and may."""
        return tuple(one for one in self.differences if not one.drift)

    def as_json(self) -> dict[str, Any]:
        """The stable shape that ``--json`` prints."""
        return {
            "database": self.database,
            "revision": self.revision,
            "server_version": self.server_version,
            "objects": self.objects,
            "drift": [one.as_json() for one in self.drift],
            "notes": [one.as_json() for one in self.notes],
        }


def find_drift(
    url: URL, *, scratch: URL | None = None, roles: Collection[str] = (), progress: Callable[[str], None] = lambda _: None
) -> DriftReport:
    """Compare the database with what its revision makes; it is only read.

    ``scratch``: where the revision may be made if it is not kept from an earlier time. ``roles``: whose grants are in order.

    Raises:
        CommandError: the database is not under migration, a migration has stopped half way, or nothing to compare with can be made.
    """
    with reading(url) as connection:
        version = server_version(connection)
        revision = _revision(connection, url)
        of_v0 = {(str(name), "null") for name in connection.scalars(_OF_V0)}
        absent = frozenset(ROLES) - set(connection.scalars(_ROLES, {"roles": list(ROLES)}))
        found = read_catalogue(connection)
    progress(f"comparing {len(found)} objects with what {revision} makes")
    expected = reference(revision, version // 10000, scratch)
    allowed = Allowed(frozenset(roles), of_v0, adopted=revision == revisions()[0], absent=absent)
    return DriftReport(str(url.database), revision, version, len(expected), tuple(compare(expected, found, allowed)))


def _revision(connection: Connection, url: URL) -> str:
    revision = current_revision(connection)
    if revision is None:
        raise CommandError(f"{masked(url)} is not under migration: rently-db preflight compares it with v0")
    known = revisions()
    if revision not in known:
        raise CommandError(f"{masked(url)} is at {revision}, which this release does not know; use the release that deployed it")
    done = list(known[: known.index(revision) + 1])
    stopped = connection.scalar(_UNFINISHED, {"done": done})
    if stopped is not None:
        raise CommandError(
            f"a migration of {masked(url)} is on its way through {stopped}; drift is told when it is done (rently-db status)"
        )
    return revision
