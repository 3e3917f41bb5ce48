"""Figures over many published month-ends: vintages and the trend of each company."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

from tests.oracle.book import ZERO
from tests.oracle.figures.executive import converted, rounded
from tests.oracle.figures.look import Look, Row, cents, grouped, month_start, percent, ratio, total
from tests.oracle.figures.month_ends import Months, snapshot
from tests.oracle.figures.performance import cohort
from tests.oracle.risk import Risk


def v_vintage_curve(months: Months) -> list[Row]:
    """Which part of the loans of a month had ever been so late after so many months."""
    found, ever = [], {}
    worst: dict[str, int] = {}
    for day in sorted(months.published):
        for key, risk in snapshot(months.look(day)).items():
            worst[key] = max(worst.get(key, 0), risk.state.max_dpd)
        ever[day] = dict(worst)
    now = months.now
    for (month, product, currency), risks in grouped(
        [risk for risk in now.all if cohort(risk)], lambda risk: (cohort(risk), now.product(risk), risk.state.loan.currency_code)
    ).items():
        lent = total(risk.state.disbursed for risk in risks)
        for day in sorted(months.published):
            mob = (day.year - month.year) * 12 + day.month - month.month
            if mob < 0:
                continue
            row: Row = {
                "cohort_month": month,
                "mob": mob,
                "product_id": product.id,
                "product_code": product.code,
                "product_category": product.category,
                "currency_code": currency,
                "observed_on": day,
                "originated_n": len(risks),
                "originated_amt": lent,
                "is_small": len(risks) < now.number("vintage_minimum_loans"),
                "needs_signoff": now.is_unsigned("vintage_minimum_loans"),
            }
            for limit in (30, 60, 90):
                bad = [risk for risk in risks if ever[day].get(risk.state.loan.id, 0) > limit]
                amount = total(risk.state.disbursed for risk in bad)
                row |= {
                    f"ever{limit}": len(bad),
                    f"ever{limit}_amt": amount,
                    f"ever{limit}_pct": percent(len(bad), len(risks)),
                    f"ever{limit}_amt_pct": percent(amount, lent),
                }
            found.append(row)
    return found


def _kpis(before: Look | None, look: Look, entity_id: str) -> dict[str, Decimal | None]:
    """Figures of a company at a month-end: counts, amounts and percentages."""
    entity = look.book.entities[entity_id]
    risks = [risk for risk in snapshot(look).values() if risk.state.loan.legal_entity_id == entity_id]
    active = [risk for risk in risks if risk.state.status == "active"]
    new = [risk for risk in risks if cohort(risk) == month_start(look.day)]
    old = {} if before is None else snapshot(before)

    def summed(parts: list[tuple[Risk, Decimal]]) -> Decimal | None:
        return converted(look, ((risk.state.loan.currency_code, amount) for risk, amount in parts), entity.functional_ccy)

    def risen(measure: str) -> Decimal | None:
        if before is None:
            return None
        parts = []
        for risk in risks:
            was = old.get(risk.state.loan.id)
            parts.append((risk, _measure(risk, measure) - (_measure(was, measure) if was else ZERO)))
        return summed(parts)

    glp = summed([(risk, risk.state.outstanding) for risk in active])
    lent = summed([(risk, risk.state.loan.principal_amount) for risk in risks])
    lost = summed([(risk, risk.state.principal_written_off) for risk in risks])
    back = summed([(risk, risk.state.recovered) for risk in risks if risk.state.status == "written_off"])
    late = summed([(risk, risk.state.outstanding) for risk in active if risk.state.dpd > 30])
    bad = summed([(risk, risk.state.outstanding) for risk in active if risk.is_default])
    return {
        "active_loans": Decimal(len(active)),
        "glp": glp,
        "loans_originated": Decimal(len(new)),
        "amount_originated": summed([(risk, risk.state.loan.principal_amount) for risk in new]),
        "collections": risen("received"),
        "losses": risen("lost"),
        "par30": _share(late, glp),
        "npl": _share(bad, glp),
        "cnl": _share(None if lost is None or back is None else lost - back, lent),
    }


def _efficiency(months: Months, look: Look, entity_id: str) -> Decimal | None:
    """Current-due collection efficiency of the month, as known today, at the rates of its end."""
    rows = [row for row in months.efficiency if row["legal_entity_id"] == entity_id and row["month_start"] == month_start(look.day)]
    currency = look.book.entities[entity_id].functional_ccy
    paid = converted(look, ((row["currency_code"], row["paid_on_current_due"]) for row in rows), currency)
    return _share(paid, converted(look, ((row["currency_code"], row["due"]) for row in rows), currency))


def _measure(risk: Risk, measure: str) -> Decimal:
    if measure == "lost":
        return risk.state.principal_written_off
    return total(row.amount for row in risk.state.money if row.kind == "allocation")


def _share(part: Decimal | None, whole: Decimal | None) -> Decimal | None:
    if part is None or whole is None:
        return None
    found = ratio(part, whole)
    return None if found is None else found * 100


UNITS = {
    "active_loans": "count",
    "loans_originated": "count",
    "glp": "amount",
    "amount_originated": "amount",
    "collections": "amount",
    "losses": "amount",
}


def v_executive_trend(months: Months) -> list[Row]:
    """The published month-ends of each company in long form."""
    found, by_month = [], {}
    previous: Look | None = None
    for day in sorted(months.published)[-24:]:
        look = months.look(day)
        if previous is not None and previous.day != month_start(day) - timedelta(days=1):
            previous = None
        for entity_id in months.book.entities:
            figures = _kpis(previous, look, entity_id) | {"ce": _efficiency(months, look, entity_id)}
            by_month[month_start(day), entity_id] = {kpi: rounded(value) for kpi, value in figures.items()}
        previous = look
    for (month, entity_id), figures in by_month.items():
        for kpi, value in figures.items():
            unit = UNITS.get(kpi, "pct")
            found.append(
                {
                    "month": month,
                    "legal_entity_id": entity_id,
                    "legal_entity_name": months.book.entities[entity_id].name,
                    "functional_ccy": months.book.entities[entity_id].functional_ccy,
                    "kpi": kpi,
                    "unit": unit,
                    "value": value,
                    "mom": _change(value, by_month.get((month_start(month, 1), entity_id), {}).get(kpi), unit),
                    "yoy": _change(value, by_month.get((month_start(month, 12), entity_id), {}).get(kpi), unit),
                }
            )
    return found


def _change(now: Decimal | None, then: Decimal | None, unit: str) -> Decimal | None:
    if now is None or then is None:
        return None
    return cents(now - then) if unit == "pct" else percent(now - then, then)


VIEWS = (v_vintage_curve, v_executive_trend)
