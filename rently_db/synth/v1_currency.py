"""US dollars: their rates, the capital that funds them, and what they are worth day by day for more than two years."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from random import Random

from sqlalchemy import select

from rently_db import models as m
from rently_db.synth.v1_cash import CREDIT, DEBIT
from rently_db.synth.v1_rows import Rows, day
from rently_db.synth.v1_world import World

USD = "USD"
_RATE_DAYS = 26 * 31
_PEG = Decimal("3.672500")
"""Dirhams for a dollar: the central bank holds it there."""
_STEP = 3_500
"""The largest move of a day, in millionths of a Singapore dollar."""
_SATURDAY = 5
_SHARE_CAPITAL, _CASH = "3000", "1000"
# Country, months before the business date, hundredths of a dollar in a book of 600 loans.
_CAPITAL = (("SG", 25, 150_000_000), ("SG", 14, 80_000_000), ("SG", 5, 60_000_000), ("AE", 22, 80_000_000), ("AE", 9, 60_000_000))


def write_rates(world: World, rng: Random) -> None:
    """A dollar in both currencies, every working day: where the book has the rate of the other direction, its inverse."""
    known: dict[date, Decimal] = {}
    quoted = select(m.FxRate.as_of_date, m.FxRate.rate).where(m.FxRate.from_ccy == "SGD", m.FxRate.to_ccy == USD)
    for on, rate in world.rows.connection.execute(quoted):
        known[on] = (1 / rate).quantize(Decimal("0.000001"))
    value = known[min(known)]
    for ordinal in range(world.today, world.today - _RATE_DAYS, -1):
        on = day(ordinal)
        if on.weekday() >= _SATURDAY:
            continue
        if on < min(known):
            value += Decimal(rng.randint(-_STEP, _STEP)).scaleb(-6)
            known[on] = value
        if on in known:
            _rate(world.rows, world, ordinal, "SGD", known[on])
        _rate(world.rows, world, ordinal, "AED", _PEG)


def _rate(rows: Rows, world: World, ordinal: int, target: str, rate: Decimal) -> None:
    source, country = {"SGD": ("MAS", "SG"), "AED": ("CBUAE", "AE")}[target]
    published = world.companies[country].at(ordinal, 17 * 3600)
    rows.add(m.FxRate, as_of_date=day(ordinal), from_ccy=USD, to_ccy=target, rate=rate, source=source, created_at=published)


def write_capital(world: World) -> None:
    """Share capital paid in in dollars, before there are loans to lend it on: monetary, so it is revalued each month-end."""
    for country, months, cents in _CAPITAL:
        company, ordinal = world.companies[country], world.today - months * 31
        paid = world.many(cents // 100_000) * 100_000
        entries = [(_CASH, paid, DEBIT), (_SHARE_CAPITAL, paid, CREDIT)]
        world.rows.book(company, (ordinal, company.at(ordinal, 12 * 3600)), "Share capital paid in", USD, entries)
