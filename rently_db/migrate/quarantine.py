"""Rows that nothing mends, set aside on request and reversibly: ``-x on_violation=quarantine``.

The deployment chooses them before the first change and notes the request in ``ops.quarantine_request``; a step of the upgrade takes out
those that are still as they were, into ``ops.row_journal``; the downgrade puts them back. Only rows of leaf tables, a few, and never
those that hold a loan's money.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from alembic.util import CommandError
from sqlalchemy import Connection, text

from rently_db.migrate.actions import identifier
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.render import marked

if TYPE_CHECKING:
    from rently_db.migrate.preflight.findings import Finding

QUARANTINE_TABLES = ("decision", "party_role", "collections_event", "security_interest", "document_link", "fx_rate")
"""Leaf tables without a loan's money: nothing of v0 refers to their rows."""

QUARANTINE_LIMIT = 1_000
"""How many rows may be set aside, unless the operator says otherwise: more is no exception but a rule that the data doesn't keep."""

_MONEY = ("loan", "amortisation_plan", "amortisation_line", "payment", "disbursement", "payment_allocation", "ledger_entry")


def why_not(table: str, rule: str, column: str) -> str:
    """Why rows of a table of v0 that break a rule about a column can't be set aside; empty if they can."""
    if table in QUARANTINE_TABLES:
        if rule.endswith("_fkey") and column in BASELINE[table].foreign_keys:
            return f"quarantine can't set a row of {table} aside without what it belongs to: nobody could put it back"
        return ""
    if table in _MONEY:
        return f"quarantine can't set a row of {table} aside: a loan's money would go with it"
    users = [name for name, other in BASELINE.items() if table in other.foreign_keys.values()]
    return f"quarantine can't set a row of {table} aside: rows of {', '.join(users)} belong to it"


@dataclass(frozen=True, slots=True)
class Offender:
    """A row to set aside: v0's columns as they were when it was chosen, as the text of a JSON object."""

    table: str
    row_id: str
    rules: tuple[str, ...]
    content: str


@dataclass(frozen=True, slots=True)
class Quarantine:
    """The rows to set aside, table by table, ids in order."""

    rows: tuple[Offender, ...]


def choose(connection: Connection, findings: Iterable[Finding], limit: int = QUARANTINE_LIMIT) -> Quarantine:
    """Choose the rows to set aside, from findings that name them all: ``preflight(..., sample=limit + 1)`` of the same transaction.

    Raises:
        CommandError: a finding is no matter of single rows or not of a leaf table, another table refers to one that is, or the rows are
            more than ``limit``; the message names the table and the number of rows.
        ValueError: a finding does not name all of its rows.
    """
    rules: dict[tuple[str, str], list[str]] = {}
    listed = [finding for finding in findings if finding.stops]
    for finding in listed:
        in_v0 = finding.table in BASELINE and finding.sample
        reason = why_not(finding.table, finding.rule, finding.column) if in_v0 else "only rows can be set aside"
        if reason:
            raise CommandError(f"{finding.sentence()}. Mend it: {reason}. Nothing was changed.")
    for finding in listed:
        if finding.count > limit:
            raise CommandError(_too_many(f"{finding.count:,} rows of {finding.table} break {finding.rule}", limit))
        if len(finding.sample) != finding.count:
            raise ValueError(f"the finding {finding.rule} names {len(finding.sample)} of {finding.count} rows")
        for row_id in finding.sample:
            rules.setdefault((finding.table, row_id), []).append(finding.rule)
    tables = [table for table in BASELINE if any(key[0] == table for key in rules)]
    counts = {table: sum(key[0] == table for key in rules) for table in tables}
    if len(rules) > limit:
        listing = ", ".join(f"{count:,} of {table}" for table, count in counts.items())
        raise CommandError(_too_many(f"{len(rules):,} rows break rules of v1 ({listing})", limit))
    _refuse_referenced(connection, tables)
    rows = []
    for table in tables:
        ids = [row_id for name, row_id in rules if name == table]
        content = {str(row_id): str(row) for row_id, row in connection.execute(text(_CONTENT[table]), {"ids": ids})}
        rows += [Offender(table, row_id, tuple(rules[table, row_id]), content[row_id]) for row_id in sorted(content)]
    return Quarantine(tuple(rows))


def _too_many(what: str, limit: int) -> str:
    return (
        f"{what}, and at most {limit:,} may be set aside in all; mend them, or allow more with -x quarantine_limit=NUMBER. "
        "Nothing was changed."
    )


def _content(table: str) -> str:
    pairs = ", ".join(f"'{column.name}', t.{identifier(column.name)}" for column in BASELINE[table].columns)
    return f"SELECT t.id::text, jsonb_build_object({pairs})::text FROM public.{table} AS t WHERE t.id = ANY(CAST(:ids AS uuid[]))"


_CONTENT = {table: _content(table) for table in QUARANTINE_TABLES}

_REFERENCING = text(
    """
    SELECT f.relname, k.conrelid::regclass::text, k.conname FROM pg_catalog.pg_constraint AS k
    INNER JOIN pg_catalog.pg_class AS f ON f.oid = k.confrelid AND f.relnamespace = 'public'::regnamespace
    WHERE k.contype = 'f' AND f.relname = ANY(:tables) ORDER BY 1, 2, 3 LIMIT 1
    """
)


def _refuse_referenced(connection: Connection, tables: list[str]) -> None:
    found = connection.execute(_REFERENCING, {"tables": tables}).first()
    if found is not None:
        table, other, constraint = found
        raise CommandError(
            f"rows of {table} can't be set aside, because {other} refers to them ({constraint}); mend them. Nothing was changed."
        )


def request(connection: Connection, quarantine: Quarantine) -> None:
    """Note which rows the next step sets aside, in place of what an earlier run asked for and did not come to."""
    connection.execute(text("DELETE FROM ops.quarantine_request"))
    parameters = [
        {"table": row.table, "id": row.row_id, "rule": rule, "content": row.content} for row in quarantine.rows for rule in row.rules
    ]
    if parameters:
        connection.execute(_REQUEST, parameters)


_REQUEST = text(
    "INSERT INTO ops.quarantine_request (table_name, row_id, rule, content)"
    " VALUES (:table, CAST(:id AS uuid), :rule, CAST(:content AS jsonb))"
)


def quarantine_sql() -> Iterator[str]:
    """Set aside what was asked for, if it still is as it was: one marked statement per leaf table; each closes its requests."""
    for table in QUARANTINE_TABLES:
        sql = (
            "WITH asked AS (\n"
            "  SELECT q.row_id, q.content, string_agg(q.rule, ', ' ORDER BY q.rule) AS rule FROM ops.quarantine_request AS q\n"
            f"  WHERE q.table_name = '{table}' GROUP BY q.row_id, q.content\n"
            "), gone AS (\n"
            # Columns that v1 has added meanwhile are no part of what the row was.
            f"  DELETE FROM public.{table} AS t USING asked AS a WHERE t.id = a.row_id AND to_jsonb(t) @> a.content\n"
            "  RETURNING t.id, to_jsonb(t) AS content, a.rule\n"
            "), closed AS (\n"
            f"  DELETE FROM ops.quarantine_request AS q WHERE q.table_name = '{table}'\n)\n"
            "INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, origin)\n"
            f"SELECT 'quarantined', g.rule, '{table}', g.id, g.content, 'migration' FROM gone AS g"
        )
        yield marked("data", [f"quarantine-{table}", "silent"], sql)
