"""Loans with their schedules: what is owed adds up to what was lent."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from polyfactory import PostGenerated, Use

from rently_db.models import AmortisationLine, AmortisationPlan, Loan, PartyRole, PlanStatus, RoleKind
from rently_db.synth.schedule import FEE, OTHER, PRINCIPAL, Terms, build_lines
from rently_db.testing.factories.base import RentlyFactory, Values, add_months, days_before, numbered, related
from rently_db.testing.factories.organisation import LegalEntityFactory, ProductFactory
from rently_db.testing.factories.people import PartyFactory

_CENT = Decimal("0.01")


def money(cents: int) -> Decimal:
    """An amount from its hundredths."""
    return cents * _CENT


def schedule(principal: Decimal, start: date, end: date, currency: str, *, fee_rate: Decimal | None, interest_rate: Decimal) -> list[Any]:
    """Monthly instalments from start to end: equal principal, the fee spread over them, interest on what is left."""
    months = max(1, (end.year - start.year) * 12 + end.month - start.month)
    fee = (principal * (fee_rate or Decimal(0))).quantize(_CENT)
    terms = Terms(int(principal * 100), months, start.toordinal(), fee=int(fee * 100), interest_rate=int(interest_rate * 10_000))
    return [
        AmortisationLine(
            seq_no=line.seq,
            due_date=min(date.fromordinal(line.due), end),
            currency_code=currency,
            amount_principal=money(line.amounts[PRINCIPAL]),
            amount_rc_fee=money(line.amounts[FEE]),
            amount_interest=money(line.amounts[OTHER]),
        )
        for line in build_lines(terms, [""] * months)
    ]


def _first_plan(_: str, values: Values) -> list[AmortisationPlan]:
    lines = schedule(
        values["principal_amount"],
        values["start_date"],
        values["end_date"],
        values["currency_code"],
        fee_rate=values["rc_fee_rate"],
        interest_rate=values["interest_rate"],
    )
    return [AmortisationPlan(version=1, status=PlanStatus.ACTIVE, reason="origination", effective_from=values["start_date"], lines=lines)]


class LoanFactory(RentlyFactory[Loan]):
    """A loan of 12,000.00 that began two weeks before the business date, with a plan of twelve instalments of which none is due yet.

    The plan follows ``principal_amount``, ``rc_fee_rate``, ``interest_rate``, ``start_date`` and ``end_date``; ``plans=[]`` leaves it out.
    The currency is the company's.
    """

    loan_number = Use(numbered, "RL-T-{:06d}")
    product = ProductFactory
    legal_entity = LegalEntityFactory
    borrower = PartyFactory
    currency_code = PostGenerated(lambda _, values: values["legal_entity"].functional_ccy)
    principal_amount = Decimal("12000.00")
    rc_fee_rate = Decimal("0.0300")
    interest_rate = Decimal("0.0800")
    start_date = Use(days_before, 14)
    end_date = PostGenerated(lambda _, values: add_months(values["start_date"], 12))
    property_contract_id = Use(numbered, "LEASE-T-{:06d}")
    lease_start_date = PostGenerated(lambda _, values: values["start_date"])
    lease_end_date = PostGenerated(lambda _, values: values["end_date"])
    plans = PostGenerated(_first_plan)


class PartyRoleFactory(RentlyFactory[PartyRole]):
    """A guarantor of a loan, from its first day."""

    party = PartyFactory
    loan = LoanFactory
    role = RoleKind.GUARANTOR
    effective_from = PostGenerated(lambda _, values: values["loan"].start_date)


def _next_version(_: str, values: Values) -> int:
    return 1 + max((plan.version for plan in related(values["loan"], "plans")), default=0)


def _plan_lines(_: str, values: Values) -> list[AmortisationLine]:
    loan: Loan = values["loan"]
    return schedule(
        loan.principal_amount,
        values["effective_from"],
        max(loan.end_date, add_months(values["effective_from"], 1)),
        loan.currency_code,
        fee_rate=loan.rc_fee_rate,
        interest_rate=loan.interest_rate,
    )


class AmortisationPlanFactory(RentlyFactory[AmortisationPlan]):
    """The plan of a loan that has none. Given a loan that has one, a new version: the database supersedes the older."""

    loan = Use(lambda: LoanFactory.build(plans=[]))
    version = PostGenerated(_next_version)
    status = PlanStatus.ACTIVE
    reason = "origination"
    effective_from = PostGenerated(lambda _, values: values["loan"].start_date)
    lines = PostGenerated(_plan_lines)


def _unscheduled(_: str, values: Values) -> Decimal:
    """The principal that the plan's other instalments leave."""
    plan: AmortisationPlan = values["plan"]
    loan: Loan = related(plan, "loan")
    scheduled = sum((line.amount_principal for line in related(plan, "lines")), Decimal(0))
    return max(loan.principal_amount - scheduled, Decimal("0.00"))


def _next_due(_: str, values: Values) -> date:
    plan: AmortisationPlan = values["plan"]
    return add_months(plan.effective_from, values["seq_no"])


class AmortisationLineFactory(RentlyFactory[AmortisationLine]):
    """The only instalment of its plan, for the whole principal; given a plan, its next one, for the principal that is left."""

    plan = Use(lambda: AmortisationPlanFactory.build(lines=[]))
    seq_no = PostGenerated(lambda _, values: 1 + max((line.seq_no for line in related(values["plan"], "lines")), default=0))
    due_date = PostGenerated(_next_due)
    currency_code = PostGenerated(lambda _, values: related(values["plan"], "loan").currency_code)
    amount_principal = PostGenerated(_unscheduled)
    amount_rc_fee = Decimal("0.00")
    amount_penalty = Decimal("0.00")
    amount_other = Decimal("0.00")
    amount_interest = Decimal("0.00")
