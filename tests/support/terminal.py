"""Run `rently-db` on a terminal: what it prints there is not what it prints into a pipe."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

from sqlalchemy import URL

from tests.support.commands import COMMAND, _environment
from tests.support.migrations import ROOT, Outcome

ESCAPE = re.compile(r"\x1b(\[[0-9;?]*[A-Za-z]|\][^\x07]*\x07|[()][A-Z0-9])")


def on_terminal(url: URL | str | None, *arguments: str, columns: int = 80, stderr_too: bool = False, **environment: str) -> Outcome:
    """The command with its output on a terminal of so many columns; stderr, where progress is, goes into a pipe unless asked for."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    env = {**_environment(url), "COLUMNS": str(columns), "TERM": "xterm-256color", **environment}
    for name in ("NO_COLOR", "FORCE_COLOR", "GITHUB_ACTIONS", "PY_COLORS"):
        if name not in environment:
            env.pop(name, None)
    process = subprocess.Popen(
        [*COMMAND, *arguments],
        cwd=ROOT,
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=follower,
        stderr=follower if stderr_too else subprocess.PIPE,
        text=True,
    )
    os.close(follower)
    said = b""
    # The kernel says EIO when the last writer has gone.
    with contextlib.suppress(OSError):
        while part := os.read(leader, 65536):
            said += part
    os.close(leader)
    errors = process.stderr.read() if process.stderr else ""
    if process.stderr:
        process.stderr.close()
    return Outcome(process.wait(), said.decode().replace("\r\n", "\n"), errors)


def plainly(text: str) -> str:
    """The text without escape sequences; what is drawn over itself, as a line for each time."""
    return ESCAPE.sub("", text).replace("\r", "\n")
