"""The database that the revisions make equals the models exactly, compared by PostgreSQL's own catalogue, both ways."""

import pytest
from sqlalchemy import URL

from rently_db.database import make_engine
from rently_db.migrate.catalog import Snapshot, compare, create_from_models, snapshot
from rently_db.models import Base
from tests.support.migrations import run_sql


def read(url: URL) -> Snapshot:
    """The catalogue of a database."""
    engine = make_engine(url)
    try:
        with engine.connect() as connection:
            return snapshot(connection)
    finally:
        engine.dispose()


def shown(expected: Snapshot, found: Snapshot) -> str:
    """The differences as a reader sees them."""
    return "\n".join(str(difference) for difference in compare(expected, found))


@pytest.fixture
def from_models(empty_database: URL) -> Snapshot:
    """The catalogue of a database made from the models and the live SQL, without any revision."""
    engine = make_engine(empty_database)
    try:
        with engine.begin() as connection:
            create_from_models(connection)
    finally:
        engine.dispose()
    return read(empty_database)


def test_a_new_database_at_head_equals_the_models(from_models: Snapshot, head_database: URL):
    """Columns, types, defaults, comments, constraints, indexes, triggers and functions at head are those of the models and the live SQL."""
    assert shown(from_models, read(head_database)) == ""
    columns = {f"column {table.name}.{column.name}" for table in Base.metadata.tables.values() for column in table.columns}
    assert columns <= from_models.keys(), "the comparison must see the whole schema"


def test_an_upgraded_book_equals_a_new_database(head_database: URL, v1_book: URL):
    """A live v0 database comes out of the upgrade with the same schema as a new one."""
    assert shown(read(head_database), read(v1_book)) == ""


@pytest.mark.parametrize(
    ("change", "seen"),
    [
        ("ALTER TABLE loan DROP CONSTRAINT loan_dates_check", "constraint loan_dates_check on loan"),
        ("ALTER TABLE loan ALTER COLUMN status SET DEFAULT 'closed'", "column loan.status"),
        ("ALTER TABLE loan ALTER COLUMN product_id DROP NOT NULL", "column loan.product_id"),
        ("COMMENT ON COLUMN loan.status IS 'other'", "column loan.status"),
        ("DROP INDEX ix_loan_status", "index ix_loan_status on loan"),
        ("CREATE INDEX by_hand ON loan (end_date)", "index by_hand on loan"),
        ("ALTER TABLE loan DISABLE TRIGGER record_status", "trigger record_status on loan"),
        ("CREATE OR REPLACE FUNCTION public.uuidv7() RETURNS uuid LANGUAGE sql AS 'SELECT NULL::uuid'", "function public.uuidv7()"),
        ("ALTER TABLE loan ADD CONSTRAINT by_hand CHECK (true) NOT VALID", "constraint by_hand on loan"),
        ("ALTER TABLE loan ADD COLUMN by_hand integer", "column loan.by_hand"),
    ],
)
def test_a_change_by_hand_is_seen(head_database: URL, change: str, seen: str):
    """Whatever is changed by hand in a database at head shows up in the comparison, and nothing else does."""
    before = read(head_database)
    run_sql(head_database, change)
    assert seen in [difference.name for difference in compare(before, read(head_database))]
    assert all("loan" in difference.name or "uuidv7" in difference.name for difference in compare(before, read(head_database)))
