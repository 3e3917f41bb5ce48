"""The migration as production sees it: ``alembic upgrade head`` and ``alembic downgrade v0`` while clients work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.deploy import Deployed, alembic
from benchmarks.live_migration.client import Record
from benchmarks.live_migration.fleet import Fleet, shares
from benchmarks.live_migration.watch import Watch, Watcher
from benchmarks.places import Place, megabytes, repairs, scalar, schema, wal_position

_WARM_UP = 3.0


@dataclass(frozen=True, slots=True)
class Load:
    """What the clients are: processes and things a second in total, of each application; seconds without and between migrations."""

    v0_clients: int = 4
    v0_rate: float = 40.0
    v1_clients: int = 2
    v1_rate: float = 10.0
    control: float = 60.0
    pause: float = 15.0


@dataclass(frozen=True, slots=True)
class Period:
    """A part of the run: seconds since 1970, and the bytes that the server wrote to its log meanwhile, clients' writes included."""

    begin: float
    end: float
    wal_bytes: int

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.end - self.begin


@dataclass(slots=True)
class Live:
    """What was measured. ``periods`` are control, upgrade, head, downgrade, in this order."""

    periods: dict[str, Period] = field(default_factory=dict)
    records: list[Record] = field(default_factory=list)
    watch: Watch = field(default_factory=Watch)
    schema_at_head: str = ""
    repairs: dict[str, int] = field(default_factory=dict)
    size_mb: dict[str, float] = field(default_factory=dict)
    up: list[Deployed] = field(default_factory=list)
    down: list[Deployed] = field(default_factory=list)
    retries: int = 0
    """How often the migration stepped back because it did not get a lock in time."""


def measure(where: Place, database: str, load: Load, revisions: list[str], *, folder: Path, say: Callable[[str], None]) -> Live:
    """Run clients on the v0 ``database``, take it to head and back. ``revisions`` are those after v0, oldest first.

    Raises:
        DeployError: a migration failed.
        FleetError: a client could not work.
    """
    found = Live()
    url = where.url(database)
    loans = shares(where, database, load.v0_clients + load.v1_clients)
    fleets = [Fleet("v0", url, loans[: load.v0_clients], load.v0_rate, folder)]
    watcher = Watcher(where, database)
    watcher.start()
    try:
        say(f"live: control, {load.control:.0f} s without migration")
        time.sleep(_WARM_UP)
        with _period(found, "control", where):
            time.sleep(load.control)
        say("live: alembic upgrade head")

        def join(at: str | None) -> None:
            if len(fleets) == 1 and at in revisions[revisions.index("v1") :]:
                fleets.append(Fleet("v1", url, loans[load.v0_clients :], load.v1_rate, folder))

        with _period(found, "upgrade", where):
            found.up.append(alembic(where, database, folder, "upgrade", "head", meanwhile=join))
        join("v1")
        say(f"live: at head, {load.pause:.0f} s with both applications")
        with _period(found, "head", where):
            time.sleep(load.pause)
        with closing(where.connect(database)) as connection:
            found.size_mb["head"] = megabytes(connection)
            found.repairs = repairs(connection)
        found.schema_at_head = schema(url)
        say("live: alembic downgrade v0")
        with _period(found, "downgrade", where):
            if revisions[-1] != "v1":
                found.down.append(alembic(where, database, folder, "downgrade", "v1"))
            # The v1 application must have stopped before its schema goes; that is no part of the migration's time.
            found.records += fleets.pop().stop()
            found.down.append(alembic(where, database, folder, "downgrade", "v0"))
        time.sleep(_WARM_UP)
        found.records += fleets.pop().stop()
    finally:
        for fleet in fleets:
            fleet.kill()
        found.watch = watcher.stop()
    with closing(where.connect(database)) as connection:
        found.size_mb["v0 again"] = megabytes(connection)
        found.retries = int(scalar(connection, "SELECT coalesce(sum(retries), 0) FROM ops.migration_run"))
    return found


@contextmanager
def _period(found: Live, name: str, where: Place) -> Iterator[None]:
    with closing(where.connect()) as connection:
        written, begin = wal_position(connection), time.time()
        yield
        end = time.time()
        found.periods[name] = Period(begin, end, wal_position(connection) - written)
