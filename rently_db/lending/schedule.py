"""Amortisation schedules: what falls due when. Pure: no session, no clock; Decimal throughout, and every sum is exact.

Rounding: interest of a month is ``balance * rate / 12``, half up to the smallest unit; equal shares are rounded down, and the last
instalment takes the rest. So principals add up to the principal, fees to the fee.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, datetime
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal, localcontext
from enum import StrEnum

from rently_db.lending.errors import DateError, InvalidAmountError
from rently_db.models import AllocationComponent

ZERO = Decimal("0.00")
_CENT = Decimal("0.01")
CENTS = 2
"""Decimals that the database keeps of an amount."""
_TRILLIONS = Decimal(10) ** 13
_MONTHS_OF_CALENDAR = (MAXYEAR + 1) * 12
_PRECISION = 60
"""Digits of intermediate results: 600 powers of a rate lose no cent of ten trillion."""


class Repayment(StrEnum):
    """How the principal comes back."""

    EQUAL_PRINCIPAL = "equal_principal"
    """The same principal every month, interest on what is left: what v0 and the synthetic book do."""
    ANNUITY = "annuity"
    """The same principal and interest together every month. Without interest it is equal principal."""
    INTEREST_ONLY = "interest_only"
    """Interest every month, the principal with the last instalment."""
    BULLET = "bullet"
    """One instalment at the end: principal, and simple interest for all months."""


def money(name: str, amount: Decimal, *, zero: bool = False) -> Decimal:
    """The amount, if it is money that the database takes: a Decimal of whole cents above 0 (or from 0), below ten trillion.

    Raises InvalidAmountError, which names it, for anything else.
    """
    if not isinstance(amount, Decimal):
        raise InvalidAmountError(f"{name} is {amount!r}; pass a decimal.Decimal made from a string, e.g. Decimal('1200.00')")
    if not amount.is_finite() or abs(amount) >= _TRILLIONS or amount != amount.quantize(_CENT):
        raise InvalidAmountError(f"{name} is {amount}; pass an amount with at most two decimals, below ten trillion")
    if amount < 0 or (amount == 0 and not zero):
        raise InvalidAmountError(f"{name} is {amount}; pass an amount {'of 0 or more' if zero else 'above 0'}")
    return amount.quantize(_CENT)


def moment(name: str, at: datetime) -> datetime:
    """The moment, if it says in which time zone it is. Raises DateError, which names it, if not: the value date would be a guess."""
    if not isinstance(at, datetime):
        raise DateError(f"{name} is {at!r}, which is no moment; pass an aware datetime, e.g. datetime.now(UTC)")
    if at.utcoffset() is None:
        raise DateError(f"{name} {at} has no time zone; pass an aware datetime, e.g. datetime.now(UTC)")
    return at


def business_day(name: str, day: date) -> date:
    """The day, if it is one. Raises DateError, which names it, if not: which day a moment belongs to depends on where the company is."""
    if isinstance(day, datetime) or not isinstance(day, date):
        raise DateError(f"{name} is {day!r}; pass a datetime.date, the local day of the company, e.g. business_date(session, company.id)")
    return day


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What a schedule is computed from.

    ``interest_rate`` is a fraction a year (0.0850 is 8.5 %) of at most four decimals, ``fee`` the whole Rently Care fee. Instalments fall
    due a month apart, the first a month after ``start``, on its day or the month's last. Raises InvalidAmountError for terms that no
    contract has.
    """

    principal: Decimal
    months: int
    start: date
    interest_rate: Decimal = Decimal("0.0000")
    fee: Decimal = ZERO
    fee_up_front: bool = False
    """True: the first instalment has the whole fee. False: equal shares."""
    repayment: Repayment = Repayment.EQUAL_PRINCIPAL
    decimals: int = CENTS
    """Decimals of the currency's smallest unit, to which instalments are rounded: 0 for JPY. Of three, as BHD has, two are kept."""

    def __post_init__(self) -> None:
        """Refuse what the database would, and what can't be scheduled."""
        money("the principal", self.principal)
        money("the fee", self.fee, zero=True)
        business_day("the first day", self.start)
        if not isinstance(self.months, int):
            raise InvalidAmountError(f"the number of months is {self.months!r}; pass an int")
        if self.months < 1:
            raise InvalidAmountError(f"a loan of {self.months} months has no instalment; pass at least 1")
        if self.start.year * 12 + self.start.month - 1 + self.months >= _MONTHS_OF_CALENDAR:
            raise InvalidAmountError(f"a loan of {self.months} months from {self.start} ends after the year {MAXYEAR}; pass fewer")
        if self.decimals not in range(CENTS + 1):
            raise InvalidAmountError(
                f"instalments can't be rounded to {self.decimals} decimals; pass 0 to {CENTS}, the most that the database keeps"
            )
        rate = self.interest_rate
        if not isinstance(rate, Decimal):
            raise InvalidAmountError(f"the interest rate is {rate!r}; pass a decimal.Decimal made from a string, e.g. Decimal('0.0850')")
        if rate.is_finite() and 0 <= rate < 10 and rate == round(rate, 4):
            return
        raise InvalidAmountError(f"the interest rate is {rate}; pass a fraction of at most four decimals, 0.0850 for 8.5 %")


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """What falls due on one day, by component; a line of a plan before it is one."""

    seq_no: int
    due_date: date
    principal: Decimal = ZERO
    interest: Decimal = ZERO
    rc_fee: Decimal = ZERO
    penalty: Decimal = ZERO
    other: Decimal = ZERO

    def amount(self, component: AllocationComponent) -> Decimal:
        """What is due of one component."""
        found: Decimal = getattr(self, component.value)
        return found

    @property
    def total(self) -> Decimal:
        """Everything due on the day."""
        return self.principal + self.interest + self.rc_fee + self.penalty + self.other


def make_schedule(terms: Terms) -> tuple[Instalment, ...]:
    """The instalments of a loan, oldest first, numbered from 1. Their principals sum to the terms' principal, their fees to the fee."""
    if terms.repayment is Repayment.BULLET:
        interest = _interest(terms, terms.principal, terms.months)
        due = month_after(terms.start, terms.months)
        return (Instalment(seq_no=1, due_date=due, principal=terms.principal, interest=interest, rc_fee=terms.fee),)
    fees = [terms.fee, *[ZERO] * (terms.months - 1)] if terms.fee_up_front else _shares(terms, terms.fee)
    parts = zip(_principals(terms), fees, strict=True)
    lines, balance = [], terms.principal
    for number, (principal, fee) in enumerate(parts, 1):
        interest = _interest(terms, balance)
        due = month_after(terms.start, number)
        lines.append(Instalment(seq_no=number, due_date=due, principal=principal, interest=interest, rc_fee=fee))
        balance -= principal
    return tuple(lines)


def month_after(day: date, months: int) -> date:
    """The same day so many months later, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _principals(terms: Terms) -> list[Decimal]:
    if terms.repayment is Repayment.INTEREST_ONLY:
        return [*[ZERO] * (terms.months - 1), terms.principal]
    if terms.repayment is Repayment.ANNUITY and terms.interest_rate:
        return list(_annuity(terms))
    return _shares(terms, terms.principal)


def _annuity(terms: Terms) -> Iterator[Decimal]:
    """Principal parts of equal payments. Rounded payments never repay more than is left, nor less than nothing."""
    with localcontext(prec=_PRECISION):
        growth = (1 + terms.interest_rate / 12) ** terms.months
        payment = (terms.principal * terms.interest_rate / 12 * growth / (growth - 1)).quantize(_unit(terms), ROUND_HALF_UP)
    balance = terms.principal
    for _ in range(terms.months - 1):
        part = min(max(payment - _interest(terms, balance), ZERO), balance)
        yield part
        balance -= part
    yield balance


def _interest(terms: Terms, balance: Decimal, months: int = 1) -> Decimal:
    with localcontext(prec=_PRECISION):
        return (balance * terms.interest_rate * months / 12).quantize(_unit(terms), ROUND_HALF_UP)


def _shares(terms: Terms, amount: Decimal) -> list[Decimal]:
    others = terms.months - 1
    share = (amount / terms.months).quantize(_unit(terms), ROUND_DOWN)
    return [*[share] * others, amount - share * others]


def _unit(terms: Terms) -> Decimal:
    return Decimal(1).scaleb(-terms.decimals)
