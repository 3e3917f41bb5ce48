"""A transfer, a write-off and recoveries, a dispute: what figures and books say afterwards, and what is refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import select, text

from rently_db.lending import (
    DateError,
    InvalidAmountError,
    LoanStatusError,
    MismatchError,
    PrincipalError,
    Terms,
    UnsettledError,
    allocate_payment,
    disburse_loan,
    open_dispute,
    record_payment,
    resolve_dispute,
    restructure_loan,
    reverse_payment,
    transfer_loan,
    unpaid_dues,
    write_off_loan,
)
from rently_db.models import (
    AllocationComponent,
    CollectionsEvent,
    DisputeStatus,
    DisputeType,
    JournalEntry,
    LedgerEntry,
    LegalEntity,
    Loan,
    LoanAdjustment,
    Payment,
    TransferType,
)
from tests.lending.desk import Desk, at
from tests.lending.test_payments import terms


def free(desk: Desk, **changes: Any) -> Terms:
    """12,000 over a year without interest or fee, three instalments of 1,000 overdue."""
    return terms(desk, interest_rate=Decimal(0), fee=Decimal(0), **changes)


def tomorrow(desk: Desk) -> None:
    """Let the figures, and the desk, be of the next day; the clock stays."""
    desk.today += timedelta(days=1)
    desk.session.execute(text("SELECT set_config('rently.business_date', :day, true)"), {"day": str(desk.today)})


def test_a_transfer_moves_the_balance(desk: Desk):
    """The source leaves the book with what it owed, the target owes it and the rest that is paid out; clearing is even."""
    source = desk.lend(free(desk))
    desk.pay(source, "1150.00", desk.months_ago(2))
    target = desk.contract(Terms(principal=Decimal("15000.00"), months=12, start=desk.today), parent_loan_id=source.id)
    moved = transfer_loan(desk.session, source, target, TransferType.APARTMENT_CHANGE, approved_by=desk.borrower.id, reason="moved")
    assert (moved.transfer_amount, moved.transfer_date, moved.status) == (10850, desk.today, "completed")
    was, now = desk.state(source), desk.state(target)
    assert (was.loan_status, was.principal_outstanding, was.transferred_out, was.dpd) == ("transferred", 0, 10850, 0)
    assert (now.principal_outstanding, now.transferred_in, now.disbursed) == (10850, 10850, 0)
    assert disburse_loan(desk.session, target, desk.account.id, at=at(desk.today)).amount == 4150
    assert desk.state(target).principal_outstanding == 15000
    assert desk.booked(loan_id=source) == {"1190": 10850, "1000": -12000, "2100": 1150}
    assert desk.booked(loan_id=target) == {"1190": -10850, "1100": 15000, "1000": -4150}
    with pytest.raises(LoanStatusError, match="was transferred; allocate to the loan that took its balance over"):
        desk.pay(source, "100.00", desk.today)
    assert desk.unsound() == []


def test_a_balance_moves_to_another_company(desk: Desk):
    """Each company books its side in its own books against clearing, which holds what one owes the other; both sets of books balance."""
    dubai = desk.session.scalars(select(LegalEntity).where(LegalEntity.registration_no == "DMCC123456")).one()
    source, target = desk.lend(free(desk)), desk.contract(free(desk), legal_entity_id=dubai.id)
    transfer_loan(desk.session, source, target, TransferType.CONSOLIDATION, approved_by=desk.borrower.id)
    journals = (
        select(JournalEntry.legal_entity_id, JournalEntry.created_by).join(JournalEntry.entries).where(LedgerEntry.loan_id == target.id)
    )
    assert set(desk.session.execute(journals).all()) == {(dubai.id, desk.borrower.id)}
    assert (desk.booked(loan_id=source)["1190"], desk.booked(loan_id=target)["1190"]) == (12000, -12000)
    assert desk.unsound() == []


def test_a_payment_that_bounces_after_the_transfer_waits_on_clearing(desk: Desk):
    """The source stays off the book; what the bounced payment had settled stands on the clearing account until somebody decides."""
    source, target = desk.lend(free(desk)), desk.contract(Terms(principal=Decimal("15000.00"), months=12, start=desk.today))
    payment = desk.receive("1000.00", desk.months_ago(1))
    allocate_payment(desk.session, payment, source)
    transfer_loan(desk.session, source, target, TransferType.REFINANCE, approved_by=desk.borrower.id)
    reverse_payment(desk.session, payment)
    assert desk.state(source).principal_outstanding == 0
    assert desk.booked(loan_id=source)["1190"] + desk.booked(loan_id=target)["1190"] == 1000
    assert desk.unsound() == []


def test_a_transfer_that_would_lose_something_is_refused(desk: Desk):
    """Itself, another currency, a target too small or not active, dues besides principal, nothing outstanding, tomorrow."""
    source, small = desk.lend(free(desk)), desk.contract(Terms(principal=Decimal("9000.00"), months=12, start=desk.today))

    def refused(error: type[Exception], words: str, *, target: Loan = small, moved: Loan = source, **more: Any) -> None:
        with pytest.raises(error, match=words):
            transfer_loan(desk.session, moved, target, TransferType.REFINANCE, approved_by=desk.borrower.id, **more)

    refused(MismatchError, "can't take itself over", target=source)
    refused(PrincipalError, r"12000\.00 SGD are outstanding .* has room for 9000\.00")
    refused(DateError, "is in the future", on=desk.today + timedelta(days=1))
    refused(DateError, "moved on .*; pass that day or a later one", on=source.start_date - timedelta(days=1))
    refused(PrincipalError, "nothing is outstanding", moved=small, target=source)
    refused(UnsettledError, r"360\.00 SGD besides principal are due", moved=desk.lend(terms(desk)))
    dirhams = desk.session.get_one(Loan, small.id)
    desk.session.execute(
        text(
            "DELETE FROM public.amortisation_line WHERE currency_code = 'SGD' AND plan_id IN "
            "(SELECT id FROM public.amortisation_plan WHERE loan_id = :loan)"
        ),
        {"loan": small.id},
    )
    dirhams.currency_code = "AED"
    refused(MismatchError, "a balance moves within its currency", target=dirhams)
    write_off_loan(desk.session, source, reason="fraud")
    refused(LoanStatusError, "is written_off; only an active loan is part of a transfer", target=desk.contract(free(desk)))


def test_a_write_off_gives_up_what_is_owed(desk: Desk):
    """Nothing is owed any more; principal is a loss in the books; the event says how late it was."""
    loan = desk.lend(terms(desk))
    desk.pay(loan, "1150.00", desk.months_ago(2))
    second_due = min(due.due_date for due in unpaid_dues(desk.session, loan))
    made = write_off_loan(desk.session, loan, reason="insolvent", by=desk.borrower.id)
    assert {(row.component.value, row.amount) for row in made} == {("principal", 11000), ("interest", 200), ("rc_fee", 10)}
    state = desk.state(loan)
    assert (state.loan_status, state.principal_written_off, state.total_outstanding, state.exited_on) == (
        "written_off",
        11000,
        0,
        desk.today,
    )
    assert desk.booked(loan_id=loan)["5000"] == 11000
    event = desk.session.scalars(select(CollectionsEvent).where(CollectionsEvent.loan_id == loan.id)).one()
    assert (event.event_type, event.dpd_snapshot, event.amount_involved) == ("write_off", (desk.today - second_due).days, 11210)
    assert desk.unsound() == []


def test_what_comes_after_a_write_off_is_a_recovery(desk: Desk):
    """From the next day on: it lowers the loss, never what is owed, and is not more than was lost; a bounce of it undoes that."""
    loan = desk.lend(free(desk))
    write_off_loan(desk.session, loan, reason="insolvent")
    with pytest.raises(LoanStatusError, match="is no recovery: recoveries begin on the next day"):
        desk.pay(loan, "100.00", desk.today)
    tomorrow(desk)
    payment = desk.receive("500.00", desk.today)
    (part,) = allocate_payment(desk.session, payment, loan).allocations
    assert (part.component, part.line_id, part.allocated_amount) == (AllocationComponent.PRINCIPAL, None, 500)
    state = desk.state(loan)
    assert (state.total_outstanding, state.overpaid_principal, state.principal_written_off) == (0, 0, 12000)
    assert desk.booked(loan_id=loan)["5000"] == 11500
    assert desk.pay(loan, "20000.00", desk.today).unallocated == 8500
    assert "5000" not in desk.booked(loan_id=loan)
    assert desk.unsound() == []
    reverse_payment(desk.session, payment, at=at(desk.today, 13))
    assert desk.booked(loan_id=loan)["5000"] == 500
    assert desk.unsound() == []


def test_a_payment_of_before_that_bounces_after_a_write_off_is_lost_too(desk: Desk):
    """The loan stays off the book and owes nothing; the loss grows by what the payment had settled."""
    loan = desk.lend(free(desk))
    payment = desk.receive("1000.00", desk.months_ago(1))
    allocate_payment(desk.session, payment, loan)
    write_off_loan(desk.session, loan, reason="insolvent")
    reverse_payment(desk.session, payment)
    assert (desk.state(loan).principal_written_off, desk.state(loan).total_outstanding) == (12000, 0)
    assert desk.booked(loan_id=loan)["5000"] == 12000
    assert desk.unsound() == []


def test_a_write_off_is_one_of_what_is_owed(desk: Desk):
    """Nothing outstanding, a loan that left the book, the future: refused, and nothing is written."""
    loan, undrawn = desk.lend(terms(desk)), desk.contract(terms(desk))
    with pytest.raises(PrincipalError, match="nothing is outstanding"):
        write_off_loan(desk.session, undrawn, reason="insolvent")
    with pytest.raises(DateError, match="is in the future"):
        write_off_loan(desk.session, loan, reason="insolvent", on=desk.today + timedelta(days=1))
    assert desk.session.scalars(select(LoanAdjustment).where(LoanAdjustment.loan_id.in_([loan.id, undrawn.id]))).all() == []
    write_off_loan(desk.session, loan, reason="insolvent")
    with pytest.raises(LoanStatusError, match="is written_off; only an active loan is written off"):
        write_off_loan(desk.session, loan, reason="insolvent")


def test_a_dispute_is_opened_and_resolved(desk: Desk):
    """It moves no money; resolved, it says when and how, and a second resolution changes nothing."""
    loan = desk.lend(terms(desk))
    payment = desk.receive("1130.00", desk.today)
    allocate_payment(desk.session, payment, loan)
    before = desk.state(loan)
    dispute = open_dispute(
        desk.session,
        loan,
        DisputeType.AMOUNT_MISMATCH,
        reported_by=desk.borrower.id,
        payment=payment,
        expected_amount=Decimal("1150.00"),
        actual_amount=payment.amount,
    )
    missing = open_dispute(desk.session, loan, DisputeType.TIMING_ISSUE, reported_by=desk.borrower.id, assigned_to=desk.borrower.id)
    assert (dispute.status, missing.status, missing.payment_id) == (DisputeStatus.OPEN, DisputeStatus.INVESTIGATING, None)
    assert desk.state(loan) == before
    resolve_dispute(desk.session, dispute, "bank statement shows 1,130.00")
    at_first = dispute.resolved_at
    resolve_dispute(desk.session, dispute, "again")
    assert (dispute.status, dispute.resolved_at, dispute.resolution_notes) == (
        DisputeStatus.RESOLVED,
        at_first,
        "bank statement shows 1,130.00",
    )
    with pytest.raises(DateError, match="can't be resolved at"):
        resolve_dispute(desk.session, missing, "found", at=at(desk.months_ago(1)))
    assert desk.unsound() == []


def test_a_dispute_is_about_money_of_the_loan(desk: Desk):
    """Another currency, and amounts that are none, are refused."""
    loan = desk.lend(terms(desk))
    dirhams: Payment = record_payment(
        desk.session,
        legal_entity_id=desk.company.id,
        currency_code="AED",
        amount=Decimal(1),
        received_at=at(desk.today),
        provider=None,
        external_reference=None,
    ).payment
    with pytest.raises(MismatchError, match="is in AED"):
        open_dispute(desk.session, loan, DisputeType.ALLOCATION_ERROR, reported_by=desk.borrower.id, payment=dirhams)
    with pytest.raises(InvalidAmountError, match="the expected amount is 0"):
        open_dispute(desk.session, loan, DisputeType.ALLOCATION_ERROR, reported_by=desk.borrower.id, expected_amount=Decimal(0))


def test_the_event_of_a_write_off_knows_the_days_past_due_of_the_figures(desk: Desk):
    """Days of grace are no days past due, in the note of the event as in the figures."""
    desk.product.grace_days = 5
    loan = desk.lend(terms(desk))
    dpd = desk.state(loan).dpd
    assert dpd == (desk.today - desk.state(loan).overdue_since).days - 5
    write_off_loan(desk.session, loan, reason="insolvent")
    assert desk.session.scalars(select(CollectionsEvent.dpd_snapshot).where(CollectionsEvent.loan_id == loan.id)).one() == dpd


def test_a_day_is_a_date(desk: Desk):
    """A moment is refused where a day is asked for: which day it is depends on where the company is."""
    loan = desk.lend(terms(desk))
    payment, now = desk.receive("10.00", desk.today), datetime.now(UTC)
    for call in (
        lambda: allocate_payment(desk.session, payment, loan, due_by=now),
        lambda: unpaid_dues(desk.session, loan, due_by=now),
        lambda: restructure_loan(desk.session, loan, months=3, reason="tenor extended", on=now),
        lambda: write_off_loan(desk.session, loan, reason="insolvent", on=now),
        lambda: transfer_loan(desk.session, loan, desk.contract(free(desk)), TransferType.REFINANCE, approved_by=desk.borrower.id, on=now),
    ):
        with pytest.raises(DateError, match=r"is datetime\.datetime\(.*; pass a datetime\.date"):
            call()
