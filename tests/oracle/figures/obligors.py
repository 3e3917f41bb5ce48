"""Dashboard 5: what each obligor owes, and what it guarantees for others."""

from __future__ import annotations

from decimal import Decimal

from tests.oracle.book import ZERO
from tests.oracle.figures.currency import sum_or_none
from tests.oracle.figures.executive import converted, rounded
from tests.oracle.figures.look import Look, Row, percent
from tests.oracle.fx import convert
from tests.oracle.risk import Risk
from tests.oracle.rows import Party, SecurityInterest


def _exposure(look: Look, risk: Risk) -> Decimal | None:
    """Outstanding principal in the group's currency."""
    return converted(look, [(risk.state.loan.currency_code, risk.state.outstanding)], look.setting("group_currency"))


def _obligor(party: Party) -> str:
    return party.obligor_group_id or party.id


def _guarantees(look: Look, risk: Risk) -> dict[str, list[SecurityInterest]]:
    """Guarantees of a loan that hold on the day, by the obligor that gave them: others than the loan's own."""
    found: dict[str, list[SecurityInterest]] = {}
    for row in look.book.of("security_interest", "loan_id", risk.state.loan.id):
        registered = row.registration_date is None or row.registration_date <= look.day
        unexpired = row.expiry_date is None or row.expiry_date > look.day
        if row.type != "guarantee" or row.party_id is None or row.status not in {"active", None} or not registered or not unexpired:
            continue
        giver = _obligor(look.book.parties[row.party_id])
        if giver != risk.obligor_id:
            found.setdefault(giver, []).append(row)
    return found


def _at_stake(look: Look, risk: Risk, rows: list[SecurityInterest]) -> Decimal | None:
    """What one obligor would have to pay for a loan: at most what is owed, all of it where a guarantee names no amount."""
    owed, group = _exposure(look, risk), look.setting("group_currency")
    if owed is None or any(row.value_amount is None for row in rows):
        return owed
    own = risk.state.loan.currency_code
    amount = sum_or_none([convert(look.book, row.value_amount or ZERO, row.value_ccy or own, group, look.day) for row in rows])
    return None if amount is None else min(amount, owed)


def _name(look: Look, obligor: str) -> str | None:
    """The party's name, else the first among the group's members."""
    if obligor in look.book.parties:
        return str(look.book.parties[obligor].display_name)
    return min((party.display_name for party in look.book.all("party") if party.obligor_group_id == obligor), default=None)


def v_obligor_exposure(look: Look) -> list[Row]:
    """Each obligor with what it owes and guarantees."""
    owing: dict[str, list[Risk]] = {}
    given: dict[str, list[Decimal | None]] = {}
    for risk in look.on_book:
        if risk.state.outstanding == 0:
            continue
        owing.setdefault(risk.obligor_id, []).append(risk)
        for giver, rows in _guarantees(look, risk).items():
            given.setdefault(giver, []).append(_at_stake(look, risk, rows))
    book = sum_or_none([_exposure(look, risk) for risks in owing.values() for risk in risks])
    found = []
    for obligor in owing.keys() | given.keys():
        risks, guarantees = owing.get(obligor, []), given.get(obligor, [])
        exposure, guaranteed = sum_or_none([_exposure(look, risk) for risk in risks]), sum_or_none(guarantees)
        everything = sum_or_none([exposure, guaranteed])
        reasons = [risk.reason for risk in risks if risk.is_default]
        share = None if everything is None or not book else everything / book * 100
        found.append(
            {
                "obligor_id": obligor,
                "obligor_name": _name(look, obligor),
                "members": len({risk.state.loan.borrower_party_id for risk in risks}),
                "loans": len(risks),
                "currency_code": look.setting("group_currency"),
                "exposure": rounded(exposure),
                "guaranteed_loans": len(guarantees),
                "guaranteed": rounded(guaranteed),
                "total_exposure": rounded(everything),
                "dpd_obligor": max((risk.state.dpd for risk in risks), default=0),
                "is_default": bool(reasons),
                "loans_in_default": len(reasons),
                "cross_default_loans": reasons.count("obligor"),
                "is_cross_default": "obligor" in reasons,
                "pct_of_book": percent(exposure, book),
                "total_pct_of_book": percent(everything, book),
                "is_large_exposure": None if share is None else share > look.number("large_exposure_pct"),
                "needs_signoff": look.is_unsigned("large_exposure_pct"),
            }
        )
    return found


VIEWS = (v_obligor_exposure,)
