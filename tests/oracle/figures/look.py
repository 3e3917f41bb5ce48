"""A look at a book on a day: what all figures start from, and the small arithmetic that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.oracle.book import ZERO, Book, valid
from tests.oracle.loans import LoanState
from tests.oracle.risk import Risk, risks_of, states_of
from tests.oracle.rows import LegalEntity, Product

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Look:
    """A book and the business date it is looked at on; ``published`` are the month-ends of which the database has a snapshot."""

    book: Book
    day: date
    published: tuple[date, ...] = ()

    @cached_property
    def states(self) -> dict[str, LoanState]:
        """Every loan on the day."""
        return states_of(self.book, dict.fromkeys(self.book.entities, self.day))

    @cached_property
    def risks(self) -> dict[str, Risk]:
        """The risk of every loan on the day."""
        return risks_of(self.book, self.states)

    @property
    def all(self) -> list[Risk]:
        """Every loan."""
        return list(self.risks.values())

    @property
    def on_book(self) -> list[Risk]:
        """Loans on the book: neither closed nor written off nor transferred."""
        return [risk for risk in self.all if risk.state.status == "active"]

    def product(self, risk: Risk) -> Product:
        """Product of a loan."""
        return self.book.products[risk.state.loan.product_id]

    def entity(self, risk: Risk) -> LegalEntity:
        """Company that lends."""
        return self.book.entities[risk.state.loan.legal_entity_id]

    def zone_of(self, entity: LegalEntity) -> ZoneInfo:
        """Time zone of a company; UTC without one."""
        return ZoneInfo(entity.time_zone or "UTC")

    def setting(self, key: str) -> Any:
        """A setting on the day; a figure that needs one which nobody set can't be right."""
        found = self.book.setting(key, self.day)
        assert found is not None, f"setting {key} is missing"
        return found

    def number(self, key: str) -> Decimal:
        """A numeric setting on the day."""
        return Decimal(self.setting(key))

    def is_unsigned(self, key: str) -> bool:
        """Whether a setting of the day waits for sign-off."""
        return any(row.needs_signoff for row in self.book.of("analytics_setting", "key", key) if valid(row, self.day))

    def any_unsigned(self, prefix: str) -> bool:
        """Whether one of the settings of the day that begin so waits for sign-off."""
        return any(row.needs_signoff for row in self.book.all("analytics_setting") if row.key.startswith(prefix) and valid(row, self.day))

    def unsigned_default(self, country: str) -> bool:
        """Whether a rule or setting that says what default is in a country waits for sign-off."""
        settings = ("non_performing_classes", "obligor_materiality_pct")
        return self.unsigned_rules(country) or any(self.is_unsigned(key) for key in settings)

    def unsigned_rules(self, country: str) -> bool:
        """Whether a classification rule of a country that holds on the day waits for sign-off."""
        return any(rule.needs_signoff for rule in self.book.of("classification_rule", "country_code", country) if valid(rule, self.day))


def grouped(items: Iterable[T], key: Callable[[T], tuple[Any, ...]]) -> dict[tuple[Any, ...], list[T]]:
    """Items by key."""
    found: dict[tuple[Any, ...], list[T]] = {}
    for item in items:
        found.setdefault(key(item), []).append(item)
    return found


def total(amounts: Iterable[Decimal | int]) -> Decimal:
    """A sum; 0 of nothing."""
    return sum((Decimal(amount) for amount in amounts), ZERO)


def ratio(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """A share; None of nothing."""
    return None if whole == 0 else Decimal(part) / Decimal(whole)


def percent(part: Decimal | int | None, whole: Decimal | int | None) -> Decimal | None:
    """A share in percent with two places."""
    if part is None or whole is None:
        return None
    share = ratio(part, whole)
    return None if share is None else cents(share * 100)


def cents(amount: Decimal, places: int = 2) -> Decimal:
    """Rounded half away from zero."""
    return amount.quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def mean(values: Iterable[Decimal | int], places: int | None = None) -> Decimal | None:
    """The arithmetic mean; None of nothing."""
    found = [Decimal(value) for value in values]
    if not found:
        return None
    average = total(found) / len(found)
    return average if places is None else cents(average, places)


def median(values: Iterable[Decimal | int]) -> Decimal | None:
    """The middle value, or the mean of the two in the middle."""
    found = sorted(Decimal(value) for value in values)
    if not found:
        return None
    half = len(found) // 2
    return found[half] if len(found) % 2 else (found[half - 1] + found[half]) / 2


def month_start(day: date, back: int = 0) -> date:
    """The first day of the month, some months back."""
    number = day.year * 12 + day.month - 1 - back
    return date(number // 12, number % 12 + 1, 1)
