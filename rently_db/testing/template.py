"""The migrated database that tests get copies of: made once, by whoever comes first, and shared by all who run the same migrations.

Whoever uses a template holds a shared advisory lock on it; the server drops that lock with the connection, however its holder ends. A
template that nobody holds is litter, unless it is kept on purpose. It is built under another name and renamed when it is complete: what
a builder who was killed leaves is never taken for a template.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, text

from rently_db.packaged import PACKAGE, migrations
from rently_db.testing.databases import LOCK_CLASS, PREFIX, Databases

_TEMPLATE = f"{PREFIX}_template_"
_BUILDING = "_building"
_TURN = 0x7FFFFFFF
"""Lock of those who build or drop templates; keys of templates have 28 bits, as those of runs."""
_USE_CLASS = LOCK_CLASS + 1
# Trying to get the lock would not tell of a template that this very run uses: nobody waits for a lock of one's own.
_USED = text(
    "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND classid = :c AND objid = :k AND granted"
    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database()))"
)


def migrate(url: URL) -> None:
    """``alembic upgrade head`` in this process. Raises CommandError as Alembic does."""
    from alembic import command

    from rently_db.operations.alembic_config import alembic_config

    command.upgrade(alembic_config(url), "head")


def digest() -> str:
    """Seven hexadecimal digits of everything that decides what ``alembic upgrade head`` makes: the revisions, and the code they use."""
    found = hashlib.sha256()
    for place in (migrations(), PACKAGE / "migrate", PACKAGE / "models", PACKAGE / "sql"):
        for path in sorted(place.rglob("*")):
            if path.is_file() and path.suffix != ".pyc":
                found.update(f"{path.relative_to(place)}\0".encode() + path.read_bytes() + b"\0")
    return found.hexdigest()[:7]


@contextmanager
def template(databases: Databases, *, keep: bool = False) -> Iterator[str]:
    """The name of a database at head, to give to `Databases.database`; nobody can connect to it.

    The first to ask makes it, others wait for it; the last to leave drops it, unless it is to be kept. Templates of other migrations
    that nobody uses are dropped. Raises CommandError if the migration fails, IncompletePackageError if there is none.
    """
    connection = databases.connection
    # Advisory locks belong to the database that one is connected to: who comes through another one has templates of their own.
    mine = f"{_TEMPLATE}{connection.scalar(text('SELECT oid FROM pg_database WHERE datname = current_database()'))}_"
    key = digest()
    name, use = mine + key, int(key, 16)
    with _turn(databases):
        _drop_litter(databases, mine, but=name)
        if connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}) is None:
            _build(databases, name)
        connection.execute(text("SELECT pg_advisory_lock_shared(:c, :k)"), {"c": _USE_CLASS, "k": use})
    try:
        yield name
    finally:
        with _turn(databases):
            connection.execute(text("SELECT pg_advisory_unlock_shared(:c, :k)"), {"c": _USE_CLASS, "k": use})
            if not keep:
                _drop_unused(databases, name)


@contextmanager
def _turn(databases: Databases) -> Iterator[None]:
    """One at a time, on the whole server."""
    lock = {"c": _USE_CLASS, "k": _TURN}
    databases.connection.execute(text("SELECT pg_advisory_lock(:c, :k)"), lock)
    try:
        yield
    finally:
        databases.connection.execute(text("SELECT pg_advisory_unlock(:c, :k)"), lock)


def _build(databases: Databases, name: str) -> None:
    building = databases.janitor(name + _BUILDING)
    building.init()
    try:
        migrate(databases.admin_url.set(database=building.dbname))
        # Also ends the sessions that the migration's pools left, and keeps others out: PostgreSQL copies only what nobody uses.
        databases.connection.exec_driver_sql(f"ALTER DATABASE {building.dbname} WITH ALLOW_CONNECTIONS false")
        databases.connection.execute(
            text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": building.dbname}
        )
        databases.connection.exec_driver_sql(f"ALTER DATABASE {building.dbname} RENAME TO {name}")
    except BaseException:
        building.drop()
        raise


def _drop_litter(databases: Databases, prefix: str, *, but: str) -> None:
    """Drop what killed builders left, and templates of other migrations that nobody uses."""
    query = text("SELECT datname FROM pg_database WHERE datname LIKE :p AND datname <> :but")
    for name in databases.connection.scalars(query, {"p": f"{prefix}%", "but": but}).all():
        if name.endswith(_BUILDING):  # it is our turn: nobody builds
            databases.janitor(name).drop()
        else:
            _drop_unused(databases, name)


def _drop_unused(databases: Databases, name: str) -> None:
    lock = {"c": _USE_CLASS, "k": int(name.rpartition("_")[2], 16)}
    if not databases.connection.scalar(_USED, lock):  # it is our turn: nobody begins to use it now
        databases.janitor(name).drop()
