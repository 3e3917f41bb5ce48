"""The same writes with the triggers of the audit and without them, in turns, and what the audit wrote meanwhile."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from benchmarks.analytics.payments import Service, chosen_loans, switch, take_payments, together
from benchmarks.command import BenchmarkError
from benchmarks.live_migration.figures import percentile
from benchmarks.places import Place, scalar

_TRIGGERS = """
SELECT t.tgrelid::regclass::text, t.tgname
FROM pg_trigger AS t
WHERE t.tgfoid = to_regproc('ops.audit_rows') AND NOT t.tgisinternal
ORDER BY 1, 2
"""
_BYTES = """
SELECT coalesce(sum(pg_total_relation_size(i.inhrelid)), 0)::bigint FROM pg_inherits AS i WHERE i.inhparent = 'ops.audit_log'::regclass
"""
_UPDATE = "UPDATE public.party SET phone = %s WHERE id = %s"


@dataclass(frozen=True, slots=True)
class Compared:
    """Writes with the audit and without it, and what it wrote for each of the former: entries, and bytes with their indexes."""

    audited: Service
    unaudited: Service
    entries_each: float
    bytes_each: float

    @property
    def cost_ms(self) -> float:
        """What the audit adds to the median write."""
        return self.audited.p50_ms - self.unaudited.p50_ms

    @property
    def ratio(self) -> float:
        """Audited writes a second as a share of those without."""
        return self.audited.per_second / self.unaudited.per_second if self.unaudited.per_second else 0.0


def audit_triggers(connection: PgConnection) -> list[tuple[str, str]]:
    """Table and name of each trigger of the audit.

    Raises:
        BenchmarkError: there are none: the comparison would compare nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        found = [(str(table), str(name)) for table, name in cursor.fetchall()]
    if not found:
        raise BenchmarkError("the database has no triggers that call ops.audit_rows: nothing is audited")
    return found


def payments(where: Place, database: str, day: date, *, seconds: float, rounds: int) -> Compared:
    """Four sessions take payments as fast as they go: each a payment and two allocations, three rows that are new."""
    with closing(where.connect(database)) as connection:
        loans = chosen_loans(connection)
        return _compared(connection, lambda: take_payments(where, database, loans, day, seconds=seconds), rounds)


def updates(where: Place, database: str, *, seconds: float, rounds: int) -> Compared:
    """One session changes telephone numbers, a transaction each: one row, of which the old and the new value are kept."""
    with closing(where.connect(database)) as connection:
        parties = sorted({loan[2] for loan in chosen_loans(connection)})
        return _compared(connection, lambda: _change(connection, parties, seconds), rounds)


def _compared(connection: PgConnection, work: Callable[[], Service], rounds: int) -> Compared:
    triggers = audit_triggers(connection)
    ways: dict[bool, list[Service]] = {True: [], False: []}
    entries = size = 0
    try:
        for turn in range(2 * rounds):
            audited = turn % 2 == 0
            switch(connection, triggers, on=audited)
            before = _written(connection)
            ways[audited].append(work())
            after = _written(connection)
            if not audited and after != before:
                raise BenchmarkError("entries were written with the triggers of the audit disabled: what was compared is not the audit")
            entries, size = entries + after[0] - before[0], size + after[1] - before[1]
    finally:
        switch(connection, triggers, on=True)
    with_audit = together(ways[True])
    return Compared(with_audit, together(ways[False]), round(entries / with_audit.payments, 2), round(size / with_audit.payments, 1))


def _written(connection: PgConnection) -> tuple[int, int]:
    return int(scalar(connection, "SELECT count(*) FROM ops.audit_log")), int(scalar(connection, _BYTES))


def _change(connection: PgConnection, parties: Sequence[str], seconds: float) -> Service:
    took: list[float] = []
    began = time.perf_counter()
    with connection.cursor() as cursor:
        while time.perf_counter() - began < seconds:
            party, number = parties[len(took) % len(parties)], f"+65 {time.time_ns() % 10**8:08}"
            before = time.perf_counter()
            cursor.execute(_UPDATE, (number, party))
            took.append((time.perf_counter() - before) * 1000)
    ordered = sorted(took)
    spent = time.perf_counter() - began
    return Service(len(took), round(spent, 3), 0, round(percentile(ordered, 0.5), 3), round(percentile(ordered, 0.99), 3))
