"""Quarantine through the whole way: rows set aside on request, and given back byte for byte."""

from __future__ import annotations

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import URL

from tests.support.looks import nothing_changes
from tests.support.migrations import alembic_config, downgrade, dump, rows, run_sql, upgrade, v0_content

CONTRADICTION = (
    "INSERT INTO public.document_link SELECT md5(random()::text)::uuid, document_id, entity_type, entity_id, 'other'"
    " FROM (SELECT * FROM public.document_link ORDER BY id LIMIT 1) AS d"
)
DAMAGE = (
    "UPDATE public.fx_rate SET rate = -rate, to_ccy = from_ccy WHERE id IN (SELECT id FROM public.fx_rate ORDER BY id LIMIT 2)",
    "UPDATE public.collections_event SET amount_involved = -5 WHERE id = (SELECT min(id::text)::uuid FROM public.collections_event)",
    "UPDATE public.decision SET approved_amount = 1.005 WHERE id = (SELECT id FROM public.decision WHERE outcome = 'approved' LIMIT 1)",
    CONTRADICTION,
)
"""Six rows of four leaf tables that no declared repair mends."""


def upgrade_with(url: URL, *arguments: str) -> None:
    """``alembic -x ... upgrade head``."""
    config = alembic_config(url)
    config.cmd_opts = type("Options", (), {"x": list(arguments)})()
    command.upgrade(config, "head")


def test_quarantined_rows_come_back_with_the_downgrade(book_database: URL):
    """Asked to, the upgrade sets aside what nothing mends and reaches head; v0 is back byte for byte after the downgrade, twice."""
    run_sql(book_database, *DAMAGE)
    content, schema = v0_content(book_database), dump(book_database)
    journal = "SELECT state, count(*) FROM ops.row_journal WHERE kind = 'quarantined' GROUP BY state ORDER BY state"
    for times in (1, 2):
        upgrade_with(book_database, "on_violation=quarantine")
        assert dict(rows(book_database, journal))["open"] == 6
        downgrade(book_database)
        assert (v0_content(book_database), dump(book_database)) == (content, schema)
        assert rows(book_database, journal) == [("given_back", 6 * times)]
    with pytest.raises(CommandError, match="rules of v1 are broken"):
        upgrade(book_database)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("on_violation=ignore",), "give stop or quarantine"),
        (("quarantine_limit=5",), "together with -x on_violation=quarantine"),
        (("on_violation=quarantine", "quarantine_limit=some"), "give a number of rows"),
        (("on_violation=quarantine", "quarantine_limit=5"), "6 rows break rules of v1"),
    ],
)
def test_a_request_that_means_nothing_or_too_much_is_refused(book_database: URL, arguments: tuple[str, ...], message: str):
    """A misspelt request, a limit without one, and more rows than allowed stop the upgrade before it changes anything."""
    run_sql(book_database, *DAMAGE)
    with nothing_changes(book_database), pytest.raises(CommandError, match=message):
        upgrade_with(book_database, *arguments)
