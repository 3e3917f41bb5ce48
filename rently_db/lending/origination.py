"""Lending: a contract with its plan, and the money that is paid out on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.orm import Session

from rently_db.lending.books import DEFAULT_CHART, About, Booking, Chart, book_about, on_accounts
from rently_db.lending.errors import DuplicateError, InvalidAmountError, LoanStatusError, PrincipalError
from rently_db.lending.reading import decimals_of, local_date, lock
from rently_db.lending.schedule import ZERO, Instalment, Terms, make_schedule, moment, money
from rently_db.models import (
    AllocationComponent,
    AmortisationLine,
    AmortisationPlan,
    Disbursement,
    DisbursementStatus,
    Loan,
    LoanStatus,
    LoanTransfer,
    PartyRole,
    RoleKind,
    TransferStatus,
)


def originate_loan(session: Session, loan: Loan, terms: Terms, *, reason: str = "origination") -> Loan:
    """Write a new contract with its first plan, and its borrower's role. Nothing is paid out yet: see `disburse_loan`.

    ``loan`` is a new `Loan` with what the contract says beside the terms: loan_number, product_id, legal_entity_id, borrower_party_id,
    currency_code, and whatever else is known. Principal, interest rate, first and last day are the terms'; the fee's rate too, unless
    given.

    Raises DuplicateError if the number is taken, InvalidAmountError if the currency has no unit as small as the terms' amounts or decimals.
    Flushes; the caller commits.
    """
    # The loan is not complete yet: if the caller has added it, or what it belongs to has, a query must not write it.
    with session.no_autoflush:
        if session.scalar(select(Loan.id).where(Loan.loan_number == loan.loan_number)) is not None:
            raise DuplicateError(f"there is a loan {loan.loan_number} already; look it up, or take another number")
        decimals = decimals_of(session, loan.currency_code)
    _check_unit(loan.currency_code, decimals, terms)
    lines = make_schedule(terms)
    loan.principal_amount = terms.principal
    loan.interest_rate = terms.interest_rate
    loan.start_date, loan.end_date = terms.start, lines[-1].due_date
    if loan.rc_fee_rate is None:
        loan.rc_fee_rate = round(terms.fee / terms.principal, 4)
    session.add(loan)
    session.flush()
    session.add(PartyRole(party_id=loan.borrower_party_id, loan_id=loan.id, role=RoleKind.BORROWER, effective_from=terms.start))
    write_plan(session, loan, lines, version=1, effective_from=terms.start, reason=reason)
    return loan


def _check_unit(currency_code: str, decimals: int, terms: Terms) -> None:
    """What is offered is what is written: terms of another rounding are refused, not rounded anew."""
    if terms.decimals > decimals:
        raise InvalidAmountError(
            f"amounts in {currency_code} have {decimals} decimals, but the instalments are rounded to {terms.decimals}; "
            f"pass Terms(decimals={decimals})"
        )
    for name, amount in (("principal", terms.principal), ("fee", terms.fee)):
        if amount != round(amount, decimals):
            raise InvalidAmountError(f"the {name} is {amount}; pass an amount of {decimals} decimals, since {currency_code} has no more")


def write_plan(
    session: Session, loan: Loan, lines: Iterable[Instalment], *, version: int, effective_from: date, reason: str
) -> AmortisationPlan:
    """Write an active plan with its lines; the loan must not have another active one."""
    plan = AmortisationPlan(loan_id=loan.id, version=version, effective_from=effective_from, reason=reason)
    session.add(plan)
    session.flush()
    # One statement: triggers look at the lines of a statement together.
    session.execute(
        insert(AmortisationLine),
        [
            {
                "plan_id": plan.id,
                "seq_no": line.seq_no,
                "due_date": line.due_date,
                "currency_code": loan.currency_code,
                **{f"amount_{component.value}": line.amount(component) for component in AllocationComponent},
            }
            for line in lines
        ],
    )
    return plan


def disburse_loan(
    session: Session,
    loan: Loan,
    instrument_id: UUID,
    *,
    at: datetime,
    amount: Decimal | None = None,
    chart: Chart = DEFAULT_CHART,
    by: UUID | None = None,
) -> Disbursement:
    """Record that an amount (None: all that is left of the principal) was paid out to an account at a moment, and book it.

    From the local date of ``at`` on the loan owes it. Raises LoanStatusError unless the loan is active, PrincipalError if more than the
    contract's principal would be paid out and taken over, InvalidAmountError, DateError, BooksError. Flushes; the caller commits.
    """
    lock(session, loan)
    if loan.status is not LoanStatus.ACTIVE:
        raise LoanStatusError(f"loan {loan.loan_number} is {loan.status}; only an active loan is paid out")
    left = undrawn_amount(session, loan)
    amount = left if amount is None else money("the disbursement", amount)
    if amount > left or amount <= 0:
        raise PrincipalError(
            f"{amount} {loan.currency_code} can't be paid out on loan {loan.loan_number}: {left} of its {loan.principal_amount} are left"
        )
    entries = on_accounts(session, loan.legal_entity_id, [(chart.receivable, amount), (chart.cash, -amount)])
    paid = Disbursement(
        loan_id=loan.id,
        legal_entity_id=loan.legal_entity_id,
        instrument_id=instrument_id,
        currency_code=loan.currency_code,
        amount=amount,
        disbursed_at=moment("at", at),
        status=DisbursementStatus.COMPLETED,
    )
    session.add(paid)
    session.flush()
    booking = Booking(
        legal_entity_id=loan.legal_entity_id,
        currency_code=loan.currency_code,
        on=local_date(session, loan.legal_entity_id, at),
        description=f"Disbursement of {loan.loan_number}",
        by=by,
    )
    book_about(session, booking, About(loan_id=loan.id, disbursement_id=paid.id), entries)
    return paid


def undrawn_amount(session: Session, loan: Loan) -> Decimal:
    """What is left of the contract's principal after disbursements, those on their way included, and balances taken over."""
    lost = (DisbursementStatus.FAILED, DisbursementStatus.CANCELLED)
    paid = select(func.sum(Disbursement.amount)).where(Disbursement.loan_id == loan.id, Disbursement.status.not_in(lost))
    taken = select(func.sum(LoanTransfer.transfer_amount)).where(
        LoanTransfer.target_loan_id == loan.id, LoanTransfer.status == TransferStatus.COMPLETED
    )
    return loan.principal_amount - (session.scalar(paid) or ZERO) - (session.scalar(taken) or ZERO)
