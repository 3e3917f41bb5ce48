"""What the other views stand on: a loan's position, its risk, the rates of the day."""

from __future__ import annotations

from tests.oracle.book import valid
from tests.oracle.figures.look import Look, Row
from tests.oracle.loan_state import loan_state
from tests.oracle.rules import non_performing_classes

_NOT_SHOWN = {"as_of", "grace_days", "paused_days", "is_paused", "month"}


def loan_position(look: Look) -> list[Row]:
    """Every loan with its state, days past due, bucket and class by days past due."""
    found = []
    for risk in look.all:
        state, entity = risk.state, look.entity(risk)
        row = {name: value for name, value in loan_state(look.book, state.loan.id, look.day).items() if name not in _NOT_SHOWN}
        found.append(
            row
            | {
                "legal_entity_name": entity.name,
                "country_code": entity.country_code,
                "functional_ccy": entity.functional_ccy,
                "business_date": look.day,
                "days_late": state.days_late,
                "dpd": state.dpd,
                "is_on_book": state.status == "active",
                "bucket_sort": risk.bucket_sort,
                "dpd_bucket": risk.bucket,
                "dpd_class": risk.dpd_class,
                "is_npl_by_dpd": risk.dpd_class in non_performing_classes(look.book, look.day),
            }
        )
    return found


def loan_position_live(look: Look) -> list[Row]:
    """The same, exact when read."""
    return loan_position(look)


def loan_risk(look: Look) -> list[Row]:
    """Class, stage and default of every loan."""
    found = []
    for risk in look.all:
        rules = look.book.of("classification_rule", "country_code", look.entity(risk).country_code)
        found.append(
            {
                "day": look.day,
                "loan_id": risk.state.loan.id,
                "is_default": risk.is_default,
                "reason": risk.reason,
                "class": risk.class_,
                "stage": risk.stage,
                "obligor_dpd": risk.obligor_dpd,
                "rule_version": max((rule.valid_from for rule in rules if valid(rule, look.day)), default=None),
            }
        )
    return found


VIEWS = (loan_position, loan_position_live, loan_risk)
