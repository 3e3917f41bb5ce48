"""Criteria of the rows: self-tests, validations, and the accounts of what v0 held."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import make_engine
from rently_db.migrate.baseline import BASELINE
from rently_db.operations.golive.criterion import Finding, Verdict, judged, listed
from rently_db.operations.validation import Outcome

_TESTS = text("SELECT test_category, test_name, test_status, test_message, execution_duration FROM ops.run_all_tests()")
_ADOPTED = text("SELECT coalesce(bool_or(b.adopted), false) FROM ops.baseline AS b")
_ACCOUNTS = text("SELECT check_name, table_name, status, expected, found, message FROM ops.run_post_migration_validation()")
_LIMIT = text("SELECT set_config('statement_timeout', :limit, true)")
_ALL_FAILED = "rently-db psql -c \"SELECT * FROM ops.{} WHERE {} <> 'PASS'\""


def run_tests(url: URL, limit_seconds: float) -> Sequence[Any]:
    """Every self-test, in a transaction that is rolled back.

    Raises:
        DBAPIError: they may not be run by this role, or did not end in time.
    """
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    try:
        with engine.connect() as connection:
            connection.execute(_LIMIT, {"limit": str(int(limit_seconds * 1000))})
            try:
                return connection.execute(_TESTS).all()
            finally:
                connection.rollback()
    finally:
        engine.dispose()


def self_tests(tests: Sequence[Any]) -> Finding:
    """All of them pass."""
    failed = [test for test in tests if test.test_status != "PASS"]
    problems = [f"{test.test_category} {test.test_name}: {test.test_message}" for test in failed]
    counts = Counter(test.test_category for test in tests if test.test_status == "PASS")
    seconds = sum(test.execution_duration.total_seconds() for test in tests)
    each = ", ".join(f"{category} {count}" for category, count in sorted(counts.items()))
    evidence = [f"{len(tests) - len(failed)} of {len(tests)} pass in {seconds:.1f} s, in a transaction that was rolled back: {each}"]
    return judged(problems, evidence, _ALL_FAILED.format("run_all_tests()", "test_status"))


def validations(outcome: Outcome) -> Finding:
    """No rule fails; what is only a warning is told, for whoever signs to accept."""
    failed = [check for check in outcome.checks if check.status == "FAIL"]
    warned = [check for check in outcome.checks if check.status == "WARNING"]
    problems = [f"{check.rule} fails: {check.message}" for check in failed]
    seconds = float(sum(check.seconds for check in outcome.checks))
    rest = f"{len(failed)} fail, {len(warned)} warn, {outcome.count('INFO')} inform"
    evidence = [
        f"run {outcome.run} of ops.validation_run: {outcome.count('PASS')} of {len(outcome.checks)} rules pass, {rest}, in {seconds:.1f} s",
        *(f"to be accepted by whoever signs: {check.rule} warns: {check.message}" for check in warned),
    ]
    return judged(problems, evidence, *(f"rently-db validate --rule {check.rule}" for check in failed))


def is_adopted(connection: Connection) -> bool:
    """Whether the database was a live v0 before, so that there must be an account of each of its tables."""
    return bool(connection.scalar(_ADOPTED))


def read_accounts(connection: Connection) -> Sequence[Any]:
    """What ``ops.run_post_migration_validation`` says."""
    return connection.execute(_ACCOUNTS).all()


def accounts(rows: Sequence[Any], *, adopted: bool) -> Finding:
    """What v0 held is there: rows, money, content, and every change on record. ``adopted``: the database was a live v0 before."""
    checks = [row for row in rows if not row.check_name.startswith("schema: ")]
    problems = [
        f"{row.table_name}, {row.check_name}: expected {row.expected}, found {row.found}"
        if row.status == "FAIL"
        else f"{row.table_name}: {row.message}"
        for row in checks
        if row.status != "PASS"
    ]
    tables = {row.table_name for row in checks}
    if adopted and (lost := [table for table in BASELINE if table not in tables]):
        problems.insert(0, f"v0 was carried over, and no account is kept of {listed(lost)}")
    if not checks and not adopted:
        return Finding(Verdict.MET, ("no account was opened: this database was made at v1, and nothing was carried over",))
    found = sum(int(row.found) for row in checks if row.check_name == "rows" and row.found.isdigit())
    kinds = list(dict.fromkeys(row.check_name for row in checks))
    passed = sum(row.status == "PASS" for row in checks)
    evidence = [f"{passed} of {len(checks)} checks pass: {', '.join(kinds)} of {len(tables)} tables, {found:,} rows after the migration"]
    return judged(_short(problems), evidence, _ALL_FAILED.format("run_post_migration_validation()", "status"))


def _short(problems: list[str]) -> list[str]:
    """Few sentences, whatever happened to all tables at once."""
    shown = 8
    return problems if len(problems) <= shown else [*problems[:shown], f"and {len(problems) - shown} more"]


def refused(error: DBAPIError) -> Finding:
    """What PostgreSQL would not let us measure."""
    said = str(error.orig).strip().splitlines()[0]
    if getattr(error.orig, "pgcode", None) == "42501":
        return Finding(Verdict.NOT_SHOWN, (said,), ("as a role that is a member of rently_ops, or that owns the tables: rently-db golive",))
    if getattr(error.orig, "pgcode", None) == "57014":
        return Finding(Verdict.NOT_SHOWN, (f"{said}: it did not end in time",), ("rently-db golive --limit 3600",))
    return Finding(Verdict.NOT_SHOWN, (said,), ("rently-db golive",))
