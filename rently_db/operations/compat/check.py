"""Prepare the statements at each revision. PREPARE parses and analyses; nothing is ever executed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import make_engine
from rently_db.operations.compat.scratch import scratch_database, upgrade
from rently_db.operations.compat.statements import Statement
from rently_db.packaged import revisions


class Kind(StrEnum):
    """What is the matter with a statement."""

    BREAKS = "breaks"
    """It works on v0 and fails at a revision."""
    RESULT_COLUMNS = "result_columns"
    """It works, but its result has other columns: who prepared it before gets one error, "cached plan must not change result type"."""
    NO_COLUMN_LIST = "no_column_list"
    """It inserts without naming columns, and its table gets more of them."""
    UNCHECKED = "unchecked"
    """It can't be prepared on v0 either, so nothing can be said."""


_MEND = {
    Kind.RESULT_COLUMNS: "name its columns, or recycle the connection pools when the revision is reached",
    Kind.NO_COLUMN_LIST: "it works as long as new columns come last; name the columns",
}


@dataclass(frozen=True, slots=True)
class Finding:
    """One matter with one statement, at the revisions named, oldest first."""

    kind: Kind
    statement: str
    revisions: tuple[str, ...]
    message: str

    def as_json(self) -> dict[str, Any]:
        """All of it by name."""
        return {"kind": self.kind.value, "statement": self.statement, "revisions": list(self.revisions), "message": self.message}


@dataclass(frozen=True, slots=True)
class CompatReport:
    """What the statements do at each revision, those that break first."""

    revisions: tuple[str, ...]
    checked: int
    """How many statements were tried."""
    findings: list[Finding] = field(default_factory=list)
    not_restored: list[str] = field(default_factory=list)
    """What of the real schema the scratch server could not make: PostgreSQL's words."""

    @property
    def breaks(self) -> bool:
        """Whether a statement that works on v0 fails at a revision."""
        return any(finding.kind is Kind.BREAKS for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The stable shape that ``--json`` prints."""
        return {
            "revisions": list(self.revisions),
            "checked": self.checked,
            "breaks": self.breaks,
            "findings": [finding.as_json() for finding in self.findings],
            "not_restored": self.not_restored,
        }


class _Session:
    """A session in which the statements are prepared once, as a pooled connection of an application would have them."""

    def __init__(self, url: URL, search_path: str) -> None:
        self._engine = make_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection = self._engine.connect()
        self._connection.execute(text("SELECT set_config('search_path', :path, false)"), {"path": search_path})

    def prepare(self, number: int, sql: str) -> str | None:
        """Prepare; the error if it fails."""
        return self._try(f"PREPARE s{number} AS {sql}")

    def changed(self, number: int) -> bool:
        """Whether what was prepared in this session can't be used any more because its result has other columns."""
        parameters = self._connection.scalar(
            text("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = :name"), {"name": f"s{number}"}
        )
        values = f"({', '.join(['NULL'] * int(parameters))})" if parameters else ""
        # EXPLAIN looks at the plan again, as EXECUTE would, and does not run it.
        said = self._try(f"EXPLAIN EXECUTE s{number}{values}")
        return said is not None and "must not change result type" in said

    def columns(self) -> dict[str, tuple[str, ...]]:
        """The columns of the tables in schema public, in order."""
        found = self._connection.execute(_COLUMNS)
        return {table: tuple(names) for table, names in found}

    def close(self) -> None:
        """Leave."""
        self._connection.close()
        self._engine.dispose()

    def _try(self, sql: str) -> str | None:
        try:
            self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
        except DBAPIError as problem:
            return str(problem.orig).strip().splitlines()[0]
        return None


_COLUMNS = text(
    """
    SELECT c.relname, array_agg(a.attname::text ORDER BY a.attnum)
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
    GROUP BY c.relname
    """
)


class _Trial:
    """The statements on their way from v0 to head."""

    def __init__(self, statements: Sequence[Statement], search_path: str) -> None:
        self._statements = statements
        self._search_path = search_path
        self._seen: dict[tuple[str, Kind, str], list[str]] = {}
        self._usable: set[int] = set()
        self._prepared: set[int] = set()
        self._columns: dict[str, tuple[str, ...]] = {}
        self._session: _Session | None = None

    def at(self, revision: str, url: URL) -> None:
        """Prepare the statements in a new session, and look at what the session of the revision before has prepared."""
        before, self._session = self._session, _Session(url, self._search_path)
        try:
            if before is None:
                self._first(self._session, revision)
            else:
                self._next(before, self._session, revision)
        finally:
            if before is not None:
                before.close()
        columns = self._session.columns()
        self._columns = self._columns or columns
        for number, statement in enumerate(self._statements):
            self._by_position(number, statement, columns, revision)

    def close(self) -> None:
        """Leave the last session."""
        if self._session is not None:
            self._session.close()

    def findings(self) -> list[Finding]:
        """What was seen, the worst first."""
        order = list(Kind)
        found = [Finding(kind, statement, tuple(where), message) for (statement, kind, message), where in self._seen.items()]
        return sorted(found, key=lambda finding: order.index(finding.kind))

    def _note(self, number: int, kind: Kind, revision: str, message: str) -> None:
        self._seen.setdefault((self._statements[number].text, kind, message), []).append(revision)

    def _first(self, session: _Session, revision: str) -> None:
        for number, statement in enumerate(self._statements):
            if statement.problem:
                self._note(number, Kind.UNCHECKED, revision, statement.problem)
            elif statement.sql is not None:
                error = session.prepare(number, statement.sql)
                if error is None:
                    self._usable.add(number)
                else:
                    self._note(number, Kind.UNCHECKED, revision, f"fails on v0: {error}")
        self._prepared = set(self._usable)

    def _next(self, before: _Session, session: _Session, revision: str) -> None:
        prepared = set()
        for number in sorted(self._usable):
            error = session.prepare(number, str(self._statements[number].sql))
            if error is not None:
                self._note(number, Kind.BREAKS, revision, error)
                continue
            prepared.add(number)
            if number in self._prepared and before.changed(number):
                self._note(number, Kind.RESULT_COLUMNS, revision, f"other columns in its result: {_MEND[Kind.RESULT_COLUMNS]}")
        self._prepared = prepared

    def _by_position(self, number: int, statement: Statement, now: dict[str, tuple[str, ...]], revision: str) -> None:
        """What depends on a table's columns without naming them: PREPARE does not see it."""
        table = statement.copied or (statement.inserted if number in self._usable else None)
        if table is None or self._columns.get(table) == now.get(table):
            return
        added = ", ".join(name for name in now.get(table, ()) if name not in self._columns.get(table, ()))
        more = f"{table} has more columns ({added})"
        if statement.copied is None:
            self._note(number, Kind.NO_COLUMN_LIST, revision, f"{more}: {_MEND[Kind.NO_COLUMN_LIST]}")
        elif statement.copies_in:
            self._note(number, Kind.BREAKS, revision, f"{more}, the copied data have not; name the columns")
        else:
            self._note(number, Kind.RESULT_COLUMNS, revision, f"{more}, and so has what is copied out; name the columns")


def check(
    statements: Sequence[Statement],
    schema: str,
    *,
    search_path: str,
    server: URL | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> CompatReport:
    """Try the statements on a scratch database with ``schema`` (``scratch.dump_schema``) at v0 and after each upgrade to the next revision.

    ``server`` is where the scratch database is made (a role that may create databases); by default a temporary embedded server.

    Raises:
        CommandError: the schema can't be upgraded.
        ServerError: the embedded server can't start.
    """
    chain = list(revisions())
    with scratch_database(server, schema) as (url, not_restored):
        trial = _Trial(statements, search_path)
        try:
            for revision in chain:
                progress(revision)
                # Also at v0, which adopts the schema and creates nothing that an application could see.
                upgrade(url, revision)
                trial.at(revision, url)
        finally:
            trial.close()
    return CompatReport(tuple(chain), len(statements), trial.findings(), not_restored)
