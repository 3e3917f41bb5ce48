"""What one currency is worth in another on a day, and how that is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.book import Book

ONE = Decimal(1)


@dataclass(frozen=True)
class Rate:
    """A rate, the day it is of, and how it was found: identity, direct, inverse or cross."""

    rate: Decimal
    rate_date: date
    method: str


def _row(book: Book, source: str, target: str, day: date) -> tuple[Decimal, date] | None:
    """The latest row of a pair not after the day and not too old; of one day, by the priority of sources, then by name."""
    oldest = day - timedelta(days=int(book.setting("rate_maximum_age_days", day, 7)))
    priority: list[str] = book.setting("fx_source_priority", day, [])
    rows = [row for row in book.of("fx_rate", "from_ccy", source) if row.to_ccy == target and oldest <= row.as_of_date <= day]
    if not rows:
        return None
    latest = max(row.as_of_date for row in rows)
    best = min(
        (row for row in rows if row.as_of_date == latest),
        key=lambda row: (priority.index(row.source) if row.source in priority else len(priority), row.source),
    )
    return best.rate, best.as_of_date


def _leg(book: Book, source: str, target: str, day: date) -> Rate | None:
    """Identity, direct or inverse."""
    if source == target:
        return Rate(ONE, day, "identity")
    if found := _row(book, source, target, day):
        return Rate(found[0], found[1], "direct")
    if found := _row(book, target, source, day):
        return Rate(ONE / found[0], found[1], "inverse")
    return None


def fx_rate(book: Book, source: str, target: str, day: date) -> Rate | None:
    """The rate of a day; None where nothing is known: never 1."""
    if found := _leg(book, source, target, day):
        return found
    pivot = book.setting("rate_pivot", day)
    if pivot is None or pivot in {source, target}:
        return None
    first, second = _leg(book, source, pivot, day), _leg(book, pivot, target, day)
    if first is None or second is None:
        return None
    return Rate(first.rate * second.rate, min(first.rate_date, second.rate_date), "cross")


def convert(book: Book, amount: Decimal, source: str, target: str, day: date) -> Decimal | None:
    """An amount in another currency; None without a rate."""
    found = fx_rate(book, source, target, day)
    return None if found is None else amount * found.rate
