"""The names of former copies: thin selects over what others have."""

from __future__ import annotations

from decimal import Decimal

from tests.oracle.book import COMPONENTS, utc
from tests.oracle.figures.collections import LEGAL, actions_of
from tests.oracle.figures.look import Look, Row, cents, percent, total
from tests.oracle.figures.portfolio import current_loan_status, loan_portfolio_summary, v_current_loan_status_summary
from tests.oracle.risk import Risk


def mv_current_loan_status_cache(look: Look) -> list[Row]:
    """As current_loan_status."""
    return current_loan_status(look)


def mv_current_loan_status_realtime(look: Look) -> list[Row]:
    """As v_current_loan_status_summary, in short."""
    names = (
        "loan_id", "loan_number", "currency_code", "loan_status", "current_risk_level", "risk_level_since", "current_collections_stage",
        "collections_stage_since", "current_legal_action", "legal_action_since", "dpd", "outstanding_principal",
    )  # fmt: skip
    return [{name: row[name] for name in names} for row in v_current_loan_status_summary(look)]


def mv_portfolio_summary_realtime(look: Look) -> list[Row]:
    """As loan_portfolio_summary."""
    return loan_portfolio_summary(look)


def mv_payment_summary_cache(look: Look) -> list[Row]:
    """Payments of each loan in short."""
    found = []
    for risk in look.all:
        money = [row for row in risk.state.money if row.kind == "allocation"]
        count, amount = len({row.payment_id for row in money}), total(row.amount for row in money)
        found.append(
            {
                "loan_id": risk.state.loan.id,
                "payment_count": count,
                "total_allocated": amount,
                "last_payment_date": max((row.on for row in money), default=None),
                "first_payment_date": min((row.on for row in money), default=None),
                "avg_payment_amount": cents(amount / count) if count else None,
            }
        )
    return found


def late_days(risk: Risk) -> list[int]:
    """Days late of each settled instalment; early and on time are not above 0."""
    return [(on - item.line.due_date).days for item, on in risk.state.settled_in_force]


def average_lateness(days: list[int]) -> Decimal | None:
    """Days late per settled instalment, on time counted as 0."""
    return cents(Decimal(sum(max(day, 0) for day in days)) / len(days)) if days else None


def mv_payment_summary_detailed(look: Look) -> list[Row]:
    """Payments of each loan by component, and how punctual they were."""
    found = []
    for risk, short in zip(look.all, mv_payment_summary_cache(look), strict=True):
        days, state = late_days(risk), risk.state
        row = {name: value for name, value in short.items() if name != "avg_payment_amount"}
        row |= {f"{component}_paid": state.total("allocation", component) for component in COMPONENTS}
        row |= {
            "legal_entity_id": state.loan.legal_entity_id,
            "currency_code": state.loan.currency_code,
            "unapplied_cash": state.unapplied_cash,
            "settled_instalments": len(days),
            "on_time_instalments": sum(day <= 0 for day in days),
            "on_time_rate_pct": percent(sum(day <= 0 for day in days), len(days)),
            "avg_days_late": average_lateness(days),
        }
        found.append(row)
    return found


def mv_collections_summary_detailed(look: Look) -> list[Row]:
    """What collections did about each loan, whenever it was noted."""
    kinds = {
        "reminders": {"reminder_sent"}, "call_attempts": {"call_attempt", "call_successful"}, "successful_calls": {"call_successful"},
        "promises": {"payment_arrangement"}, "legal_actions": LEGAL, "settlements_offered": {"settlement_offer"},
        "settlements_accepted": {"settlement_accepted"},
    }  # fmt: skip
    found = []
    for risk in look.all:
        events = [action.event for action in actions_of(look, risk)]
        if not events:
            continue
        planned = [
            event.next_action_date for event in events if event.next_action_date and event.resolution_status not in {"resolved", "closed"}
        ]
        found.append(
            {
                "loan_id": risk.state.loan.id,
                "events_count": len(events),
                "first_event_at": utc(events[0].event_at),
                "last_event_at": utc(events[-1].event_at),
                "last_event_type": events[-1].event_type,
                "next_action_date": min(planned, default=None),
                **{name: sum(event.event_type in wanted for event in events) for name, wanted in kinds.items()},
            }
        )
    return found


def v_ml_features_default_prediction(look: Look) -> list[Row]:
    """Features of each loan as of today."""
    starts: dict[str, list[int]] = {}
    for loan in look.book.loans.values():
        starts.setdefault(loan.borrower_party_id, []).append((look.day - loan.start_date).days)
    found = []
    for risk in look.all:
        state, loan, days = risk.state, risk.state.loan, late_days(risk)
        events = [action.event.event_type for action in actions_of(look, risk)]
        paid = total(state.total("allocation", component) for component in COMPONENTS)
        began = min((on for on, _ in state.disbursements), default=loan.start_date)
        lateness = Decimal(sum(max(day, 0) for day in days)) / len(days) if days else Decimal(0)
        legal = sum(event in LEGAL for event in events)
        found.append(
            {
                "loan_id": loan.id,
                "principal_amount": loan.principal_amount,
                "interest_rate": loan.interest_rate,
                "rc_fee_rate": loan.rc_fee_rate,
                "loan_duration_days": (loan.end_date - loan.start_date).days,
                "loan_age_days": max((look.day - loan.start_date).days, 0),
                "product_category": look.product(risk).category,
                "business_unit": look.product(risk).business_unit,
                "borrower_type": look.book.parties[loan.borrower_party_id].kind,
                "customer_relationship_days": max(*starts[loan.borrower_party_id], 0),
                "total_payments_made": len({row.payment_id for row in state.money if row.kind == "allocation"}),
                "on_time_payments": sum(day <= 0 for day in days),
                "on_time_payment_rate_pct": percent(sum(day <= 0 for day in days), len(days)),
                "avg_days_late": average_lateness(days),
                "max_dpd_reached": state.max_dpd,
                "total_amount_paid": paid,
                "repayment_progress_pct": percent(state.total("allocation"), state.disbursed + state.transferred_in),
                "collections_events_count": len(events),
                "reminder_count": events.count("reminder_sent"),
                "call_attempts": events.count("call_attempt") + events.count("call_successful"),
                "legal_actions_count": legal,
                "origination_month": began.replace(day=1),
                "origination_day_of_week": began.isoweekday() % 7,
                "currency_code": loan.currency_code,
                "country_code": look.entity(risk).country_code,
                "is_currently_default": int(risk.is_default),
                "is_written_off": int(state.status == "written_off"),
                "is_bad_loan": int(risk.is_default or state.status == "written_off"),
                "current_risk_score": _score(look, risk, lateness, legal),
                "legal_entity_id": loan.legal_entity_id,
                "business_date": look.day,
                "status": state.status,
                "current_dpd": state.dpd,
                "arrears": state.arrears,
                "outstanding_principal": state.outstanding,
                "is_forborne": int(risk.is_forborne),
            }
        )
    return found


def _score(look: Look, risk: Risk, lateness: Decimal, legal: int) -> str:
    if risk.state.dpd > look.number("risk_score_high_dpd") or legal:
        return "High"
    if risk.state.dpd > look.number("risk_score_medium_dpd") or lateness > look.number("risk_score_medium_days_late"):
        return "Medium"
    return "Low" if risk.state.max_dpd or lateness else "Minimal"


VIEWS = (
    mv_current_loan_status_cache, mv_current_loan_status_realtime, mv_portfolio_summary_realtime, mv_payment_summary_cache,
    mv_payment_summary_detailed, mv_collections_summary_detailed, v_ml_features_default_prediction,
)  # fmt: skip
