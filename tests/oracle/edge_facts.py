"""Loans that stand on an edge of a definition: a day more or less, a plan earlier or later, and the figure would be another."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.facts import BUSINESS_DATE, Facts

START = date(2025, 8, 4)
DUE = date(2025, 9, 10)
FAR = date(2027, 3, 1)
NOON = time(4)
"""UTC; the same day in Singapore."""


def after(days: int, day: date = DUE) -> date:
    """A day some days later."""
    return day + timedelta(days=days)


class EdgeFacts(Facts):
    """Writes such loans, each of a borrower of its own; the last instalment of each is far ahead."""

    def write(self) -> None:
        """Write everything."""
        for fact in (
            self.days_late,
            self.pauses,
            self.exits,
            self.plans,
            self.small,
            self.beginnings,
            self.habits,
            self.waivers,
            self.sureties,
        ):
            fact()

    def _product(self, grace: int, tolerance: str) -> tuple[Any, Any]:
        """A product with such rules, and the company that lends it in Singapore dollars."""
        code = f"EDGE_{grace}_{tolerance}"
        [(entity, like)] = self._rows(
            "SELECT l.legal_entity_id, l.product_id FROM public.loan AS l JOIN public.legal_entity AS e ON e.id = l.legal_entity_id"
            " WHERE e.country_code = 'SG' ORDER BY l.loan_number LIMIT 1"
        )
        self.cursor.execute(
            "INSERT INTO public.product (code, name, category, business_unit, grace_days, tolerance_amount)"
            " SELECT %s, %s, p.category, p.business_unit, %s, %s FROM public.product AS p WHERE p.id = %s ON CONFLICT (code) DO NOTHING",
            (code, code, grace, tolerance, like),
        )
        [(product,)] = self._rows("SELECT p.id FROM public.product AS p WHERE p.code = %s", (code,))
        return product, entity

    def _loan(self, *dues: date, start: date = START, grace: int = 0, tolerance: str = "0", amounts: tuple[str, ...] = ()) -> Any:
        """A loan that was paid out on its first day, with a plan of instalments of 100."""
        product, entity = self._product(grace, tolerance)
        borrower = self._insert("party", kind="individual", display_name=f"Edge {start} {len(dues)}")
        loan = self._insert(
            "loan", loan_number=f"EDGE-{borrower}", product_id=product, legal_entity_id=entity, borrower_party_id=borrower,
            currency_code="SGD", principal_amount="1000.00", interest_rate="0.0800", start_date=start, end_date=date(2027, 6, 1),
        )  # fmt: skip
        self.cursor.execute("UPDATE public.loan_status_history SET effective_from = %s WHERE loan_id = %s", (start, loan))
        [(instrument,)] = self._rows("SELECT i.id FROM public.payment_instrument AS i ORDER BY i.id LIMIT 1")
        self._insert(
            "disbursement", loan_id=loan, legal_entity_id=entity, instrument_id=instrument, currency_code="SGD", amount="1000.00",
            disbursed_at=datetime.combine(start, NOON), status="completed",
        )  # fmt: skip
        self._plan(loan, start, *dues, amounts=amounts)
        return loan

    def _plan(self, loan: Any, begin: date, *dues: date, version: int = 1, amounts: tuple[str, ...] = ()) -> None:
        plan = self._insert("amortisation_plan", loan_id=loan, version=version, status="active", effective_from=begin)
        for number, due in enumerate((*dues, FAR)):
            self._insert(
                "amortisation_line", plan_id=plan, seq_no=number + 1, due_date=due, currency_code="SGD",
                amount_principal=amounts[number] if number < len(amounts) else "100.00",
            )  # fmt: skip

    def _pay(self, loan: Any, due: date, day: date, amount: str = "100.00") -> None:
        """Pay the instalment of a due date."""
        [(line, entity)] = self._rows(
            "SELECT a.id, l.legal_entity_id FROM public.amortisation_line AS a JOIN public.amortisation_plan AS p ON p.id = a.plan_id"
            " JOIN public.loan AS l ON l.id = p.loan_id WHERE l.id = %s AND a.due_date = %s",
            (loan, due),
        )
        moment = datetime.combine(day, NOON)
        payment = self._insert(
            "payment", legal_entity_id=entity, currency_code="SGD", amount=amount, direction="inbound", received_at=moment,
            status="completed", created_at=moment.replace(tzinfo=UTC),
        )  # fmt: skip
        self._insert(
            "payment_allocation", payment_id=payment, loan_id=loan, line_id=line, component="principal", allocated_amount=amount,
            created_at=moment.replace(tzinfo=UTC),
        )  # fmt: skip

    def _leave(self, loan: Any, status: str, day: date) -> None:
        self._insert(
            "loan_status_history", loan_id=loan, status_type="operational_status", status_value=status,
            effective_from=datetime.combine(day, NOON, UTC), reason="decided",
        )  # fmt: skip
        self.cursor.execute("UPDATE public.loan SET status = %s WHERE id = %s", (status, loan))

    def days_late(self) -> None:
        """Paid on the days on which a first payment, a cure, an early default and a default are decided, and the day after."""
        for grace in (0, 3):
            for days in (30, 31, 45, 46, 60, 61, 90, 91, 92, 93):
                loan = self._loan(DUE, grace=grace)
                self._pay(loan, DUE, after(days + grace))

    def pauses(self) -> None:
        """Ten days of pause: days past due that are ten fewer than the days."""
        for days in (95, 100, 101, 102):
            loan = self._loan(DUE)
            self._insert("loan_flag", loan_id=loan, flag="payment_pause", effective_from=after(10), effective_through=after(20))
            self._pay(loan, DUE, after(days))

    def exits(self) -> None:
        """Contracts that were moved, written off or closed before the first payment was judged, and after."""
        for status in ("transferred", "written_off", "closed"):
            for days in (0, 20, 45, 46, 80, 100):
                self._leave(self._loan(DUE), status, after(days))

    def plans(self) -> None:
        """Plans that were replaced, and plans that began after their own instalments."""
        for days in (20, 45, 46, 70):
            self._plan(self._loan(DUE), after(days), after(days + 200), version=2)
        for begin in (after(40), after(100), date(2026, 3, 10)):
            self._plan(self._loan(after(90)), begin, DUE, version=2)

    def small(self) -> None:
        """A first instalment within the tolerance could never be late."""
        loan = self._loan(DUE, after(30), tolerance="1.00", amounts=("0.80", "100.00"))
        self._pay(loan, after(30), after(35))

    def beginnings(self) -> None:
        """Lent long ago and due lately; lent and late since the last month-end."""
        self._loan(after(-10, BUSINESS_DATE))
        self._loan(date(2026, 6, 10), start=date(2026, 6, 2))

    def habits(self) -> None:
        """Settled on the last day of grace, and on the day between two windows."""
        old, lately = date(2026, 2, 10), date(2026, 6, 10)
        loan = self._loan(old, lately, grace=3)
        self._pay(loan, old, old)
        self._pay(loan, lately, after(3, lately))
        between = after(-90, BUSINESS_DATE)
        for day in (between, after(1, between)):
            loan = self._loan(old, date(2026, 3, 20), lately)
            for due, paid in ((old, old), (date(2026, 3, 20), day), (lately, lately)):
                self._pay(loan, due, paid)

    def waivers(self) -> None:
        """Principal that was waived before the loan fell behind is owed by nobody then."""
        for days in (-5, 5):
            loan = self._loan(DUE)
            [(line,)] = self._rows(
                "SELECT a.id FROM public.amortisation_line AS a JOIN public.amortisation_plan AS p ON p.id = a.plan_id"
                " WHERE p.loan_id = %s AND a.due_date = %s",
                (loan, FAR),
            )
            self._insert(
                "loan_adjustment", loan_id=loan, line_id=line, component="principal", kind="waiver", amount=Decimal("40.00"),
                effective_date=after(days), reason="agreed",
            )  # fmt: skip
            self._pay(loan, DUE, after(120))

    def sureties(self) -> None:
        """One answers without limit and again up to a sum; one for himself; one gave a deposit, which answers for nothing."""
        others = self._rows("SELECT DISTINCT l.borrower_party_id FROM public.loan AS l WHERE l.status = 'active'")
        for number, (value, kind, own) in enumerate(
            ((None, "guarantee", False), ("100.00", "guarantee", False), ("80.00", "guarantee", True), ("90.00", "deposit", False))
        ):
            if number != 1:
                loan = self._loan(DUE)
            [(borrower,)] = self._rows("SELECT l.borrower_party_id FROM public.loan AS l WHERE l.id = %s", (loan,))
            self._insert(
                "security_interest", loan_id=loan, type=kind, party_id=borrower if own else others[0][0], value_amount=value,
                value_ccy="SGD", status="active",
            )  # fmt: skip


def add_edge_facts(connection: Any) -> None:
    """Write all of them in one transaction."""
    with connection.cursor() as cursor:
        EdgeFacts(cursor).write()
    connection.commit()
