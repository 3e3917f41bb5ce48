"""Whose session is it: PostgreSQL's own, one that a pooler keeps for its client, or one that changes with every transaction.

A migration needs a session of its own: the deployment lock, settings and concurrent index builds belong to one. Everything here reads only,
and leaves nothing behind in sessions that other clients of a pooler will get.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import closing
from enum import StrEnum
from typing import Any

from sqlalchemy import URL, Engine

from rently_db.database import DatabaseUrlError, PoolerError, connect_error_sentence

_ROUNDS = 20
"""Other clients may take the session that would prove the pooler's mode, but not this often."""
_ROUNDS_DIRECT = 3


class Pooling(StrEnum):
    """Who stands between us and PostgreSQL."""

    NONE = "none"
    SESSION = "session"
    """A pooler that keeps a server's session for a client until it leaves."""
    TRANSACTION = "transaction"
    STATEMENT = "statement"
    EXHAUSTED = "exhausted"
    """A pooler that keeps sessions, and had no second one for us within its time (pgbouncer: query_wait_timeout)."""

    @property
    def usable(self) -> bool:
        """Whether a session is ours, and there are as many as a deployment needs."""
        return self in (Pooling.NONE, Pooling.SESSION)


def pooling(connect: Callable[[], Any]) -> Pooling:
    """Find out by two connections that `connect` opens (psycopg2's or psycopg's, closed here).

    The proof of transaction mode is a server process that answers to two clients, or a client that two processes answer to. In session
    mode neither can happen. Without a pooler the process is the one that greeted us. Raises what the driver raises.
    """
    with closing(_plain(connect())) as mine:
        process = _process(mine)
        direct = process == mine.info.backend_pid
        with closing(_plain(connect())) as other:
            # Some drivers lose the words with which a pooler ends a connection; that it did at this point says the same.
            if _ends(other, "SELECT 1", mine):
                return Pooling.EXHAUSTED
            for _ in range(_ROUNDS_DIRECT if direct else _ROUNDS):
                if _ends(other, "BEGIN", mine):
                    return Pooling.STATEMENT
                taken = _process(other)  # which is busy until the rollback: the pooler must give us something else meanwhile
                # Ask no further once it is proved: a pool of one would let us wait for ourselves.
                if taken == process or _process(mine) != process:
                    return Pooling.TRANSACTION
                _run(other, "ROLLBACK")
    return Pooling.NONE if direct else Pooling.SESSION


def check_pooling(engine: Engine) -> None:
    """See that a migration can work through this engine's connections.

    Raises:
        CommandError: a pooler gives transactions or statements sessions of their own or has too few, or no connection can be made.
    """
    from alembic.util import CommandError  # not above: whoever only wants an engine does without Alembic

    try:
        found = pooling(lambda: bare_connection(engine))
    except engine.dialect.loaded_dbapi.Error as error:
        raise CommandError(connect_error_sentence(error, engine.url)) from error
    if not found.usable:
        raise CommandError(str(PoolerError(engine.url, found)))


def bare_connection(engine: Engine) -> Any:
    """A new connection of the engine's driver to its URL, with what server, database and role set and nothing of ours.

    The caller closes it. Raises the driver's errors.
    """
    arguments, keywords = engine.dialect.create_connect_args(engine.url)
    # Empty, not absent: else libpq takes PGOPTIONS.
    return engine.dialect.connect(*arguments, **{**keywords, "options": "", "fallback_application_name": "rently_db"})


def _plain(connection: Any) -> Any:
    """The connection in autocommit, kept from preparing statements: in transaction mode they would stay behind in sessions of others."""
    connection.autocommit = True
    if hasattr(connection, "prepare_threshold"):
        connection.prepare_threshold = None
    return connection


def _ends(connection: Any, statement: str, witness: Any) -> bool:
    """Whether the statement costs us the connection, while the witness lives on (if not, the server is gone: raises its error)."""
    try:
        _run(connection, statement)
    except Exception:
        if not connection.closed:
            raise
        _process(witness)
        return True
    return False


def _process(connection: Any) -> int:
    """The server process that answers."""
    return int(_run(connection, "SELECT pg_backend_pid()").fetchone()[0])


def _run(connection: Any, statement: str) -> Any:
    cursor = connection.cursor()
    cursor.execute(statement)
    return cursor


MARK = "rently.session"
"""A setting that nothing reads: a session that has it was started with our options. Poolers may ignore them without a word."""

_REFUSES_OPTIONS = re.compile(r"unsupported startup parameter|command-line options", re.IGNORECASE)


class Opener:
    """Opens an engine's sessions so that the options are in force, whether the server takes them or a pooler does not."""

    def __init__(self, url: URL, options: str, *, shared_sessions: bool) -> None:
        self._url = url
        self._options = options
        self._shared_sessions = shared_sessions
        self._takes_options = True
        self._mode: Pooling | None = None

    def __call__(self, dialect: Any, _record: object, cargs: tuple[Any, ...], cparams: dict[str, Any]) -> Any:
        """SQLAlchemy's event do_connect: a connection of the driver. Raises PoolerError, or what the driver raises."""

        def bare() -> Any:
            # Empty, not absent: else libpq takes PGOPTIONS.
            return dialect.connect(*cargs, **{**cparams, "options": ""})

        try:
            connection = dialect.connect(*cargs, **cparams) if self._takes_options else bare()
        except dialect.loaded_dbapi.OperationalError as refused:
            if not _REFUSES_OPTIONS.search(str(refused)):
                raise
            self._takes_options = False
            connection = bare()
        try:
            if not self._takes_options or not _has_mark(connection):
                self._settle(connection, bare)
        except BaseException:
            connection.close()
            raise
        return connection

    def _settle(self, connection: Any, bare: Callable[[], Any]) -> None:
        """Set what the options say, once it is sure that the session is ours: else other clients would get it."""
        if self._mode is None:
            self._mode = pooling(bare)
        if not self._mode.usable:
            if self._shared_sessions and self._mode is not Pooling.EXHAUSTED:
                return
            raise PoolerError(self._url, self._mode)
        connection.autocommit = True
        with connection.cursor() as cursor:
            for name, value in _settings(self._options).items():
                cursor.execute("SELECT set_config(%s, %s, false)", (name, value))
        connection.autocommit = False


def _has_mark(connection: Any) -> bool:
    connection.autocommit = True
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting(%s, true)", (MARK,))
        found = cursor.fetchone()
    connection.autocommit = False
    return bool(found[0])


def _settings(options: str) -> dict[str, str]:
    """The settings in a text of server options (`-c name=value`, `-cname=value`, `--name=value`); the last of a name wins."""
    words = [re.sub(r"\\(.)", r"\1", word) for word in re.findall(r"(?:\\.|\S)+", options)]
    found: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        setting = next(rest, "") if word == "-c" else word[2:]
        name, equals, value = setting.partition("=")
        if not word.startswith(("-c", "--")) or not equals:
            raise DatabaseUrlError(
                f"the server option {word} can't be set through a connection pooler; write -c name=value, or connect to PostgreSQL itself"
            )
        found[name.replace("-", "_").lower()] = value
    return found
