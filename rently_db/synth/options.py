"""What is asked of the synthetic data, and what is handed back."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Literal

Dirt = Literal["none", "repairable", "all"]
"""How dirty: not at all, only what the migration repairs by itself, or also what must stop it."""

Expected = Literal["repaired", "stops"]
"""What the migration does with a defect: mends it by a declared repair, or refuses the database because of it."""


class SynthError(Exception):
    """The data can't be written as asked. The message is one sentence for the user; the database is unchanged."""


@dataclass(frozen=True, slots=True)
class SynthOptions:
    """The size and the look of the data; equal options give equal data, byte for byte.

    ``loans`` counts loans. ``business_date`` is the last day anything happened on. ``dirty`` says which defects are planted.

    Raises ``SynthError`` for a size or a date the generator doesn't cover.
    """

    loans: int
    seed: int = 7
    business_date: date = date(2026, 6, 30)
    dirty: Dirt = "none"

    def __post_init__(self) -> None:
        """Refuse what can't be generated before anything is written."""
        if self.loans < 1:
            raise SynthError(f"the number of loans must be at least 1, not {self.loans}")
        if not date(2010, 1, 1) <= self.business_date <= date(2100, 1, 1):
            raise SynthError(f"the business date must lie between 2010 and 2100, not on {self.business_date}")
        if self.dirty != "none" and self.loans < MINIMUM_DIRTY_LOANS:
            raise SynthError(
                f"dirty data need at least {MINIMUM_DIRTY_LOANS} loans, so that there is a row for every defect, not {self.loans}"
            )


MINIMUM_DIRTY_LOANS = 50
"""Fewer loans than one block have no row for some defects."""


@dataclass(frozen=True, slots=True)
class PlantedDefect:
    """One defect on purpose: where it is, what it is, and what the migration is expected to do about it.

    ``column`` is ``*`` if the row as a whole is the defect (a duplicate, a plan without lines). ``value`` is the value now in the
    database as PostgreSQL prints it, ``None`` for NULL.
    """

    table: str
    row_id: str
    column: str
    defect: str
    value: str | None
    expected: Expected


@dataclass(frozen=True, slots=True)
class SynthReport:
    """What was written: rows by table, the planted defects, and the seconds it took."""

    rows: dict[str, int]
    planted: list[PlantedDefect] = field(default_factory=list)
    seconds: float = 0.0
