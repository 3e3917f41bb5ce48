"""What every test of views asks the same way: their columns, their keys, and their rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import URL

import rently_db.sql
from rently_db.sql.header import Header, split_header
from tests.oracle.compare import fetch
from tests.support.migrations import connect, run_sql

SQL = Path(rently_db.sql.__file__).parent


AREAS = ("cash_flow", "risk", "performance")


def relations(area: str) -> list[str]:
    """The views and materialized views of an area, by name."""
    return sorted(path.stem for kind in ("views", "matviews") for path in (SQL / kind / area).glob("*.sql"))


def header_of(name: str) -> Header:
    """What the file of a view says of it."""
    [path] = [*SQL.glob(f"views/*/{name}.sql"), *SQL.glob(f"matviews/*/{name}.sql")]
    return split_header(path.read_text(encoding="utf-8"), path, relation=True)[0]


def read(url: URL, query: str) -> list[dict[str, Any]]:
    """The rows of a query."""
    connection = connect(url)
    try:
        return fetch(connection, query)
    finally:
        connection.close()


def rows_of(url: URL, name: str) -> list[dict[str, Any]]:
    """The rows of a view."""
    return read(url, f"SELECT * FROM analytics.{name}")


def types_of(url: URL, name: str) -> dict[str, str]:
    """Column -> type, in the order of the columns."""
    found = read(
        url,
        "SELECT a.attname, format_type(a.atttypid, NULL) AS type FROM pg_attribute AS a"
        f" WHERE a.attrelid = 'analytics.{name}'::regclass AND a.attnum > 0 ORDER BY a.attnum",
    )
    return {row["attname"]: row["type"] for row in found}


def assert_unique(name: str, rows: list[dict[str, Any]]) -> None:
    """No two rows of a view have the same key; NULLs count as equal."""
    key = header_of(name).key
    keys = [tuple(row[column] for column in key) for row in rows]
    assert len(set(keys)) == len(keys)


def assert_contract(url: URL, name: str, contract: str) -> None:
    """The columns of the contract come first, with its types; the header describes all columns, in their order."""
    types = types_of(url, name)
    columns = contract.split()
    assert list(types)[: len(columns)] == columns
    assert list(types) == [column for column, _ in header_of(name).columns]
    for column in columns:
        if column.endswith("_pct"):
            assert types[column] == "numeric"
        elif column in COUNTS or column.endswith(("_loans", "_count", "_applications")):
            assert types[column] == "bigint", column
        elif column.endswith(("currency", "currency_code", "_ccy")) and not column.startswith("total_exposure"):
            assert types[column] == "character", column
        elif column in {"week_start", "month_start", "origination_month", "relationship_start"}:
            assert types[column] == "date"


REFRESH_ORDER = f"""
SELECT o.view_name FROM analytics.refresh_order AS o
WHERE o.view_name IN ({", ".join(f"'{name}'" for area in AREAS for name in relations(area))})
ORDER BY o.level, o.view_name
"""
"""The materialized views of the three areas, each after those that it reads."""

COUNTS = {
    "loans_with_payments", "new_loans", "loans_created", "loans_originated", "legal_actions_count", "total_payments", "total_loans",
}  # fmt: skip


def double_unrelated(url: URL) -> None:
    """Double what no figure of money may hang on: collections events, documents and their links."""
    run_sql(
        url,
        "INSERT INTO public.collections_event (loan_id, event_type, event_at, actor_party_id, dpd_snapshot, amount_involved, currency_code)"
        " SELECT loan_id, event_type, event_at, actor_party_id, dpd_snapshot, amount_involved, currency_code FROM public.collections_event",
        "WITH copy AS (INSERT INTO public.document (title, kind, storage_url) SELECT title, kind, storage_url FROM public.document"
        " RETURNING id) INSERT INTO public.document_link (document_id, entity_type, entity_id)"
        " SELECT c.id, 'loan', l.id FROM copy AS c CROSS JOIN (SELECT id FROM public.loan ORDER BY id LIMIT 3) AS l",
        "SELECT analytics.keep_loan_state(array_agg(l.id)) FROM public.loan AS l",
        "ANALYZE",
    )
    run_sql(url, *(f"REFRESH MATERIALIZED VIEW analytics.{row['view_name']}" for row in read(url, REFRESH_ORDER)))
