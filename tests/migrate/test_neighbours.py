"""Other people's objects, where v1_analytics comes and goes."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from rently_db.migrate.errors import FindingsError
from tests.support.looks import whole_dump
from tests.support.migrations import downgrade, rows, run_sql, upgrade

TAKEN = {
    "table": (
        "CREATE TABLE analytics.loan_state (id int)",
        "! analytics.loan_state is there; the upgrade creates such a table: ALTER TABLE analytics.loan_state RENAME",
    ),
    "view in the place of a table": ("CREATE VIEW analytics.loan_state AS SELECT 1 AS id", "! analytics.loan_state is there"),
    "function": (
        "CREATE FUNCTION analytics.business_date(zone text) RETURNS date LANGUAGE sql AS 'SELECT current_date'",
        "! analytics.business_date(text) is there; the upgrade creates such a function: ALTER FUNCTION",
    ),
    "trigger": (
        "CREATE TRIGGER queue_update BEFORE UPDATE ON public.loan EXECUTE FUNCTION ops.refuse_truncate()",
        "! queue_update ON loan is there",
    ),
}


@pytest.fixture
def at_v1(head_database: URL) -> URL:
    """An empty database at v1."""
    downgrade(head_database, "v1")
    return head_database


@pytest.mark.parametrize(("made", "said"), TAKEN.values(), ids=TAKEN)
def test_what_stands_in_the_way_stops_the_upgrade_before_it_changes_anything(at_v1: URL, made: str, said: str):
    """An object of somebody else under one of our names is neither taken for ours nor replaced; the error says what to rename."""
    run_sql(at_v1, "CREATE SCHEMA analytics", made)
    before = whole_dump(at_v1)
    with pytest.raises(FindingsError) as refused:
        upgrade(at_v1)
    assert said in str(refused.value)
    assert "Nothing was changed" in str(refused.value)
    assert whole_dump(at_v1) == before
    assert rows(at_v1, "SELECT version_num FROM ops.alembic_version") == [("v1",)]


def test_a_schema_of_that_name_is_no_hindrance(at_v1: URL):
    """Who keeps other things in a schema analytics keeps them, and the schema, on both ways."""
    run_sql(at_v1, "CREATE SCHEMA analytics", "CREATE TABLE analytics.theirs (id int)", "INSERT INTO analytics.theirs VALUES (1)")
    before = whole_dump(at_v1)
    upgrade(at_v1)
    downgrade(at_v1, "v1")
    assert whole_dump(at_v1) == before
    assert rows(at_v1, "SELECT id FROM analytics.theirs") == [(1,)]


USERS = {
    "a view": ("CREATE VIEW public.theirs AS SELECT loan_id FROM analytics.loan_state", "analytics.loan_state"),
    "a materialized view": (
        "CREATE MATERIALIZED VIEW public.theirs AS SELECT analytics.business_date('UTC') AS day",
        "analytics.business_date",
    ),
}


@pytest.mark.parametrize("target", ["v1", "v0"])
@pytest.mark.parametrize(("made", "used"), USERS.values(), ids=USERS)
def test_what_people_built_on_ours_stops_the_downgrade(head_database: URL, made: str, used: str, target: str):
    """A view of somebody else on what goes is not dropped with it: they are told first, and nothing was changed."""
    run_sql(head_database, made)
    before = whole_dump(head_database)
    with pytest.raises(FindingsError, match=rf"view theirs uses {used}.*: DROP (MATERIALIZED )?VIEW theirs;"):
        downgrade(head_database, target)
    assert whole_dump(head_database) == before
    run_sql(head_database, f"DROP {'MATERIALIZED ' if 'MATERIALIZED' in made else ''}VIEW public.theirs")
    downgrade(head_database, target)
    assert rows(head_database, "SELECT to_regnamespace('analytics') IS NULL") == [(True,)]


def test_our_own_views_are_nobody_else(head_database: URL):
    """The views of analytics use columns that go with v1, and go before them."""
    assert rows(
        head_database,
        "SELECT count(*) > 0 FROM information_schema.view_column_usage "
        "WHERE view_schema = 'analytics' AND table_schema = 'public' AND (table_name, column_name) = ('legal_entity', 'time_zone')",
    ) == [(True,)]
    downgrade(head_database)
    assert rows(head_database, "SELECT version_num FROM ops.alembic_version") == [("v0",)]
