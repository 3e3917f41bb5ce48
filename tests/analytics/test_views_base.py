"""What the views of the dashboards are built on: one row for each declared key, and a bucket and a class for any number of days."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from tests.analytics.view_contracts import header_of, relations
from tests.support.migrations import rows

BUILDING_BLOCKS = [name for area in ("base", "cache", "catalog") for name in relations(area)]
LONGEST = 20_000
"""Days past due of a loan that nobody paid for half a century."""


@pytest.mark.parametrize("view", BUILDING_BLOCKS)
def test_no_row_comes_twice(analytics_book: URL, view: str) -> None:
    """A view that others join has one row for each of its declared keys: else every total over it would be a multiple."""
    key = ", ".join(header_of(view).key)
    [(total, twice)] = rows(
        analytics_book,
        f"SELECT coalesce(sum(k.rows), 0), count(*) FILTER (WHERE k.rows > 1)"
        f" FROM (SELECT count(*) AS rows FROM analytics.{view} GROUP BY {key}) AS k",
    )
    # Nothing waits in a book whose queue was worked off.
    assert (total > 0, twice) == (view != "loan_waiting", 0)


def test_every_number_of_days_past_due_has_one_bucket(analytics_book: URL) -> None:
    """Every scheme covers all days past due without gap or overlap, and so does what views read; a case of collections has one at least."""
    gaps = rows(
        analytics_book,
        f"""
        SELECT s.scheme, d.dpd, count(b.scheme)
        FROM (SELECT DISTINCT scheme, valid_from FROM public.dpd_bucket) AS s
        CROSS JOIN generate_series(CASE s.scheme WHEN 'collections_entry' THEN 1 ELSE 0 END, {LONGEST}) AS d (dpd)
        LEFT JOIN public.dpd_bucket AS b ON b.scheme = s.scheme AND b.days @> d.dpd AND s.valid_from >= b.valid_from
            AND (b.valid_through IS NULL OR s.valid_from < b.valid_through)
        GROUP BY s.scheme, s.valid_from, d.dpd HAVING count(b.scheme) <> 1
        """,
    )
    assert gaps == []
    unnamed = rows(
        analytics_book,
        f"""
        SELECT e.legal_entity_id, d.dpd FROM analytics.entity_day AS e CROSS JOIN generate_series(0, {LONGEST}) AS d (dpd)
        INNER JOIN public.dpd_bucket AS b ON b.scheme = 'standard' AND b.days @> d.dpd
        WHERE e.bucket_labels[width_bucket(d.dpd, e.bucket_bounds)] IS DISTINCT FROM b.label
        """,
    )
    assert unnamed == []
