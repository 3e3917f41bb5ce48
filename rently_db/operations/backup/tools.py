"""Run pg_dump and pg_restore: password in the environment, messages collected, ended with us."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from sqlalchemy import URL

from rently_db.database import client_address

Progress = Callable[[str, int, int | None], None]
"""Called with what is being done (a participle: "dumped"), how much is done, and how much there is (None: unknown)."""

_STOP_SECONDS = 10
_VERBOSE = re.compile(r"pg_(?:dump|restore): (?!error:|warning:|hint:|detail:|while |from TOC)")


@dataclass
class Tool:
    """A running pg_dump or pg_restore."""

    process: subprocess.Popen[str]
    said: list[str] = field(default_factory=list)
    """What it printed besides its progress: errors, and what belongs to them."""

    def listen(self, stream: IO[str], step: str, stepped: Callable[[int], None]) -> None:
        """Read what it prints until it ends; call ``stepped`` with the count of lines that hold ``step``."""
        steps = 0
        for line in stream:
            if step in line:
                steps += 1
                stepped(steps)
            elif not _VERBOSE.match(line):
                self.said.append(line.rstrip())

    @property
    def last_error(self) -> str:
        """Its last error as one line."""
        errors = [line.partition("error: ")[2] for line in self.said if "error: " in line]
        texts = errors or [line for line in self.said if line] or [f"it ended with code {self.process.returncode}"]
        return texts[-1].removeprefix("error: ")


@contextmanager
def running(
    program: Path,
    url: URL,
    *arguments: str,
    step: str,
    stepped: Callable[[int], None],
    keep_open: tuple[int, ...] = (),
) -> Iterator[Tool]:
    """Start pg_dump or pg_restore on a database, verbosely; who leaves early ends it. ``keep_open`` are file descriptors it holds, too."""
    address, secrets = client_address(url)
    process = subprocess.Popen(
        [str(program), "--dbname", address, "--no-password", "--verbose", *arguments],
        env={"PGAPPNAME": "rently_db", **os.environ, **secrets, "LC_ALL": "C"},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        errors="replace",
        start_new_session=True,  # Ctrl-C is for us; we end it
        pass_fds=keep_open,
    )
    assert process.stderr is not None
    tool = Tool(process)
    listener = threading.Thread(target=tool.listen, args=(process.stderr, step, stepped), daemon=True)
    listener.start()
    try:
        yield tool
        process.wait()
    finally:
        with contextlib.suppress(ProcessLookupError):
            process.terminate()
        try:
            process.wait(_STOP_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        listener.join()
        process.stderr.close()
