"""What v1 would refuse, found before the first change: every rule of v1 evaluated on v0's rows as the declared repairs would leave them.

The rules are those that the revisions froze (CHECK, NOT NULL, unique), so the preflight can't forget one. Everything reads only, and
works on a plain v0 database.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, text

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.mapping import ValueMapping
from rently_db.migrate.reference_rows import CURRENCIES
from rently_db.migrate.render_data import DERIVED, DUPLICATES
from rently_db.migrate.repairs import CATEGORY_BY_PREFIX, repairs_of
from rently_db.migrate.steps import KEPT_SCHEMA, AddColumn, Check, ForeignKey, Index, NotNull, Step, Unique

SAMPLE = 5
"""How many ids of offending rows a finding shows."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule of v1 that rows of v0 break and that no declared repair mends."""

    table: str
    rule: str
    count: int
    sample: tuple[str, ...]
    mend: str

    def sentence(self) -> str:
        """The finding in one line."""
        more = " ..." if self.count > len(self.sample) else ""
        rows = "1 row breaks" if self.count == 1 else f"{self.count:,} rows break"
        return f"{self.table}: {rows} {self.rule} (id {', '.join(self.sample)}{more}); {self.mend}"


@dataclass(frozen=True, slots=True)
class _Rule:
    table: str
    name: str
    offenders: str
    """A query over ``repaired`` that gives the ids of offending rows."""
    mend: str


@dataclass(frozen=True, slots=True)
class _Memory:
    """What an earlier v1 left in a database that went back to v0: it counts, as the upgrade will bring it back."""

    journal: bool
    """Whether ops.row_journal and ops.value_mapping are there."""
    currencies: tuple[str, ...]
    """The codes of the currency table that was set aside."""

    @classmethod
    def of(cls, connection: Connection) -> _Memory:
        def there(name: str) -> bool:
            return bool(connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}))

        codes = connection.scalars(text(f"SELECT code FROM {KEPT_SCHEMA}.currency")).all() if there(f"{KEPT_SCHEMA}.currency") else []
        return cls(there("ops.row_journal") and there("ops.value_mapping"), tuple(codes))


def preflight(connection: Connection, steps: Iterable[Step], mapping: ValueMapping | None = None) -> list[Finding]:
    """The findings that would stop an upgrade, table by table. The connection's transaction is READ ONLY from here on."""
    connection.exec_driver_sql("SET TRANSACTION READ ONLY")
    listed = list(steps)
    memory = _Memory.of(connection)
    rules = list(_rules(listed, [*(code for code, _, _ in CURRENCIES), *memory.currencies]))
    rules += [_unique(table.name, f"{table.name}_{column}_key", column, "true") for table in BASELINE.values() for column in table.uniques]
    findings: list[Finding] = []
    for table in BASELINE:
        mine = [rule for rule in rules if rule.table == table]
        if mine:
            repaired = _repaired(table, _new_columns(table, listed, memory), memory)
            findings += _evaluate(connection, table, mine, f"{_mapping_relation(mapping or {}, memory)}, {repaired}")
    return findings


def _rules(steps: list[Step], currencies: list[str]) -> Iterator[_Rule]:
    codes = ", ".join(literal(code) for code in currencies)
    for step in steps:
        match step:
            case Check(table, name, sql) if table in BASELINE:
                expression = sql.partition(" CHECK ")[2]
                yield _Rule(table, name, f"SELECT id FROM repaired WHERE NOT {expression}", f"v1 requires {expression}")
            case NotNull(table, column) if table in BASELINE:
                if (table, column) == ("product", "business_unit"):
                    continue  # it comes with the category
                hint = _MAP_PRODUCT if (table, column) == ("product", "category") else "fill it"
                yield _Rule(
                    table,
                    f"{table}.{column} not null",
                    f"SELECT id FROM repaired WHERE {identifier(column)} IS NULL",
                    f"v1 requires it: {hint}",
                )
            case ForeignKey(table, name, column, sql) if table in BASELINE and "public.currency" in sql:
                yield _Rule(
                    table, name, f"SELECT id FROM repaired WHERE {column} NOT IN ({codes})", f"{column} must be an ISO 4217 currency"
                )
            case Unique(table, name, columns):
                yield _unique(table, name, columns, "true")
            case Index(table, name, sql) if table in BASELINE and sql.startswith("CREATE UNIQUE") and name not in _REPAIRED_AS_SETS:
                match = re.search(r" \((?P<columns>.+?)\)(?: WHERE (?P<where>.+))?$", sql)
                if match is not None:
                    yield _unique(table, name, match["columns"], match["where"] or "true")
            case _:
                pass


_MAP_PRODUCT = (
    "say what its code means: -x mapping=FILE, a CSV whose first line is table,column,from,to"
    " and whose next is product,category,CODE,CATEGORY"
    f" (one of {', '.join(dict.fromkeys(category for _, category, _ in CATEGORY_BY_PREFIX))})"
)

_REPAIRED_AS_SETS = frozenset({"one_active_plan_per_loan", "one_default_instrument"})
"""Unique rules for which a declared repair chooses the one that stays."""


def _unique(table: str, name: str, columns: str, where: str) -> _Rule:
    # Rows of these tables that differ in their id alone are one row: the migration takes the others out.
    source = "repaired"
    if table in DUPLICATES:
        names = ", ".join(c.name for c in BASELINE[table].columns if c.name != "id")
        source = f"(SELECT DISTINCT ON ({names}) * FROM repaired ORDER BY {names}, id)"
    # NULLs are distinct in a unique index: a key with a NULL column offends nobody.
    query = (
        f"SELECT id FROM (SELECT r.id, count(*) OVER (PARTITION BY {columns}) AS n, ROW({columns}) IS NOT NULL AS whole"
        f" FROM {source} AS r WHERE {where}) AS k WHERE n > 1 AND whole"
    )
    return _Rule(table, name, query, f"v1 allows one row for each ({columns})")


def _new_columns(table: str, steps: list[Step], memory: _Memory) -> dict[str, str]:
    """Columns that v1 adds -> the value an old row gets, as an expression over ``t`` (and ``k``, what an earlier v1 kept of it)."""
    values: dict[str, str] = {}
    required = {step.column for step in steps if isinstance(step, NotNull) and step.table == table}
    for step in steps:
        if isinstance(step, AddColumn) and step.table == table:
            kind = re.search(r"ADD COLUMN \S+ (?P<type>.+?)(?: NOT NULL DEFAULT (?P<default>.+))?$", step.sql)
            assert kind is not None
            # What no rule asks for is not worked out: v0 has no index to find a loan's disbursements by.
            derived = DERIVED.get((table, step.column)) if step.column in required else None
            value = derived or kind["default"] or f"NULL::{kind['type']}"
            kept = f"(k.new_value ->> {literal(step.column)})::{kind['type']}"
            values[step.column] = f"coalesce({kept}, {value})" if memory.journal else value
    return values


def _repaired(table: str, new: dict[str, str], memory: _Memory) -> str:
    """The relation ``repaired``: the table's rows as the declared repairs would leave them."""
    inner = {column.name: f"t.{column.name}" for column in BASELINE[table].columns} | new
    late: dict[str, str] = {}
    for repair in repairs_of(table):
        looks_at_row = "{row}" in repair.when + repair.then
        stage = late if looks_at_row else inner
        current = late.setdefault(repair.column, f"f.{identifier(repair.column)}") if looks_at_row else inner[repair.column]
        row = "f" if looks_at_row else "t"
        when, then = (repair.condition(current, row, "value_mapping"), repair.value(current, row, "value_mapping"))
        stage[repair.column] = f"CASE WHEN {when} THEN {then} ELSE {current} END"
    first = ", ".join(f"{value} AS {identifier(name)}" for name, value in inner.items())
    second = ", ".join(f"{late.get(name, f'f.{identifier(name)}')} AS {identifier(name)}" for name in inner)
    kept = (
        f" LEFT JOIN ops.row_journal AS k ON k.row_id = t.id AND k.table_name = '{table}' AND k.kind = 'kept' AND k.state = 'open'"
        if memory.journal
        else ""
    )
    return f"repaired AS (SELECT {second} FROM (SELECT {first} FROM public.{table} AS t{kept}) AS f)"


def _mapping_relation(mapping: ValueMapping, memory: _Memory) -> str:
    rows = [f"({literal(t)}, {literal(c)}, {literal(old)}, {literal(new)})" for (t, c, old), new in mapping.items()]
    values = ", ".join(rows) or "(NULL::text, NULL::text, NULL::text, NULL::text)"
    # What the operator says now overrides what was said in an earlier run.
    former = " UNION ALL SELECT m.table_name, m.column_name, m.from_value, m.to_value FROM ops.value_mapping AS m" if memory.journal else ""
    said = ", ".join(f"({literal(t)}, {literal(c)}, {literal(old)})" for t, c, old in mapping) or "(NULL, NULL, NULL)"
    unsaid = f" WHERE (m.table_name, m.column_name, m.from_value) NOT IN (VALUES {said})" if former and mapping else ""
    return f"value_mapping (table_name, column_name, from_value, to_value) AS (VALUES {values}{former}{unsaid})"


def _evaluate(connection: Connection, table: str, rules: list[_Rule], relations: str) -> list[Finding]:
    head = f"WITH {relations} "
    parts = [
        f"SELECT {nr} AS nr, count(*) AS n, (array_agg(id ORDER BY id))[1:{SAMPLE}]::text[] AS sample FROM ({rule.offenders}) AS o{nr}"
        for nr, rule in enumerate(rules)
    ]
    rows = connection.exec_driver_sql(head + " UNION ALL ".join(parts), execution_options={"no_parameters": True})
    return [Finding(table, rules[nr].name, count, tuple(sample or ()), rules[nr].mend) for nr, count, sample in rows if count]
