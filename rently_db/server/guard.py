"""The process beside a PostgreSQL server that makes sure it is never left behind. Runs as a script, stdlib only.

Whoever uses the server holds a shared lock on `users.lock` in the server's home. The kernel drops that lock when its
holder ends, however it ends, kill -9 included. The guard starts PostgreSQL as its own child and keeps asking for the
lock exclusively; the moment it gets it nobody is left, so it stops the server, deletes a temporary home and ends.
Should the guard itself be killed, PostgreSQL gets SIGINT from the kernel and shuts down.

First line on stdin: the configuration (see `Config`), then one command a line: start, stop, crash, leave.
One JSON line answers each: {"ok": ...} or {"error": ...}.
"""

from __future__ import annotations

import contextlib
import ctypes
import fcntl
import json
import locale
import os
import select
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import IO, Any, TypedDict

POLL_SECONDS = 0.25
START_SECONDS = 60.0
STOP_SECONDS = 30.0

# What a server killed a moment ago leaves for its successor; goes away when its last backend has.
_STILL_GOING = ("already exists", "still in use", "Is another postmaster")


class Config(TypedDict):
    """What the guard is told on its first line."""

    home: str
    """Directory with data/, users.lock, guard.lock and server.log."""
    socket: str
    """Directory of the socket; deleted at the end if it is outside of home."""
    bin: str
    """Directory with initdb and postgres."""
    environment: dict[str, str]
    user: list[int] | None
    """User and group id PostgreSQL runs as; None: as we do."""
    temporary: bool
    """Delete the home at the end."""
    password: str
    """The superuser's, for TCP; set when the data directory is made."""
    hba: str
    """Text of pg_hba.conf."""
    options: list[str]
    """Command line options of postgres."""


class Guard:
    """One PostgreSQL server, from initdb to its end."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.home = Path(config["home"])
        self.data = self.home / "data"
        self.process: subprocess.Popen[bytes] | None = None
        self.users = os.open(self.home / "users.lock", os.O_RDWR)
        # Held for our whole life: an unlocked guard.lock means that no guard runs, and a temporary home is litter.
        self.alive = os.open(self.home / "guard.lock", os.O_RDWR)
        fcntl.flock(self.alive, fcntl.LOCK_EX)

    def start(self) -> None:
        """Make the data directory if there is none, start PostgreSQL and wait until it accepts connections."""
        if not (self.data / "PG_VERSION").exists():
            self._initdb()
        # Not in data/: as root we must not write where the unprivileged user could have put a symbolic link.
        hba = self.home / "pg_hba.conf"
        hba.write_text(self.config["hba"])
        hba.chmod(0o644)
        deadline = time.monotonic() + START_SECONDS
        while not self._launch(deadline):
            time.sleep(0.2)

    def stop(self) -> None:
        """Stop PostgreSQL: immediately if the data is thrown away anyway, else orderly; in the end it is gone."""
        first = signal.SIGQUIT if self.config["temporary"] else signal.SIGINT
        for number in (first, signal.SIGQUIT, signal.SIGKILL):
            if self._ended():
                return
            self._signal(number)
            deadline = time.monotonic() + STOP_SECONDS
            while not self._ended() and time.monotonic() < deadline:
                time.sleep(0.02)

    def crash(self) -> None:
        """Kill the postmaster with SIGKILL, as the out-of-memory killer would."""
        self._signal(signal.SIGKILL)
        if self.process is not None:
            self.process.wait()

    def unused(self) -> bool:
        """True if nobody uses the server any more; from then on a newcomer waits until we have ended."""
        try:
            fcntl.flock(self.users, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def end(self) -> None:
        """Leave nothing behind."""
        self.stop()
        outside = Path(self.config["socket"])
        if self.home not in outside.parents:
            shutil.rmtree(outside, ignore_errors=True)
        if self.config["temporary"]:
            shutil.rmtree(self.home, ignore_errors=True)

    def answer(self, command: str) -> dict[str, Any]:
        """Obey one command."""
        try:
            if command == "leave":
                return {"ok": self.unused()}
            {"start": self.start, "stop": self.stop, "crash": self.crash}[command]()
        except (OSError, RuntimeError) as problem:
            return {"error": str(problem)}
        return {"ok": True}

    def _initdb(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)  # what an interrupted initdb left
        self.data.mkdir(mode=0o700)
        self._give_away(self.data)
        command = [f"{self.config['bin']}/initdb", "-D", str(self.data), "-U", "postgres", "-E", "UTF8", "-N", "-A", "trust"]
        # pg_hba.conf is replaced anyway; initdb takes from this how the password is stored, which was md5 before PostgreSQL 14.
        command += ["--auth-host=scram-sha-256"]
        pwfile = self.home / "password"
        command += [f"--locale={_locale()}", f"--pwfile={pwfile}"]
        try:
            pwfile.touch(mode=0o600)
            pwfile.write_text(self.config["password"])
            self._give_away(pwfile)
            self._run(command, subprocess.PIPE).communicate()
            done = (self.data / "PG_VERSION").exists() and (self.data / "pg_hba.conf").exists()
        finally:
            pwfile.unlink(missing_ok=True)
        if not done:
            raise RuntimeError(f"initdb failed: {self._log()}")

    def _launch(self, deadline: float) -> bool:
        """Start postgres; True when it is ready, False if it is worth another try."""
        mark = (self.home / "server.log").stat().st_size
        self.process = self._run(self._command(), None)
        while self.process.poll() is None:
            lines = _lines(self.data / "postmaster.pid")
            if len(lines) > 7 and lines[0] == str(self.process.pid) and lines[7].strip() == "ready":
                return True
            if time.monotonic() > deadline:
                self.stop()
                raise RuntimeError(f"PostgreSQL was not ready within {START_SECONDS:.0f} s: {self._log(mark)}")
            time.sleep(0.02)
        log = self._log(mark)
        if time.monotonic() < deadline and any(text in log for text in _STILL_GOING):
            return False
        raise RuntimeError(f"PostgreSQL did not start: {log}")

    def _command(self) -> list[str]:
        hba = f"hba_file={self.home / 'pg_hba.conf'}"
        return [f"{self.config['bin']}/postgres", "-D", str(self.data), "-c", hba, *self.config["options"]]

    def _run(self, command: list[str], stdout: int | None) -> subprocess.Popen[bytes]:
        uid, gid = self.config["user"] or (None, None)
        with (self.home / "server.log").open("ab") as log:
            return subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=stdout or log,
                stderr=log,
                cwd=self.data,
                env=self.config["environment"],
                user=uid,
                group=gid,
                extra_groups=None if uid is None else [],
                umask=0o077,
                preexec_fn=_die_with_parent,  # noqa: PLW1509 - this process has one thread
            )

    def _give_away(self, path: Path) -> None:
        if self.config["user"] is not None:
            os.chown(path, *self.config["user"])

    def _ended(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def _signal(self, number: int) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(number)

    def _log(self, mark: int = 0) -> str:
        text = (self.home / "server.log").read_bytes()[mark:].decode(errors="replace").strip()
        return " | ".join(text.splitlines()[-4:]) or "it said nothing"


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGINT)  # PR_SET_PDEATHSIG


def _locale() -> str:
    """C.UTF-8 where the system has it: byte order, but letters beyond ASCII have upper and lower case."""
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    return "C.UTF-8"


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text().splitlines()
    except FileNotFoundError:
        return []


def watch(guard: Guard, commands: IO[bytes]) -> None:
    """Obey commands until nobody uses the server."""
    listening, pending = True, b""
    while not guard.unused():
        readable, _, _ = select.select([commands] if listening else [], [], [], POLL_SECONDS)
        if not readable:
            continue
        chunk = os.read(commands.fileno(), 4096)
        listening = bool(chunk)
        *lines, pending = (pending + chunk).split(b"\n")
        for line in lines:
            reply = json.dumps(guard.answer(line.decode()))
            with contextlib.suppress(BrokenPipeError):  # whoever asked was killed; others may still use the server
                print(reply, flush=True)


def main() -> None:
    """Entry point of the script."""
    # Ctrl-C and a closed terminal are the user's word to the program that uses the server, not to the server.
    for number in (signal.SIGINT, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    # In the wrong hands SIGTERM would end us before PostgreSQL; as an exception it passes through `end`.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    commands = os.fdopen(0, "rb", buffering=0)
    guard = Guard(json.loads(commands.readline()))
    try:
        watch(guard, commands)
    finally:
        guard.end()


if __name__ == "__main__":
    main()
