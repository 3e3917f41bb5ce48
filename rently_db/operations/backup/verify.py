"""Prove a backup: restore it into a scratch database and compare every table with the record."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from sqlalchemy import URL, text

from rently_db.database import parse_url
from rently_db.operations.backup.databases import check_version, create, drop, session
from rently_db.operations.backup.errors import DamagedError, database_errors
from rently_db.operations.backup.manifest import Manifest, check_file, read_manifest
from rently_db.operations.backup.proof import forget_proof, keep_proof
from rently_db.operations.backup.restoring import Restored, load, proved
from rently_db.operations.backup.tools import Progress
from rently_db.server import Server

_PREFIX = "rently_verify_"


def verify(file: Path, *, server: URL | None = None, jobs: int = 1, progress: Progress = lambda *_: None) -> Restored:
    """Restore the backup into a scratch database, compare, and drop it, however this ends.

    ``server`` names any database of the server to use; the scratch database beside it gets a name of its own. Without it a PostgreSQL 18
    of our own is started in a temporary directory and deleted afterwards, even if we are killed. What it came to is kept beside the file.
    Raises DamagedError if the file is not the one that was written, BackupError if nothing can be proved, HalfWayError if the server
    fails on the way, ServerError if our own can't start.
    """
    manifest = read_manifest(file)
    try:
        check_file(file, manifest, progress)
    except DamagedError:
        forget_proof(file)
        raise
    with _server(server) as admin_url, _scratch(admin_url, manifest) as (scratch, created):
        problems, notes = load(file, scratch, manifest, owners=False, jobs=jobs, progress=progress)
        restored = proved(scratch, manifest, problems, [*created, *notes], jobs=jobs, progress=progress)
    unkept = keep_proof(file, restored)
    return restored if unkept is None else replace(restored, notes=(*restored.notes, unkept))


@contextmanager
def _server(given: URL | None) -> Iterator[URL]:
    if given is not None:
        yield given
    else:
        with Server() as server:
            yield parse_url(server.url())


@contextmanager
def _scratch(admin_url: URL, manifest: Manifest) -> Iterator[tuple[URL, list[str]]]:
    """A scratch database, and what is to be said about it."""
    name = f"{_PREFIX}{secrets.token_hex(6)}"
    with session(admin_url) as admin:
        check_version(admin, manifest)
        left = admin.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :p"), {"p": f"{_PREFIX}%"}).all()
        notes = [f"{old} is of another verification; if none is running, drop it: DROP DATABASE {old}" for old in left]
        try:
            notes += create(admin, name, manifest)
            yield admin_url.set(database=name), notes
        finally:
            with database_errors(admin_url):
                drop(admin, name)
