"""A book written by hand, row by row, in one transaction: what a test of a single figure needs, and nothing else."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

from sqlalchemy import URL

from tests.analytics.live_book import Session, session
from tests.oracle.histories import ENTITIES, INSTRUMENT, PARTIES, PRODUCTS, write_world

DAY = date(2026, 6, 30)
"""Its business date."""
SG, AE = ENTITIES["SG"][0], ENTITIES["AE"][0]
PRODUCT = next(iter(PRODUCTS))
BORROWER = PARTIES[0]


class HandBook(Session):
    """Short ways to write a loan and its story, and to read a view."""

    materialized: Sequence[str] = ()
    """Names of views, those among them that are materialized are refreshed when the books are closed."""

    def add(self, table: str, **row: Any) -> str:
        """Insert one row; gives its id, a new one unless it is given."""
        row.setdefault("id", str(uuid4()))
        names, places = ", ".join(row), ", ".join(["%s"] * len(row))
        self.rows(f"INSERT INTO public.{table} ({names}) VALUES ({places})", *row.values())
        return str(row["id"])

    def party(self, name: str = "Firm", **row: Any) -> str:
        """A corporate party."""
        return self.add("party", kind="corporate", display_name=name, **row)

    def loan(
        self,
        lines: Sequence[tuple[date, str]],
        *,
        start: date = date(2026, 1, 1),
        disbursed: str | None = None,
        borrower: str = BORROWER,
        entity: str = SG,
        currency: str = "SGD",
        **row: Any,
    ) -> str:
        """A loan with one plan of principal instalments, paid out on its first day; active since then."""
        total = sum((Decimal(amount) for _, amount in lines), Decimal(0)) or Decimal(1000)
        loan = self.add(
            "loan", loan_number=f"H-{uuid4()}", product_id=PRODUCT, legal_entity_id=entity, borrower_party_id=borrower,
            currency_code=currency, start_date=start, end_date=start + timedelta(days=730),
            **{"principal_amount": total, "interest_rate": "0.1000", **row},
        )  # fmt: skip
        self.rows("UPDATE public.loan_status_history SET effective_from = %s WHERE loan_id = %s", start, loan)
        self.plan(loan, lines, start=start, currency=currency)
        amount = Decimal(disbursed) if disbursed is not None else total
        if amount:
            self.add(
                "disbursement", loan_id=loan, legal_entity_id=entity, instrument_id=INSTRUMENT, currency_code=currency, amount=amount,
                disbursed_at=datetime.combine(start, time(4)), status="completed",
            )  # fmt: skip
        return loan

    def plan(self, loan: str, lines: Sequence[tuple[date, str]], *, start: date, currency: str = "SGD", version: int = 1) -> str:
        """A plan of principal instalments; a later version supersedes the one before."""
        if version > 1:
            self.rows(
                "UPDATE public.amortisation_plan SET status = 'superseded', effective_through = %s"
                " WHERE loan_id = %s AND status = 'active'",
                start,
                loan,
            )
        plan = self.add("amortisation_plan", loan_id=loan, version=version, status="active", effective_from=start)
        for number, (due, amount) in enumerate(lines, 1):
            self.add("amortisation_line", plan_id=plan, seq_no=number, due_date=due, currency_code=currency, amount_principal=amount)
        return plan

    def line(self, loan: str, number: int) -> str:
        """The id of an instalment of the active plan."""
        return str(
            self.value(
                "SELECT l.id FROM public.amortisation_line AS l JOIN public.amortisation_plan AS p ON p.id = l.plan_id"
                " WHERE p.loan_id = %s AND p.status = 'active' AND l.seq_no = %s",
                loan,
                number,
            )
        )

    def cash(self, day: date, amount: str, *, entity: str = SG, currency: str = "SGD", **row: Any) -> str:
        """A completed inbound payment that settles nothing yet."""
        return self.add(
            "payment", legal_entity_id=entity, currency_code=currency, amount=amount, direction="inbound", status="completed",
            received_at=datetime.combine(day, time(4)), **row,
        )  # fmt: skip

    def settle(self, payment: str, loan: str, amount: str, line: str | None = None) -> str:
        """Let a payment settle principal of a loan, of one instalment or of the oldest."""
        return self.add(
            "payment_allocation", payment_id=payment, loan_id=loan, line_id=line, component="principal", allocated_amount=amount
        )

    def pay(self, loan: str, day: date, amount: str, line: int | None = None, **row: Any) -> str:
        """Cash that settles principal of a loan."""
        payment = self.cash(day, amount, **row)
        self.settle(payment, loan, amount, None if line is None else self.line(loan, line))
        return payment

    def close_books(self) -> None:
        """What the worker and the nightly run do: state, month-ends, materialized views."""
        self.rows("DELETE FROM analytics.loan_state_queue")
        self.rows("SELECT analytics.keep_loan_state(array_agg(l.id)) FROM public.loan AS l")
        self.refresh()

    def publish(self, *days: date) -> None:
        """Publish month-ends."""
        for day in days:
            self.rows("SELECT analytics.publish_snapshot(%s)", day)

    def refresh(self) -> None:
        """Compute anew the materialized views that the test looks at, each after those that it reads."""
        for name in self.column(
            "SELECT o.view_name FROM analytics.refresh_order AS o WHERE o.view_name = ANY(%s) ORDER BY o.level", self.materialized
        ):
            self.rows(f"REFRESH MATERIALIZED VIEW analytics.{name}")

    def view(self, name: str, **only: Any) -> list[dict[str, Any]]:
        """The rows of a view, those with these values in these columns, in the order of its key's columns."""
        where = " AND ".join(f"{column} = %({column})s" for column in only) or "true"
        with self.connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM analytics.{name} WHERE {where} ORDER BY 1, 2", only)
            names = [column.name for column in cursor.description or ()]
            return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def one(self, name: str, **only: Any) -> dict[str, Any]:
        """The one row of a view with these values."""
        [row] = self.view(name, **only)
        return row


@contextmanager
def hand_book(url: URL, materialized: Sequence[str], day: date = DAY) -> Iterator[HandBook]:
    """A book on a database at head that has no loan, on that business date; rolled back at the end."""
    with session(url) as opened:
        book = HandBook(opened.connection)
        book.materialized = list(materialized)
        book.rows("SELECT set_config('rently.business_date', %s, false)", str(day))
        with book.connection.cursor() as cursor:
            write_world(cursor)
        yield book


def matured(start: date, months: int, amount: str, *, first: int = 1) -> list[tuple[date, str]]:
    """Equal monthly instalments, the first that many months after the start."""
    lines = []
    for number in range(first, first + months):
        month = start.month - 1 + number
        lines.append((date(start.year + month // 12, month % 12 + 1, start.day), amount))
    return lines
