"""What a database at a revision should be: the catalogue of a scratch database that the revisions made, on a server of the same version.

Making one takes seconds, so the catalogue is kept in the user's cache, under a name that says which revisions and which server made it.
"""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic.util import CommandError
from sqlalchemy import URL

from rently_db.database import masked, parse_url, server_version
from rently_db.operations.compat.scratch import scratch_database, upgrade
from rently_db.operations.drift.catalogue import Catalogue, as_json, from_json, read_catalogue
from rently_db.operations.sessions import reading
from rently_db.packaged import migrations
from rently_db.server import Server, installed_server
from rently_db.server.binaries import PINNED
from rently_db.server.places import project_dir

CACHE_VARIABLE = "RENTLY_CACHE"


def cache_dir() -> Path:
    """Where catalogues are kept: ``RENTLY_CACHE``, else ``rently_db`` in the user's cache."""
    given = os.environ.get(CACHE_VARIABLE)
    if given:
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "rently_db"


def fingerprint() -> str:
    """The digest of everything that decides what a revision makes."""
    package = Path(__file__).resolve().parents[2]
    folders = [(migrations(), "*"), (package / "migrate", "*"), (package / "sql", "*.py"), (package / "models", "*.py")]
    found = hashlib.sha256((Path(__file__).parent / "catalogue.sql").read_bytes())
    for folder, pattern in folders:
        for path in sorted(folder.rglob(pattern)):
            if path.is_file() and "__pycache__" not in path.parts:
                found.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:20]


def reference(revision: str, major: int, scratch: URL | None = None) -> Catalogue:
    """The catalogue of a database at ``revision`` on PostgreSQL ``major``: the one kept, or a new one.

    ``scratch`` is a server of that version where a database may be created for a moment; without it our own server is started, if it is of
    that version.

    Raises:
        CommandError: no server of that version is at hand.
    """
    kept = cache_dir() / f"drift-{revision}-pg{major}-{fingerprint()}.json"
    if kept.is_file():
        try:
            return from_json(json.loads(kept.read_text(encoding="utf-8")))
        except (ValueError, TypeError):  # half written, or somebody's: made again
            kept.unlink(missing_ok=True)
    found = _made(revision, major, scratch)
    _keep(kept, found)
    return found


def _made(revision: str, major: int, scratch: URL | None) -> Catalogue:
    with _server(major, scratch) as server, scratch_database(server, "") as (url, _):
        upgrade(url, revision)
        with reading(url) as connection:
            return read_catalogue(connection)


@contextmanager
def _server(major: int, scratch: URL | None) -> Iterator[URL]:
    """A server of that version."""
    if scratch is not None:
        if (version := _major(scratch)) != major:
            raise CommandError(
                f"{masked(scratch)} is PostgreSQL {version}, and prints definitions otherwise than {major}; name a server of {major}"
            )
        yield scratch.set(database=scratch.database or "postgres")
        return
    fetched = project_dir() / ".rently" / "servers" / PINNED.get(str(major), "none")
    with Server(installed_server(str(major)) if fetched.is_dir() else None) as own:
        url = parse_url(own.url())
        if _major(url) != major:
            raise CommandError(
                f"what the revision makes on PostgreSQL {major} has to be made once, on such a server: with --scratch-url name one "
                "where you may create a database for a moment; the database's own server will do"
            )
        yield url


def _major(url: URL) -> int:
    with reading(url) as connection:
        return server_version(connection) // 10000


def _keep(path: Path, catalogue: Catalogue) -> None:
    """Keep it for the next time; a cache that can't be written to is no reason to fail."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        for old in path.parent.glob(f"{path.name.rpartition('-')[0]}-*.json"):
            old.unlink(missing_ok=True)
        with tempfile.NamedTemporaryFile("w", dir=path.parent, suffix=".part", delete=False, encoding="utf-8") as file:
            json.dump(as_json(catalogue), file, ensure_ascii=False)
        Path(file.name).replace(path)
    except OSError:
        return
