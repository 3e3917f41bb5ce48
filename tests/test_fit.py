"""A service starts on a database that fits the library, and says at once what is wrong with any other."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Engine, text
from sqlalchemy.ext.asyncio import create_async_engine

import rently_db
from rently_db import SchemaError, require_schema
from rently_db.database import make_engine
from rently_db.packaged import migrations, revisions
from rently_db.testing.databases import Databases
from tests.support.migrations import upgrade


@pytest.fixture
def engine(head_database: URL) -> Iterator[Engine]:
    """An engine on an empty database at head."""
    made = make_engine(head_database)
    yield made
    made.dispose()


def refusal(engine: Engine, *reads: str) -> str:
    """What require_schema says of a database that does not fit."""
    with pytest.raises(SchemaError) as caught:
        require_schema(engine, reads=reads)
    return str(caught.value)


def test_a_database_at_head_fits(engine: Engine):
    """A migrated database needs no words, and what the service reads besides is there."""
    require_schema(engine, reads=["analytics.v_dpd_analysis", "loan"])


@pytest.mark.parametrize(("revision", "said"), [("v0", "and 78 more"), ("v1_backfill", "not there yet"), ("v1_validate", "not there yet")])
def test_a_database_before_v1_is_refused_with_the_command_that_mends_it(databases: Databases, revision: str, said: str):
    """Until v1 the rules are missing that the models count on: where it is, and what to run, stand in the sentence."""
    with databases.database() as url:
        upgrade(url, revision)
        engine = make_engine(url)
        sentence = refusal(engine)
        engine.dispose()
    assert f"(at {revision})" in sentence
    assert said in sentence
    assert "`rently-db upgrade`" in sentence


def test_views_are_not_asked_of_a_service_that_reads_none(databases: Databases):
    """From v1 on the models work, before the analytics are there; who reads a view says so, and is told."""
    with databases.database() as url:
        upgrade(url, "v1")
        engine = make_engine(url)
        require_schema(engine)
        sentence = refusal(engine, "analytics.v_dpd_analysis")
        engine.dispose()
    assert "has no analytics.v_dpd_analysis that this role may read" in sentence


def test_a_missing_column_is_named(engine: Engine):
    """A column that somebody took away stops the service before its first query does."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE loan RENAME loan_number TO number"))
    assert "lacks column loan.loan_number," in refusal(engine)


def test_a_column_of_another_type_is_named_with_both(engine: Engine):
    """A type that changed under the service is named, as it is and as the models have it."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE document ALTER mime_type TYPE varchar(40)"))
    assert "column document.mime_type of type varchar(40) where the models have text" in refusal(engine)


def test_an_application_without_rights_in_ops_can_ask(engine: Engine):
    """The application's role sees no schema ops: the question is answered all the same, and so is what it may not read."""
    with engine.connect() as connection:
        connection.execute(text("SET LOCAL ROLE rently_app"))
        require_schema(connection, reads=["analytics.v_dpd_analysis"])
        with pytest.raises(SchemaError, match=r"no ops\.audit_log that this role may read"):
            require_schema(connection, reads=["ops.audit_log"])


def test_a_login_without_any_right_is_told_so(engine: Engine):
    """A service whose login nobody made a member of a role: it is told what to run, not what PostgreSQL refused."""
    with engine.connect() as connection:
        connection.execute(text("CREATE ROLE rently_test_nobody"))
        connection.execute(text("SET LOCAL ROLE rently_test_nobody"))
        with pytest.raises(SchemaError, match=r"no schema_version that this role may read; .*`rently-db access apply`"):
            require_schema(connection)


def test_one_name_is_read_as_one(engine: Engine):
    """A view given without a list is that view, not its letters."""
    require_schema(engine, reads="analytics.v_dpd_analysis")


def test_a_database_ahead_of_the_library_fits(engine: Engine):
    """During a deployment the database is migrated first: a service of the former release that restarts then goes on working."""
    with engine.begin() as connection:
        connection.execute(text("UPDATE ops.alembic_version SET version_num = 'v2_something'"))
        connection.execute(text("ALTER TABLE loan ADD COLUMN green boolean"))
    require_schema(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE loan DROP COLUMN loan_number CASCADE"))
    assert "(at v2_something, which this library does not know)" in refusal(engine)


def test_an_async_service_asks_the_same(head_database: URL):
    """With an async engine the connection runs the question."""

    async def start() -> None:
        engine = create_async_engine(head_database.set(drivername="postgresql+psycopg"))
        async with engine.connect() as connection:
            await connection.run_sync(require_schema)
        await engine.dispose()

    asyncio.run(start())


def test_revisions_are_those_that_alembic_finds():
    """The chain read from the files' text is the chain that Alembic walks."""
    walked = [script.revision for script in ScriptDirectory(str(migrations())).walk_revisions()]
    assert list(revisions()) == walked[::-1]


def test_the_package_offers_what_it_says():
    """Each public name of rently_db is there; another is refused as Python refuses it."""
    assert all(getattr(rently_db, name) for name in rently_db.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = rently_db.nothing
