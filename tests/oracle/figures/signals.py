"""Dashboard 4: loans that begin to go wrong, and loans that went wrong from the beginning."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from tests.oracle.figures.collections import actions_of, received
from tests.oracle.figures.lateness import history
from tests.oracle.figures.look import Look, Row, grouped, month_start, percent
from tests.oracle.figures.month_ends import snapshot
from tests.oracle.figures.performance import cohort
from tests.oracle.instalments import Instalment
from tests.oracle.loans import ONE_DAY
from tests.oracle.plans import in_force
from tests.oracle.risk import Risk
from tests.oracle.rules import bucket_of

WARNING_SETTINGS = ("promise_days", "early_warning_promise_days", "early_warning_window_days", "early_warning_slip_days")


def _broken_on(look: Look, risk: Risk) -> date | None:
    """The last day of the last promise that ran out unkept, if that was not long ago."""
    found = []
    for action in actions_of(look, risk):
        event = action.event
        if event.event_type != "payment_arrangement" or event.amount_involved is None:
            continue
        if event.currency_code not in {None, risk.state.loan.currency_code}:
            continue
        until = action.on + timedelta(days=int(look.number("promise_days")))
        if until < look.day and received(risk, action.on, until) < event.amount_involved:
            found.append(until)
    last = max(found, default=None)
    return last if last is not None and (look.day - last).days <= look.number("early_warning_promise_days") else None


def _settled(look: Look, risk: Risk, first: date, last: date) -> list[int]:
    """Days late of the instalments that were settled within days."""
    return [(on - item.line.due_date).days for item, on in risk.state.settled_in_force if first <= on <= last]


def _habits(look: Look, risk: Risk) -> tuple[bool, bool]:
    """Whether it pays later than it did, and whether it uses the days of grace more often."""
    window = timedelta(days=int(look.number("early_warning_window_days")))
    now = _settled(look, risk, look.day - window + ONE_DAY, look.day)
    before = _settled(look, risk, look.day - 2 * window + ONE_DAY, look.day - window)
    if not now or not before:
        return False, False
    grace = look.product(risk).grace_days

    def lateness(late: list[int]) -> Decimal:
        return Decimal(sum(max(days, 0) for days in late)) / len(late)

    def in_grace(late: list[int]) -> Decimal:
        return Decimal(sum(0 < days <= grace for days in late)) / len(late)

    return lateness(now) - lateness(before) > look.number("early_warning_slip_days"), in_grace(now) > in_grace(before)


def _last_settlement(look: Look, risk: Risk) -> date:
    return max(on for _, on in risk.state.settled_in_force if on <= look.day)


def v_early_warning(look: Look) -> list[Row]:
    """Loans on the book that give a signal, against the last month-end that was published."""
    month_end = max((day for day in look.published if day < look.day), default=None)
    before = {} if month_end is None else snapshot(Look(look.book, month_end))
    found = []
    for risk in look.on_book:
        state, was = risk.state, before.get(risk.state.loan.id)
        broken = _broken_on(look, risk)
        new = state.dpd > 0 and (was is None or was.state.dpd == 0)
        slipping, rising = _habits(look, risk)
        if broken is not None:
            signal, since = "broken_promise", (look.day - broken).days
        elif new:
            signal, since = "newly_past_due", state.dpd
        elif slipping or rising:
            signal = "payment_slipping" if slipping else "grace_rising"
            since = (look.day - _last_settlement(look, risk)).days
        else:
            continue
        bucket = None if was is None else bucket_of(look.book, was.state.dpd, look.day)
        found.append(
            {
                "loan_id": state.loan.id,
                "loan_number": state.loan.loan_number,
                "legal_entity_id": state.loan.legal_entity_id,
                "borrower_name": look.book.parties[state.loan.borrower_party_id].display_name,
                "currency_code": state.loan.currency_code,
                "signal": signal,
                "days_since": since,
                "prev_bucket": bucket.label if bucket else None,
                "dpd_bucket": risk.bucket,
                "bucket_sort": risk.bucket_sort,
                "dpd": state.dpd,
                "arrears": state.arrears,
                "outstanding_principal": state.outstanding,
                "is_broken_promise": broken is not None,
                "is_newly_past_due": new,
                "is_payment_slipping": slipping,
                "is_grace_rising": rising,
                "needs_signoff": any(look.is_unsigned(key) for key in WARNING_SETTINGS),
                "business_date": look.day,
            }
        )
    return found


def _rules(risk: Risk, item: Instalment, day: date) -> bool:
    """Whether the plan of an instalment was in force on a day."""
    plan = in_force(risk.state.plans, day)
    return plan is not None and plan.id == item.line.plan_id


def _first_instalment(risk: Risk) -> Instalment | None:
    """The first instalment above the tolerance that was owed on its due date."""
    owed = [
        item
        for item in risk.state.every
        if item.total_due > item.tolerance
        and _rules(risk, item, item.line.due_date)
        and (risk.state.exited_on is None or item.line.due_date < risk.state.exited_on)
    ]
    return min(owed, key=lambda item: (item.line.due_date, item.line.seq_no, item.line.id), default=None)


def _first_payment(look: Look, risk: Risk) -> tuple[bool, bool]:
    """Whether the day on which the first payment is judged has come, and whether it failed by then."""
    item = _first_instalment(risk)
    if item is None:
        return False, False
    judged = item.line.due_date + timedelta(days=int(look.number("fpd_days")))
    if judged > look.day:
        return False, False
    unsettled = item.last_unsettled(look.day)
    moved = risk.state.status == "transferred" and risk.state.standing.since <= judged
    return True, unsettled is not None and unsettled >= judged and _rules(risk, item, judged) and not moved


def _early(look: Look, risk: Risk) -> tuple[bool, bool]:
    """Whether the first months are over, and whether the loan fell far behind in them."""
    began = cohort(risk)
    assert began is not None
    end = month_start(began, -int(look.number("epd_months")) - 1) - ONE_DAY
    if end > look.day:
        return False, False
    worst = max((dpd for day, dpd in history(look, risk.state, until_closed=False).items() if day <= end), default=0)
    return True, worst > look.number("epd_days")


def v_first_payment_default(look: Look) -> list[Row]:
    """Loans of a month that failed on their first instalment, or fell far behind in their first months."""
    found = []
    for (month, product, agent), risks in grouped(
        [risk for risk in look.all if cohort(risk)], lambda risk: (cohort(risk), look.product(risk), risk.state.loan.agent_party_id)
    ).items():
        first, early = [_first_payment(look, risk) for risk in risks], [_early(look, risk) for risk in risks]
        row: Row = {
            "month": month,
            "product_id": product.id,
            "product_code": product.code,
            "product_category": product.category,
            "agent_party_id": agent,
            "agent_name": look.book.parties[agent].display_name if agent else None,
            "loans": len(risks),
            "immature": not all(seen for seen, _ in [*first, *early]),
            "needs_signoff": any(look.is_unsigned(key) for key in ("fpd_days", "epd_days", "epd_months")),
        }
        for name, judged in (("fpd", first), ("epd", early)):
            seen, failed = sum(known for known, _ in judged), sum(bad for _, bad in judged)
            row |= {f"{name}_observed": seen, f"{name}_loans": failed, f"{name}_rate": percent(failed, seen)}
        found.append(row)
    return found


VIEWS = (v_early_warning, v_first_payment_default)
