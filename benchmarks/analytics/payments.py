"""Clients that take payments, and what the queue costs them."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import date
from random import Random

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)

from benchmarks.command import BenchmarkError
from benchmarks.live_migration.figures import percentile
from benchmarks.places import Place
from rently_db.migrate.actions import identifier

CLIENTS = 4
_LOANS = 20_000

_CHOSEN = """
SELECT s.loan_id::text, s.legal_entity_id::text, s.borrower_party_id::text, s.currency_code, n.plan_id::text, n.id::text
FROM (
    SELECT * FROM analytics.loan_state WHERE status = 'active' ORDER BY md5(loan_id::text) LIMIT %s
) AS s
CROSS JOIN LATERAL (
    SELECT l.plan_id, l.id
    FROM public.amortisation_plan AS p
    INNER JOIN public.amortisation_line AS l ON l.plan_id = p.id
    WHERE p.loan_id = s.loan_id AND p.status = 'active'
    ORDER BY l.due_date DESC
    LIMIT 1
) AS n
"""
_PAYMENT = """
INSERT INTO public.payment
    (legal_entity_id, currency_code, amount, direction, provider, external_reference, payer_party_id, received_at, status)
VALUES (%s, %s, 11.00, 'inbound', 'benchmark', %s, %s, %s, 'completed') RETURNING id
"""
_ALLOCATIONS = """
INSERT INTO public.payment_allocation (payment_id, loan_id, plan_id, line_id, component, allocated_amount)
VALUES (%(payment)s, %(loan)s, %(plan)s, %(line)s, 'principal', 10.00), (%(payment)s, %(loan)s, %(plan)s, %(line)s, 'rc_fee', 1.00)
"""
_TRIGGERS = """
SELECT t.tgrelid::regclass::text, t.tgname
FROM pg_trigger AS t
INNER JOIN pg_proc AS f ON f.oid = t.tgfoid
WHERE NOT t.tgisinternal AND f.pronamespace = 'analytics'::regnamespace
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class Service:
    """How payments went: each is a transaction of two statements. Times in milliseconds, from begin to commit."""

    payments: int
    seconds: float
    failures: int
    p50_ms: float
    p99_ms: float

    @property
    def per_second(self) -> float:
        """Payments a second."""
        return self.payments / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class WriteCost:
    """Payments as fast as they go, with the triggers of the queue and without them; ``triggers`` is how many there are."""

    triggers: int
    with_queue: Service
    without_queue: Service

    @property
    def cost_ms(self) -> float:
        """What the queue adds to the median payment."""
        return self.with_queue.p50_ms - self.without_queue.p50_ms


@dataclass(slots=True)
class _Record:
    took: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)


class _Cashier(threading.Thread):
    """One session that takes payments on loans of its own: at a rate, or one after the other."""

    def __init__(
        self, connection: PgConnection, loans: Sequence[tuple[str, ...]], day: date, *, until: float, seed: int, rate: float
    ) -> None:
        super().__init__(daemon=True)
        self._connection, self._loans, self._until, self._rate = connection, loans, until, rate
        self._random = Random(seed)  # noqa: S311  # load, no secret
        self._received = f"{day} 09:00:00"
        self._name = f"{time.time():.6f}-{seed}"
        self.record = _Record()

    def run(self) -> None:
        due = time.time()
        number = 0
        while True:
            due = due + self._random.expovariate(self._rate) if self._rate else time.time()
            if due >= self._until:
                return
            time.sleep(max(due - time.time(), 0))
            number += 1
            try:
                self._take(self._random.choice(self._loans), f"{self._name}-{number}")
            except psycopg2.Error as error:
                self._connection.rollback()
                self.record.failures.append(str(error).strip())

    def _take(self, chosen: tuple[str, ...], reference: str) -> None:
        loan, entity, party, currency, plan, line = chosen
        began = time.perf_counter()
        with self._connection, self._connection.cursor() as cursor:
            cursor.execute(_PAYMENT, (entity, currency, reference, party, self._received))
            (payment,) = cursor.fetchone() or (None,)
            cursor.execute(_ALLOCATIONS, {"payment": payment, "loan": loan, "plan": plan, "line": line})
        self.record.took.append((time.perf_counter() - began) * 1000)


def chosen_loans(connection: PgConnection) -> list[tuple[str, ...]]:
    """Active loans with a schedule, to take payments on.

    Raises:
        BenchmarkError: the book is too small.
    """
    with connection.cursor() as cursor:
        cursor.execute(_CHOSEN, (_LOANS,))
        found = cursor.fetchall()
    if len(found) < CLIENTS:
        raise BenchmarkError(f"the book has {len(found)} active loans with a schedule; ask for more --loans")
    return [tuple(map(str, row)) for row in found]


def take_payments(
    where: Place, database: str, loans: Sequence[tuple[str, ...]], day: date, *, seconds: float, rate: float = 0.0
) -> Service:
    """Let the clients work for so long, at that many payments a second together; 0: as fast as they go."""
    connections = [psycopg2.connect(where.url(database), application_name="rently_bench") for _ in range(CLIENTS)]
    try:
        began = time.time()
        cashiers = [
            _Cashier(connection, loans[number::CLIENTS], day, until=began + seconds, seed=number, rate=rate / CLIENTS)
            for number, connection in enumerate(connections)
        ]
        for cashier in cashiers:
            cashier.start()
        for cashier in cashiers:
            cashier.join()
        took = time.time() - began
    finally:
        for connection in connections:
            connection.close()
    return _service([cashier.record for cashier in cashiers], took)


def _service(records: Sequence[_Record], seconds: float) -> Service:
    ordered = sorted(took for record in records for took in record.took)
    failures = [failure for record in records for failure in record.failures]
    if not ordered:
        raise BenchmarkError(f"no payment could be taken: {failures[0] if failures else 'the time was too short'}")
    return Service(
        payments=len(ordered),
        seconds=round(seconds, 3),
        failures=len(failures),
        p50_ms=round(percentile(ordered, 0.5), 3),
        p99_ms=round(percentile(ordered, 0.99), 3),
    )


def together(rounds: Sequence[Service]) -> Service:
    """Rounds as one: counts added, of the medians the median."""
    middle = sorted(rounds, key=lambda one: one.p50_ms)[len(rounds) // 2]
    return Service(
        payments=sum(one.payments for one in rounds),
        seconds=round(sum(one.seconds for one in rounds), 3),
        failures=sum(one.failures for one in rounds),
        p50_ms=middle.p50_ms,
        p99_ms=middle.p99_ms,
    )


def write_cost(where: Place, database: str, day: date, *, seconds: float, rounds: int) -> WriteCost:
    """Payments with and without the queue, in turns, so that both meet the same machine; nobody works off the queue meanwhile."""
    with closing(where.connect(database)) as connection:
        loans = chosen_loans(connection)
        triggers = queue_triggers(connection)
        ways: dict[bool, list[Service]] = {True: [], False: []}
        try:
            for turn in range(2 * rounds):
                queued = turn % 2 == 0
                switch(connection, triggers, on=queued)
                ways[queued].append(take_payments(where, database, loans, day, seconds=seconds))
        finally:
            switch(connection, triggers, on=True)
        # What was paid without a note is noted now, so that the figures are right again.
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO analytics.loan_state_queue (loan_id) SELECT unnest(%s::uuid[]) EXCEPT SELECT q.loan_id "
                "FROM analytics.loan_state_queue AS q",
                ([loan[0] for loan in loans],),
            )
    return WriteCost(len(triggers), together(ways[True]), together(ways[False]))


def queue_triggers(connection: PgConnection) -> list[tuple[str, str]]:
    """Table and name of each trigger that notes changes.

    Raises:
        BenchmarkError: there are none: the comparison would compare nothing.
    """
    with connection.cursor() as cursor:
        cursor.execute(_TRIGGERS)
        found = [(str(table), str(name)) for table, name in cursor.fetchall()]
    if not found:
        raise BenchmarkError("the database has no triggers of schema analytics: nothing notes which loans change")
    return found


def switch(connection: PgConnection, triggers: Sequence[tuple[str, str]], *, on: bool) -> None:
    """Enable or disable the triggers, each named by its table and itself."""
    with connection.cursor() as cursor:
        for table, name in triggers:
            cursor.execute(f"ALTER TABLE {table} {'ENABLE' if on else 'DISABLE'} TRIGGER {identifier(name)}")
