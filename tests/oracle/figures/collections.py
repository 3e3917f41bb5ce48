"""Dashboard 3: whom to call, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.book import ZERO, local_date
from tests.oracle.figures.look import Look, Row, cents, grouped, median, month_start, percent, total
from tests.oracle.risk import Risk
from tests.oracle.rows import CollectionsEvent, LoanStatusHistory, PaymentDispute

CONTACT = {"call_successful", "payment_arrangement", "settlement_accepted"}
LEGAL = {"legal_notice", "lawyer_letter", "court_filing"}


@dataclass(frozen=True)
class Action:
    """An event of collections with its local date."""

    event: CollectionsEvent
    on: date


def actions_of(look: Look, risk: Risk) -> list[Action]:
    """Events of a loan up to the end of the day, in order of time."""
    loan = risk.state.loan
    found = [Action(row, local_date(row.event_at, look.book.zone(loan))) for row in look.book.of("collections_event", "loan_id", loan.id)]
    return sorted((action for action in found if action.on <= look.day), key=lambda action: (action.event.event_at, action.event.id))


def open_status(look: Look, risk: Risk, kind: str) -> LoanStatusHistory | None:
    """The open status of a type."""
    for row in look.book.of("loan_status_history", "loan_id", risk.state.loan.id):
        status: LoanStatusHistory = row
        if status.status_type == kind and status.effective_through is None:
            return status
    return None


def _value(status: LoanStatusHistory | None, default: str) -> str:
    return default if status is None else status.status_value


def received(risk: Risk, first: date, last: date) -> Decimal:
    """Effective allocations to a loan within days, all components."""
    return total(row.amount for row in risk.state.money if row.kind == "allocation" and first <= row.on <= last)


def _promise(look: Look, risk: Risk) -> Row:
    """The last promise to pay, and what came of it."""
    made = [
        action for action in actions_of(look, risk) if action.event.event_type == "payment_arrangement" and action.event.amount_involved
    ]
    if not made:
        return dict.fromkeys(("promise_amount", "promise_until", "promise_paid", "promise_status"))
    last = made[-1]
    until, amount = last.on + timedelta(days=int(look.number("promise_days"))), last.event.amount_involved or ZERO
    paid = received(risk, last.on, until)
    status = "kept" if paid >= amount else "open" if look.day <= until else "broken"
    return {"promise_amount": amount, "promise_until": until, "promise_paid": paid, "promise_status": status}


def v_collections_worklist(look: Look) -> list[Row]:
    """Loans on the book that are past due, in the order to call them."""
    found = []
    for risk in look.on_book:
        if risk.state.dpd == 0:
            continue
        loan, actions = risk.state.loan, actions_of(look, risk)
        borrower = look.book.parties[loan.borrower_party_id]
        planned = [action.event.next_action_date for action in actions if action.event.next_action_date]
        found.append(
            {
                "loan_id": loan.id,
                "loan_number": loan.loan_number,
                "legal_entity_id": loan.legal_entity_id,
                "borrower_name": borrower.display_name,
                "borrower_phone": borrower.phone,
                "borrower_email": borrower.email,
                "currency_code": loan.currency_code,
                "dpd": risk.state.dpd,
                "dpd_bucket": risk.bucket,
                "bucket_sort": risk.bucket_sort,
                "overdue_since": risk.state.overdue_since,
                "arrears": risk.state.arrears,
                "outstanding_principal": risk.state.outstanding,
                "collections_stage": _value(open_status(look, risk, "collections_stage"), "current"),
                "last_contact": max((action.on for action in actions if action.event.event_type in CONTACT), default=None),
                "next_action_date": planned[-1] if planned else None,
                "business_date": look.day,
                **_promise(look, risk),
            }
        )
    for rows in grouped(found, lambda row: (row["legal_entity_id"], row["currency_code"])).values():
        ranked = sorted(rows, key=lambda row: (_waits(look, row), -row["dpd"], -row["arrears"], row["loan_id"]))
        for rank, row in enumerate(ranked, 1):
            row["priority"] = rank
    return found


def _waits(look: Look, row: Row) -> bool:
    """Whether nothing is to be done today: a promise is open, or the next action is planned for later."""
    return row["promise_status"] == "open" or (row["next_action_date"] is not None and row["next_action_date"] > look.day)


def _days(dispute: PaymentDispute, look: Look) -> int | None:
    """Local days from report to resolution."""
    if dispute.created_at is None or dispute.resolved_at is None:
        return None
    zone = look.book.zone(look.book.loans[dispute.loan_id])
    return (local_date(dispute.resolved_at, zone) - local_date(dispute.created_at, zone)).days


def v_dispute_analysis(look: Look) -> list[Row]:
    """Disputes by the month of their report, and what became of them."""
    book = look.book
    placed = []
    for dispute in book.all("payment_disputes"):
        loan = book.loans[dispute.loan_id]
        on = None if dispute.created_at is None else local_date(dispute.created_at, book.zone(loan))
        if on is None or on <= look.day:
            placed.append((dispute, on, loan))
    found = []
    for (month, kind, priority, currency), items in grouped(
        placed, lambda item: (item[1] and month_start(item[1]), item[0].dispute_type, item[0].priority, item[2].currency_code)
    ).items():
        closed = [
            item
            for item in items
            if item[0].status in {"resolved", "closed"}
            and (item[0].resolved_at is None or local_date(item[0].resolved_at, book.zone(item[2])) <= look.day)
        ]
        waiting = [item for item in items if item not in closed]
        took = [days for item in closed if (days := _days(item[0], look)) is not None]
        ages = [Decimal((look.day - on).days) for _, on, _ in waiting if on]
        differences = [
            item[0].expected_amount - item[0].actual_amount
            for item in items
            if item[0].expected_amount is not None and item[0].actual_amount is not None
        ]
        middle = median(took)
        found.append(
            {
                "month": month,
                "dispute_type": kind,
                "priority": priority,
                "currency_code": currency,
                "disputes": len(items),
                "open": len(waiting),
                "resolved": len(closed),
                "median_days": None if middle is None else cents(middle),
                "avg_open_days": cents(total(ages) / len(ages)) if ages else None,
                "amount_diff": total(differences),
                "disputed_amount": total(abs(amount) for amount in differences),
            }
        )
    return found


def v_legal_action_tracker(look: Look) -> list[Row]:
    """Loans with a legal step."""
    found = []
    for risk in look.all:
        state, loan = risk.state, risk.state.loan
        steps = [action for action in actions_of(look, risk) if action.event.event_type in LEGAL]
        status = open_status(look, risk, "legal_action")
        if not steps and _value(status, "none") == "none":
            continue
        since = None if status is None else local_date(status.effective_from, look.book.zone(loan))
        first = min((action.on for action in steps), default=None)
        begin, end = first or since, look.day if state.status == "active" else state.standing.since
        found.append(
            {
                "loan_id": loan.id,
                "loan_number": loan.loan_number,
                "legal_entity_id": loan.legal_entity_id,
                "borrower_name": look.book.parties[loan.borrower_party_id].display_name,
                "currency_code": loan.currency_code,
                "loan_status": state.status,
                "legal_action": _value(status, "none"),
                "legal_action_since": None if status is None else status.effective_from,
                "first_notice": first,
                "latest_action": steps[-1].event.event_type if steps else None,
                "latest_action_on": steps[-1].on if steps else None,
                "notices": sum(action.event.event_type == "legal_notice" for action in steps),
                "lawyer_letters": sum(action.event.event_type == "lawyer_letter" for action in steps),
                "court_filings": sum(action.event.event_type == "court_filing" for action in steps),
                "outstanding": state.outstanding,
                "arrears": state.arrears,
                "dpd": state.dpd,
                "days_in_legal": None if begin is None else max((end - begin).days, 0),
                "business_date": look.day,
            }
        )
    return found


def v_promise_to_pay_performance(look: Look) -> list[Row]:
    """Promises to pay by month and collector, and how many were kept."""
    window = timedelta(days=int(look.number("promise_days")))
    made = [
        (action, risk)
        for risk in look.all
        for action in actions_of(look, risk)
        if action.event.event_type == "payment_arrangement" and action.event.amount_involved
    ]
    found = []
    for (month, collector, currency), items in grouped(
        made,
        lambda item: (
            month_start(item[0].on),
            item[0].event.actor_party_id,
            item[0].event.currency_code or item[1].state.loan.currency_code,
        ),
    ).items():
        got = [received(risk, action.on, action.on + window) for action, risk in items]
        wanted = [action.event.amount_involved or ZERO for action, _ in items]
        kept = sum(paid >= amount for paid, amount in zip(got, wanted, strict=True))
        broken = sum(paid < amount and action.on + window < look.day for paid, amount, (action, _) in zip(got, wanted, items, strict=True))
        found.append(
            {
                "month": month,
                "collector_party_id": collector,
                "collector_name": look.book.parties[collector].display_name if collector else None,
                "currency_code": currency,
                "promised": len(items),
                "kept": kept,
                "broken": broken,
                "open": len(items) - kept - broken,
                "kept_pct": percent(kept, kept + broken),
                "promised_amount": total(wanted),
                "received_amount": total(min(paid, amount) for paid, amount in zip(got, wanted, strict=True)),
                "needs_signoff": look.is_unsigned("promise_days"),
            }
        )
    return found


VIEWS = (v_collections_worklist, v_dispute_analysis, v_legal_action_tracker, v_promise_to_pay_performance)
