"""Risk of every loan of a book as of a day (or each at its entity's day): class, stage, exposure, collateral, provision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from tests.oracle.book import ZERO, Book
from tests.oracle.fx import convert
from tests.oracle.loans import LoanState, holds, state_of
from tests.oracle.rules import NORMAL, bucket_of, class_by_dpd, non_performing_classes, number, provision_rate_of, rule_of


@dataclass(frozen=True)
class Risk:
    """What docs/analytics.md says about the risk of a loan."""

    state: LoanState
    obligor_id: str
    bucket: str
    bucket_sort: int
    dpd_class: str
    class_: str
    reason: str | None
    stage: int
    is_forborne: bool
    obligor_dpd: int
    exposure: Decimal
    collateral: Decimal | None
    rate: Decimal | None
    provision: Decimal
    needs_signoff: bool

    @property
    def is_default(self) -> bool:
        """Whether it is non-performing."""
        return self.reason is not None


def states_of(book: Book, days: Mapping[str, date]) -> dict[str, LoanState]:
    """Every loan as of the day of its legal entity."""
    return {loan.id: state_of(book, loan, days[loan.legal_entity_id]) for loan in book.loans.values()}


def _dpd_class(book: Book, state: LoanState) -> str:
    rule = class_by_dpd(book, book.country(state.loan), state.dpd, state.day)
    return rule.class_ if rule else NORMAL


def _fails_by_dpd(book: Book, state: LoanState) -> bool:
    return state.status == "active" and _dpd_class(book, state) in non_performing_classes(book, state.day)


def in_group_currency(book: Book, state: LoanState, amount: Decimal) -> Decimal | None:
    """An amount of a loan in group currency."""
    group = book.setting("group_currency", state.day)
    return convert(book, amount, state.loan.currency_code, group, state.day)


def is_material(book: Book, state: LoanState, group: list[LoanState]) -> bool:
    """Whether a loan's outstanding is more than the threshold's share of its obligor's; a missing rate counts as material."""
    own = in_group_currency(book, state, state.outstanding)
    amounts = [in_group_currency(book, other, other.outstanding) for other in group if other.status == "active"]
    total = sum((amount for amount in amounts if amount is not None), ZERO)
    if own is None or any(amount is None for amount in amounts):
        return True
    return own > total * number(book, "obligor_materiality_pct", state.day, "0.05")


def reason_of(book: Book, state: LoanState, group: list[LoanState]) -> str | None:
    """Why a loan is non-performing; None: it is not."""
    if state.status != "active":
        return None
    if _fails_by_dpd(book, state):
        return "dpd"
    if any(_fails_by_dpd(book, other) and is_material(book, other, group) for other in group if other.loan.id != state.loan.id):
        return "obligor"
    if holds(book, state.loan, "unlikely_to_pay", state.day):
        return "unlikely_to_pay"
    rule = rule_of(book, book.country(state.loan), "substandard", state.day)
    if rule and state.npl_last_day and (state.day - state.npl_last_day).days < rule.probation_days:
        return "probation"
    return None


def _class(book: Book, state: LoanState, reason: str | None) -> str:
    """The class by days past due, at least substandard where the loan is non-performing."""
    own = _dpd_class(book, state)
    if reason in {None, "dpd"}:
        return own
    country = book.country(state.loan)
    least, now = rule_of(book, country, "substandard", state.day), class_by_dpd(book, country, state.dpd, state.day)
    return own if now and least and now.threshold_days > least.threshold_days else "substandard"


def _stage(book: Book, state: LoanState, reason: str | None) -> int:
    if reason:
        return 3
    flagged = holds(book, state.loan, "significant_increase", state.day) or holds(book, state.loan, "forborne", state.day)
    return 2 if flagged or state.dpd > number(book, "stage_2_days", state.day, "30") else 1


def exposure_of(book: Book, state: LoanState) -> Decimal:
    """Exposure at default."""
    undrawn = ZERO
    if state.status == "active":
        ccf = number(book, "undrawn_credit_conversion", state.day, "0.5")
        undrawn = max(state.loan.principal_amount - state.disbursed - state.transferred_in, ZERO) * ccf
    return state.outstanding + state.due_and_unpaid("interest") + undrawn


def collateral_of(book: Book, state: LoanState) -> Decimal | None:
    """Eligible collateral in the loan's currency; None where a rate is missing."""
    total = ZERO
    for row in book.of("security_interest", "loan_id", state.loan.id):
        unexpired = row.expiry_date is None or row.expiry_date > state.day
        registered = row.registration_date is None or row.registration_date <= state.day
        if row.status not in {"active", None} or not unexpired or not registered or row.value_amount is None:
            continue
        value = row.value_amount * (1 - (row.haircut_pct or ZERO))
        converted = convert(book, value, row.value_ccy or state.loan.currency_code, state.loan.currency_code, state.day)
        if converted is None:
            return None
        total += converted
    return total


def risk_of(book: Book, state: LoanState, group: list[LoanState]) -> Risk:
    """The risk of one loan; ``group`` are all loans of its obligor, itself included."""
    reason = reason_of(book, state, group)
    class_ = _class(book, state, reason)
    bucket = bucket_of(book, state.dpd, state.day)
    assert bucket is not None
    rate = provision_rate_of(book, state.loan, class_, state.day)
    exposure, collateral = exposure_of(book, state), collateral_of(book, state)
    return Risk(
        state=state,
        obligor_id=book.obligor(state.loan),
        bucket=bucket.label,
        bucket_sort=bucket.sort,
        dpd_class=_dpd_class(book, state),
        class_=class_,
        reason=reason,
        stage=_stage(book, state, reason),
        is_forborne=holds(book, state.loan, "forborne", state.day),
        obligor_dpd=max((other.dpd for other in group if other.status == "active"), default=0),
        exposure=exposure,
        collateral=collateral,
        rate=rate.rate if rate else None,
        provision=max(exposure - (collateral or ZERO), ZERO) * (rate.rate if rate else ZERO),
        needs_signoff=bool(rate and rate.needs_signoff),
    )


def risks_of(book: Book, states: Mapping[str, LoanState]) -> dict[str, Risk]:
    """The risk of every loan."""
    groups: dict[str, list[LoanState]] = {}
    for state in states.values():
        groups.setdefault(book.obligor(state.loan), []).append(state)
    return {loan_id: risk_of(book, state, groups[book.obligor(state.loan)]) for loan_id, state in states.items()}
