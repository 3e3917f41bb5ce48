"""The books: accounts, journals and their entries. Entries are never changed; a mistake is corrected by a new one."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import CheckConstraint, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many, to_one
from .mixins import AFTER_BASE, HasId, HasUpdatedAt
from .types import CreatedAt, CurrencyCode, Money, RecordedAt, ValueSet, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .loan import Loan
    from .organisation import LegalEntity
    from .party import Party
    from .payment import Disbursement, Payment


class AccountType(StrEnum):
    """The side of the balance sheet or income statement that an account belongs to."""

    ASSET = "asset"
    LIABILITY = "liability"
    EQUITY = "equity"
    REVENUE = "revenue"
    EXPENSE = "expense"


class EntrySide(StrEnum):
    """Debit raises an asset or expense, credit raises a liability, equity or revenue."""

    DEBIT = "debit"
    CREDIT = "credit"


class LedgerAccount(HasId, HasUpdatedAt, Base):
    """An account in a company's books. One row per company and code."""

    __tablename__ = "ledger_account"
    __table_args__ = (
        UniqueConstraint("legal_entity_id", "code"),
        one_of("type", AccountType),
        {"comment": "An account in a company's books; one row per company and code."},
    )
    business_key = "code"

    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), comment="Company whose books it is in.")
    code: Mapped[str] = mapped_column(comment="Number of the account in the chart of accounts, unique within the company.")
    name: Mapped[str] = mapped_column(comment="Name of the account.")
    type: Mapped[AccountType] = mapped_column(ValueSet(AccountType), comment="What the account measures.")
    parent_account_id: Mapped[UUID | None] = mapped_column(
        refers_to("ledger_account"), index=True, comment="Account that this one is summed into. NULL: a top account."
    )
    is_active: Mapped[bool | None] = mapped_column(server_default=true(), comment="False once nothing may be booked on it any more.")
    created_at: Mapped[CreatedAt]

    legal_entity: Mapped[LegalEntity] = to_one("ledger_accounts")
    parent: Mapped[LedgerAccount | None] = to_one("children", remote_side="LedgerAccount.id")
    children: Mapped[list[LedgerAccount]] = to_many("parent", order_by="LedgerAccount.code")
    entries: Mapped[list[LedgerEntry]] = to_many("account")


class JournalEntry(HasId, Base):
    """A booking. One row per booking; its entries have one company and balance in each currency when the transaction commits."""

    __tablename__ = "journal_entry"
    __table_args__ = ({"comment": "A booking; its ledger entries have one company and balance in each currency. One row per booking."},)
    business_key = "effective_date"

    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), index=True, comment="Company whose books it is in.")
    effective_date: Mapped[date] = mapped_column(comment="Business date of the booking.")
    description: Mapped[str] = mapped_column(comment="What is booked, and why.")
    created_at: Mapped[RecordedAt]
    created_by: Mapped[UUID | None] = mapped_column(refers_to("party"), index=True, comment="Party that booked it. NULL: a system.")

    legal_entity: Mapped[LegalEntity] = to_one("journal_entries")
    creator: Mapped[Party | None] = to_one()
    entries: Mapped[list[LedgerEntry]] = to_many("journal")


class LedgerEntry(HasId, Base):
    """One side of a booking on one account. Never deleted or changed."""

    __tablename__ = "ledger_entry"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount_positive"),
        currency_check(),
        one_of("side", EntrySide),
        {"comment": "One side of a booking on one account; one row per booking, account and side. Never deleted or changed."},
    )
    business_key = "side"

    legal_entity_id: Mapped[UUID] = mapped_column(refers_to("legal_entity"), index=True, comment="Company whose books it is in.")
    account_id: Mapped[UUID] = mapped_column(refers_to("ledger_account"), index=True, comment="Account booked on.")
    loan_id: Mapped[UUID | None] = mapped_column(refers_to("loan"), index=True, comment="Loan it is about. NULL: none.")
    payment_id: Mapped[UUID | None] = mapped_column(refers_to("payment"), index=True, comment="Payment that caused it. NULL: none.")
    disbursement_id: Mapped[UUID | None] = mapped_column(
        refers_to("disbursement"), index=True, comment="Disbursement that caused it. NULL: none."
    )
    currency_code: Mapped[CurrencyCode] = mapped_column(comment="Currency of amount, ISO 4217.")
    amount: Mapped[Money] = mapped_column(comment="Amount booked, > 0; side says in which direction.")
    side: Mapped[EntrySide] = mapped_column(ValueSet(EntrySide), comment="Debit or credit.")
    entry_date: Mapped[date] = mapped_column(
        server_default=text("CURRENT_DATE"),
        comment="Business date of the entry. From before v1: the local date of its payment or disbursement, else the loan's start_date.",
    )
    created_at: Mapped[CreatedAt]
    journal_id: Mapped[UUID | None] = mapped_column(
        refers_to("journal_entry"),
        index=True,
        sort_order=AFTER_BASE,
        comment="Booking it belongs to. NULL: written by v0, which knows none.",
    )

    legal_entity: Mapped[LegalEntity] = to_one("ledger_entries")
    account: Mapped[LedgerAccount] = to_one("entries")
    loan: Mapped[Loan | None] = to_one("ledger_entries")
    payment: Mapped[Payment | None] = to_one("ledger_entries")
    disbursement: Mapped[Disbursement | None] = to_one("ledger_entries")
    journal: Mapped[JournalEntry | None] = to_one("entries")
