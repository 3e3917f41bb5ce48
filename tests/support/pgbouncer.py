"""The real pgbouncer in front of the test server, for as long as a test needs it."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.server.places import base_dir, server_user
from tests.support.migrations import plain

_PATH = f"{os.environ.get('PATH', '')}{os.pathsep}/usr/sbin"
_SIGNAL_WHEN_PARENT_ENDS = 1


@contextmanager
def pgbouncer(url: URL, pool_mode: str, **settings: str | int) -> Iterator[URL]:
    """The URL of the same database through pgbouncer; ``settings`` are lines of its [pgbouncer] section.

    Skips the test, saying so, where pgbouncer is not installed.
    """
    program = shutil.which("pgbouncer", path=_PATH)
    if program is None:
        pytest.skip("pgbouncer is not installed; apt-get install pgbouncer")
    user = server_user()  # pgbouncer refuses to run as root too
    folder = Path(tempfile.mkdtemp(prefix="b-", dir=base_dir()))
    try:
        host, port = url.query.get("host", url.host or ""), url.query.get("port", url.port or 5432)
        lines = {
            "pool_mode": pool_mode,
            "listen_port": 6432,
            "unix_socket_dir": folder,
            "auth_type": "any",
            "logfile": folder / "log",
            "server_login_retry": 1,
            **settings,
        }
        config = folder / "pgbouncer.ini"
        target = f"* = host={host} port={port} user={url.username}" + (f" password={url.password}" if url.password else "")
        config.write_text(f"[databases]\n{target}\n[pgbouncer]\n" + "".join(f"{name} = {value}\n" for name, value in lines.items()))
        if user is not None:
            os.chown(folder, *user)
            config.chmod(0o644)
        process = subprocess.Popen(
            [program, str(config)],
            cwd="/",
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=lambda: ctypes.CDLL(None).prctl(_SIGNAL_WHEN_PARENT_ENDS, signal.SIGKILL),  # noqa: PLW1509 - also if the test run is killed
            **({} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}),
        )
        try:
            through = url.set(host=None, port=None, password=None, query={"host": str(folder), "port": "6432"})
            _wait_for(through, process, folder / "log")
            yield through
        finally:
            process.kill()
            process.wait()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(url: URL, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 20
    while True:
        with contextlib.suppress(psycopg2.OperationalError):
            psycopg2.connect(plain(url), options="").close()
            return
        if process.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"pgbouncer does not answer: {log.read_text() if log.exists() else 'it wrote no log'}")
        time.sleep(0.05)
