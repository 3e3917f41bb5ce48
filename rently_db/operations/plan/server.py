"""What a plan asks the server: sizes, locks and snapshots of this moment, and how quick it is. Everything reads only."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from psycopg2.errors import LockNotAvailable
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.database import make_engine
from rently_db.migrate.actions import Lock
from rently_db.migrate.run import describe
from rently_db.migrate.steps import KEPT_SCHEMA

PAGE = 8192
_PROBE = "SELECT count(md5(i::text)) FROM generate_series(1, 100000) AS i"
_PROBE_SECONDS = 0.05
"""What the probe takes on the machine on which ``costs`` was measured."""

_ORDER = (
    "ACCESS SHARE",
    "ROW SHARE",
    "ROW EXCLUSIVE",
    "SHARE UPDATE EXCLUSIVE",
    "SHARE",
    "SHARE ROW EXCLUSIVE",
    "EXCLUSIVE",
    "ACCESS EXCLUSIVE",
)
_IN_PG_LOCKS = {f"{mode.title().replace(' ', '')}Lock": mode for mode in _ORDER}
# PostgreSQL's table of conflicting locks; by position, each with what it conflicts with.
_CONFLICTS = {
    mode: frozenset(_ORDER[other] for other in others)
    for mode, others in zip(
        _ORDER,
        ({7}, {6, 7}, {4, 5, 6, 7}, {3, 4, 5, 6, 7}, {2, 3, 5, 6, 7}, {2, 3, 4, 5, 6, 7}, {1, 2, 3, 4, 5, 6, 7}, set(range(8))),
        strict=True,
    )
}


@contextmanager
def looking(url: URL) -> Iterator[Connection]:
    """A connection that can't write, waits for no lock, and keeps no snapshot: each statement is by itself, and ends after 5 s.

    Settings of the session, so not through a pooler in transaction mode: ``make_engine`` refuses that with a sentence.
    """
    options = "-c default_transaction_read_only=on -c lock_timeout=200ms -c statement_timeout=5s -c max_parallel_workers_per_gather=0"
    # The sentences on who holds a lock are asked with psycopg2.
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), isolation_level="AUTOCOMMIT", connect_args={"options": options})
    try:
        with engine.connect() as connection:
            yield connection
    finally:
        engine.dispose()


@dataclass(frozen=True, slots=True)
class Column:
    """What ANALYZE knows of a column: average bytes, share of NULLs, and distinct values (as pg_stats has them: negative is a share)."""

    width: int
    nulls: float
    distinct: float


@dataclass(frozen=True, slots=True)
class Size:
    """A table: rows (estimated), pages of its main file, bytes with TOAST, number and bytes of indexes, columns by name."""

    rows: int
    pages: int
    table_bytes: int
    indexes: int
    index_bytes: int
    columns: Mapping[str, Column]


_SIZES = """
    SELECT n.nspname, c.relname, c.reltuples::float8, c.relpages, {main}, {whole}, {indexed},
        (SELECT count(*) FROM pg_catalog.pg_index AS i WHERE i.indrelid = c.oid)
    FROM pg_catalog.pg_class AS c INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind = 'r' AND n.nspname IN ('public', :kept)
"""
_OF_TODAY = text(_SIZES.format(main="pg_relation_size(c.oid)", whole="pg_table_size(c.oid)", indexed="pg_indexes_size(c.oid)"))
# The functions wait for whoever locks a table; the catalogue knows what the last VACUUM or ANALYZE saw.
_OF_CATALOGUE = text(
    _SIZES.format(
        main="c.relpages * 8192::bigint",
        whole="(c.relpages + coalesce((SELECT t.relpages FROM pg_catalog.pg_class AS t WHERE t.oid = c.reltoastrelid), 0)) * 8192::bigint",
        indexed="(SELECT coalesce(sum(x.relpages), 0) * 8192::bigint FROM pg_catalog.pg_index AS i"
        " INNER JOIN pg_catalog.pg_class AS x ON x.oid = i.indexrelid WHERE i.indrelid = c.oid)",
    )
)
_COLUMNS = text(
    """
    SELECT c.relname, a.attname, coalesce(s.avg_width, CASE WHEN a.attlen > 0 THEN a.attlen ELSE 16 END),
        coalesce(s.null_frac, 0)::float8, coalesce(s.n_distinct, -1)::float8
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_catalog.pg_stats AS s ON s.schemaname = 'public' AND s.tablename = c.relname AND s.attname = a.attname
    WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
    """
)


def sizes(connection: Connection) -> dict[str, Size]:
    """The tables of schema public by name, and those of v1 that a downgrade set aside."""
    columns: dict[str, dict[str, Column]] = {}
    for table, name, width, nulls, distinct in connection.execute(_COLUMNS):
        columns.setdefault(table, {})[name] = Column(width, nulls, distinct)
    found: dict[str, Size] = {}
    try:
        tables = connection.execute(_OF_TODAY, {"kept": KEPT_SCHEMA}).all()
    except OperationalError as problem:
        if not isinstance(problem.orig, LockNotAvailable):
            raise
        tables = connection.execute(_OF_CATALOGUE, {"kept": KEPT_SCHEMA}).all()
    for schema, table, tuples, known, main, whole, indexed, indexes in tables:
        if schema != "public" and table in found:
            continue
        pages = int(main) // PAGE
        # Grown by a tenth since: by rows, or by dead versions of rows. Only a look into some pages tells.
        grown = known <= 0 or tuples < 0 or abs(pages - known) > known / 10
        rows = _rows(connection, schema, table, pages) if grown else round(tuples / known * pages)
        found[table] = Size(rows, pages, int(whole), indexes, int(indexed), columns.get(table, {}))
    return found


def _rows(connection: Connection, schema: str, table: str, pages: int) -> int:
    """The rows of a table of which the statistics know too little, from a few of its pages."""
    if not pages:
        return 0
    share = min(100.0, 100 * 500 / pages)
    counted = ask(connection, f'SELECT count(*) FROM {schema}."{table}" TABLESAMPLE SYSTEM ({share}) REPEATABLE (1)')
    return round(int(counted) * 100 / share) if counted is not None else 0


def ask(connection: Connection, query: str) -> Any:
    """The one value that a query gives; None if what it asks about isn't there, may not be read, is locked, or takes over 5 s."""
    try:
        return connection.exec_driver_sql(query, execution_options={"no_parameters": True}).scalar()
    except DBAPIError as problem:
        if problem.connection_invalidated:
            raise
        return None


@dataclass(frozen=True, slots=True)
class Held:
    """A lock on a table that somebody holds now, with who it is in words."""

    relation: str
    mode: str
    who: str


@dataclass(frozen=True, slots=True)
class InTheWay:
    """Locks and snapshots that others hold at this moment."""

    locks: tuple[Held, ...]
    snapshots: tuple[str, ...]

    def of(self, locks: Iterable[Lock], *, concurrent: bool) -> tuple[str, ...]:
        """Who of them keeps a step with these locks waiting, one sentence each.

        A concurrent index build waits besides for all who write the table, and for every snapshot taken before it.
        """
        wanted = {(lock.relation, other) for lock in locks for other in _CONFLICTS[lock.mode]}
        if concurrent:
            wanted |= {(lock.relation, other) for lock in locks for other in _CONFLICTS["SHARE"]}
        held = [f"{held.mode} {held.relation}: {held.who}" for held in self.locks if (held.relation, held.mode) in wanted]
        return tuple(dict.fromkeys([*held, *(f"a snapshot: {who}" for who in self.snapshots if concurrent)]))


_LOCKS = text(
    """
    SELECT c.relname, l.mode, coalesce(l.pid, 0)
    FROM pg_catalog.pg_locks AS l INNER JOIN pg_catalog.pg_class AS c ON c.oid = l.relation
    WHERE l.granted AND l.locktype = 'relation' AND c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
        AND l.database = (SELECT d.oid FROM pg_catalog.pg_database AS d WHERE d.datname = current_database())
        AND l.pid IS DISTINCT FROM pg_catalog.pg_backend_pid()
    ORDER BY 1, 2, 3
    """
)
_SNAPSHOTS = text(
    """
    SELECT a.pid FROM pg_catalog.pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.backend_xmin IS NOT NULL AND a.pid <> pg_catalog.pg_backend_pid()
        AND a.backend_type <> 'autovacuum worker'
    ORDER BY a.xact_start
    """
)


def in_the_way(connection: Connection) -> InTheWay:
    """Who holds locks on tables of schema public, and who holds a snapshot of this database, now."""
    raw: Any = connection.connection.driver_connection
    held = connection.execute(_LOCKS).all()
    snapshots = connection.execute(_SNAPSHOTS).scalars().all()
    words = {pid: describe(raw, [pid]) for pid in {*(row[2] for row in held), *snapshots}}
    locks = tuple(Held(table, _IN_PG_LOCKS[mode], words[pid]) for table, mode, pid in held if mode in _IN_PG_LOCKS)
    return InTheWay(locks, tuple(words[pid] for pid in snapshots))


def slowness(connection: Connection) -> float:
    """How much longer this server takes for the same work than the one on which ``costs`` was measured, by a probe of 0.2 s."""
    took = []
    for _ in range(3):
        begun = time.monotonic()
        connection.exec_driver_sql(_PROBE, execution_options={"no_parameters": True}).scalar()
        took.append(time.monotonic() - begun)
    return min(took) / _PROBE_SECONDS


# Where a key of v0 has another name than the convention gives it, the migration renames it; and back.
