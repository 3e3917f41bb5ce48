"""Dashboard 1: size and mix of the book."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.oracle.figures.look import Look, Row, cents, grouped, mean, percent, total
from tests.oracle.risk import Risk


def current_loan_status(look: Look) -> list[Row]:
    """The open status of each type."""
    return [
        {
            "loan_id": row.loan_id,
            "status_type": row.status_type,
            "status_value": row.status_value,
            "effective_from": row.effective_from,
            "reason": row.reason,
        }
        for row in look.book.all("loan_status_history")
        if row.effective_through is None
    ]


def _weighted(risks: list[Risk], rate: str) -> Decimal | None:
    """A rate weighted by outstanding principal over loans that have it."""
    parts = [(risk.state.outstanding, getattr(risk.state.loan, rate)) for risk in risks]
    known = [(amount, value) for amount, value in parts if value is not None]
    weight = total(amount for amount, _ in known)
    return cents(total(amount * value for amount, value in known) / weight, 4) if weight else None


def v_loan_portfolio_overview(look: Look) -> list[Row]:
    """Entity, product category, unit, currency, status."""
    found = []
    groups = grouped(
        look.all,
        lambda risk: (
            look.entity(risk),
            look.product(risk).category,
            look.product(risk).business_unit,
            risk.state.loan.currency_code,
            risk.state.status,
        ),
    )
    for (entity, category, unit, currency, status), risks in groups.items():
        loans = [risk.state.loan for risk in risks]
        principal, outstanding = total(loan.principal_amount for loan in loans), total(risk.state.outstanding for risk in risks)
        found.append(
            {
                "legal_entity_name": entity.name,
                "country_code": entity.country_code,
                "product_category": category,
                "business_unit": unit,
                "currency_code": currency,
                "loan_status": status,
                "loan_count": len(loans),
                "total_principal": principal,
                "avg_loan_amount": cents(principal / len(loans)),
                "avg_interest_rate": mean((loan.interest_rate for loan in loans), 4),
                "avg_rc_fee_rate": mean((loan.rc_fee_rate for loan in loans if loan.rc_fee_rate is not None), 4),
                "earliest_start_date": min(loan.start_date for loan in loans),
                "latest_end_date": max(loan.end_date for loan in loans),
                "active_loans": len(loans) if status == "active" else 0,
                "closed_loans": len(loans) if status == "closed" else 0,
                "written_off_loans": len(loans) if status == "written_off" else 0,
                "active_principal": outstanding if status == "active" else 0,
                "written_off_principal": total(risk.state.principal_written_off for risk in risks),
                "legal_entity_id": entity.id,
                "originated_principal": principal,
                "outstanding_principal": outstanding,
                "wavg_interest_rate": _weighted(risks, "interest_rate"),
                "wavg_rc_fee_rate": _weighted(risks, "rc_fee_rate"),
                "business_date": look.day,
            }
        )
    return found


def loan_portfolio_summary(look: Look) -> list[Row]:
    """Originated and outstanding principal by status."""
    columns = {
        "legal_entity_id": "legal_entity_id", "category": "product_category", "business_unit": "business_unit",
        "currency_code": "currency_code", "status": "loan_status", "loan_count": "loan_count", "total_principal": "total_principal",
        "avg_interest_rate": "avg_interest_rate", "earliest_start": "earliest_start_date", "latest_end": "latest_end_date",
        "outstanding_principal": "outstanding_principal",
    }  # fmt: skip
    return [{name: row[source] for name, source in columns.items()} for row in v_loan_portfolio_overview(look)]


def _open(look: Look, loan_id: str) -> dict[str, Any]:
    """Open statuses of a loan by type."""
    rows = look.book.of("loan_status_history", "loan_id", loan_id)
    return {row.status_type: row for row in rows if row.effective_through is None}


def v_current_loan_status_summary(look: Look) -> list[Row]:
    """A row a loan with its open statuses beside what its instalments say."""
    found = []
    for risk in look.all:
        loan, status = risk.state.loan, _open(look, risk.state.loan.id)
        borrower = look.book.parties[loan.borrower_party_id]
        row: Row = {
            "loan_id": loan.id,
            "loan_number": loan.loan_number,
            "currency_code": loan.currency_code,
            "principal_amount": loan.principal_amount,
            "loan_status": risk.state.status,
            "product_category": look.product(risk).category,
            "business_unit": look.product(risk).business_unit,
            "borrower_name": borrower.display_name,
            "borrower_email": borrower.email,
            "legal_entity_id": loan.legal_entity_id,
            "dpd": risk.state.dpd,
            "dpd_bucket": risk.bucket,
            "bucket_sort": risk.bucket_sort,
            "arrears": risk.state.arrears,
            "outstanding_principal": risk.state.outstanding,
            "business_date": look.day,
        }
        for name, kind, since, default in (
            ("current_risk_level", "risk_level", "risk_level_since", "normal"),
            ("current_collections_stage", "collections_stage", "collections_stage_since", "current"),
            ("current_legal_action", "legal_action", "legal_action_since", "none"),
        ):
            row[name] = status[kind].status_value if kind in status else default
            row[since] = status[kind].effective_from if kind in status else None
        found.append(row)
    return found


def v_default_rate_analysis(look: Look) -> list[Row]:
    """Share of the book in default, and of all that was lent that was written off."""
    found = []
    signoff = {"non_performing_classes", "obligor_materiality_pct"}
    for (category, unit, currency), risks in grouped(
        look.all, lambda risk: (look.product(risk).category, look.product(risk).business_unit, risk.state.loan.currency_code)
    ).items():
        active = [risk for risk in risks if risk.state.status == "active"]
        bad, gone = [risk for risk in active if risk.is_default], [risk for risk in risks if risk.state.status == "written_off"]
        lent = total(risk.state.loan.principal_amount for risk in risks)
        outstanding, bad_amount = total(r.state.outstanding for r in active), total(r.state.outstanding for r in bad)
        lost = total(risk.state.principal_written_off for risk in risks)
        found.append(
            {
                "product_category": category,
                "business_unit": unit,
                "currency_code": currency,
                "total_loans": len(risks),
                "total_principal": lent,
                "default_loans": len(bad),
                "default_principal": bad_amount,
                "default_rate_count_pct": percent(len(bad), len(active)),
                "default_rate_amount_pct": percent(bad_amount, outstanding),
                "written_off_loans": len(gone),
                "written_off_principal": lost,
                "write_off_rate_count_pct": percent(len(gone), len(risks)),
                "write_off_rate_amount_pct": percent(lost, lent),
                "on_book_loans": len(active),
                "outstanding_principal": outstanding,
                "needs_signoff": any(look.unsigned_rules(look.entity(risk).country_code) for risk in risks)
                or any(look.is_unsigned(key) for key in signoff),
            }
        )
    return found


def v_loan_balance(look: Look) -> list[Row]:
    """What each loan owes, by component, and how its principal came about."""
    found = []
    for risk in look.all:
        state, loan = risk.state, risk.state.loan
        parts = {name: state.due_and_unpaid(name) for name in ("interest", "rc_fee", "penalty", "other")}
        found.append(
            {
                "loan_id": loan.id,
                "loan_number": loan.loan_number,
                "legal_entity_id": loan.legal_entity_id,
                "product_category": look.product(risk).category,
                "currency_code": loan.currency_code,
                "loan_status": state.status,
                "disbursed": state.disbursed,
                "transferred_in": state.transferred_in,
                "refunded": state.total("refund"),
                "principal_paid": state.total("allocation"),
                "principal_waived": state.total("waiver"),
                "principal_written_off": state.principal_written_off,
                "transferred_out": state.transferred_out,
                "principal_outstanding": state.outstanding,
                "overpaid_principal": state.overpaid,
                "interest_outstanding": parts["interest"],
                "fee_outstanding": parts["rc_fee"],
                "penalty_outstanding": parts["penalty"],
                "other_outstanding": parts["other"],
                "total_outstanding": state.outstanding + total(parts.values()),
                "unapplied_cash": state.unapplied_cash,
                "business_date": look.day,
            }
        )
    return found


VIEWS = (
    current_loan_status, v_loan_portfolio_overview, loan_portfolio_summary, v_current_loan_status_summary, v_default_rate_analysis,
    v_loan_balance,
)  # fmt: skip
