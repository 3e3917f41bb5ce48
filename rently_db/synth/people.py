"""Who is involved, and what they asked for: borrowers, applications with their decisions, the parts that parties play in a loan."""

from __future__ import annotations

from datetime import date
from random import Random

from rently_db.synth import names
from rently_db.synth.book import Slot
from rently_db.synth.case import Borrower, Case
from rently_db.synth.reference import Product
from rently_db.synth.rows import Sink, money, new_id
from rently_db.synth.story import Story

_DECIDERS = ("scorecard-v3", "scorecard-v4", "credit.committee", "j.tan", "m.haddad")
_YEARS_OF_APPLICATIONS = 4


def _party(rng: Random, product: Product) -> tuple[str, str, str]:
    """Names for a new person or firm: id, kind and name. Nothing is written yet."""
    locale = product.entity.locale
    if product.individual:
        return new_id(rng), "individual", names.person(rng, locale)
    return new_id(rng), "corporate", names.firm(rng, locale)


def write_borrower(sink: Sink, rng: Random, product: Product, number: int) -> Borrower:
    """A person or a firm, with a bank account that is the default and sometimes a card or a wallet that isn't."""
    entity, locale = product.entity, product.entity.locale
    party, kind, name = _party(rng, product)
    email = names.email(rng, name) if rng.random() < 0.94 else None
    digits = f"{rng.randrange(10**7):07d}"
    identity = f"{locale.identity}{digits}{rng.choice('ABCDEFGHJZ')}" if product.individual else f"20{digits}K"
    sink.add("party", party, kind, name, email, names.phone(rng, locale), f"CRM-{number + 1:07d}", identity)
    instruments = [new_id(rng)]
    account, bank = f"{rng.randrange(10**10):010d}", rng.choice(locale.banks)
    sink.add("payment_instrument", instruments[0], party, "bank_account", entity.currency, bank, name, account, None, "t")
    if rng.random() < 0.35:
        instruments.append(new_id(rng))
        second, token = rng.choice(("credit_card", "debit_card", "e_wallet")), f"tok_{rng.getrandbits(64):016x}"
        sink.add("payment_instrument", instruments[1], party, second, entity.currency, None, name, None, token, "f")
    return Borrower(party, tuple(instruments))


def write_application(sink: Sink, rng: Random, product: Product, party: str, *, code: str, story: Story) -> str:
    """The application that became the loan, and its decision; sometimes less was approved than asked for. Returns its id."""
    application, principal, currency = new_id(rng), story.terms.principal, product.entity.currency
    asked = principal if rng.random() < 0.8 else principal + rng.randrange(1, 20) * 25_000
    sink.add(
        "application", application, code, product.id, product.entity.id, party, money(asked), currency, str(story.tenor), "approved",
    )  # fmt: skip
    sink.add("decision", new_id(rng), application, "approved", money(principal), currency, rng.choice(_DECIDERS))
    return application


def write_declined(sink: Sink, rng: Random, product: Product, slot: Slot, today: int) -> None:
    """An application that never was a loan: rejected, withdrawn, still open, or approved on a condition."""
    entity, application = product.entity, new_id(rng)
    party, kind, name = _party(rng, product)
    sink.add("party", party, kind, name, names.email(rng, name), names.phone(rng, entity.locale), None, None)
    status = "under_review" if slot.declined == "conditional" else slot.declined
    age = 20 if status in {"submitted", "under_review"} else _YEARS_OF_APPLICATIONS * 365
    year = date.fromordinal(today - rng.randrange(age)).year
    amount, months = rng.randrange(*product.principal, 5_000), rng.choice((12, 24, 36))
    sink.add(
        "application", application, f"APP-{year}-D{slot.index + 1:07d}", product.id, entity.id, party, money(amount), entity.currency,
        str(months), status,
    )  # fmt: skip
    if slot.declined in {"rejected", "conditional"}:
        sink.add("decision", new_id(rng), application, slot.declined, None, None, rng.choice(_DECIDERS))


def write_roles(case: Case) -> str:
    """Who plays which part in the loan. Returns the landlord's instrument, which residential loans are paid out to."""
    sink, rng, entity, loan = case.sink, case.rng, case.entity, case.loan
    landlord, instrument = rng.choice(entity.landlords)
    sink.add("party_role", new_id(rng), case.borrower.id, loan, "borrower")
    sink.add("party_role", new_id(rng), landlord, loan, "landlord")
    if rng.random() < 0.4:
        sink.add("party_role", new_id(rng), rng.choice(entity.agents), loan, "agent")
    elif rng.random() < 0.05:
        sink.add("party_role", new_id(rng), rng.choice(entity.brokers), loan, "broker")
    if rng.random() < 0.12:
        guarantor, name = new_id(rng), names.person(rng, entity.locale)
        phone = names.phone(rng, entity.locale)
        sink.add("party", guarantor, "guarantor", name, names.email(rng, name), phone, None, None)
        sink.add("party_role", new_id(rng), guarantor, loan, "guarantor")
        if not case.product.individual:
            sink.add("security_interest", new_id(rng), loan, "guarantee", guarantor, "Personal guarantee", None, None)
    return instrument
