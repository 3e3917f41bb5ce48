"""What v1 demands of v0's rows, read from the steps that the revisions froze, so that no rule can be forgotten."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.preflight.findings import CATEGORIES
from rently_db.migrate.steps import AddColumn, Check, ForeignKey, Index, NotNull, Step, Unique, flat


@dataclass(frozen=True, slots=True)
class RowRule:
    """A rule that looks at one row. ``broken`` is a condition over the bare names of the table's columns."""

    table: str
    name: str
    columns: tuple[str, ...]
    mend: str
    broken: str


@dataclass(frozen=True, slots=True)
class UniqueRule:
    """One row for each value of ``key`` among those that satisfy ``where``."""

    table: str
    name: str
    columns: tuple[str, ...]
    mend: str
    key: str
    where: str = "true"


@dataclass(frozen=True, slots=True)
class Reference:
    """A column of v0 that must name a row of another table of v0."""

    table: str
    name: str
    column: str
    target: str

    @property
    def columns(self) -> tuple[str, ...]:
        """The column alone."""
        return (self.column,)

    @property
    def mend(self) -> str:
        """What v1 requires."""
        return f"{self.column} must be the id of a row of {self.target}, or NULL"


Rule = RowRule | UniqueRule | Reference

_MAP_PRODUCT = (
    "say what its code means: -x mapping=FILE, a CSV whose first line is table,column,from,to"
    f" and whose next is product,category,CODE,CATEGORY (one of {', '.join(CATEGORIES)})"
)
REPAIRED_AS_SETS = frozenset({"one_active_plan_per_loan", "one_default_instrument"})
"""Unique rules for which a declared repair chooses the one that stays."""


def rules_of(steps: Iterable[Step], currencies: Iterable[str]) -> Iterator[Rule]:
    """Every rule of v1 for tables of v0. ``currencies`` are the codes that the currency table will have."""
    listed = list(flat(steps))
    added: dict[str, list[str]] = {}
    for step in listed:
        if isinstance(step, AddColumn):
            added.setdefault(step.table, []).append(step.column)
    codes = ", ".join(literal(code) for code in currencies)
    for step in listed:
        if getattr(step, "table", None) in BASELINE:
            yield from _rule(step, added, codes)
    for table in BASELINE.values():
        for column in table.uniques:
            yield _unique(table.name, f"{table.name}_{column}_key", (column,), column)


def _rule(step: Step, added: dict[str, list[str]], codes: str) -> Iterator[Rule]:
    def read(table: str, sql: str) -> tuple[str, ...]:
        words = set(re.findall(r"[a-z_]\w*", re.sub(r"'(?:[^']|'')*'", "", sql)))
        names = [*(column.name for column in BASELINE[table].columns), *added.get(table, [])]
        return tuple(name for name in names if name in words)

    match step:
        case Check(table, name, sql):
            expression = sql.partition(" CHECK ")[2]
            yield RowRule(table, name, read(table, expression), f"v1 requires {expression}", f"NOT {expression}")
        case NotNull(filled=True):
            pass
        # The business unit comes with the category.
        case NotNull(table, column) if (table, column) != ("product", "business_unit"):
            hint = _MAP_PRODUCT if (table, column) == ("product", "category") else "fill it"
            broken = f"{identifier(column)} IS NULL"
            yield RowRule(table, f"{table}.{column} not null", (column,), f"v1 requires it: {hint}", broken)
        case ForeignKey(table, name, column, sql) if "public.currency" in sql:
            yield RowRule(table, name, (column,), f"{column} must be an ISO 4217 currency", f"{column} NOT IN ({codes})")
        case ForeignKey(table, name, column) if column in BASELINE[table].foreign_keys:
            yield Reference(table, name, column, BASELINE[table].foreign_keys[column])
        case Unique(table, name, columns):
            yield _unique(table, name, read(table, columns), columns)
        case Index(table, name, sql) if sql.startswith("CREATE UNIQUE") and name not in REPAIRED_AS_SETS:
            match = re.search(r" \((?P<key>.+?)\)(?: WHERE (?P<where>.+))?$", sql)
            if match is not None:
                yield _unique(table, name, read(table, match["key"]), match["key"], match["where"] or "true")
        case _:
            pass


def _unique(table: str, name: str, columns: tuple[str, ...], key: str, where: str = "true") -> UniqueRule:
    return UniqueRule(table, name, columns, f"v1 allows one row for each ({key})", key, where)
