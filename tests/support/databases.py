"""Databases for tests, on any server, which do not outlive a run even if it is killed."""

from __future__ import annotations

import itertools
import os
import re
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from pytest_postgresql.janitor import DatabaseJanitor
from sqlalchemy import URL, NullPool, text

from rently_db.database import make_engine

PREFIX = "rently_test"
_NAME = re.compile(rf"{PREFIX}_(?P<run>[0-9a-f]{{7}})_\d+_\d+")
_LOCK_CLASS = 0x52454E54  # "RENT": keeps our advisory locks apart from others'


class Databases:
    """Creates and drops test databases on one server, as a context manager around a test run.

    Every name holds the run's id, and the run holds an advisory lock on that id for as long as it lives. The server
    drops the lock with the connection: a database whose run holds no lock is litter, from whatever machine it came.
    """

    def __init__(self, admin_url: URL) -> None:
        self.admin_url = admin_url
        self._run = secrets.token_hex(4)[:7]  # seven digits fit PostgreSQL's signed integer
        self._count = itertools.count(1)
        self._engine = make_engine(admin_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")

    def __enter__(self) -> Self:
        self._connection = self._engine.connect()
        self._connection.execute(text("SELECT pg_advisory_lock(:c, :k)"), {"c": _LOCK_CLASS, "k": int(self._run, 16)})
        self._drop_litter()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, traceback: TracebackType | None) -> None:
        self._connection.close()
        self._engine.dispose()

    @contextmanager
    def database(self, *, template: str | None = None) -> Iterator[URL]:
        """A fresh database, empty or a copy of database `template`; dropped afterwards, whoever is connected.

        Sessions of the template are ended: PostgreSQL copies only what nobody uses.
        """
        name = f"{PREFIX}_{self._run}_{os.getpid()}_{next(self._count)}"
        with self._janitor(name, template):
            yield self.admin_url.set(database=name)

    def version(self) -> int:
        """The server's server_version_num, 120022 for 12.22."""
        return int(self._connection.scalar(text("SHOW server_version_num")) or 0)

    def _drop_litter(self) -> None:
        names = self._connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :p"), {"p": f"{PREFIX}%"}).all()
        for name in names:
            match = _NAME.fullmatch(name)
            if match is None:
                continue
            lock = {"c": _LOCK_CLASS, "k": int(match["run"], 16)}
            # Our own run's lock would be granted again, but it has no databases yet.
            if self._connection.scalar(text("SELECT pg_try_advisory_lock(:c, :k)"), lock):
                self._janitor(name, None).drop()
                self._connection.execute(text("SELECT pg_advisory_unlock(:c, :k)"), lock)

    def _janitor(self, name: str, template: str | None) -> DatabaseJanitor:
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
