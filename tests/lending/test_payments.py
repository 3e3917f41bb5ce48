"""Lending and being paid: what is written, what the figures say afterwards, and what is refused before anything is written."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select, text

from rently_db.lending import (
    BooksError,
    Chart,
    DateError,
    DuplicateError,
    InvalidAmountError,
    LoanStatusError,
    MismatchError,
    PaymentStatusError,
    PrincipalError,
    Repayment,
    Terms,
    UnsettledError,
    allocate_payment,
    balance_on,
    close_loan,
    disburse_loan,
    originate_loan,
    record_payment,
    restructure_loan,
    reverse_payment,
    unallocated_amount,
    undrawn_amount,
    unpaid_dues,
    write_off_loan,
)
from rently_db.models import (
    AllocationComponent,
    AmortisationPlan,
    Disbursement,
    DisbursementStatus,
    JournalEntry,
    LedgerEntry,
    LegalEntity,
    Loan,
    LoanStatus,
    LoanStatusHistory,
    PartyRole,
    Payment,
    PaymentAllocation,
    PaymentDirection,
    PaymentStatus,
)
from tests.lending.desk import Desk, at

NAMES = ("principal_outstanding", "interest_outstanding", "fee_outstanding", "arrears", "dpd", "unapplied_cash")


def terms(desk: Desk, months_ago: int = 3, **changes: Any) -> Terms:
    """12,000 over a year at 12 % with a fee of 120, from so many months ago and a day: every instalment since is overdue."""
    known: dict[str, Any] = {"principal": Decimal("12000.00"), "months": 12, "interest_rate": Decimal("0.12"), "fee": Decimal("120.00")}
    return Terms(start=desk.months_ago(months_ago, -1), **known | changes)


def figures(desk: Desk, loan: Loan) -> dict[str, Any]:
    """The figures of a loan that payments move."""
    state = desk.state(loan)
    return {name: getattr(state, name) for name in NAMES}


def test_a_loan_is_lent_with_plan_role_and_books(desk: Desk):
    """After the payout the borrower owes the principal, three instalments are overdue, and receivable stands against cash."""
    loan = desk.lend(terms(desk))
    plan = desk.session.scalars(select(AmortisationPlan).where(AmortisationPlan.loan_id == loan.id)).one()
    assert (plan.version, plan.status, plan.effective_from) == (1, "active", loan.start_date)
    assert (loan.principal_amount, loan.interest_rate, loan.rc_fee_rate) == (12000, Decimal("0.12"), Decimal("0.0100"))
    assert desk.session.scalars(select(PartyRole.role).where(PartyRole.loan_id == loan.id)).all() == ["borrower"]
    state = desk.state(loan)
    first_due = min(due.due_date for due in unpaid_dues(desk.session, loan))
    # By hand: 3 x 1000.00 principal, interest of 120, 110 and 100, fees of 3 x 10.
    assert (state.principal_outstanding, state.arrears, state.dpd) == (12000, Decimal("3360.00"), (desk.today - first_due).days)
    assert desk.booked(loan_id=loan) == {"1100": 12000, "1000": -12000}
    assert desk.unsound() == []


def test_a_payment_settles_the_oldest_instalment_first(desk: Desk):
    """1,150.00 pay the first instalment of 1,130.00, then the second one's fee and half of the next ten: interest."""
    loan = desk.lend(terms(desk))
    result = desk.pay(loan, "1150.00", desk.months_ago(2))
    assert [(part.component.value, str(part.allocated_amount)) for part in result.allocations] == [
        ("rc_fee", "10.00"),
        ("interest", "120.00"),
        ("principal", "1000.00"),
        ("rc_fee", "10.00"),
        ("interest", "10.00"),
    ]
    assert result.unallocated == 0
    second_due = min(due.due_date for due in unpaid_dues(desk.session, loan))
    assert figures(desk, loan) == {
        "principal_outstanding": 11000,
        "interest_outstanding": 200,
        "fee_outstanding": 10,
        "arrears": 2210,
        "dpd": (desk.today - second_due).days,
        "unapplied_cash": 0,
    }
    assert desk.booked(loan_id=loan) == {"1100": 11000, "1000": -12000, "2100": 1150, "4000": -20, "4100": -130}
    assert desk.unsound() == []


def test_an_overpayment_stays_unallocated_until_something_falls_due(desk: Desk):
    """With due_by a payment settles what is due by that day; the rest waits on the account of unapplied cash, and pays later."""
    loan = desk.lend(terms(desk))
    payment = desk.receive("4000.00", desk.today)
    result = allocate_payment(desk.session, payment, loan, due_by=desk.today)
    assert (result.unallocated, unallocated_amount(desk.session, payment)) == (Decimal("640.00"), Decimal("640.00"))
    assert (desk.state(loan).arrears, desk.state(loan).unapplied_cash) == (0, 640)
    assert desk.booked(payment_id=payment)["2100"] == -640
    assert allocate_payment(desk.session, payment, loan, due_by=desk.today).allocations == ()
    assert allocate_payment(desk.session, payment, loan).unallocated == 0
    assert desk.unsound() == []


def test_more_than_is_owed_is_never_allocated(desk: Desk):
    """A payment of more than the whole plan leaves the rest, and the loan, on which nothing is owed, can be closed."""
    loan = desk.lend(terms(desk))
    owed = sum(due.amount for due in unpaid_dues(desk.session, loan))
    assert desk.pay(loan, "20000.00", desk.today).unallocated == 20000 - owed
    assert unpaid_dues(desk.session, loan) == []
    close_loan(desk.session, loan)
    assert (desk.state(loan).loan_status, desk.state(loan).total_outstanding) == ("closed", 0)
    assert desk.unsound() == []


def test_a_loan_that_is_owed_is_not_closed(desk: Desk):
    """Closing asks for every instalment, also those that are not due yet."""
    loan = desk.lend(terms(desk))
    with pytest.raises(UnsettledError, match=r"12900\.00 SGD are still owed"):
        close_loan(desk.session, loan)


def test_a_contract_that_was_not_paid_out_can_be_ended(desk: Desk):
    """Nothing is owed of what was never lent, whatever the plan asks for; money on its way is lent."""
    ended, on_its_way = desk.contract(terms(desk)), desk.contract(terms(desk))
    with pytest.raises(PrincipalError, match=r"nothing is outstanding of the principal of .*; close it"):
        write_off_loan(desk.session, ended, reason="withdrawn")
    assert close_loan(desk.session, ended).status is LoanStatus.CLOSED
    known = {"legal_entity_id": desk.company.id, "instrument_id": desk.account.id, "currency_code": "SGD", "amount": Decimal("12000.00")}
    desk.session.add(Disbursement(loan_id=on_its_way.id, status=DisbursementStatus.PROCESSING, **known))
    with pytest.raises(UnsettledError, match=r"900\.00 SGD are still owed .*, 900\.00 of them besides principal"):
        close_loan(desk.session, on_its_way)


def test_a_loan_that_was_paid_out_in_part_is_closed_when_that_is_paid(desk: Desk):
    """600.00 of 1,200.00 were lent: once they are back nothing is owed, though the plan schedules all of it."""
    loan = desk.contract(Terms(principal=Decimal("1200.00"), months=12, start=desk.months_ago(3)))
    disburse_loan(desk.session, loan, desk.account.id, at=at(loan.start_date), amount=Decimal("600.00"))
    desk.pay(loan, "599.99", desk.today)
    with pytest.raises(UnsettledError, match=r"0\.01 SGD are still owed"):
        close_loan(desk.session, loan)
    desk.pay(loan, "0.01", desk.today)
    assert close_loan(desk.session, loan).status is LoanStatus.CLOSED
    assert desk.unsound() == []


def test_a_reversal_restores_what_was_due(desk: Desk):
    """After a chargeback every figure is what it was before the payment, and the books are even; yesterday still counts it."""
    loan = desk.lend(terms(desk))
    before, dues = figures(desk, loan), unpaid_dues(desk.session, loan)
    payment = desk.receive("5000.00", desk.months_ago(1))
    allocate_payment(desk.session, payment, loan)
    reverse_payment(desk.session, payment)
    assert figures(desk, loan) == before
    assert unpaid_dues(desk.session, loan) == dues
    assert (payment.status, desk.booked(payment_id=payment)) == ("reversed", {})
    dates = select(LedgerEntry.entry_date).where(LedgerEntry.payment_id == payment.id).order_by(LedgerEntry.entry_date).distinct()
    assert desk.session.scalars(dates).all() == [desk.months_ago(1), desk.today]
    journals = select(func.count()).select_from(JournalEntry)
    booked = desk.session.scalar(journals)
    assert reverse_payment(desk.session, payment).reversed_at == payment.reversed_at
    assert desk.session.scalar(journals) == booked
    yesterday = desk.today - timedelta(days=1)
    paid = text("SELECT principal_paid FROM analytics.compute_loan_state(ARRAY[:loan], :day)")
    assert desk.session.scalar(paid, {"loan": loan.id, "day": yesterday}) > 0
    assert desk.session.scalar(paid, {"loan": loan.id, "day": desk.today}) == 0
    assert desk.unsound() == []


def test_a_reversal_opens_a_closed_loan_again(desk: Desk):
    """The last payment bounces after the loan was closed: it is active again, as its history says, and owes the payment."""
    loan = desk.lend(terms(desk))
    payment = desk.receive("12900.00", desk.today)
    allocate_payment(desk.session, payment, loan)
    close_loan(desk.session, loan)
    reverse_payment(desk.session, payment)
    assert loan.status is LoanStatus.ACTIVE
    history = select(LoanStatusHistory.status_value).where(LoanStatusHistory.loan_id == loan.id).order_by(LoanStatusHistory.effective_from)
    assert desk.session.scalars(history).all() == ["active", "closed", "active"]
    assert desk.state(loan).principal_outstanding == 12000
    assert desk.unsound() == []


def test_one_payment_settles_two_loans(desk: Desk):
    """What the first loan leaves pays the second; a reversal restores both."""
    small, other = desk.lend(terms(desk, months=1, principal=Decimal("100.00"), fee=Decimal(0))), desk.lend(terms(desk))
    payment = desk.receive("1000.00", desk.today)
    assert allocate_payment(desk.session, payment, small).unallocated == Decimal("899.00")
    assert allocate_payment(desk.session, payment, other).unallocated == 0
    reverse_payment(desk.session, payment)
    assert [desk.state(loan).principal_outstanding for loan in (small, other)] == [100, 12000]
    assert desk.unsound() == []


@pytest.mark.parametrize("repayment", Repayment)
def test_what_is_due_is_what_the_figures_say(desk: Desk, repayment: Repayment):
    """After a payment of every kind of loan, what is unpaid by instalment and component is what `analytics` computes."""
    loan = desk.lend(terms(desk, repayment=repayment))
    desk.pay(loan, "777.77", desk.today)
    computed = desk.session.execute(
        text(
            "SELECT i.line_id, c.name, c.unpaid FROM analytics.compute_instalments(ARRAY[:loan], :day) AS i CROSS JOIN LATERAL (VALUES"
            " ('penalty', i.unpaid_penalty), ('rc_fee', i.unpaid_rc_fee), ('interest', i.unpaid_interest),"
            " ('principal', i.unpaid_principal), ('other', i.unpaid_other)) AS c (name, unpaid) WHERE i.in_force AND c.unpaid > 0"
        ),
        {"loan": loan.id, "day": desk.today},
    )
    assert {(due.line_id, due.component.value, due.amount) for due in unpaid_dues(desk.session, loan)} == {tuple(row) for row in computed}


def test_a_payout_is_at_most_the_contract(desk: Desk):
    """A loan may be paid out in parts, never more than its principal; a second click pays nothing twice."""
    loan = desk.contract(terms(desk))
    disburse_loan(desk.session, loan, desk.account.id, at=at(loan.start_date), amount=Decimal("5000.00"))
    assert undrawn_amount(desk.session, loan) == 7000
    with pytest.raises(PrincipalError, match=r"7000\.01 SGD can't be paid out on loan .*: 7000\.00 of its 12000\.00 are left"):
        disburse_loan(desk.session, loan, desk.account.id, at=at(desk.today), amount=Decimal("7000.01"))
    disburse_loan(desk.session, loan, desk.account.id, at=at(desk.today))
    with pytest.raises(PrincipalError):
        disburse_loan(desk.session, loan, desk.account.id, at=at(desk.today))
    assert balance_on(desk.session, loan, loan.start_date) == 5000
    assert balance_on(desk.session, loan, desk.today) == 12000
    assert desk.unsound() == []


def test_of_a_loan_that_has_too_much_nothing_is_left_to_pay_out(desk: Desk):
    """A contract that was lowered below what was paid out: the rest is no payout below 0."""
    loan = desk.lend(terms(desk))
    loan.principal_amount = Decimal("11000.00")
    with pytest.raises(PrincipalError, match=r"-1000\.00 of its 11000\.00 are left"):
        disburse_loan(desk.session, loan, desk.account.id, at=at(desk.today))


def test_a_loan_may_be_in_the_session_before_it_is_complete(desk: Desk):
    """Added by the caller, or tied to objects of the session: it is written when the terms are known, not by the look for its number."""
    known = {"product": desk.product, "legal_entity": desk.company, "borrower": desk.borrower, "currency_code": "SGD"}
    tied = originate_loan(desk.session, Loan(loan_number="TEST-TIED", **known), terms(desk))
    added = Loan(loan_number="TEST-ADDED", **known)
    desk.session.add(added)
    originate_loan(desk.session, added, terms(desk))
    assert (tied.principal_amount, added.principal_amount, tied.borrower_party_id) == (12000, 12000, desk.borrower.id)


def test_instalments_are_payable_in_the_currency(desk: Desk):
    """Yen have no decimals: terms of cents are refused, and a new plan is of whole yen as well."""
    plain = Terms(principal=Decimal(100000), months=7, start=desk.months_ago(2), interest_rate=Decimal("0.05"))
    with pytest.raises(InvalidAmountError, match=r"amounts in JPY have 0 decimals, .*; pass Terms\(decimals=0\)"):
        desk.contract(plain, currency_code="JPY")
    with pytest.raises(InvalidAmountError, match=r"the fee is 0\.50; pass an amount of 0 decimals, since JPY has no more"):
        desk.contract(replace(plain, decimals=0, fee=Decimal("0.50")), currency_code="JPY")
    loan = desk.lend(replace(plain, decimals=0), currency_code="JPY")
    restructure_loan(desk.session, loan, months=9, reason="income fell", repayment=Repayment.ANNUITY)
    dues = unpaid_dues(desk.session, loan)
    assert all(due.amount == round(due.amount) for due in dues)
    assert sum(due.amount for due in dues if due.component is AllocationComponent.PRINCIPAL) == 100000
    dinars = desk.contract(plain, currency_code="BHD")  # three decimals, of which the database keeps two
    assert sum(due.amount for due in unpaid_dues(desk.session, dinars)) > 100000


def test_a_loan_number_is_given_once(desk: Desk):
    """A second loan of the number is refused before the database has to."""
    loan = desk.contract(terms(desk))
    with pytest.raises(DuplicateError, match=f"there is a loan {loan.loan_number} already"):
        desk.contract(terms(desk), loan_number=loan.loan_number)


def test_only_what_arrived_is_allocated(desk: Desk):
    """A payment that is pending, that was reversed, or that we made ourselves settles nothing, and is not reversed."""
    loan = desk.lend(terms(desk))
    pending, outbound = desk.receive("100.00", desk.today), desk.receive("100.00", desk.today)
    pending.status, outbound.direction = PaymentStatus.PENDING, PaymentDirection.OUTBOUND
    reversed_ = reverse_payment(desk.session, desk.receive("100.00", desk.today))
    for payment in (pending, outbound, reversed_):
        with pytest.raises(PaymentStatusError, match="only inbound completed payments are allocated"):
            allocate_payment(desk.session, payment, loan)
    for payment in (pending, outbound):
        with pytest.raises(PaymentStatusError, match="only inbound completed payments are reversed"):
            reverse_payment(desk.session, payment)
    assert desk.session.scalar(select(func.count()).select_from(PaymentAllocation).where(PaymentAllocation.loan_id == loan.id)) == 0


def test_money_of_another_currency_or_company_is_refused(desk: Desk):
    """Dirhams don't pay a loan in dollars, and what came to the company in Dubai doesn't pay one of Singapore."""
    loan = desk.lend(terms(desk))
    dubai = desk.session.scalars(select(LegalEntity).where(LegalEntity.registration_no == "DMCC123456")).one()
    given = {"amount": Decimal(100), "received_at": at(desk.today), "provider": "telr", "external_reference": None}
    dirhams = record_payment(desk.session, legal_entity_id=desk.company.id, currency_code="AED", **given).payment
    elsewhere = record_payment(desk.session, legal_entity_id=dubai.id, currency_code="SGD", **given).payment
    with pytest.raises(MismatchError, match=f"is in AED, loan {loan.loan_number} in SGD; exchange the money first"):
        allocate_payment(desk.session, dirhams, loan)
    with pytest.raises(MismatchError, match="came to another company"):
        allocate_payment(desk.session, elsewhere, loan)


def test_an_account_that_is_missing_is_named(desk: Desk):
    """A code that the company does not have, and an account that is closed, are refused with the code before anything is written."""
    loan = desk.lend(terms(desk))
    payment = desk.receive("1130.00", desk.today)
    tables = (Payment, PaymentAllocation, JournalEntry)
    written = [desk.session.scalar(select(func.count()).select_from(table)) for table in tables]
    with pytest.raises(BooksError, match="has no open account 4999, 9999; add it to ledger_account"):
        allocate_payment(desk.session, payment, loan, chart=Chart(rc_fee="9999", interest="4999"))
    desk.session.execute(text("UPDATE public.ledger_account SET is_active = false WHERE code = '1000'"))
    with pytest.raises(BooksError, match="has no open account 1000"):
        desk.receive("1.00", desk.today)
    assert [desk.session.scalar(select(func.count()).select_from(table)) for table in tables] == written


def test_a_reversal_does_not_come_before_its_payment(desk: Desk):
    """Dates the wrong way round are refused."""
    payment = desk.receive("100.00", desk.today)
    with pytest.raises(DateError, match="and can't be reversed at"):
        reverse_payment(desk.session, payment, at=at(desk.today) - timedelta(days=1))


def test_entries_that_do_not_balance_are_not_booked_back(desk: Desk):
    """A payment of which v0 booked one side only: its reversal says what is missing, instead of failing at the commit."""
    payment = desk.receive("100.00", desk.today)
    desk.session.execute(
        text(
            "INSERT INTO public.ledger_entry (legal_entity_id, account_id, payment_id, currency_code, amount, side)"
            " SELECT e.legal_entity_id, e.account_id, e.payment_id, 'SGD', 7, 'debit' FROM public.ledger_entry AS e"
            " WHERE e.payment_id = :payment LIMIT 1"
        ),
        {"payment": payment.id},
    )
    with pytest.raises(BooksError, match=r"debits less credits of this booking are -7(\.00)? SGD"):
        reverse_payment(desk.session, payment)
    assert payment.status is PaymentStatus.COMPLETED


def test_a_loan_without_a_plan_takes_no_payment(desk: Desk):
    """Nobody can say what such a loan owes: the refusal says what it lacks."""
    loan = desk.lend(terms(desk))
    desk.session.execute(text("UPDATE public.amortisation_plan SET status = 'cancelled' WHERE loan_id = :loan"), {"loan": loan.id})
    with pytest.raises(LoanStatusError, match="has no active plan"):
        desk.pay(loan, "100.00", desk.today)
