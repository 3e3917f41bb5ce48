"""How many rows a step will write, before it runs."""

from __future__ import annotations

import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from rently_db.migrate.actions import Action, Mode
from rently_db.migrate.steps import Backfill, Step
from rently_db.operations.plan.model import Rows, Source
from rently_db.operations.plan.server import Size, ask

_SAMPLE_PAGES = 1_000
_WHOLE_SECONDS = 1.5
"""A table whose rows can be counted in less is read whole."""
_MISSED = 1_000
"""Of the rows that applications write anew while a table is filled page by page, so many at most were in their way behind the pages."""
_FROM = re.compile(r"FROM public\.(\w+) AS t\b")
_JOURNAL = re.compile(r"j\.kind = '(\w+)' AND j\.table_name = '(\w+)'")
# On a v0 that nobody has adopted, schema ops is not there, and so nothing is mapped.
_MAPPING = "(SELECT ''::text AS table_name, ''::text AS column_name, ''::text AS from_value, ''::text AS to_value WHERE false)"
_WRITES = re.compile(r"(?:INSERT INTO|UPDATE|DELETE FROM) public\.\w+")
_INSERTS = re.compile(r"INSERT INTO public\.(\w+)")
_DERIVES = re.compile(r"^derive-(\w+)-(\w+)$")


@dataclass(frozen=True, slots=True)
class Found:
    """The rows that a query picks, and how long a reading of the whole table takes on this server (None: not measured)."""

    rows: Rows
    seconds: float | None = None


@dataclass(slots=True)
class Counter:
    """Counts or samples the rows that steps will treat; each query is asked once."""

    connection: Connection
    sizes: Mapping[str, Size]
    _found: dict[str, Found] = field(default_factory=dict)
    _journal: dict[tuple[str, str], int] | None = None

    def rows(self, action: Action, step: Step) -> Found | None:
        """The rows that an action writes to a table of schema public (or looks up for a step that does); None if it writes none."""
        if isinstance(step, Backfill):
            if action.title.startswith(f"{step.title}: missed"):
                return Found(Rows(0, min(self._all_of(step).most or 0, _MISSED), Source.AT_MOST))
            if step.find is not None:
                return self._searched(step.find, step.table)
            return Found(self._all_of(step))
        if action.mode is Mode.LOOP:
            return Found(self._of_journal(action))
        if action.mode is Mode.DATA and not action.reads and _WRITES.search(action.statements[0]):
            return Found(self._of_journal(action))
        return None

    def _searched(self, query: str, table: str) -> Found:
        if query not in self._found:
            self._found[query] = self._search(query, table)
        return self._found[query]

    def _search(self, query: str, table: str) -> Found:
        size = self.sizes.get(table)
        if size is None or not size.pages:
            return Found(Rows(0, 0, Source.COUNTED), 0.0)
        if ask(self.connection, "SELECT to_regclass('ops.value_mapping') IS NULL"):
            query = query.replace("ops.value_mapping m", f"{_MAPPING} m")
        sampled = size.pages > _SAMPLE_PAGES
        if sampled:
            share = _SAMPLE_PAGES / size.pages
            part = _FROM.sub(rf"FROM public.\1 AS t TABLESAMPLE SYSTEM ({100 * share}) REPEATABLE (1)", query, count=1)
            answer = self._timed(part)
            if answer is None:
                return Found(Rows(size.rows, size.rows, Source.AT_MOST))
            count, seconds = answer
            if seconds / share > _WHOLE_SECONDS:
                # One sample in twenty misses three rows that were there, and counts scatter by their root; as rows of one story lie
                # side by side and are found or missed together, both are taken four times.
                most = min(size.rows, round((count + 8 * count**0.5 + 12) / share))
                return Found(Rows(min(size.rows, round(count / share)), most, Source.SAMPLED), seconds / share)
        answer = self._timed(query)
        if answer is None:
            return Found(Rows(size.rows, size.rows, Source.AT_MOST))
        count, seconds = answer
        return Found(Rows(count, count, Source.COUNTED), seconds)

    def _timed(self, query: str) -> tuple[int, float] | None:
        begun = time.monotonic()
        count = ask(self.connection, f"SELECT count(*) FROM (\n{query}\n) AS q")
        return None if count is None else (int(count), time.monotonic() - begun)

    def _all_of(self, step: Backfill) -> Rows:
        """A backfill that goes through the whole table: all of it where the column is new, else what is still empty."""
        size = self.sizes.get(step.table)
        if size is None:
            return Rows(0, 0, Source.STATISTICS)
        derived = _DERIVES.match(step.title)
        if derived is None:
            filled = _INSERTS.search(step.sql)
            there = self.sizes.get(filled[1]) if filled else None
            # One row for each that has none yet; a statement without that condition looks for the few that changed.
            likely = max(size.rows - (there.rows if there else 0), 0) if "NOT EXISTS" in step.sql else 0
            return Rows(likely, size.rows * step.each.rows, Source.AT_MOST)
        column = size.columns.get(derived[2])
        if column is None:
            return Rows(size.rows, size.rows, Source.STATISTICS)
        return self._searched(f"SELECT t.id FROM public.{step.table} AS t WHERE t.{derived[2]} IS NULL", step.table).rows

    def _of_journal(self, action: Action) -> Rows:
        named = _JOURNAL.search(action.statements[0])
        if named is None:
            return Rows(None, None, Source.UNKNOWN)
        if self._journal is None:
            self._journal = self._read_journal()
        count = self._journal.get((named[1], named[2]), 0)
        return Rows(count, count, Source.JOURNAL)

    def _read_journal(self) -> dict[tuple[str, str], int]:
        query = "SELECT j.kind, j.table_name, count(*) FROM ops.row_journal AS j WHERE j.state = 'open' GROUP BY j.kind, j.table_name"
        try:
            return {(kind, table): int(count) for kind, table, count in self.connection.exec_driver_sql(query)}
        except DBAPIError as problem:
            if problem.connection_invalidated:
                raise
            return {}
