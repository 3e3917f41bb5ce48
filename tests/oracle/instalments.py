"""An instalment as of a day: what is due, paid and unpaid of each component, and since when it has been settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import cached_property

from tests.oracle.book import COMPONENTS, ZERO, Book
from tests.oracle.cash import Money, money_of
from tests.oracle.plans import Candidate, candidates, plan_by_date
from tests.oracle.rows import AmortisationLine, Loan, Product

CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Part:
    """What settles (or, negative, takes back) a part of one component of one instalment on a date; whether by payment."""

    on: date
    component: str
    amount: Decimal
    is_payment: bool


@dataclass(frozen=True)
class Instalment:
    """A line of a plan with the parts that settle it, as known on the day it was computed for."""

    line: AmortisationLine
    loan_id: str
    parts: tuple[Part, ...]
    tolerance: Decimal

    def due(self, component: str) -> Decimal:
        """What the line asks for of a component."""
        amount: Decimal = getattr(self.line, f"amount_{component}")
        return amount

    @cached_property
    def total_due(self) -> Decimal:
        """What the line asks for."""
        return sum((self.due(component) for component in COMPONENTS), ZERO)

    def paid(self, component: str, day: date = date.max) -> Decimal:
        """What of a component was settled by the end of a day."""
        return sum((part.amount for part in self.parts if part.component == component and part.on <= day), ZERO)

    def unpaid_of(self, component: str, day: date = date.max) -> Decimal:
        """What of a component was missing at the end of a day; paying too much of another pays nothing here."""
        return max(self.due(component) - self.paid(component, day), ZERO)

    @cached_property
    def _steps(self) -> list[tuple[date, Decimal]]:
        """What was missing at the end of each day on which something changed."""
        days = sorted({part.on for part in self.parts})
        return [(day, sum((self.unpaid_of(component, day) for component in COMPONENTS), ZERO)) for day in days]

    def unpaid(self, day: date = date.max) -> Decimal:
        """What was missing at the end of a day."""
        return next((amount for on, amount in reversed(self._steps) if on <= day), self.total_due)

    def is_settled(self, day: date = date.max) -> bool:
        """Whether at most the tolerance was missing at the end of a day."""
        return self.unpaid(day) <= self.tolerance

    @property
    def settled_on(self) -> date | None:
        """The first value date from which on it has been settled."""
        found = None
        for day in sorted({part.on for part in self.parts}, reverse=True):
            if not self.is_settled(day):
                break
            found = day
        return found

    def last_unsettled(self, day: date) -> date | None:
        """The last day up to ``day`` at whose end it was not settled; None: it always was."""
        if not self.is_settled(day):
            return day
        for change in sorted({part.on for part in self.parts if part.on <= day}, reverse=True):
            before = date.fromordinal(change.toordinal() - 1)
            if not self.is_settled(before):
                return before
        return None


def tolerance(product: Product, due: Decimal) -> Decimal:
    """What may be missing of an instalment that counts as settled."""
    return max(product.tolerance_amount, (product.tolerance_pct * due).quantize(CENT, ROUND_HALF_UP))


def _belongs_to(money: Money, plans: list[Candidate]) -> str | None:
    """The plan whose instalments money without a line settles."""
    if money.plan_id is not None:
        return money.plan_id
    plan = plan_by_date(plans, money.on)
    return plan.id if plan else None


def _overlaps(needs: list[Decimal], pool: list[Money]) -> list[list[tuple[Money, Decimal]]]:
    """Lay the pool's money over the needs, both as intervals one after the other; each need gets the parts that fall on it."""
    left = [(money, money.amount) for money in pool]
    found: list[list[tuple[Money, Decimal]]] = []
    for need in needs:
        missing, parts = need, list[tuple[Money, Decimal]]()
        while missing > 0 and left:
            money, amount = left.pop(0)
            part = min(missing, amount)
            parts.append((money, part))
            missing -= part
            if part < amount:
                left.insert(0, (money, amount - part))
        found.append(parts)
    return found


def instalments_of(book: Book, loan: Loan, plan_id: str, day: date) -> list[Instalment]:
    """The lines of a plan of the loan as of a day, by (due_date, seq_no)."""
    lines = sorted(book.of("amortisation_line", "plan_id", plan_id), key=lambda line: (line.due_date, line.seq_no))
    money, plans, product = money_of(book, loan, day), candidates(book, loan), book.products[loan.product_id]
    parts: dict[str, list[Part]] = {line.id: [] for line in lines}
    for row in money:
        if row.line_id in parts:
            amount = -row.amount if row.kind == "refund" else row.amount
            parts[row.line_id].append(Part(row.on, row.component, amount, row.kind == "allocation"))
    for component in COMPONENTS:
        pool = [
            row
            for row in money
            if row.line_id is None and row.component == component and row.kind != "refund" and _belongs_to(row, plans) == plan_id
        ]
        needs = []
        for line in lines:
            direct = sum((part.amount for part in parts[line.id] if part.component == component), ZERO)
            needs.append(max(getattr(line, f"amount_{component}") - direct, ZERO))
        for line, found in zip(lines, _overlaps(needs, pool), strict=True):
            parts[line.id] += [Part(money.on, component, amount, money.kind == "allocation") for money, amount in found]
    made = []
    for line in lines:
        due = sum((getattr(line, f"amount_{component}") for component in COMPONENTS), ZERO)
        made.append(Instalment(line, loan.id, tuple(parts[line.id]), tolerance(product, due)))
    return made
