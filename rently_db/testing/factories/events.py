"""What happens to a loan besides payments: status, transfers, adjustments, flags, collections, security; and its documents."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from polyfactory import PostGenerated, Use
from polyfactory.exceptions import ParameterException

from rently_db.models import (
    AdjustmentKind,
    AllocationComponent,
    Base,
    CollectionsEvent,
    CollectionsEventType,
    Document,
    DocumentKind,
    DocumentLink,
    LinkedEntityType,
    LoanAdjustment,
    LoanFlag,
    LoanFlagKind,
    LoanStatusHistory,
    LoanTransfer,
    SecurityInterest,
    SecurityStatus,
    SecurityType,
    StatusType,
    TransferStatus,
    TransferType,
)
from rently_db.testing.factories.base import RentlyFactory, Values, add_months, at, days_before, numbered, related, today
from rently_db.testing.factories.lending import LoanFactory
from rently_db.testing.factories.money import open_parts
from rently_db.testing.factories.people import PartyFactory


class LoanStatusHistoryFactory(RentlyFactory[LoanStatusHistory]):
    """That a loan is of normal risk, from its first day on. A later one of the same type ends it."""

    loan = LoanFactory
    status_type = StatusType.RISK_LEVEL
    status_value = "normal"
    effective_from = PostGenerated(lambda _, values: at(values["loan"].start_date))
    reason = "origination"


def _renewal(_: str, values: Values) -> Any:
    """The loan that takes over: same product, company and borrower, as much as is transferred."""
    source = values["source_loan"]
    return LoanFactory.build(
        product=related(source, "product"),
        legal_entity=related(source, "legal_entity"),
        borrower=related(source, "borrower"),
        currency_code=source.currency_code,
        principal_amount=values["transfer_amount"],
        start_date=values["transfer_date"],
        parent=source,
    )


class LoanTransferFactory(RentlyFactory[LoanTransfer]):
    """The whole principal of a loan, about to move to a new loan of the same borrower because the lease is renewed."""

    source_loan = LoanFactory
    transfer_type = TransferType.LEASE_RENEWAL
    transfer_amount = PostGenerated(lambda _, values: values["source_loan"].principal_amount)
    transfer_date = Use(today)
    target_loan = PostGenerated(_renewal)
    reason = "lease renewed"
    status = TransferStatus.PENDING


def _open_line(_: str, values: Values) -> Any:
    return next((line for line, part, _ in open_parts(values["loan"]) if part == values["component"]), None)


class LoanAdjustmentFactory(RentlyFactory[LoanAdjustment]):
    """A waiver of 10.00 of the fee of a loan's oldest open instalment."""

    loan = LoanFactory
    component = AllocationComponent.RC_FEE
    kind = AdjustmentKind.WAIVER
    line = PostGenerated(_open_line)
    amount = Decimal("10.00")
    effective_date = Use(today)
    reason = "goodwill"


class LoanFlagFactory(RentlyFactory[LoanFlag]):
    """That a loan is forborne, from the business date until further notice."""

    loan = LoanFactory
    flag = LoanFlagKind.FORBORNE
    effective_from = Use(today)
    reason = "income lost"


class CollectionsEventFactory(RentlyFactory[CollectionsEvent]):
    """A reminder sent on the business date."""

    loan = LoanFactory
    event_type = CollectionsEventType.REMINDER_SENT
    event_at = Use(lambda: at(today()))
    dpd_snapshot = 0
    amount_involved = Decimal("100.00")
    currency_code = PostGenerated(lambda _, values: values["loan"].currency_code)


class SecurityInterestFactory(RentlyFactory[SecurityInterest]):
    """A deposit of the borrower, worth a tenth of the principal, for as long as the loan runs."""

    loan = LoanFactory
    type = SecurityType.DEPOSIT
    party = PostGenerated(lambda _, values: related(values["loan"], "borrower"))
    description = "Deposit, held by the landlord"
    value_amount = PostGenerated(lambda _, values: (values["loan"].principal_amount / 10).quantize(Decimal("0.01")))
    value_ccy = PostGenerated(lambda _, values: values["loan"].currency_code)
    registration_date = PostGenerated(lambda _, values: values["loan"].start_date)
    expiry_date = PostGenerated(lambda _, values: add_months(values["loan"].end_date, 1))
    status = SecurityStatus.ACTIVE
    haircut_pct = Decimal("0.2000")


class DocumentFactory(RentlyFactory[Document]):
    """A signed contract."""

    title = "Loan agreement"
    kind = DocumentKind.CONTRACT
    storage_url = Use(numbered, "s3://test/{}.pdf")
    uploaded_at = Use(lambda: at(days_before(14)))
    file_size_bytes = 120_000
    mime_type = "application/pdf"


class DocumentLinkFactory(RentlyFactory[DocumentLink]):
    """That a document belongs to ``entity``: any row of a table that documents may belong to, by default a new party."""

    document = DocumentFactory
    role = "signed_copy"

    @classmethod
    def process_kwargs(cls, **kwargs: Any) -> Values:
        """Also takes ``entity``, which is no column: it has to be in the database, for no relation would carry it there."""
        if not {"entity_id", "entity_type"} & kwargs.keys():
            entity: Base = kwargs.pop("entity", None) or cls._written_party()
            kwargs["entity_type"] = LinkedEntityType(entity.__tablename__)
            kwargs["entity_id"] = entity.__dict__.get("id")
            if kwargs["entity_id"] is None:
                raise ParameterException(f"DocumentLinkFactory: {entity!r} has no id yet; flush its session first")
        return super().process_kwargs(**kwargs)

    @classmethod
    def _written_party(cls) -> Base:
        """A party whose id is known before it is written, and which is written with the link."""
        session = cls.bound()
        if session is None:
            raise ParameterException("DocumentLinkFactory: no session is bound that could hold a new party; give entity=...")
        party = PartyFactory.build(id=cls.unused_id())
        session.add(party)
        return party
