"""Dashboard 6: applications, decisions, and how the loans of each month did."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from tests.oracle.book import ZERO, local_date, utc
from tests.oracle.figures.currency import sum_or_none
from tests.oracle.figures.executive import rounded
from tests.oracle.figures.look import Look, Row, cents, grouped, mean, month_start, percent, ratio, total
from tests.oracle.fx import convert
from tests.oracle.risk import Risk
from tests.oracle.rows import Application, Decision

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Outcome:
    """An application with its latest decision and what became of it."""

    application: Application
    month: date | None
    decision: Decision | None
    loans: int
    approved: Decimal | None
    disbursed: Decimal | None
    is_paid_out: bool
    disbursed_at: datetime | None


def _latest(look: Look, application: Application) -> Decision | None:
    """By moment, unknown last, then id; up to the end of the day."""
    zone = look.zone_of(look.book.entities[application.legal_entity_id])
    known = [
        row
        for row in look.book.of("decision", "application_id", application.id)
        if row.decided_at is None or local_date(row.decided_at, zone) <= look.day
    ]
    # Unknown moments come after known ones: they are the latest only where no other is.
    known.sort(key=lambda row: (row.decided_at is not None, utc(row.decided_at).timestamp() if row.decided_at else 0, row.id))
    return known[-1] if known else None


def outcomes(look: Look) -> list[Outcome]:
    """Every application recorded by the day, or before v1."""
    book, found = look.book, []
    for application in book.all("application"):
        zone = look.zone_of(book.entities[application.legal_entity_id])
        on = None if application.created_at is None else local_date(application.created_at, zone)
        if on is not None and on > look.day:
            continue
        decision = _latest(look, application)
        approved = None
        if decision is not None and decision.approved_amount is not None:
            source = decision.approved_currency or application.requested_currency
            approved = convert(book, decision.approved_amount, source, application.requested_currency, look.day)
        loans = book.of("loan", "application_id", application.id)
        paid = [(look.states[loan.id].disbursed, loan.currency_code) for loan in loans]
        amounts = [convert(book, amount, currency, application.requested_currency, look.day) for amount, currency in paid if amount]
        done = [
            row
            for loan in loans
            for row in book.of("disbursement", "loan_id", loan.id)
            if row.status == "completed" and row.disbursed_at is not None and local_date(row.disbursed_at, book.zone(loan)) <= look.day
        ]
        found.append(
            Outcome(
                application=application,
                month=None if on is None else month_start(on),
                decision=decision,
                loans=len(loans),
                approved=approved,
                disbursed=sum_or_none(amounts),
                is_paid_out=any(look.states[loan.id].disbursements for loan in loans),
                disbursed_at=min((utc(row.disbursed_at) for row in done), default=None),
            )
        )
    return found


def _is(outcome: Outcome, value: str) -> bool:
    return outcome.decision is not None and outcome.decision.outcome == value


def v_origination_performance(look: Look) -> list[Row]:
    """Applications by the month of their submission, and what was decided and lent on them."""
    found = []
    for (month, category, unit, entity, currency), items in grouped(
        outcomes(look),
        lambda item: (
            item.month,
            look.book.products[item.application.product_id].category,
            look.book.products[item.application.product_id].business_unit,
            look.book.entities[item.application.legal_entity_id],
            item.application.requested_currency,
        ),
    ).items():
        decided, approved = [item for item in items if item.decision], [item for item in items if _is(item, "approved")]
        asked, granted = total(item.application.requested_amount for item in items), sum_or_none([item.approved for item in approved])
        paid, created = sum_or_none([item.disbursed for item in items]), sum(item.loans > 0 for item in items)
        found.append(
            {
                "origination_month": month,
                "product_category": category,
                "business_unit": unit,
                "legal_entity_name": entity.name,
                "requested_currency": currency,
                "total_applications": len(items),
                "decided_applications": len(decided),
                "approved_applications": len(approved),
                "rejected_applications": sum(_is(item, "rejected") for item in items),
                "loans_created": created,
                "avg_requested_amount": cents(asked / len(items)),
                "avg_approved_amount": None if not approved or granted is None else cents(granted / len(approved)),
                "total_requested_amount": asked,
                "total_approved_amount": rounded(granted),
                "total_disbursed_amount": rounded(paid),
                "decision_rate_pct": percent(len(decided), len(items)),
                "approval_rate_pct": percent(len(approved), len(decided)),
                "loan_conversion_rate_pct": percent(created, len(approved)),
                "amount_approval_rate_pct": percent(granted, asked),
                "disbursement_rate_pct": percent(paid, granted),
                "legal_entity_id": entity.id,
                "conditional_applications": sum(_is(item, "conditional") for item in items),
                "funded": sum(item.is_paid_out for item in items),
                "business_date": look.day,
            }
        )
    return found


def _took(outcome: Outcome) -> timedelta | None:
    """From submission to the latest decision; nothing where both moments are derived from the loan."""
    if outcome.decision is None or outcome.decision.decided_at is None or outcome.application.created_at is None:
        return None
    took = utc(outcome.decision.decided_at) - utc(outcome.application.created_at)
    return took if took > timedelta(0) else None


def percentile(values: list[Decimal], share: Decimal) -> Decimal | None:
    """Interpolated between the two nearest values."""
    ordered = sorted(values)
    if not ordered:
        return None
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _units(took: timedelta, unit: timedelta) -> Decimal:
    return Decimal(took // timedelta(microseconds=1)) / Decimal(unit // timedelta(microseconds=1))


def v_origination_funnel(look: Look) -> list[Row]:
    """How many applications of a month got how far."""
    everything, found = outcomes(look), []
    slow = {}
    for (entity_id,), items in grouped(everything, lambda item: (item.application.legal_entity_id,)).items():
        slow[entity_id] = percentile([_units(took, timedelta(days=1)) for item in items if (took := _took(item))], Decimal("0.95"))
    for (month, entity, product), items in grouped(
        everything,
        lambda item: (
            item.month,
            look.book.entities[item.application.legal_entity_id],
            look.book.products[item.application.product_id],
        ),
    ).items():
        decided, approved = sum(item.decision is not None for item in items), [item for item in items if _is(item, "approved")]
        contracted = [item for item in approved if item.loans]
        disbursed, p95 = sum(item.is_paid_out for item in contracted), slow[entity.id]
        found.append(
            {
                "cohort_month": month,
                "legal_entity_id": entity.id,
                "legal_entity_name": entity.name,
                "product_id": product.id,
                "product_code": product.code,
                "product_category": product.category,
                "submitted": len(items),
                "decided": decided,
                "approved": len(approved),
                "contracted": len(contracted),
                "disbursed": disbursed,
                "decision_rate": _share(decided, len(items)),
                "approval_rate": _share(len(approved), decided),
                "contract_rate": _share(len(contracted), len(approved)),
                "pull_through": _share(disbursed, len(approved)),
                "p95_decision_days": rounded(p95),
                "immature": None if month is None else (look.day - month_start(month, -1)).days + 1 <= (p95 or ZERO),
                "business_date": look.day,
            }
        )
    return found


def _share(part: int, whole: int) -> Decimal | None:
    found = ratio(part, whole)
    return None if found is None else cents(found, 4)


def v_time_to_decision(look: Look) -> list[Row]:
    """How long applicants wait for the decision, and then for the money."""
    found = []
    for (month, product), items in grouped(
        [item for item in outcomes(look) if item.month], lambda item: (item.month, look.book.products[item.application.product_id])
    ).items():
        waits = [_units(took, HOUR) for item in items if (took := _took(item))]
        then = []
        for item in items:
            if _took(item) and item.disbursed_at and item.decision and item.decision.decided_at:
                took = item.disbursed_at - utc(item.decision.decided_at)
                if took >= timedelta(0):
                    then.append(_units(took, HOUR))
        found.append(
            {
                "month_start": month,
                "product_id": product.id,
                "product_code": product.code,
                "product_category": product.category,
                "applications": len(items),
                "decisions": len(waits),
                "p50": rounded(percentile(waits, Decimal("0.5"))),
                "p90": rounded(percentile(waits, Decimal("0.9"))),
                "disbursements": len(then),
                "disbursement_p50": rounded(percentile(then, Decimal("0.5"))),
                "disbursement_p90": rounded(percentile(then, Decimal("0.9"))),
                "as_of": look.day,
            }
        )
    return found


def cohort(risk: Risk) -> date | None:
    """First day of the month of the first completed disbursement."""
    return month_start(min(on for on, _ in risk.state.disbursements)) if risk.state.disbursements else None


def v_portfolio_quality_metrics(look: Look) -> list[Row]:
    """How the loans of each month stand today."""
    found = []
    for (month, category, unit, currency), risks in grouped(
        [risk for risk in look.all if cohort(risk)],
        lambda risk: (cohort(risk), look.product(risk).category, look.product(risk).business_unit, risk.state.loan.currency_code),
    ).items():
        lent = total(risk.state.disbursed for risk in risks)
        active, bad = [risk for risk in risks if risk.state.status == "active"], [risk for risk in risks if risk.is_default]
        gone, lost = sum(risk.state.status == "written_off" for risk in risks), total(risk.state.principal_written_off for risk in risks)
        owed = total(risk.state.outstanding for risk in bad)
        found.append(
            {
                "origination_month": month,
                "product_category": category,
                "business_unit": unit,
                "currency_code": currency,
                "loans_originated": len(risks),
                "principal_originated": lent,
                "avg_interest_rate_pct": percent(total(r.state.loan.interest_rate * r.state.disbursed for r in risks), lent),
                "avg_rc_fee_rate_pct": percent(total((r.state.loan.rc_fee_rate or ZERO) * r.state.disbursed for r in risks), lent),
                "written_off_loans": gone,
                "written_off_amount": lost,
                "current_default_loans": len(bad),
                "current_default_amount": owed,
                "avg_dpd_for_delinquent": mean((risk.state.dpd for risk in active if risk.state.dpd > 0), 2),
                "write_off_rate_count_pct": percent(gone, len(risks)),
                "write_off_rate_amount_pct": percent(lost, lent),
                "current_default_rate_count_pct": percent(len(bad), len(risks)),
                "current_default_rate_amount_pct": percent(owed, lent),
                "portfolio_age_months": (look.day.year - month.year) * 12 + look.day.month - month.month,
                "active_loans": len(active),
                "outstanding": total(risk.state.outstanding for risk in active),
                "needs_signoff": any(look.unsigned_default(look.entity(risk).country_code) for risk in risks),
                "as_of": look.day,
            }
        )
    return found


def v_vintage_loss(look: Look) -> list[Row]:
    """What was lost of the loans of a month after so many months, before and after recoveries."""
    found = []
    for (month, product, currency), risks in grouped(
        [risk for risk in look.all if cohort(risk)], lambda risk: (cohort(risk), look.product(risk), risk.state.loan.currency_code)
    ).items():
        lent, mob = total(risk.state.disbursed for risk in risks), 0
        while (end := month_start(month, -mob - 1) - timedelta(days=1)) <= look.day:
            gross, back = total(_lost(risk, end) for risk in risks), total(_recovered(risk, end) for risk in risks)
            found.append(
                {
                    "cohort_month": month,
                    "mob": mob,
                    "product_id": product.id,
                    "product_code": product.code,
                    "product_category": product.category,
                    "currency_code": currency,
                    "observed_on": end,
                    "originated_n": len(risks),
                    "originated_amt": lent,
                    "written_off_n": sum(_is_gone(risk, end) for risk in risks),
                    "cgl": gross,
                    "recovery": back,
                    "cnl": gross - back,
                    "cgl_pct": percent(gross, lent),
                    "recovery_pct": percent(back, gross),
                    "cnl_pct": percent(gross - back, lent),
                    "is_small": len(risks) < look.number("vintage_minimum_loans"),
                    "needs_signoff": look.is_unsigned("vintage_minimum_loans"),
                }
            )
            mob += 1
    return found


def _is_gone(risk: Risk, day: date) -> bool:
    return risk.state.status == "written_off" and risk.state.exited_on is not None and risk.state.exited_on <= day


def _lost(risk: Risk, day: date) -> Decimal:
    """Principal written off by adjustments, and what remained when the contract was."""
    parts = [row.amount for row in risk.state.money if row.kind == "write_off" and row.component == "principal" and row.on <= day]
    return total(parts) + (risk.state.written_off_at_exit if _is_gone(risk, day) else ZERO)


def _recovered(risk: Risk, day: date) -> Decimal:
    """What was paid, of any component, after the contract was written off."""
    exited = risk.state.exited_on
    if risk.state.status != "written_off" or exited is None:
        return ZERO
    return total(row.amount for row in risk.state.money if row.kind == "allocation" and exited < row.on <= day)


VIEWS = (
    v_origination_performance, v_origination_funnel, v_time_to_decision, v_portfolio_quality_metrics, v_vintage_loss,
)  # fmt: skip
