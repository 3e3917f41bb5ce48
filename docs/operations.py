"""Run docs/operations.md from top to bottom, and write what its commands print: ``python -m docs.operations``, or ``make transcripts``.

As ``docs.runbook`` does for the runbook, on a server of its own with a book of some loans. The book ends on its business date.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, ClassVar

import psycopg2

from docs.runbook import PLACE, ROOT, Stage, rewritten
from rently_db.database import parse_url
from rently_db.synth import SynthOptions, write_v0
from tests.support.migrations import upgrade

PAGE = ROOT / "docs" / "operations.md"
BOOK = SynthOptions(loans=120, dirty="repairable")
PEOPLE = ("nadia", "li_na", "ben", "loans_v1")
"""Logins: on call, auditor, analyst, the application."""


class Operations(Stage):
    """A scratch server with a database that was migrated as far as the analytics, by a role that may create no roles."""

    scenes: ClassVar[dict[str, Callable[[Any], None]]] = {}

    def _set(self) -> None:
        password = self._admin.password
        self.sql(
            f"CREATE ROLE admin LOGIN SUPERUSER PASSWORD '{password}'",
            *(f"CREATE ROLE {name} LOGIN PASSWORD '{password}'" for name in ("deploy", *PEOPLE)),
            "CREATE DATABASE rently OWNER deploy",
            "GRANT pg_read_all_stats TO deploy",
            f"ALTER DATABASE rently SET rently.business_date = '{BOOK.business_date}'",
            database="postgres",
        )
        self.sql("CREATE EXTENSION pg_stat_statements", "GRANT ALL ON SCHEMA public TO deploy")
        with closing(psycopg2.connect(self._dsn("deploy"))) as connection:
            write_v0(connection, BOOK)
            connection.commit()
        self.sql("ANALYZE")
        self.run(f"rently-db preflight postgresql://deploy@{PLACE}/rently --baseline before.json > preflight.txt")
        upgrade(parse_url(self._dsn("deploy")), "v1_analytics")

    def percent(self) -> None:
        """Somebody writes a rate in percent, past the application."""
        self.sql("UPDATE public.loan SET interest_rate = 7 WHERE id = (SELECT min(id::text)::uuid FROM public.loan)", role="deploy")

    def fraction(self) -> None:
        """The rate is corrected."""
        self.sql("UPDATE public.loan SET interest_rate = 0.07 WHERE interest_rate = 7", role="deploy")

    def refused(self) -> None:
        """A payment provider refuses everything."""
        self.sql(
            "INSERT INTO public.payment (legal_entity_id, currency_code, amount, direction, provider, external_reference, status)"
            " SELECT (SELECT min(id::text)::uuid FROM public.legal_entity), 'SGD', 100 + n, 'inbound', 'stripe', 'refused ' || n, 'failed'"
            " FROM generate_series(1, 12) AS n",
            role="loans_v1",
        )
        self.due()

    def recovered(self) -> None:
        """The provider works again, and the application gives up the payments that failed."""
        self.sql("UPDATE public.payment SET status = 'cancelled' WHERE provider = 'stripe' AND status = 'failed'", role="loans_v1")
        self.due()

    def due(self) -> None:
        """The minute after which an alert is asked again is over."""
        self.sql("UPDATE ops.alert_state SET evaluated_at = evaluated_at - interval '1 hour'", role="deploy")


Operations.scenes = {
    "a rate is written in percent": Operations.percent,
    "the rate is corrected": Operations.fraction,
    "a provider refuses payments": Operations.refused,
    "the provider works again": Operations.recovered,
}


def main() -> None:
    """Run the page and write what changed."""
    with Operations() as stage:
        written = rewritten(PAGE.read_text(encoding="utf-8"), stage)
    PAGE.write_text(written, encoding="utf-8")


if __name__ == "__main__":
    main()
