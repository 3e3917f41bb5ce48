"""Dashboard 7: features and labels of past month-ends, how the book moved from its reference, and the loss to be expected."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from math import ceil
from typing import Any

from tests.oracle.book import COMPONENTS, ZERO
from tests.oracle.figures.cache import average_lateness, late_days
from tests.oracle.figures.collections import LEGAL, actions_of
from tests.oracle.figures.look import Look, Row, cents, month_start, percent, total
from tests.oracle.figures.month_ends import Months, snapshot
from tests.oracle.risk import Risk

ONE = Decimal(1)


def _customer_since(look: Look, risk: Risk) -> date:
    """The earliest start among the loans of the borrower."""
    start: date = min(loan.start_date for loan in look.book.of("loan", "borrower_party_id", risk.state.loan.borrower_party_id))
    return start


def features(look: Look, risk: Risk) -> Row:
    """What is known of a loan on the day and may help to foresee default."""
    state, loan, days = risk.state, risk.state.loan, late_days(risk)
    events = [action.event.event_type for action in actions_of(look, risk)]
    began = min((on for on, _ in state.disbursements), default=loan.start_date)
    return {
        "principal_amount": loan.principal_amount,
        "interest_rate": loan.interest_rate,
        "rc_fee_rate": loan.rc_fee_rate,
        "loan_duration_days": (loan.end_date - loan.start_date).days,
        "loan_age_days": max((look.day - loan.start_date).days, 0),
        "product_category": look.product(risk).category,
        "business_unit": look.product(risk).business_unit,
        "borrower_type": look.book.parties[loan.borrower_party_id].kind,
        "customer_relationship_days": max((look.day - _customer_since(look, risk)).days, 0),
        "settled_instalments": len(days),
        "on_time_payments": sum(day <= 0 for day in days),
        "on_time_payment_rate_pct": percent(sum(day <= 0 for day in days), len(days)),
        "avg_days_late": average_lateness(days),
        "current_dpd": state.dpd,
        "max_dpd_reached": state.max_dpd,
        "arrears": state.arrears,
        "outstanding_principal": state.outstanding,
        "total_amount_paid": total(state.total("allocation", component) for component in COMPONENTS),
        "repayment_progress_pct": percent(state.total("allocation"), state.disbursed + state.transferred_in),
        "collections_events_count": len(events),
        "reminder_count": events.count("reminder_sent"),
        "call_attempts": events.count("call_attempt") + events.count("call_successful"),
        "legal_actions_count": sum(event in LEGAL for event in events),
        "origination_month": month_start(began),
        "origination_day_of_week": began.isoweekday() % 7,
        "currency_code": loan.currency_code,
        "country_code": look.entity(risk).country_code,
        "is_forborne": int(risk.is_forborne),
    }


def _year_later(day: date) -> date:
    """The month-end twelve months on."""
    return month_start(day, -13) - timedelta(days=1)


def performing(look: Look) -> list[Risk]:
    """Loans of a month-end that were on the book, and not beyond the threshold by their own days past due."""
    return [risk for risk in snapshot(look).values() if risk.state.status == "active" and risk.state.npl_last_day != look.day]


def label(months: Months, look: Look, risk: Risk) -> int | None:
    """Whether the loan went bad in the twelve months after the day; None: that is not known."""
    horizon = _year_later(look.day)
    if horizon not in months.published:
        return None
    then = snapshot(months.look(horizon)).get(risk.state.loan.id)
    if then is None:
        return None
    went_beyond = then.state.npl_last_day is not None and then.state.npl_last_day > look.day
    return int(went_beyond or then.state.status == "written_off")


def v_ml_training_set(months: Months) -> list[Row]:
    """Features of each performing loan at each month-end, with what happened in the twelve months after."""
    found = []
    for day in months.published:
        look = months.look(day)
        for risk in performing(look):
            known = label(months, look, risk)
            found.append(
                {"month_end": day, "loan_id": risk.state.loan.id}
                | features(look, risk)
                | {"label_horizon": _year_later(day), "label": known, "label_observed": known is not None}
            )
    return found


FEATURES = (
    "interest_rate", "loan_age_days", "customer_relationship_days", "on_time_payment_rate_pct", "avg_days_late", "current_dpd",
    "max_dpd_reached", "arrears", "outstanding_principal", "repayment_progress_pct", "collections_events_count",
)  # fmt: skip


def deciles(values: list[Any]) -> list[Any]:
    """The values below or at which each tenth lies, equal ones once."""
    known = sorted(value for value in values if value is not None)
    return sorted({known[ceil(Decimal(tenth) / 10 * len(known)) - 1] for tenth in range(1, 10)}) if known else []


def shares(values: list[Any], bounds: list[Any]) -> Counter[int | None]:
    """How many values are in each range; those that are not known in a range of their own."""
    return Counter(None if value is None else bisect_right(bounds, value) for value in values)


def stability_index(now: Counter[int | None], then: Counter[int | None], floor: Decimal) -> Decimal:
    """Population stability index of two distributions."""
    index = ZERO
    for place in now.keys() | then.keys():
        actual = max(Decimal(now[place]) / now.total(), floor)
        expected = max(Decimal(then[place]) / then.total(), floor)
        index += (actual - expected) * (actual / expected).ln()
    return cents(index, 4)


def v_feature_population_stability(months: Months) -> list[Row]:
    """How far the loans on the book have moved from those of the reference month-end, feature by feature."""
    now, found = months.now, []
    reference = months.book.setting("psi_reference_month", months.day)
    start = min(months.published) if reference is None else date.fromisoformat(reference)
    seen = {}
    for day in months.published:
        look = months.look(day)
        seen[day] = [features(look, risk) for risk in snapshot(look).values() if risk.state.status == "active"]
    for feature in FEATURES:
        bounds = deciles([row[feature] for row in seen[start]])
        placed = {day: shares([row[feature] for row in rows], bounds) for day, rows in seen.items()}
        occupied = {place for counts in placed.values() for place in counts}
        for day, counts in placed.items():
            psi = stability_index(counts, placed[start], now.number("psi_share_floor"))
            is_moderate = psi > now.number("psi_moderate")
            found.append(
                {
                    "feature": feature,
                    "month_end": day,
                    "psi": psi,
                    "stability": "shifted" if psi > now.number("psi_major") else "moderate" if is_moderate else "stable",
                    "reference_month_end": start,
                    "loans": counts.total(),
                    "reference_loans": placed[start].total(),
                    "bins": len(occupied),
                }
            )
    return found


def default_rates(months: Months) -> dict[str, tuple[int, Decimal]]:
    """By bucket: loans and month-ends whose next twelve months are known, and the share that went bad."""
    known: dict[str, list[int]] = {}
    for day in months.published:
        look = months.look(day)
        for risk in performing(look):
            if (bad := label(months, look, risk)) is not None:
                known.setdefault(risk.bucket, []).append(bad)
    return {bucket: (len(bad), cents(Decimal(sum(bad)) / len(bad), 6)) for bucket, bad in known.items()}


def _paid(risk: Risk) -> Decimal:
    return risk.state.total("allocation") + risk.state.total("allocation", "interest")


def losses_given_default(months: Months) -> dict[str, tuple[int, Decimal | None]]:
    """By currency: loans whose default began at a month-end and was worked out since, and the share of what they owed that was not paid."""
    workout = int(months.now.number("lgd_workout_months"))
    first: dict[str, date] = {}
    for day in sorted(months.published):
        for loan_id, risk in snapshot(months.look(day)).items():
            if risk.is_default:
                first.setdefault(loan_id, day)
    worked: dict[str, list[tuple[Decimal, Decimal]]] = {}
    for loan_id, day in first.items():
        end = month_start(day, -workout - 1) - timedelta(days=1)
        # Of what was in default at the first month-end nobody knows since when.
        if day == min(months.published) or end not in months.published or loan_id not in snapshot(months.look(end)):
            continue
        then, later = months.look(day).risks[loan_id], months.look(end).risks[loan_id]
        owed = then.state.outstanding + then.state.due_and_unpaid("interest")
        worked.setdefault(then.state.loan.currency_code, []).append((owed, min(max(_paid(later) - _paid(then), ZERO), owed)))
    found: dict[str, tuple[int, Decimal | None]] = {}
    for currency, parts in worked.items():
        owed, paid = total(part[0] for part in parts), total(part[1] for part in parts)
        found[currency] = (len(parts), None if owed == 0 else cents(ONE - paid / owed, 6))
    return found


def _pd(look: Look, risk: Risk, rates: dict[str, tuple[int, Decimal]]) -> tuple[Decimal | None, str]:
    if risk.stage == 3:
        return ONE, "default"
    observations, rate = rates.get(risk.bucket, (0, ZERO))
    if observations and observations >= look.number("pd_minimum_observations"):
        return rate, "own_snapshots"
    value = look.setting("pd_default_by_bucket").get(risk.bucket)
    return (None if value is None else Decimal(value)), "setting"


def _lgd(look: Look, risk: Risk, losses: dict[str, tuple[int, Decimal | None]]) -> tuple[Decimal, str]:
    defaults, loss = losses.get(risk.state.loan.currency_code, (0, None))
    if loss is not None and defaults >= look.number("lgd_minimum_defaults"):
        return loss, "own_snapshots"
    return look.number("lgd_default"), "setting"


def v_expected_loss(months: Months) -> list[Row]:
    """Loss to be expected of each loan on the book within twelve months."""
    now, rates, losses = months.now, default_rates(months), losses_given_default(months)
    found = []
    for risk in now.on_book:
        pd, pd_source = _pd(now, risk, rates)
        lgd, lgd_source = _lgd(now, risk, losses)
        found.append(
            {
                "loan_id": risk.state.loan.id,
                "legal_entity_id": risk.state.loan.legal_entity_id,
                "product_category": now.product(risk).category,
                "currency_code": risk.state.loan.currency_code,
                "business_date": now.day,
                "stage": risk.stage,
                "dpd_bucket": risk.bucket,
                "pd": pd,
                "pd_source": pd_source,
                "lgd": lgd,
                "lgd_source": lgd_source,
                "ead": risk.exposure,
                "el": None if pd is None else cents(pd * lgd * risk.exposure),
                "needs_signoff": "setting" in {pd_source, lgd_source},
            }
        )
    return found


VIEWS = (v_ml_training_set, v_feature_population_stability, v_expected_loss)
