from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.packaged import revisions
from rently_db.synth.v0_workload import V0Application
from rently_db.testing.databases import Databases
from tests.support.content import NEW_COLUMNS, NEW_TABLES, changes, content, digests
from tests.support.migrations import downgrade, dump, plain, rows, run_sql, upgrade
from tests.support.v1_application import use_v1

CHAIN = revisions()

UNAVOIDABLE = (("schema_version", "applied_at"),)
"""The one moment that a trip changes: v1's own row says when the database reached v1, which is now the second time."""


@pytest.fixture(scope="module")
def lived_in_template(databases: Databases, book_template: str) -> Iterator[str]:
    """Name of a v0 database with the clean book, and with every value that v0 applications are known to spell otherwise."""
    with databases.database(template=book_template) as url:
        connection = psycopg2.connect(plain(url))
        V0Application(connection).round()
        connection.close()
        yield str(url.database)


@pytest.fixture
def v0_database(databases: Databases, lived_in_template: str) -> Iterator[URL]:
    """A v0 database that v0 applications have lived in."""
    with databases.database(template=lived_in_template) as url:
        yield url


@pytest.fixture(scope="module")
def used_template(databases: Databases, lived_in_template: str) -> Iterator[str]:
    """Name of such a database at head, in which the v1 application has written whatever it can write."""
    with databases.database(template=lived_in_template) as url:
        upgrade(url)
        use_v1(url)
        yield str(url.database)


@pytest.fixture
def used(databases: Databases, used_template: str) -> Iterator[URL]:
    """A database at head in which both applications have lived."""
    with databases.database(template=used_template) as url:
        yield url


@pytest.mark.parametrize("revision", CHAIN[1:])
def test_every_revision_can_be_taken_back(v0_database: URL, revision: str):
    """Whoever stops at a revision and goes back has the rows and the schema of v0, to the letter."""
    before, schema = digests(v0_database), dump(v0_database)
    upgrade(v0_database, revision)
    assert rows(v0_database, "SELECT version_num FROM ops.alembic_version") == [(revision,)]
    downgrade(v0_database)
    assert digests(v0_database) == before
    assert dump(v0_database) == schema


def test_one_revision_at_a_time(v0_database: URL):
    """Up and down in single steps, each its own deployment, ends where it began, and up to the backfill no row changes at all."""
    before, schema = digests(v0_database), dump(v0_database)
    for revision in CHAIN[1:]:
        upgrade(v0_database, revision)
        assert (digests(v0_database) == before) == (CHAIN.index(revision) < CHAIN.index("v1_backfill")), revision
    for revision in reversed(CHAIN[:-1]):
        downgrade(v0_database, revision)
    assert digests(v0_database) == before
    assert dump(v0_database) == schema


@pytest.mark.parametrize(("turn", "again"), list(pairwise(CHAIN)))
def test_back_and_forth_between_two_revisions(v0_database: URL, turn: str, again: str):
    """A step that is taken back and done again halfway leaves no trace at the end of the trip."""
    before, schema = digests(v0_database), dump(v0_database)
    upgrade(v0_database, again)
    downgrade(v0_database, turn)
    upgrade(v0_database, again)
    downgrade(v0_database)
    assert digests(v0_database) == before
    assert dump(v0_database) == schema


def test_the_v1_application_writes_whatever_v1_has(used_template: str, head_database: URL, databases: Databases):
    """The tests below mean something: every table and every column that v0 lacks holds what no upgrade would come up with."""
    with databases.database(template=used_template) as url:
        used, fresh = content(url), content(head_database)
    assert [name for name in NEW_TABLES if used[name].keys() <= fresh[name].keys() and name != "loan_status_history"] == []
    usual = {"is_active": (None, True), "status": (None, "active")}
    unused = [
        f"{table}.{column}"
        for table, columns in NEW_COLUMNS.items()
        for column in columns
        if all(row[column] in usual.get(column, (None, 0)) and row[column] is not False for row in used[table].values())
    ]
    assert unused == []
    assert {row["status_type"] for row in used["loan_status_history"].values()} == {"operational_status", "risk_level"}


@pytest.mark.parametrize("turn", CHAIN[:-1])
def test_what_v1_wrote_is_back(used: URL, turn: str):
    """A rollback, however far, and a new deployment: every row of every table is what it was, v1's own included."""
    before = content(used)
    downgrade(used, turn)
    upgrade(used)
    assert changes(before, content(used), ignore=UNAVOIDABLE) == []


def test_a_second_rollback_gives_the_same_v0(used: URL):
    """v0 sees the same rows at each rollback, and nothing that was set aside is left over at head."""
    downgrade(used)
    first, schema = digests(used), dump(used)
    upgrade(used)
    assert rows(used, "SELECT DISTINCT state FROM ops.row_journal WHERE kind IN ('kept', 'mapped')") == [("restored",)]
    assert rows(used, "SELECT relname FROM pg_class WHERE relnamespace = to_regnamespace('rently_v1_kept') AND relkind = 'r'") == []
    for revision in reversed(CHAIN[:-1]):
        downgrade(used, revision)
    assert digests(used) == first
    assert dump(used) == schema


def test_reference_data_stays_as_risk_and_finance_left_it(used: URL):
    """Seeds that were changed, ended or deleted at v1 do not come back by themselves with the next upgrade."""
    run_sql(
        used,
        "UPDATE provision_rate SET rate = 0.35, needs_signoff = false WHERE class = 'doubtful'",
        "UPDATE analytics_setting SET valid_through = '2025-01-01' WHERE key = 'rate_pivot'",
        "DELETE FROM status_transition WHERE \"to\" = 'settled'",
        "DELETE FROM dpd_bucket WHERE label = '180+ DPD'",
        "DELETE FROM classification_rule WHERE country_code = 'AE'",
        "DELETE FROM currency WHERE code = 'ZWL' OR code = 'ISK'",
        "UPDATE currency SET name = 'Dirham' WHERE code = 'AED'",
    )
    before = content(used)
    downgrade(used)
    upgrade(used)
    assert changes(before, content(used), ignore=UNAVOIDABLE) == []
