"""The v1 application in tests: through the models it writes every table and every column that v0 does not have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import URL
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.orm import Session

from rently_db import models as m
from rently_db.database import make_engine

START = date(2025, 3, 1)
NOW = datetime(2025, 6, 2, 9, 30, tzinfo=UTC)
_WORDS = "abcdefghijklmnopqrstuvwxyz"


class V1Application:
    """A session of the v1 application. ``serial`` keeps numbers and codes of several apart; one serial writes once a database."""

    def __init__(self, session: Session, serial: int = 0) -> None:
        self.session = session
        self.serial = serial
        self.word = "t" + "".join(_WORDS[serial // 26**digit % 26] for digit in (2, 1, 0))
        self.ids: dict[str, UUID] = {}
        """What the tests look at: by role the id of a row."""

    def run(self) -> dict[str, UUID]:
        """A loan's life in v1's words, in a few transactions; gives ``ids``."""
        self._rules()
        self._people()
        self._loan()
        self._money()
        self._care()
        self.session.commit()
        return self.ids

    def _add(self, role: str, row: Any) -> Any:
        self.session.add(row)
        self.session.flush()
        self.ids[role] = row.id
        return row

    def _rules(self) -> None:
        """Reference data that only this database has."""
        word, day = self.word, START + timedelta(days=self.serial)
        dated = {"valid_from": day, "valid_through": day + timedelta(days=1), "source": "circular 7", "needs_signoff": False}
        if self.serial < 26:  # codes that ISO 4217 has not given away are few
            self.session.add(m.Currency(code=f"QZ{_WORDS[self.serial].upper()}", name=f"Test money {word}", minor_units=3))
        self.session.add_all(
            [
                m.SchemaVersion(version=f"pilot-{word}", applied_at=NOW, description="a pilot"),
                m.StatusValue(status_type="risk_level", status_value=word, label="A level of our own", sort=9),
                m.DpdBucket(scheme=word, label="all", sort=0, days=Range(0, None), **dated),
                m.ClassificationRule(
                    country_code="SG", class_=word, threshold_days=30, operator=m.ThresholdOperator.OR_MORE, probation_days=90, **dated
                ),
                m.ProvisionRate(
                    country_code="SG", product_category=m.ProductCategory.B2B_SME, class_=word, rate=Decimal("0.1250"), **dated
                ),
                m.AnalyticsSetting(key=word, value={"days": [1, 2.5], "on": None}, **dated),
            ]
        )
        self.session.flush()
        self.session.add(m.StatusTransition(entity="loan", status_type="risk_level", from_status="normal", to_status=word, **dated))
        product = m.Product(
            code=f"RC_D2C_{word}",
            name="Care",
            category=m.ProductCategory.B2B_SME,
            business_unit=m.BusinessUnit.COMMERCIAL,
            subcategory="deposit",
            is_active=False,
            grace_days=5,
            tolerance_amount=Decimal("1.50"),
            tolerance_pct=Decimal("0.0125"),
        )
        self._add("product", product)
        self._add(
            "product_limit",
            m.ProductLimit(
                product_id=product.id,
                country_code="SG",
                min_amount=Decimal("100.00"),
                max_amount=Decimal("9000.10"),
                max_tenor_months=24,
                max_rate=Decimal("0.2400"),
                max_total_fee_pct=Decimal("0.1000"),
                **dated,
            ),
        )
        self._add(
            "entity",
            m.LegalEntity(name=f"Rently {word}", country_code="SG", functional_ccy="SGD", time_zone="Asia/Kuala_Lumpur"),
        )

    def _people(self) -> None:
        group = self._add("group", m.Party(kind=m.PartyKind.CORPORATE, display_name="Holding"))
        self._add(
            "borrower",
            m.Party(kind=m.PartyKind.INDIVIDUAL, display_name="Tan Mei Ling", is_active=False, obligor_group_id=group.id),
        )
        self._add("agent", m.Party(kind=m.PartyKind.AGENT, display_name="Agent"))
        self._add("clerk", m.Party(kind=m.PartyKind.INDIVIDUAL, display_name="Clerk"))
        self._add(
            "instrument",
            m.PaymentInstrument(
                party_id=self.ids["borrower"], instrument_type=m.InstrumentType.E_WALLET, currency_code="SGD", is_active=False
            ),
        )
        self.session.commit()

    def _loan(self) -> None:
        at, number = self.ids, f"{self.word}-{self.serial}"
        application = self._add(
            "application",
            m.Application(
                application_number=f"APP-{number}",
                product_id=at["product"],
                legal_entity_id=at["entity"],
                applicant_party_id=at["borrower"],
                requested_amount=Decimal("1200.00"),
                requested_currency="SGD",
                tenor_months=3,
                status=m.ApplicationStatus.APPROVED,
            ),
        )
        self._add(
            "decision",
            m.Decision(
                application_id=application.id,
                outcome=m.DecisionOutcome.APPROVED,
                approved_amount=Decimal("1200.00"),
                approved_currency="SGD",
                decided_by="committee",
                reason="good payer",
            ),
        )
        for role, installment in (("loan", "1/2"), ("successor", "2/2")):
            self._add(
                role,
                m.Loan(
                    loan_number=f"{role}-{number}",
                    application_id=application.id if role == "loan" else None,
                    product_id=at["product"],
                    legal_entity_id=at["entity"],
                    borrower_party_id=at["borrower"],
                    currency_code="SGD",
                    principal_amount=Decimal("1200.00"),
                    interest_rate=Decimal("0.0899"),
                    start_date=START,
                    end_date=START + timedelta(days=92),
                    installment_period=installment,
                    lease_start_date=START,
                    lease_end_date=START + timedelta(days=365),
                    agent_party_id=at["agent"],
                ),
            )
        # The same role twice, one after the other: v0 sees two rows that differ in their id alone.
        for role, first, last in (("party_role", 3, 30), ("party_role again", 30, None)):
            self._add(
                role,
                m.PartyRole(
                    party_id=at["borrower"],
                    loan_id=at["loan"],
                    role=m.RoleKind.BORROWER,
                    effective_from=START + timedelta(days=first),
                    effective_through=None if last is None else START + timedelta(days=last),
                ),
            )
        plan = self._add("plan", m.AmortisationPlan(loan_id=at["loan"], version=1, effective_from=START))
        for number in (1, 2):
            self._add(
                f"line {number}",
                m.AmortisationLine(
                    plan_id=plan.id,
                    seq_no=number,
                    due_date=START + timedelta(days=31 * number),
                    currency_code="SGD",
                    amount_principal=Decimal("600.00"),
                    amount_other=Decimal("2.25"),
                    amount_interest=Decimal("8.99"),
                ),
            )
        self.session.commit()

    def _money(self) -> None:
        at = self.ids
        self._add(
            "disbursement",
            m.Disbursement(
                loan_id=at["loan"],
                legal_entity_id=at["entity"],
                instrument_id=at["instrument"],
                currency_code="SGD",
                amount=Decimal("1200.00"),
                disbursed_at=NOW - timedelta(days=80),
                status=m.DisbursementStatus.COMPLETED,
            ),
        )
        for role in ("payment", "reversed payment"):
            self._add(
                role,
                m.Payment(
                    legal_entity_id=at["entity"],
                    currency_code="SGD",
                    amount=Decimal("611.24"),
                    direction=m.PaymentDirection.INBOUND,
                    provider="stripe",
                    external_reference=f"{role} {self.word}-{self.serial}",
                    payer_party_id=at["borrower"],
                    received_at=NOW,
                    processed_at=NOW + timedelta(seconds=1),
                    status=m.PaymentStatus.COMPLETED,
                ),
            )
            for component, amount in (("principal", "600.00"), ("interest", "8.99"), ("other", "2.25")):
                self._add(
                    f"{role}: {component}",
                    m.PaymentAllocation(
                        payment_id=at[role],
                        loan_id=at["loan"],
                        plan_id=at["plan"],
                        line_id=at["line 1"],
                        component=m.AllocationComponent(component),
                        allocated_amount=Decimal(amount),
                    ),
                )
        self.session.commit()
        payment = self.session.get_one(m.Payment, at["reversed payment"])
        payment.status, payment.reversed_at = m.PaymentStatus.REVERSED, NOW + timedelta(days=2)
        for component in ("principal", "interest", "other"):
            allocation = self.session.get_one(m.PaymentAllocation, at[f"reversed payment: {component}"])
            allocation.reversed_at = NOW + timedelta(days=2)
        self._book()
        self.session.commit()

    def _book(self) -> None:
        at = self.ids
        top = self._add("account", m.LedgerAccount(legal_entity_id=at["entity"], code="1000", name="Assets", type=m.AccountType.ASSET))
        cash = self._add(
            "sub-account",
            m.LedgerAccount(
                legal_entity_id=at["entity"],
                code="1010",
                name="Cash",
                type=m.AccountType.ASSET,
                parent_account_id=top.id,
                is_active=False,
            ),
        )
        journal = self._add(
            "journal",
            m.JournalEntry(legal_entity_id=at["entity"], effective_date=START, description="a payment", created_by=at["clerk"]),
        )
        for side, account in ((m.EntrySide.DEBIT, cash), (m.EntrySide.CREDIT, top)):
            self._add(
                f"entry {side.value}",
                m.LedgerEntry(
                    legal_entity_id=at["entity"],
                    account_id=account.id,
                    loan_id=at["loan"],
                    payment_id=at["payment"],
                    currency_code="SGD",
                    amount=Decimal("611.24"),
                    side=side,
                    entry_date=START + timedelta(days=9),
                    journal_id=journal.id,
                ),
            )

    def _care(self) -> None:
        """Everything that is said about a loan besides its money, and its papers."""
        at, clerk = self.ids, self.ids["clerk"]
        for value in ("normal", "risk", self.word):
            row = m.LoanStatusHistory(
                loan_id=at["loan"], status_type=m.StatusType.RISK_LEVEL, status_value=value, reason="review", created_by=clerk
            )
            self._add(f"status {value}", row)
        self.session.get_one(m.Loan, at["successor"]).status = m.LoanStatus.TRANSFERRED
        self.session.flush()
        self._add(
            "flag",
            m.LoanFlag(
                loan_id=at["loan"],
                flag=m.LoanFlagKind.FORBORNE,
                effective_from=START,
                effective_through=START + timedelta(days=40),
                reason="illness",
            ),
        )
        self._add(
            "adjustment",
            m.LoanAdjustment(
                loan_id=at["loan"],
                line_id=at["line 2"],
                component=m.AllocationComponent.INTEREST,
                kind=m.AdjustmentKind.WAIVER,
                amount=Decimal("8.99"),
                effective_date=START,
                reason="goodwill",
                created_by=clerk,
            ),
        )
        self._add(
            "transfer",
            m.LoanTransfer(
                source_loan_id=at["loan"],
                target_loan_id=at["successor"],
                transfer_type=m.TransferType.REFINANCE,
                transfer_amount=Decimal("600.00"),
                reason="moved",
                approved_by=clerk,
                completed_at=NOW,
            ),
        )
        self._add(
            "dispute",
            m.PaymentDispute(
                payment_id=at["reversed payment"],
                loan_id=at["loan"],
                dispute_type=m.DisputeType.DUPLICATE_PAYMENT,
                expected_amount=Decimal("611.24"),
                actual_amount=Decimal("1222.48"),
                reported_by=at["borrower"],
                assigned_to=clerk,
                resolved_at=NOW,
                resolution_notes="paid twice",
            ),
        )
        self._add(
            "event",
            m.CollectionsEvent(
                loan_id=at["loan"],
                event_type=m.CollectionsEventType.CALL_ATTEMPT,
                event_at=NOW,
                consecutive_missed_payments=2,
                escalation_trigger="two missed",
                resolution_status=m.ResolutionStatus.PENDING,
                next_action_date=START,
                notes="no answer",
            ),
        )
        self._add(
            "security",
            m.SecurityInterest(
                loan_id=at["loan"],
                type=m.SecurityType.DEPOSIT,
                registration_date=START,
                expiry_date=START + timedelta(days=365),
                status=m.SecurityStatus.RELEASED,
                haircut_pct=Decimal("0.2000"),
            ),
        )
        document = self._add(
            "document",
            m.Document(
                title="Lease",
                kind=m.DocumentKind.LEASE_AGREEMENT,
                storage_url="s3://rently/lease.pdf",
                file_size_bytes=7_000_000_000,
                mime_type="application/pdf",
                checksum="sha256:00",
                expires_at=NOW,
            ),
        )
        self._add("link", m.DocumentLink(document_id=document.id, entity_type=m.LinkedEntityType.LOAN, entity_id=at["loan"]))
        day = START + timedelta(days=self.serial)
        self._add("rate", m.FxRate(as_of_date=day, from_ccy="SGD", to_ccy="AED", rate=Decimal("2.7512345"), source="v1 application"))


def use_v1(url: URL, serial: int = 0) -> dict[str, UUID]:
    """Let the v1 application write its whole range once; gives the ids of what it wrote, by role."""
    engine = make_engine(url)
    try:
        with Session(engine) as session:
            return V1Application(session, serial).run()
    finally:
        engine.dispose()
