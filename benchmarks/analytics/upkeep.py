"""What keeps the figures up to date: refreshes of materialized views, and the worker of the queue."""

from __future__ import annotations

import time
from dataclasses import dataclass

from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from benchmarks.command import BenchmarkError
from benchmarks.places import scalar
from rently_db.sql.catalog import load_catalogue

BATCH = 1_000


@dataclass(frozen=True, slots=True)
class Backlog:
    """How fast one worker is: loans that waited in the queue, and the seconds until it was empty."""

    loans: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Loans a second."""
        return self.loans / self.seconds if self.seconds else 0.0


def refreshes(connection: PgConnection) -> dict[str, float]:
    """Seconds to refresh each materialized view beside its readers, slowest first."""
    took = {}
    for entity in load_catalogue():
        if entity.kind == "matview":
            began = time.perf_counter()
            with connection.cursor() as cursor:
                cursor.execute(f"REFRESH MATERIALIZED VIEW CONCURRENTLY {entity.qualified}")
            took[entity.name] = round(time.perf_counter() - began, 3)
    return dict(sorted(took.items(), key=lambda pair: -pair[1]))


def refresh_all(connection: PgConnection) -> float:
    """Seconds that the nightly refresh of all of them takes.

    Raises:
        BenchmarkError: one could not be refreshed.
    """
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT r.view_name, r.error FROM analytics.refresh_all_materialized_views() AS r WHERE NOT r.ok")
        failed = cursor.fetchall()
    if failed:
        raise BenchmarkError(f"{failed[0][0]} can't be refreshed: {failed[0][1]}")
    return round(time.perf_counter() - began, 3)


def work_off(connection: PgConnection) -> int:
    """Call the worker until nothing waits; gives the number of loans it computed."""
    done = 0
    while count := int(scalar(connection, f"SELECT analytics.process_loan_queue({BATCH})")):
        done += count
    return done


def backlog(connection: PgConnection, loans: int) -> Backlog:
    """Note so many loans as changed, and see how fast one worker is."""
    work_off(connection)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO analytics.loan_state_queue (loan_id) "
            "SELECT s.loan_id FROM analytics.loan_state AS s ORDER BY md5(s.loan_id::text) LIMIT %s",
            (loans,),
        )
        cursor.execute("ANALYZE analytics.loan_state_queue")
    began = time.perf_counter()
    done = work_off(connection)
    return Backlog(done, round(time.perf_counter() - began, 3))
