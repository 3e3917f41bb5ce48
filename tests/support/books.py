"""A book to migrate, and what an undisturbed migration makes of it: the measure for runs that were stopped, killed or broken."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg2
from sqlalchemy import URL

from rently_db.models import Base
from rently_db.synth import Dirt, SynthOptions, SynthReport, write_v0
from rently_db.testing.databases import Databases
from tests.support.looks import head_of, v1_content
from tests.support.migrations import downgrade, dump, plain, rows, run_sql, upgrade, v0_content

State = tuple[Any, ...]
"""A database as values to compare."""

BY_HAND = (
    "ALTER TABLE public.payment ALTER COLUMN status SET DEFAULT 'processing'",
    "ALTER TABLE public.loan ALTER COLUMN loan_number SET NOT NULL",
    "COMMENT ON COLUMN public.loan.status IS 'sales'",
    "ALTER TABLE public.loan RENAME CONSTRAINT loan_pkey TO pk_loan",
    "ALTER TABLE public.payment RENAME CONSTRAINT payment_legal_entity_id_fkey TO fk_1",
)
"""What people do to a v0 database in the course of its years."""


def write_v0_book(url: URL, loans: int, *, dirty: Dirt = "none") -> SynthReport:
    """A synthetic v0 book in an empty database; tells what was written."""
    connection = psycopg2.connect(plain(url))
    try:
        return write_v0(connection, SynthOptions(loans=loans, dirty=dirty))
    finally:
        connection.close()


def write_book(url: URL, loans: int) -> None:
    """A v0 book with every repairable defect, and traces of hands."""
    write_v0_book(url, loans, dirty="repairable")
    run_sql(url, *BY_HAND)


def go(url: URL, direction: str) -> None:
    """The command of a direction: ``upgrade head`` or ``downgrade v0``."""
    (upgrade if direction == "up" else downgrade)(url)


def v0_state(url: URL) -> State:
    """Schema and rows of a database as v0."""
    return dump(url), repr(v0_content(url))


def v1_state(url: URL) -> State:
    """Schema, version and rows of a database at head."""
    return head_of(url), v1_content(url)


_NUMBERED = ("id", "journal_mark", "transaction_id", "created_at", "updated_at", "recorded_at")
"""What differs from run to run beside the moments that ops and analytics note: numbers of which a transaction that was
rolled back uses up some."""
_OF_APPLICATIONS = ", ".join(f"'{table.name}'" for table in Base.metadata.tables.values())
_COMPARED = f"""
SELECT t.schemaname, t.tablename, ARRAY(
    SELECT a.attname::text FROM pg_attribute AS a
    WHERE
        NOT (t.schemaname = 'rently_v1_kept' AND t.tablename IN ({_OF_APPLICATIONS}))
        AND a.attrelid = format('%I.%I', t.schemaname, t.tablename)::regclass
        AND a.attnum > 0 AND a.atttypid = 'timestamptz'::regtype
)
FROM pg_tables AS t WHERE t.schemaname IN ('ops', 'rently_v1_kept')
"""


_MADE_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")
"""An id made by the database: version 7. Those of a book are of version 4."""


def memory(url: URL) -> dict[str, list[str]]:
    """What the migration remembers, without generated ids and times: nothing may be noted or counted twice, or not at all."""
    kept = rows(url, _COMPARED)
    content = {
        f"{schema}.{table}": rows(
            url, f"SELECT (to_jsonb(t) - '{{{','.join((*_NUMBERED, *moments))}}}'::text[])::text FROM {schema}.{table} AS t"
        )
        for schema, table, moments in kept
        # metric_history holds what was measured at that moment.
        if table not in ("migration_run", "migration_step", "metric_history")
    }
    # How often a step was begun may differ, not what it did.
    content["steps"] = rows(url, "SELECT concat_ws(', ', revision, direction, step, state, rows_touched) FROM ops.migration_step")
    # The audit names by its id what the migration itself added under it: targets among the settings, each time with another id.
    return {
        name: sorted(_MADE_ID.sub("(an id)", text) if "audit_log" in name else text for (text,) in found) for name, found in content.items()
    }


_LEFTOVERS = """
SELECT 'invalid index ' || indexrelid::regclass FROM pg_index WHERE NOT (indisvalid AND indisready)
UNION ALL SELECT 'row of step ' || step || ' in ops.worklist' FROM ops.worklist
UNION ALL SELECT revision || ' ' || direction || ' ' || step || ' is ' || state FROM ops.migration_step
    WHERE state <> 'done' OR waiting_for IS NOT NULL
UNION ALL SELECT 'prepared transaction ' || gid FROM pg_prepared_xacts WHERE database = current_database()
"""


def leftovers(url: URL) -> list[str]:
    """What a migration must not leave behind once it is done, in words."""
    return [text for (text,) in rows(url, _LEFTOVERS)]


@dataclass(frozen=True)
class Expected:
    """What an undisturbed run in a direction leaves."""

    state: State
    memory: dict[str, list[str]]


def found(url: URL, direction: str) -> Expected:
    """What a run in a direction left."""
    return Expected(v1_state(url) if direction == "up" else v0_state(url), memory(url))


@dataclass(frozen=True)
class Book:
    """A book as v0 and, by an upgrade that nobody stopped, at head; and what both look like."""

    databases: Databases
    v0: str
    v1: str
    as_v0: State
    as_v1: State

    @contextmanager
    def before(self, direction: str) -> Iterator[URL]:
        """A copy to start from in a direction."""
        with self.databases.database(template=self.v0 if direction == "up" else self.v1) as url:
            yield url

    def check(self, url: URL, direction: str) -> None:
        """Assert that a database is what an undisturbed run in that direction gives."""
        if direction == "up":
            assert v1_state(url) == self.as_v1
        else:
            assert v0_state(url) == self.as_v0
        assert not (left := leftovers(url)), left


@contextmanager
def books(databases: Databases, loans: int = 55) -> Iterator[Book]:
    """The book, before and after an undisturbed upgrade."""
    with databases.database() as url:
        write_book(url, loans)
        with databases.database(template=url.database) as head:
            upgrade(head)
            yield Book(databases, str(url.database), str(head.database), v0_state(url), v1_state(head))
