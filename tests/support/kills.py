"""Deployments that are killed, and servers: the test's side of ``tests.support.mortal``."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from sqlalchemy import URL

from rently_db.server import Server
from tests.support.migrations import ROOT, plain, rows
from tests.support.mortal import Order

COMMAND = {"up": ["upgrade", "head"], "down": ["downgrade", "v0"]}
"""The arguments of ``alembic`` by direction."""


@dataclass(frozen=True)
class End:
    """How a deployment ended."""

    code: int
    """Its exit code, or minus the number of the signal that killed it."""
    died: str | None
    """The moment at which it, or the server, was killed."""
    text: str
    """What it printed."""
    statements: list[tuple[str, float]] = field(default_factory=list)
    """If it was measured: long statements in their order, each with its seconds."""

    @property
    def killed(self) -> bool:
        """Whether it died by SIGKILL."""
        return self.code == -signal.SIGKILL


class Deployments:
    """Runs the real ``alembic`` in forked processes, one after the other."""

    def __init__(self, process: subprocess.Popen[str], folder: Path) -> None:
        self._process = process
        self._output = folder / "output"

    def run(self, url: URL, direction: str, *, kill_server: Callable[[], None] | None = None, **how: Any) -> End:
        """One deployment; ``how`` are fields of ``Order``. ``kill_server`` is called at the moment at which a server shall die."""
        self._output.unlink(missing_ok=True)
        order: Order = {
            "arguments": COMMAND[direction],
            "url": plain(url),
            "output": str(self._output),
            "how": "live",
            "passed": [],
            "sides": 1,
            "statement": "",
            "after": 0.0,
            "who": "server" if kill_server else "client",
        }
        process = self._process
        assert process.stdin is not None
        process.stdin.write(json.dumps({**order, **how}) + "\n")
        process.stdin.flush()
        died, statements = None, []
        while "ended" not in (said := _answer(process.stdout)):
            if "died" in said:
                died = said["died"]
                if kill_server is not None:
                    kill_server()
            else:
                statements.append((said["statement"], said["seconds"]))
        return End(said["ended"], died, self._output.read_text(), statements)


def _answer(stream: IO[str] | None) -> dict[str, Any]:
    assert stream is not None
    line = stream.readline()
    assert line, "the process that forks deployments has ended"
    answer: dict[str, Any] = json.loads(line)
    return answer


@contextmanager
def deployments() -> Iterator[Deployments]:
    """A warm process to fork deployments from."""
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.mortal"], cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        with process:  # waits, and closes the pipes; the process ends with its stdin
            _answer(process.stdout)
            yield Deployments(process, Path(folder))


def wait_until_gone(url: URL) -> None:
    """Wait for the end of what is left of killed clients on the server."""
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
    while rows(url, query) != [(0,)]:
        time.sleep(0.005)


def kill_server(server: Server) -> None:
    """SIGKILL for the postmaster and every one of its processes, as when the power fails or a container is killed."""
    family = [server.pid, *_children(server.pid)]
    for pid in family:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    server.crash()  # tells the guard


def _children(parent: int) -> list[int]:
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            # The name in brackets may hold anything; the parent is the second word behind it.
            if int(status.read_text().rpartition(")")[2].split()[1]) == parent:
                found.append(int(status.parent.name))
    return found
