"""The book: all raw rows of a database at one moment, found by what they belong to."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from psycopg2.extras import register_default_jsonb

from tests.oracle import rows
from tests.oracle.rows import TABLES

R = TypeVar("R")

COMPONENTS = ("principal", "interest", "rc_fee", "penalty", "other")
"""The parts of a debt."""

ZERO = Decimal(0)


def by(items: Iterable[R], key: Callable[[R], Any]) -> dict[Any, list[R]]:
    """Rows in lists, by a key of theirs."""
    found: dict[Any, list[R]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return dict(found)


def utc(moment: datetime) -> datetime:
    """An aware moment; v0's columns hold UTC without saying so."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


@dataclass
class Book:
    """All rows, by table; made by `read`, or by hand from rows."""

    tables: dict[str, list[Any]] = field(default_factory=dict)

    def all(self, table: str) -> list[Any]:
        """The rows of a table."""
        return self.tables.get(table, [])

    @cached_property
    def entities(self) -> dict[str, rows.LegalEntity]:
        """Legal entities by id."""
        return {row.id: row for row in self.all("legal_entity")}

    @cached_property
    def products(self) -> dict[str, rows.Product]:
        """Products by id."""
        return {row.id: row for row in self.all("product")}

    @cached_property
    def parties(self) -> dict[str, rows.Party]:
        """Parties by id."""
        return {row.id: row for row in self.all("party")}

    @cached_property
    def loans(self) -> dict[str, rows.Loan]:
        """Loans by id."""
        return {row.id: row for row in self.all("loan")}

    @cached_property
    def applications(self) -> dict[str, rows.Application]:
        """Applications by id."""
        return {row.id: row for row in self.all("application")}

    @cached_property
    def payments(self) -> dict[str, rows.Payment]:
        """Payments by id."""
        return {row.id: row for row in self.all("payment")}

    @cached_property
    def lines(self) -> dict[str, rows.AmortisationLine]:
        """Instalments by id."""
        return {row.id: row for row in self.all("amortisation_line")}

    @cached_property
    def _index(self) -> dict[tuple[str, str], dict[Any, list[Any]]]:
        return {}

    def of(self, table: str, column: str, value: Any) -> list[Any]:
        """The rows of a table with that value in a column."""
        if (table, column) not in self._index:
            self._index[table, column] = by(self.all(table), lambda row: getattr(row, column))
        return self._index[table, column].get(value, [])

    def zone(self, loan: rows.Loan) -> ZoneInfo:
        """Time zone of the loan's legal entity; UTC without one."""
        return ZoneInfo(self.entities[loan.legal_entity_id].time_zone or "UTC")

    def country(self, loan: rows.Loan) -> str:
        """Country whose rules apply to the loan."""
        country: str = self.entities[loan.legal_entity_id].country_code
        return country

    def obligor(self, loan: rows.Loan) -> str:
        """Group of connected borrowers, else the borrower."""
        group: str | None = self.parties[loan.borrower_party_id].obligor_group_id
        return group or loan.borrower_party_id

    def setting(self, key: str, day: date, default: Any = None) -> Any:
        """A setting as it holds on a day."""
        for row in self.of("analytics_setting", "key", key):
            if valid(row, day):
                return row.value
        return default


def valid(rule: Any, day: date) -> bool:
    """Whether a rule holds on a day; its period excludes its end."""
    return rule.valid_from <= day and (rule.valid_through is None or day < rule.valid_through)


def local_date(moment: datetime, zone: ZoneInfo) -> date:
    """The date of a moment in a time zone."""
    return utc(moment).astimezone(zone).date()


def read(connection: Any) -> Book:
    """Every row the oracle looks at, through a psycopg2 connection."""
    register_default_jsonb(connection, loads=lambda text: json.loads(text, parse_float=Decimal, parse_int=Decimal))
    found: dict[str, list[Any]] = {}
    with connection.cursor() as cursor:
        for table, kind in TABLES.items():
            columns = ", ".join(f'"{column.name.rstrip("_")}"' for column in fields(kind))
            cursor.execute(f"SELECT {columns} FROM public.{table}")
            found[table] = [kind(*row) for row in cursor.fetchall()]
    return Book(found)
