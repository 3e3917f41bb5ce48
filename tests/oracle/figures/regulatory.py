"""Dashboard 10: classes, provisions, limits."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.book import ZERO, valid
from tests.oracle.figures.look import Look, Row, cents, grouped, percent, ratio, total
from tests.oracle.fx import convert
from tests.oracle.loans import holds
from tests.oracle.plans import in_force
from tests.oracle.risk import Risk, in_group_currency
from tests.oracle.rows import Loan
from tests.oracle.rule_rows import ClassificationRule, ProductLimit
from tests.oracle.rules import rule_of


def _stage_reason(look: Look, risk: Risk) -> str | None:
    if risk.stage == 3:
        return risk.reason
    if risk.stage == 1:
        return None
    if risk.state.dpd > look.number("stage_2_days"):
        return "dpd"
    return "significant_increase" if holds(look.book, risk.state.loan, "significant_increase", look.day) else "forborne"


def _rule(look: Look, risk: Risk) -> ClassificationRule | None:
    country = look.entity(risk).country_code
    return rule_of(look.book, country, risk.class_, look.day)


def v_npl_classification(look: Look) -> list[Row]:
    """Class and stage of each loan on the book, and the rule that put it there."""
    found = []
    for risk in look.on_book:
        state, entity, rule = risk.state, look.entity(risk), _rule(look, risk)
        least = rule_of(look.book, entity.country_code, "substandard", look.day)
        ends: date | None = None
        if least and state.npl_last_day and (look.day - state.npl_last_day).days < least.probation_days:
            ends = state.npl_last_day + timedelta(days=least.probation_days)
        rules = [row for row in look.book.of("classification_rule", "country_code", entity.country_code) if valid(row, look.day)]
        found.append(
            {
                "loan_id": state.loan.id,
                "loan_number": state.loan.loan_number,
                "legal_entity_name": entity.name,
                "country_code": entity.country_code,
                "currency_code": state.loan.currency_code,
                "product_category": look.product(risk).category,
                "business_date": look.day,
                "outstanding_principal": state.outstanding,
                "dpd": state.dpd,
                "obligor_dpd": risk.obligor_dpd,
                "dpd_class": risk.dpd_class,
                "class": risk.class_,
                "stage": risk.stage,
                "is_default": risk.is_default,
                "reason": risk.reason,
                "stage_reason": _stage_reason(look, risk),
                "threshold_days": rule.threshold_days if rule else None,
                "operator": rule.operator if rule else None,
                "probation_ends_on": ends,
                "rule_version": max((row.valid_from for row in rules), default=None),
                "needs_signoff": look.unsigned_rules(entity.country_code),
            }
        )
    return found


def provision_of(risk: Risk) -> Decimal | None:
    """The provision with two places; None without a rate."""
    return None if risk.rate is None else cents(risk.provision)


def uncovered(risk: Risk) -> Decimal:
    """Exposure that no collateral covers; collateral without a rate covers nothing."""
    return max(risk.exposure - (risk.collateral or ZERO), ZERO)


def v_regulatory_compliance_report(look: Look) -> list[Row]:
    """Classification, non-performing ratio, provisions and coverage of each company and currency."""
    found = []
    for (entity, currency), everything in grouped(look.all, lambda risk: (look.entity(risk), risk.state.loan.currency_code)).items():
        risks = [risk for risk in everything if risk.state.status == "active"]
        bad = [risk for risk in risks if risk.is_default]
        outstanding = total(risk.state.outstanding for risk in risks)
        groups = {
            "performing": [risk for risk in risks if not risk.is_default],
            "substandard": [risk for risk in bad if risk.class_ not in {"doubtful", "loss"}],
            "doubtful": [risk for risk in bad if risk.class_ == "doubtful"],
            "loss": [risk for risk in bad if risk.class_ == "loss"],
        }
        provisions = [provision_of(risk) for risk in risks]
        required = None if None in provisions else total(amount for amount in provisions if amount is not None)
        collateral = [risk.collateral for risk in risks]
        legal = [risk for risk in risks if _legal(look, risk.state.loan.id)]
        bad_amount = total(risk.state.outstanding for risk in bad)
        npl, rate = percent(bad_amount, outstanding), percent(required, outstanding)
        row: Row = {
            "legal_entity_name": entity.name,
            "country_code": entity.country_code,
            "currency_code": currency,
            "active_loans": len(risks),
            "outstanding_principal": outstanding,
            "required_provisions": required,
            "legal_action_loans": len(legal),
            "legal_action_amount": total(risk.state.outstanding for risk in legal),
            "performing_ratio_pct": percent(total(r.state.outstanding for r in groups["performing"]), outstanding),
            "npl_ratio_pct": npl,
            "provisioning_ratio_pct": rate,
            "charge_off_ratio_pct": percent(
                total(r.state.principal_written_off for r in everything), total(r.state.disbursed for r in everything)
            ),
            "npl_compliance_status": "High NPL - Review Required" if (npl or 0) > look.number("npl_ratio_limit_pct") else "Within Limits",
            "provisioning_status": None
            if required is None
            else "High Provisioning Required"
            if (rate or 0) > look.number("provisioning_ratio_limit_pct")
            else "Normal",
            "legal_entity_id": entity.id,
            "business_date": look.day,
            "npl_loans": len(bad),
            "npl_amount": bad_amount,
            "coverage_ratio_pct": percent(required, bad_amount),
            "exposure_at_default": total(risk.exposure for risk in risks),
            "eligible_collateral": None if None in collateral else total(amount for amount in collateral if amount is not None),
            "needs_signoff": look.unsigned_rules(entity.country_code) or any(risk.needs_signoff for risk in risks),
        }
        for name, members in groups.items():
            row[f"{name}_loans"], row[f"{name}_amount"] = len(members), total(risk.state.outstanding for risk in members)
        found.append(row)
    return found


def _legal(look: Look, loan_id: str) -> bool:
    """Whether the open status of type legal_action is other than none."""
    return any(
        row.status_type == "legal_action" and row.effective_through is None and row.status_value != "none"
        for row in look.book.of("loan_status_history", "loan_id", loan_id)
    )


def _months(loan: Loan) -> int:
    """Months from start to end; a begun one counts."""
    whole = (loan.end_date.year - loan.start_date.year) * 12 + loan.end_date.month - loan.start_date.month
    return whole + (loan.end_date.day > loan.start_date.day)


def _limit(look: Look, loan: Loan) -> ProductLimit | None:
    """The limit that held when the contract began: of the product, else of its category."""
    rows = [row for row in look.book.of("product_limit", "country_code", look.book.country(loan)) if valid(row, loan.start_date)]
    product = look.book.products[loan.product_id]
    own = [row for row in rows if row.product_id == product.id] or [row for row in rows if row.product_category == product.category]
    return own[0] if own else None


def _fees(look: Look, risk: Risk) -> Decimal | None:
    """Rently Care fees of the active plan over the principal."""
    plan = in_force(risk.state.plans, look.day)
    active = [row for row in look.book.of("amortisation_plan", "loan_id", risk.state.loan.id) if row.status == "active"]
    if not active and plan is None:
        return None
    lines = look.book.of("amortisation_line", "plan_id", active[0].id) if active else []
    return ratio(total(line.amount_rc_fee for line in lines), risk.state.loan.principal_amount)


def v_product_limit_breaches(look: Look) -> list[Row]:
    """Loans outside a limit of their product, and obligors over the large-exposure limit."""
    found: list[Row] = []
    for risk in look.on_book:
        loan, entity, limit = risk.state.loan, look.entity(risk), _limit(look, risk.state.loan)
        if limit is None:
            continue
        amount = convert(look.book, loan.principal_amount, loan.currency_code, entity.functional_ccy, look.day)
        measured: list[tuple[str, Any, Any, int]] = [
            ("min_amount", limit.min_amount, amount, -1),
            ("max_amount", limit.max_amount, amount, 1),
            ("max_tenor_months", limit.max_tenor_months, _months(loan), 1),
            ("max_rate", limit.max_rate, loan.interest_rate, 1),
            ("max_total_fee_pct", limit.max_total_fee_pct, _fees(look, risk), 1),
        ]
        for name, bound, actual, sign in measured:
            is_amount = name.endswith("_amount")
            if bound is None or (actual is None and not is_amount):
                continue
            if actual is None or (actual - bound) * sign > 0:
                found.append(
                    {
                        "subject_type": "loan",
                        "subject_id": loan.id,
                        "limit_name": name,
                        "loan_number": loan.loan_number,
                        "legal_entity_name": entity.name,
                        "product_code": look.product(risk).code,
                        "currency_code": entity.functional_ccy if is_amount else None,
                        "limit_value": bound,
                        "actual_value": actual,
                        "breach": None if actual is None else (actual - bound) * sign,
                        "is_rate_missing": actual is None,
                        "limit_source": limit.source,
                        "limit_valid_from": limit.valid_from,
                        "needs_signoff": limit.needs_signoff,
                    }
                )
    return found + _large_exposures(look)


def _large_exposures(look: Look) -> list[Row]:
    """Obligors with more than a share of what the whole group is owed on the book."""
    bound, found = look.number("large_exposure_pct") / 100, []
    amounts = {risk.state.loan.id: in_group_currency(look.book, risk.state, risk.state.outstanding) for risk in look.on_book}
    known = total(amount for amount in amounts.values() if amount is not None)
    is_missing = None in amounts.values()
    for (obligor,), risks in grouped(look.on_book, lambda risk: (risk.obligor_id,)).items():
        owed = [amounts[risk.state.loan.id] for risk in risks]
        share = None if is_missing else ratio(total(amount for amount in owed if amount is not None), known)
        if share is None or share > bound:
            found.append(
                {
                    "subject_type": "obligor", "subject_id": obligor, "limit_name": "large_exposure", "loan_number": None,
                    "legal_entity_name": None, "product_code": None, "currency_code": None, "limit_value": bound, "actual_value": share,
                    "breach": None if share is None else share - bound, "is_rate_missing": share is None,
                }
            )  # fmt: skip
    return found


VIEWS = (v_npl_classification, v_regulatory_compliance_report, v_product_limit_breaches)
