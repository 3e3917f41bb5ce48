"""A table of v0 as SQL: as it is with v1's new columns beside, and as the declared repairs would leave it.

Nothing here is materialised: PostgreSQL works out only the columns that the outer query reads.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Connection, text

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.mapping import ValueMapping
from rently_db.migrate.render_data import DERIVED
from rently_db.migrate.repairs import Repair, repairs_of
from rently_db.migrate.steps import KEPT_SCHEMA, AddColumn, NotNull, Step, flat

MAPPED = "value_mapping"
"""The relation that holds what the operator said, in this run or an earlier one."""


@dataclass(frozen=True, slots=True)
class Memory:
    """What an earlier v1 left in a database that went back to v0: it counts, as the upgrade will bring it back."""

    mapping: bool
    """Whether ops.value_mapping is there."""
    kept: frozenset[str]
    """The tables of which v1's columns were kept."""
    currencies: tuple[str, ...]
    """The codes of the currency table that was set aside."""

    @classmethod
    def of(cls, connection: Connection) -> Memory:
        """Look at what is there. A plain v0 database remembers nothing."""

        def there(name: str) -> bool:
            return bool(connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": name}))

        codes = connection.scalars(text(f"SELECT code FROM {KEPT_SCHEMA}.currency")).all() if there(f"{KEPT_SCHEMA}.currency") else []
        kept = connection.scalars(_KEPT, {"tables": list(BASELINE)}).all() if there("ops.row_journal") else []
        return cls(there("ops.value_mapping"), frozenset(kept), tuple(codes))


_KEPT = text(
    "SELECT t.name FROM unnest(:tables) AS t (name) WHERE EXISTS"
    " (SELECT FROM ops.row_journal AS j WHERE j.table_name = t.name AND j.kind = 'kept' AND j.state = 'open')"
)


@dataclass(frozen=True, slots=True)
class Relation:
    """One table of v0; ``raw`` is a query of its rows with the columns that v1 adds."""

    table: str
    columns: tuple[str, ...]
    raw: str
    worked_out: frozenset[str]
    """New columns whose value takes look-ups in other tables."""
    certain: tuple[str, ...] = ()
    """Conditions over a raw row ``r``, cheap, each of which is true only where such a column surely gets a value."""

    @classmethod
    def of(cls, table: str, steps: Iterable[Step], memory: Memory) -> Relation:
        """Describe a table of v0 as the steps of the revisions extend it."""
        listed = [step for step in flat(steps) if getattr(step, "table", None) == table]
        required = {step.column for step in listed if isinstance(step, NotNull) and not step.filled}
        values = {column.name: f"t.{identifier(column.name)}" for column in BASELINE[table].columns}
        worked_out = set()
        for step in listed:
            if isinstance(step, AddColumn):
                kind = re.search(r"ADD COLUMN \S+ (?P<type>.+?)(?: NOT NULL DEFAULT (?P<default>.+))?$", step.sql)
                assert kind is not None
                # What no rule asks for is not worked out: v0 has no index to find a loan's disbursements by.
                derived = DERIVED.get((table, step.column)) if step.column in required else None
                value = derived or kind["default"] or f"NULL::{kind['type']}"
                kept = f"(k.new_value ->> {literal(step.column)})::{kind['type']}"
                values[step.column] = f"coalesce({kept}, {value})" if table in memory.kept else value
                if derived:
                    worked_out.add(step.column)
        listing = ", ".join(f"{value} AS {identifier(name)}" for name, value in values.items())
        kept = (
            f" LEFT JOIN ops.row_journal AS k ON k.row_id = t.id AND k.table_name = '{table}' AND k.kind = 'kept' AND k.state = 'open'"
            if table in memory.kept
            else ""
        )
        raw = f"SELECT {listing} FROM public.{table} AS t{kept}"
        return cls(
            table,
            tuple(values),
            raw,
            frozenset(worked_out),
            tuple(_CERTAIN.get((table, name), f"(r.{identifier(name)} IS NOT NULL)") for name in sorted(worked_out)),
        )

    def repaired(self, source: str, *, numbers: dict[str, int] | None = None) -> str:
        """A query of the rows of ``source`` (which has the raw columns) as the declared repairs would leave them.

        With ``numbers``, name of a repair -> number, there is one column more, ``fired integer[]``: for each column of v0 that changes,
        the number of the last repair that speaks of it, as the journal will have it; NULL for the others.
        """
        inner = {name: f"t.{identifier(name)}" for name in self.columns}
        late: dict[str, str] = {}
        fired: tuple[dict[str, str], dict[str, str]] = ({}, {})
        for repair in repairs_of(self.table):
            looks_at_row = _looks_at_row(repair)
            stage = late if looks_at_row else inner
            current = late.setdefault(repair.column, f"f.{identifier(repair.column)}") if looks_at_row else inner[repair.column]
            row = "f" if looks_at_row else "t"
            when, then = repair.condition(current, row, MAPPED), repair.value(current, row, MAPPED)
            stage[repair.column] = f"CASE WHEN {when} THEN {then} ELSE {current} END"
            if numbers is not None and not repair.derived:
                before = fired[looks_at_row].get(repair.column, "NULL")
                fired[looks_at_row][repair.column] = f"CASE WHEN {when} THEN {numbers[repair.name]} ELSE {before} END"
        first = [f"{value} AS {identifier(name)}" for name, value in inner.items()]
        second = [f"{late.get(name, f'f.{identifier(name)}')} AS {identifier(name)}" for name in inner]
        if numbers is not None:
            first.append(f"ARRAY[{', '.join(fired[0].values())}]::integer[] AS fired")
            second.append(f"f.fired || ARRAY[{', '.join(fired[1].values())}]::integer[] AS fired")
        return f"SELECT {', '.join(second)} FROM (SELECT {', '.join(first)} FROM {source} AS t) AS f"

    def whole(self) -> str:
        """A query of all rows as the declared repairs would leave them."""
        return self.repaired(f"({self.raw})")


_CERTAIN = {
    ("ledger_entry", "entry_date"): "EXISTS (SELECT FROM public.loan AS l WHERE l.id = r.loan_id AND l.start_date IS NOT NULL)",
}
"""For a column that is worked out: a condition that a join can answer for all rows at once, true only where the value is not NULL."""


def _looks_at_row(repair: Repair) -> bool:
    return "{row}" in repair.when + repair.then


def mapping_relation(mapping: ValueMapping, memory: Memory) -> str:
    """The relation ``value_mapping``, for WITH."""
    rows = [f"({literal(t)}, {literal(c)}, {literal(old)}, {literal(new)})" for (t, c, old), new in mapping.items()]
    values = ", ".join(rows) or "(NULL::text, NULL::text, NULL::text, NULL::text)"
    # What the operator says now overrides what was said in an earlier run.
    former = " UNION ALL SELECT m.table_name, m.column_name, m.from_value, m.to_value FROM ops.value_mapping AS m" if memory.mapping else ""
    said = ", ".join(f"({literal(t)}, {literal(c)}, {literal(old)})" for t, c, old in mapping) or "(NULL, NULL, NULL)"
    unsaid = f" WHERE (m.table_name, m.column_name, m.from_value) NOT IN (VALUES {said})" if former and mapping else ""
    return f"{MAPPED} (table_name, column_name, from_value, to_value) AS (VALUES {values}{former}{unsaid})"
