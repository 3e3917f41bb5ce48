"""Dashboard 9: segments of customers, and what becomes of tenancies that end."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta

from tests.oracle.book import COMPONENTS
from tests.oracle.figures.look import Look, Row, cents, grouped, month_start, percent, total
from tests.oracle.risk import Risk
from tests.oracle.rows import Loan, LoanTransfer


def lent(look: Look) -> list[Risk]:
    """Loans that were paid out, or took over a balance."""
    return [risk for risk in look.all if risk.state.disbursements or risk.state.transferred_in > 0]


def v_customer_segment_performance(look: Look) -> list[Row]:
    """How many customers come back, what they paid, how much of them is at risk."""
    loans_of = Counter(risk.state.loan.borrower_party_id for risk in lent(look))
    found = []
    for (country, kind, product, currency), risks in grouped(
        lent(look),
        lambda risk: (
            look.entity(risk).country_code,
            look.book.parties[risk.state.loan.borrower_party_id].kind,
            look.product(risk),
            risk.state.loan.currency_code,
        ),
    ).items():
        customers = {risk.state.loan.borrower_party_id for risk in risks}
        repeat = [customer for customer in customers if loans_of[customer] >= 2]
        names = [component for component in COMPONENTS if component != "principal"]
        income = total(risk.state.total("allocation", name) for risk in risks for name in names)
        active = [risk for risk in risks if risk.state.status == "active"]
        glp, late = (total(risk.state.outstanding for risk in part) for part in (active, [r for r in active if r.state.dpd > 30]))
        found.append(
            {
                "segment": f"{country} {kind}",
                "country_code": country,
                "borrower_type": kind,
                "product_code": product.code,
                "product_category": product.category,
                "currency_code": currency,
                "customers": len(customers),
                "repeat_customers": len(repeat),
                "repeat_rate_pct": percent(len(repeat), len(customers)),
                "loans": len(risks),
                "lifetime_income": income,
                "ltv": cents(income / len(customers)),
                "glp": glp,
                "par30_amount": late,
                "par30_pct": percent(late, glp),
            }
        )
    return found


def _completed(look: Look, loan: Loan) -> list[LoanTransfer]:
    """Transfers from a loan that were made by the day."""
    transfers: list[LoanTransfer] = look.book.of("loan_transfers", "source_loan_id", loan.id)
    return [t for t in transfers if t.status == "completed" and t.transfer_date <= look.day]


def _continued(look: Look, loan: Loan) -> list[tuple[date, bool]]:
    """Days on which the tenancy went on with us, and whether in the same home."""
    transfers, kinds = _completed(look, loan), {"lease_renewal": True, "apartment_change": False}
    found = [(t.transfer_date, kinds[t.transfer_type]) for t in transfers if t.transfer_type in kinds]
    for child in look.book.of("loan", "parent_loan_id", loan.id):
        # What a transfer says of the two loans is stronger than what their contracts tell: a refinance renews no lease.
        if child.id not in {t.target_loan_id for t in transfers}:
            contracts = {child.property_contract_id, loan.property_contract_id}
            found.append((child.start_date, None in contracts or len(contracts) == 1))
    return found


def _outcome(look: Look, loan: Loan, end: date) -> str:
    """What became of a tenancy, as far as the day tells."""
    window = timedelta(days=int(look.number("lease_renewal_window_days")))
    stayed = [same for on, same in _continued(look, loan) if end - window <= on <= min(end + window, look.day)]
    if stayed:
        return "renewed" if any(stayed) else "moved"
    return "pending" if look.day <= end + window else "churned"


def v_lease_renewal_analysis(look: Look) -> list[Row]:
    """Tenancies by the month in which they end: renewed, moved, lost, or not yet decided."""
    ended = [(risk, risk.state.loan.lease_end_date) for risk in lent(look)]
    outcomes = [(risk, end, _outcome(look, risk.state.loan, end)) for risk, end in ended if end is not None]
    found = []
    for (month, entity, product), items in grouped(
        outcomes, lambda item: (month_start(item[1]), look.entity(item[0]), look.product(item[0]))
    ).items():
        count = Counter(outcome for _, _, outcome in items)
        decided = len(items) - count["pending"]
        found.append(
            {
                "lease_end_month": month,
                "legal_entity_id": entity.id,
                "legal_entity_name": entity.name,
                "product_code": product.code,
                "product_category": product.category,
                "ending": len(items),
                **{name: count[name] for name in ("renewed", "moved", "pending", "churned")},
                **{f"{name}_pct": percent(count[name], decided) for name in ("renewed", "moved", "churned")},
            }
        )
    return found


VIEWS = (v_customer_segment_performance, v_lease_renewal_analysis)
