"""Dashboard 5: concentration, counterparties, collateral."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.oracle.book import ZERO, local_date
from tests.oracle.figures.currency import sum_or_none, volatility
from tests.oracle.figures.executive import converted, rounded
from tests.oracle.figures.look import Look, Row, cents, grouped, percent, ratio, total
from tests.oracle.fx import convert, fx_rate
from tests.oracle.risk import Risk
from tests.oracle.rows import SecurityInterest

LEGAL = {"legal_notice", "lawyer_letter", "court_filing"}


def _owing(look: Look) -> list[Risk]:
    """Loans on the book that owe principal."""
    return [risk for risk in look.on_book if risk.state.outstanding > 0]


def _in_books(look: Look, risk: Risk) -> Decimal | None:
    """Outstanding principal in the company's currency."""
    return convert(look.book, risk.state.outstanding, risk.state.loan.currency_code, look.entity(risk).functional_ccy, look.day)


def _group(look: Look, risk: Risk, amount: Decimal) -> Decimal | None:
    """An amount of a loan in the group's currency; 0 needs no rate."""
    return converted(look, [(risk.state.loan.currency_code, amount)], look.setting("group_currency"))


def agent_of(look: Look, risk: Risk) -> str | None:
    """The agent named in the contract, else the party in that role: since an unknown day, else the earliest, then the lowest id."""
    loan = risk.state.loan
    if loan.agent_party_id:
        return loan.agent_party_id
    roles = [role for role in look.book.of("party_role", "loan_id", loan.id) if role.role == "agent"]
    roles.sort(key=lambda role: (role.effective_from or date.min, role.party_id))
    found: str | None = roles[0].party_id if roles else None
    return found


def _dimensions(look: Look, risk: Risk) -> list[tuple[str, str]]:
    """Every dimension in which concentration is measured, with the loan's value."""
    found = [
        ("product_category", look.product(risk).category),
        ("business_unit", look.product(risk).business_unit),
        ("country", look.entity(risk).country_code),
        ("currency", risk.state.loan.currency_code),
        ("borrower", risk.obligor_id),
    ]
    agent = agent_of(look, risk)
    return [*found, ("agent", agent)] if agent else found


def v_portfolio_concentration_analysis(look: Look) -> list[Row]:
    """Which share of the book hangs on one product, unit, country, borrower or agent."""
    placed = [
        (dimension, value, look.entity(risk).functional_ccy, risk) for risk in _owing(look) for dimension, value in _dimensions(look, risk)
    ]
    book = grouped(_owing(look), lambda risk: (look.entity(risk).functional_ccy,))
    limits = {"borrower": look.number("concentration_borrower_pct"), "agent": look.number("concentration_agent_pct")}
    found = []
    for (dimension, value, currency), items in grouped(placed, lambda item: item[:3]).items():
        if dimension == "currency":
            continue
        amounts = [_in_books(look, risk) for _, _, _, risk in items]
        everything = [_in_books(look, risk) for risk in book[(currency,)]]
        exposure, whole = sum_or_none(amounts), sum_or_none(everything)
        known = ratio(total(amount for amount in amounts if amount), total(amount for amount in everything if amount))
        if dimension in limits and exposure is not None and (known or ZERO) * 100 <= limits[dimension]:
            continue
        share = None if exposure is None or whole is None else ratio(exposure, whole)
        found.append(
            {
                "concentration_type": dimension,
                "concentration_value": value,
                "currency_code": currency,
                "loan_count": len(items),
                "total_exposure": rounded(exposure),
                "avg_loan_size": None if exposure is None else cents(exposure / len(items)),
                "portfolio_concentration_pct": percent(exposure, whole),
                "concentration_risk_level": None if share is None else _concentration(look, share * 100),
                "concentration_name": _name(look, dimension, value),
                "needs_signoff": look.any_unsigned("concentration_"),
            }
        )
    return found


def _concentration(look: Look, share: Decimal) -> str:
    for level in ("high", "medium", "low"):
        if share > look.number(f"concentration_{level}_pct"):
            return f"{level.capitalize()} Risk"
    return "Minimal Risk"


def _name(look: Look, dimension: str, value: str) -> str:
    return look.book.parties[value].display_name if dimension in {"borrower", "agent"} else value


def v_concentration_index(look: Look) -> list[Row]:
    """Shares of the largest, and the Herfindahl index."""
    placed = [(look.entity(risk), dimension, value, risk) for risk in _owing(look) for dimension, value in _dimensions(look, risk)]
    found = []
    for (entity, dimension), items in grouped(placed, lambda item: item[:2]).items():
        members = {key[0]: [_in_books(look, item[3]) for item in part] for key, part in grouped(items, lambda item: (item[2],)).items()}
        sums = [sum_or_none(amounts) for amounts in members.values()]
        whole = sum_or_none(sums)
        row: Row = {
            "legal_entity_id": entity.id,
            "legal_entity_name": entity.name,
            "functional_ccy": entity.functional_ccy,
            "dimension": dimension,
            "members": len(members),
            "loan_count": len(items),
            "exposure": rounded(whole),
            "business_date": look.day,
        }
        shares = [] if whole is None else sorted((amount / whole for amount in sums if amount), reverse=True)
        for count in (1, 5, 10, 20):
            row[f"top{count}_share"] = cents(total(shares[:count]), 6) if shares else None
        hhi = total(share * share for share in shares)
        row["hhi"] = cents(hhi, 10) if shares else None
        row["effective_n"] = cents(1 / hhi) if shares else None
        found.append(row)
    return found


def v_currency_risk_analysis(look: Look) -> list[Row]:
    """How much of each company's book is in which currency."""
    found = []
    book = grouped(_owing(look), lambda risk: (look.entity(risk).id,))
    for (entity, currency), risks in grouped(_owing(look), lambda risk: (look.entity(risk), risk.state.loan.currency_code)).items():
        rate = fx_rate(look.book, currency, entity.functional_ccy, look.day)
        owed = total(risk.state.outstanding for risk in risks)
        exposure = None if rate is None else owed * rate.rate
        whole = sum_or_none([_in_books(look, risk) for risk in book[(entity.id,)]])
        share = None if exposure is None or whole is None else exposure / whole * 100
        home = currency == entity.functional_ccy
        level = None if share is None else "Low FX Risk"
        for name in ("medium", "high"):
            if share is not None and share > look.number(f"currency_risk_{name}_pct"):
                level = f"{name.capitalize()} FX Risk"
        hedging = None if share is None else "Consider Hedging" if share > look.number("currency_hedging_pct") else "Monitor"
        found.append(
            {
                "legal_entity_name": entity.name,
                "entity_functional_currency": entity.functional_ccy,
                "loan_currency": currency,
                "loan_count": len(risks),
                "total_exposure_original_ccy": owed,
                "total_exposure_functional_ccy": rounded(exposure),
                "currency_exposure_pct": None if share is None else cents(share),
                "fx_risk_level": "No FX Risk" if home else level,
                "hedging_recommendation": "No Hedging Required" if home else hedging,
                "legal_entity_id": entity.id,
                "functional_rate": rate.rate if rate else None,
                "rate_date": rate.rate_date if rate else None,
                "vol_90d_pct": volatility(look, currency, entity.functional_ccy),
                "needs_signoff": look.any_unsigned("currency_"),
                "business_date": look.day,
            }
        )
    return found


def _rating(look: Look, risks: list[Risk], on_time: Decimal | None) -> tuple[str, int]:
    """Rating of a borrower, and its position."""
    worst, bad = max(risk.state.max_dpd for risk in risks), any(risk.is_default for risk in risks)
    if bad and any(risk.state.status == "written_off" for risk in risks):
        return "Very High Risk", 1
    if bad or worst > look.number("counterparty_high_dpd"):
        return "High Risk", 2
    if worst > look.number("counterparty_medium_dpd") or (on_time is not None and on_time * 100 < look.number("counterparty_on_time_pct")):
        return "Medium Risk", 3
    late = any((on - item.line.due_date).days > 0 for risk in risks for item, on in risk.state.settled_in_force)
    return ("Low Risk", 4) if late or worst > 0 or any(risk.state.late for risk in risks) else ("Minimal Risk", 5)


def v_counterparty_risk_assessment(look: Look) -> list[Row]:
    """Each borrower with what he owes, how he paid, and a rating."""
    group, found = look.setting("group_currency"), []
    for (borrower,), risks in grouped(look.all, lambda risk: (risk.state.loan.borrower_party_id,)).items():
        party, loans = look.book.parties[borrower], [risk.state.loan for risk in risks]
        settled = [(on - item.line.due_date).days for risk in risks for item, on in risk.state.settled_in_force]
        on_time = ratio(sum(days <= 0 for days in settled), len(settled))
        rating, sort = _rating(look, risks, on_time)
        lent = [convert(look.book, loan.principal_amount, loan.currency_code, group, look.day) for loan in loans]
        weight = sum_or_none(lent)
        interest = None
        if weight:
            interest = cents(total((part or ZERO) * loan.interest_rate for part, loan in zip(lent, loans, strict=True)) / weight * 100)
        start = min(loan.start_date for loan in loans)
        events = [event for loan in loans for event in look.book.of("collections_event", "loan_id", loan.id) if event.event_type in LEGAL]
        late = [max(days, 0) for days in settled]
        found.append(
            {
                "borrower_id": borrower,
                "borrower_name": party.display_name,
                "party_type": party.kind,
                "total_loans": len(risks),
                "active_loans": sum(risk.state.status == "active" for risk in risks),
                "written_off_loans": sum(risk.state.status == "written_off" for risk in risks),
                "total_exposure": rounded(sum_or_none([_group(look, risk, risk.state.outstanding) for risk in risks])),
                "active_exposure": rounded(
                    sum_or_none([_group(look, risk, risk.state.outstanding) for risk in risks if risk.state.status == "active"])
                ),
                "avg_interest_rate_pct": interest,
                "relationship_start": start,
                "relationship_days": max((look.day - start).days, 0),
                "has_current_default": int(any(risk.is_default for risk in risks)),
                "legal_actions_count": sum(
                    local_date(event.event_at, look.book.zone(look.book.loans[event.loan_id])) <= look.day for event in events
                ),
                "total_payments": sum(
                    len({money.payment_id for money in risk.state.money if money.kind == "allocation"}) for risk in risks
                ),
                "avg_days_late": cents(Decimal(sum(late)) / len(late)) if late else None,
                "on_time_payment_rate_pct": percent(sum(days <= 0 for days in settled), len(settled)),
                "max_dpd_reached": max(risk.state.max_dpd for risk in risks),
                "risk_rating": rating,
                "rating_sort": sort,
                "obligor_id": risks[0].obligor_id,
                "currency_code": group,
                "needs_signoff": look.any_unsigned("counterparty_"),
                "business_date": look.day,
            }
        )
    return found


def _eligible(look: Look, risk: Risk) -> list[SecurityInterest]:
    """Active securities, or ones from before v1, within their time."""
    return [
        row
        for row in look.book.of("security_interest", "loan_id", risk.state.loan.id)
        if row.status in {"active", None}
        and (row.registration_date is None or row.registration_date <= look.day)
        and (row.expiry_date is None or row.expiry_date > look.day)
    ]


def v_collateral_coverage(look: Look) -> list[Row]:
    """Which part of each loan is covered by security."""
    found = []
    for risk in _owing(look):
        loan, entity, securities = risk.state.loan, look.entity(risk), _eligible(look, risk)
        home = entity.functional_ccy
        owed, valued = _in_books(look, risk), [row for row in securities if row.value_amount is not None]
        gross = converted(look, ((row.value_ccy or loan.currency_code, row.value_amount or ZERO) for row in valued), home)
        net = converted(
            look,
            ((row.value_ccy or loan.currency_code, (row.value_amount or ZERO) * (1 - (row.haircut_pct or ZERO))) for row in valued),
            home,
        )
        unknown = sum(row.haircut_pct is None for row in valued)
        found.append(
            {
                "loan_id": loan.id,
                "loan_number": loan.loan_number,
                "legal_entity_id": entity.id,
                "legal_entity_name": entity.name,
                "product_id": loan.product_id,
                "borrower_party_id": loan.borrower_party_id,
                "loan_currency": loan.currency_code,
                "functional_ccy": home,
                "outstanding_fn": rounded(owed),
                "securities": len(securities),
                "unvalued_securities": len(securities) - len(valued),
                "unknown_haircuts": unknown,
                "gross_collateral_fn": rounded(gross),
                "collateral_fn": rounded(net),
                "ltv_pct": percent(owed, gross) if valued else None,
                "coverage_pct": percent(net, owed),
                "uncovered": None if owed is None or net is None else cents(max(owed - net, ZERO)),
                "next_expiry": min((row.expiry_date for row in securities if row.expiry_date), default=None),
                "needs_signoff": unknown > 0,
                "business_date": look.day,
            }
        )
    return found


VIEWS = (
    v_portfolio_concentration_analysis, v_concentration_index, v_currency_risk_analysis, v_counterparty_risk_assessment,
    v_collateral_coverage,
)  # fmt: skip
