"""Which server the tests run on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Protocol

from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.server import Server
from rently_db.server.places import base_dir, held

_SETTINGS = {"fsync": "off", "full_page_writes": "off", "max_connections": "300", "max_wal_size": "256MB", "min_wal_size": "32MB"}


class Executor(Protocol):
    """What the server fixtures of pytest-postgresql give."""

    host: str
    port: int
    user: str
    password: str | None


def executor_url(executor: Executor) -> URL:
    """The server of one of pytest-postgresql's fixtures."""
    url = URL.create("postgresql+psycopg2", executor.user, executor.password or None, database="postgres")
    # A directory is that of a unix socket; SQLAlchemy takes it as a parameter only.
    if executor.host.startswith("/"):
        return url.set(query={"host": executor.host, "port": str(executor.port)})
    return url.set(host=executor.host, port=int(executor.port))


def kept_home() -> Path | None:
    """Where the server's data may outlive a run: one directory per user and start of the machine; None where the kernel does not say.

    Without fsync the kernel holds what PostgreSQL wrote. It survives every crash of ours, but not a power failure: so what a machine wrote
    before it was started last is not used again.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    except OSError:
        return None
    return base_dir() / f"k-{boot[:8]}"


@contextmanager
def embedded() -> Iterator[tuple[URL, bool]]:
    """The embedded PostgreSQL, and whether its data stays: one server for all workers and runs of a user, ended by the last to leave.

    Raises:
        ServerError: it can't start, or is not installed.
    """
    home = kept_home()
    if home is not None:
        for other in base_dir().glob("k-*"):
            if other != home and not held(other / "guard.lock"):
                shutil.rmtree(other, ignore_errors=True)
    with Server(home=home, settings=_SETTINGS) as server:
        yield parse_url(server.url()), home is not None
