"""The clients, started and stopped together."""

from __future__ import annotations

import json
import subprocess
import sys
from contextlib import closing
from dataclasses import asdict
from pathlib import Path

from psycopg2.extras import RealDictCursor

from benchmarks.command import BenchmarkError
from benchmarks.live_migration.client import Application, Record, Task
from benchmarks.places import ROOT, Place

LOANS_PER_CLIENT = 400

_LOANS = """
WITH loans AS (
  SELECT l.* FROM public.loan AS l WHERE l.status = 'active' AND l.currency_code ~ '^[A-Z]{3}$' ORDER BY md5(l.id::text) LIMIT %(many)s
), plans AS (
  SELECT DISTINCT ON (p.loan_id) p.loan_id, p.id FROM public.amortisation_plan AS p
  WHERE p.status = 'active' AND p.loan_id IN (SELECT id FROM loans) ORDER BY p.loan_id, p.version DESC
), lines AS (
  SELECT DISTINCT ON (n.plan_id) n.* FROM public.amortisation_line AS n
  WHERE n.plan_id IN (SELECT id FROM plans) AND n.amount_principal > 0 AND n.amount_rc_fee > 0 ORDER BY n.plan_id, n.seq_no
), instruments AS (
  SELECT DISTINCT ON (i.party_id) i.party_id, i.id FROM public.payment_instrument AS i
  WHERE i.party_id IN (SELECT borrower_party_id FROM loans) ORDER BY i.party_id, i.id
), accounts AS (
  SELECT a.legal_entity_id, min(a.id::text) AS loans, max(a.id::text) AS cash FROM public.ledger_account AS a GROUP BY 1
)
SELECT l.id::text AS loan, l.loan_number, l.currency_code AS currency, l.legal_entity_id::text AS legal_entity,
  l.borrower_party_id::text AS party, i.id::text AS payment_instrument, p.id::text AS amortisation_plan, n.id::text AS amortisation_line,
  n.amount_principal::text, n.amount_rc_fee::text, a.loans AS ledger_account, a.cash AS cash
FROM loans AS l
JOIN plans AS p ON p.loan_id = l.id
JOIN lines AS n ON n.plan_id = p.id AND n.currency_code = l.currency_code
JOIN instruments AS i ON i.party_id = l.borrower_party_id
JOIN accounts AS a ON a.legal_entity_id = l.legal_entity_id
ORDER BY l.id LIMIT %(wanted)s
"""


class FleetError(BenchmarkError):
    """The clients can't work. The message is one sentence."""


def shares(where: Place, database: str, clients: int) -> list[list[dict[str, str]]]:
    """Active loans for each client; no loan for two, so that none waits for another one.

    Raises:
        FleetError: the book is too small.
    """
    wanted = clients * LOANS_PER_CLIENT
    with closing(where.connect(database)) as connection, connection.cursor(cursor_factory=RealDictCursor) as cursor:
        cursor.execute(_LOANS, {"many": wanted * 4, "wanted": wanted})
        found = [dict(row) for row in cursor.fetchall()]
    if len(found) < clients:
        raise FleetError(f"the book has {len(found)} active loans with a schedule for {clients} clients; ask for more --loans")
    return [found[number::clients] for number in range(clients)]


class Fleet:
    """Client processes of one application."""

    def __init__(self, application: Application, url: str, loans: list[list[dict[str, str]]], rate: float, folder: Path) -> None:
        self._processes: list[subprocess.Popen[str]] = []
        self._files = [folder / f"{application}-{number}.json" for number in range(len(loans))]
        for number, (share, file) in enumerate(zip(loans, self._files, strict=True)):
            task = Task(application, url, number, rate / len(loans), share, str(file))
            process = subprocess.Popen(
                [sys.executable, "-m", "benchmarks.live_migration.client"],
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
            self._processes.append(process)
            assert process.stdin is not None
            process.stdin.write(json.dumps(asdict(task)) + "\n")
            process.stdin.flush()
        for process in self._processes:
            assert process.stdout is not None
            if process.stdout.readline() != "ready\n":
                self.kill()
                raise FleetError(f"a {application} client did not start; what it said is above")

    def stop(self) -> list[Record]:
        """Let each end what it is at, and look whether all it wrote is there; gives what they saw.

        Raises:
            FleetError: a client ended without a record.
        """
        for process in self._processes:
            assert process.stdin is not None
            process.stdin.close()
        codes = [process.wait(timeout=300) for process in self._processes]
        self.kill()
        if any(codes):
            raise FleetError(f"a client ended with code {max(codes, key=abs)}; what it said is above")
        return [Record(**json.loads(file.read_text(encoding="utf-8"))) for file in self._files]

    def kill(self) -> None:
        """End those that still run."""
        for process in self._processes:
            if process.poll() is None:
                process.kill()
                process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
