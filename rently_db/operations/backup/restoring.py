"""What proving and restoring have in common: pg_restore into a database, then compare every table with the record."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL, NullPool

from rently_db.database import make_engine, masked
from rently_db.migrate.content import Content, Difference, Table, all_tables, compare, snapshot
from rently_db.operations.backup.errors import HalfWayError, database_errors
from rently_db.operations.backup.manifest import Manifest
from rently_db.operations.backup.measuring import measure_in_parallel
from rently_db.operations.backup.tools import Progress, running
from rently_db.server import client_tool

_ENTRY = re.compile(r"pg_restore: from TOC entry \d+; \d+ \d+ (.+)")
_ERROR = re.compile(
    r"pg_restore: error: (?:could not execute query: )?(?:error returned by PQputCopyEnd: )?(?:ERROR: +)?(.+)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Restored:
    """What became of a backup in a database.

    ``found`` are the measures of the restored tables by label; ``differences`` what is not as the record says; ``problems`` what else
    PostgreSQL refused (a role that is missing, a constraint that fails); ``notes`` what is said and does not matter.
    """

    manifest: Manifest
    found: dict[str, Content]
    differences: tuple[Difference, ...]
    problems: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether everything that was backed up is there."""
        return not self.differences and not self.problems


def load(file: Path, url: URL, manifest: Manifest, *, owners: bool, jobs: int, progress: Progress) -> tuple[list[str], list[str]]:
    """Restore into an empty database; returns problems and notes as sentences.

    What fails by itself (a grant to a role that is not there) is collected; raises HalfWayError if pg_restore can't go on at all.
    """
    # Other databases' subscribers must not begin to follow a copy.
    switches = ["--no-subscriptions", *([] if owners else ["--no-owner", "--no-privileges", "--no-publications", "--no-security-labels"])]
    restoring = running(
        client_tool("pg_restore"),
        url,
        f"--jobs={jobs}",
        *switches,
        str(file),
        step="processing data for table",
        stepped=lambda done: progress("restored", done, len(manifest.tables)),
    )
    with restoring as tool:
        pass
    if tool.process.returncode != 0 and not any("errors ignored on restore" in line for line in tool.said):
        raise HalfWayError(f"{masked(url)}: pg_restore stopped: {tool.last_error}")
    return _sorted(tool.said)


def proved(url: URL, manifest: Manifest, problems: Sequence[str], notes: Sequence[str], *, jobs: int, progress: Progress) -> Restored:
    """Compare every table of the record with the database. Raises HalfWayError if the server can't be asked any more."""
    engine = make_engine(url, poolclass=NullPool)
    try:
        with database_errors(url):
            with engine.connect() as connection, snapshot(connection):
                there = {table.label: {column.name for column in table.columns} for table in all_tables(connection)}
            comparable = [table for table, _ in manifest.tables if _names(table) <= there.get(table.label, set())]
            found = measure_in_parallel(
                engine, comparable, jobs=jobs, exported=None, measured=lambda done: progress("measured", done, len(comparable))
            )
    finally:
        engine.dispose()
    differences = compare(manifest.contents, found)
    return Restored(manifest, found, tuple(differences), tuple(problems), tuple(notes))


def _names(table: Table) -> set[str]:
    return {column.name for column in table.columns}


def _sorted(said: Sequence[str]) -> tuple[list[str], list[str]]:
    """Problems and notes out of what pg_restore printed.

    An extension that this server lacks is a note, and so is what then misses one of its objects: tables are compared anyway.
    """
    errors: list[tuple[str, str]] = []
    entry = ""
    for line in said:
        if found := _ENTRY.match(line):
            entry = found[1]
        elif found := _ERROR.match(line):
            errors.append((entry, found[1]))
    lacking = any(entry.startswith("EXTENSION ") for entry, _ in errors)
    problems, notes = [], []
    for entry, message in errors:
        if "transaction_timeout" in message:  # pg_restore 17 and later ask every server for it; it came with PostgreSQL 17
            continue
        if " ".join(entry.split()[:2]) == "COMMENT - EXTENSION" or entry.startswith(("EXTENSION ", "COMMENT EXTENSION ")):
            notes.append(f"{entry.removesuffix(' (no owner)')}: {message}")
        elif lacking and "does not exist" in message:
            notes.append(f"{entry}: {message}, because an extension is missing here")
        else:
            problems.append(f"{entry}: {message}")
    return problems, notes
