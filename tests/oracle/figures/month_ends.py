"""Figures that stand on published month-ends: how the book moved from one to the next."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property

from tests.oracle.book import ZERO, Book
from tests.oracle.figures.base import loan_risk
from tests.oracle.figures.cash_flow import v_collection_efficiency
from tests.oracle.figures.currency import sum_or_none
from tests.oracle.figures.look import Look, Row, cents, grouped, month_start, percent, total
from tests.oracle.figures.regulatory import provision_of, uncovered
from tests.oracle.risk import Risk


@dataclass
class Months:
    """A book on a business date, with the month-ends that were published by then; the oracle looks at each as of that day."""

    book: Book
    day: date
    published: list[date]
    _looks: dict[date, Look] = field(default_factory=dict)

    def look(self, day: date) -> Look:
        """The look at a day."""
        if day not in self._looks:
            self._looks[day] = Look(self.book, day)
        return self._looks[day]

    @cached_property
    def now(self) -> Look:
        """The look at the business date."""
        return self.look(self.day)

    @cached_property
    def efficiency(self) -> list[Row]:
        """Collection efficiency of every month, as known on the business date."""
        return v_collection_efficiency(self.now)

    def pairs(self) -> list[tuple[Look, Look]]:
        """Each published month-end with the one before it, if that is published as well."""
        days = set(self.published)
        before = {day: month_start(day) - timedelta(days=1) for day in days}
        return [(self.look(before[day]), self.look(day)) for day in sorted(days) if before[day] in days]


def snapshot(look: Look) -> dict[str, Risk]:
    """The loans of a month-end's snapshot: those that were paid out by then, or took over a balance."""
    return {loan_id: risk for loan_id, risk in look.risks.items() if risk.state.disbursements or risk.state.transferred_in}


def loan_daily_snapshot(look: Look) -> list[Row]:
    """The rows that a month-end publishes."""
    found = []
    for risk in snapshot(look).values():
        state, loan = risk.state, risk.state.loan
        days = [(on - item.line.due_date).days for item, on in state.settled_in_force]
        found.append(
            {
                "snapshot_date": look.day,
                "loan_id": loan.id,
                "legal_entity_id": loan.legal_entity_id,
                "product_id": loan.product_id,
                "borrower_party_id": loan.borrower_party_id,
                "obligor_id": risk.obligor_id,
                "currency_code": loan.currency_code,
                "status": state.status,
                "exited_on": state.exited_on,
                "approved_principal": loan.principal_amount,
                "disbursed_principal": state.disbursed,
                "first_disbursed_on": min((on for on, _ in state.disbursements), default=None),
                "principal_paid": state.total("allocation"),
                "principal_recovered": state.recovered,
                "principal_waived": state.total("waiver"),
                "principal_written_off": state.principal_written_off,
                "principal_refunded": state.total("refund"),
                "transferred_in": state.transferred_in,
                "transferred_out": state.transferred_out,
                "outstanding_principal": state.outstanding,
                "overpaid_principal": state.overpaid,
                "interest_outstanding": state.due_and_unpaid("interest"),
                **{f"{name}_paid": state.total("allocation", name) for name in ("interest", "rc_fee", "penalty", "other")},
                "arrears": state.arrears,
                "overdue_since": state.overdue_since,
                "days_late": state.days_late,
                "dpd": state.dpd,
                "max_dpd": state.max_dpd,
                "npl_last_day": state.npl_last_day,
                "is_forborne": risk.is_forborne,
                "settled_lines": len(days),
                "on_time_lines": sum(day <= 0 for day in days),
                "late_days": sum(day for day in days if day > 0),
            }
        )
    return found


def month_end_risk(look: Look) -> list[Row]:
    """Class and provision that a month-end publishes for the loans of its snapshot."""
    classes, found = {row["loan_id"]: row for row in loan_risk(look)}, []
    for loan_id, risk in snapshot(look).items():
        here = risk.state.status == "active"
        found.append(
            classes[loan_id]
            | {
                "ead": risk.exposure if here else None,
                "eligible_collateral": risk.collateral if here else None,
                "base": uncovered(risk) if here else None,
                "rate": risk.rate if here else None,
                "provision": provision_of(risk) if here else None,
                "needs_signoff": _is_placeholder(risk),
            }
        )
    return found


def v_portfolio_rollforward(months: Months) -> list[Row]:
    """How outstanding principal moved from one month-end to the next."""
    found = []
    for before, after in months.pairs():
        old, new = snapshot(before), snapshot(after)
        for (entity, product, currency), risks in grouped(
            new.values(), lambda risk: (months.now.entity(risk), months.now.product(risk), risk.state.loan.currency_code)
        ).items():
            was = [old[risk.state.loan.id].state for risk in risks if risk.state.loan.id in old]
            now = [risk.state for risk in risks]
            row: Row = {
                "opening": total(state.outstanding for state in was),
                "disbursed": total(state.disbursed for state in now) - total(state.disbursed for state in was),
                "repaid": total(s.total("allocation") - s.recovered for s in now) - total(s.total("allocation") - s.recovered for s in was),
                "waived": total(state.total("waiver") for state in now) - total(state.total("waiver") for state in was),
                "written_off": total(s.principal_written_off for s in now) - total(s.principal_written_off for s in was),
                "transferred": total(s.transferred_out - s.transferred_in for s in now)
                - total(s.transferred_out - s.transferred_in for s in was),
                "refunded": total(state.total("refund") for state in now) - total(state.total("refund") for state in was),
                "overpaid": total(state.overpaid for state in now) - total(state.overpaid for state in was),
                "closing": total(state.outstanding for state in now),
                "residual": ZERO,
            }
            found.append(
                {
                    "month": month_start(after.day),
                    "legal_entity_id": entity.id,
                    "legal_entity_name": entity.name,
                    "product_id": product.id,
                    "product_code": product.code,
                    "product_category": product.category,
                    "business_unit": product.business_unit,
                    "currency_code": currency,
                    **row,
                }
            )
    return found


def _place(risk: Risk | None) -> str:
    """Bucket of a loan on the book, else what became of it."""
    if risk is None:
        return "unknown"
    if risk.state.status == "active":
        return risk.bucket
    if risk.state.status == "closed" and risk.state.day < risk.state.loan.end_date:
        return "prepaid"
    return risk.state.status


def v_roll_rate_matrix(months: Months) -> list[Row]:
    """Where the loans of each bucket stood a month later."""
    found = []
    for before, after in months.pairs():
        start = [risk for risk in snapshot(before).values() if risk.state.status == "active"]
        for (product, currency, bucket, sort), risks in grouped(
            start, lambda risk: (months.now.product(risk), risk.state.loan.currency_code, risk.bucket, risk.bucket_sort)
        ).items():
            whole = total(risk.state.outstanding for risk in risks)
            moved: dict[str, list[Risk]] = {}
            for risk in risks:
                moved.setdefault(_place(after.risks.get(risk.state.loan.id)), []).append(risk)
            for state, part in moved.items():
                balance = total(risk.state.outstanding for risk in part)
                found.append(
                    {
                        "month": month_start(after.day),
                        "product_id": product.id,
                        "product_code": product.code,
                        "product_category": product.category,
                        "currency_code": currency,
                        "from_state": bucket,
                        "from_sort": sort,
                        "to_state": state,
                        "loans": len(part),
                        "from_balance": balance,
                        "pct_count": cents(Decimal(len(part)) / len(risks) * 100, 6),
                        "pct_balance": None if whole == 0 else cents(balance / whole * 100, 6),
                    }
                )
    return found


def v_provisioning_schedule(months: Months) -> list[Row]:
    """Provision of each loan today, and its movement against the last month-end."""
    now, previous = months.now, max((day for day in months.published if day < months.day), default=None)
    then = months.look(previous) if previous else None
    before = {} if then is None else {key: risk for key, risk in snapshot(then).items() if risk.state.status == "active"}
    found = []
    for risk in now.all:
        was, here = before.get(risk.state.loan.id), risk.state.status == "active"
        if not here and was is None:
            continue
        amount = provision_of(risk) if here else ZERO
        old = provision_of(was) if was else ZERO
        found.append(
            {
                "loan_id": risk.state.loan.id,
                "loan_number": risk.state.loan.loan_number,
                "as_of": now.day,
                "legal_entity_name": now.entity(risk).name,
                "country_code": now.entity(risk).country_code,
                "product_category": now.product(risk).category,
                "currency_code": risk.state.loan.currency_code,
                "class": risk.class_ if here else None,
                "stage": risk.stage if here else None,
                "ead": risk.exposure if here else ZERO,
                "eligible_collateral": risk.collateral if here else ZERO,
                "base": uncovered(risk) if here else ZERO,
                "rate": risk.rate if here else None,
                "provision": amount,
                "previous_month_end": previous,
                "previous_stage": was.stage if was else None,
                "previous_provision": old,
                "movement": None if amount is None or old is None else amount - old,
                "needs_signoff": (here and risk.needs_signoff) or (was is not None and was.needs_signoff),
            }
        )
    return found


def _stage(risk: Risk | None) -> str:
    if risk is None:
        return "new"
    return str(risk.stage) if risk.state.status == "active" else risk.state.status


def v_stage_migration(months: Months) -> list[Row]:
    """Movement between stages from one month-end to the next."""
    found = []
    for before, after in months.pairs():
        old, new = snapshot(before), snapshot(after)
        moves = [(old.get(key), risk) for key, risk in new.items()]
        # What was off the book at both ends has not moved.
        moves = [(was, risk) for was, risk in moves if risk.state.status == "active" or (was and was.state.status == "active")]
        everything = grouped(moves, lambda move: (move[1].state.loan.legal_entity_id, move[1].state.loan.currency_code, _stage(move[0])))
        for (entity, currency, source, target), part in grouped(
            moves,
            lambda move: (move[1].state.loan.legal_entity_id, move[1].state.loan.currency_code, _stage(move[0]), _stage(move[1])),
        ).items():
            all_from = everything[(entity, currency, source)]
            opening, whole = total(_owed(was) for was, _ in part), total(_owed(was) for was, _ in all_from)
            found.append(
                {
                    "month_end": after.day,
                    "previous_month_end": before.day,
                    "legal_entity_id": entity,
                    "legal_entity_name": after.book.entities[entity].name,
                    "currency_code": currency,
                    "from_stage": source,
                    "to_stage": target,
                    "loans": len(part),
                    "opening_balance": opening,
                    "closing_balance": total(_owed(risk) for _, risk in part),
                    "opening_provision": sum_or_none([_set_aside(was) for was, _ in part]),
                    "closing_provision": sum_or_none([_set_aside(risk) for _, risk in part]),
                    "pct_of_loans": percent(len(part), len(all_from)),
                    "pct_of_balance": percent(opening, whole),
                    "needs_signoff": any(_is_placeholder(risk) for move in part for risk in move),
                }
            )
    return found


def _owed(risk: Risk | None) -> Decimal:
    return risk.state.outstanding if risk is not None and risk.state.status == "active" else ZERO


def _set_aside(risk: Risk | None) -> Decimal | None:
    return provision_of(risk) if risk is not None and risk.state.status == "active" else ZERO


def _is_placeholder(risk: Risk | None) -> bool:
    return risk is not None and risk.state.status == "active" and risk.needs_signoff


VIEWS = (v_portfolio_rollforward, v_roll_rate_matrix, v_provisioning_schedule, v_stage_migration)
