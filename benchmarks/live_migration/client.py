"""One client application, a process of its own: ``python -m benchmarks.live_migration.client`` reads its task from stdin.

The first line is a :class:`Task` as JSON; it answers ``ready`` and works until stdin is closed, then writes a :class:`Record` as JSON to
the task's file. Its load is open: what it does begins when it is due (a Poisson process), not when the former thing is done, so that a
wait delays what comes after it and is not hidden by it.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from pathlib import Path
from random import Random
from typing import Any, Literal, Protocol

Application = Literal["v0", "v1"]
READS, PAYMENTS = 0.4, 0.4
"""Shares of what a client does; the rest are changes of a loan's status."""


@dataclass(frozen=True, slots=True)
class Task:
    """What a client is asked to do: ``rate`` things a second with the ``loans`` that belong to it alone."""

    application: Application
    url: str
    seed: int
    rate: float
    loans: list[dict[str, str]]
    file: str


@dataclass(slots=True)
class Record:
    """What a client did and saw. Moments are seconds since 1970 by this machine's clock, durations milliseconds.

    ``statements`` holds (name, begin, duration); ``things`` holds (name, due, end, error or None); ``prepared_again`` the moments at which
    a prepared ``SELECT *`` was prepared again; ``lost`` what it had committed and did not find again at the end.
    """

    application: Application
    pid: int
    statements: list[tuple[str, float, float]] = field(default_factory=list)
    things: list[tuple[str, float, float, str | None]] = field(default_factory=list)
    prepared_again: list[float] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)


class Client(Protocol):
    """An application with one session."""

    record: Record

    def read_loan(self, loan: dict[str, Any]) -> None:
        """Show a loan."""

    def take_payment(self, loan: dict[str, Any]) -> None:
        """Receive a payment, allocate it, book it."""

    def change_status(self, loan: dict[str, Any]) -> None:
        """Write a loan off, and take that back."""

    def settle(self) -> None:
        """After something failed: be ready for the next thing."""

    def close(self) -> None:
        """Look whether everything committed is there, and go."""


def _client(task: Task) -> Client:
    if task.application == "v0":
        from benchmarks.live_migration.v0_client import V0Client

        return V0Client(task)
    from benchmarks.live_migration.v1_client import V1Client

    return V1Client(task)


def loan_of(row: dict[str, str]) -> dict[str, Any]:
    """A loan of a task with ids and amounts as Python has them."""
    from uuid import UUID

    plain = {"currency", "loan_number"}
    return {name: value if name in plain else Decimal(value) if name.startswith("amount_") else UUID(value) for name, value in row.items()}


def work(client: Client, task: Task, ending: threading.Event) -> None:
    """Do what is due when it is due, until ``ending``."""
    random = Random(task.seed)  # noqa: S311  # load, no secret
    loans = [loan_of(row) for row in task.loans]
    due = time.time() + random.expovariate(task.rate)
    while not ending.wait(max(due - time.time(), 0)):
        loan, chance = loans[random.randrange(len(loans))], random.random()
        thing: Callable[[dict[str, Any]], None] = client.change_status
        if chance < READS + PAYMENTS:
            thing = client.read_loan if chance < READS else client.take_payment
        error = None
        try:
            thing(loan)
        except Exception as failure:  # noqa: BLE001  # each is a finding of the benchmark
            error = f"{type(failure).__name__}: {str(failure).strip()}"
            client.settle()
        client.record.things.append((thing.__name__, due, time.time(), error))
        due += random.expovariate(task.rate)


def main() -> None:
    """Take the task from stdin, work, write the record."""
    task = Task(**json.loads(sys.stdin.readline()))
    ending = threading.Event()

    def wait_for_end() -> None:
        sys.stdin.read()
        ending.set()

    client = _client(task)
    threading.Thread(target=wait_for_end, daemon=True).start()
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    work(client, task, ending)
    client.close()
    Path(task.file).write_text(json.dumps(asdict(client.record)), encoding="utf-8")


if __name__ == "__main__":
    main()
