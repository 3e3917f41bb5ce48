"""Amortisation: what a borrower owes, line by line. All amounts are integers of hundredths, so that every sum is exact."""

from __future__ import annotations

from calendar import monthrange
from dataclasses import dataclass, field
from datetime import date

PENALTY, FEE, OTHER, PRINCIPAL = range(4)
COMPONENTS = ("penalty", "rc_fee", "other", "principal")
"""Names of the components, in the order in which a payment settles them."""


@dataclass(slots=True)
class Line:
    """One instalment: when it is due, what is due and what of it is still unpaid, by component in the order of ``COMPONENTS``."""

    id: str
    seq: int
    due: int
    amounts: list[int]
    left: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Nothing is paid yet."""
        self.left = self.amounts.copy()

    @property
    def total(self) -> int:
        """Everything due with this line."""
        return sum(self.amounts)

    @property
    def unpaid(self) -> int:
        """What is still to be paid of it."""
        return sum(self.left)

    def penalise(self, amount: int) -> None:
        """Add a penalty, as v0 does when an instalment is late."""
        self.amounts[PENALTY] += amount
        self.left[PENALTY] += amount


@dataclass(slots=True)
class Plan:
    """A version of a loan's amortisation plan; ``through`` is the day it was superseded or cancelled."""

    id: str
    version: int
    status: str
    reason: str | None
    effective: int
    through: int | None
    lines: list[Line]


def add_months(ordinal: int, months: int) -> int:
    """The same day of a later month, or that month's last day."""
    start = date.fromordinal(ordinal)
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1])).toordinal()


@dataclass(frozen=True, slots=True)
class Terms:
    """What a schedule is computed from. ``fee`` is the whole fee; ``interest_rate`` is in ten-thousandths a year.

    ``fee_up_front`` bills the fee with the first line instead of spreading it. ``grace`` lines carry no principal.
    """

    principal: int
    months: int
    start: int
    fee: int = 0
    fee_up_front: bool = False
    interest_rate: int = 0
    grace: int = 0


def _split(amount: int, parts: int) -> list[int]:
    """Equal parts; the last one takes the remainder."""
    share = amount // parts
    return [share] * (parts - 1) + [amount - share * (parts - 1)]


def build_lines(terms: Terms, ids: list[str]) -> list[Line]:
    """Equal principal instalments a month apart, with the fee, and interest on the declining balance under ``other``.

    The principal of the lines sums to the principal of the terms, and their fee to the fee.
    """
    months, balance = terms.months, terms.principal
    principal = [0] * terms.grace + _split(balance, months - terms.grace)
    fees = [terms.fee] + [0] * (months - 1) if terms.fee_up_front else _split(terms.fee, months)
    lines = []
    for index in range(months):
        interest = (balance * terms.interest_rate + 60_000) // 120_000
        lines.append(Line(ids[index], index + 1, add_months(terms.start, index + 1), [0, fees[index], interest, principal[index]]))
        balance -= principal[index]
    return lines
