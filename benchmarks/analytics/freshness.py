"""How old the figures get while clients take payments and one worker works."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import date

from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from benchmarks.analytics.payments import Service, chosen_loans, take_payments
from benchmarks.command import BenchmarkError
from benchmarks.live_migration.figures import percentile
from benchmarks.places import ROOT, Place, scalar
from rently_db.database import ENVIRONMENT_VARIABLE

_INTERVAL = 0.2
_LONGEST_DRAIN = 300.0
_ONE_LOAN = "SELECT * FROM analytics.v_loan_balance WHERE loan_id = %s"
_OLDEST = "SELECT coalesce(extract(epoch FROM clock_timestamp() - min(enqueued_at)), 0)::float8 FROM analytics.loan_state_queue"


@dataclass(frozen=True, slots=True)
class Freshness:
    """How old the figures got under load: the age in seconds of the oldest note in the queue, looked at five times a second.

    ``read_p50_ms`` and ``read_worst_ms`` are for one loan of v_loan_balance, exact when read: if it waits, it is computed on the fly.
    ``drained_s`` is how long the worker took after the last payment until nothing waited; None: longer than five minutes.
    """

    asked_per_second: float
    service: Service
    worker: str
    samples: int
    oldest_s: float
    p99_s: float
    read_p50_ms: float
    read_worst_ms: float
    drained_s: float | None


class _Looker(threading.Thread):
    """Looks at the oldest note in the queue, and reads one loan exactly, until told to stop."""

    def __init__(self, connection: PgConnection, loans: Sequence[tuple[str, ...]]) -> None:
        super().__init__(daemon=True)
        self._connection, self._loans = connection, loans
        self._ending = threading.Event()
        self.ages: list[float] = []
        self.reads: list[float] = []

    def run(self) -> None:
        while not self._ending.wait(_INTERVAL):
            self.ages.append(float(scalar(self._connection, _OLDEST)))
            loan = self._loans[len(self.ages) % len(self._loans)][0]
            began = time.perf_counter()
            with self._connection.cursor() as cursor:
                cursor.execute(_ONE_LOAN, (loan,))
                cursor.fetchall()
            self.reads.append((time.perf_counter() - began) * 1000)

    def stop(self) -> None:
        self._ending.set()
        self.join()
        self.ages.sort()
        self.reads.sort()


def freshness(where: Place, database: str, day: date, *, rate: float, seconds: float, command: Sequence[str]) -> Freshness:
    """Let clients take payments at that rate while one worker works, and see how old the oldest note gets."""
    with closing(where.connect(database)) as connection, closing(where.connect(database)) as other:
        loans = chosen_loans(connection)
        looker = _Looker(other, loans)
        with _worker(where.url(database), command) as working:
            looker.start()
            service = take_payments(where, database, loans, day, seconds=seconds, rate=rate)
            looker.stop()
            drained = _drained(connection, working)
    return Freshness(
        asked_per_second=rate,
        service=service,
        worker=" ".join(command),
        samples=len(looker.ages),
        oldest_s=round(max(looker.ages, default=0.0), 2),
        p99_s=round(percentile(looker.ages, 0.99), 2),
        read_p50_ms=round(percentile(looker.reads, 0.5), 2),
        read_worst_ms=round(max(looker.reads, default=0.0), 2),
        drained_s=drained,
    )


def _drained(connection: PgConnection, working: Callable[[], bool]) -> float | None:
    began = time.perf_counter()
    while scalar(connection, "SELECT EXISTS (SELECT FROM analytics.loan_state_queue)"):
        if not working() or time.perf_counter() - began > _LONGEST_DRAIN:
            return None
        time.sleep(_INTERVAL)
    return round(time.perf_counter() - began, 2)


@contextmanager
def _worker(url: str, command: Sequence[str]) -> Iterator[Callable[[], bool]]:
    """The worker as operators run it, a process of its own; gives a function that says whether it still runs."""
    environment = os.environ | {ENVIRONMENT_VARIABLE: url}
    process = subprocess.Popen([sys.executable, "-m", *command], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        yield lambda: process.poll() is None
        if process.poll() is not None:
            raise BenchmarkError(f"the worker ended by itself with code {process.returncode}; what it said is above")
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(timeout=60)
