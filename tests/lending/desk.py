"""A lending desk for tests: loans that began some months ago, money that came on a day, and what the figures say of them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from decimal import Decimal
from itertools import count
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from rently_db.lending import Allocated, Terms, allocate_payment, business_date, disburse_loan, originate_loan, record_payment
from rently_db.lending.schedule import month_after
from rently_db.models import InstrumentType, LegalEntity, Loan, Party, PartyKind, Payment, PaymentInstrument, Product

SINGAPORE = ZoneInfo("Asia/Singapore")
_NUMBERS = count(1)


def at(day: date, hour: int = 0) -> datetime:
    """A moment of a day in Singapore; the first one of today has passed, whenever the tests run."""
    return datetime.combine(day, time(hour), SINGAPORE).astimezone(UTC)


@dataclass
class Desk:
    """The desk of the company in Singapore, in one session."""

    session: Session

    def __post_init__(self) -> None:
        """Look up who lends, and make a borrower with an account."""
        session = self.session
        self.company = session.scalars(select(LegalEntity).where(LegalEntity.registration_no == "202012345A")).one()
        self.product = session.scalars(select(Product).where(Product.code == "B2B_SME_001")).one()
        self.borrower = Party(kind=PartyKind.CORPORATE, display_name="Sentosa Interiors Pte Ltd")
        session.add(self.borrower)
        session.flush()
        self.account = PaymentInstrument(party_id=self.borrower.id, instrument_type=InstrumentType.BANK_ACCOUNT, currency_code="SGD")
        session.add(self.account)
        session.flush()
        self.today = business_date(session, self.company.id)

    def months_ago(self, months: int, days: int = 0) -> date:
        """A day so many months before today; then so many days later."""
        return date.fromordinal(month_after(self.today, -months).toordinal() + days)

    def contract(self, terms: Terms, **known: Any) -> Loan:
        """A loan by these terms, not paid out."""
        usual = {
            "loan_number": f"TEST-{next(_NUMBERS):06d}",
            "product_id": self.product.id,
            "legal_entity_id": self.company.id,
            "borrower_party_id": self.borrower.id,
            "currency_code": "SGD",
        }
        return originate_loan(self.session, Loan(**usual | known), terms)

    def lend(self, terms: Terms, **known: Any) -> Loan:
        """A loan by these terms, paid out on its first day."""
        loan = self.contract(terms, **known)
        disburse_loan(self.session, loan, self.account.id, at=at(terms.start))
        return loan

    def receive(self, amount: str, on: date, reference: str | None = None) -> Payment:
        """A payment that arrived on a day."""
        return record_payment(
            self.session,
            legal_entity_id=self.company.id,
            currency_code="SGD",
            amount=Decimal(amount),
            received_at=at(on),
            provider="giro",
            external_reference=reference or f"TEST-{next(_NUMBERS):06d}",
            payer_party_id=self.borrower.id,
        ).payment

    def pay(self, loan: Loan, amount: str, on: date) -> Allocated:
        """A payment that arrived, allocated to a loan."""
        return allocate_payment(self.session, self.receive(amount, on), loan)

    def state(self, loan: Loan) -> Row[Any]:
        """What `analytics.v_loan_balance` and the days past due say of a loan now."""
        self.session.flush()
        return self.session.execute(
            text(
                "SELECT b.*, p.dpd, p.arrears, p.overdue_since, p.exited_on, p.next_due_on, p.next_due_amount"
                " FROM analytics.v_loan_balance AS b JOIN analytics.loan_position_live AS p ON p.loan_id = b.loan_id"
                " WHERE b.loan_id = :loan"
            ),
            {"loan": loan.id},
        ).one()

    def unsound(self) -> list[Any]:
        """After the worker: what validations fail, where the books have another balance than the loan, and plans that miss the balance."""
        session = self.session
        session.flush()
        session.execute(text("SET CONSTRAINTS ALL IMMEDIATE"))
        while session.scalar(text("SELECT analytics.process_loan_queue(1000)")):
            pass
        session.execute(text("SET CONSTRAINTS ALL DEFERRED"))
        session.execute(text("SELECT * FROM ops.run_all_validations()"))
        failed = session.execute(
            text(
                "SELECT validation_name, validation_message, details FROM ops.data_validation_log WHERE validation_status = 'FAIL'"
                " AND run_id = (SELECT max(id) FROM ops.validation_run)"
            )
        )
        breaks = session.execute(text("SELECT loan_id, gl, subledger FROM analytics.ledger_loan_balance WHERE difference <> 0"))
        plans = session.execute(text("SELECT id, detail FROM ops.rule_amortization_balance"))
        return [*failed, *breaks, *plans]

    def booked(self, **about: Any) -> dict[str, Decimal]:
        """Debits less credits by code of account, of entries about a loan or payment; accounts that are even again are left out."""
        ((column, row),) = about.items()
        rows = self.session.execute(
            text(
                "SELECT a.code, sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) AS net FROM public.ledger_entry AS e"
                f" JOIN public.ledger_account AS a ON a.id = e.account_id WHERE e.{column} = :row GROUP BY a.code"
            ),
            {"row": row.id},
        )
        return {code: net for code, net in rows if net}
