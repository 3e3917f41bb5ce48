"""Dashboard 8: a row a company."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from decimal import Decimal

from tests.oracle.figures.look import Look, Row, cents, month_start, percent, total
from tests.oracle.fx import convert
from tests.oracle.loan_state import loan_state
from tests.oracle.risk import Risk
from tests.oracle.rows import LegalEntity


def converted(look: Look, parts: Iterable[tuple[str, Decimal]], currency: str) -> Decimal | None:
    """A sum in a currency at the rates of the day; None where the rate of an amount other than 0 is missing."""
    found = [convert(look.book, amount, source, currency, look.day) for source, amount in parts if amount != 0]
    return None if None in found else total(amount for amount in found if amount is not None)


def rounded(amount: Decimal | None) -> Decimal | None:
    """With two places."""
    return None if amount is None else cents(amount)


def _expected(look: Look, risk: Risk) -> Decimal:
    """What the instalments of the next 30 days still ask for."""
    last = look.day + timedelta(days=30)
    return total(item.unpaid() for item in risk.state.instalments if look.day < item.line.due_date <= last)


def _first_paid_out(risk: Risk, look: Look) -> bool:
    """Whether the loan was first disbursed in the month."""
    dates = [on for on, _ in risk.state.disbursements]
    return bool(dates) and month_start(min(dates)) == month_start(look.day)


def _growth(look: Look, originated: Decimal | None, portfolio: Decimal | None) -> str | None:
    if originated is None or portfolio is None:
        return None
    if originated > portfolio * look.number("growth_high"):
        return "High Growth"
    return "Moderate Growth" if originated > portfolio * look.number("growth_moderate") else "Stable"


def v_executive_summary_dashboard(look: Look) -> list[Row]:
    """A row a company, in its functional currency."""
    return [_summary(look, entity) for entity in look.book.entities.values()]


def _summary(look: Look, entity: LegalEntity) -> Row:
    risks = [risk for risk in look.all if look.entity(risk).id == entity.id]
    active = [risk for risk in risks if risk.state.status == "active"]
    bad, gone = [risk for risk in active if risk.is_default], [risk for risk in risks if risk.state.status == "written_off"]
    new = [risk for risk in risks if _first_paid_out(risk, look)]
    months = {risk.state.loan.id: loan_state(look.book, risk.state.loan.id, look.day) for risk in risks}

    def summed(chosen: list[Risk], amount: Callable[[Risk], Decimal], currency: str = entity.functional_ccy) -> Decimal | None:
        return converted(look, ((risk.state.loan.currency_code, amount(risk)) for risk in chosen), currency)

    glp = summed(active, lambda risk: risk.state.outstanding)
    default = summed(bad, lambda risk: risk.state.outstanding)
    lost = summed(risks, lambda risk: risk.state.principal_written_off)
    lent = summed(risks, lambda risk: risk.state.loan.principal_amount)
    recovered = summed(gone, lambda risk: risk.state.recovered)
    originated = summed(new, lambda risk: risk.state.loan.principal_amount)
    due = summed(risks, lambda risk: months[risk.state.loan.id]["month_due"])
    paid = summed(risks, lambda risk: months[risk.state.loan.id]["month_due_paid"])
    default_pct, ce = percent(default, glp), percent(paid, due)
    return {
        "legal_entity_name": entity.name,
        "country_code": entity.country_code,
        "functional_ccy": entity.functional_ccy,
        "active_loans": len(active),
        "active_portfolio_value": rounded(glp),
        "loans_originated_mtd": len(new),
        "amount_originated_mtd": rounded(originated),
        "collections_mtd": rounded(summed(risks, lambda risk: months[risk.state.loan.id]["month_received"])),
        "expected_collections_30d": rounded(summed(active, lambda risk: _expected(look, risk))),
        "current_default_loans": len(bad),
        "current_default_amount": rounded(default),
        "written_off_loans": len(gone),
        "written_off_amount": rounded(lost),
        "default_rate_count_pct": percent(len(bad), len(active)),
        "default_rate_amount_pct": default_pct,
        "cumulative_loss_rate_pct": percent(lost, lent),
        "collection_efficiency_mtd_pct": ce,
        "growth_trend": _growth(look, originated, glp),
        "legal_entity_id": entity.id,
        "glp": rounded(glp),
        "par30": percent(summed([risk for risk in active if risk.state.dpd > 30], lambda risk: risk.state.outstanding), glp),
        "npl": default_pct,
        "ce_mtd": ce,
        "cnl": percent(None if lost is None or recovered is None else lost - recovered, lent),
        "needs_signoff": look.unsigned_rules(entity.country_code)
        or any(look.is_unsigned(key) for key in ("non_performing_classes", "obligor_materiality_pct", "growth_high", "growth_moderate")),
        "business_date": look.day,
    }


VIEWS = (v_executive_summary_dashboard,)
