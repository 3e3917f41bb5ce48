"""The part of the data that doesn't grow with every loan: entities, products, accounts, exchange rates, agents and landlords."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from random import Random

from rently_db.synth import names
from rently_db.synth.rows import Sink, day, new_id, rng_for

# Name, registration number, country, currency, hours ahead of UTC.
_SINGAPORE = ("Rently Technologies Pte Ltd", "202012345A", "SG", "SGD", 8)
_EMIRATES = ("Rently UAE DMCC", "DMCC123456", "AE", "AED", 4)

_ACCOUNTS = (
    ("1000", "Cash at bank", "asset"),
    ("1100", "Loans receivable", "asset"),
    ("1190", "Loan transfer clearing", "asset"),
    ("2100", "Unapplied customer cash", "liability"),
    ("3000", "Share capital", "equity"),
    ("4000", "Rently Care fee income", "revenue"),
    ("4100", "Interest and other income", "revenue"),
    ("4200", "Penalty income", "revenue"),
    ("5000", "Loans written off", "expense"),
    ("5100", "Provision for loan losses", "expense"),
)
CASH, RECEIVABLE, CLEARING, UNAPPLIED, FEE_INCOME, OTHER_INCOME, PENALTY_INCOME, WRITTEN_OFF = (
    "1000",
    "1100",
    "1190",
    "2100",
    "4000",
    "4100",
    "4200",
    "5000",
)

# Code, name, description, range of the principal, fees of the principal, interest a year.
_PRODUCTS: dict[str, tuple[str, str, str, tuple[int, int], tuple[int, ...], tuple[int, ...]]] = {
    "d2c": ("RC_D2C_001", "Rently Care D2C Standard", "Monthly rent for tenants", (300_000, 4_800_000), (300, 450, 600), (0,)),
    "collab": ("RC_COLLAB_001", "Rently Care Collaborative Basic", "Rent through agencies", (300_000, 3_600_000), (0,), (0,)),
    "sme": ("B2B_SME_001", "SME Business Rental", "Business premises", (2_000_000, 30_000_000), (0, 0, 100), (480, 650, 825, 995)),
    "uae": ("RNPL_UAE_001", "Rently Now Pay Later UAE", "Yearly rent in instalments", (2_500_000, 24_000_000), (500, 750), (0,)),
}

_RATE_DAYS = 400
# from, to, first rate in millionths, largest daily move in millionths, source, published at weekends
_PAIRS = (
    ("SGD", "AED", 2_842_000, 9_000, "OpenExchange", True),
    ("SGD", "USD", 774_000, 2_500, "MAS", False),
    ("AED", "USD", 272_294, 0, "CBUAE", False),
)


@dataclass(frozen=True, slots=True)
class Entity:
    """A legal entity: its keys, where it is, the hours its clocks are ahead of UTC, its ledger accounts by code, who it deals with."""

    id: str
    country: str
    currency: str
    utc_offset: int
    accounts: dict[str, str]
    landlords: tuple[tuple[str, str], ...]
    """Party and payment instrument of each landlord."""
    agents: tuple[str, ...]
    brokers: tuple[str, ...]

    @property
    def locale(self) -> names.Locale:
        """The names used in the entity's country."""
        return names.LOCALES[self.country]


@dataclass(frozen=True, slots=True)
class Product:
    """A product and the terms its loans are drawn from. Amounts in hundredths, rates in ten-thousandths a year or of the principal."""

    id: str
    code: str
    entity: Entity
    individual: bool
    principal: tuple[int, int]
    fee_rates: tuple[int, ...]
    interest_rates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class World:
    """Everything that loans refer to."""

    products: dict[str, Product]
    """By the short name that a block's plan uses."""


def _pool(sink: Sink, rng: Random, kind: str, code: str, size: int, *, currency: str | None = None) -> tuple[tuple[str, str], ...]:
    """Write parties of one kind, with a default bank account if ``currency`` is given; return party and instrument."""
    locale = names.LOCALES[code]
    made = []
    for number in range(size):
        party, instrument = new_id(rng), new_id(rng)
        name = names.firm(rng, locale) if rng.random() < 0.3 else names.person(rng, locale)
        sink.add(
            "party", party, kind, name, names.email(rng, name), names.phone(rng, locale), f"{kind[:3].upper()}-{code}-{number:05d}", None
        )
        if currency:
            bank = rng.choice(locale.banks)
            sink.add(
                "payment_instrument", instrument, party, "bank_account", currency, bank, name, f"{rng.randrange(10**10):010d}", None, "t"
            )
        made.append((party, instrument))
    return tuple(made)


def _entity(sink: Sink, rng: Random, described: tuple[str, str, str, str, int], loans: int) -> Entity:
    """Write a legal entity, its accounts and its pools of landlords and agents, which grow with the number of loans."""
    name, registration, code, currency, offset = described
    entity = new_id(rng)
    sink.add("legal_entity", entity, name, registration, code, currency)
    accounts = {}
    for number, title, kind in _ACCOUNTS:
        accounts[number] = new_id(rng)
        sink.add("ledger_account", accounts[number], entity, number, title, kind)
    landlords = _pool(sink, rng, "landlord", code, loans // 10 + 3, currency=currency)
    agents = tuple(party for party, _ in _pool(sink, rng, "agent", code, min(loans // 100 + 3, 300)))
    brokers = tuple(party for party, _ in _pool(sink, rng, "broker", code, 3))
    return Entity(entity, code, currency, offset, accounts, landlords, agents, brokers)


def _rates(sink: Sink, rng: Random, business_date: date) -> None:
    """Write 400 days of exchange rates up to the business date, as random walks; central banks publish none at weekends."""
    last = business_date.toordinal()
    for source, target, first, step, publisher, weekends in _PAIRS:
        value = first
        for ordinal in range(last - _RATE_DAYS + 1, last + 1):
            value += rng.randint(-step, step)
            if weekends or date.fromordinal(ordinal).weekday() < 5:
                text = f"{value // 1_000_000}.{value % 1_000_000:06d}"
                sink.add("fx_rate", new_id(rng), day(ordinal), source, target, text, publisher)


def write_reference(sink: Sink, seed: int, loans: int, business_date: date, flush: Callable[[], None]) -> World:
    """Put the reference rows into ``sink``, flushing after each entity, and return what loans need of them."""
    rng = rng_for(seed, "reference")
    sg = _entity(sink, rng, _SINGAPORE, loans)
    flush()
    ae = _entity(sink, rng, _EMIRATES, loans // 7)
    flush()
    products = {}
    for key, (code, name, text, principal, fees, interest) in _PRODUCTS.items():
        products[key] = Product(new_id(rng), code, ae if key == "uae" else sg, key != "sme", principal, fees, interest)
        sink.add("product", products[key].id, code, name, text)
    _rates(sink, rng, business_date)
    flush()
    return World(products)
