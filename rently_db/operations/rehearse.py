"""Rehearse the migration on a clone: up, validated, down, compared byte for byte with the original, and up again."""

from __future__ import annotations

import difflib
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from sqlalchemy import URL, NullPool, text

from rently_db.database import make_engine, masked, server_version
from rently_db.migrate.catalog import compare as compare_catalogues
from rently_db.migrate.catalog import create_from_models, snapshot
from rently_db.migrate.content import compare, measure
from rently_db.migrate.errors import FindingsError
from rently_db.migrate.mapping import ValueMapping
from rently_db.migrate.run import Observer
from rently_db.migrate.steps import KEPT_SCHEMA
from rently_db.operations.backup import Manifest, backup
from rently_db.operations.clones import Clone, clone_server, cloned, schema_text, scratch_beside
from rently_db.operations.migrating import STOPPED, Direction, Journey, Outcome, carry_out, plan_journey
from rently_db.operations.preflight import check
from rently_db.operations.sessions import current_revision, reading

_MOST = 5
"""How many differences a reason names."""


@dataclass(frozen=True, slots=True)
class RevisionTime:
    """What one revision took on one way. Seconds are those of its steps, pauses included."""

    revision: str
    seconds: float
    rows: int
    longest_lock_seconds: float


@dataclass(frozen=True, slots=True)
class Leg:
    """One way through the revisions."""

    outcome: Outcome
    revisions: tuple[RevisionTime, ...]

    def json(self) -> dict[str, Any]:
        """The leg for ``--json``: the outcome, and what each revision took."""
        return self.outcome.json() | {"revisions": [asdict(revision) for revision in self.revisions]}


@dataclass(slots=True)
class Rehearsal:
    """What a rehearsal found. ``reason`` is why the verdict is not good, None if it is; the first reason ends the rehearsal."""

    source: str
    source_version: int
    clone_version: int = 0
    clone: str | None = None
    """The URL of the clone without its password, if it was kept."""
    rows: int = 0
    findings: list[dict[str, Any]] = field(default_factory=list)
    """As ``rently-db preflight --json`` prints them."""
    legs: list[Leg] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    proven: list[str] = field(default_factory=list)
    reason: str | None = None
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """The verdict."""
        return self.reason is None

    @property
    def longest_lock(self) -> tuple[float, str]:
        """The longest lock of all ways, in seconds, and the step that held it."""
        return max(((leg.outcome.longest_lock_seconds, leg.outcome.longest_lock_step) for leg in self.legs), default=(0.0, ""))

    def json(self) -> dict[str, Any]:
        """The rehearsal for ``--json``; the command's help lists the keys."""
        seconds, step = self.longest_lock
        return {
            "verdict": "good" if self.good else "not good",
            "reason": self.reason,
            "source": self.source,
            "source_version": self.source_version,
            "clone_version": self.clone_version,
            "clone": self.clone,
            "rows": self.rows,
            "seconds": round(self.seconds, 3),
            "longest_lock": {"seconds": seconds, "step": step or None},
            "proven": self.proven,
            "findings": self.findings,
            "legs": [leg.json() for leg in self.legs],
            "notes": self.notes,
        }


class _NotGoodError(Exception):
    """The verdict is not good; the message is the reason."""


Watch = Callable[[Journey], AbstractContextManager[Observer]]


class Rehearser:
    """Rehearses one database. ``tell`` hears what is being done, ``watch`` shows a way's progress.

    ``arguments`` are those of ``alembic -x``, ``mapping`` what the mapping file among them says.
    """

    def __init__(self, arguments: Mapping[str, str], mapping: ValueMapping, tell: Callable[[str], None], watch: Watch) -> None:
        self._arguments = arguments
        self._mapping = mapping
        self._tell = tell
        self._watch = watch

    def run(self, url: URL, *, on: URL | None = None, keep: bool = False) -> Rehearsal:
        """Clone the database, which is only read, to the server of ``on`` (default: one of our own), rehearse, and drop the clone.

        Raises:
            BackupError: it can't be cloned; HalfWayError among them: a server failed on the way.
            CommandError: it is not at v0, or can't be reached.
            ServerError: our own server can't start.
        """
        begun = time.monotonic()
        with reading(url) as connection:
            revision = current_revision(connection)
            version = server_version(connection)
        shown = masked(url.set(drivername="postgresql"))
        if revision not in (None, "v0"):
            raise CommandError(f"{shown} is at {revision}; a rehearsal begins at v0: rehearse on a restored backup of v0")
        result = Rehearsal(shown, version)
        with ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="rently-rehearsal-")))
            self._tell(f"reading {url.database} (pg_dump)")
            manifest = backup(url, folder / "source.dump")
            result.rows = manifest.rows
            admin = stack.enter_context(clone_server(on, keep=keep))
            self._tell("writing the clone (pg_restore)")
            clone = stack.enter_context(cloned(folder / "source.dump", manifest, admin, keep=keep))
            (folder / "source.dump").unlink()
            result.clone = masked(clone.url.set(drivername="postgresql")) if keep else None
            result.clone_version = clone.version
            result.notes += clone.notes
            try:
                self._rehearse(clone, manifest, result)
            except _NotGoodError as problem:
                result.reason = str(problem)
        result.seconds = time.monotonic() - begun
        return result

    def _rehearse(self, made: Clone, manifest: Manifest, result: Rehearsal) -> None:
        clone = made.url
        if made.differences:
            raise _NotGoodError(f"the clone is not the original: {'; '.join(made.differences[:_MOST])}")
        if result.source_version // 10_000 != result.clone_version // 10_000:
            result.notes.append(
                f"rehearsed on PostgreSQL {result.clone_version // 10_000}, the original runs {result.source_version // 10_000}; "
                "--on SERVER_URL names a server of its version"
            )
        self._preflight(clone, result)
        before = schema_text(clone)
        self._leg(clone, "up", "head", result)
        self._validate(clone, result)
        self._leg(clone, "down", "v0", result)
        self._compare(clone, manifest, before, result)
        self._leg(clone, "up", "head", result)
        self._validate(clone, result)

    def _preflight(self, clone: URL, result: Rehearsal) -> None:
        self._tell("preflight")
        engine = make_engine(clone, poolclass=NullPool)
        try:
            report = check(engine, self._mapping)
        finally:
            engine.dispose()
        if report.nothing_to_check:
            raise CommandError(report.nothing_to_check)
        result.findings = report.as_json()["findings"]
        stops = [finding for finding in report.findings if finding.stops]
        if stops and "on_violation" not in self._arguments:
            raise _NotGoodError(f"{len(stops)} findings stop the migration, the first: {stops[0].sentence()}")

    def _leg(self, clone: URL, direction: Direction, target: str, result: Rehearsal) -> None:
        journey = plan_journey(clone, direction, target)
        way = "upgrade" if direction == "up" else "downgrade"
        self._tell(f"{way} to {journey.target}: {journey.total:,} steps")
        try:
            with self._watch(journey) as observer:
                outcome = carry_out(clone, journey, arguments=self._arguments if direction == "up" else {}, observer=observer)
        except FindingsError as found:
            raise _NotGoodError(f"the {way} stops: {str(found).splitlines()[0]}") from found
        except CommandError as problem:
            raise _NotGoodError(f"the {way} can't begin: {problem}") from problem
        if outcome.error == STOPPED:
            raise KeyboardInterrupt
        result.legs.append(Leg(outcome, tuple(_times(clone, journey))))
        if outcome.error is not None:
            raise _NotGoodError(f"the {way} failed: {outcome.error}")
        if outcome.unexplained:
            raise _NotGoodError(f"the accounts of the {way} don't close: {'; '.join(outcome.unexplained[:_MOST])}")
        closed = sum(account.closed for account in outcome.accounts)
        result.proven.append(f"{way} to {outcome.end}: the accounts of {closed} tables close")

    def _validate(self, clone: URL, result: Rehearsal) -> None:
        """The catalogue equals the models; what is there besides, v0's owner put there."""
        self._tell("comparing the catalogue with the models")
        with scratch_beside(clone) as scratch:
            engine = make_engine(scratch, poolclass=NullPool)
            try:
                with engine.begin() as connection:
                    create_from_models(connection)
                with engine.connect() as connection:
                    expected = snapshot(connection)
            finally:
                engine.dispose()
        with reading(clone) as connection:
            found = snapshot(connection)
        wrong = [difference for difference in compare_catalogues(expected, found) if difference.expected is not None]
        if wrong:
            raise _NotGoodError(f"the schema is not that of the models: {'; '.join(map(str, wrong[:_MOST]))}")
        result.proven.append(f"the catalogue equals the models: {len(expected):,} objects")

    def _compare(self, clone: URL, manifest: Manifest, before: str, result: Rehearsal) -> None:
        """Byte for byte: the schema as pg_dump prints it, the content of every table as it was in the original."""
        self._tell("comparing with the original")
        after = schema_text(clone)
        if after != before:
            lines = [line for line in difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0) if line[0] in "+-"]
            raise _NotGoodError(f"after the downgrade the schema differs: {' | '.join(lines[2 : 2 + _MOST])}")
        ours = {"ops", KEPT_SCHEMA}
        original = {table.label: content for table, content in manifest.tables if table.schema not in ours}
        engine = make_engine(clone, poolclass=NullPool)
        try:
            with engine.connect() as connection:
                found = measure(connection, [table for table, _ in manifest.tables if table.schema not in ours])
        finally:
            engine.dispose()
        differences = compare(original, found)
        if differences:
            raise _NotGoodError(f"after the downgrade rows differ: {'; '.join(map(str, differences[:_MOST]))}")
        rows = sum(content.rows for content in original.values())
        result.proven.append(f"after the downgrade {rows:,} rows of {len(original)} tables and the schema are byte for byte the original")


_TIMES = text(
    """
    SELECT revision, sum(seconds)::float8, sum(rows_touched)::bigint, max(longest_lock_seconds)::float8
    FROM ops.migration_step WHERE run_id = (SELECT max(id) FROM ops.migration_run) GROUP BY revision
    """
)


def _times(clone: URL, journey: Journey) -> Sequence[RevisionTime]:
    with reading(clone) as connection:
        found = {row[0]: RevisionTime(*row) for row in connection.execute(_TIMES)}
    return [found[name] for name, _ in journey.revisions if name in found]
