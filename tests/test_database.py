"""URLs, engines and the sentences about failed connections."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from sqlalchemy import URL, make_url, text
from sqlalchemy.exc import OperationalError

from rently_db.database import (
    DatabaseUrlError,
    connect_error_sentence,
    create_database_if_missing,
    make_engine,
    masked,
    parse_url,
    resolve_url,
)
from rently_db.server import Server
from rently_db.testing.databases import Databases

# Not a part of any text around it, so that finding it in a message means that the message shows it.
passwords = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00*"), min_size=4).filter(
    lambda p: p.strip() == p and p not in SURROUNDINGS
)
SURROUNDINGS = (
    "postgresql://user:***@db.example:5432/rently?password=***&sslmode=require the database URL is with more than one @, so nobody can "
    "tell where the password ends; percent-encode special characters in it (@ as %40, / as %2F, : as %3A) and write it as "
    "postgresql://user:password@host:5432/database, which is not a PostgreSQL URL; write it as "
    "mysql:// a text without (not shown, it may hold"
)


@pytest.mark.parametrize(
    ("written", "driver"),
    [
        ("postgresql://u:p@h/d", "postgresql+psycopg2"),
        ("postgres://u:p@h/d", "postgresql+psycopg2"),
        ("  postgresql+psycopg2://u:p@h/d\n", "postgresql+psycopg2"),
        ("postgresql+psycopg://u:p@h/d", "postgresql+psycopg"),
    ],
)
def test_every_usual_spelling_of_a_url_is_understood(written: str, driver: str):
    """Operators paste URLs from hosting consoles; each usual spelling leads to the same database."""
    assert parse_url(written) == URL.create(driver, "u", "p", "h", database="d")


@pytest.mark.parametrize(
    "written", ["mysql://u:geheim@h/d", "postgresql+asyncpg://u:geheim@h/d", "host=h password=geheim", "postgresql://u:geheim", ""]
)
def test_another_kind_of_url_is_refused_in_one_sentence(written: str):
    """Who gives something that is no PostgreSQL URL reads where it came from and how to write it, without the password."""
    with pytest.raises(DatabaseUrlError) as refused:
        parse_url(written, source="the option -x url")
    message = str(refused.value)
    assert message.startswith("the option -x url is ")
    assert "postgresql://user:password@host:5432/database" in message
    assert "geheim" not in message
    assert "\n" not in message


@given(passwords)
@example("p@ss/w:rd?#%&=")
def test_a_percent_encoded_password_arrives_and_is_never_shown(password: str):
    """Whatever the password, the server gets exactly it, and people see three stars."""
    url = parse_url(f"postgresql://user:{quote(password, safe='')}@db.example:5432/rently?sslmode=require")
    assert url.password == password
    assert masked(url) == "postgresql://user:***@db.example:5432/rently?sslmode=require"


@given(passwords)
@example("p&password=x")
def test_a_password_in_the_query_string_is_never_shown(password: str):
    """A password may stand in ?password= as well, and is masked there like anywhere."""
    url = f"postgresql://user@db.example/rently?password={quote_plus(password)}&sslmode=require"
    assert masked(url) == "postgresql://user@db.example/rently?password=***&sslmode=require"
    assert masked(parse_url(url)) == "postgresql://user@db.example/rently?password=***&sslmode=require"


@given(passwords, st.sampled_from(["postgresql", "postgres", "mysql", "no-such"]))
@example("p@ss/w@rd", "postgresql")
@example("12@h:x/", "postgresql")
@example("a@b?c@d", "mysql")
def test_a_password_pasted_raw_is_never_shown(password: str, scheme: str):
    """A password full of @ and / that nobody encoded must not end up, not even in part, in a log."""
    written = f"{scheme}://user:{password}@db.example:5432/rently"
    pieces = [password, *(piece for piece in password.split("@") if len(piece) >= 4)]
    assume(all(piece not in SURROUNDINGS for piece in pieces))
    shown = [masked(written)]
    try:
        shown += [masked(parse_url(written)), repr(parse_url(written))]
    except DatabaseUrlError as refused:
        shown.append(str(refused))
    assert not [(piece, text) for piece in pieces for text in shown if piece in text]


def test_a_url_object_that_swallowed_a_raw_password_is_hidden_whole():
    """SQLAlchemy reads p@ss@host as the host ss@host; such an object shows nothing but its kind."""
    assert masked(make_url("postgresql://u:p@ss@host/d")) == "postgresql://***"


def test_sessions_run_in_utc_and_are_named(empty_database: URL):
    """Whatever the server's time zone, our sessions compute in UTC, and a DBA sees whose they are."""
    engine = make_engine(empty_database.update_query_dict({"options": "-c TimeZone=Asia/Tokyo -c lock_timeout=7s"}))
    with engine.connect() as connection:
        row = connection.execute(
            text("SELECT current_setting('TimeZone'), current_setting('lock_timeout'), current_setting('application_name')")
        ).one()
    engine.dispose()
    assert tuple(row) == ("UTC", "7s", "rently_db")


def test_options_of_caller_and_environment_stay_in_force(empty_database: URL, monkeypatch: pytest.MonkeyPatch):
    """Options that a caller or the operator's PGOPTIONS sets are kept, and so is an application name of the URL's own."""
    monkeypatch.setenv("PGOPTIONS", "-c work_mem=5MB")
    query = text("SELECT current_setting('work_mem'), current_setting('application_name')")
    seen = []
    for url, arguments in (
        (empty_database, {}),
        (empty_database.update_query_dict({"application_name": "deploy"}), {"options": "-c work_mem=6MB"}),
    ):
        engine = make_engine(url, connect_args=arguments)
        with engine.connect() as connection:
            seen.append(tuple(connection.execute(query).one()))
        engine.dispose()
    assert seen == [("5MB", "rently_db"), ("6MB", "deploy")]


def test_options_of_the_url_stay_beside_those_of_the_code(empty_database: URL):
    """What the code needs does not take away what the URL says of other settings; of one setting the code decides."""
    url = empty_database.update_query_dict({"options": "-c rently.business_date=2026-06-30 -c statement_timeout=5s"})
    engine = make_engine(url, connect_args={"options": "-c statement_timeout=0"})
    with engine.connect() as connection:
        row = connection.execute(text("SELECT current_setting('rently.business_date'), current_setting('statement_timeout')")).one()
    engine.dispose()
    assert tuple(row) == ("2026-06-30", "0")


def test_the_explicit_url_wins_over_the_environment(monkeypatch: pytest.MonkeyPatch):
    """A URL on the command line is meant; the environment is the default."""
    monkeypatch.setenv("RENTLY_DATABASE_URL", "postgresql://environment/d")
    with resolve_url("postgresql://explicit/d") as url:
        assert url.host == "explicit"
    with resolve_url(allow_embedded=True) as url:
        assert url.host == "environment"


def test_an_unusable_environment_variable_is_named(monkeypatch: pytest.MonkeyPatch):
    """Who set the variable last year reads its name, not a stack trace."""
    monkeypatch.setenv("RENTLY_DATABASE_URL", "oracle://u:geheim@h/d")
    with pytest.raises(DatabaseUrlError, match=r"^the environment variable RENTLY_DATABASE_URL is oracle://u:\*\*\*@h/d, "), resolve_url():
        pass


def test_without_any_url_the_message_says_how_to_name_one(monkeypatch: pytest.MonkeyPatch):
    """A deployment never falls back to a database of its own choice."""
    monkeypatch.delenv("RENTLY_DATABASE_URL", raising=False)
    with pytest.raises(DatabaseUrlError, match=r"set RENTLY_DATABASE_URL, or give the command a URL \(alembic: -x url="), resolve_url():
        pass


def test_creating_a_database_twice_is_harmless(databases: Databases, server_url: URL):
    """Two commands that start at once both find the database, whoever made it."""
    with databases.database() as existing:
        assert existing.database is not None
        create_database_if_missing(server_url, existing.database)


@pytest.fixture(scope="module")
def guarded_server() -> Iterator[Server]:
    """A server that asks for passwords over TCP, takes TLS only from user tls, and lets user crowd connect once."""
    with Server(tcp=True, hba=["hostssl all tls 127.0.0.1/32 trust", "host all tls 127.0.0.1/32 reject"]) as server:
        engine = make_engine(server.url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.exec_driver_sql("CREATE ROLE tls LOGIN")
            connection.exec_driver_sql("CREATE ROLE crowd LOGIN CONNECTION LIMIT 0 PASSWORD 'crowd'")
            connection.exec_driver_sql("CREATE DATABASE full_up CONNECTION LIMIT 0")
        engine.dispose()
        yield server


def failure(url: str) -> str:
    """The sentence about connecting to `url`, which must fail."""
    engine = make_engine(url)
    with pytest.raises(OperationalError) as refused:
        engine.connect()
    engine.dispose()
    sentence = connect_error_sentence(refused.value, url)
    assert "\n" not in sentence
    return sentence


@pytest.mark.parametrize("driver", ["postgresql", "postgresql+psycopg"])
def test_each_failed_connection_is_one_sentence_with_its_mend(guarded_server: Server, driver: str):
    """The operator reads what is wrong and what to do, whichever driver is in use, and no password."""
    good = guarded_server.url(tcp=True).replace("postgresql", driver, 1)
    password = str(parse_url(good).password)
    address = good.split("@")[1]
    expected = {
        good.replace(password, "geheim"): "does not accept this user with this password",
        f"{driver}://nobody_here:geheim@{address}": "does not accept this user with this password",
        f"{good.rpartition('/')[0]}/no_such": 'CREATE DATABASE "no_such"',
        f"{driver}://crowd:crowd@{address}": "all connections",
        f"{driver}://tls@{address}": "server refuses this user",
        f"{good}?sslmode=require": "TLS was asked for",
        f"{driver}://u:geheim@127.0.0.1:1/d": "no server answers",
        f"{driver}://u:geheim@no-such-host.invalid/d": "no server answers",
        f"{driver}:///d?host=/no/such/directory": "no server answers",
    }
    wrong = {url: sentence for url, part in expected.items() if part not in (sentence := failure(url))}
    assert wrong == {}
    assert not [url for url in expected if "geheim" in failure(url) or password in failure(url)]


@pytest.mark.parametrize(
    ("message", "part"),
    [
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", no encryption', "sslmode=require"),
        ('FATAL:  no pg_hba.conf entry for host "1.2.3.4", user "u", database "d", SSL off', "sslmode=require"),
        ("FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute", "max_connections"),
        ("FATAL:  sorry, too many clients already", "max_connections"),
        ('connection to server at "10.0.0.1", port 5432 failed: timeout expired', "connect_timeout"),
        ("FATAL:  the database system is starting up", "wait a moment"),
        ("FATAL:  unsupported startup parameter: options", "connect to PostgreSQL itself"),
        ("SSL error: certificate verify failed", "sslrootcert"),
        ("something geheim and new\nDETAIL: more", "u:***@h/d: something *** and new"),
    ],
)
def test_messages_of_servers_we_cannot_provoke_have_their_mend_too(message: str, part: str):
    """Managed servers' refusals are known by their texts."""
    assert part in connect_error_sentence(RuntimeError(message), "postgresql://u:geheim@h/d")


def test_importing_the_module_needs_sqlalchemy_only():
    """An application that takes only the models' engine does not load servers, drivers or command line tools."""
    code = "import sys, rently_db.database; print([m for m in ('typer', 'psycopg2', 'alembic', 'rently_db.server') if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1], env=dict(os.environ)
    )
    assert done.stdout.strip() == "[]"
