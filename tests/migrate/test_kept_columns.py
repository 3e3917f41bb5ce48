"""What a column of a later revision says outlives a rollback, whatever happens meanwhile."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from rently_db.migrate.runner import Runner
from rently_db.migrate.steps import AddColumn, AddColumns
from tests.support.migrations import connect, rows, run_sql

STEP = AddColumns("party", (AddColumn("party", "motto", "ALTER TABLE public.party ADD COLUMN motto text", kept=True),))
PEOPLE = "INSERT INTO party (kind, display_name, motto) SELECT 'individual', 'Person ' || n, 'motto ' || n FROM generate_series(1, 3) AS n"
MOTTOS = "SELECT display_name, motto FROM party WHERE display_name LIKE 'Person _' ORDER BY 1"


def go(url: URL, direction: str, stop_after: int | None = None) -> None:
    """The step alone as a revision, up or down; ``stop_after`` as if killed after so many actions."""
    connection = connect(url)
    try:
        Runner(connection, "v1_motto", direction).run((STEP.up() if direction == "up" else STEP.down())[:stop_after])
    finally:
        connection.close()


@pytest.fixture
def with_mottos(head_database: URL) -> URL:
    """Three people with a motto each, in a column of a later revision."""
    go(head_database, "up")
    run_sql(head_database, PEOPLE)
    return head_database


def test_a_column_says_after_a_rollback_and_an_upgrade_what_it_said(with_mottos: URL):
    """Down, the column is gone; up again, each row has its value, and nothing is left aside."""
    before = rows(with_mottos, MOTTOS)
    go(with_mottos, "down")
    assert rows(with_mottos, "SELECT count(*) FROM pg_attribute WHERE attrelid = 'party'::regclass AND attname = 'motto'") == [(0,)]
    go(with_mottos, "up")
    assert rows(with_mottos, MOTTOS) == before
    assert rows(with_mottos, "SELECT to_regclass('rently_v1_kept.\"party.motto\"')") == [(None,)]


@pytest.mark.parametrize("direction", ["down", "up"])
@pytest.mark.parametrize("after", [1, 2, 3])
def test_a_killed_run_loses_no_value(with_mottos: URL, direction: str, after: int):
    """Killed after any action of either way, the same command goes on, and every value is there in the end."""
    before = rows(with_mottos, MOTTOS)
    if direction == "down":
        go(with_mottos, "down", stop_after=after)
    go(with_mottos, "down")
    if direction == "up":
        go(with_mottos, "up", stop_after=after)
    go(with_mottos, "up")
    assert rows(with_mottos, MOTTOS) == before


def test_the_value_of_a_row_that_v0_deleted_is_reported(with_mottos: URL):
    """Whose row is gone when the column comes back, a person reads in the journal what it said; the others have theirs."""
    go(with_mottos, "down")
    run_sql(with_mottos, "DELETE FROM party WHERE display_name = 'Person 2'")
    go(with_mottos, "up")
    assert rows(with_mottos, MOTTOS) == [("Person 1", "motto 1"), ("Person 3", "motto 3")]
    assert rows(with_mottos, "SELECT kind, new_value, state FROM ops.row_journal WHERE table_name = 'party' AND rule = 'row_gone'") == [
        ("kept", {"motto": "motto 2"}, "reported")
    ]
