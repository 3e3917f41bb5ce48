"""What a migration does, as data: an ``Action`` is a few statements with the lock they take and the question whether they are done.

Steps (``steps.py``) turn into actions; the runner executes them against a server, the printer writes them as a script for psql. Both
read the same list, so an offline script can't do something else than the online run.
"""

from __future__ import annotations

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
    """A statement run over key ranges of one table. ``statement`` holds ``> :low`` (the first range begins at it) and ``<= :high``."""

    table: str
    statement: str
    size: int = 5_000

    def over(self, low: str, high: str, *, first: bool) -> str:
        """The statement for one range, given its bounds as SQL."""
        return self.statement.replace("> :low", f"{'>=' if first else '>'} {low}").replace(":high", high)


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do.

    ``title`` names it once and for all within its revision and direction: progress is stored under it. ``done`` is a query that gives
    one boolean, true when there is nothing left to do; without it the statements themselves are harmless to repeat. ``lock`` is the
    strongest lock and its relation, for the plan. ``needs_table`` makes the whole action void where that table does not exist.
    """

    title: str
    statements: tuple[str, ...] = ()
    mode: Mode = Mode.DDL
    done: str | None = None
    lock: str = ""
    batch: Batch | None = None
    repair: tuple[str, ...] = ()
    """Statements to run first when ``leftover`` is true (an INVALID index to drop)."""
    leftover: str | None = None
    silent_bridges: bool = False
    """Run with the bridge triggers told to keep out: the migration itself writes values that they would repair."""


def literal(text: str) -> str:
    """A SQL string literal, for statements that must also print as a script."""
    escaped = text.replace("'", "''")
    return f"E'{escaped.replace(chr(92), chr(92) * 2)}'" if "\\" in text else f"'{escaped}'"


_RESERVED = frozenset({"from", "to", "class", "user", "order", "default", "check", "references", "table", "column", "end"})


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
