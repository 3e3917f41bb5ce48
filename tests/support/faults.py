"""Things that go wrong around a migration: sessions in the way, a lost network, a full disk."""

from __future__ import annotations

import os
import shutil
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from rently_db.server.places import server_user
from tests.support.migrations import ROOT, plain, rows

PATIENCE = 120
"""Seconds after which a test that waits for something gives up."""


class Running:
    """The real ``alembic`` at work in a process of its own."""

    def __init__(self, process: subprocess.Popen[bytes], output: Path) -> None:
        self.process = process
        self._output = output

    @property
    def text(self) -> str:
        """What it has printed so far."""
        return self._output.read_text()

    def end(self) -> int:
        """Wait for its end; its exit code."""
        return self.process.wait(PATIENCE)


@contextmanager
def running(url: URL, *arguments: str, **environment: str) -> Iterator[Running]:
    """``alembic`` with these arguments, killed at the end if it still runs."""
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "output"
        env = os.environ | {ENVIRONMENT_VARIABLE: plain(url)} | environment
        with output.open("wb") as file:
            process = subprocess.Popen(
                [sys.executable, "-m", "alembic", *arguments], cwd=ROOT, env=env, stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        with process:
            try:
                yield Running(process, output)
            finally:
                process.kill()


def until(look: Callable[[], Any], what: str) -> Any:
    """Look again and again, until there is something to see."""
    deadline = time.monotonic() + PATIENCE
    while not (seen := look()):
        assert time.monotonic() < deadline, f"in vain: {what}"
        time.sleep(0.02)
    return seen


def at_work(url: URL, statement: str) -> int:
    """Wait until a session runs a statement like this; its process id."""
    query = (
        "SELECT pid FROM pg_stat_activity WHERE state = 'active' AND pid <> pg_backend_pid() AND datname = current_database()"
        f" AND wait_event_type = 'Lock' AND query ~ '{statement}'"
    )
    return int(until(lambda: rows(url, query), statement)[0][0])


@contextmanager
def session(url: URL, *statements: str, isolation: str = "READ COMMITTED", name: str = "nightly report") -> Iterator[PgConnection]:
    """Somebody whose transaction is open, and idle after these statements."""
    connection = psycopg2.connect(plain(url), application_name=name)
    try:
        connection.set_session(isolation_level=isolation)
        with connection.cursor() as cursor:
            for statement in statements or ("SELECT 1",):
                cursor.execute(statement)
        yield connection
    finally:
        connection.close()


class Proxy:
    """A network between us and a server on 127.0.0.1, which can be cut."""

    def __init__(self, port: int) -> None:
        self._target = port
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._sockets: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    @property
    def port(self) -> int:
        """The port to connect to."""
        return int(self._listener.getsockname()[1])

    def cut(self) -> None:
        """End all connections at once, without a word on the PostgreSQL protocol."""
        for end in self._sockets:
            with suppress(OSError):
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # RST instead of FIN
                end.shutdown(socket.SHUT_RDWR)
        self._sockets = []

    def close(self) -> None:
        """End."""
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self.cut()
        for thread in self._threads:
            thread.join(10)

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                self._sockets += [client, server]
                for pair in ((client, server), (server, client)):
                    thread = threading.Thread(target=self._pass_on, args=pair, daemon=True)
                    self._threads.append(thread)
                    thread.start()

    @staticmethod
    def _pass_on(source: socket.socket, target: socket.socket) -> None:
        with source, suppress(OSError):
            while chunk := source.recv(65536):
                target.sendall(chunk)
            target.shutdown(socket.SHUT_WR)


@contextmanager
def proxy(port: int) -> Iterator[Proxy]:
    """A proxy to a port of 127.0.0.1."""
    made = Proxy(port)
    try:
        yield made
    finally:
        made.close()


class SmallDisk:
    """A file system of its own for a tablespace."""

    def __init__(self, mount: Path) -> None:
        self.path = mount
        self._ballast = mount / "ballast"

    def fill(self) -> None:
        """Leave no room at all."""
        with self._ballast.open("wb") as file, suppress(OSError):
            os.posix_fallocate(file.fileno(), 0, shutil.disk_usage(self.path).free)

    def make_room(self) -> None:
        """Mend it."""
        self._ballast.unlink()


@contextmanager
def small_disk(megabytes: int) -> Iterator[SmallDisk]:
    """A small file system; skips the test where we may not mount one."""
    if os.geteuid() != 0:
        pytest.skip("a disk that is really full needs a small file system, and only root may mount one")
    uid, gid = server_user() or (0, 0)
    folder = Path(tempfile.mkdtemp(prefix="rently-disk-", dir="/var/tmp"))
    folder.chmod(0o755)
    options = f"size={megabytes}m,uid={uid},gid={gid},mode=700"
    done: Any = subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        folder.rmdir()
        pytest.skip(f"a disk that is really full needs a small file system, and mounting one is refused here: {done.stderr.strip()}")
    try:
        (folder / "space").mkdir(mode=0o700)
        os.chown(folder / "space", uid, gid)
        yield SmallDisk(folder)
    finally:
        subprocess.run(["umount", str(folder)], check=True)
        folder.rmdir()
