"""Which loans there are: the book is planned in blocks of fifty, so that every block has every product and every behaviour."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rently_db.synth.rows import rng_for

BLOCK = 50

# What fifty loans are made of. A tuple is a chain: each loan of it takes over the one before.
_CASES: tuple[tuple[str, ...], ...] = (
    *[("on_time",)] * 14,
    *[("quarterly",)] * 5,
    *[("late",)] * 8,
    *[("cured",)] * 4,
    *[("partial",)] * 4,
    *[("early",)] * 3,
    *[("defaulted",)] * 3,
    *[("written_off",)] * 2,
    ("fresh",),
    ("fresh",),
    ("transferred", "successor"),
    ("transferred", "transferred", "successor"),
)
_PRODUCTS = ("d2c",) * 19 + ("collab",) * 9 + ("uae",) * 6 + ("sme",) * 13
_DECLINED = ("rejected",) * 5 + ("withdrawn",) * 2 + ("submitted", "under_review", "conditional")
_REPEAT_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Slot:
    """One loan to be: its number in the book, how it behaves, its product, and whose it is.

    ``borrower`` is the number of the loan whose borrower this one shares (its own, if it is the first); ``parent`` is the loan it takes
    over; ``declined`` is what became of another application, made around the same time, that never was a loan.
    """

    index: int
    behaviour: str
    product: str
    borrower: int
    parent: int | None
    declined: str | None


def _block(seed: int, block: int) -> list[Slot]:
    """The fifty loans of one block."""
    rng = rng_for(seed, "block", block)
    cases = rng.sample(_CASES, len(_CASES))
    products = rng.sample(_PRODUCTS, len(_PRODUCTS))
    declined: list[str | None] = [*_DECLINED, *[None] * (BLOCK - len(_DECLINED))]
    rng.shuffle(declined)
    slots: list[Slot] = []
    owners: dict[str, list[int]] = {}
    for case, product in zip(cases, products, strict=True):
        for place, behaviour in enumerate(case):
            index = block * BLOCK + len(slots)
            if place:
                slots.append(Slot(index, behaviour, product, slots[-1].borrower, index - 1, declined[len(slots)]))
                continue
            known = owners.setdefault(product if product in ("sme", "uae") else "sg", [])
            borrower = rng.choice(known) if known and rng.random() < _REPEAT_SHARE else index
            if borrower == index:
                known.append(index)
            slots.append(Slot(index, behaviour, product, borrower, None, declined[len(slots)]))
    return slots


def plan_book(seed: int, loans: int) -> Iterator[list[Slot]]:
    """The book block by block. Where the last block is cut inside a chain, its last loan isn't transferred but paid on time."""
    for block in range((loans + BLOCK - 1) // BLOCK):
        slots = _block(seed, block)[: loans - block * BLOCK]
        last = slots[-1]
        if last.behaviour == "transferred":
            slots[-1] = Slot(last.index, "on_time", last.product, last.borrower, last.parent, last.declined)
        yield slots
