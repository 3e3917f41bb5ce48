from __future__ import annotations

import logging

import pytest
from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.packaged import revisions
from tests.support.looks import has_ops, nothing_changes, whole_dump
from tests.support.migrations import downgrade, dump, rows, run_sql, upgrade, v0_content

EXTRAS = (
    "CREATE TABLE public.branch (id integer PRIMARY KEY, name text)",
    "INSERT INTO public.branch VALUES (1, 'Orchard Road')",
    "CREATE INDEX loan_by_hand ON public.loan (start_date DESC) WHERE status = 'active'",
    "CREATE VIEW public.open_loans AS SELECT * FROM public.loan WHERE status = 'active'",
    "CREATE VIEW public.loans_by_key AS SELECT l.id, l.loan_number, count(*) FROM public.loan l GROUP BY l.id",
    "GRANT SELECT ON public.loan TO PUBLIC",
    "GRANT SELECT (id, status), UPDATE (status) ON public.payment TO PUBLIC",
    "COMMENT ON TABLE public.loan IS 'The old meaning of a loan'",
    "COMMENT ON COLUMN public.loan.status IS 'It''s what sales says'",
    "CREATE FUNCTION public.touched() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
    "CREATE TRIGGER touched BEFORE UPDATE ON public.payment FOR EACH ROW EXECUTE FUNCTION public.touched()",
    "CREATE TRIGGER asleep BEFORE UPDATE ON public.party FOR EACH ROW EXECUTE FUNCTION public.touched()",
    "ALTER TABLE public.party DISABLE TRIGGER asleep",
    "ALTER TABLE public.loan ADD COLUMN sales_region text DEFAULT 'north'",
    "ALTER TABLE public.loan ADD CONSTRAINT sane_dates CHECK (start_date > '2000-01-01')",
    "ALTER TABLE public.loan RENAME CONSTRAINT loan_pkey TO pk_loan",
    "ALTER TABLE public.product RENAME CONSTRAINT product_code_key TO uq_product",
    "ALTER TABLE public.payment RENAME CONSTRAINT payment_legal_entity_id_fkey TO fk_payment_1",
    "ALTER TABLE public.document_link DROP CONSTRAINT document_link_document_id_fkey",
    "ALTER TABLE public.document_link ADD CONSTRAINT link FOREIGN KEY (document_id) REFERENCES public.document (id) ON DELETE CASCADE",
    "ALTER TABLE public.party ALTER COLUMN kind SET NOT NULL",
    "ALTER TABLE public.payment ALTER COLUMN status SET DEFAULT 'processing'",
    "ALTER TABLE public.loan ALTER COLUMN status SET STATISTICS 500",
    "CREATE STATISTICS public.loan_stats ON product_id, legal_entity_id FROM public.loan",
    "CREATE PUBLICATION warehouse FOR TABLE public.loan, public.payment",
)
"""What a grown database has besides v0."""

REPORTED = (
    "table branch",
    "view open_loans",
    "index loan_by_hand on loan",
    "column loan.sales_region",
    "check sane_dates on loan",
    "trigger touched on payment",
    "publication warehouse",
    "function touched()",
)
"""What the log must name of it."""


def test_a_v0_is_adopted_and_nothing_in_it_changes(book_database: URL):
    """Putting a production database under version control changes no table, no key and no row of it."""
    schema, content = dump(book_database), v0_content(book_database)
    upgrade(book_database, "v0")
    assert dump(book_database) == schema
    assert v0_content(book_database) == content
    assert rows(book_database, "SELECT adopted FROM ops.baseline") == [(True,)]
    assert rows(book_database, "SELECT version_num FROM ops.alembic_version") == [("v0",)]


def test_an_empty_database_gets_v0(empty_database: URL, book_database: URL):
    """A new database starts with the same twenty tables that production has."""
    upgrade(empty_database, "v0")
    assert dump(empty_database) == dump(book_database)
    assert rows(empty_database, "SELECT adopted FROM ops.baseline") == [(False,)]


def test_what_stands_beside_v0_survives_the_way_up_and_down(book_database: URL, caplog: pytest.LogCaptureFixture):
    """Tables, views, grants, triggers and names that people gave by hand are reported, work at head and are the same after a rollback."""
    run_sql(book_database, *EXTRAS)
    schema, content = whole_dump(book_database), v0_content(book_database)
    with caplog.at_level(logging.INFO, "rently_db.migrate"):
        upgrade(book_database)
    for extra in REPORTED:
        assert f"kept as it is, not part of v0: {extra}" in caplog.text
    assert rows(book_database, "SELECT count(*) > 0 FROM public.open_loans") == [(True,)]
    assert rows(book_database, "SELECT tgname::text, tgenabled::text FROM pg_trigger WHERE tgname IN ('asleep', 'touched') ORDER BY 1") == [
        ("asleep", "D"),
        ("touched", "O"),
    ]
    assert rows(book_database, "SELECT count(*) FROM pg_publication_tables WHERE pubname = 'warehouse'") == [(2,)]
    assert rows(book_database, "SELECT name FROM public.branch") == [("Orchard Road",)]
    downgrade(book_database)
    assert whole_dump(book_database) == schema
    assert v0_content(book_database) == content
    assert rows(book_database, "SELECT DISTINCT sales_region FROM public.loan") == [("north",)]


@pytest.mark.parametrize("stop", revisions()[1:])
def test_what_people_made_is_there_at_every_revision(book_database: URL, stop: str):
    """A rollback from any place on the way gives back the database that people had made."""
    run_sql(book_database, *EXTRAS)
    schema, content = whole_dump(book_database), v0_content(book_database)
    upgrade(book_database, stop)
    downgrade(book_database)
    assert whole_dump(book_database) == schema
    assert v0_content(book_database) == content


DEFECTS = {
    "a missing column": (
        "ALTER TABLE public.loan DROP COLUMN rc_fee_rate",
        ("- loan.rc_fee_rate numeric is missing", "ALTER TABLE public.loan ADD COLUMN rc_fee_rate numeric;"),
    ),
    "another type": (
        "ALTER TABLE public.payment ALTER COLUMN amount TYPE double precision",
        (
            "! payment.amount is double precision, v0 has numeric",
            "ALTER TABLE public.payment ALTER COLUMN amount TYPE numeric;",
        ),
    ),
    "a moment with a time zone": (
        "ALTER TABLE public.document ALTER COLUMN uploaded_at TYPE timestamptz",
        ("! document.uploaded_at is timestamp with time zone, v0 has timestamp without time zone",),
    ),
    "a missing table": (
        "DROP TABLE public.fx_rate",
        ("- table fx_rate is missing", "CREATE TABLE public.fx_rate ( id uuid PRIMARY KEY, as_of_date date,"),
    ),
    "a view in the place of a table": (
        "ALTER TABLE public.fx_rate RENAME TO rates; CREATE VIEW public.fx_rate AS SELECT * FROM public.rates",
        ("! fx_rate is a view",),
    ),
    "a missing foreign key": (
        "ALTER TABLE public.payment DROP CONSTRAINT payment_payer_party_id_fkey",
        (
            "- the foreign key payment.payer_party_id -> party is missing",
            "ALTER TABLE public.payment ADD FOREIGN KEY (payer_party_id) REFERENCES public.party (id);",
        ),
    ),
    "a missing primary key": (
        "ALTER TABLE public.ledger_entry DROP CONSTRAINT ledger_entry_pkey",
        ("- the primary key of ledger_entry is missing", "ALTER TABLE public.ledger_entry ADD PRIMARY KEY (id);"),
    ),
    "a missing unique key": (
        "ALTER TABLE public.loan DROP CONSTRAINT loan_loan_number_key",
        ("- loan.loan_number is not unique", "ALTER TABLE public.loan ADD UNIQUE (loan_number);"),
    ),
}


@pytest.mark.parametrize("target", ["v0", "head"])
@pytest.mark.parametrize("name", DEFECTS)
def test_what_is_not_v0_is_refused_with_a_diff(book_database: URL, name: str, target: str):
    """A database that differs from v0 is left alone, and its administrator reads what differs and which statement mends it."""
    defect, expected = DEFECTS[name]
    run_sql(book_database, defect)
    schema = whole_dump(book_database)
    with pytest.raises(CommandError) as refused:
        upgrade(book_database, target)
    for part in expected:
        assert part in str(refused.value)
    assert "Nothing was changed" in str(refused.value)
    assert whole_dump(book_database) == schema
    assert not has_ops(book_database)


def test_the_statement_of_the_diff_mends_it(book_database: URL):
    """Whoever runs what the refusal says can deploy afterwards."""
    for statement in ("DROP TABLE public.fx_rate", "ALTER TABLE public.loan DROP COLUMN property_contract_id"):
        run_sql(book_database, statement)
    with pytest.raises(CommandError) as refused:
        upgrade(book_database)
    lines = [line.strip() for line in str(refused.value).splitlines() if line.strip().startswith("-")]
    run_sql(book_database, *(line.partition(": ")[2] for line in lines))
    upgrade(book_database)
    assert rows(book_database, "SELECT version_num FROM ops.alembic_version") == [("v1",)]


@pytest.mark.parametrize("target", ["v0", "head"])
def test_a_v1_without_its_records_is_refused(v1_book: URL, target: str):
    """A v1 whose schema ops was lost is neither adopted as v0 nor migrated again: its records must be restored."""
    run_sql(v1_book, "DROP SCHEMA ops CASCADE")
    with nothing_changes(v1_book), pytest.raises(CommandError, match=r"v1 .*schema ops.*restore"):
        upgrade(v1_book, target)


def test_an_unrelated_database_is_refused(empty_database: URL):
    """A typo in the URL must not fill somebody else's database with tables."""
    run_sql(empty_database, "CREATE TABLE public.blog_post (id integer)", "CREATE TABLE public.author (id integer)")
    with nothing_changes(empty_database), pytest.raises(CommandError, match=r"holds 2 tables \(author, blog_post\).*wrong database"):
        upgrade(empty_database)


def test_tables_of_extensions_are_nobodys(empty_database: URL):
    """A database with an extension that brings tables of its own is as good as empty."""
    # Contrib has no extension with tables, so this one is made to look like it.
    run_sql(
        empty_database,
        "CREATE EXTENSION citext SCHEMA public",
        "CREATE TABLE public.spatial_ref_sys (srid integer PRIMARY KEY)",
        "ALTER EXTENSION citext ADD TABLE public.spatial_ref_sys",
    )
    upgrade(empty_database, "v0")
    assert rows(empty_database, "SELECT adopted FROM ops.baseline") == [(False,)]


TAKEN = {
    "an own column": ("ALTER TABLE public.loan ADD COLUMN created_at timestamp", "ALTER TABLE public.loan RENAME COLUMN created_at TO"),
    "an own table": ("CREATE TABLE public.loan_flag (id integer)", "ALTER TABLE public.loan_flag RENAME TO"),
    "an own view": ("CREATE VIEW public.loan_flag AS SELECT 1 AS id", "ALTER VIEW public.loan_flag RENAME TO"),
    "an own index": ("CREATE INDEX ix_loan_product_id ON public.loan (status)", "ALTER INDEX public.ix_loan_product_id RENAME TO"),
    "an own unique index": (
        "CREATE UNIQUE INDEX one_current_party_role ON public.loan (loan_number)",
        "ALTER INDEX public.one_current_party_role RENAME TO",
    ),
    "an own check": (
        "ALTER TABLE public.loan ADD CONSTRAINT loan_status_check CHECK (status <> '')",
        "ALTER TABLE public.loan RENAME CONSTRAINT loan_status_check TO",
    ),
    "an own trigger": (
        "CREATE TRIGGER set_updated_at BEFORE UPDATE ON public.loan FOR EACH ROW EXECUTE FUNCTION suppress_redundant_updates_trigger()",
        "ALTER TRIGGER set_updated_at ON public.loan RENAME TO",
    ),
    "an own function": (
        "CREATE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT gen_random_uuid()'",
        "ALTER FUNCTION public.uuidv7() RENAME TO",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_name_that_v1_needs_is_asked_for(book_database: URL, server_version: int, name: str):
    """What somebody made under a name of v1 is not taken for v1's own: the refusal says how to rename it."""
    statement, mend = TAKEN[name]
    run_sql(book_database, statement.replace("gen_random_uuid()", "NULL::uuid") if server_version < 130000 else statement)
    with nothing_changes(book_database), pytest.raises(CommandError) as refused:
        upgrade(book_database)
    assert mend in str(refused.value)
