"""One loan while it is being written: who has it, what happened to it, and where its rows go."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from rently_db.synth.reference import Entity, Product
from rently_db.synth.rows import Sink, money, new_id
from rently_db.synth.story import Story


@dataclass(frozen=True, slots=True)
class Borrower:
    """A borrower and the payment instruments of the borrower; the first is the default."""

    id: str
    instruments: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Case:
    """What every row of a loan needs. ``today`` is the ordinal of the business date; ``takes_over`` says that there is a parent loan."""

    sink: Sink
    rng: Random
    product: Product
    loan: str
    story: Story
    borrower: Borrower
    takes_over: bool
    today: int

    @property
    def entity(self) -> Entity:
        """The legal entity that lends."""
        return self.product.entity

    def entry(self, account: str, amount: int, side: str, *, payment: str | None = None, disbursement: str | None = None) -> None:
        """Write one ledger entry of the loan; ``account`` is an account's code."""
        entity = self.entity
        self.sink.add(
            "ledger_entry", new_id(self.rng), entity.id, entity.accounts[account], self.loan, payment, disbursement, entity.currency,
            money(amount), side,
        )  # fmt: skip

    def document(self, title: str, kind: str, at: str, about: tuple[str, str], role: str | None = None) -> None:
        """Write a document, uploaded at a moment, and the link to what it is ``about``: an entity type and an id."""
        document = new_id(self.rng)
        self.sink.add("document", document, title, kind, f"s3://rently-documents/{kind}/{document}.pdf", at)
        self.sink.add("document_link", new_id(self.rng), document, *about, role)
