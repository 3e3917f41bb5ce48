"""What a table holds, in three measures that can be compared later or elsewhere: rows, sums of money, a digest of the content.

The digest of a table is the sum of the digests of its rows, so it depends neither on their order nor on how they are stored; two
tables can be added, and one row's change is one subtraction and one addition. A row's digest is made from its named columns in a
form that no session setting and no version of PostgreSQL changes: 1.50 and 1.5 differ, and so do NULL and an empty text.
It guards against loss and mistakes, not against somebody who forges rows.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from decimal import Context, Decimal
from typing import Any

from sqlalchemy import Connection

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE, BaselineColumn

# Python's own context rounds to 28 digits, and refuses infinity less infinity, which PostgreSQL calls NaN.
_EXACT = Context(prec=10_000, traps=[])

# Wire formats: the same bytes whatever DateStyle and TimeZone are, infinity included.
_BY_WIRE_FORMAT = {"date": "date_send", "timestamp without time zone": "timestamp_send", "timestamp with time zone": "timestamptz_send"}

# For the types of other people's tables, whose text depends on the session; and a role's time limits are not meant for us.
_SETTINGS = {
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "3",
    "bytea_output": "hex",
    "lc_monetary": "C",
    "search_path": "pg_catalog",
    "row_security": "off",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "transaction_timeout": "0",
}

_COLUMNS = """
SELECT n.nspname, c.relname, a.attname, format_type(a.atttypid, a.atttypmod)
FROM pg_class AS c
INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
INNER JOIN pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
    AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
ORDER BY n.nspname COLLATE "C", c.relname COLLATE "C", a.attname COLLATE "C"
"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table to measure and the columns that count, in the order that the digest takes them."""

    name: str
    columns: tuple[BaselineColumn, ...]
    schema: str = "public"

    @property
    def label(self) -> str:
        """Its name for people and files: without the schema if that is ``public``."""
        return self.name if self.schema == "public" else f"{self.schema}.{self.name}"

    @property
    def sql(self) -> str:
        """Its name in SQL, with the schema."""
        return f"{identifier(self.schema)}.{identifier(self.name)}"

    @property
    def money(self) -> tuple[tuple[str, str | None], ...]:
        """Its columns of money, each with the column that holds the currency, as far as they are among ``columns``."""
        names = [column.name for column in self.columns]
        declared = _money_types().get(self.name, frozenset()) if self.schema == "public" else frozenset()
        return tuple((name, _currency_of(name, names)) for name in names if name in declared)


TABLES: dict[str, Table] = {table.name: Table(table.name, table.columns) for table in BASELINE.values()}
"""The twenty tables of v0 with v0's columns: what must be the same before and after a journey."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a table held at one moment.

    ``money`` is (column, currency as it is stored) -> exact sum; the currency is None where it is NULL or the table has none, and a pair
    without any amount is absent. Sums are ``Decimal``, NaN included, which v0 allows.
    """

    rows: int
    digest: int
    money: Mapping[tuple[str, str | None], Decimal] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Difference:
    """One measure of one table that is not the same; as text it is a sentence. None: the table, or the currency, is not there."""

    table: str
    measure: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        if self.measure == "table":
            return f"{self.table}: the table with {self.before or self.after} rows is {'missing' if self.after is None else 'new'}"
        if self.measure == "digest":
            return f"{self.table}: the content of its rows differs"
        return f"{self.table}: {self.measure} was {self.before or 'nothing'}, is {self.after or 'nothing'}"


def row_digest_sql(table: str, alias: str) -> str:
    """The SQL expression that gives the digest (bigint, any sign) of one row of a v0 table, over v0's columns.

    ``alias`` names the row: a table's alias, a transition table's, ``NEW`` or ``OLD``. The result depends on no setting, so a trigger
    may use it in any session. Raises KeyError for a table that v0 does not have.
    """
    return row_digest_of(TABLES[table], alias)


def row_digest_of(table: Table, alias: str) -> str:
    """The same for any table. Columns of other types than v0's (ranges, arrays of dates, floats) want the settings of `snapshot`."""
    values, missing = [], []
    for number, column in enumerate(table.columns):
        value = f"{alias}.{identifier(column.name)}"
        # "timestamp(3) without time zone" is a timestamp without time zone.
        send = _BY_WIRE_FORMAT.get(re.sub(r"\(\d\)", "", column.type))
        values.append(f"encode({send}({value}), 'hex')" if send else value)
        if column.name != "id":
            missing.append(f"({value} IS NULL)::int::bigint * {2**number}")
    # Twice as fast as the text of a record, which looks at every character for what to quote. It leaves NULLs out: which they were, the
    # last figure says.
    text = ", ".join([*values, " + ".join(missing) or "0"])
    return f"hashtextextended(concat_ws(E'\\x1f', {text}) COLLATE \"C\", 0)"


def money_columns(table: str) -> tuple[tuple[str, str | None], ...]:
    """The columns of money of a v0 table, each with the column of its currency, or None if the table has none.

    Raises KeyError for a table that v0 does not have.
    """
    return TABLES[table].money


def measure_sql(table: Table | str) -> str:
    """The query that measures a table (of v0, if given by name) in one scan.

    It gives one row per currency: the currencies, the number of rows, the sum of their digests, and the sum of each column of money.
    """
    measured = TABLES[table] if isinstance(table, str) else table
    currencies = _currencies(measured)
    parts = [f"t.{identifier(name)}::text" for name in currencies]
    parts += ["count(*)", f"sum({row_digest_of(measured, 't')})"]
    parts += [f"sum(t.{identifier(name)})" for name, _ in measured.money]
    grouped = f" GROUP BY {', '.join(str(number + 1) for number in range(len(currencies)))}" if currencies else ""
    return f"SELECT {', '.join(parts)} FROM {measured.sql} AS t{grouped}"


def measure_table(connection: Connection, table: Table) -> Content:
    """Measure one table in the caller's transaction, which `snapshot` has begun."""
    currencies = _currencies(table)
    rows = digest = 0
    money: dict[tuple[str, str | None], Decimal] = {}
    for found in _execute(connection, measure_sql(table)):
        stored = dict(zip(currencies, found, strict=False))
        count, partial, *sums = found[len(currencies) :]
        rows += count
        digest += int(partial or 0)
        for (column, currency), amount in zip(table.money, sums, strict=True):
            if amount is not None:
                key = (column, stored[currency] if currency else None)
                money[key] = _EXACT.add(money[key], amount) if key in money else amount
    return Content(rows, digest, money)


def measure(connection: Connection, tables: Iterable[Table] = tuple(TABLES.values())) -> dict[str, Content]:
    """Measure tables, all in one snapshot; by default those of v0. Keys are the tables' labels."""
    with snapshot(connection):
        return {table.label: measure_table(connection, table) for table in tables}


def all_tables(connection: Connection) -> list[Table]:
    """Every table that holds rows, in every schema but PostgreSQL's own and those of extensions, columns by name."""
    found: dict[tuple[str, str], list[BaselineColumn]] = {}
    for schema, table, column, type_name in _execute(connection, _COLUMNS):
        found.setdefault((schema, table), []).append(BaselineColumn(column, type_name))
    return [Table(name, tuple(columns), schema) for (schema, name), columns in found.items()]


def compare(before: Mapping[str, Content], after: Mapping[str, Content]) -> list[Difference]:
    """What is not the same, table by table; empty if everything is. A digest is named only where rows and money agree."""
    found: list[Difference] = []
    for name in sorted(before.keys() | after.keys()):
        old, new = before.get(name), after.get(name)
        if old is None or new is None:
            counts = (None if content is None else f"{content.rows:,}" for content in (old, new))
            found.append(Difference(name, "table", *counts))
            continue
        here = [Difference(name, "the number of rows", f"{old.rows:,}", f"{new.rows:,}")] if old.rows != new.rows else []
        for column, currency in sorted(old.money.keys() | new.money.keys(), key=str):
            # As text: NaN is not equal to itself, and 1.5 is not what was stored as 1.50.
            was, now = (None if amount is None else f"{amount:f}" for amount in (c.money.get((column, currency)) for c in (old, new)))
            if was != now:
                where = "" if currency is None else f" in {currency}"
                here.append(Difference(name, f"the sum of {column}{where}", was, now))
        if not here and old.digest != new.digest:
            here = [Difference(name, "digest", str(old.digest), str(new.digest))]
        found += here
    return found


@contextmanager
def snapshot(connection: Connection, exported: str | None = None) -> Iterator[None]:
    """A read-only transaction in which everything read is of one moment, with the settings that make text comparable.

    ``exported`` is the moment of another session, as its ``pg_export_snapshot()`` named it. Inside a transaction that the caller has
    begun, it is a savepoint: the moment is then as good as that transaction's isolation.
    """
    nested = connection.in_transaction()
    transaction = connection.begin_nested() if nested else connection.begin()
    try:
        if not nested:
            _execute(connection, "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        if exported is not None:
            _execute(connection, f"SET TRANSACTION SNAPSHOT {literal(exported)}")
        wanted = ", ".join(f"({literal(name)}, {literal(value)})" for name, value in _SETTINGS.items())
        # Before PostgreSQL 17 there is no transaction_timeout.
        known = f"pg_settings AS s INNER JOIN (VALUES {wanted}) AS w (name, value) ON w.name = s.name"
        _execute(connection, f"SELECT set_config(s.name, w.value, true) FROM {known}")
        yield
    finally:
        transaction.rollback()


def _execute(connection: Connection, sql: str) -> Sequence[Any]:
    result = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    return result.all() if result.returns_rows else ()


def _currencies(table: Table) -> list[str]:
    return sorted({currency for _, currency in table.money if currency})


def _currency_of(column: str, names: Sequence[str]) -> str | None:
    """The column with the currency of an amount: requested_amount is in requested_currency, value_amount in value_ccy."""
    stem = column.removesuffix("_amount")
    return next((name for name in (f"{stem}_currency", f"{stem}_ccy", "currency_code") if name in names), None)


@functools.cache
def _money_types() -> dict[str, frozenset[str]]:
    """Table -> its columns that the models declare as money."""
    from rently_db.models import metadata
    from rently_db.models.types import MoneyType

    return {
        table.name: frozenset(column.name for column in table.columns if isinstance(column.type, MoneyType))
        for table in metadata.sorted_tables
    }
