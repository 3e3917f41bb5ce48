"""How a view is read by those who look at it, and how long that takes."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import make_engine
from rently_db.migrate.actions import identifier
from rently_db.operations.golive.criterion import Finding, judged
from rently_db.sql.catalog import Entity, load_catalogue

PAGE = 100
"""Rows of a list that are looked at."""
DASHBOARD_SECONDS, REPORT_SECONDS = 3.0, 30.0
"""What people were promised: of dashboards, and of complex reports."""
_READ = re.compile(r"(v|mv)_\w+|loan_portfolio_summary|current_loan_status|active_payment_instruments|view_dependencies")
"""Views that are read from outside. The others are parts of these, and are measured with them."""
_DASHBOARD = re.compile(r"dash_\w+|dashboard_figure")
_DETAIL = ("loan_id", "line_id", "payment_id", "application_id", "obligor_id", "borrower_id", "subject_id", "id")
"""Columns that make a view one of single things, not of sums: lists show a page of it."""
_FINE = {"line_id", "month_end"}
"""Columns of a key that make a view of several rows a loan: millions, of which people read those of one loan."""
_FIRST = ("priority", "current_dpd", "dpd", "age_days", "outstanding_principal")
"""What a list has on top: the view's first column of these, the highest value first."""
_WORST = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """How long a view took to be read once. None: not within its limit. ``error``: it can't be read at all."""

    view: str
    tier: str
    limit: float
    aim: float
    seconds: float | None
    rows: int = 0
    error: str = ""

    @property
    def held(self) -> bool:
        """Whether it was read within the limit."""
        return self.seconds is not None and self.seconds < self.limit and not self.error


def views() -> list[Entity]:
    """The views and materialized views that are read from outside, but for those of the dashboards."""
    return [entity for entity in load_catalogue() if entity.kind in ("view", "matview") and _READ.fullmatch(entity.name)]


def dashboard_views() -> list[Entity]:
    """The views that dashboards alone read."""
    return [entity for entity in load_catalogue() if entity.kind in ("view", "matview") and _DASHBOARD.fullmatch(entity.name)]


def detail_of(entity: Entity) -> str | None:
    """The column that makes it a view of single loans, payments ...; None: it is one of sums."""
    return next((name for name in _DETAIL if name in entity.header.key), None)


def is_fine(entity: Entity) -> bool:
    """Whether it has several rows a loan, which nobody reads as a list."""
    return detail_of(entity) is not None and not _FINE.isdisjoint(entity.header.key)


def page_sql(entity: Entity) -> str:
    """The first page as a list has it: highest priority, days past due, age or outstanding first."""
    columns = [name for name, _ in entity.header.columns]
    top = next((f"{name} DESC" for name in _FIRST if name in columns), ", ".join(map(identifier, entity.header.key)))
    return f"SELECT * FROM {entity.qualified} ORDER BY {top} LIMIT {PAGE}"


def read_all(url: URL, *, dashboard_ms: float, report_ms: float, progress: Callable[[int, int], None]) -> list[Reading]:
    """Read every view once, each in a read-only transaction of its own; what is too slow, once more: the first time fills caches.

    The two aims are from when on the monitoring calls a view slow.
    """
    chosen = sorted([*views(), *dashboard_views()], key=lambda entity: entity.name)
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), shared_sessions=True, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            found = []
            for done, entity in enumerate(chosen, 1):
                quick = entity.header.tier in ("T0", "T1") or _DASHBOARD.fullmatch(entity.name) is not None
                limit = DASHBOARD_SECONDS if quick else REPORT_SECONDS
                aim = (dashboard_ms if entity.header.tier in ("T0", "T1") else report_ms) / 1000
                reading = _read(connection, entity, limit, aim)
                found.append(reading if reading.held or reading.error else _read(connection, entity, limit, aim))
                progress(done, len(chosen))
            return found
    finally:
        engine.dispose()


def _read(connection: Connection, entity: Entity, limit: float, aim: float) -> Reading:
    detail = detail_of(entity)
    everything = f"SELECT * FROM {entity.qualified}"
    query = everything if detail is None else f"{everything} LIMIT {PAGE}" if is_fine(entity) else page_sql(entity)
    try:
        with connection.begin():
            connection.execute(text("SET TRANSACTION READ ONLY"))
            connection.execute(text("SELECT set_config('statement_timeout', :limit, true)"), {"limit": str(int(limit * 1000))})
            began = time.perf_counter()
            rows = len(connection.execute(text(query)).all())
            return Reading(entity.name, entity.header.tier, limit, aim, time.perf_counter() - began, rows)
    except DBAPIError as error:
        late = getattr(error.orig, "pgcode", None) == "57014"
        return Reading(entity.name, entity.header.tier, limit, aim, None, error="" if late else str(error.orig).splitlines()[0])


def judge(readings: Sequence[Reading]) -> Finding:
    """Every view within what was promised; the worst are named, and what the monitoring will call slow."""
    problems = [f"{one.view} ({one.tier}): {_why(one)}" for one in sorted(readings, key=lambda one: -(one.seconds or 1e9)) if not one.held]
    evidence = []
    for limit in (DASHBOARD_SECONDS, REPORT_SECONDS):
        those = [one for one in readings if one.limit == limit]
        if those:
            held = sum(one.held for one in those)
            evidence.append(
                f"{held} of {len(those)} {'dashboard views' if limit == DASHBOARD_SECONDS else 'reports'} in less than {limit:.0f} s"
            )
    worst = sorted((one for one in readings if one.seconds is not None), key=lambda one: -(one.seconds or 0))[:_WORST]
    evidence.append("slowest: " + ", ".join(f"{one.view} {(one.seconds or 0) * 1000:,.0f} ms ({one.rows:,} rows)" for one in worst))
    slow = [one.view for one in readings if one.held and one.seconds is not None and one.seconds >= one.aim]
    if slow:
        evidence.append(f"within the limit, and yet slower than the aim of their tier: {', '.join(slow)}")
    return judged(problems, evidence, "rently-db run-due --once", 'rently-db psql -c "SELECT * FROM ops.optimize_analytics_performance()"')


def _why(one: Reading) -> str:
    if one.error:
        return f"can't be read: {one.error}"
    took = "more than" if one.seconds is None else f"{one.seconds:.1f} s, not"
    return f"{took} {one.limit:.0f} s" if one.seconds is None else f"{took} less than {one.limit:.0f} s"
