"""Dashboard 4: who is late, and by how much."""

from __future__ import annotations

from datetime import date, datetime

from tests.oracle.book import COMPONENTS, local_date, utc
from tests.oracle.figures.look import Look, Row, grouped, mean, percent, total
from tests.oracle.risk import Risk
from tests.oracle.rows import CollectionsEvent
from tests.oracle.rules import bucket_of


def _category(look: Look, dpd: int) -> str:
    bucket = bucket_of(look.book, dpd, look.day, "risk_category")
    assert bucket is not None
    return bucket.label


def _open(look: Look, loan_id: str, kind: str, default: str) -> str:
    for row in look.book.of("loan_status_history", "loan_id", loan_id):
        if row.status_type == kind and row.effective_through is None:
            status: str = row.status_value
            return status
    return default


def _last_event(look: Look, risk: Risk) -> CollectionsEvent | None:
    """The last event of collections up to the end of the day."""
    zone = look.book.zone(risk.state.loan)
    events = [row for row in look.book.of("collections_event", "loan_id", risk.state.loan.id) if local_date(row.event_at, zone) <= look.day]
    return max(events, key=lambda row: (row.event_at, row.id), default=None)


def v_dpd_analysis(look: Look) -> list[Row]:
    """Loans on the book by days past due."""
    found = []
    for risk in look.on_book:
        state, loan, event = risk.state, risk.state.loan, _last_event(look, risk)
        moment: datetime | None = None if event is None else event.event_at
        found.append(
            {
                "loan_id": loan.id,
                "loan_number": loan.loan_number,
                "currency_code": loan.currency_code,
                "principal_amount": loan.principal_amount,
                "product_category": look.product(risk).category,
                "business_unit": look.product(risk).business_unit,
                "borrower_name": look.book.parties[loan.borrower_party_id].display_name,
                "current_dpd": state.dpd,
                "dpd_bucket": risk.bucket,
                "risk_status": _open(look, loan.id, "risk_level", "normal"),
                "collections_status": _open(look, loan.id, "collections_stage", "current"),
                "last_collections_event": None if moment is None else utc(moment),
                "risk_category": _category(look, state.dpd),
                "bucket_sort": risk.bucket_sort,
                "legal_entity_id": loan.legal_entity_id,
                "overdue_since": state.overdue_since,
                "days_late": state.days_late,
                "overdue_instalments": len(state.late),
                "arrears": state.arrears,
                "outstanding_principal": state.outstanding,
                "max_dpd": state.max_dpd,
                "last_collections_event_type": None if event is None else event.event_type,
                "business_date": look.day,
            }
        )
    return found


def v_payment_health_summary(look: Look) -> list[Row]:
    """How the loans on the book spread over buckets and categories."""
    found = []
    book = grouped(look.on_book, lambda risk: (risk.state.loan.currency_code,))
    for (category, unit, currency, bucket, sort, risk_category), risks in grouped(
        look.on_book,
        lambda risk: (
            look.product(risk).category,
            look.product(risk).business_unit,
            risk.state.loan.currency_code,
            risk.bucket,
            risk.bucket_sort,
            _category(look, risk.state.dpd),
        ),
    ).items():
        everything = book[(currency,)]
        outstanding = total(risk.state.outstanding for risk in risks)
        found.append(
            {
                "product_category": category,
                "business_unit": unit,
                "currency_code": currency,
                "dpd_bucket": bucket,
                "risk_category": risk_category,
                "loan_count": len(risks),
                "total_principal": outstanding,
                "avg_dpd_in_bucket": mean((risk.state.dpd for risk in risks), 2),
                "pct_of_portfolio_by_count": percent(len(risks), len(everything)),
                "pct_of_portfolio_by_amount": percent(outstanding, total(risk.state.outstanding for risk in everything)),
                "bucket_sort": sort,
                "originated_principal": total(risk.state.loan.principal_amount for risk in risks),
                "arrears": total(risk.state.arrears for risk in risks),
            }
        )
    return found


def v_instalment_status(look: Look) -> list[Row]:
    """Every instalment of the plan in force."""
    found = []
    for risk in look.all:
        state = risk.state
        for item in state.instalments:
            line, settled = item.line, item.is_settled()
            late = not settled and line.due_date < look.day and not state.has_left
            waiting = "overdue" if line.due_date < look.day else "due_today" if line.due_date == look.day else "upcoming"
            row: Row = {
                "line_id": line.id,
                "loan_id": state.loan.id,
                "plan_id": line.plan_id,
                "seq_no": line.seq_no,
                "due_date": line.due_date,
                "currency_code": line.currency_code,
                "due": item.total_due,
                "paid": total(item.paid(component) for component in COMPONENTS),
                "unpaid": item.unpaid(),
                "is_settled": settled,
                "settled_on": item.settled_on,
                "is_overdue": late,
                "days_late": (look.day - line.due_date).days if late else 0,
                "status": "settled" if settled else state.status if state.has_left else waiting,
                "business_date": look.day,
            }
            for component in COMPONENTS:
                row[f"due_{component}"] = item.due(component)
                row[f"paid_{component}"] = item.paid(component)
                row[f"unpaid_{component}"] = item.unpaid_of(component)
            found.append(row)
    return found


def v_arrears_ageing(look: Look) -> list[Row]:
    """Arrears of loans on the book by the age of each instalment."""
    late = [(risk, item) for risk in look.on_book for item in risk.state.late]
    found = []
    for (entity, product, currency, label, sort), items in grouped(
        late,
        lambda pair: (
            look.entity(pair[0]),
            look.product(pair[0]),
            pair[0].state.loan.currency_code,
            *_bucket(look, pair[1].line.due_date),
        ),
    ).items():
        found.append(
            {
                "legal_entity_id": entity.id,
                "legal_entity_name": entity.name,
                "product_id": product.id,
                "product_code": product.code,
                "product_category": product.category,
                "currency_code": currency,
                "dpd_bucket": label,
                "bucket_sort": sort,
                "arrears": total(item.unpaid() for _, item in items),
                "loans": len({risk.state.loan.id for risk, _ in items}),
                "instalments": len(items),
                "business_date": look.day,
            }
        )
    return found


def _bucket(look: Look, due: date) -> tuple[str, int]:
    bucket = bucket_of(look.book, (look.day - due).days, look.day)
    assert bucket is not None
    return bucket.label, bucket.sort


def v_portfolio_at_risk(look: Look) -> list[Row]:
    """The whole balance of loans so many days past due, over all that is outstanding."""
    found = []
    by_product = grouped(look.all, lambda risk: (look.entity(risk), look.product(risk), risk.state.loan.currency_code))
    a_year_ago = _same_day(look.day)
    for (entity, product, currency), everything in by_product.items():
        risks = [risk for risk in everything if risk.state.status == "active"]
        glp = total(risk.state.outstanding for risk in risks)
        forborne = [risk for risk in risks if risk.is_forborne]
        other = [risk for risk in risks if not risk.is_forborne]
        arrears = total(risk.state.arrears_of("principal") for risk in risks)
        row: Row = {
            "legal_entity_id": entity.id,
            "legal_entity_name": entity.name,
            "product_id": product.id,
            "product_code": product.code,
            "product_category": product.category,
            "currency_code": currency,
            "loans": len(risks),
            "glp": glp,
            "restructured_amount": total(risk.state.outstanding for risk in forborne),
            "par30_incl_restructured": percent(
                total(risk.state.outstanding for risk in risks if risk.state.dpd > 30 or risk.is_forborne), glp
            ),
            "par30_excl_restructured": percent(
                total(risk.state.outstanding for risk in other if risk.state.dpd > 30), total(risk.state.outstanding for risk in other)
            ),
            "arrears_principal": arrears,
            "arrears_rate": percent(arrears, glp),
            "written_off_12m": total(
                risk.state.principal_written_off
                for risk in everything
                if risk.state.status == "written_off" and risk.state.exited_on and risk.state.exited_on > a_year_ago
            ),
            "business_date": look.day,
        }
        for days in (1, 30, 60, 90, 180):
            amount = total(risk.state.outstanding for risk in risks if risk.state.dpd > days)
            row[f"par{days}_amount"], row[f"par{days}"] = amount, percent(amount, glp)
        found.append(row)
    return found


def _same_day(day: date) -> date:
    """The same day a year earlier, or the last of its month."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


VIEWS = (v_dpd_analysis, v_payment_health_summary, v_instalment_status, v_arrears_ageing, v_portfolio_at_risk)
