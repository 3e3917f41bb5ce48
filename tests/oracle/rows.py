"""Rows of schema public as the oracle reads them: a dataclass a table, a field a column (a trailing underscore escapes a keyword)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from tests.oracle.rule_rows import AnalyticsSetting, ClassificationRule, DpdBucket, ProductLimit, ProvisionRate, StatusValue


@dataclass(frozen=True, slots=True)
class LegalEntity:
    """Table legal_entity."""

    id: str
    name: str
    country_code: str
    functional_ccy: str
    time_zone: str | None


@dataclass(frozen=True, slots=True)
class Product:
    """Table product."""

    id: str
    code: str
    name: str
    category: str
    business_unit: str
    grace_days: int
    tolerance_amount: Decimal
    tolerance_pct: Decimal


@dataclass(frozen=True, slots=True)
class Party:
    """Table party."""

    id: str
    kind: str
    display_name: str
    email: str | None
    phone: str | None
    obligor_group_id: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class PartyRole:
    """Table party_role."""

    id: str
    party_id: str
    loan_id: str
    role: str
    effective_from: date | None
    effective_through: date | None


@dataclass(frozen=True, slots=True)
class PaymentInstrument:
    """Table payment_instrument."""

    id: str
    party_id: str
    instrument_type: str
    currency_code: str
    bank_name: str | None
    account_name: str | None
    account_number: str | None
    provider_ref: str | None
    is_default: bool | None
    is_active: bool | None
    created_at: datetime | None
    updated_at: datetime | None


@dataclass(frozen=True, slots=True)
class Application:
    """Table application."""

    id: str
    application_number: str
    product_id: str
    legal_entity_id: str
    applicant_party_id: str
    requested_amount: Decimal
    requested_currency: str
    tenor_months: int
    status: str
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class Decision:
    """Table decision."""

    id: str
    application_id: str
    outcome: str
    approved_amount: Decimal | None
    approved_currency: str | None
    decided_at: datetime | None


@dataclass(frozen=True, slots=True)
class Loan:
    """Table loan."""

    id: str
    loan_number: str
    application_id: str | None
    product_id: str
    legal_entity_id: str
    borrower_party_id: str
    currency_code: str
    principal_amount: Decimal
    rc_fee_rate: Decimal | None
    interest_rate: Decimal
    start_date: date
    end_date: date
    parent_loan_id: str | None
    status: str
    lease_start_date: date | None
    lease_end_date: date | None
    agent_party_id: str | None
    created_at: datetime | None
    property_contract_id: str | None


@dataclass(frozen=True, slots=True)
class LoanStatusHistory:
    """Table loan_status_history."""

    id: str
    loan_id: str
    status_type: str
    status_value: str
    effective_from: datetime
    effective_through: datetime | None
    reason: str | None
    created_at: datetime | None


@dataclass(frozen=True, slots=True)
class LoanTransfer:
    """Table loan_transfers."""

    id: str
    source_loan_id: str
    target_loan_id: str | None
    transfer_type: str
    transfer_amount: Decimal
    transfer_date: date
    status: str


@dataclass(frozen=True, slots=True)
class LoanAdjustment:
    """Table loan_adjustment."""

    id: str
    loan_id: str
    line_id: str | None
    component: str
    kind: str
    amount: Decimal
    effective_date: date
    created_at: datetime


@dataclass(frozen=True, slots=True)
class LoanFlag:
    """Table loan_flag."""

    id: str
    loan_id: str
    flag: str
    effective_from: date
    effective_through: date | None


@dataclass(frozen=True, slots=True)
class AmortisationPlan:
    """Table amortisation_plan."""

    id: str
    loan_id: str
    version: int
    status: str
    reason: str | None
    effective_from: date
    effective_through: date | None


@dataclass(frozen=True, slots=True)
class AmortisationLine:
    """Table amortisation_line."""

    id: str
    plan_id: str
    seq_no: int
    due_date: date
    currency_code: str
    amount_principal: Decimal
    amount_rc_fee: Decimal
    amount_penalty: Decimal
    amount_other: Decimal
    amount_interest: Decimal


@dataclass(frozen=True, slots=True)
class Payment:
    """Table payment."""

    id: str
    legal_entity_id: str
    currency_code: str
    amount: Decimal
    direction: str
    provider: str | None
    external_reference: str | None
    payer_party_id: str | None
    received_at: datetime | None
    processed_at: datetime | None
    created_at: datetime | None
    reversed_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class PaymentAllocation:
    """Table payment_allocation."""

    id: str
    payment_id: str
    loan_id: str
    plan_id: str | None
    line_id: str | None
    component: str
    allocated_amount: Decimal
    created_at: datetime | None
    reversed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Disbursement:
    """Table disbursement."""

    id: str
    loan_id: str
    legal_entity_id: str
    currency_code: str
    amount: Decimal
    disbursed_at: datetime | None
    created_at: datetime | None
    status: str


@dataclass(frozen=True, slots=True)
class PaymentDispute:
    """Table payment_disputes."""

    id: str
    payment_id: str | None
    loan_id: str
    dispute_type: str
    expected_amount: Decimal | None
    actual_amount: Decimal | None
    status: str
    priority: str | None
    created_at: datetime | None
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True)
class CollectionsEvent:
    """Table collections_event."""

    id: str
    loan_id: str
    event_type: str
    event_at: datetime
    actor_party_id: str | None
    dpd_snapshot: int
    amount_involved: Decimal | None
    currency_code: str | None
    resolution_status: str | None
    next_action_date: date | None


@dataclass(frozen=True, slots=True)
class SecurityInterest:
    """Table security_interest."""

    id: str
    loan_id: str
    type: str
    party_id: str | None
    value_amount: Decimal | None
    value_ccy: str | None
    registration_date: date | None
    expiry_date: date | None
    status: str | None
    haircut_pct: Decimal | None


@dataclass(frozen=True, slots=True)
class LedgerAccount:
    """Table ledger_account."""

    id: str
    legal_entity_id: str
    code: str
    name: str
    type: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """Table ledger_entry."""

    id: str
    legal_entity_id: str
    account_id: str
    loan_id: str | None
    currency_code: str
    amount: Decimal
    side: str
    entry_date: date
    disbursement_id: str | None


@dataclass(frozen=True, slots=True)
class FxRate:
    """Table fx_rate."""

    id: str
    as_of_date: date
    from_ccy: str
    to_ccy: str
    rate: Decimal
    source: str


TABLES: dict[str, type[Any]] = {
    "legal_entity": LegalEntity,
    "product": Product,
    "party": Party,
    "party_role": PartyRole,
    "payment_instrument": PaymentInstrument,
    "application": Application,
    "decision": Decision,
    "loan": Loan,
    "loan_status_history": LoanStatusHistory,
    "loan_transfers": LoanTransfer,
    "loan_adjustment": LoanAdjustment,
    "loan_flag": LoanFlag,
    "amortisation_plan": AmortisationPlan,
    "amortisation_line": AmortisationLine,
    "payment": Payment,
    "payment_allocation": PaymentAllocation,
    "disbursement": Disbursement,
    "payment_disputes": PaymentDispute,
    "collections_event": CollectionsEvent,
    "security_interest": SecurityInterest,
    "ledger_account": LedgerAccount,
    "ledger_entry": LedgerEntry,
    "fx_rate": FxRate,
    "dpd_bucket": DpdBucket,
    "classification_rule": ClassificationRule,
    "provision_rate": ProvisionRate,
    "product_limit": ProductLimit,
    "status_value": StatusValue,
    "analytics_setting": AnalyticsSetting,
}
"""Which dataclass reads which table."""
