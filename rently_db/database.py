"""The one place that makes database URLs and engines, and that puts failed connections into words.

Passwords are shown nowhere: every text that a person or a log may see goes through `masked`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError

ENVIRONMENT_VARIABLE = "RENTLY_DATABASE_URL"
EMBEDDED_DATABASE = "rently"

_HIDDEN = "***"
_FORM = "postgresql://user:password@host:5432/database"
_DRIVERS = {
    "postgresql": "postgresql+psycopg2",
    "postgres": "postgresql+psycopg2",
    "postgresql+psycopg2": "postgresql+psycopg2",
    "postgresql+psycopg": "postgresql+psycopg",
}
# passfile names a file, and is worth seeing in an error.
_SECRET_KEY = re.compile(r"(?i)(?!passfile$).*(pass|secret|token)")


class DatabaseUrlError(ValueError):
    """A database URL is missing or unusable. The message is one sentence: what was found, where, how to write it."""


class PoolerError(DatabaseUrlError):
    """The URL leads to a pooler that keeps no session for its clients, or too few. The message is one sentence with the mend."""

    def __init__(self, url: str | URL, mode: str) -> None:
        if mode == "exhausted":
            reason = "that had no second session for us in time; raise its pool size (default_pool_size), or connect to PostgreSQL itself"
        else:
            reason = (
                f"in {mode} mode, where every {mode} may run in another session, but the deployment lock, SET and concurrent index builds "
                "belong to one session; connect to PostgreSQL itself, or to a pool with pool_mode=session"
            )
        super().__init__(f"{masked(url)} leads to a connection pooler {reason}")


def parse_url(text: str, *, source: str = "the database URL") -> URL:
    """Read a PostgreSQL URL the way people write it.

    `postgresql://`, `postgres://` and `postgresql+psycopg2://` use psycopg2, `postgresql+psycopg://` uses psycopg 3.
    `source` says where the text came from ("the option -x url"); error messages begin with it.
    Raises DatabaseUrlError for anything else; the message never shows a password.
    """
    stripped = text.strip()
    if not stripped:
        raise DatabaseUrlError(f"{source} is empty; write it as {_FORM}")
    shown = masked(stripped)
    if stripped.count("@") > 1:
        raise DatabaseUrlError(
            f"{source} is {shown} with more than one @, so nobody can tell where the password ends; "
            f"percent-encode special characters in it (@ as %40, / as %2F, : as %3A) and write it as {_FORM}"
        )
    url = _parsed(stripped)
    driver = _DRIVERS.get(url.drivername) if url is not None else None
    if url is None or driver is None:
        raise DatabaseUrlError(f"{source} is {shown}, which is not a PostgreSQL URL; write it as {_FORM}")
    return url.set(drivername=driver)


def masked(url: str | URL) -> str:
    """The URL as text for people and logs, with `***` for passwords, those in the query string included.

    A text that can't be taken apart with certainty shows its scheme only: whatever else it holds may be the password.
    """
    parsed = _parsed(url) if isinstance(url, str) else url
    if parsed is None:
        scheme = re.match(r"\s*([A-Za-z][A-Za-z0-9+.-]*)://", url) if isinstance(url, str) else None
        return f"{scheme[1]}://{_HIDDEN}" if scheme else 'a text without "://" (not shown, it may hold a password)'
    if (isinstance(url, str) and url.count("@") > 1) or "@" in f"{parsed.host or ''}{parsed.database or ''}":
        return f"{parsed.drivername}://{_HIDDEN}"
    if parsed.drivername == _DRIVERS["postgresql"]:
        parsed = parsed.set(drivername="postgresql")  # as people write it, and psql takes it
    query = {key: "HIDDEN" if _SECRET_KEY.match(key) else value for key, value in parsed.query.items()}
    shown = parsed.set(query=query).render_as_string(hide_password=True)
    return re.sub(r"([?&][^=&]*)=HIDDEN(?=&|$)", rf"\1={_HIDDEN}", shown)


def make_engine(url: str | URL, *, shared_sessions: bool = False, **kwargs: Any) -> Engine:
    """An engine whose sessions run in UTC, show up as `rently_db` in pg_stat_activity, and are tested before reuse.

    Server options from the URL (else from PGOPTIONS) and from `connect_args` stay in force, the latter where both say something,
    except a time zone: digests and business dates are computed in UTC. An application name given by the URL or by PGAPPNAME wins over ours.
    `kwargs` go to `sqlalchemy.create_engine`. Raises DatabaseUrlError if `url` is a text that is no PostgreSQL URL.

    A pooler that takes no options (pgbouncer) gets them as settings of each new session. If it keeps no session for its
    clients, connecting raises PoolerError; with `shared_sessions` it works all the same, without the options and without
    our time zone: for one who only reads, within one transaction.
    """
    from rently_db.migrate.pooling import MARK, Opener

    parsed = parse_url(url) if isinstance(url, str) else url
    connect_args = dict(kwargs.pop("connect_args", {}))
    given = parsed.query.get("options") or os.environ.get("PGOPTIONS", "")
    if not isinstance(given, str):  # ?options=a&options=b
        given = " ".join(given)
    # The last word wins in libpq: so the user's come first, then the caller's, then ours.
    options = " ".join([*filter(None, (given, connect_args.pop("options", ""))), "-c TimeZone=UTC"])
    connect_args["options"] = f"{options} -c {MARK}=1"
    connect_args.setdefault("fallback_application_name", "rently_db")
    kwargs.setdefault("pool_pre_ping", True)
    engine = create_engine(parsed, connect_args=connect_args, **kwargs)
    event.listen(engine, "do_connect", Opener(parsed, options, shared_sessions=shared_sessions))
    return engine


@contextmanager
def resolve_url(explicit: str | None = None, *, allow_embedded: bool = False) -> Iterator[URL]:
    """The database to work on: `explicit`, else RENTLY_DATABASE_URL, else (if allowed) the embedded server's.

    The embedded server of this checkout is started if it is not running, its database `rently` created if missing;
    it runs until the last process that uses it leaves its context.
    Raises DatabaseUrlError if no URL is given anywhere or a given one is unusable, ServerError if the embedded server
    can't start.
    """
    found = os.environ.get(ENVIRONMENT_VARIABLE)
    if explicit is not None:
        yield parse_url(explicit, source="the given database URL")
    elif found:
        yield parse_url(found, source=f"the environment variable {ENVIRONMENT_VARIABLE}")
    elif allow_embedded:
        with embedded_url() as url:
            yield url
    else:
        raise DatabaseUrlError(
            f"no database is named; set {ENVIRONMENT_VARIABLE}, or give the command a URL (alembic: -x url=...), written as {_FORM}"
        )


@contextmanager
def embedded_url() -> Iterator[URL]:
    """The database `rently` of this checkout's embedded server. Raises ServerError if the server can't start."""
    from rently_db.server import embedded_server

    with embedded_server() as server:
        create_database_if_missing(parse_url(server.url()), EMBEDDED_DATABASE)
        yield parse_url(server.url(EMBEDDED_DATABASE))


def create_database_if_missing(admin_url: URL, name: str) -> None:
    """Create database `name` on the server that `admin_url` leads to, unless it exists; two callers may race."""
    engine = make_engine(admin_url, isolation_level="AUTOCOMMIT", pool_pre_ping=False)
    try:
        with engine.connect() as connection:
            # CREATE DATABASE has no IF NOT EXISTS; the lock makes look-then-create one step.
            connection.execute(text("SELECT pg_advisory_lock(hashtext(:name))"), {"name": f"create {name}"})
            if connection.scalar(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}) is None:
                connection.exec_driver_sql(f"CREATE DATABASE {connection.dialect.identifier_preparer.quote(name)}")
    finally:
        engine.dispose()


# First match wins; matched against the driver's text because a failed connection carries no SQLSTATE.
_CONNECT_ERRORS: tuple[tuple[str, str], ...] = (
    (
        r"no pg_hba\.conf entry.*(no encryption|SSL off)|requires? (SSL|encryption)|SSL connection is required",
        (
            "{url}: the server refuses this user, host and database without TLS; add ?sslmode=require to the URL, "
            "or ask for a pg_hba.conf entry that lets this connection in"
        ),
    ),
    (
        r"no pg_hba\.conf entry|pg_hba\.conf rejects",
        "{url}: the server refuses this user, host and database; ask its administrator for a pg_hba.conf entry",
    ),
    (
        r"server does not support SSL",
        "{url}: TLS was asked for but the server offers none; switch it on there, or use sslmode=prefer if the network may be trusted",
    ),
    (
        r"certificate verify failed|root certificate file|server certificate",
        "{url}: the server's certificate can't be verified; name its issuer with ?sslrootcert=/path/ca.crt, or correct the host name",
    ),
    (
        r"password authentication failed|no password supplied|authentication failed for user|role \".*\" does not exist",
        (
            "{url}: the server does not accept this user with this password; correct them in the URL, "
            "special characters percent-encoded (@ as %40, / as %2F)"
        ),
    ),
    (
        r"database \".*\" does not exist",
        '{url}: the server has no database "{database}"; create it with CREATE DATABASE "{database}", or correct the name in the URL',
    ),
    (
        r"too many (clients|connections)|remaining connection slots",
        "{url}: all connections of the server (or of this user or database) are taken; close some, or raise max_connections",
    ),
    (
        r"unsupported startup parameter",
        "{url}: a connection pooler refuses a start-up parameter (one of libpq's PG... variables?); connect to PostgreSQL itself",
    ),
    (
        r"query_wait_timeout",
        "{url}: the connection pooler had no free server connection in time; raise its pool size, or connect to PostgreSQL itself",
    ),
    (
        r"statement pooling mode",
        "{url}: a connection pooler in statement mode takes no transactions; connect to PostgreSQL itself, or use pool_mode=session",
    ),
    (
        r"timeout expired|timed out|due to \w+ timeout",
        "{url}: no answer within the time limit; check host, port and firewall, or raise connect_timeout or statement_timeout",
    ),
    (
        r"starting up|shutting down|recovery mode|terminating connection|closed the connection|connection already closed",
        "{url}: the server is starting or stopping, or the connection was lost; wait a moment and run the same command again",
    ),
    (
        (
            r"could not connect|Connection refused|could not translate host name|No such file or directory|No route to host"
            r"|unreachable|failed to resolve|Name or service not known"
        ),
        "{url}: no server answers at this address; start it, or correct host and port in the URL",
    ),
)


def server_version(connection: Connection) -> int:
    """PostgreSQL's ``server_version_num``: 120022 for 12.22, 180000 for 18.0."""
    return int(str(connection.scalar(text("SHOW server_version_num"))))


def connect_error_sentence(exc: BaseException, url: str | URL | None = None) -> str:
    """One sentence, without the password, on why the connection failed and what mends it."""
    message = str(getattr(exc, "orig", None) or exc)
    parsed = _parsed(url) if isinstance(url, str) else url
    shown = _address(message) if url is None else masked(url)
    database = (parsed.database if parsed is not None else None) or ""
    for pattern, sentence in _CONNECT_ERRORS:
        if re.search(pattern, message, re.IGNORECASE | re.DOTALL):
            return sentence.format(url=shown, database=database)
    first = message.strip().splitlines()[0] if message.strip() else type(exc).__name__
    password = str(parsed.password) if parsed is not None and parsed.password else None
    return f"{shown}: {first.replace(password, _HIDDEN) if password else first}"


def client_address(url: URL) -> tuple[str, dict[str, str]]:
    """The URL without its password, for a command line that every user of the machine can read; the password for the environment."""
    in_query = url.query.get("password")
    password = in_query if isinstance(in_query, str) else url.password
    # Built anew: URL.set(password=None) keeps the password.
    bare = URL.create("postgresql", url.username, None, url.host, url.port, url.database, url.query)
    address = bare.difference_update_query(["password"]).render_as_string(hide_password=False)
    return address, {} if password is None else {"PGPASSWORD": str(password)}


def _address(message: str) -> str:
    """Where a connection failed, by what libpq says of it: it names host and port, and never a password."""
    found = re.search(r'server at "(?P<host>[^"]+)"[^,]*, port (?P<port>\d+)|on socket "(?P<socket>[^"]+)"', message)
    if found is None:
        return "the database"
    return found["socket"] or f"{found['host']}:{found['port']}"


def _parsed(text: str) -> URL | None:
    """SQLAlchemy's reading of a URL, or None; its own errors are dropped because they may quote the password."""
    try:
        return make_url(re.sub(r"^postgres(?=://)", "postgresql", text.strip()))
    except (ArgumentError, ValueError):
        return None
