"""What v0 could not hold, added to the synthetic book as a v1 application would have written it in the course of two years."""

from __future__ import annotations

from datetime import date
from random import Random

from sqlalchemy import Connection

from rently_db import models as m
from rently_db.synth.rows import rng_for
from rently_db.synth.v1_care import enter_outcomes, write_disputes, write_judgements, write_limits
from rently_db.synth.v1_currency import USD, write_capital, write_rates
from rently_db.synth.v1_deals import Deal, draw_behaviour, draw_terms
from rently_db.synth.v1_leases import write_leases, write_transfers
from rently_db.synth.v1_lending import Lender
from rently_db.synth.v1_rows import Rows
from rently_db.synth.v1_world import TERMS, USD_TERMS, World, introduce, read_world

_OLDEST = 23 * 31
# Product, country, currency, loans in a book of 600. The book of v0 lends three quarters of its money to firms; with these it is one third.
_SALES = (
    ("RC_D2C_002", "SG", "SGD", 78),
    ("RC_COLLAB_002", "SG", "SGD", 50),
    ("RNPL_UAE_002", "AE", "AED", 36),
    ("RC_D2C_002", "SG", USD, 18),
    ("B2B_SME_001", "SG", USD, 12),
    ("RNPL_UAE_002", "AE", USD, 13),
)
_FIRST = ("on_time", "late")
"""The first loans of each are more than a year old and run still, whatever is drawn for the others."""
_BAD_DEBT = ("RC_D2C_002", USD, 2)
"""One loan in dollars that is never paid: product, currency, place."""
_DECLINED = ("rejected",) * 9 + ("withdrawn",) * 2 + ("under_review",)
_DECLINED_A_LOAN = (0, 1, 1, 2, 3)


def add_v1(connection: Connection, *, seed: int = 1, business_date: date) -> None:
    """Add to a clean synthetic book at v1 or beyond, in the connection's transaction; equal books and seeds give equal rows.

    Residential loans that balance the book, loans in US dollars with their capital and rates, renewed and moved tenancies, disputes,
    limits, and judgements. Nothing is dated after ``business_date``, which is the book's. Figures of schema analytics follow as they
    follow any application: by the queue, and month-ends that are published already stay as they are.

    Raises:
        SynthError: the database has no synthetic book, or has these rows already.
    """

    def rng(part: str) -> Random:
        return rng_for("v1", seed, part)

    rows = Rows(connection, rng("ids"))
    world = read_world(connection, rows, business_date)
    introduce(world, rng("products"))
    write_limits(world)
    write_rates(world, rng("rates"))
    write_capital(world)
    lender = Lender(world)
    for code, country, currency, number in _SALES:
        _sell(world, rng(f"{code} {currency}"), lender, (code, country, currency), world.many(number))
    write_transfers(world, rng("transfers"), lender)
    write_leases(world, rng("leases"), lender)
    rows.flush()
    lender.leave(connection)
    enter_outcomes(world, rng("outcomes"))
    write_disputes(world, rng("disputes"))
    write_judgements(world, rng("judgements"))
    rows.flush()


def _sell(world: World, rng: Random, lender: Lender, what: tuple[str, str, str], number: int) -> None:
    """So many loans of a product, more of them lately, and the applications that came to nothing."""
    code, country, currency = what
    company, offer = world.companies[country], (USD_TERMS if currency == USD else TERMS)[code]
    for place in range(number):
        start, behaviour, months = world.today - 2 - int(_OLDEST * rng.random() ** 1.7), draw_behaviour(rng), None
        if place < len(_FIRST):
            start, behaviour, months = world.today - 530 + 70 * place, _FIRST[place], max(offer.tenors)
        if (code, currency, place) == _BAD_DEBT:
            start, behaviour = world.today - 240, "defaulted"
        terms, fee = draw_terms(rng, offer, start, months=months)
        borrower = world.borrower(rng, company, code, currency, start - 12)
        lender.lend(rng, Deal(code, company, currency, borrower, terms, fee, behaviour, world.today))
        for attempt in range(rng.choice(_DECLINED_A_LOAN)):
            status = m.ApplicationStatus(rng.choice(_DECLINED))
            on = start if status is not m.ApplicationStatus.UNDER_REVIEW else world.today + 1
            terms, fee = draw_terms(rng, offer, on)
            other = world.borrower(rng, company, code, currency, on - 12)
            deal = Deal(code, company, currency, other, terms, fee, "none", world.today)
            lender.apply(rng, deal, f"APP-{code}-{currency}-D{place:05d}-{attempt}", terms.principal, status)
