"""Money that moves: a payment is allocated to instalments that are open, a disbursement pays the loan out."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from polyfactory import PostGenerated, Use

from rently_db.lending import ORDER
from rently_db.models import (
    AllocationComponent,
    AmortisationLine,
    Disbursement,
    DisbursementStatus,
    DisputeType,
    Loan,
    Payment,
    PaymentAllocation,
    PaymentDirection,
    PaymentDispute,
    PaymentStatus,
    PlanStatus,
)
from rently_db.testing.factories.base import RentlyFactory, Values, at, numbered, related, today
from rently_db.testing.factories.lending import LoanFactory
from rently_db.testing.factories.people import PaymentInstrumentFactory


def open_parts(loan: Loan) -> list[tuple[AmortisationLine, AllocationComponent, Decimal]]:
    """What is still owed on the active plan, the oldest instalment first."""
    parts = []
    for plan in related(loan, "plans"):
        if plan.status not in (None, PlanStatus.ACTIVE):
            continue
        for line in related(plan, "lines"):
            settled = [part for part in related(line, "allocations") if part.reversed_at is None]
            for component in ORDER:
                paid = sum((part.allocated_amount for part in settled if part.component == component), Decimal(0))
                left = (getattr(line, f"amount_{component}") or Decimal(0)) - paid
                if left > 0:
                    parts.append((line, component, left))
    return parts


def _next_instalment(loan: Loan) -> Decimal:
    """What is open of the oldest open instalment; of a loan without one, the principal."""
    parts = open_parts(loan)
    return sum((left for line, _, left in parts if line is parts[0][0]), Decimal(0)) or loan.principal_amount


def allocations(amount: Decimal, loan: Loan) -> list[PaymentAllocation]:
    """What an amount settles of a loan; what is left of it stays unallocated."""
    made = []
    for line, component, left in open_parts(loan):
        share = min(left, amount)
        if share <= 0:
            break
        amount -= share
        made.append(PaymentAllocation(loan=loan, plan=related(line, "plan"), line=line, component=component, allocated_amount=share))
    return made


class PaymentFactory(RentlyFactory[Payment]):
    """A completed payment, on the business date, of the oldest open instalment of ``loan`` (by default a new one), and its allocations.

    ``amount`` settles as many instalments as it is enough for. ``allocations=[]`` leaves the payment unallocated.
    """

    direction = PaymentDirection.INBOUND
    provider = "test-bank"
    external_reference = Use(numbered, "TEST-{:09d}")
    received_at = Use(lambda: at(today()))
    processed_at = PostGenerated(lambda _, values: values["received_at"])
    status = PaymentStatus.COMPLETED

    @classmethod
    def process_kwargs(cls, **kwargs: Any) -> Values:
        """Also takes ``loan``, which is no column: the loan that is paid."""
        loan: Loan = kwargs.pop("loan", None) or LoanFactory.build()
        kwargs.setdefault("currency_code", loan.currency_code)
        if "legal_entity_id" not in kwargs and "legal_entity" not in kwargs:
            kwargs["legal_entity"] = related(loan, "legal_entity")
        if "payer_party_id" not in kwargs and "payer" not in kwargs:
            kwargs["payer"] = related(loan, "borrower")
        if "amount" not in kwargs:
            kwargs["amount"] = _next_instalment(loan)
        if "allocations" not in kwargs:
            completed = kwargs.get("status", cls.status) == PaymentStatus.COMPLETED
            kwargs["allocations"] = allocations(kwargs["amount"], loan) if completed else []
        return super().process_kwargs(**kwargs)


def _unallocated_payment(_: str, values: Values) -> Payment:
    return PaymentFactory.build(loan=values["loan"], allocations=[])


def _allocated_amount(_: str, values: Values) -> Decimal:
    paid: Decimal = values["payment"].amount
    return min(_open_amount(values), paid)


def _open_amount(values: Values) -> Decimal:
    line: AmortisationLine | None = values["line"]
    paid: Decimal = values["payment"].amount
    if line is None:
        return paid
    return next((left for other, part, left in open_parts(values["loan"]) if other is line and part == values["component"]), paid)


def _oldest_line(_: str, values: Values) -> AmortisationLine | None:
    component = values["component"]
    return next((line for line, part, _ in open_parts(values["loan"]) if part == component), None)


class PaymentAllocationFactory(RentlyFactory[PaymentAllocation]):
    """The principal of the oldest open instalment of ``loan``, settled by ``payment``: by default one that is allocated to nothing else."""

    loan = LoanFactory
    component = AllocationComponent.PRINCIPAL
    line = PostGenerated(_oldest_line)
    plan = PostGenerated(lambda _, values: None if values["line"] is None else related(values["line"], "plan"))
    payment = PostGenerated(_unallocated_payment)
    allocated_amount = PostGenerated(_allocated_amount)


def _account_of_borrower(_: str, values: Values) -> Any:
    loan: Loan = values["loan"]
    return PaymentInstrumentFactory.build(party=related(loan, "borrower"), currency_code=loan.currency_code)


class DisbursementFactory(RentlyFactory[Disbursement]):
    """The whole principal of a loan, paid out on its first day to an account of the borrower."""

    loan = LoanFactory
    legal_entity = PostGenerated(lambda _, values: related(values["loan"], "legal_entity"))
    instrument = PostGenerated(_account_of_borrower)
    currency_code = PostGenerated(lambda _, values: values["loan"].currency_code)
    amount = PostGenerated(lambda _, values: values["loan"].principal_amount)
    disbursed_at = PostGenerated(lambda _, values: at(values["loan"].start_date))
    status = DisbursementStatus.COMPLETED


class PaymentDisputeFactory(RentlyFactory[PaymentDispute]):
    """A borrower who says that ten more were paid than arrived."""

    loan = LoanFactory
    payment = PostGenerated(lambda _, values: PaymentFactory.build(loan=values["loan"]))
    dispute_type = DisputeType.AMOUNT_MISMATCH
    actual_amount = PostGenerated(lambda _, values: None if values["payment"] is None else values["payment"].amount)
    expected_amount = PostGenerated(lambda _, values: (values["actual_amount"] or Decimal(0)) + 10)
    reporter = PostGenerated(lambda _, values: related(values["loan"], "borrower"))
