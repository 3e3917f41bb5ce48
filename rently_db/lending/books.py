"""Bookings: journals whose entries balance, on accounts that the company's chart has."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from rently_db.lending.errors import BooksError
from rently_db.lending.schedule import ZERO
from rently_db.models import AllocationComponent, EntrySide, JournalEntry, LedgerAccount, LedgerEntry


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Codes of the accounts that lending books on. The defaults are those of `analytics_setting`; each company has its own accounts."""

    cash: str = "1000"
    receivable: str = "1100"
    clearing: str = "1190"
    """What moves from one loan to another, between the two bookings."""
    unapplied: str = "2100"
    """Customers' cash that is not allocated yet."""
    rc_fee: str = "4000"
    interest: str = "4100"
    other: str = "4100"
    penalty: str = "4200"
    written_off: str = "5000"
    """Loans written off, less what is recovered of them."""

    def of(self, component: AllocationComponent) -> str:
        """The account that is credited when a component is paid: receivable for principal, else income."""
        code: str = self.receivable if component is AllocationComponent.PRINCIPAL else getattr(self, component.value)
        return code


DEFAULT_CHART = Chart()


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What a booking is about: each of its entries names these."""

    loan_id: UUID | None = None
    payment_id: UUID | None = None
    disbursement_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Booking:
    """Whose books, on which business date, and why. ``by`` is the party that booked it; None: a system."""

    legal_entity_id: UUID
    currency_code: str
    on: date
    description: str
    by: UUID | None = None


def accounts_of(session: Session, legal_entity_id: UUID, codes: Iterable[str]) -> dict[str, UUID]:
    """The ids of accounts by code. Raises BooksError for one that the company does not have, or that is closed."""
    wanted = sorted(set(codes))
    rows = session.execute(
        select(LedgerAccount.code, LedgerAccount.id).where(
            LedgerAccount.legal_entity_id == legal_entity_id,
            LedgerAccount.code.in_(wanted),
            LedgerAccount.is_active.is_distinct_from(False),
        )
    )
    found = {row.code: row.id for row in rows}
    if missing := [code for code in wanted if code not in found]:
        raise BooksError(
            f"company {legal_entity_id} has no open account {', '.join(missing)}; add it to ledger_account, "
            "or pass a Chart with the codes that there are"
        )
    return found


def on_accounts(session: Session, legal_entity_id: UUID, amounts: Iterable[tuple[str, Decimal]]) -> list[tuple[UUID, Decimal]]:
    """Amounts by account instead of by its code: debits above 0, credits below 0, nothing left out but zeros. Raises BooksError.

    Asked before an operation writes anything: whoever catches its error may commit what else is in the transaction.
    """
    wanted = [(code, amount) for code, amount in amounts if amount]
    accounts = accounts_of(session, legal_entity_id, [code for code, _ in wanted])
    return [(accounts[code], amount) for code, amount in wanted]


def require_balanced(amounts: Iterable[Decimal], currency_code: str) -> None:
    """Raises BooksError if debits and credits differ."""
    if rest := sum(amounts, ZERO):
        raise BooksError(f"debits less credits of this booking are {rest} {currency_code}; book what is missing first")


def book(session: Session, booking: Booking, amounts: Iterable[tuple[UUID, About, Decimal]]) -> JournalEntry | None:
    """Write a journal; entries of one account and subject are netted. None: nothing was left to book. Raises BooksError."""
    net: defaultdict[tuple[UUID, About], Decimal] = defaultdict(lambda: ZERO)
    for account, about, amount in amounts:
        net[account, about] += amount
    require_balanced(net.values(), booking.currency_code)
    lines = [(account, about, amount) for (account, about), amount in net.items() if amount]
    if not lines:
        return None
    journal = JournalEntry(
        legal_entity_id=booking.legal_entity_id, effective_date=booking.on, description=booking.description, created_by=booking.by
    )
    session.add(journal)
    session.flush()
    # One statement: triggers look at the entries of a statement together.
    session.execute(
        insert(LedgerEntry),
        [
            {
                "journal_id": journal.id,
                "legal_entity_id": booking.legal_entity_id,
                "account_id": account,
                "loan_id": about.loan_id,
                "payment_id": about.payment_id,
                "disbursement_id": about.disbursement_id,
                "currency_code": booking.currency_code,
                "amount": abs(amount),
                "side": EntrySide.DEBIT if amount > 0 else EntrySide.CREDIT,
                "entry_date": booking.on,
            }
            for account, about, amount in lines
        ],
    )
    return journal


def book_about(session: Session, booking: Booking, about: About, amounts: Iterable[tuple[UUID, Decimal]]) -> JournalEntry | None:
    """`book` with all entries about the same."""
    return book(session, booking, [(account, about, amount) for account, amount in amounts])
