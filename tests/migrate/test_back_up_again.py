"""The second upgrade: what v1 may do, and what happens on the way down, never stands in the way of coming back."""

from __future__ import annotations

from uuid import UUID, uuid4

import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from tests.support.migrations import downgrade, dump, rows, run_sql, upgrade, v0_content


@pytest.fixture
def used_v1(v1_book: URL) -> URL:
    """A book at head in which v1 did what v0 has no words for, all of it legal."""
    run_sql(
        v1_book,
        "INSERT INTO currency (code, name, minor_units) VALUES ('XTS', 'Test', 2)",
        "INSERT INTO product (code, name, category, business_unit) VALUES ('FOO1', 'New line', 'b2b_sme', 'commercial')",
        """
        DO $$ DECLARE entity uuid; account uuid; journal uuid; BEGIN
          SELECT a.legal_entity_id, a.id INTO entity, account FROM ledger_account a ORDER BY a.id LIMIT 1;
          INSERT INTO journal_entry (legal_entity_id, effective_date, description) VALUES (entity, '2026-07-01', 'manual')
          RETURNING id INTO journal;
          INSERT INTO ledger_entry (legal_entity_id, account_id, journal_id, currency_code, amount, side, entry_date)
          SELECT entity, account, journal, 'SGD', 10, s.side, '2026-07-01' FROM unnest(ARRAY['debit', 'credit']) AS s (side);
          INSERT INTO party (kind, display_name) VALUES ('individual', 'New');
          INSERT INTO payment_instrument (party_id, instrument_type, currency_code)
          SELECT p.id, 'e_wallet', 'XTS' FROM party p WHERE p.display_name = 'New';
        END $$
        """,
    )
    return v1_book


def test_what_v1_alone_can_say_comes_back_through_the_preflight(used_v1: URL):
    """A product with a category of its own, a currency v1 added, a journal without a payment: the next upgrade takes all of it."""
    downgrade(used_v1)
    upgrade(used_v1)
    assert rows(used_v1, "SELECT category, business_unit FROM product WHERE code = 'FOO1'") == [("b2b_sme", "commercial")]
    assert rows(used_v1, "SELECT count(*) FROM payment_instrument WHERE currency_code = 'XTS'") == [(1,)]
    manual = (
        "SELECT DISTINCT e.entry_date::text FROM ledger_entry e JOIN journal_entry j ON j.id = e.journal_id WHERE j.description = 'manual'"
    )
    assert rows(used_v1, manual) == [("2026-07-01",)]


def test_a_payment_v0_completed_is_not_reversed_any_more(v1_book: URL):
    """If v0 completes a payment that v1 had reversed, the next upgrade keeps v0's word, and no moment of a reversal."""
    [(payment,)] = rows(v1_book, "SELECT id::text FROM payment WHERE status = 'completed' ORDER BY id LIMIT 1")
    run_sql(v1_book, f"UPDATE payment SET status = 'reversed' WHERE id = '{payment}'")
    downgrade(v1_book)
    run_sql(v1_book, f"UPDATE payment SET status = 'completed' WHERE id = '{payment}'")
    upgrade(v1_book)
    assert rows(v1_book, f"SELECT status, reversed_at FROM payment WHERE id = '{payment}'") == [("completed", None)]
    assert rows(v1_book, f"SELECT state FROM ops.row_journal WHERE kind = 'mapped' AND row_id = '{payment}'") == [("reported",)]


def test_a_view_on_a_column_of_v1_stops_the_downgrade_before_it_begins(v1_book: URL):
    """A view that uses a column which would go is named, with the statement to run, while everything is still there."""
    run_sql(v1_book, "CREATE VIEW by_hand AS SELECT id, created_at FROM loan")
    before = dump(v1_book)
    with pytest.raises(CommandError, match=r"(?s)view by_hand uses loan\.created_at: DROP VIEW by_hand;.*Nothing was changed"):
        downgrade(v1_book)
    assert dump(v1_book) == before


def test_v0_may_confirm_what_a_repair_decided(book_database: URL):
    """An extra active plan is superseded by the upgrade; if v0 then supersedes it itself, the downgrade does not make it active again."""
    old, new = uuid4(), uuid4()
    [(loan,)] = rows(book_database, "SELECT loan_id::text FROM amortisation_plan WHERE status = 'active' ORDER BY id LIMIT 1")
    run_sql(
        book_database,
        f"UPDATE amortisation_plan SET status = 'superseded' WHERE loan_id = '{loan}'",
        *(
            "INSERT INTO amortisation_plan (id, loan_id, version, status, effective_from)"
            f" VALUES ('{plan}', '{loan}', {version}, 'active', '2026-01-01')"
            for version, plan in ((901, old), (902, new))
        ),
    )
    upgrade(book_database)
    status = f"SELECT status FROM amortisation_plan WHERE id = '{old}'"
    assert rows(book_database, status) == [("superseded",)]
    run_sql(book_database, f"UPDATE amortisation_plan SET status = 'superseded' WHERE id = '{old}'")
    downgrade(book_database)
    assert rows(book_database, status) == [("superseded",)]


def test_the_row_with_the_nil_id_is_repaired_like_any_other(book_database: URL):
    """An application that once used the nil UUID as an id finds that row repaired, and given back."""
    run_sql(book_database, f"INSERT INTO party (id, kind, display_name, email) VALUES ('{UUID(int=0)}', 'individual', 'Nil', 'no address')")
    before = v0_content(book_database)
    upgrade(book_database)
    assert rows(book_database, f"SELECT email FROM party WHERE id = '{UUID(int=0)}'") == [(None,)]
    downgrade(book_database)
    assert v0_content(book_database) == before


def test_product_codes_that_become_the_same_are_found_first(book_database: URL):
    """Two products whose codes differ in case alone can't both be repaired: the upgrade stops before its first change and names them."""
    run_sql(book_database, f"INSERT INTO product (id, code, name) VALUES ('{uuid4()}', 'rc_d2c_001', 'Twice')")
    with pytest.raises(CommandError, match=r"product: 2 rows break product_code_key"):
        upgrade(book_database)
    assert rows(book_database, "SELECT to_regnamespace('ops') IS NULL") == [(True,)]


def test_a_foreign_key_that_v0_never_validated_comes_back_so(book_database: URL):
    """A NOT VALID foreign key of v0 is NOT VALID again after a rollback."""
    run_sql(
        book_database,
        "ALTER TABLE loan DROP CONSTRAINT loan_product_id_fkey",
        "ALTER TABLE loan ADD CONSTRAINT loan_product_id_fkey FOREIGN KEY (product_id) REFERENCES product (id) NOT VALID",
    )
    before = dump(book_database)
    upgrade(book_database)
    downgrade(book_database)
    assert dump(book_database) == before
