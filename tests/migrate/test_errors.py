from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.migrate.baseline import create_baseline_sql
from rently_db.server import Server, installed_server
from tests.support.looks import PASSWORD, nothing_changes, refusal, role, with_password
from tests.support.migrations import dump, plain, rows, run_alembic, run_sql

ROLE = f"rently_test_{secrets.token_hex(4)}"


@pytest.fixture(scope="module")
def guarded_server() -> Iterator[URL]:
    """A v0 database on a server that asks for passwords."""
    if "RENTLY_TEST_URL" in os.environ:
        pytest.skip("the server of RENTLY_TEST_URL is not ours to ask for passwords")
    version = os.environ.get("RENTLY_TEST_PG")
    with Server(installed_server(version) if version else None, tcp=True) as server:
        run_sql(parse_url(server.url()), *create_baseline_sql())
        yield parse_url(server.url(tcp=True))


def test_a_wrong_password_is_said_in_one_sentence(guarded_server: URL):
    """Whoever mistypes the password reads that it is wrong, and never reads it."""
    with nothing_changes(guarded_server):
        text = refusal(run_alembic(with_password(guarded_server), "upgrade", "head"))
    assert "does not accept this user with this password" in text


def test_a_role_without_a_password_is_said_in_one_sentence(guarded_server: URL):
    """A URL without the password that the server wants is the same mistake."""
    with nothing_changes(guarded_server):
        text = refusal(run_alembic(guarded_server._replace(password=None), "upgrade", "head", PGPASSFILE="/nonexistent", PGPASSWORD=""))
    assert "does not accept this user with this password" in text


UNREACHABLE = {
    "no server": (lambda url: with_password(url, host="127.0.0.1", port=1).set(query={}), "no server answers at this address"),
    "no such host": (lambda url: with_password(url, host="nowhere.invalid").set(query={}), "no server answers at this address"),
    "no such database": (lambda url: with_password(url, database="not there"), 'CREATE DATABASE "not there"'),
    "not a URL": (lambda _: f"mysql://u:{PASSWORD}@h/d", "is not a PostgreSQL URL; write it as postgresql://"),
    "no text of a URL": (lambda _: PASSWORD, "is not a PostgreSQL URL"),
    "an @ in the password": (lambda _: f"postgresql://u:{PASSWORD}@x@h/d", "percent-encode"),
    "nothing": (lambda _: None, "set RENTLY_DATABASE_URL, or give the command a URL (alembic: -x url="),
}


@pytest.mark.parametrize("name", UNREACHABLE)
def test_what_can_not_be_connected_to(server_url: URL, name: str):
    """Every mistake in naming the database ends in one sentence with the mend."""
    change, expected = UNREACHABLE[name]
    assert expected in refusal(run_alembic(change(server_url), "upgrade", "head"))


def _role(*statements: str) -> Callable[[URL], AbstractContextManager[URL]]:
    return lambda url: role(url, ROLE, *(statement.format(role=ROLE, database=url.database) for statement in statements))


@contextmanager
def _read_only_database(url: URL) -> Iterator[URL]:
    run_sql(url, f"ALTER DATABASE {url.database} SET default_transaction_read_only = on")
    yield with_password(url)


def _with(*statements: str) -> Callable[[URL], AbstractContextManager[URL]]:
    def prepare(url: URL) -> AbstractContextManager[URL]:
        run_sql(url, *statements)
        return nullcontext(with_password(url))

    return prepare


A_PRODUCT = "INSERT INTO public.product (id, code, name) VALUES ('00000000-0000-0000-0000-0000000000aa', 'LEGACY_7', 'Old')"
REFUSED: dict[str, tuple[Callable[[URL], AbstractContextManager[URL]], tuple[str, ...], tuple[str, ...]]] = {
    "no right to create schemas": (_role(), ("upgrade", "head"), ("may not create schemas", "GRANT CREATE ON DATABASE", f"TO {ROLE};")),
    "not the owner": (
        _role("GRANT CREATE ON DATABASE {database} TO {role}"),
        ("upgrade", "head"),
        ("does not own 20 of the tables", "amortisation_line", f"TO {ROLE};"),
    ),
    "a read-only role": (
        _role("ALTER ROLE {role} SUPERUSER", "ALTER ROLE {role} SET default_transaction_read_only = on"),
        ("upgrade", "head"),
        ("read-only", "RESET default_transaction_read_only"),
    ),
    "a read-only database": (_read_only_database, ("upgrade", "head"), ("read-only", "RESET default_transaction_read_only")),
    "an unknown product code": (
        _with(A_PRODUCT),
        ("upgrade", "head"),
        ("product", "product.category not null", "00000000-0000-0000-0000-0000000000aa", "-x mapping=FILE"),
    ),
    "a mapping file that is not there": (
        _with(A_PRODUCT),
        ("-x", "mapping=/nowhere.csv", "upgrade", "head"),
        ("/nowhere.csv can't be read: No such file",),
    ),
    "stamp": (_with(), ("stamp", "head"), ("nobody compared", "alembic upgrade v0")),
    "stamp with purge": (_with(), ("stamp", "--purge", "v1"), ("nobody compared", "alembic upgrade v0")),
    "an unknown revision": (_with(), ("upgrade", "v7"), ("v7",)),
    "a lock budget that is none": (_with(), ("upgrade", "head"), ("RENTLY_LOCK_BUDGET", "RENTLY_LOCK_BUDGET=1")),
    "a waiting time that is none": (_with(), ("upgrade", "head"), ("RENTLY_DEPLOY_WAIT", "RENTLY_DEPLOY_WAIT=600")),
}
ENVIRONMENT = {
    "a lock budget that is none": {"RENTLY_LOCK_BUDGET": "soon"},
    "a waiting time that is none": {"RENTLY_DEPLOY_WAIT": "a while"},
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_deployment_that_can_not_work_changes_nothing(book_database: URL, name: str):
    """Whatever forbids the deployment is found before the first change, and said in one sentence with the mend."""
    prepare, arguments, expected = REFUSED[name]
    with prepare(book_database) as url, nothing_changes(book_database):
        text = refusal(run_alembic(url, *arguments, **ENVIRONMENT.get(name, {})))
    for part in expected:
        assert part in text


@pytest.mark.parametrize(("adopted", "reason"), [(True, "adopted"), (False, "hold rows")])
def test_a_downgrade_never_drops_production(empty_database: URL, adopted: bool, reason: str):
    """Alembic downgrade base on a database that was adopted, be it empty, or that holds rows is refused and leaves it at head."""
    url = empty_database
    if adopted:
        run_sql(url, *create_baseline_sql())
    assert run_alembic(url, "upgrade", "head").code == 0
    if not adopted:
        run_sql(url, "INSERT INTO public.party (kind, display_name) VALUES ('individual', 'Tan')")
    before = dump(url), rows(url, "SELECT * FROM ops.migration_step ORDER BY 1, 2, 3")
    text = refusal(run_alembic(with_password(url), "downgrade", "base"))
    assert reason in text
    assert "alembic downgrade v0" in text
    assert (dump(url), rows(url, "SELECT * FROM ops.migration_step ORDER BY 1, 2, 3")) == before


def test_an_empty_database_can_be_left_again(empty_database: URL):
    """What rently_db created and nobody used goes back to nothing, and can be made again."""
    nothing = dump(empty_database)
    for command in (("upgrade", "head"), ("downgrade", "base")):
        assert run_alembic(empty_database, *command).code == 0
    assert dump(empty_database) == nothing
    assert rows(empty_database, "SELECT to_regnamespace('rently_v1_kept') IS NULL") == [(True,)]
    assert run_alembic(empty_database, "upgrade", "head").code == 0


def test_a_second_upgrade_does_nothing(v1_book: URL):
    """Running the same command twice touches neither the schema nor the records."""
    state = "SELECT * FROM ops.migration_step ORDER BY 1, 2, 3"
    before = dump(v1_book), rows(v1_book, state), rows(v1_book, "SELECT count(*) FROM ops.row_journal")
    assert run_alembic(v1_book, "upgrade", "head").code == 0
    assert (dump(v1_book), rows(v1_book, state), rows(v1_book, "SELECT count(*) FROM ops.row_journal")) == before


@pytest.mark.parametrize("spelling", ["postgres://", "postgresql://", "postgresql+psycopg2://"])
def test_the_url_may_come_by_option_and_in_any_spelling(empty_database: URL, spelling: str):
    """-x url= names the database, wins over the environment, and takes the spellings that hosting providers use."""
    text = plain(empty_database).replace("postgresql://", spelling)
    assert run_alembic("postgresql://nobody@nowhere.invalid/x", "-x", f"url={text}", "upgrade", "v0").code == 0
    assert rows(empty_database, "SELECT version_num FROM ops.alembic_version") == [("v0",)]
