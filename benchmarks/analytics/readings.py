"""How long it takes to read each view."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from rently_db.migrate.actions import identifier, literal
from rently_db.operations.golive.readings import detail_of, is_fine, page_sql, views
from rently_db.sql.catalog import Entity

Way = Literal["all", "page", "one"]
"""All rows; the first 100 as a list shows them; those of one loan, borrower or payment."""

DASHBOARD_MS, OTHER_MS = 300.0, 3000.0
"""The aims: what a dashboard reads of tier T0 or T1, and everything else."""
_TIMEOUT_S = 120
_BUDGET_S = 60.0
_FEWEST = 3


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a view. Times in milliseconds, with everything in memory; None if it took longer than the time limit.

    Without an aim it is measured and not judged.
    """

    view: str
    tier: str
    area: str
    way: Way
    rows: int
    runs: int
    median_ms: float | None
    worst_ms: float | None
    aim_ms: float | None

    @property
    def held(self) -> bool:
        """Whether the median meets the aim, or there is none."""
        return self.aim_ms is None or (self.median_ms is not None and self.median_ms < self.aim_ms)

    @property
    def excess(self) -> float:
        """How many times as long as the aim it took; 0 without an aim."""
        if self.aim_ms is None:
            return 0.0
        return float("inf") if self.median_ms is None else self.median_ms / self.aim_ms


@dataclass(frozen=True, slots=True)
class Query:
    """A way to read a view, as SQL."""

    entity: Entity
    way: Way
    sql: str
    aim_ms: float | None


def queries(connection: PgConnection, entities: Iterable[Entity], loan: str) -> Iterator[Query]:
    """The ways to read each view; ``loan`` is the one whose rows are read where a view tells of loans."""
    for entity in entities:
        quick = DASHBOARD_MS if entity.header.tier in ("T0", "T1") else OTHER_MS
        columns = [name for name, _ in entity.header.columns]
        detail = detail_of(entity)
        everything = f"SELECT * FROM {entity.qualified}"
        fine = is_fine(entity)
        # Nobody reads a list of all loans from top to bottom.
        yield Query(entity, "all", everything, None if fine else OTHER_MS if detail else quick)
        if detail is None:
            continue
        if not fine:
            yield Query(entity, "page", page_sql(entity), quick)
        one = "loan_id" if "loan_id" in columns else detail
        value = loan if one == "loan_id" else _any_value(connection, entity, one)
        if value is not None:
            yield Query(entity, "one", f"{everything} WHERE {identifier(one)} = {literal(value)}", quick)


def _any_value(connection: PgConnection, entity: Entity, column: str) -> str | None:
    with connection.cursor() as cursor:
        try:
            _limit(connection)
            cursor.execute(f"SELECT {identifier(column)}::text FROM {entity.qualified} WHERE {identifier(column)} IS NOT NULL LIMIT 1")
        except psycopg2.errors.QueryCanceled:
            return None
        found = cursor.fetchone()
    return None if found is None else str(found[0])


def read(connection: PgConnection, query: Query, runs: int) -> Reading:
    """Read it once to have it in memory, then so many times; fewer, but at least three, if that takes longer than a minute."""
    took: list[float] = []
    rows = 0
    try:
        _limit(connection)
        rows = _once(connection, query)
        begun = time.perf_counter()
        while len(took) < runs and (len(took) < _FEWEST or time.perf_counter() - begun < _BUDGET_S):
            began = time.perf_counter()
            _once(connection, query)
            took.append((time.perf_counter() - began) * 1000)
    except psycopg2.errors.QueryCanceled:
        took = []
    return Reading(
        view=query.entity.name,
        tier=query.entity.header.tier,
        area=query.entity.path.parent.name,
        way=query.way,
        rows=rows,
        runs=len(took),
        median_ms=round(statistics.median(took), 2) if took else None,
        worst_ms=round(max(took), 2) if took else None,
        aim_ms=query.aim_ms,
    )


def _limit(connection: PgConnection) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET statement_timeout = '{_TIMEOUT_S}s'")


def _once(connection: PgConnection, query: Query) -> int:
    """Compute every row and column; gives the number of rows. All rows of a view stay in the server, as a client's speed is not asked."""
    with connection.cursor() as cursor:
        if query.way == "all":
            cursor.execute(f"EXPLAIN (ANALYZE, TIMING OFF, FORMAT JSON) {query.sql}")
            found: Any = cursor.fetchone()
            return int(found[0][0]["Plan"]["Actual Rows"])
        cursor.execute(query.sql)
        return len(cursor.fetchall())


def measure(connection: PgConnection, loan: str, runs: int, say: Callable[[str], None]) -> tuple[list[Reading], dict[str, str]]:
    """Read every view in every way; the second value holds the plans of the three that miss their aim by most."""
    readings: list[Reading] = []
    asked: dict[tuple[str, Way], Query] = {}
    for query in queries(connection, views(), loan):
        reading = read(connection, query, runs)
        readings.append(reading)
        asked[reading.view, reading.way] = query
        if not reading.held:
            shown = "too long" if reading.median_ms is None else f"{reading.median_ms:,.0f} ms"
            say(f"{reading.view} ({reading.way}): {shown}, aim {query.aim_ms:,.0f} ms")
    plans = {f"{r.view} ({r.way})": _plan(connection, asked[r.view, r.way]) for r in worst(readings)}
    with connection.cursor() as cursor:
        cursor.execute("RESET statement_timeout")
    return readings, plans


def worst(readings: Sequence[Reading]) -> list[Reading]:
    """The three that miss their aim by most."""
    return sorted((reading for reading in readings if not reading.held), key=lambda reading: -reading.excess)[:3]


def _plan(connection: PgConnection, query: Query) -> str:
    with connection.cursor() as cursor:
        try:
            cursor.execute(f"EXPLAIN (ANALYZE, BUFFERS) {query.sql}")
        except psycopg2.errors.QueryCanceled:
            cursor.execute(f"EXPLAIN {query.sql}")
        return "\n".join(str(line) for (line,) in cursor.fetchall())
