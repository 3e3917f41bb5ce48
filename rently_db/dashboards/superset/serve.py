"""The dashboards in a Superset on this machine, from a database to a page with logins. `make superset` runs it."""

from __future__ import annotations

import os
import secrets
import signal
import sys
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from rently_db.dashboards.model import Audience, Dashboard
from rently_db.dashboards.superset.access import ONE_COMPANY, Applied, Entity, apply_access, company_role, ensure_user, entities
from rently_db.dashboards.superset.client import Client, Pruned
from rently_db.dashboards.superset.connection import reader_login
from rently_db.dashboards.superset.environment import SupersetError
from rently_db.dashboards.superset.runtime import ADMIN, Superset

DATABASE = "rently_dashboards"
"""The demonstration's database on the embedded server."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who can log in: what for, and the throw-away password."""

    username: str
    password: str
    sees: str


@dataclass(frozen=True, slots=True)
class Running:
    """A Superset with the dashboards in it."""

    url: str
    logins: tuple[Login, ...]
    client: Client
    """The administrator's."""
    files: Mapping[str, bytes]
    data_url: URL
    """Of the views, as Superset reads them."""
    companies: tuple[Entity, ...]
    access: Applied
    pruned: Pruned
    superset: Superset

    def login(self, username: str) -> Login:
        """The login of that name."""
        return next(login for login in self.logins if login.username == username)


@contextmanager
def serving(
    url: URL,
    *,
    home: Path | None = None,
    files: Mapping[str, bytes] | None = None,
    dashboards: Sequence[Dashboard] | None = None,
    users: bool = True,
) -> Iterator[Running]:
    """A Superset whose dashboards read the database of `url`, with logins for each audience; in the end nothing is left of it.

    `url` is an administrator's: a login that only reads is made for Superset and dropped again. `files` and `dashboards` are the bundle
    and what it shows, by default ours. With `home` Superset's own data stays there for the next time.

    Raises SupersetError if anything of this can't be had.
    """
    if files is None or dashboards is None:
        from rently_db.dashboards import DASHBOARDS
        from rently_db.dashboards.bundle import bundle

        files, dashboards = bundle(), DASHBOARDS
    companies = entities(url)
    with reader_login(url) as data_url, Superset(home) as superset:
        client = Client(superset.url, ADMIN, superset.password)
        try:
            client.import_bundle(files, data_url)
        except SupersetError as problem:
            raise SupersetError(f"{problem}: {superset.complaint()}") from problem
        pruned = client.prune(files)
        access = apply_access(client, files, dashboards, companies)
        logins = (Login(ADMIN, superset.password, "everything"), *(_users(client, access, companies, dashboards) if users else ()))
        yield Running(superset.url, logins, client, files, data_url, companies, access, pruned, superset)


def _users(client: Client, access: Applied, companies: Sequence[Entity], dashboards: Sequence[Dashboard]) -> Iterator[Login]:
    """A login for each audience; of those that see one company, one for each of the first two."""
    for audience in Audience:
        numbers = ", ".join(str(dashboard.number) for dashboard in dashboards if audience in dashboard.roles)
        role = access.audiences[audience]
        if audience not in ONE_COMPANY:
            yield _user(client, audience.value, [role], f"dashboards {numbers}")
            continue
        for number, entity in enumerate(companies[:2], 1):
            name = company_role(entity, companies)
            yield _user(client, f"{audience.value}{number}", [role, name], f"dashboards {numbers}, rows of {name.partition(': ')[2]}")


def _user(client: Client, username: str, roles: Sequence[str], sees: str) -> Login:
    password = secrets.token_urlsafe(9)
    ensure_user(client, username, password, roles)
    return Login(username, password, sees)


@contextmanager
def demonstration() -> Iterator[URL]:
    """The database to show: the one RENTLY_DATABASE_URL names, else the demonstration's, kept on the embedded server of this checkout.

    The latter is made in some minutes, and made again when there are new revisions.
    """
    from rently_db.database import ENVIRONMENT_VARIABLE, parse_url, resolve_url
    from rently_db.server import embedded_server

    if os.environ.get(ENVIRONMENT_VARIABLE):
        with resolve_url() as url:
            yield url
        return
    with embedded_server() as server:
        _make_demonstration(parse_url(server.url()))
        yield parse_url(server.url(DATABASE))


def _make_demonstration(server: URL) -> None:
    from rently_db.dashboards.demo import demo_database
    from rently_db.database import create_database_if_missing, make_engine

    if _is_at_head(server.set(database=DATABASE)):
        return
    print("Making the demonstration's database; this is done once, and takes some minutes.", flush=True)
    unfinished = f"{DATABASE}_unfinished"  # it has its name when it is complete
    engine = make_engine(server, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for name in (unfinished, DATABASE):
            connection.exec_driver_sql(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
    create_database_if_missing(server, unfinished)
    demo_database(server.set(database=unfinished))
    with engine.connect() as connection:
        connection.exec_driver_sql(f"ALTER DATABASE {unfinished} RENAME TO {DATABASE}")


def _is_at_head(url: URL) -> bool:
    from alembic.script import ScriptDirectory

    from rently_db.database import make_engine
    from rently_db.operations.alembic_config import alembic_config

    engine = make_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            found = connection.scalar(text("SELECT version_num FROM ops.alembic_version"))
    except (OperationalError, ProgrammingError):  # no such database, or nothing in it yet
        return False
    finally:
        engine.dispose()
    return bool(found == ScriptDirectory.from_config(alembic_config(url)).get_current_head())


def main() -> None:
    """Serve until Ctrl-C."""
    from rently_db.database import DatabaseUrlError
    from rently_db.server import ServerError

    stop = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: stop.set())
    signal.signal(signal.SIGINT, lambda *_: stop.set())
    began = time.monotonic()
    try:
        with demonstration() as url, serving(url) as running:
            print(f"The dashboards are at {running.url}/dashboard/list/ after {time.monotonic() - began:.0f} s. Logins for this time:\n")
            for login in running.logins:
                print(f"  {login.username:<13} {login.password:<18} {login.sees}")
            print("\nCtrl-C stops Superset and leaves nothing behind.", flush=True)
            _wait(stop, running.superset)
    except (SupersetError, ServerError, DatabaseUrlError) as problem:
        sys.exit(f"rently-db: {problem}")


def _wait(stop: threading.Event, superset: Superset) -> None:
    while not stop.wait(1):
        if superset.ended():
            raise SupersetError("Superset ended by itself; run make superset again")
