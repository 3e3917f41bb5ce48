"""A clone of a database, on a server where it disturbs nobody, and gone afterwards."""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import URL, text

from rently_db.database import client_address, masked, parse_url, server_version
from rently_db.dumping import pg_dump_for
from rently_db.operations.backup import Manifest
from rently_db.operations.backup.databases import check_version, create, drop, session
from rently_db.operations.backup.restoring import load, proved
from rently_db.operations.interrupt import uninterrupted
from rently_db.server import Server, embedded_server

PREFIX = "rently_rehearsal_"
"""What the names of clones begin with."""


@dataclass(frozen=True, slots=True)
class Clone:
    """A clone. ``differences`` are tables that are not as they were backed up; ``notes`` what else is not as in the original."""

    url: URL
    version: int
    """The server's, as PostgreSQL writes it: 180006."""
    differences: tuple[str, ...]
    notes: tuple[str, ...]


@contextmanager
def clone_server(given: URL | None, *, keep: bool) -> Iterator[URL]:
    """The server for a clone: the one given; that of this checkout, if the clone is to outlive us; else one that goes with us.

    Raises:
        ServerError: our own server can't start.
    """
    if given is not None:
        yield given.set(database=given.database or "postgres")
    elif keep:
        with embedded_server() as shared:
            yield parse_url(shared.url())
    else:
        # Whatever happens to us, even SIGKILL: its data goes.
        with Server() as own:
            yield parse_url(own.url())


@contextmanager
def cloned(file: Path, manifest: Manifest, admin_url: URL, *, keep: bool) -> Iterator[Clone]:
    """Restore a backup into a new database, without owners and grants; drop it afterwards however this ends, unless it is to be kept.

    Raises:
        BackupError: the server is too old or doesn't let us create a database; HalfWayError: it failed on the way.
    """
    name = f"{PREFIX}{'kept_' if keep else ''}{secrets.token_hex(6)}"
    clone = admin_url.set(database=name)
    with session(admin_url) as admin:
        check_version(admin, manifest)
        version = server_version(admin)
        left = admin.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :p"), {"p": f"{PREFIX}%"}).all()
    notes = [f"{other} is of another rehearsal; if nobody needs it, drop it: DROP DATABASE {other}" for other in left]
    try:
        with session(admin_url) as admin:
            notes += create(admin, name, manifest)
        problems, said = load(file, clone, manifest, owners=False, jobs=2, progress=lambda *_: None)
        restored = proved(clone, manifest, problems, said, jobs=2, progress=lambda *_: None)
        yield Clone(clone, version, tuple(map(str, restored.differences)), (*notes, *restored.notes, *restored.problems))
    finally:
        if not keep:
            with uninterrupted(), session(admin_url) as admin:
                drop(admin, name)


@contextmanager
def scratch_beside(url: URL) -> Iterator[URL]:
    """An empty database on the same server, dropped afterwards."""
    name = f"{PREFIX}models_{secrets.token_hex(6)}"
    try:
        with session(url) as admin:
            admin.execute(text(f"CREATE DATABASE {name} TEMPLATE template0"))
        yield url.set(database=name)
    finally:
        with uninterrupted(), session(url) as admin:
            drop(admin, name)


def schema_text(url: URL) -> str:
    """Schema ``public`` as pg_dump prints it, without the random lines of newer versions.

    Raises:
        CommandError: pg_dump fails; what it said.
    """
    address, password = client_address(url)
    done = subprocess.run(
        [str(pg_dump_for(url)), "--schema-only", "--schema=public", "--no-password", "--dbname", address],
        env={**os.environ, **password, "LC_ALL": "C"},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise CommandError(f"{masked(url)}: {(done.stderr.strip().splitlines() or ['pg_dump failed'])[-1]}")
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))
