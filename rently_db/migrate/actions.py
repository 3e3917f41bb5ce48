"""What a migration does, as data: an ``Action`` is a few statements with the lock they take and the question whether they are done.

Steps (``steps/``) turn into actions; the runner executes them against a server, the printer writes them as a script for psql. Both
read the same list, so an offline script can't do something else than the online run.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Mode(StrEnum):
    """How an action runs, and which time limits it gets."""

    DDL = "ddl"
    """One short transaction; waits for its locks at most half the lock budget, then steps back and tries again."""
    CONCURRENT = "concurrent"
    """Outside a transaction; waits for old snapshots, not in anybody's way."""
    VALIDATE = "validate"
    """A transaction of its own that reads a whole table under a lock no reader or writer notices."""
    DATA = "data"
    """One transaction that changes rows."""
    LOOP = "loop"
    """Many transactions, each a slice of the work that is left; over when a slice finds nothing to do."""
    BATCH = "batch"
    """Many transactions, each a range of keys; the position is stored, so a killed run goes on."""


@dataclass(frozen=True, slots=True)
class Batch:
    """A statement run over ranges of uuid keys. ``statement`` holds ``> :low`` (the first range begins at it) and ``<= :high``.

    The keys are the ids of a table of schema public, or, with ``worklist``, those that an earlier action found for this step: a few rows
    of a big table are treated without reading all of it in the order of its random ids.
    """

    table: str
    statement: str
    size: int = 5_000
    worklist: bool = False
    in_pages: bool = False
    """Every row is treated anyway: where the server can (from PostgreSQL 14 on), go by the table's pages instead of its random keys."""

    def keys(self, title: str) -> str:
        """The query that gives the keys, without order: ``id`` is the name of its only column."""
        if self.worklist:
            return f"SELECT w.row_id AS id FROM ops.worklist AS w WHERE w.step = {literal(title)}"
        return f"SELECT t.id FROM public.{self.table} AS t WHERE true"

    @property
    def key(self) -> str:
        """The key's name within that query."""
        return "w.row_id" if self.worklist else "t.id"

    def over_pages(self, low: int, high: int) -> str:
        """The statement for the rows that stand in pages ``low`` to before ``high``."""
        keys = "t.id > :low AND t.id <= :high"
        assert keys in self.statement, self.statement
        return self.statement.replace(keys, f"t.ctid >= '({low},0)'::tid AND t.ctid < '({high},0)'::tid")

    def over(self, low: str, high: str, *, first: bool) -> str:
        """The statement for one range, given its bounds as SQL."""
        return self.statement.replace("> :low", f"{'>=' if first else '>'} {low}").replace(":high", high)


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock on a table (of schema public, unless the name says otherwise), by PostgreSQL's name of its mode."""

    mode: str
    relation: str

    @property
    def blocks_writers(self) -> bool:
        """Whether applications that write the table have to wait for it."""
        return self.mode in {"SHARE", "SHARE ROW EXCLUSIVE", "EXCLUSIVE", "ACCESS EXCLUSIVE"}

    @property
    def blocks_readers(self) -> bool:
        """Whether even those who only read the table have to wait for it."""
        return self.mode == "ACCESS EXCLUSIVE"

    def __str__(self) -> str:
        return f"{self.mode} {self.relation}"


def locked(mode: str, *relations: str) -> tuple[Lock, ...]:
    """The same lock on each of the tables."""
    return tuple(Lock(mode, relation) for relation in dict.fromkeys(relations))


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    ``title`` names it once and for all within its revision and direction: progress is stored under it. ``done`` is a query that gives
    one boolean, true when there is nothing left to do; without it (and without ``once``) the statements are harmless to repeat. ``locks``
    are the locks on tables that others may notice, for the plan.
    """

    title: str
    statements: tuple[str, ...] = ()
    mode: Mode = Mode.DDL
    done: str | None = None
    locks: tuple[Lock, ...] = ()
    batch: Batch | None = None
    repair: tuple[str, ...] = ()
    """Statements to run first when ``leftover`` is true (an INVALID index to drop)."""
    leftover: str | None = None
    silent_bridges: bool = False
    """Run with the bridge triggers told to keep out: the migration itself writes values that they would repair."""
    derives: bool = False
    """Writes v1's columns alone: the accounts of v0's have nothing to count."""
    once: bool = False
    """Done as soon as it is recorded: not repeated when a stopped run goes on."""
    reads: str = ""
    """The table whose rows a data action looks through, for the plan."""

    @property
    def planner(self) -> tuple[str, ...]:
        """Planner settings to switch off: the rows of a worklist are fetched by their keys, not by reading the table for each batch."""
        return ("enable_hashjoin", "enable_mergejoin") if self.batch is not None and self.batch.worklist else ()

    @property
    def lock_shares(self) -> int:
        """Among how many lock requests one try divides its patience: with each it may have to wait while it holds the former."""
        return max(len({lock.relation for lock in self.locks if lock.blocks_writers}), 1)


def literal(text: str) -> str:
    """A SQL string literal, for statements that must also print as a script."""
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{escaped}'"


_RESERVED = frozenset(
    re.findall(
        r"\w+",
        """
        all analyse analyze and any array as asc asymmetric authorization binary both case cast check class collate collation column
        concurrently constraint create cross current_catalog current_date current_role current_schema current_time current_timestamp
        current_user default deferrable desc distinct do else end except false fetch for foreign freeze from full grant group having ilike
        in initially inner intersect into is isnull join lateral leading left like limit localtime localtimestamp natural not notnull null
        offset on only or order outer overlaps placing primary references returning right select session_user similar some symmetric
        system_user table tablesample then to trailing true union unique user using variadic verbose when where window with
        """,
    )
)
"""What PostgreSQL 12 to 18 take for no column's name, and `class`, which the frozen files quote."""


def identifier(name: str) -> str:
    """A column or object name, quoted only where SQL would misread it."""
    plain = name.isidentifier() and name == name.lower() and name not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


def constraint_exists(table: str, name: str, *, valid: bool = False, schema: str = "public") -> str:
    """The query whether a constraint of that name is on the table (and validated)."""
    condition = " AND c.convalidated" if valid else ""
    return (
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint c "
        f"WHERE c.conrelid = to_regclass('{schema}.{table}') AND c.conname = {literal(name)}{condition})"
    )


def index_state(name: str, *, valid: bool) -> str:
    """The query whether an index of that name exists in ``public`` and is usable (or is an INVALID leftover)."""
    return (
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid "
        f"WHERE c.oid = to_regclass('public.{identifier(name)}') AND {'' if valid else 'NOT '}(i.indisvalid AND i.indisready))"
    )


def column_exists(table: str, name: str) -> str:
    """The query whether the table has that column."""
    return (
        "SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a "
        f"WHERE a.attrelid = to_regclass('public.{table}') AND a.attname = {literal(name)} AND NOT a.attisdropped)"
    )


def negate(query: str) -> str:
    """The query for the opposite answer."""
    return f"SELECT NOT ({query})"


def do_block(body: str, declare: str = "") -> str:
    """An anonymous block: the form in which a decision taken at run time also prints as a script."""
    declared = f"DECLARE\n{declare}\n" if declare else ""
    return f"DO $do$\n{declared}BEGIN\n{body}\nEND\n$do$"
