"""A table's column changes its type under a stack of views."""

import pytest
from sqlalchemy import URL

from rently_db.migrate.runner import StepError
from rently_db.migrate.steps.views import ChangeColumnType
from tests.sql.stack import gone_and_come, run, structure, undisturbed
from tests.support.migrations import rows, run_sql

WIDER = ChangeColumnType("public.deal", "amount", "numeric(12,2)", "numeric(20,6)")
TEXT = ChangeColumnType("public.deal", "region", "character varying(10)", "text")
NUMBER = ChangeColumnType("public.deal", "note", "text", "integer", using="substr(note, 6)::integer", former_using="'deal ' || note")


def type_of(url: URL, relation: str, column: str) -> str:
    """The type of a column."""
    query = f"SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = '{relation}'::regclass AND attname = '{column}'"
    return str(rows(url, query)[0][0])


def content(url: URL) -> list[tuple]:
    """What the table and the views above it hold."""
    found = rows(url, "SELECT d::text FROM public.deal AS d ORDER BY id")
    return (
        found
        + rows(url, "SELECT t::text FROM bi.theirs AS t ORDER BY id")
        + rows(url, "SELECT d::text FROM analytics.dashboard AS d ORDER BY 1")
    )


@pytest.mark.parametrize("change", [WIDER, TEXT, NUMBER], ids=lambda change: change.column)
def test_a_column_changes_type_under_views_and_back(stack: URL, change: ChangeColumnType):
    """Readers of the stack see no error, grants and indexes and the other team's view stay, and going back restores all to the letter."""
    before, held = structure(stack), content(stack)
    with undisturbed(stack):
        run(stack, change, "up")
        assert type_of(stack, "public.deal", change.column) == change.latter
        lost, _ = gone_and_come(before, structure(stack))
        assert not [line for line in lost if line.startswith(("GRANT", "ALTER", "COMMENT", "CREATE TRIGGER", "CREATE UNIQUE"))]
        run(stack, change, "down")
    assert structure(stack) == before
    assert content(stack) == held


def test_the_new_type_reaches_the_views(stack: URL):
    """What the views show is of the new type, and the materialized view holds the rows in it."""
    run(stack, WIDER, "up")
    assert type_of(stack, "analytics.base", "amount") == "numeric(20,6)"
    assert rows(stack, "SELECT scale(amount) FROM analytics.totals LIMIT 1") == [(6,)]


def test_views_that_do_not_show_the_column_are_not_touched(stack: URL):
    """A view of the table's other columns stays the object it is."""
    run_sql(stack, "CREATE VIEW bi.regions AS SELECT DISTINCT region FROM public.deal")
    before = rows(stack, "SELECT 'bi.regions'::regclass::oid")
    run(stack, WIDER, "up")
    assert rows(stack, "SELECT 'bi.regions'::regclass::oid") == before


def test_the_same_command_again_finds_it_done(stack: URL):
    """A run that was killed before the version was written does not write the table again."""
    run(stack, WIDER, "up")
    tally = run(stack, WIDER, "up")
    assert (tally.done, tally.skipped) == (0, 1)


def test_values_that_do_not_fit_change_nothing(stack: URL):
    """If a value has no place in the new type, table and views stay as they are."""
    before = structure(stack)
    with pytest.raises(StepError, match="numeric field overflow"):
        run(stack, ChangeColumnType("public.deal", "amount", "numeric(12,2)", "numeric(3,2)"), "up")
    assert structure(stack) == before
