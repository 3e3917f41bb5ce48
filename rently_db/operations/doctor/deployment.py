"""How far this database has come, and whether somebody is at work."""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.migrate.adoption import State
from rently_db.migrate.adoption import look as look_at
from rently_db.migrate.turn import LOCK_KEY
from rently_db.operations.doctor.look import Answer, Look, check, missing, ok, warning

_CONFLICTS_SHOWN = 3


@check("deployment", "revision")
def revision(look: Look) -> Iterator[Answer]:
    """A recorded revision, or a v0 that nobody recorded."""
    if _table(look, "alembic_version"):
        recorded = look.value("SELECT version_num FROM ops.alembic_version")
        yield ok("revision", recorded or "schema ops is there, no revision yet")
        return
    if not look.value("SELECT to_regnamespace('public') IS NOT NULL"):
        return  # said under rights
    found = look_at(look.connection)
    if found.state is State.V0:
        yield ok("revision", "a v0 database that rently_db has not touched yet")
    elif found.state is State.EMPTY:
        yield ok("revision", "an empty database")
    elif found.state is State.UNRECORDED:
        restore = "restore schema ops from a backup: pg_restore --schema=ops"
        yield missing("revision", "the tables of v1 without their records (schema ops)", restore)
    else:
        shown = "; ".join(found.conflicts[:_CONFLICTS_SHOWN])
        more = f"; and {len(found.conflicts) - _CONFLICTS_SHOWN} more" if len(found.conflicts) > _CONFLICTS_SHOWN else ""
        wrong = found.state is State.FOREIGN
        yield missing("revision", shown + more, "connect to the right database" if wrong else "mend these differences to v0")


@check("deployment", "at work")
def at_work(look: Look) -> Iterator[Answer]:
    """The deployment lock."""
    process = _holder(look)
    if process is None:
        yield ok("at work", "no deployment is running")
    else:
        watch = "wait for it; rently-db status shows how far it is"
        yield warning("at work", f"a deployment is running (server process {process})", watch)


@check("deployment", "last run")
def last_run(look: Look) -> Iterator[Answer]:
    """One that was killed, or failed."""
    if not _table(look, "migration_run"):
        return
    runs = look.rows("SELECT direction, to_revision, state, error, started_at FROM ops.migration_run ORDER BY id DESC LIMIT 1")
    if not runs:
        return
    direction, target, state, error, started = runs[0]
    if state == "done" or (state == "running" and _holder(look) is not None):
        yield ok("last run", f"{direction} to {target}, begun {started:%Y-%m-%d %H:%M} UTC: {state}")
        return
    how = "was killed" if state == "running" else f"failed: {error}"
    command = f"alembic {'upgrade' if direction == 'up' else 'downgrade'} {target or 'base'}"
    found = f"{direction} to {target}, begun {started:%Y-%m-%d %H:%M} UTC, {how}"
    yield warning("last run", found, f"{command} goes on from there")


def _table(look: Look, name: str) -> bool:
    return bool(look.value("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'ops' AND tablename = :name)", name=name))


def _holder(look: Look) -> int | None:
    """The server process that holds the deployment lock of this database."""
    holder: int | None = look.value(
        "SELECT l.pid FROM pg_locks AS l WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1"
        " AND l.classid::bigint = :high AND l.objid::bigint = :low"
        " AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())",
        high=LOCK_KEY >> 32,
        low=LOCK_KEY & 0xFFFFFFFF,
    )
    return holder
