"""Alembic in processes that die: started once, forked for every deployment, so that a kill costs a fork and not the imports.

Runs as ``python -m tests.support.mortal``. A line of JSON on stdin is one deployment (see ``Order``); lines of JSON on stdout say what
happens in it, the last one how it ended. The forked process runs the ``alembic`` command itself. It watches its own connections on the
wire, not the code that uses them, and ends by SIGKILL: nothing is tidied up, no ``finally`` runs, no connection is closed politely.
"""

from __future__ import annotations

import json
import os
import re
import signal
import sys
import threading
import time
import zlib
from pathlib import Path
from typing import Any, Literal, TypedDict

import psycopg2.extensions as pg
from alembic import command
from alembic.config import Config, main
from sqlalchemy import Engine, event

from rently_db.database import ENVIRONMENT_VARIABLE

ROOT = Path(__file__).resolve().parents[2]
_NUMBERS = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b\d+(\.\d+)?\b")
_HARMLESS = re.compile(r"\s*(SELECT(?!.*\bINTO\b)|SET|SHOW|BEGIN|ROLLBACK|SAVEPOINT|RELEASE|LISTEN)\b", re.IGNORECASE)
_RECORDS = re.compile(r"(INSERT INTO|UPDATE) ops\.migration_(run|step)\b", re.IGNORECASE)
_LONG = re.compile(r"CONCURRENTLY|VALIDATE CONSTRAINT|\b(UPDATE|INSERT INTO|DELETE FROM) public\.|\bDO \$", re.IGNORECASE)


class Order(TypedDict):
    """One deployment."""

    arguments: list[str]
    """Of ``alembic``: ``["upgrade", "head"]``."""
    url: str
    output: str
    """The file that takes what it prints."""
    how: Literal["boundary", "within", "measure", "live"]
    """boundary: die at the first commit not in ``passed``. within: die in a statement. measure: report how long statements take."""
    passed: list[str]
    """Commits at which an earlier process died."""
    sides: Literal[1, 2]
    """For ``boundary``: 2 is to die before and after each commit, 1 before or after some."""
    statement: str
    """For ``within``: the statement, without its numbers."""
    after: float
    """For ``within``: seconds from its beginning."""
    who: Literal["client", "server"]
    """For ``within``: who is killed; a server is killed by whoever reads our stdout."""


def named(query: str) -> str:
    """A statement without ids and numbers, which differ from run to run."""
    return _NUMBERS.sub("#", " ".join(query.split()))


_ALIKE = re.compile(r"\b(CREATE|DROP) (OR REPLACE )?(FUNCTION|TRIGGER|VIEW|MATERIALIZED VIEW)\b.*\b(analytics|ops)\.")


class Fate:
    """What becomes of this process; its connections ask at every statement."""

    def __init__(self, order: Order, report: int) -> None:
        self._order = order
        self._report = report
        self._passed = set(order["passed"])
        self._struck = False

    def tell(self, **facts: Any) -> None:
        """A line for the reader."""
        os.write(self._report, json.dumps(facts).encode() + b"\n")

    def boundary(self, where: str, statements: list[str]) -> None:
        """Something is about to stay, or stays since just now."""
        if self._order["how"] != "boundary" or not statements or threading.current_thread() is not threading.main_thread():
            return
        what = " ; ".join(statements)
        # Just before a commit and just after the one before it are the same to the database: half of the moments cover all of it. A third
        # of them is tried each time; of views and functions, which come and go one like the other, one in sixteen.
        chance = zlib.crc32(what.encode())
        if self._order["sides"] == 1 and (where != ("before", "after")[chance % 2] or chance // 2 % (16 if _ALIKE.search(what) else 3)):
            return
        if (moment := f"{where} {what}") not in self._passed:
            self.tell(died=moment)
            os.kill(os.getpid(), signal.SIGKILL)

    def begins(self, statement: str) -> None:
        """A statement is sent now."""
        if self._order["how"] == "within" and not self._struck and statement == self._order["statement"]:
            self._struck = True
            threading.Timer(self._order["after"], self._strike, (statement,)).start()

    def ended(self, statement: str, seconds: float) -> None:
        """A statement has been answered."""
        if self._order["how"] == "measure" and _LONG.search(statement) and not _HARMLESS.match(statement):
            self.tell(statement=statement, seconds=seconds)

    def _strike(self, statement: str) -> None:
        self.tell(died=statement)
        if self._order["who"] == "client":
            os.kill(os.getpid(), signal.SIGKILL)


class MortalConnection(pg.connection):
    """A connection that knows which statements are not committed yet."""

    fate: Fate

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.pending: list[str] = []

    def commit(self) -> None:
        """Commit, if we live so long."""
        self.settle(super().commit)

    def rollback(self) -> None:
        """Roll back."""
        self.pending = []
        super().rollback()

    def settle(self, commit: Any) -> None:
        """Let pending statements stay."""
        statements, self.pending = self.pending, []
        self.fate.boundary("before", statements)
        commit()
        self.fate.boundary("after", statements)


class MortalCursor(pg.cursor):
    """A cursor that says what it sends."""

    connection: MortalConnection

    def execute(self, query: Any, parameters: Any = None) -> None:
        """Send a statement."""
        statement = named(self.mogrify(query, parameters).decode())
        fate = self.connection.fate

        def send() -> None:
            begun = time.monotonic()
            fate.begins(statement)
            super(MortalCursor, self).execute(query, parameters)
            fate.ended(statement, time.monotonic() - begun)

        if statement == "COMMIT":
            self.connection.settle(send)
            return
        if statement == "ROLLBACK":
            self.connection.pending = []
        elif not _HARMLESS.match(statement) and not _RECORDS.match(statement):
            self.connection.pending.append(statement)
            if self.connection.autocommit and self.connection.info.transaction_status == pg.TRANSACTION_STATUS_IDLE:
                self.connection.settle(send)
                return
        send()


def live(order: Order, report: int) -> None:
    """Run the command in this process, to its end or to ours."""
    output = os.open(order["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ[ENVIRONMENT_VARIABLE] = order["url"]
    MortalConnection.fate = Fate(order, report)

    @event.listens_for(Engine, "do_connect")
    def mortal(dialect: Any, record: Any, arguments: Any, parameters: dict[str, Any]) -> None:
        parameters |= {"connection_factory": MortalConnection, "cursor_factory": MortalCursor}

    main(argv=order["arguments"], prog="alembic")


def fork(order: Order) -> int:
    """Run a deployment in a child; pass on what it tells; gives its wait status."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        code = 255
        try:
            os.close(reading)
            live(order, writing)
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        except BaseException:  # noqa: BLE001 (the child must not return into the parent's loop)
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    os.close(writing)
    with os.fdopen(reading) as told:
        for line in told:
            print(line, end="", flush=True)
    return os.waitpid(child, 0)[1]


def serve() -> None:
    """Run deployments until stdin ends."""
    os.chdir(ROOT)
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["configure_logging"] = False
    with Path(os.devnull).open("w") as nowhere:
        config.output_buffer = nowhere
        # Everything that is imported or read once is so now.
        command.upgrade(config, "head", sql=True)
        command.downgrade(config, "v1:v0", sql=True)
    print("{}", flush=True)
    for line in sys.stdin:
        status = fork(json.loads(line))
        ended = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        print(json.dumps({"ended": ended}), flush=True)


if __name__ == "__main__":
    serve()
