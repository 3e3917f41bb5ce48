"""Figures over month-ends that follow loans on: principal paid ahead, conduct after a change of contract, results of products."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from tests.oracle.book import ZERO
from tests.oracle.figures.look import Look, Row, cents, grouped, month_start, percent, total
from tests.oracle.figures.month_ends import Months, snapshot
from tests.oracle.loans import LoanState
from tests.oracle.plans import candidates, in_force
from tests.oracle.risk import Risk
from tests.oracle.rows import LedgerEntry

ONE = Decimal(1)


def _principal_paid(state: LoanState) -> Decimal:
    """What the borrower paid while the loan was on the book, less what he got back."""
    return state.total("allocation") - state.recovered - state.total("refund")


def _scheduled(state: LoanState, first: date, last: date) -> Decimal:
    """Principal that fell due within days by the plan in force on each due date, while the loan was on the book."""
    amount = ZERO
    for item in state.every:
        due = item.line.due_date
        plan = in_force(state.plans, due)
        if first <= due <= last and plan and plan.id == item.line.plan_id and (state.exited_on is None or due < state.exited_on):
            amount += item.line.amount_principal
    return amount


def _ahead(state: LoanState) -> Decimal:
    """By how much less is owed than the plan in force schedules after the day."""
    return total(item.line.amount_principal for item in state.instalments if item.line.due_date > state.day) - state.outstanding


def v_prepayment_analysis(months: Months) -> list[Row]:
    """Principal paid ahead of schedule, as a share of a month and of a year."""
    found = []
    for before, after in months.pairs():
        opened = [risk for risk in snapshot(before).values() if risk.state.status == "active" and risk.state.outstanding > 0]
        for (product, currency), risks in grouped(opened, lambda risk: (months.now.product(risk), risk.state.loan.currency_code)).items():
            opening, sched, paid, unsched = [], [], [], []
            for risk in risks:
                was, now = risk.state, after.states[risk.state.loan.id]
                today = months.now.states[risk.state.loan.id]
                opening.append(was.outstanding)
                sched.append(min(_scheduled(today, month_start(after.day), after.day), was.outstanding))
                paid.append(max(_principal_paid(now) - _principal_paid(was), ZERO))
                unsched.append(max(min(paid[-1] - sched[-1], _ahead(now), was.outstanding - sched[-1]), ZERO))
            open_part = total(opening) - total(sched)
            smm = None if open_part == 0 else total(unsched) / open_part
            found.append(
                {
                    "month_start": month_start(after.day),
                    "product_id": product.id,
                    "product_code": product.code,
                    "product_category": product.category,
                    "currency_code": currency,
                    "loans": len(risks),
                    "opening_balance": total(opening),
                    "sched_principal": total(sched),
                    "paid_principal": total(paid),
                    "unsched_principal": total(unsched),
                    "smm": None if smm is None else cents(smm, 6),
                    "cpr": None if smm is None else cents(ONE - (ONE - smm) ** 12, 6),
                }
            )
    return found


@dataclass(frozen=True)
class Modification:
    """A change of contract: its kind, the loan that goes on, the day, the amount."""

    kind: str
    loan_id: str
    on: date
    amount: Decimal


def _modifications(look: Look) -> list[Modification]:
    """Transfers, renewals, refinances and re-plans up to the day."""
    book, found = look.book, []
    kinds = {"lease_renewal": "renewal", "refinance": "refinance"}
    completed = [row for row in book.all("loan_transfers") if row.status == "completed"]
    for row in completed:
        kind = kinds.get(row.transfer_type, "transfer")
        found.append(Modification(kind, row.target_loan_id or row.source_loan_id, row.transfer_date, row.transfer_amount))
    linked = {(row.source_loan_id, row.target_loan_id) for row in completed}
    for loan in book.loans.values():
        if loan.parent_loan_id and (loan.parent_loan_id, loan.id) not in linked:
            found.append(Modification("renewal", loan.id, loan.start_date, loan.principal_amount))
        # A plan that never held changed nothing, and nothing changes when it goes.
        for plan in [plan for plan in candidates(book, loan) if plan.covers(plan.begin)][1:]:
            lines = book.of("amortisation_line", "plan_id", plan.plan.id)
            found.append(Modification("re_plan", loan.id, plan.begin, total(line.amount_principal for line in lines)))
    return [change for change in found if change.on <= look.day]


def months_later(day: date, count: int) -> date:
    """The same day of a later month, or that month's last one."""
    first = month_start(day, -count)
    return min(first + timedelta(days=day.day - 1), month_start(first, -1) - timedelta(days=1))


def v_loan_modification_analysis(months: Months) -> list[Row]:
    """Changes of contract by month, and how the loans that went on were paid afterwards."""
    now, ends = months.now, sorted(months.published)
    watched = int(now.number("re_default_months"))
    unsigned = now.is_unsigned("re_default_months") or any(now.unsigned_default(e.country_code) for e in months.book.entities.values())
    found = []
    for (month, kind, currency), changes in grouped(
        _modifications(now), lambda change: (month_start(change.on), change.kind, months.book.loans[change.loan_id].currency_code)
    ).items():
        observed, failed, worst = 0, 0, list[int]()
        for change in changes:
            until = months_later(change.on, watched)
            later = [snapshot(months.look(day)).get(change.loan_id) for day in ends if change.on < day <= until]
            seen = [risk for risk in later if risk is not None]
            worst += [risk.state.dpd for risk in seen]
            if until <= ends[-1] and month >= month_start(ends[0]):
                observed += 1
                failed += any(risk.is_default for risk in seen)
        found.append(
            {
                "month_start": month,
                "modification_type": kind,
                "currency_code": currency,
                "count": len(changes),
                "amount": total(change.amount for change in changes),
                "observed_6m": observed,
                "re_default_6m": failed,
                "re_default_6m_pct": percent(failed, observed),
                "max_dpd_6m": max(worst, default=None),
                "default_now": sum(now.risks[change.loan_id].is_default for change in changes),
                "needs_signoff": unsigned,
            }
        )
    return found


def _product_of(months: Months, entry: LedgerEntry) -> str:
    """Code of the product of the loan that an entry, or its disbursement, is about."""
    loan_id = entry.loan_id
    if loan_id is None and entry.disbursement_id is not None:
        [disbursement] = months.book.of("disbursement", "id", entry.disbursement_id)
        loan_id = disbursement.loan_id
    return "(none)" if loan_id is None else months.book.products[months.book.loans[loan_id].product_id].code


Slot = tuple[date, str, str, str]
"""Month, company, product and currency."""


def _results(months: Months) -> dict[Slot, dict[str, Decimal]]:
    """Income, charge and loss of every slot that has an entry on these accounts."""
    now, found = months.now, dict[Slot, dict[str, Decimal]]()
    accounts = {account.id: account for account in months.book.all("ledger_account")}
    income = {"interest_income": "interest_income_account_codes", "fee_income": "fee_income_account_codes"}
    costs = {"provision_charge": "provision_account_codes", "loss": "loss_account_codes"}
    for entry in months.book.all("ledger_entry"):
        account = accounts[entry.account_id]
        is_revenue = account.type == "revenue"
        named = [part for part, key in (income if is_revenue else costs).items() if account.code in now.setting(key)]
        if not is_revenue and not named:
            continue
        part = named[0] if named else "other_income"
        slot = (month_start(entry.entry_date), entry.legal_entity_id, _product_of(months, entry), entry.currency_code)
        amounts = found.setdefault(slot, dict.fromkeys(("interest_income", "fee_income", "other_income", "provision_charge", "loss"), ZERO))
        amounts[part] += entry.amount if entry.side == ("credit" if is_revenue else "debit") else -entry.amount
    return found


def _on_book(months: Months, day: date) -> dict[tuple[Any, ...], list[Risk]]:
    """Loans on the book at a month-end by company, product and currency."""
    active = [risk for risk in snapshot(months.look(day)).values() if risk.state.status == "active"]
    return grouped(active, lambda risk: (risk.state.loan.legal_entity_id, months.now.product(risk).code, risk.state.loan.currency_code))


def v_product_profitability(months: Months) -> list[Row]:
    """Income less provision charge and losses of each product by month, and the yield on what was lent."""
    results = _results(months)
    lent = {day: _on_book(months, day) for day in months.published}
    slots = results.keys() | {(month_start(day), *place) for day, places in lent.items() for place in places}
    products = {product.code: product for product in months.book.products.values()}
    found = []
    for month, entity, code, currency in slots:
        parts = results.get((month, entity, code, currency), {})
        row = {name: parts.get(name, ZERO) for name in ("interest_income", "fee_income", "other_income", "provision_charge", "loss")}
        income = row["interest_income"] + row["fee_income"] + row["other_income"]
        ends = (month - timedelta(days=1), month_start(month, -1) - timedelta(days=1))
        average = None
        if all(day in lent for day in ends):
            average = total(risk.state.outstanding for day in ends for risk in lent[day].get((entity, code, currency), [])) / 2
        product = products.get(code)
        found.append(
            {
                "month_start": month,
                "legal_entity_id": entity,
                "legal_entity_name": months.book.entities[entity].name,
                "product_code": code,
                "product_name": product.name if product else None,
                "product_category": product.category if product else None,
                "currency_code": currency,
                **row,
                "income": income,
                "net": income - row["provision_charge"] - row["loss"],
                "avg_glp": None if average is None else cents(average),
                "yield_on_avg_glp_pct": percent(12 * income, average),
            }
        )
    return found


VIEWS = (v_prepayment_analysis, v_loan_modification_analysis, v_product_profitability)
