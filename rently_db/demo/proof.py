"""What the demonstration proves, and how: rows, schema and v1's own facts at two moments, compared."""

from __future__ import annotations

import hashlib
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import URL, Engine, text

from rently_db.dumping import pg_dump_for
from rently_db.migrate.actions import identifier
from rently_db.migrate.baseline import BASELINE
from rently_db.models import Base

Rows = Mapping[str, Mapping[UUID, str]]
"""Table -> id -> a digest of the row's v0 columns."""


@dataclass(frozen=True, slots=True)
class Loss:
    """A row that is not what it was."""

    table: str
    id: UUID
    what: str


def rows_of_v0(engine: Engine) -> Rows:
    """A digest of every row of the twenty tables, v0's columns only, in one snapshot."""
    found: dict[str, dict[UUID, str]] = {}
    with engine.connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        for table in BASELINE.values():
            columns = ", ".join(identifier(column.name) for column in table.columns)
            query = text(f"SELECT id, md5(ROW({columns})::text) AS digest FROM public.{table.name}")
            found[table.name] = {row.id: row.digest for row in connection.execute(query)}
    return found


def losses(before: Rows, after: Rows) -> list[Loss]:
    """The rows of ``before`` that are missing or different in ``after``; rows that came later are nobody's loss."""
    found: list[Loss] = []
    for table, digests in before.items():
        for row_id, digest in digests.items():
            now = after[table].get(row_id)
            if now is None:
                found.append(Loss(table, row_id, "missing"))
            elif now != digest:
                found.append(Loss(table, row_id, "changed"))
    return found


def schema_of_public(url: URL) -> str:
    """The sha256 of ``pg_dump --schema-only`` of schema public, comments and grants included."""
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    done = subprocess.run([pg_dump_for(url), "--schema-only", "--schema=public", address], capture_output=True, text=True, check=True)
    # Newer versions print a random key around the script.
    lines = [line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict"))]
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def facts_of_v1(engine: Engine) -> dict[str, str]:
    """A digest of each table and column that v1 alone has, for rows that no v0 application writes: table -> digest of all its rows."""
    facts: dict[str, str] = {}
    with engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in BASELINE:
                query = text(f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM public.{table.name} AS t")
                facts[table.name] = str(connection.scalar(query))
    return facts
