"""The script of v1_analytics for psql does to a book what the online run does: figures on the way up, and nothing left on the way back."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.migrate.test_offline import psql
from tests.support.books import write_v0_book
from tests.support.looks import head_of, v1_content, whole_dump
from tests.support.migrations import downgrade, rows, run_alembic, run_sql, upgrade

DAY = "2026-06-30"
MOMENTS = " - ".join(f"'{name}'" for name in ("published_at", "started_at", "computed_at", "reconciled_at", "last_run", "last_ok"))
"""Columns of schema analytics that say when somebody computed, not what."""
RULES = ("analytics_setting", "dpd_bucket", "provision_rate")
"""Tables of v1 that the revision adds rows to."""


@pytest.fixture(scope="module")
def scripts() -> dict[str, str]:
    """What ``alembic --sql`` prints for this revision alone."""
    printed = {}
    for direction, arguments in {"up": ("upgrade", "v1:v1_analytics"), "down": ("downgrade", "v1_analytics:v1")}.items():
        outcome = run_alembic(None, *arguments, "--sql")
        assert outcome.code == 0, outcome.text
        printed[direction] = outcome.stdout
    return printed


@pytest.fixture(scope="module")
def v1_template(databases: Databases) -> Iterator[str]:
    """Name of a book of 40 loans at v1."""
    with databases.database() as url:
        write_v0_book(url, 40)
        upgrade(url, "v1")
        yield str(url.database)


def analytics_content(url: URL) -> dict[str, list[str]]:
    """Every row of every table, view and materialized view of schema analytics, without the moment and the running numbers.

    Only ``relation_use`` is of no use here: it tells numbers of relations, which no two databases have alike.
    """
    relations = """
        SELECT c.relname::text FROM pg_class AS c
        WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('r', 'p', 'm', 'v') AND c.relname <> 'relation_use'
        ORDER BY 1
    """
    return {
        name: sorted(row for (row,) in rows(url, f"SELECT (to_jsonb(t) - 'id' - {MOMENTS})::text FROM analytics.{name} AS t"))
        for (name,) in rows(url, relations)
    }


def test_the_script_gives_the_figures_of_the_online_run(databases: Databases, v1_template: str, scripts: dict[str, str]):
    """States, instalments, 24 month-ends, materialized views and every view over them agree row by row; so does what remains after both."""
    with databases.database(template=v1_template) as offline, databases.database(template=v1_template) as online:
        for url in (offline, online):
            run_sql(url, f"ALTER DATABASE {url.database} SET rently.business_date = '{DAY}'")
        before = v1_content(offline)
        outcome = psql(offline, scripts["up"])
        assert outcome.code == 0, outcome.text
        upgrade(online, "v1_analytics")
        assert head_of(offline) == head_of(online)
        found, expected = analytics_content(offline), analytics_content(online)
        assert found.keys() == expected.keys()
        assert [name for name, content in expected.items() if found[name] != content] == []
        assert len(expected["loan_state"]) == 40
        assert all(expected[name] for name in ("instalment_state", "loan_daily_snapshot", "published_day", "month_end_risk"))
        assert not expected["loan_state_queue"]
        outcome = psql(offline, scripts["down"])
        assert outcome.code == 0, outcome.text
        downgrade(online, "v1")
        assert whole_dump(offline) == whole_dump(online)
        after = v1_content(offline)
        assert after == v1_content(online)
        # Rules that the upgrade gave stay; all else is as it was.
        assert [name for name, content in before.items() if after[name] != content and name not in RULES] == []
        assert [name for name in RULES if not set(before[name]) < set(after[name])] == []
        assert rows(offline, "SELECT to_regnamespace('analytics') IS NULL, version_num FROM ops.alembic_version") == [(True, "v1")]
        # What a later computation could not give again was set aside by both: it is there after the next upgrade.
        upgrade(offline)
        assert analytics_content(offline)["loan_daily_snapshot"] == expected["loan_daily_snapshot"]
