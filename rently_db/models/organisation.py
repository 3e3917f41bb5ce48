"""Who lends, and what is offered."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, FetchedValue, UniqueConstraint, text, true
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base, to_many
from .mixins import AFTER_BASE, HasId, HasUpdatedAt
from .types import CountryCode, CreatedAt, CurrencyCode, Money, Rate, ValueSet, country_check, currency_check, one_of, refers_to

if TYPE_CHECKING:
    from .application import Application
    from .ledger import JournalEntry, LedgerAccount, LedgerEntry
    from .loan import Loan
    from .payment import Disbursement, Payment
    from .rules import ProductLimit


class ProductCategory(StrEnum):
    """The family a product belongs to: provisions and limits may be set per family."""

    RENTLY_CARE_D2C = "rently_care_d2c"
    RENTLY_CARE_COLLABORATIVE = "rently_care_collaborative"
    B2B_SME = "b2b_sme"
    RNPL_UAE = "rnpl_uae"


class BusinessUnit(StrEnum):
    """The side of the business that answers for a product."""

    RESIDENTIAL = "residential"
    COMMERCIAL = "commercial"


class LegalEntity(HasId, HasUpdatedAt, Base):
    """A company of the group that lends, is paid and keeps its own books. One row per company."""

    __tablename__ = "legal_entity"
    __table_args__ = (
        country_check(),
        currency_check("functional_ccy", "functional_ccy_check"),
        {"comment": "A company of the group that lends, is paid and keeps its own books; one row per company."},
    )
    business_key = "name"

    name: Mapped[str] = mapped_column(comment="Registered name of the company.")
    registration_no: Mapped[str | None] = mapped_column(comment="Number in the companies register of its country.")
    country_code: Mapped[CountryCode] = mapped_column(comment="Country of registration, ISO 3166-1 alpha-2; decides which rules apply.")
    functional_ccy: Mapped[CurrencyCode] = mapped_column(
        refers_to("currency", "code"), comment="Currency in which the company keeps its books, ISO 4217."
    )
    created_at: Mapped[CreatedAt]
    time_zone: Mapped[str | None] = mapped_column(
        server_default=FetchedValue(),
        sort_order=AFTER_BASE,
        comment="IANA time zone whose local date is the company's business date. Left NULL, the bridge trigger of legal_entity derives it "
        "from country_code: SG Asia/Singapore, AE Asia/Dubai.",
    )

    applications: Mapped[list[Application]] = to_many("legal_entity")
    loans: Mapped[list[Loan]] = to_many("legal_entity")
    payments: Mapped[list[Payment]] = to_many("legal_entity")
    disbursements: Mapped[list[Disbursement]] = to_many("legal_entity")
    ledger_accounts: Mapped[list[LedgerAccount]] = to_many("legal_entity", order_by="LedgerAccount.code")
    ledger_entries: Mapped[list[LedgerEntry]] = to_many("legal_entity")
    journal_entries: Mapped[list[JournalEntry]] = to_many("legal_entity")


class Product(HasId, HasUpdatedAt, Base):
    """What a customer can apply for. One row per product code."""

    __tablename__ = "product"
    __table_args__ = (
        UniqueConstraint("code"),
        one_of("business_unit", BusinessUnit),
        one_of("category", ProductCategory),
        CheckConstraint("grace_days >= 0", name="grace_days_non_negative"),
        CheckConstraint("tolerance_amount >= 0", name="tolerance_amount_non_negative"),
        {"comment": "What a customer can apply for; one row per product code."},
    )
    business_key = "code"

    code: Mapped[str] = mapped_column(comment="Short name that contracts and other systems use, e.g. RC_D2C_001.")
    name: Mapped[str] = mapped_column(comment="Name shown to customers.")
    description: Mapped[str | None] = mapped_column(comment="What the product is, in a few sentences.")
    category: Mapped[ProductCategory] = mapped_column(
        ValueSet(ProductCategory),
        comment="Family of the product. For products from before v1: by the prefix of the code, or the operator's map.",
    )
    subcategory: Mapped[str | None] = mapped_column(comment="Finer division within the category, free text.")
    business_unit: Mapped[BusinessUnit] = mapped_column(
        ValueSet(BusinessUnit), comment="Side of the business that answers for the product. Before v1: from the category."
    )
    is_active: Mapped[bool | None] = mapped_column(server_default=true(), comment="False once the product is no longer offered.")
    created_at: Mapped[CreatedAt]
    grace_days: Mapped[int] = mapped_column(
        server_default=text("0"), sort_order=AFTER_BASE, comment="Days after a due date that do not count as days past due."
    )
    tolerance_amount: Mapped[Money] = mapped_column(
        server_default=text("0"),
        sort_order=AFTER_BASE,
        comment="Unpaid remainder of an instalment up to which it counts as paid, in the loan's currency, >= 0.",
    )
    tolerance_pct: Mapped[Rate] = mapped_column(
        server_default=text("0"),
        sort_order=AFTER_BASE,
        comment="Unpaid remainder of an instalment up to which it counts as paid, as a fraction of the instalment: 0.0100 is 1 %.",
    )

    applications: Mapped[list[Application]] = to_many("product")
    loans: Mapped[list[Loan]] = to_many("product")
    limits: Mapped[list[ProductLimit]] = to_many("product", order_by="ProductLimit.valid_from")
