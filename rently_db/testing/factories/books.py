"""The ledger: bookings balance."""

from __future__ import annotations

from dataclasses import fields
from decimal import Decimal

from polyfactory import PostGenerated, Use

from rently_db.lending import DEFAULT_CHART, Chart
from rently_db.models import AccountType, EntrySide, JournalEntry, LedgerAccount, LedgerEntry, LegalEntity
from rently_db.testing.factories.base import RentlyFactory, Values, numbered, related, today
from rently_db.testing.factories.organisation import LegalEntityFactory

_OTHER_SIDE = {EntrySide.DEBIT: EntrySide.CREDIT, EntrySide.CREDIT: EntrySide.DEBIT}
_AMOUNT = Decimal("100.00")
_KINDS = {
    "cash": AccountType.ASSET,
    "receivable": AccountType.ASSET,
    "clearing": AccountType.ASSET,
    "unapplied": AccountType.LIABILITY,
    "written_off": AccountType.EXPENSE,
}
"""Of the accounts of a chart that are no income."""


class LedgerAccountFactory(RentlyFactory[LedgerAccount]):
    """A top account for an asset."""

    legal_entity = LegalEntityFactory
    code = Use(numbered, "T{:06d}")
    name = Use(numbered, "Test account {}")
    type = AccountType.ASSET

    @classmethod
    def create_chart_sync(cls, legal_entity: LegalEntity, chart: Chart = DEFAULT_CHART) -> list[LedgerAccount]:
        """Write the accounts that `rently_db.lending` books on for a company, each code of the chart once."""
        kinds = {getattr(chart, part.name): _KINDS.get(part.name, AccountType.REVENUE) for part in fields(chart)}
        return [cls.create_sync(legal_entity=legal_entity, code=code, type=kind) for code, kind in kinds.items()]


def _both_sides(_: str, values: Values) -> list[LedgerEntry]:
    entity, day = values["legal_entity"], values["effective_date"]
    return [
        LedgerEntry(
            legal_entity=entity,
            account=LedgerAccountFactory.build(legal_entity=entity),
            currency_code=entity.functional_ccy,
            amount=_AMOUNT,
            side=side,
            entry_date=day,
        )
        for side in EntrySide
    ]


class JournalEntryFactory(RentlyFactory[JournalEntry]):
    """A booking of 100.00 on two new accounts of a company. ``entries=[]`` leaves the entries to the test."""

    legal_entity = LegalEntityFactory
    effective_date = Use(today)
    description = Use(numbered, "Test booking {}")
    entries = PostGenerated(_both_sides)


def _balanced_journal(_: str, values: Values) -> JournalEntry:
    """A journal that already holds the other side of the entry."""
    entity = values["legal_entity"]
    journal = JournalEntryFactory.build(legal_entity=entity, entries=[])
    journal.entries.append(
        LedgerEntry(
            legal_entity=entity,
            account=LedgerAccountFactory.build(legal_entity=entity),
            currency_code=values["currency_code"],
            amount=values["amount"],
            side=_OTHER_SIDE[values["side"]],
            entry_date=journal.effective_date,
        )
    )
    return journal


class LedgerEntryFactory(RentlyFactory[LedgerEntry]):
    """A debit of 100.00, in a booking whose credit is made with it. Given a ``journal`` it is that entry alone: the test balances it."""

    legal_entity = LegalEntityFactory
    account = PostGenerated(lambda _, values: LedgerAccountFactory.build(legal_entity=values["legal_entity"]))
    currency_code = PostGenerated(lambda _, values: values["legal_entity"].functional_ccy)
    amount = _AMOUNT
    side = EntrySide.DEBIT
    journal = PostGenerated(_balanced_journal)
    entry_date = PostGenerated(lambda _, values: today() if values["journal"] is None else values["journal"].effective_date)

    @classmethod
    def process_kwargs(cls, **kwargs: object) -> Values:
        """An entry is in the books of its journal."""
        journal = kwargs.get("journal")
        if isinstance(journal, JournalEntry) and not {"legal_entity", "legal_entity_id"} & kwargs.keys():
            kwargs["legal_entity"] = related(journal, "legal_entity")
        return super().process_kwargs(**kwargs)
