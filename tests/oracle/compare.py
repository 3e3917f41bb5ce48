"""Comparison cell by cell: what the database says against what the oracle says."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from psycopg2.extras import RealDictCursor, register_default_jsonb

Cells = Mapping[str, Any]
Figures = dict[tuple[Any, ...], dict[str, Any]]
"""The rows of a view: key -> column -> value."""

LIMIT = 12


def fetch(connection: Any, query: str, values: Any = None) -> list[dict[str, Any]]:
    """The rows of a query as dictionaries."""
    register_default_jsonb(connection)
    with connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(query, values)
        return [dict(row) for row in cursor.fetchall()]


def keyed(rows: Iterable[Cells], key: Collection[str]) -> Figures:
    """Rows by key; a key that occurs twice is an error of the view."""
    found: Figures = {}
    for row in rows:
        place = tuple(row[name] for name in key)
        assert place not in found, f"two rows of key {dict(zip(key, place, strict=True))}"
        found[place] = dict(row)
    return found


def rounded(value: Any, places: int) -> Any:
    """A number with that many places; anything else as it is."""
    if isinstance(value, bool) or not isinstance(value, Decimal | int | float):
        return value
    return Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)


def alike(here: Any, there: Any) -> bool:
    """Whether two cells are equal, numbers rounded to the decimal places that the database gives: at least 2, at most 10."""
    if isinstance(here, Decimal) and isinstance(there, Decimal | int) and not isinstance(there, bool):
        places = min(max(-int(here.as_tuple().exponent), 2), 10)
        return bool(rounded(here, places) == rounded(there, places))
    if isinstance(here, str) and isinstance(there, str):
        return here.rstrip() == there.rstrip()
    return bool(here == there)


def differences(name: str, database: Figures, oracle: Figures, *, skip: Collection[str] = ()) -> list[str]:
    """One line for each cell, or row, on which the two do not agree; only the oracle's columns are compared."""
    found = [f"{name} {key}: only the database has it: {database[key]}" for key in database.keys() - oracle.keys()]
    found += [f"{name} {key}: only the oracle has it: {oracle[key]}" for key in oracle.keys() - database.keys()]
    for key in database.keys() & oracle.keys():
        for column, value in oracle[key].items():
            if column not in skip and not alike(database[key][column], value):
                found.append(f"{name} {key} {column}: database {database[key][column]!r}, oracle {value!r}")
    return sorted(found)


def assert_agree(name: str, database: Figures, oracle: Figures, *, skip: Collection[str] = ()) -> None:
    """Fail, showing the first differences, unless every cell agrees; a comparison of nothing proves nothing."""
    assert oracle, f"{name}: the oracle has no rows, so nothing would be compared"
    found = differences(name, database, oracle, skip=skip)
    assert not found, f"{len(found)} differences:\n" + "\n".join(found[:LIMIT])
