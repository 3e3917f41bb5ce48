"""The report: findings about schema, rows and repairs, and advice, of a plain v0 database, read in one transaction that can't write."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection, Engine, text

from rently_db.database import server_version
from rently_db.migrate.adoption import State, look
from rently_db.migrate.mapping import ValueMapping
from rently_db.migrate.preflight import SAMPLE, Finding, Kind, advice, survey
from rently_db.migrate.preflight.schema import readable_tables, schema_findings
from rently_db.migrate.steps import Step, flat
from rently_db.operations.alembic_config import scripts
from rently_db.packaged import revisions


@dataclass(frozen=True, slots=True)
class Report:
    """What the preflight found, those findings first that stop the migration."""

    revision: str | None
    """The recorded revision; None if Alembic never worked here."""
    nothing_to_check: str = ""
    """Why there was nothing to check, as a sentence; empty if there was."""
    findings: list[Finding] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    """What is there besides v0; the migration keeps it."""

    @property
    def stops(self) -> bool:
        """Whether the migration would stop."""
        return any(finding.stops for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """The stable shape that ``--json`` prints; described in the command's help."""
        return {
            "revision": self.revision,
            "would_stop": self.stops,
            "nothing_to_check": self.nothing_to_check or None,
            "findings": [_as_json(finding) for finding in self.findings],
            "kept_besides_v0": self.extras,
        }


def _as_json(finding: Finding) -> dict[str, Any]:
    return {
        "kind": finding.kind.value,
        "table": finding.table or None,
        "column": finding.column or None,
        "rule": finding.rule,
        "count": finding.count,
        "sample": list(finding.sample),
        "repair": finding.mend,
        "automatic": finding.automatic,
        "commands": list(finding.commands),
        "mapping": list(finding.mapping),
        "note": finding.note or None,
    }


def all_steps() -> list[Step]:
    """The steps of every revision, oldest first, grouped ones taken apart."""
    return [step for revision in reversed(list(scripts().walk_revisions())) for step in flat(revision.module.steps())]


def check(engine: Engine, mapping: ValueMapping | None = None, *, thorough: bool = False) -> Report:
    """Check a v0 database; nothing is written, and PostgreSQL sees to it.

    ``thorough`` also looks for rows without a parent behind foreign keys that PostgreSQL vouches for.

    Raises:
        CommandError: the database is none of Rently's, or a v1 that lost its records, or its server is older than PostgreSQL 12.
    """
    with engine.connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        version = server_version(connection)
        if version < 120000:
            raise CommandError(f"this server is PostgreSQL {version // 10000}; rently_db needs 12 or newer: upgrade the server first")
        revision = _revision(connection)
        if revision not in (None, "v0"):
            return Report(revision, _beyond(revision or ""))
        if _begun(connection):
            return Report(revision, "an upgrade has begun to change this database; run alembic upgrade head, it goes on from there")
        looked = look(connection)
        if looked.state is State.EMPTY:
            return Report(revision, "schema public has no tables: there is nothing to check, alembic upgrade head creates them")
        if looked.state is State.FOREIGN:
            raise CommandError(f"{looked.conflicts[0]}: this looks like the wrong database; connect to the right one")
        if looked.state is State.UNRECORDED:
            raise CommandError("this database has the tables of v1 but not its records (schema ops); restore schema ops from a backup")
        steps = all_steps()
        found = list(schema_findings(connection, steps, looked))
        tables = readable_tables(connection)
        found += survey(connection, steps, mapping, tables=tables, thorough=thorough)
        found += advice(connection, steps, tables, SAMPLE)
        order = list(Kind)
        return Report(revision, "", sorted(found, key=lambda finding: order.index(finding.kind)), looked.extras)


def _begun(connection: Connection) -> bool:
    """Whether an upgrade was stopped within its first revision that changes v0."""
    if not connection.scalar(text("SELECT to_regclass('ops.migration_step') IS NOT NULL")):
        return False
    query = "SELECT EXISTS (SELECT FROM ops.migration_step WHERE revision = 'v1_expand' AND direction = 'up' AND state <> 'undone')"
    return bool(connection.scalar(text(query)))


def _revision(connection: Connection) -> str | None:
    if not connection.scalar(text("SELECT to_regclass('ops.alembic_version') IS NOT NULL")):
        return None
    value = connection.scalar(text("SELECT version_num FROM ops.alembic_version"))
    return None if value is None else str(value)


def _beyond(revision: str) -> str:
    if revision == revisions()[-1]:
        return f"the database is at {revision}, the newest revision: there is nothing to check"
    return f"the database is at {revision}, on the way: its rows were checked before the first change; run alembic upgrade head"
