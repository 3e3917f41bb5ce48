"""Dashboard 3: what became of loans that fell behind: cases, cures, recoveries, and the effort of each stage."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.oracle.book import ZERO
from tests.oracle.figures.collections import CONTACT, LEGAL, actions_of, open_status
from tests.oracle.figures.lateness import Default, Entry, entries, first_default, months_later
from tests.oracle.figures.look import Look, Row, cents, grouped, mean, median, month_start, percent, total
from tests.oracle.loans import ONE_DAY, state_of
from tests.oracle.risk import Risk


def _loan_of(entry: Entry) -> str:
    return entry.episode.risk.state.loan.id


def _is_forborne(look: Look, entry: Entry) -> bool:
    """Whether a re-plan ended the episode, or the flag held on a day from the entry to the end."""
    last = entry.episode.ended_on or look.day
    flags = look.book.of("loan_flag", "loan_id", _loan_of(entry))
    eased = any(
        flag.flag == "forborne" and flag.effective_from <= last and (flag.effective_through is None or flag.effective_through > entry.on)
        for flag in flags
    )
    return eased or entry.episode.ended_by == "replanned"


def _falls_again(entry: Entry, relapses: dict[str, list[date]]) -> bool:
    """Whether the loan entered the last bucket after its cure and within 12 months of it."""
    cured = entry.episode.ended_on
    return cured is not None and any(cured < on <= months_later(cured, 12) for on in relapses.get(_loan_of(entry), []))


def v_cure_rate(look: Look) -> list[Row]:
    """Of the episodes that entered a bucket in a month, the share that was cured, and what fell again."""
    everything = entries(look)
    relapses: dict[str, list[date]] = {}
    for entry in everything:
        if entry.bucket.days.upper is None:
            relapses.setdefault(_loan_of(entry), []).append(entry.on)
    found = []
    for (month, label, sort, product), group in grouped(
        everything, lambda e: (month_start(e.on), e.bucket.label, e.bucket.sort, look.product(e.episode.risk))
    ).items():
        cured = {days: [e for e in group if e.episode.is_cured and e.took is not None and e.took <= days] for days in (30, 60, 90)}
        eased = sum(_is_forborne(look, entry) for entry in cured[90])
        again = sum(_falls_again(entry, relapses) for entry in cured[90])
        last = max((entry.episode.ended_on for entry in cured[90] if entry.episode.ended_on), default=None)
        month_end = month_start(month, -1) - ONE_DAY
        found.append(
            {
                "month": month,
                "dpd_bucket": label,
                "bucket_sort": sort,
                "product_id": product.id,
                "product_code": product.code,
                "product_category": product.category,
                "entered": len(group),
                "cured": len(cured[90]),
                "cured_30": len(cured[30]),
                "cured_60": len(cured[60]),
                "cured_natural": len(cured[90]) - eased,
                "cured_forborne": eased,
                "cure_30_pct": percent(len(cured[30]), len(group)),
                "cure_60_pct": percent(len(cured[60]), len(group)),
                "cure_90_pct": percent(len(cured[90]), len(group)),
                "re_defaulted": again,
                "re_default_pct": percent(again, len(cured[90])),
                "immature": (look.day - month_end).days < 90,
                "re_default_immature": last is not None and look.day < months_later(last, 12),
            }
        )
    return found


def _actions(look: Look, entry: Entry) -> int:
    """Events of collections from the entry to the end of the case, or to today."""
    last = entry.episode.ended_on or look.day
    return sum(entry.on <= action.on <= last for action in actions_of(look, entry.episode.risk))


def _owed(look: Look, group: list[Entry]) -> Decimal:
    """Outstanding principal at the end of the days of entry."""
    return total(state_of(look.book, entry.episode.risk.state.loan, entry.on).outstanding for entry in group)


def v_collections_resolution_analysis(look: Look) -> list[Row]:
    """Cases by the bucket that they entered, and how they were resolved."""
    found = []
    for (category, currency, label, sort), group in grouped(
        entries(look),
        lambda e: (look.product(e.episode.risk).category, e.episode.risk.state.loan.currency_code, e.bucket.label, e.bucket.sort),
    ).items():
        resolved = [entry for entry in group if entry.episode.is_cured]
        took = [entry.took for entry in resolved if entry.took is not None]
        middle = median(took)
        found.append(
            {
                "product_category": category,
                "currency_code": currency,
                "dpd_bucket": label,
                "total_collections_cases": len(group),
                "resolved_cases": len(resolved),
                "resolution_rate_pct": percent(len(resolved), len(group)),
                "avg_resolution_days": mean(took, 2),
                "median_resolution_days": None if middle is None else cents(middle),
                "avg_actions_per_case": mean((_actions(look, entry) for entry in group), 2),
                "total_principal_in_collections": _owed(look, group),
                "resolved_principal": _owed(look, resolved),
                "bucket_sort": sort,
                "open_cases": sum(entry.episode.ended_on is None for entry in group),
            }
        )
    return found


def _present_value(default: Default, first: date, last: date) -> Decimal:
    """Principal recovered within days, discounted to the default at the contract's yearly rate."""
    rate = 1 + default.risk.state.loan.interest_rate
    return total(
        amount / rate ** (Decimal((on - default.on).days) / 365) for on, amount in default.recovered(principal=True) if first <= on <= last
    )


def _recovered(defaults: list[Default], first: date, last: date, *, principal: bool) -> Decimal:
    """What was recovered within days."""
    return total(amount for default in defaults for on, amount in default.recovered(principal=principal) if first <= on <= last)


def v_recovery_analysis(look: Look) -> list[Row]:
    """What was recovered on the loans that first defaulted in a month, month by month since."""
    defaults = [default for risk in look.all if (default := first_default(look, risk))]
    by_currency = grouped(defaults, lambda default: (default.risk.state.loan.currency_code,))
    found = []
    for (month, currency), cohort in grouped(
        defaults, lambda default: (month_start(default.on), default.risk.state.loan.currency_code)
    ).items():
        owed, back, present, since = total(default.exposure for default in cohort), ZERO, ZERO, 0
        everyone = by_currency[(currency,)]
        while (cash_month := month_start(month, -since)) <= look.day:
            last = month_start(cash_month, -1) - ONE_DAY
            got = _recovered(cohort, cash_month, last, principal=True)
            back += got
            present += cents(total(_present_value(default, cash_month, last) for default in cohort))
            so_far = total(default.exposure for default in everyone if month_start(default.on) <= cash_month)
            share = present / owed if owed else None
            found.append(
                {
                    "default_month": month,
                    "months_since": since,
                    "currency_code": currency,
                    "loans": len(cohort),
                    "ead": owed,
                    "recovered": got,
                    "recovered_other": _recovered(cohort, cash_month, last, principal=False),
                    "recovered_to_date": back,
                    "rr_backdated": percent(back, owed),
                    "cash_month": cash_month,
                    "rr_unbackdated": percent(_recovered(everyone, cash_month, last, principal=True), so_far),
                    "lgd": None if share is None else cents(1 - share, 4),
                    "immature": look.day <= last,
                }
            )
            since += 1
    return found


def _stage(look: Look, risk: Risk) -> str:
    status = open_status(look, risk, "collections_stage")
    return "current" if status is None else status.status_value


def _is_sued(look: Look, risk: Risk) -> bool:
    """Whether a legal step was taken, or the open status says so."""
    status = open_status(look, risk, "legal_action")
    noted = any(action.event.event_type in LEGAL for action in actions_of(look, risk))
    return noted or (status is not None and status.status_value != "none")


def v_collections_performance(look: Look) -> list[Row]:
    """Effort and outcome of each stage of collections."""
    places = {row.status_value: row.sort for row in look.book.of("status_value", "status_type", "collections_stage")}
    chosen = [risk for risk in look.all if risk.state.status in {"active", "written_off"}]
    found = []
    for (category, currency, stage), risks in grouped(
        chosen, lambda risk: (look.product(risk).category, risk.state.loan.currency_code, _stage(look, risk))
    ).items():
        events = [[action.event.event_type for action in actions_of(look, risk)] for risk in risks]
        kinds = [kind for each in events for kind in each]
        answered = kinds.count("call_successful")
        calls = kinds.count("call_attempt") + answered
        defaults = [default for risk in risks if (default := first_default(look, risk))]
        owed = total(default.exposure for default in defaults)
        got = [(default, on, amount) for default in defaults for flag in (True, False) for on, amount in default.recovered(principal=flag)]
        whole, principal = total(amount for *_, amount in got), _recovered(defaults, date.min, look.day, principal=True)
        waited = total(amount * (on - default.on).days for default, on, amount in got)
        found.append(
            {
                "product_category": category,
                "currency_code": currency,
                "current_collections_stage": stage,
                "loans_in_stage": len(risks),
                "principal_at_risk": total(risk.state.outstanding for risk in risks),
                "avg_max_dpd": mean((risk.state.max_dpd for risk in risks), 2),
                "avg_reminders_sent": cents(Decimal(kinds.count("reminder_sent")) / len(risks)),
                "avg_call_attempts": cents(Decimal(calls) / len(risks)),
                "call_success_rate_pct": percent(answered, calls),
                "loans_with_legal_action": sum(_is_sued(look, risk) for risk in risks),
                "total_recovered_amount": whole,
                "recovery_rate_pct": percent(principal, owed),
                "avg_recovery_days": cents(waited / whole) if whole else None,
                "stage_sort": places.get(stage),
                "arrears": total(risk.state.arrears for risk in risks),
                "contacts": sum(kind in CONTACT for kind in kinds),
                "contact_rate_pct": percent(sum(any(kind in CONTACT for kind in each) for each in events), len(risks)),
                "defaulted_loans": len(defaults),
                "defaulted_principal": owed,
                "recovered_principal": principal,
                "needs_signoff": any(look.unsigned_default(look.entity(risk).country_code) for risk in risks),
            }
        )
    return found


VIEWS = (v_cure_rate, v_collections_resolution_analysis, v_recovery_analysis, v_collections_performance)
