"""Tenancies: when they begin and end, and what comes after: a renewal, another home, a balance that moves along, or nothing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text

from rently_db import models as m
from rently_db.synth.schedule import add_months
from rently_db.synth.v1_deals import Deal, draw_behaviour, draw_terms
from rently_db.synth.v1_lending import Lender
from rently_db.synth.v1_rows import day
from rently_db.synth.v1_world import TERMS, Borrower, World

_RENEWED, _MOVED = 0.40, 0.55
"""Of ended tenancies those below the first are renewed, those below the second move with us."""
_WINDOW = 23 * 31
_BOOK = text(
    "SELECT l.id, p.code, e.country_code, l.currency_code, l.borrower_party_id, l.principal_amount, l.status, l.start_date, l.end_date,"
    " l.property_contract_id, n.id, n.start_date,"
    " (SELECT i.id FROM public.payment_instrument AS i WHERE i.party_id = l.borrower_party_id AND i.is_default AND"
    " i.currency_code = l.currency_code)"
    " FROM public.loan AS l INNER JOIN public.product AS p ON l.product_id = p.id"
    " INNER JOIN public.legal_entity AS e ON l.legal_entity_id = e.id LEFT JOIN public.loan AS n ON n.parent_loan_id = l.id"
    " WHERE l.lease_end_date IS NULL ORDER BY l.loan_number"
)
_TRANSFERS = (
    m.TransferType.APARTMENT_CHANGE,
    m.TransferType.LEASE_RENEWAL,
    m.TransferType.APARTMENT_CHANGE,
    m.TransferType.REFINANCE,
    m.TransferType.LEASE_RENEWAL,
    m.TransferType.CONSOLIDATION,
)


@dataclass(frozen=True, slots=True)
class _Former:
    """A loan of the book as v0 left it; ``next`` is the loan that took it over, and since when."""

    id: UUID
    code: str
    country: str
    currency: str
    borrower: UUID
    principal: Any
    status: str
    start: date
    end: date
    contract: str | None
    next: UUID | None
    next_start: date | None
    instrument: UUID | None


def write_leases(world: World, rng: Random, lender: Lender) -> None:
    """Enter the tenancies of the book's loans, and grant loans to tenants who stay with us when theirs ends."""
    known: list[dict[str, Any]] = []
    contracts: list[dict[str, Any]] = []
    for former in [_Former(*row) for row in world.rows.connection.execute(_BOOK)]:
        tenor = round((former.end - former.start).days / 30.44 / 12)
        ends = add_months(former.start.toordinal(), 12 * max(tenor, 1))
        if former.next_start:
            ends = former.next_start.toordinal() + rng.randint(-20, 20)
            if former.contract and rng.random() < 0.6:
                contracts.append({"loan": former.next, "contract": former.contract})
        if rng.random() < 0.12 or former.contract is None or ends <= former.start.toordinal():
            continue  # nobody entered it
        known.append({"loan": former.id, "begins": former.start, "ends": day(ends)})
        if former.status == "closed" and not former.next and world.today - _WINDOW < ends < world.today - 30:
            _follow(world, rng, lender, former, ends)
    execute = world.rows.connection.execute
    execute(text("UPDATE public.loan SET lease_start_date = :begins, lease_end_date = :ends WHERE id = :loan"), known)
    if contracts:
        changed = text("UPDATE public.loan SET property_contract_id = :contract WHERE id = :loan")
        execute(changed.bindparams(bindparam("loan")), contracts)


def _follow(world: World, rng: Random, lender: Lender, former: _Former, ends: int) -> None:
    """The tenant renews, or moves to another home, with a loan of about the same size; or is lost."""
    chance, start = rng.random(), ends + rng.randint(-10, 20)
    if chance >= _MOVED:
        return
    cents = int(former.principal * 100) * rng.randint(95, 115) // 100 // 5_000 * 5_000
    terms, fee = draw_terms(rng, TERMS[former.code], start, max(cents, 100_000), rng.choice((12, 24)))
    lender.lend(
        rng,
        Deal(
            former.code,
            world.companies[former.country],
            former.currency,
            Borrower(former.borrower, former.instrument),
            terms,
            fee,
            draw_behaviour(rng),
            world.today,
            contract=former.contract if chance < _RENEWED else None,
            parent=former.id,
        ),
    )


def write_transfers(world: World, rng: Random, lender: Lender) -> None:
    """Tenancies that end early: what is still owed moves to a new loan, sometimes with more money for a dearer home."""
    for place in range(world.many(10)):
        code, country = (("RC_D2C_002", "SG"), ("RC_COLLAB_002", "SG"), ("RNPL_UAE_002", "AE"))[place % 3]
        company, kind = world.companies[country], _TRANSFERS[place % len(_TRANSFERS)]
        start = world.today - rng.randint(330, 640)
        on = add_months(start, rng.randint(5, 9)) + rng.randint(7, 15)
        terms, fee = draw_terms(rng, TERMS[code], start, months=24)
        borrower = world.borrower(rng, company, code, company.currency, start)
        source = lender.lend(rng, Deal(code, company, company.currency, borrower, terms, fee, "on_time", on - 1))
        balance = source.story.outstanding
        more = rng.randrange(10, 60) * 50_000 if kind is m.TransferType.APARTMENT_CHANGE else 0
        terms, fee = draw_terms(rng, TERMS[code], on, balance + more, rng.choice((12, 24)))
        contract = source.contract if kind is m.TransferType.LEASE_RENEWAL else None
        deal = Deal(code, company, company.currency, borrower, terms, fee, "on_time", world.today, contract, source.id, taken_over=balance)
        lender.take_over(rng, source, lender.lend(rng, deal), kind)
