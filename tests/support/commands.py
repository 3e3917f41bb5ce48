"""Run `rently-db` the way a shell does: a process of its own, its exit code, what it prints where."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from rently_db.operations.status import read_status
from tests.support.migrations import ROOT, Outcome, connect, plain

COMMAND = [sys.executable, "-c", "from rently_db.cli import main; main()"]
PATIENCE_SECONDS = 90
REPORT = "month end report"
"""The application that keeps index builds waiting."""


def _environment(url: URL | str | None) -> dict[str, str]:
    env = {key: value for key, value in os.environ.items() if key != ENVIRONMENT_VARIABLE}
    if url is not None:
        env[ENVIRONMENT_VARIABLE] = plain(url) if isinstance(url, URL) else url
    return env | {"COLUMNS": "80"}


def rently_db(url: URL | str | None, *arguments: str, **environment: str) -> Outcome:
    """The command on a database (``None`` names none), until it ends."""
    done = subprocess.run(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=_environment(url) | environment,
        capture_output=True,
        text=True,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)


def answer(url: URL, *arguments: str, code: int = 0) -> Any:
    """What a command says with --json, having ended with that exit code; nothing but JSON may be on stdout."""
    said = rently_db(url, *arguments, "--json")
    assert said.code == code, said.text
    return json.loads(said.stdout)


def looked(url: URL) -> Any:
    """What `rently-db status --json` says, without a process."""
    return read_status(url).json()


def waits(url: URL, application: str = REPORT) -> Any:
    """The status, if the migration waits for that application at this moment; else None."""
    found = looked(url)
    step = found["step"]
    return found if step and application in (step["waiting_for"] or "") else None


@contextmanager
def running(url: URL, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """The command at work; ended with the block, if it has not ended by itself."""
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=_environment(url),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A shell's background ignores it.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),  # noqa: PLW1509 (it takes no lock)
    )
    try:
        with process:
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()
    finally:
        process.wait()


def ended(process: subprocess.Popen[str]) -> Outcome:
    """How a started command ends."""
    stdout, stderr = process.communicate(timeout=PATIENCE_SECONDS)
    return Outcome(process.returncode, stdout, stderr)


@contextmanager
def old_snapshot(url: URL, statement: str = "SELECT 1") -> Iterator[None]:
    """A session whose transaction is open, after that statement: a concurrent index build waits for its end."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT set_config('application_name', %s, false)", (REPORT,))
            cursor.execute("BEGIN ISOLATION LEVEL REPEATABLE READ")
            cursor.execute(statement)
        yield
    finally:
        connection.close()


T = TypeVar("T")


def until(look: Callable[[], T | None], what: str) -> T:
    """Ask until there is an answer."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < deadline:
        found = look()
        if found is not None:
            return found
        time.sleep(0.1)
    raise AssertionError(f"waited {PATIENCE_SECONDS} s for {what}")
