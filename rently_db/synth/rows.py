"""Rows on their way into the database: text as COPY reads it, kept by table until a chunk is full.

Ids are 32 hexadecimal digits, days are proleptic ordinals, money is an integer of hundredths: PostgreSQL gets the text, and no
``Decimal``, ``UUID`` or ``date`` object is made per row, which is what makes millions of rows affordable.
"""

from __future__ import annotations

import io
from datetime import date
from random import Random
from typing import Any

from rently_db.migrate.baseline import BASELINE

_NULL = "\\N"
_DAY_SECONDS = 86_400
_days: dict[int, str] = {}

_UUID_CLEAR = ~((0xF << 76) | (0x3 << 62))
_UUID_SET = (0x4 << 76) | (0x2 << 62)


def rng_for(*what: object) -> Random:
    """A generator of random numbers of its own for ``what``, the same in every run: neither order nor chunks change what is drawn."""
    return Random("/".join(map(str, what)))  # noqa: S311 - nothing here is secret


def new_id(rng: Random) -> str:
    """A random UUID of version 4, like the ids that v0 applications make, but drawn from ``rng``."""
    return f"{rng.getrandbits(128) & _UUID_CLEAR | _UUID_SET:032x}"


def money(cents: int) -> str:
    """Hundredths as a decimal number with two places."""
    return f"{cents // 100}.{cents % 100:02d}" if cents else "0.00"


def rate(ten_thousandths: int) -> str:
    """A fraction in ten-thousandths (850 is 8.5 %) as a decimal number with four places."""
    return f"{ten_thousandths // 10_000}.{ten_thousandths % 10_000:04d}"


def day(ordinal: int) -> str:
    """An ordinal as an ISO date."""
    text = _days.get(ordinal)
    if text is None:
        text = _days[ordinal] = date.fromordinal(ordinal).isoformat()
    return text


def moment(ordinal: int, local_seconds: int, utc_offset_hours: int) -> str:
    """The UTC moment of a local time of day on a local date, as ``timestamp without time zone`` takes it."""
    seconds = local_seconds - utc_offset_hours * 3600
    if seconds < 0:
        ordinal, seconds = ordinal - 1, seconds + _DAY_SECONDS
    return f"{day(ordinal)} {seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


class Sink:
    """Collects the rows of a chunk and copies them, referenced tables first."""

    def __init__(self) -> None:
        """Start with no rows."""
        self._lines: dict[str, list[str]] = {name: [] for name in BASELINE}
        self.counts: dict[str, int] = dict.fromkeys(BASELINE, 0)

    def add(self, table: str, *values: str | None) -> None:
        """Take one row: a value for every column of v0, in the order of the baseline. Values hold no tabs or backslashes."""
        self._lines[table].append("\t".join([_NULL if value is None else value for value in values]))

    def flush(self, cursor: Any) -> None:
        """Copy what was collected through a psycopg2 ``cursor``, and forget it."""
        for table, lines in self._lines.items():
            if not lines:
                continue
            columns = ", ".join(column.name for column in BASELINE[table].columns)
            lines.append("")
            cursor.copy_expert(f"COPY public.{table} ({columns}) FROM STDIN", io.StringIO("\n".join(lines)))
            self.counts[table] += len(lines) - 1
            lines.clear()
