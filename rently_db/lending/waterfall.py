"""The waterfall: what a payment settles. Pure: no session, no clock.

Oldest due first; of one instalment penalty, fee, interest, principal, then anything else. What is left after the last one stays
unallocated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from uuid import UUID

from rently_db.lending.schedule import ZERO
from rently_db.models import AllocationComponent as Component

ORDER = (Component.PENALTY, Component.RC_FEE, Component.INTEREST, Component.PRINCIPAL, Component.OTHER)
"""The components of an instalment in the order in which money settles them."""


@dataclass(frozen=True, slots=True)
class Due:
    """What is owed of one component of one instalment."""

    line_id: UUID
    due_date: date
    seq_no: int
    component: Component
    amount: Decimal

    @property
    def rank(self) -> tuple[date, int, int]:
        """Its place in the waterfall."""
        return (self.due_date, self.seq_no, ORDER.index(self.component))


@dataclass(frozen=True, slots=True)
class Share:
    """The part of a payment that settles a due, or some of it."""

    due: Due
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Split:
    """What becomes of an amount: its shares in the order of the waterfall, and what is left over."""

    shares: tuple[Share, ...]
    unallocated: Decimal


def waterfall(amount: Decimal, dues: Iterable[Due]) -> Split:
    """Divide an amount (0 or more) over dues, given in any order. No share exceeds its due, and shares and rest sum to the amount."""
    left, shares = amount, []
    for due in sorted(dues, key=lambda due: due.rank):
        part = min(left, due.amount)
        if part > 0:
            shares.append(Share(due, part))
            left -= part
    return Split(tuple(shares), left)


def still_due(dues: Iterable[Due], money: Mapping[tuple[UUID | None, Component], Decimal]) -> list[Due]:
    """What is left of dues once money settled them, in the order of the waterfall; what is settled is left out.

    ``money`` is what was paid and adjusted by instalment and component. Of an instalment that has more than it needs, the rest settles
    nothing else; under None stands money that names no instalment: it settles the oldest unpaid ones of its component. That is the
    definition of `docs/analytics.md` (paid and unpaid of an instalment).
    """
    pool = defaultdict(lambda: ZERO, {component: amount for (line, component), amount in money.items() if line is None})
    left = []
    for due in sorted(dues, key=lambda due: due.rank):
        need = max(due.amount - money.get((due.line_id, due.component), ZERO), ZERO)
        part = min(need, max(pool[due.component], ZERO))
        pool[due.component] -= part
        if need > part:
            left.append(replace(due, amount=need - part))
    return left
