"""How fast batches go: as big as time allows, smaller when somebody waits, not at all while replicas or vacuum fall behind."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812

from rently_db.migrate.variables import seconds

log = logging.getLogger("rently_db.migrate")

LAG_VARIABLE = "RENTLY_MAX_REPLICA_LAG"
_TARGET_SECONDS = 0.25
"""A batch should take about this long: short enough that nobody notices it, long enough to get on."""
KEYS = (200, 50_000)
"""The smallest and largest batch that goes by keys."""
PAGES = (4, 2_000)
"""The smallest and largest batch that goes by pages."""
_LOOK_SECONDS = 2.0
_VACUUM_PATIENCE = 60.0

_LAGGING = """
SELECT coalesce(nullif(application_name, ''), client_addr::text, 'a standby'), extract(epoch FROM replay_lag)::float8
FROM pg_catalog.pg_stat_replication WHERE replay_lag > make_interval(secs => %s) ORDER BY replay_lag DESC LIMIT 1
"""
# Only where a vacuum is at work: waiting for one that does not come would be for ever.
_VACUUMED = """
SELECT s.n_dead_tup FROM pg_catalog.pg_stat_user_tables AS s
WHERE s.relid = to_regclass('public.' || nullif(%s, '')) AND s.n_dead_tup > 50000 + 0.5 * s.n_live_tup
    AND EXISTS (SELECT FROM pg_catalog.pg_stat_progress_vacuum AS v WHERE v.relid = s.relid)
"""


def most_lag() -> float:
    """How many seconds a standby may be behind: ``RENTLY_MAX_REPLICA_LAG``, 10 without it.

    Raises:
        CommandError: the variable holds no positive number.
    """
    return seconds(LAG_VARIABLE, 10, "the time that a standby may be behind")


class Pace:
    """The size of the next batch, and the pauses before it."""

    def __init__(
        self,
        connection: PgConnection,
        table: str,
        size: int,
        in_the_way: Callable[[], bool],
        bounds: tuple[int, int] = KEYS,
    ) -> None:
        self.size = size
        self._smallest, self._largest = bounds
        self._connection = connection
        self._table = table
        self._in_the_way = in_the_way
        self._looked = 0.0
        self._for_vacuum = 0.0
        self._lag = most_lag()

    def took(self, seconds: float) -> None:
        """A batch of the present size took so long: the next is as big as the time allows, or half as big if anybody had to wait."""
        if self._in_the_way():
            self.size = max(self._smallest, self.size // 2)
            time.sleep(min(seconds, 1.0))
            return
        factor = min(2.0, max(0.5, _TARGET_SECONDS / max(seconds, 0.001)))
        self.size = max(self._smallest, min(self._largest, int(self.size * factor)))

    def wait(self, waiting: Callable[[str | None], None]) -> None:
        """Stay while a standby is too far behind, and for a while if vacuum is; ``waiting`` is told why, and None afterwards."""
        if time.monotonic() - self._looked < _LOOK_SECONDS:
            return
        told = None
        while (reason := self._reason()) is not None:
            if told is None:
                waiting(reason)
            told = reason
            time.sleep(1.0)
        if told is not None:
            waiting(None)
        self._looked = time.monotonic()

    def _reason(self) -> str | None:
        with self._connection.cursor() as cursor:
            try:
                cursor.execute(_LAGGING, (self._lag,))
                lagging = cursor.fetchone()
                if lagging:
                    return f"standby {lagging[0]}, {lagging[1]:.0f} s behind (at most {self._lag:.0f}: {LAG_VARIABLE})"
                cursor.execute(_VACUUMED, (self._table,))
                dead = cursor.fetchone()
            except psycopg2.errors.InsufficientPrivilege:
                return None
        if dead and self._for_vacuum < _VACUUM_PATIENCE:
            # In all, not each time: the dead rows stay until the vacuum has ended.
            self._for_vacuum += 1.0
            return f"vacuum of {self._table}, {dead[0]:,} dead rows"
        return None
