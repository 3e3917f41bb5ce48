"""Factories for every model: rows that the database accepts as they are, the same in every run, any field overridable.

``LoanFactory.build()`` makes an object, ``LoanFactory.create_sync()`` also writes it in the session of the test.
"""

from .base import BUSINESS_DATE, RentlyFactory, using
from .books import JournalEntryFactory, LedgerAccountFactory, LedgerEntryFactory
from .events import (
    CollectionsEventFactory,
    DocumentFactory,
    DocumentLinkFactory,
    LoanAdjustmentFactory,
    LoanFlagFactory,
    LoanStatusHistoryFactory,
    LoanTransferFactory,
    SecurityInterestFactory,
)
from .lending import AmortisationLineFactory, AmortisationPlanFactory, LoanFactory, PartyRoleFactory
from .money import DisbursementFactory, PaymentAllocationFactory, PaymentDisputeFactory, PaymentFactory
from .organisation import CurrencyFactory, FxRateFactory, LegalEntityFactory, ProductFactory
from .people import ApplicationFactory, DecisionFactory, PartyFactory, PaymentInstrumentFactory
from .rules import (
    AnalyticsSettingFactory,
    ClassificationRuleFactory,
    DpdBucketFactory,
    ProductLimitFactory,
    ProvisionRateFactory,
    SchemaVersionFactory,
    StatusTransitionFactory,
    StatusValueFactory,
)

__all__ = [
    "BUSINESS_DATE",
    "AmortisationLineFactory",
    "AmortisationPlanFactory",
    "AnalyticsSettingFactory",
    "ApplicationFactory",
    "ClassificationRuleFactory",
    "CollectionsEventFactory",
    "CurrencyFactory",
    "DecisionFactory",
    "DisbursementFactory",
    "DocumentFactory",
    "DocumentLinkFactory",
    "DpdBucketFactory",
    "FxRateFactory",
    "JournalEntryFactory",
    "LedgerAccountFactory",
    "LedgerEntryFactory",
    "LegalEntityFactory",
    "LoanAdjustmentFactory",
    "LoanFactory",
    "LoanFlagFactory",
    "LoanStatusHistoryFactory",
    "LoanTransferFactory",
    "PartyFactory",
    "PartyRoleFactory",
    "PaymentAllocationFactory",
    "PaymentDisputeFactory",
    "PaymentFactory",
    "PaymentInstrumentFactory",
    "ProductFactory",
    "ProductLimitFactory",
    "ProvisionRateFactory",
    "RentlyFactory",
    "SchemaVersionFactory",
    "SecurityInterestFactory",
    "StatusTransitionFactory",
    "StatusValueFactory",
    "using",
]
