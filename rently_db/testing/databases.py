"""Databases for tests, on any server, which do not outlive a run even if it is killed."""

from __future__ import annotations

import itertools
import os
import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from types import TracebackType
from typing import Self

from pytest_postgresql.janitor import DatabaseJanitor
from sqlalchemy import URL, NullPool, text

from rently_db.database import make_engine, server_version

PREFIX = "rently_test"
_NAME = re.compile(rf"{PREFIX}_(?P<run>[0-9a-f]{{7}})_\d+_\d+")
_ENDING_SECONDS = 2.0
LOCK_CLASS = 0x52454E54  # "RENT": keeps our advisory locks apart from others'


class Databases:
    """Creates and drops test databases on one server, as a context manager around a test run.

    Every name holds the run's id, and the run holds an advisory lock on that id for as long as it lives. The server
    drops the lock with the connection: a database whose run holds no lock is litter, from whatever machine it came.
    """

    def __init__(self, admin_url: URL) -> None:
        self.admin_url = admin_url
        self.keep_template = False
        """Whether the template of `rently_db.testing.template` may stay on the server."""
        self._run = secrets.token_hex(4)[:7]  # seven digits fit PostgreSQL's signed integer
        self._count = itertools.count(1)
        self._engine = make_engine(admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def __enter__(self) -> Self:
        self.connection = self._engine.connect()
        self.connection.execute(text("SELECT pg_advisory_lock(:c, :k)"), {"c": LOCK_CLASS, "k": int(self._run, 16)})
        self._drop_litter()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self.connection.close()
        self._engine.dispose()

    @contextmanager
    def database(self, *, template: str | None = None) -> Iterator[URL]:
        """A fresh database, empty or a copy of database `template`; dropped afterwards, whoever is connected.

        Sessions of the template are ended: PostgreSQL copies only what nobody uses.
        """
        name = f"{PREFIX}_{self._run}_{os.getpid()}_{next(self._count)}"
        with self.janitor(name, template):
            yield self.admin_url.set(database=name)

    def version(self) -> int:
        """The server's server_version_num, 120022 for 12.22."""
        return server_version(self.connection)

    def set_business_date(self, url: URL, day: date) -> None:
        """Freeze the business date for everyone who connects to a database from now on. A copy of the database does not have it."""
        self.connection.exec_driver_sql(f"ALTER DATABASE {url.database} SET rently.business_date = '{day.isoformat()}'")

    def sessions(self, url: URL) -> list[str]:
        """Who is connected to a database, each in words: program, state, last statement. What is just ending is not counted."""
        query = text("SELECT application_name, state, query FROM pg_stat_activity WHERE datname = :name ORDER BY backend_start")
        deadline = time.monotonic() + _ENDING_SECONDS
        while (found := self.connection.execute(query, {"name": url.database}).all()) and time.monotonic() < deadline:
            time.sleep(0.01)  # a client that has closed its connection is gone before its server process is
        return [f'{program or "a program without a name"}, {state}, last statement "{_short(query)}"' for program, state, query in found]

    def _drop_litter(self) -> None:
        names = self.connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :p"), {"p": f"{PREFIX}%"}).all()
        for name in names:
            match = _NAME.fullmatch(name)
            if match is None:
                continue
            # A run has its lock before its first database. Trying to get the lock would not tell: a lock belongs to the database that
            # one is connected to, and the other run may have come through another one.
            alive = text("SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = :c AND objid = :k AND granted LIMIT 1")
            if self.connection.scalar(alive, {"c": LOCK_CLASS, "k": int(match["run"], 16)}) is None:
                self.janitor(name).drop()

    def janitor(self, name: str, template: str | None = None) -> DatabaseJanitor:
        """What creates and drops a database of that name."""
        url = self.admin_url
        host = url.query.get("host", url.host)
        port = url.query.get("port", url.port or 5432)
        assert host is None or isinstance(host, str)
        assert isinstance(port, str | int)
        return DatabaseJanitor(
            user=url.username or "",
            password=url.password,
            host=host or "",
            port=port,
            dbname=name,
            template_dbname=template,
            maintenance_dbname=url.database or "postgres",
        )


def _short(query: str) -> str:
    words = " ".join(query.split())
    return words if len(words) <= 80 else f"{words[:77]}..."
