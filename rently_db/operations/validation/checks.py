"""Check rules, each in a transaction of its own and with its own time limit, and log what was found."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from alembic.util import CommandError
from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.database import connect_error_sentence, make_engine, masked

_RULES = text(
    """
    SELECT k.rule FROM ops.rule_catalogue AS k
    WHERE CASE WHEN cardinality(CAST(:rules AS text[])) > 0 THEN k.rule = ANY (:rules) ELSE :tag = ANY (k.tags) END
    ORDER BY k.validation_type, k.rule
    """
)
_KNOWN = text("SELECT k.rule FROM ops.rule_catalogue AS k ORDER BY 1")
_TAGS = text("SELECT DISTINCT t.tag FROM ops.rule_catalogue AS k CROSS JOIN LATERAL unnest(k.tags) AS t (tag) ORDER BY 1")
_CHECK = text("SELECT * FROM ops.check_rule(:rule, :run)")
_LATE = text("SELECT set_config('statement_timeout', :limit, false)")


@dataclass(frozen=True, slots=True)
class Check:
    """The result of one rule, as ``ops.data_validation_log`` has it."""

    type: str
    rule: str
    table: str
    column: str | None
    status: str
    """PASS, FAIL, WARNING or INFO."""
    rows: int | None
    violations: int
    message: str
    details: dict[str, Any]
    seconds: Decimal
    at: datetime

    def rows_found(self) -> list[dict[str, str]]:
        """Up to 20 of the rows that offend: ``id``, and ``detail``, what was found."""
        ids, details = self.details.get("ids", []), self.details.get("found", [])
        return [{"id": row, "detail": detail or ""} for row, detail in zip(ids, details, strict=True)]

    def as_json(self) -> dict[str, Any]:
        """All of it by name; seconds and moment as text."""
        return {
            "type": self.type,
            "rule": self.rule,
            "table": self.table,
            "column": self.column,
            "status": self.status,
            "rows": self.rows,
            "violations": self.violations,
            "message": self.message,
            "details": self.details,
            "seconds": str(self.seconds),
            "at": self.at.isoformat(),
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """A run: its number in ``ops.validation_run``, and its checks in order."""

    database: str
    run: int
    checks: tuple[Check, ...]

    def count(self, status: str) -> int:
        """How many checks have this status."""
        return sum(check.status == status for check in self.checks)

    @property
    def failed(self) -> bool:
        """Whether a rule of severity fail is offended, or could not be evaluated."""
        return self.count("FAIL") > 0

    def as_json(self) -> dict[str, Any]:
        """The stable shape that ``--json`` prints."""
        return {
            "database": self.database,
            "run": self.run,
            "total": len(self.checks),
            "passed": self.count("PASS"),
            "failed": self.count("FAIL"),
            "warnings": self.count("WARNING"),
            "infos": self.count("INFO"),
            "checks": [check.as_json() for check in self.checks],
        }


def validate(
    url: URL,
    *,
    rules: Sequence[str] = (),
    tag: str = "validation",
    limit_seconds: float = 900,
    report: Callable[[Check], None] = lambda _: None,
) -> Outcome:
    """Check the named rules, or those of a tag. ``report`` hears each result as it comes.

    Raises:
        CommandError: the server can't be reached, the database is not at ``v1_ops``, a rule or tag is unknown, or the role may not check.
    """
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            chosen = _chosen(connection, url, rules, tag)
            asked = f"rules {', '.join(rules)}" if rules else f"tag {tag}"
            run = int(str(connection.scalar(text("SELECT ops.open_validation_run(:asked)"), {"asked": asked})))
            connection.execute(_LATE, {"limit": str(int(limit_seconds * 1000))})
            checks = []
            for rule in chosen:
                check = _checked(connection, rule, run)
                report(check)
                checks.append(check)
            connection.execute(_LATE, {"limit": "0"})
            connection.execute(text("SELECT ops.close_validation_run(:run)"), {"run": run})
        return Outcome(str(url.database), run, tuple(checks))
    except OperationalError as problem:
        raise CommandError(connect_error_sentence(problem, url.set(drivername="postgresql"))) from problem
    except DBAPIError as problem:
        if getattr(problem.orig, "pgcode", None) != "42501":
            raise
        said = str(problem.orig).splitlines()[0]
        raise CommandError(f"{said}: {masked(url)} may not validate; grant it role rently_ops") from problem
    finally:
        engine.dispose()


def _chosen(connection: Connection, url: URL, rules: Sequence[str], tag: str) -> list[str]:
    if connection.scalar(text("SELECT to_regclass('ops.rule_catalogue') IS NULL")):
        raise CommandError(f"{masked(url)} is not at revision v1_ops, which brings the rules; run rently-db migrate")
    found = list(connection.scalars(_RULES, {"rules": list(rules), "tag": tag}))
    unknown = [rule for rule in rules if rule not in found]
    if unknown:
        raise CommandError(f"there is no rule {unknown[0]!r}; there are {', '.join(connection.scalars(_KNOWN))}")
    if not found:
        raise CommandError(f"no rule has tag {tag!r}; there are {', '.join(connection.scalars(_TAGS))}")
    return found


def _checked(connection: Connection, rule: str, run: int) -> Check:
    row = connection.execute(_CHECK, {"rule": rule, "run": run}).mappings().one()
    return Check(
        type=row["validation_type"],
        rule=row["validation_name"],
        table=row["table_name"],
        column=row["column_name"],
        status=row["validation_status"],
        rows=row["record_count"],
        violations=row["violation_count"],
        message=row["validation_message"],
        details=row["details"],
        seconds=row["seconds"],
        at=row["validation_time"],
    )
