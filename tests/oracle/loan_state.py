"""A row of analytics.loan_state by the oracle: the columns, as the table's own header explains them, from the measures of a loan."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from tests.oracle.book import ZERO, Book
from tests.oracle.instalments import Instalment
from tests.oracle.loans import ONE_DAY, LoanState, holds, state_of

Row = dict[str, Any]

_NAMES = ("interest", "rc_fee", "penalty", "other")


def _money(state: LoanState) -> Row:
    dates = [on for on, _ in state.disbursements]
    payments = [row for row in state.money if row.kind == "allocation"]
    found: Row = {
        "approved_principal": state.loan.principal_amount,
        "disbursed_principal": state.disbursed,
        "first_disbursed_on": min(dates, default=None),
        "last_disbursed_on": max(dates, default=None),
        "principal_paid": state.total("allocation"),
        "principal_recovered": state.recovered,
        "principal_waived": state.total("waiver"),
        "principal_written_off": state.principal_written_off,
        "principal_refunded": state.total("refund"),
        "transferred_in": state.transferred_in,
        "transferred_out": state.transferred_out,
        "outstanding_principal": state.outstanding,
        "overpaid_principal": state.overpaid,
        "payment_count": len({row.payment_id for row in payments}),
        "first_paid_on": min((row.on for row in payments), default=None),
        "last_paid_on": max((row.on for row in payments), default=None),
        "unapplied_cash": state.unapplied_cash,
    }
    for component in _NAMES:
        found[f"{component}_outstanding"] = state.due_and_unpaid(component)
        found[f"{component}_paid"] = state.total("allocation", component)
    return found


def _late(state: LoanState) -> Row:
    found: Row = {f"arrears_{component}": state.arrears_of(component) for component in ("principal", *_NAMES)}
    return found | {
        "arrears": state.arrears,
        "overdue_lines": len(state.late),
        "overdue_since": state.overdue_since,
        "grace_days": state.grace_days,
        "paused_days": state.paused_days,
    }


def _settled(line: Instalment) -> Decimal:
    """What of an instalment is settled, each component at most what is due."""
    return line.total_due - line.unpaid()


def _month(state: LoanState) -> Row:
    first = state.day.replace(day=1)
    # What falls due after the loan has left the book is not owed.
    last = min(state.day, state.exited_on - ONE_DAY) if state.exited_on else state.day
    lines = [line for line in state.instalments if first <= line.line.due_date <= last]
    received = [row for row in state.money if row.kind == "allocation" and first <= row.on <= state.day]
    return {
        "month": first,
        "month_due": sum((line.total_due for line in lines), ZERO),
        "month_due_paid": sum((_settled(line) for line in lines), ZERO),
        "month_received": sum((row.amount for row in received), ZERO),
    }


def _punctuality(state: LoanState) -> Row:
    late = [(on - line.line.due_date).days for line, on in state.settled_in_force]
    return {
        "settled_lines": len(late),
        "on_time_lines": sum(days <= 0 for days in late),
        "late_days": sum(days for days in late if days > 0),
    }


def _ahead(state: LoanState) -> Row:
    waiting = [] if state.has_left else [i for i in state.instalments if i.line.due_date >= state.day and not i.is_settled()]
    on = min((line.line.due_date for line in waiting), default=None)
    amount = sum((line.unpaid() for line in waiting if line.line.due_date == on), ZERO) if waiting else None
    return {"next_due_on": on, "next_due_amount": amount}


def loan_state(book: Book, loan_id: str, day: date) -> Row:
    """The row of a loan as of a day."""
    loan = book.loans[loan_id]
    state = state_of(book, loan, day)
    return {
        "loan_id": loan_id,
        "as_of": day,
        "legal_entity_id": loan.legal_entity_id,
        "product_id": loan.product_id,
        "borrower_party_id": loan.borrower_party_id,
        "obligor_id": book.obligor(loan),
        "currency_code": loan.currency_code,
        "status": state.status,
        "exited_on": state.exited_on,
        "closed_on": state.standing.since if state.status == "closed" else None,
        **_money(state),
        **_late(state),
        **_month(state),
        **_ahead(state),
        **_punctuality(state),
        "is_paused": holds(book, loan, "payment_pause", day),
        "is_forborne": holds(book, loan, "forborne", day),
        "is_unlikely_to_pay": holds(book, loan, "unlikely_to_pay", day),
        "is_significant_increase": holds(book, loan, "significant_increase", day),
        "max_dpd": state.max_dpd,
        "npl_last_day": state.npl_last_day,
    }
