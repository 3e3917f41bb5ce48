"""What the additions of v1 refer to: the companies as the book has them, products that only v1 sells, borrowers, and staff."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from random import Random
from uuid import UUID

from sqlalchemy import Connection, select

from rently_db import models as m
from rently_db.synth import names
from rently_db.synth.options import SynthError
from rently_db.synth.v1_rows import Company, Rows

_OFFSETS = {"SG": 8, "AE": 4}
PRODUCTS_FROM = 26 * 31
"""Days before the business date on which the products of v1 were introduced."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What a product is sold for: principal in hundredths, rates in ten-thousandths a year or of the principal, tenors in months."""

    principal: tuple[int, int]
    fees: tuple[int, ...]
    interest: tuple[int, ...] = (0,)
    tenors: tuple[int, ...] = (12, 24, 24, 36)


# Code, name, category, country. Whole tenancies of homes that cost more than most.
_NEW = (
    ("RC_D2C_002", "Rently Care D2C Premium", "rently_care_d2c", "SG"),
    ("RC_COLLAB_002", "Rently Care Collaborative Premium", "rently_care_collaborative", "SG"),
    ("RNPL_UAE_002", "Rently Now Pay Later UAE Villas", "rnpl_uae", "AE"),
)
TERMS = {
    "RC_D2C_001": Terms((300_000, 4_800_000), (300, 450, 600)),
    "RC_COLLAB_001": Terms((300_000, 3_600_000), (0,)),
    "B2B_SME_001": Terms((4_000_000, 18_000_000), (0, 100), (650, 825, 995), (12, 24, 36)),
    "RNPL_UAE_001": Terms((2_500_000, 24_000_000), (500, 750)),
    "RC_D2C_002": Terms((6_000_000, 42_000_000), (200, 300, 400)),
    "RC_COLLAB_002": Terms((6_000_000, 36_000_000), (100, 150)),
    "RNPL_UAE_002": Terms((15_000_000, 90_000_000), (400, 550), tenors=(12, 12, 24)),
}
"""By product code: what it is sold for."""
USD_TERMS = {
    "RC_D2C_002": Terms((3_000_000, 12_000_000), (200, 300)),
    "B2B_SME_001": Terms((4_000_000, 15_000_000), (0, 100), (575, 690, 850, 1020), (12, 24, 36)),
    "RNPL_UAE_002": Terms((6_000_000, 20_000_000), (400, 550, 800), tenors=(12, 24)),
}
"""The same for loans in US dollars."""


@dataclass(frozen=True, slots=True)
class Borrower:
    """Who owes, and the account that is paid from."""

    id: UUID
    instrument: UUID | None


@dataclass(slots=True)
class World:
    """Companies by country, products by code, the accounts of landlords by owner and currency, clerks."""

    rows: Rows
    business_date: date
    companies: dict[str, Company]
    products: dict[str, UUID]
    accounts: dict[tuple[UUID, str], UUID]
    clerks: list[UUID] = field(default_factory=list)
    loans: int = 0
    """Loans of the book before."""
    _people: int = 0

    @property
    def today(self) -> int:
        """The ordinal of the business date."""
        return self.business_date.toordinal()

    def many(self, of_600: int) -> int:
        """How many there are in a book of this size, if there are so many in one of 600 loans; at least one."""
        return max(1, round(of_600 * self.loans / 600))

    def party(self, rng: Random, company: Company, kind: m.PartyKind, since: int) -> tuple[UUID, str]:
        """A new party; gives id and name. No two share an address or an identity document."""
        locale = names.LOCALES[company.country]
        name = names.firm(rng, locale) if kind is m.PartyKind.CORPORATE else names.person(rng, locale)
        self._people += 1
        email = f"{'.'.join(name.lower().split())}.{self._people}@example.org"
        identity = f"{locale.identity if kind is m.PartyKind.INDIVIDUAL else 'UEN'}V{self._people:06d}{rng.choice('ABCDEFGHJZ')}"
        party = self.rows.add(
            m.Party,
            kind=kind,
            display_name=name,
            email=email,
            phone=names.phone(rng, locale),
            external_ref=f"CRM-V{self._people:06d}",
            kyc_identifier=identity,
            created_at=company.at(since, 9 * 3600),
        )
        return party, name

    def account(self, rng: Random, company: Company, owner: tuple[UUID, str], currency: str, since: int) -> UUID:
        """The default bank account of a party in a currency, opened where there is none."""
        party, name = owner
        found = self.accounts.get((party, currency))
        if found is None:
            found = self.accounts[party, currency] = self.rows.add(
                m.PaymentInstrument,
                party_id=party,
                instrument_type=m.InstrumentType.BANK_ACCOUNT,
                currency_code=currency,
                bank_name=rng.choice(names.LOCALES[company.country].banks),
                account_name=name,
                account_number=f"{rng.randrange(10**10):010d}",
                is_default=True,
                created_at=company.at(since, 9 * 3600 + 600),
            )
        return found

    def borrower(self, rng: Random, company: Company, code: str, currency: str, since: int) -> Borrower:
        """A new customer: a firm for business premises, a person for a home."""
        owner = self.party(rng, company, m.PartyKind.CORPORATE if code.startswith("B2B") else m.PartyKind.INDIVIDUAL, since)
        return Borrower(owner[0], self.account(rng, company, owner, currency, since))


def read_world(connection: Connection, rows: Rows, business_date: date) -> World:
    """The book's companies and products, with what v1 adds to them.

    Raises:
        SynthError: the database has no synthetic book, or these rows were added before.
    """
    products = {code: found for found, code in connection.execute(select(m.Product.id, m.Product.code))}
    if "RC_D2C_001" not in products:
        raise SynthError("the database has no synthetic book: write_v0 fills an empty one")
    if _NEW[0][0] in products:
        raise SynthError("the additions of v1 are there already: they are written once a database")
    companies = {}
    for entity, country, currency in connection.execute(
        select(m.LegalEntity.id, m.LegalEntity.country_code, m.LegalEntity.functional_ccy).order_by(m.LegalEntity.registration_no)
    ):
        codes = connection.execute(select(m.LedgerAccount.code, m.LedgerAccount.id).where(m.LedgerAccount.legal_entity_id == entity))
        companies[country] = Company(
            entity,
            country,
            currency,
            _OFFSETS[country],
            {str(code): found for code, found in codes},
            _pool(connection, m.PartyKind.LANDLORD, f"LAN-{country}-%"),
            _pool(connection, m.PartyKind.AGENT, f"AGE-{country}-%"),
        )
    held = select(m.PaymentInstrument.party_id, m.PaymentInstrument.currency_code, m.PaymentInstrument.id)
    accounts = {(owner, ccy): found for owner, ccy, found in connection.execute(held.where(m.PaymentInstrument.is_default.is_(True)))}
    world = World(rows, business_date, companies, products, accounts)
    world.loans = len(connection.execute(select(m.Loan.id)).all())
    return world


def _pool(connection: Connection, kind: m.PartyKind, reference: str) -> tuple[UUID, ...]:
    found = select(m.Party.id).where(m.Party.kind == kind, m.Party.external_ref.like(reference)).order_by(m.Party.external_ref)
    return tuple(connection.scalars(found))


def introduce(world: World, rng: Random) -> None:
    """Products that only v1 sells, and the clerks who answer for what follows."""
    since = world.today - PRODUCTS_FROM
    for code, name, category, country in _NEW:
        world.products[code] = world.rows.add(
            m.Product,
            code=code,
            name=name,
            description="Whole tenancies of premium homes",
            category=m.ProductCategory(category),
            subcategory="premium",
            business_unit=m.BusinessUnit.RESIDENTIAL,
            is_active=True,
            created_at=world.companies[country].at(since, 10 * 3600),
        )
    world.clerks = [world.party(rng, world.companies["SG"], m.PartyKind.INDIVIDUAL, since)[0] for _ in range(3)]
    world.clerks += [world.party(rng, world.companies["AE"], m.PartyKind.INDIVIDUAL, since)[0]]
