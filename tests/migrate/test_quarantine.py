"""Rows that nothing mends, set aside on request."""

from __future__ import annotations

import pytest
from alembic.util import CommandError
from sqlalchemy import URL, NullPool

from rently_db.database import make_engine
from rently_db.migrate.frozen import MARKER
from rently_db.migrate.preflight import preflight
from rently_db.migrate.quarantine import QUARANTINE_TABLES, Quarantine, choose, quarantine_sql, request
from rently_db.operations.preflight.report import all_steps
from tests.support.looks import nothing_changes
from tests.support.migrations import rows, run_sql, upgrade

STEPS = all_steps()
BAD_RATES = "UPDATE public.fx_rate SET rate = -rate, to_ccy = from_ccy WHERE id IN (SELECT id FROM public.fx_rate ORDER BY id LIMIT 2)"
BAD_EVENT = "UPDATE public.collections_event SET amount_involved = -5 WHERE id = (SELECT min(id::text)::uuid FROM public.collections_event)"
ORPHAN = (
    "UPDATE public.party_role SET party_id = '00000000-0000-0000-0000-0000000000ff'"
    " WHERE id = (SELECT min(id::text)::uuid FROM public.party_role)"
)
BAD_PAYMENT = "UPDATE public.payment SET amount = -amount WHERE id = (SELECT min(id::text)::uuid FROM public.payment)"


def chosen(url: URL, limit: int = 1_000) -> Quarantine:
    """What the deployment would set aside."""
    with make_engine(url, poolclass=NullPool).connect() as connection:
        return choose(connection, preflight(connection, STEPS, sample=limit + 1), limit)


def asked_for(url: URL) -> Quarantine:
    """The request, noted as the deployment notes it."""
    upgrade(url, "v0")
    quarantine = chosen(url)
    with make_engine(url, poolclass=NullPool).begin() as connection:
        request(connection, quarantine)
    return quarantine


def set_aside(url: URL) -> None:
    """What the upgrade does with the request."""
    for marked in quarantine_sql():
        assert marked.startswith(f"{MARKER}data quarantine-")
        run_sql(url, marked.partition("\n")[2])


def test_every_offender_is_chosen_with_its_rules_and_its_content(book_database: URL):
    """Each row that nothing mends is set aside once, whatever number of rules it breaks, with all v0 knows of it."""
    run_sql(book_database, BAD_RATES, BAD_EVENT)
    with nothing_changes(book_database):
        quarantine = chosen(book_database)
    assert {(row.table, row.rules) for row in quarantine.rows} == {
        ("collections_event", ("collections_event_amount_positive",)),
        ("fx_rate", ("fx_rate_currencies_different", "fx_rate_positive")),
    }
    bad = rows(book_database, "SELECT id::text, to_jsonb(t)::text FROM public.fx_rate AS t WHERE rate < 0 ORDER BY id")
    assert [(row.row_id, row.content) for row in quarantine.rows if row.table == "fx_rate"] == bad


def test_a_request_is_carried_out_and_closed(book_database: URL):
    """Rows as they were when chosen leave their table, whole, for the journal; the other rows stay."""
    run_sql(book_database, BAD_RATES, BAD_EVENT)
    quarantine = asked_for(book_database)
    before = rows(book_database, "SELECT count(*) FROM public.fx_rate")[0][0]
    content = rows(book_database, "SELECT to_jsonb(t) FROM public.fx_rate AS t WHERE rate < 0 ORDER BY id")
    set_aside(book_database)
    assert rows(book_database, "SELECT count(*) FROM public.fx_rate") == [(before - 2,)]
    assert rows(book_database, "SELECT count(*) FROM ops.quarantine_request") == [(0,)]
    assert rows(book_database, "SELECT old_value FROM ops.row_journal WHERE table_name = 'fx_rate' ORDER BY row_id") == content
    journal = rows(
        book_database, "SELECT kind, rule, table_name, row_id::text, state, origin FROM ops.row_journal ORDER BY table_name, row_id"
    )
    assert journal == [("quarantined", ", ".join(row.rules), row.table, row.row_id, "open", "migration") for row in quarantine.rows]
    assert chosen(book_database).rows == ()


def test_a_row_that_changed_meanwhile_is_left_alone(book_database: URL):
    """What an application mended after the row was chosen is not taken from it; the request is closed all the same."""
    run_sql(book_database, BAD_RATES, BAD_EVENT)
    asked_for(book_database)
    run_sql(book_database, "UPDATE public.collections_event SET amount_involved = 5 WHERE amount_involved < 0")
    set_aside(book_database)
    assert rows(book_database, "SELECT DISTINCT table_name FROM ops.row_journal") == [("fx_rate",)]
    assert rows(book_database, "SELECT count(*) FROM ops.quarantine_request") == [(0,)]


def test_columns_that_v1_added_meanwhile_do_not_matter(book_database: URL):
    """The request is carried out after v1 has added its columns: a row is still what it was."""
    run_sql(book_database, BAD_EVENT)
    asked_for(book_database)
    run_sql(book_database, "ALTER TABLE public.collections_event ADD COLUMN notes text")
    set_aside(book_database)
    assert rows(book_database, "SELECT kind FROM ops.row_journal") == [("quarantined",)]


def test_a_new_request_takes_the_place_of_an_old_one(book_database: URL):
    """Whoever mends a row after a first try that did not come to it is not surprised by the first request."""
    run_sql(book_database, BAD_RATES, BAD_EVENT)
    asked_for(book_database)
    run_sql(book_database, "UPDATE public.collections_event SET amount_involved = 5 WHERE amount_involved < 0")
    asked_for(book_database)
    assert rows(book_database, "SELECT DISTINCT table_name FROM ops.quarantine_request") == [("fx_rate",)]


@pytest.mark.parametrize(
    ("damage", "limit", "words"),
    [
        ((BAD_EVENT, BAD_PAYMENT), 1_000, ("payment: 1 row breaks payment_amount_positive", "a loan's money would go with it")),
        (
            ("UPDATE public.party SET kind = 'alien' WHERE id = (SELECT min(id::text)::uuid FROM public.party)",),
            1_000,
            ("party: 1 row breaks party_kind_check", "rows of payment_instrument, application, loan"),
        ),
        (
            (
                "ALTER TABLE public.party_role DISABLE TRIGGER ALL",
                ORPHAN,
            ),
            1_000,
            ("party_role: 1 row breaks party_role_party_id_fkey", "without what it belongs to"),
        ),
        (
            ("UPDATE public.collections_event SET event_type = 'x'",),
            3,
            ("rows of collections_event break collections_event_type_check", "3"),
        ),
        ((BAD_RATES, BAD_EVENT), 2, ("3 rows break rules of v1 (1 of collections_event, 2 of fx_rate)", "-x quarantine_limit=NUMBER")),
        (
            (BAD_RATES, "CREATE TABLE public.deal (id uuid PRIMARY KEY, rate_id uuid CONSTRAINT by_rate REFERENCES public.fx_rate (id))"),
            1_000,
            ("rows of fx_rate can't be set aside, because deal refers to them (by_rate)",),
        ),
    ],
    ids=[
        "a loan's money",
        "rows that others belong to",
        "a row without its parent",
        "too many of one",
        "too many in all",
        "referred to by another table",
    ],
)
def test_what_may_not_be_set_aside_is_refused(book_database: URL, damage: tuple[str, ...], limit: int, words: tuple[str, ...]):
    """Money, rows that others belong to and more rows than allowed are no case for quarantine: one sentence, nothing changed."""
    run_sql(book_database, *damage)
    with nothing_changes(book_database), pytest.raises(CommandError) as refused:
        chosen(book_database, limit)
    for word in words:
        assert word in str(refused.value)
    assert str(refused.value).endswith("Nothing was changed.")


def test_a_clean_book_has_nothing_to_set_aside(book_database: URL):
    """No findings, no request."""
    assert chosen(book_database).rows == ()


def test_no_table_of_v0_refers_to_one_that_may_be_set_aside(book_database: URL):
    """The tables allowed are leaves: no foreign key of v0 leads to them."""
    query = "SELECT confrelid::regclass::text FROM pg_constraint WHERE contype = 'f'"
    assert not {table for (table,) in rows(book_database, query)} & set(QUARANTINE_TABLES)
