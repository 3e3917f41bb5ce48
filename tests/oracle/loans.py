"""A loan as of a day: its balances, its status, what is late and for how long."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from tests.oracle.book import COMPONENTS, ZERO, Book, utc
from tests.oracle.cash import Money, counts, disbursements_of, is_effective, money_of
from tests.oracle.instalments import Instalment, instalments_of
from tests.oracle.plans import Candidate, candidates, in_force
from tests.oracle.rows import Loan, LoanFlag, PaymentAllocation
from tests.oracle.rule_rows import ClassificationRule
from tests.oracle.rules import beyond, rule_of
from tests.oracle.statuses import Standing, standing_of

ONE_DAY = timedelta(days=1)
BEFORE_V1 = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class LoanState:
    """Everything that docs/analytics.md says about a loan as of a day."""

    loan: Loan
    day: date
    standing: Standing
    money: list[Money]
    disbursements: list[tuple[date, Decimal]]
    plans: list[Candidate]
    instalments: list[Instalment]
    every: list[Instalment]
    transferred_in: Decimal
    moved_out: Decimal
    written_off_at_exit: Decimal
    transferred_at_exit: Decimal
    late: list[Instalment]
    paused_days: int
    grace_days: int
    past: list[tuple[Instalment, date, int]]
    npl_last_day: date | None
    unapplied_cash: Decimal

    def total(self, kind: str, component: str = "principal") -> Decimal:
        """Sum of one kind of money on one component, whatever plan or line."""
        return sum((row.amount for row in self.money if row.kind == kind and row.component == component), ZERO)

    @property
    def status(self) -> str:
        """Status of the contract."""
        return self.standing.status

    @property
    def exited_on(self) -> date | None:
        """Day on which a written-off or transferred loan left the book."""
        return self.standing.since if self.has_left else None

    @property
    def has_left(self) -> bool:
        """Whether it has left the book."""
        return self.status in {"written_off", "transferred"}

    @property
    def disbursed(self) -> Decimal:
        """Completed disbursements."""
        return sum((amount for _, amount in self.disbursements), ZERO)

    @property
    def recovered(self) -> Decimal:
        """Principal paid after the loan had left the book."""
        paid = [row for row in self.money if row.kind == "allocation" and row.component == "principal"]
        return sum((row.amount for row in paid if self.exited_on is not None and row.on > self.exited_on), ZERO)

    @property
    def principal_written_off(self) -> Decimal:
        """By adjustments, and what remained when the contract was written off."""
        return self.total("write_off") + self.written_off_at_exit

    @property
    def transferred_out(self) -> Decimal:
        """By transfers and adjustments, and what remained when the contract was transferred."""
        return self.moved_out + self.transferred_at_exit

    @property
    def balance(self) -> Decimal:
        """Outstanding principal before it is floored at 0."""
        return (
            self.disbursed
            + self.transferred_in
            - self.total("allocation")
            - self.total("waiver")
            - self.principal_written_off
            - self.transferred_out
            + self.total("refund")
        )

    @property
    def outstanding(self) -> Decimal:
        """Outstanding principal; nothing once it has left the book."""
        return ZERO if self.has_left else max(self.balance, ZERO)

    @property
    def overpaid(self) -> Decimal:
        """What is below 0; what is paid after the exit is a recovery, not too much."""
        return max(-(self.balance + self.written_off_at_exit + self.transferred_at_exit + self.recovered), ZERO)

    def arrears_of(self, component: str) -> Decimal:
        """Unpaid amount of a component over late instalments."""
        return sum((line.unpaid_of(component) for line in self.late), ZERO)

    @property
    def arrears(self) -> Decimal:
        """Unpaid amount of late instalments."""
        return sum((self.arrears_of(component) for component in COMPONENTS), ZERO)

    @property
    def overdue_since(self) -> date | None:
        """Earliest due date of a late instalment."""
        return min((line.line.due_date for line in self.late), default=None)

    @property
    def days_late(self) -> int:
        """Days since then."""
        return 0 if self.overdue_since is None else (self.day - self.overdue_since).days

    @property
    def dpd(self) -> int:
        """Days past due: less grace and paused days."""
        return max(self.days_late - self.grace_days - self.paused_days, 0)

    @property
    def max_dpd(self) -> int:
        """Worst days past due so far."""
        return max((dpd for _, _, dpd in self.past), default=0)

    @property
    def settled_in_force(self) -> list[tuple[Instalment, date]]:
        """Instalments of all plans that were settled on a day on which their plan was in force, and since when."""
        found = []
        for line in self.every:
            on = line.settled_on
            if on is not None and any(self._rules(line.line.plan_id, day) for day in days(on, self.day)):
                found.append((line, on))
        return found

    def _rules(self, plan_id: str, day: date) -> bool:
        """Whether a plan was in force on a day."""
        plan = in_force(self.plans, day)
        return plan is not None and plan.id == plan_id

    def due_and_unpaid(self, component: str) -> Decimal:
        """Unpaid amount of a component over instalments due by now."""
        if self.has_left:
            return ZERO
        return sum((line.unpaid_of(component) for line in self.instalments if line.line.due_date <= self.day), ZERO)


def days(first: date, last: date) -> Iterator[date]:
    """Every day from the first to the last."""
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def paused(flags: list[LoanFlag], after: date, until: date) -> int:
    """Days ``after < t <= until`` within a payment pause."""
    pauses = [flag for flag in flags if flag.flag == "payment_pause"]
    return sum(
        any(flag.effective_from <= day and (flag.effective_through is None or day < flag.effective_through) for flag in pauses)
        for day in days(after + ONE_DAY, until)
    )


def holds(book: Book, loan: Loan, flag: str, day: date) -> bool:
    """Whether a flag holds on a day."""
    return any(
        row.flag == flag and row.effective_from <= day and (row.effective_through is None or day < row.effective_through)
        for row in book.of("loan_flag", "loan_id", loan.id)
    )


def own_dpd(book: Book, loan: Loan, due: date, day: date) -> int:
    """Days past due of one instalment that is unsettled on a day."""
    if due >= day:
        return 0
    flags = book.of("loan_flag", "loan_id", loan.id)
    return max((day - due).days - book.products[loan.product_id].grace_days - paused(flags, due, day), 0)


def _past(book: Book, loan: Loan, plans: list[Candidate], lines: list[Instalment], last: date) -> list[tuple[Instalment, date, int]]:
    """Every instalment that was late, with the last day up to ``last`` on which it was unsettled in force, and the days past due then."""
    found = []
    ends = {candidate.plan.id: candidate.end for candidate in plans}
    for line in lines:
        on, end = line.last_unsettled(last), ends[line.line.plan_id]
        # Before its due date nothing can be late.
        while on is not None and on > line.line.due_date:
            ruling = in_force(plans, on)
            if ruling is not None and ruling.id == line.line.plan_id:
                found.append((line, on, own_dpd(book, loan, line.line.due_date, on)))
                break
            on = line.last_unsettled((end if end is not None and on >= end else on) - ONE_DAY)
    return found


def _npl_last_day(past: list[tuple[Instalment, date, int]], rule: ClassificationRule | None) -> date | None:
    """Days past due of an unsettled instalment never fall, so its last unsettled day tells."""
    return None if rule is None else max((on for _, on, dpd in past if beyond(rule, dpd)), default=None)


def _transfers(book: Book, loan: Loan, day: date) -> list[tuple[date, Decimal]]:
    """Principal that came from other loans by loan_transfers, and that went to them (negative)."""
    came = [(row.transfer_date, row.transfer_amount, row.status) for row in book.of("loan_transfers", "target_loan_id", loan.id)]
    went = [(row.transfer_date, -row.transfer_amount, row.status) for row in book.of("loan_transfers", "source_loan_id", loan.id)]
    return [(on, amount) for on, amount, status in [*came, *went] if status == "completed" and on <= day]


def entered(row: PaymentAllocation) -> tuple[datetime, str]:
    """Order in which allocations were entered; those from before v1, whose moment nobody knows, come first."""
    return (BEFORE_V1 if row.created_at is None else utc(row.created_at), row.id)


def _unapplied(book: Book, loan: Loan, day: date) -> Decimal:
    """Cash of payments that first settled this loan, and is not allocated."""
    total = ZERO
    for payment_id in {row.payment_id for row in book.of("payment_allocation", "loan_id", loan.id)}:
        payment = book.payments[payment_id]
        allocations = book.of("payment_allocation", "payment_id", payment_id)
        first = min(allocations, key=entered)
        if first.loan_id == loan.id and counts(payment, book.zone(loan), day):
            total += payment.amount - sum((row.allocated_amount for row in allocations if is_effective(book, row, day)), ZERO)
    return total


def _left_at_exit(day: date, money: list[Money], paid_out: list[tuple[date, Decimal]], moved: list[tuple[date, Decimal]]) -> Decimal:
    """What counts as written off, or moved, on the day of exit: the outstanding principal; what is paid afterwards is a recovery of it."""
    sign = {"allocation": -1, "waiver": -1, "write_off": -1, "transfer": -1, "refund": 1}
    changes = [sign[row.kind] * row.amount for row in money if row.component == "principal" and (row.kind != "allocation" or row.on <= day)]
    return max(sum([amount for _, amount in [*paid_out, *moved]] + changes, ZERO), ZERO)


def state_of(book: Book, loan: Loan, day: date) -> LoanState:
    """The loan as of a day."""
    standing, plans = standing_of(book, loan, day), candidates(book, loan)
    ruling, left = in_force(plans, day), standing.status in {"written_off", "transferred"}
    every = [line for candidate in plans for line in instalments_of(book, loan, candidate.plan.id, day)]
    lines = [line for line in every if ruling is not None and line.line.plan_id == ruling.id]
    late = [] if left else [line for line in lines if line.line.due_date < day and not line.is_settled()]
    money, paid_out, moved = money_of(book, loan, day), disbursements_of(book, loan, day), _transfers(book, loan, day)
    adjusted = sum((row.amount for row in money if row.kind == "transfer" and row.component == "principal"), ZERO)
    remaining = _left_at_exit(standing.since, money, paid_out, moved) if left else ZERO
    last = min(day, standing.since - ONE_DAY) if left else day
    flags, past = book.of("loan_flag", "loan_id", loan.id), _past(book, loan, plans, every, last)
    since = min((line.line.due_date for line in late), default=None)
    return LoanState(
        loan=loan,
        day=day,
        standing=standing,
        money=money,
        disbursements=paid_out,
        plans=plans,
        instalments=lines,
        every=every,
        transferred_in=sum((amount for _, amount in moved if amount > 0), ZERO),
        moved_out=adjusted - sum((amount for _, amount in moved if amount < 0), ZERO),
        written_off_at_exit=remaining if standing.status == "written_off" else ZERO,
        transferred_at_exit=remaining if standing.status == "transferred" else ZERO,
        late=late,
        paused_days=0 if since is None else paused(flags, since, day),
        grace_days=book.products[loan.product_id].grace_days,
        past=past,
        npl_last_day=_npl_last_day(past, rule_of(book, book.country(loan), "substandard", day)),
        unapplied_cash=_unapplied(book, loan, day),
    )
