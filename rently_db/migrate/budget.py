"""How long a migration may stand in the way, and what it has done so far."""

from __future__ import annotations

import time
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Budget:
    """How long the migration may stand in the way.

    ``lock_seconds`` is what an application may notice; the migration itself waits for a lock at most half of it, because whoever queues
    behind a waiting DDL statement waits as well. ``tries`` bounds how often it comes back before it gives up.
    """

    lock_seconds: float = 1.0
    tries: int = 60
    longest_pause: float = 10.0

    def lock_timeout(self, shares: int = 1) -> str:
        """Half the budget, divided among so many locks, as PostgreSQL writes a duration."""
        return f"{max(int(self.lock_seconds * 500 / shares), 1)}ms"


@dataclass(slots=True)
class Tally:
    """What a revision did."""

    done: int = 0
    skipped: int = 0
    rows: int = 0
    retries: int = 0
    longest_lock_seconds: float = 0.0
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """Time since the start, in seconds."""
        return time.monotonic() - self.started
