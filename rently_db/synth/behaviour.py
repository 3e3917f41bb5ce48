"""How borrowers pay: on time, late, in part, after a gap, not at all. And how their cash settles what they owe."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from rently_db.synth.schedule import COMPONENTS, Line

_PENALTY_AFTER_DAYS = 5
_PENALISED_LINES = 4


@dataclass(slots=True)
class Receipt:
    """Cash that arrives on ``day``, meant for the lines up to index ``upto``; afterwards, what of it settled which line.

    ``internal`` is a settlement by the loan that takes this one over. ``after_write_off`` is a recovery.
    """

    day: int
    amount: int
    upto: int
    internal: bool = False
    after_write_off: bool = False
    allocations: list[tuple[Line, int, int]] = field(default_factory=list)
    """Line, component, amount."""


def _penalise(line: Line) -> None:
    """A penalty of 2 % of the instalment."""
    line.penalise(max(line.total // 50, 500))


def _on_time(rng: Random, lines: Sequence[Line], until: int) -> list[Receipt]:
    """Every instalment on its due date or up to three days before."""
    receipts = []
    for index, line in enumerate(lines):
        paid = line.due - rng.choice((0, 0, 0, 1, 2, 3))
        if paid > until:
            break
        receipts.append(Receipt(paid, line.total, index))
    return receipts


def _quarterly(rng: Random, lines: Sequence[Line], until: int) -> list[Receipt]:
    """Three instalments at once, two of them ahead of time."""
    receipts = []
    for index in range(0, len(lines), 3):
        paid = lines[index].due - rng.randrange(3)
        if paid > until:
            break
        batch = lines[index : index + 3]
        receipts.append(Receipt(paid, sum(line.total for line in batch), index + len(batch) - 1))
    return receipts


def _late(rng: Random, lines: Sequence[Line], until: int) -> list[Receipt]:
    """Every third instalment up to 25 days late, with a penalty from the sixth day."""
    receipts = []
    for index, line in enumerate(lines):
        delay = rng.randint(1, 25) if rng.random() < 0.35 else 0
        if delay > _PENALTY_AFTER_DAYS and line.due + _PENALTY_AFTER_DAYS <= until:
            _penalise(line)
        if line.due + delay <= until:
            receipts.append(Receipt(line.due + delay, line.total, index))
        elif line.due > until:
            break
    return receipts


def _cured(rng: Random, lines: Sequence[Line], until: int) -> list[Receipt]:
    """On time but for a gap of two or three instalments, which are then caught up in two payments, penalties included."""
    due = sum(line.due + 40 <= until for line in lines)
    if due < 4:
        return _late(rng, lines, until)
    missed = rng.randint(2, 3)
    first = rng.randint(1, due - missed)
    gap = lines[first : first + missed]
    for line in gap:
        _penalise(line)
    owed, caught_up = sum(line.total for line in gap), gap[-1].due + rng.randint(5, 18)
    half = owed // 2
    receipts = [r for r in _on_time(rng, lines, until) if not first <= r.upto < first + missed]
    last = first + missed - 1
    return [*receipts, Receipt(caught_up, half, last), Receipt(caught_up + rng.randint(1, 6), owed - half, last)]


def _partial(rng: Random, lines: Sequence[Line], until: int) -> list[Receipt]:
    """Half of the instalments in two parts, whose second part sometimes never comes."""
    receipts = []
    for index, line in enumerate(lines):
        if line.due > until:
            break
        part = line.total * rng.randint(40, 80) // 100 if rng.random() < 0.5 else line.total
        receipts.append(Receipt(line.due, part, index))
        rest = line.due + rng.randint(4, 24)
        if part < line.total and rest <= until and rng.random() < 0.93:
            receipts.append(Receipt(rest, line.total - part, index))
    return receipts


_BEHAVIOURS: dict[str, Callable[[Random, Sequence[Line], int], list[Receipt]]] = {
    "on_time": _on_time,
    "quarterly": _quarterly,
    "late": _late,
    "cured": _cured,
    "partial": _partial,
}


def pay(rng: Random, behaviour: str, lines: Sequence[Line], until: int) -> list[Receipt]:
    """What a borrower of that behaviour pays up to and including ``until``, in order of time. Late lines get their penalties."""
    receipts = _BEHAVIOURS[behaviour](rng, lines, until)
    receipts.sort(key=lambda receipt: receipt.day)
    return receipts


def stop_paying(rng: Random, lines: Sequence[Line], until: int, paid: int) -> list[Receipt]:
    """The first ``paid`` lines on time, then nothing; the first lines left unpaid get penalties."""
    for line in lines[paid : paid + _PENALISED_LINES]:
        if line.due + _PENALTY_AFTER_DAYS <= until:
            _penalise(line)
    return _on_time(rng, lines[:paid], until)


def overpay(rng: Random, receipts: Sequence[Receipt]) -> None:
    """Let a few payments carry more than is owed; the rest of them stays unallocated."""
    for receipt in receipts:
        if rng.random() < 0.012:
            receipt.amount += rng.randint(1_000, 50_000)


def settle(receipts: Sequence[Receipt], lines: Sequence[Line], paid_on: dict[str, list[tuple[int, int]]]) -> None:
    """Allocate the receipts, oldest line first, to lines that they are meant for or that are due within five days.

    Fills ``Receipt.allocations`` and ``Line.left``, and notes in ``paid_on`` when how much of a line (by id) was paid.
    """
    oldest = 0
    for receipt in receipts:
        cash, last = receipt.amount, receipt.upto
        while last + 1 < len(lines) and lines[last + 1].due <= receipt.day + 5:
            last += 1
        for index in range(oldest, last + 1):
            line, before = lines[index], cash
            for component in range(len(COMPONENTS)):
                owed = line.left[component]
                if owed and cash:
                    part = min(owed, cash)
                    line.left[component] = owed - part
                    cash -= part
                    receipt.allocations.append((line, component, part))
            if cash != before:
                paid_on.setdefault(line.id, []).append((receipt.day, before - cash))
            if not cash:
                break
        while oldest < len(lines) and not any(lines[oldest].left):
            oldest += 1
