"""Rows of v1 on their way into a database: kept by table, written parents first, in as few statements as possible."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import groupby
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, Table, insert

from rently_db import models as m

Booked = tuple[str, int, m.EntrySide]
"""Code of an account, amount in hundredths, side."""


def amount(cents: int) -> Decimal:
    """Hundredths as money."""
    return Decimal(cents).scaleb(-2)


def fraction(ten_thousandths: int) -> Decimal:
    """Ten-thousandths as a rate: 850 is 8.5 %."""
    return Decimal(ten_thousandths).scaleb(-4)


def day(ordinal: int) -> date:
    """The day of an ordinal."""
    return date.fromordinal(ordinal)


@dataclass(frozen=True, slots=True)
class Company:
    """A legal entity as loans refer to it: its keys, the hours its clocks are ahead of UTC, its accounts by code, who it deals with."""

    id: UUID
    country: str
    currency: str
    utc_offset: int
    accounts: dict[str, UUID]
    landlords: tuple[UUID, ...]
    agents: tuple[UUID, ...]

    def at(self, ordinal: int, seconds: int) -> datetime:
        """The moment of a local time of day on a local day."""
        midnight = datetime.combine(day(ordinal), datetime.min.time(), UTC)
        return midnight + timedelta(seconds=seconds, hours=-self.utc_offset)


class Rows:
    """Takes rows one by one, gives each its id, and writes them when told to. What is not written yet, no query sees."""

    def __init__(self, connection: Connection, ids: Random) -> None:
        """``ids`` draws the ids: version 4, so that the same draw is the same row in every run."""
        self.connection = connection
        self._ids = ids
        self._waiting: dict[str, list[dict[str, Any]]] = {}

    def new_id(self) -> UUID:
        """An id that no other row has."""
        return UUID(int=self._ids.getrandbits(128), version=4)

    def add(self, model: type[m.Base], **values: Any) -> UUID:
        """Take a row; gives its id."""
        row = {"id": self.new_id(), **values}
        self._waiting.setdefault(str(model.__tablename__), []).append(row)
        given: UUID = row["id"]
        return given

    def flush(self) -> None:
        """Write what was taken: rows that others refer to first."""
        for table in m.metadata.sorted_tables:
            for _, alike in groupby(self._waiting.pop(table.name, []), key=tuple):
                self._write(table, [*alike])

    def _write(self, table: Table, rows: list[dict[str, Any]]) -> None:
        # Whoever reads "changed last" must not find the whole of the past there.
        if "updated_at" in table.columns and "created_at" in rows[0]:
            for row in rows:
                row["updated_at"] = row["created_at"]
        self.connection.execute(insert(table), rows)

    def book(
        self,
        company: Company,
        on: tuple[int, datetime],
        description: str,
        currency: str,
        entries: list[Booked],
        **about: UUID | None,
    ) -> None:
        """A booking of a local day and moment: its journal, and entries that balance. ``about`` names loan, payment or disbursement."""
        ordinal, moment = on
        journal = self.add(
            m.JournalEntry, legal_entity_id=company.id, effective_date=day(ordinal), description=description, created_at=moment
        )
        links = {name: about.get(name) for name in ("loan_id", "payment_id", "disbursement_id")}
        for code, cents, side in entries:
            if cents:
                self.add(
                    m.LedgerEntry,
                    legal_entity_id=company.id,
                    account_id=company.accounts[code],
                    currency_code=currency,
                    amount=amount(cents),
                    side=side,
                    entry_date=day(ordinal),
                    created_at=moment,
                    journal_id=journal,
                    **links,
                )
