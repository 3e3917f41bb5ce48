"""Restore a backup into a database of its own, beside the live one or instead of a lost one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import masked
from rently_db.migrate.actions import literal
from rently_db.operations.backup.databases import check_version, create, drop, exists, held_relations, session
from rently_db.operations.backup.errors import BackupError, HalfWayError, database_errors
from rently_db.operations.backup.manifest import Manifest, check_file, read_manifest
from rently_db.operations.backup.restoring import Restored, load, proved
from rently_db.operations.backup.tools import Progress

_LOCK = 0x52454E54_42414B55
# Their values are lists of quoted names already.
_LISTS = {"local_preload_libraries", "search_path", "session_preload_libraries", "shared_preload_libraries", "temp_tablespaces"}


def restore(file: Path, url: URL, *, owners: bool = True, jobs: int = 1, progress: Progress = lambda *_: None) -> Restored:
    """Restore into the empty database that the URL names (created if it is missing), analyse it, and compare it with the record.

    With ``owners`` tables get the owners and rights they had; roles that the server lacks are then problems of the result.
    Raises DamagedError or BackupError before anything is changed, HalfWayError if it stops on the way: a database that we created is
    then dropped again.
    """
    manifest = read_manifest(file)
    check_file(file, manifest, progress)
    with _target(url, manifest) as notes:
        problems, said = load(file, url, manifest, owners=owners, jobs=jobs, progress=progress)
        with session(url) as connection, database_errors(url):
            connection.execute(text("ANALYZE"))
            if owners:
                problems += _set(connection, manifest)
        if owners and manifest.rights:
            said.append(f"rights on the database itself are not restored; it had {manifest.rights}")
        return proved(url, manifest, problems, [*notes, *said], jobs=jobs, progress=progress)


def restored_before(file: Path, url: URL, *, jobs: int = 1, progress: Progress = lambda *_: None) -> Restored:
    """Compare a database that the backup was restored into with the record once more; changes nothing. Raises as `restore`."""
    manifest = read_manifest(file)
    return proved(url, manifest, [], [], jobs=jobs, progress=progress)


@contextmanager
def _target(url: URL, manifest: Manifest) -> Iterator[list[str]]:
    """Have the database, empty and for us alone; undo it if the work inside does not end."""
    name = str(url.database or "")
    if not name:
        raise BackupError(f"{masked(url)} names no database; end it with /NAME of the one to restore into")
    if exists(url):
        with session(url) as connection:
            _check_empty(connection, manifest)
            try:
                yield []
            except BaseException as problem:
                raise HalfWayError(
                    f"{_first(problem)}; {masked(url)} may hold a part of the backup: drop and create the database, then run it again"
                ) from problem
        return
    with session(url.set(database="postgres")) as admin:
        check_version(admin, manifest)
        notes = create(admin, name, manifest)
        try:
            yield notes
        except BaseException:
            with database_errors(url):
                drop(admin, name)
            raise


def _first(problem: BaseException) -> str:
    return "stopped" if isinstance(problem, KeyboardInterrupt) else str(problem)


def _check_empty(connection: Connection, manifest: Manifest) -> None:
    shown = masked(connection.engine.url)
    check_version(connection, manifest)
    if not connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": _LOCK}):
        raise BackupError(f"another restore into {shown} is running; wait for it, or name another database")
    held = held_relations(connection)
    if held:
        raise BackupError(f"{shown} is not empty: it holds {len(held)} tables, views and sequences ({held[0]}, ...); name a new database")


def _set(connection: Connection, manifest: Manifest) -> list[str]:
    """Give the database the settings it had; returns those that the server refuses, as sentences."""
    quote = connection.dialect.identifier_preparer.quote_identifier
    refused = []
    for role, setting in manifest.settings:
        name, _, value = setting.partition("=")
        whose = f"ROLE {quote(role)} IN DATABASE" if role else "DATABASE"
        wanted = value if name in _LISTS else literal(value)
        statement = f"ALTER {whose} {quote(str(connection.engine.url.database))} SET {name} = {wanted}"
        try:
            connection.exec_driver_sql(statement, execution_options={"no_parameters": True})
        except DBAPIError as problem:
            refused.append(f"{statement}: {str(problem.orig).strip().splitlines()[0]}")
    return refused
