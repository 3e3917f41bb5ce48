"""Who waits for whom: looks at the server every 25 ms, and says which waits the migration is to blame for."""

from __future__ import annotations

import threading
import time
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from benchmarks.places import Place

INTERVAL = 0.025
MIGRATION = "rently_migration"
"""The application name of the migration's sessions."""

_LOOK = """
SELECT a.pid, a.application_name = %s, a.wait_event_type = 'Lock', extract(epoch FROM a.query_start)::float8,
  CASE WHEN a.wait_event_type = 'Lock' THEN pg_blocking_pids(a.pid) END, left(a.query, 160)
FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND (a.application_name = %s OR a.wait_event_type = 'Lock')
"""


@dataclass(slots=True)
class Wait:
    """A statement of a client seen waiting for a lock that the migration holds or is queued for. Moments are seconds since 1970."""

    pid: int
    first: float
    last: float
    behind: str
    """What the migration was running."""


@dataclass(slots=True)
class Watch:
    """What was seen. ``gaps`` are the seconds between two looks: a shorter wait may have gone unseen."""

    waits: list[Wait] = field(default_factory=list)
    others: int = 0
    """Looks at which a client waited for another client, and not for the migration."""
    gaps: list[float] = field(default_factory=list)


class Watcher(threading.Thread):
    """Looks until :meth:`stop`, on a connection of its own."""

    def __init__(self, where: Place, database: str) -> None:
        super().__init__(name="watcher", daemon=True)
        self._connection: PgConnection = where.connect(database)
        self._ending = threading.Event()
        self._open: dict[tuple[int, float], Wait] = {}
        self.seen = Watch()

    def run(self) -> None:
        """Look again and again; called by ``start``."""
        before = time.time()
        with closing(self._connection), self._connection.cursor() as cursor:
            while not self._ending.wait(INTERVAL):
                cursor.execute(_LOOK, (MIGRATION, MIGRATION))
                now = time.time()
                self.seen.gaps.append(now - before)
                before = now
                self._judge(cursor.fetchall(), now)

    def _judge(self, rows: list[tuple[Any, ...]], now: float) -> None:
        migration = {pid: query for pid, ours, _, _, _, query in rows if ours}
        blockers: dict[int, list[int]] = {pid: list(by) for pid, _, waiting, _, by, _ in rows if waiting and by}
        for pid, ours, waiting, began, _, _ in rows:
            if ours or not waiting:
                continue
            culprit = _culprit(pid, blockers, set(migration))
            if culprit is None:
                self.seen.others += 1
                continue
            wait = self._open.get((pid, began))
            if wait is None:
                wait = self._open[pid, began] = Wait(pid, now, now, " ".join(str(migration[culprit]).split()))
                self.seen.waits.append(wait)
            wait.last = now

    def stop(self) -> Watch:
        """End, and say what was seen."""
        self._ending.set()
        self.join(30)
        return self.seen


def _culprit(pid: int, blockers: dict[int, list[int]], migration: set[int]) -> int | None:
    """The session of the migration that ``pid`` waits for, be it through others that wait for it; None if there is none."""
    seen, ahead = {pid}, list(blockers.get(pid, ()))
    while ahead:
        other = ahead.pop()
        if other in migration:
            return other
        if other not in seen:
            seen.add(other)
            ahead += blockers.get(other, ())
    return None
