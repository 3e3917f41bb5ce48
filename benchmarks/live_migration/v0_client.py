"""The legacy application as a client of the benchmark: statements of its contract, through psycopg2, each one timed."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import Any

import psycopg2

from benchmarks.live_migration.client import Record, Task, loan_of
from rently_db.synth.v0_workload import V0Application


class V0Client(V0Application):
    """Works with loans that are there; what it asks, it asks by key, because v0 has an index for nothing else."""

    def __init__(self, task: Task) -> None:
        connection = psycopg2.connect(task.url)
        self.record = Record("v0", connection.get_backend_pid())
        super().__init__(connection, task.seed)
        for loan in map(loan_of, task.loans):
            self._rows["loan"][loan["loan"]] = {"id": loan["loan"], "status": "active"}

    def _measure(self, name: str, began: float) -> None:
        took = time.perf_counter() - began
        self.record.statements.append((name, time.time() - took, took * 1000))

    def read_loan(self, loan: dict[str, Any]) -> None:
        """The head of a loan's page, by prepared ``SELECT *`` and by joins."""
        before = self.prepared_again
        self._read_prepared_all("read_loan_all", id=loan["loan"])
        if self.prepared_again > before:
            self.record.prepared_again.append(time.time())
        with self._transaction():
            self._read("loan_overview", id=loan["loan"])
            self._read("loan_by_number", loan_number=loan["loan_number"])
            self._read("read_amortisation_plan", id=loan["amortisation_plan"])
            self._read("read_amortisation_line", id=loan["amortisation_line"])

    def take_payment(self, loan: dict[str, Any]) -> None:
        """Two transactions, as the contract's application does it."""
        amounts = {name: loan[name] for name in ("amount_principal", "amount_rc_fee")}
        super().take_payment(loan | {"loan_lines": [amounts]})

    def settle(self) -> None:
        """Connect again if the session is lost; a failed transaction has been rolled back."""
        if self.connection.closed:
            with suppress(psycopg2.Error):
                self.connect(psycopg2.connect(self.connection.dsn))
                self.record.pid = self.connection.get_backend_pid()

    def close(self) -> None:
        """Look for every row it wrote and every loan it changed, then go."""
        try:
            self.record.lost = self.differences()
        except psycopg2.Error as error:
            self.record.lost = [f"could not look: {error}"]
        self.connection.close()
