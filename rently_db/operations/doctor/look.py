"""What a check gets to see, and what it answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import Any

from sqlalchemy import Connection, Engine, text

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.pooling import Pooling, bare_connection
from rently_db.operations.forecast import TableSize


class Status(StrEnum):
    """The verdict of a line. Only what is missing makes `rently-db doctor` exit with 1."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Line:
    """One answer: what was looked at, how it is, what was found, and the line to run (None if nothing is to be done)."""

    area: str
    name: str
    status: Status
    found: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A line before its area is known."""

    name: str
    status: Status
    found: str
    mend: str | None = None


@dataclass(frozen=True, slots=True)
class Setting:
    """A setting as a new session of this role in this database gets it, and where it comes from (pg_settings.source)."""

    value: str
    source: str


_NATURAL = """
SELECT name, reset_val, source FROM pg_catalog.pg_settings
WHERE name IN ('TimeZone', 'statement_timeout', 'transaction_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout',
    'default_transaction_read_only', 'session_replication_role')
"""


def natural_settings(engine: Engine) -> dict[str, Setting]:
    """The settings of a session that asks for nothing itself; ours does."""
    with closing(bare_connection(engine)) as connection, connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '60s'")  # the role's own may be too short for this very query
        cursor.execute(_NATURAL)
        return {name: Setting(value, source) for name, value, source in cursor.fetchall()}


class Look:
    """A read-only view of a database for the checks: one connection in one transaction.

    `patience` is how many seconds a session may sit idle in a transaction before it is worth a word; one that works may take ten times
    as long.
    """

    def __init__(self, engine: Engine, connection: Connection, pooling: Pooling, natural: dict[str, Setting], patience: float) -> None:
        self.engine = engine
        self.connection = connection
        self.pooling = pooling
        self.natural = natural
        self.patience = patience
        self.version = int(self.value("SELECT current_setting('server_version_num')"))
        self.role, self.database, self.superuser = self.rows(
            "SELECT current_user::text, current_database()::text, rolsuper FROM pg_roles WHERE rolname = current_user"
        )[0]

    def rows(self, query: str, **parameters: object) -> Sequence[Any]:
        """What a query gives."""
        return self.connection.execute(text(query), parameters).all()

    def value(self, query: str, **parameters: object) -> Any:
        """The first value of the first row, or None."""
        return self.connection.scalar(text(query), parameters)

    def quoted(self, name: str) -> str:
        """A name as SQL wants it."""
        return self.connection.dialect.identifier_preparer.quote(name)

    @property
    def here(self) -> str:
        """This role in this database, for ALTER."""
        return f"ROLE {self.quoted(self.role)} IN DATABASE {self.quoted(self.database)}"

    @cached_property
    def replica(self) -> bool:
        """Whether the server replays another's WAL."""
        return bool(self.value("SELECT pg_is_in_recovery()"))

    @cached_property
    def sizes(self) -> dict[str, TableSize]:
        """Rows and bytes of those of v0's tables that are there."""
        found = self.rows(
            "SELECT c.relname::text, greatest(c.reltuples, 0)::bigint, pg_table_size(c.oid), pg_indexes_size(c.oid)"
            " FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace"
            " WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname = ANY(:names)",
            names=list(BASELINE),
        )
        return {name: TableSize(rows, table, indexes) for name, rows, table, indexes in found}


Check = Callable[[Look], Iterable[Answer]]
CHECKS: list[tuple[str, str, Check]] = []
"""Every check: its area, its name, the function."""


def check(area: str, name: str) -> Callable[[Check], Check]:
    """Put a function among the checks. `name` is what the report says where the function may not read what it needs."""

    def register(function: Check) -> Check:
        CHECKS.append((area, name, function))
        return function

    return register


def ok(name: str, found: str) -> Answer:
    """Nothing to do."""
    return Answer(name, Status.OK, found)


def warning(name: str, found: str, mend: str) -> Answer:
    """The upgrade works, but somebody may suffer."""
    return Answer(name, Status.WARNING, found, mend)


def missing(name: str, found: str, mend: str) -> Answer:
    """The upgrade would be refused, or would do harm."""
    return Answer(name, Status.MISSING, found, mend)
