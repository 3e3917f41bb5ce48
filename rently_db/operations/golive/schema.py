"""Criteria of the schema: its revision, what is in force, what was changed by hand, and who may do what."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rently_db.operations.drift import Difference, DriftReport
from rently_db.operations.golive.criterion import Finding, Verdict, judged, listed
from rently_db.operations.status import Status
from rently_db.packaged import revisions


def revision(status: Status, head: str, unfit: str | None) -> Finding:
    """The newest revision, nobody on the way to or from it, and the schema of the models. ``unfit`` is why it is not the latter."""
    problems = []
    command = status.unfinished or to_head(status.revision)
    if status.revision not in (head, None, *revisions()):
        problems.append(f"the database is at {status.revision}, which this release does not know: it is of the release that made it")
    elif status.revision != head:
        problems.append(f"the database is at {status.revision or 'no revision'}, and {head} is the newest that this release knows")
    if status.unfinished:
        problems.append("the last run stopped on its way")
    if status.deployment is not None:
        problems.append(f"a migration is at work: process {status.deployment.pid} ({status.deployment.application})")
        command = "rently-db status --watch"
    if unfit is not None:
        problems.append(unfit)
    done = [run for run in status.runs if run.state == "done"]
    evidence = [status.sentence]
    if unfit is None:
        evidence.append("it has every table and column of this release's models, with its type")
    if done:
        last = done[0]
        evidence.append(f"last run: {last.start or '-'} to {last.target or '-'}, by {last.user}, done {_moment(last.finished_at)}")
    return judged(problems, evidence, command)


def in_force(rows: Sequence[Any]) -> Finding:
    """Constraints, indexes and triggers: the rows of ``run_post_migration_validation`` about the schema."""
    checks = [row for row in rows if row.check_name.startswith("schema: ")]
    problems = [f"{row.check_name.removeprefix('schema: ')}: {row.found} found, {row.message}" for row in checks if row.status != "PASS"]
    evidence = [f"{row.check_name.removeprefix('schema: ')}: {row.message}" for row in checks if row.status == "PASS"]
    return judged(problems, evidence, "rently-db drift --sql")


def drift(report: DriftReport) -> Finding:
    """Definitions and the rest, but for grants, which are a criterion of their own."""
    found = [one for one in report.drift if not _of_rights(one)]
    problems = [f"{len(found)} differences that are drift: {listed([_named(one) for one in found])}"] if found else []
    notes = sum(not _of_rights(one) for one in report.notes)
    evidence = [f"{report.objects:,} objects compared with what {report.revision} makes; {notes} notes of what others added"]
    return judged(problems, evidence, "rently-db drift --sql")


def permissions(report: DriftReport, tests: Sequence[Any]) -> Finding:
    """Grants as the catalogue has them, and the self-tests of security."""
    wrong = [one for one in report.drift if _of_rights(one)]
    absent = [one.name for one in report.notes if one.kind == "role"]
    failed = [test for test in tests if test.test_category == "SECURITY" and test.test_status != "PASS"]
    passed = sum(test.test_category == "SECURITY" for test in tests) - len(failed)
    problems = [f"{len(wrong)} rights are not as the catalogue has them: {listed([_named(one) for one in wrong])}"] if wrong else []
    if absent:
        problems.append(f"roles are missing: {', '.join(absent)}")
    problems += [f"{test.test_name}: {test.test_message}" for test in failed]
    command = "rently-db access script" if absent else "rently-db access apply"
    evidence = [f"{passed} self-tests of security pass: {listed(sorted(_passed(tests)))}"]
    if not wrong:
        evidence.insert(0, f"every grant on the {report.objects:,} objects compared is as the catalogue has it")
    return judged(problems, evidence, command, *(["rently-db drift --sql"] if wrong else []))


def to_head(revision: str | None) -> str:
    """The command after which database and release are of one revision: a database that is ahead is never migrated back for it."""
    return "rently-db migrate" if revision is None or revision in revisions() else "pip install --upgrade rently-db"


def not_at_head(head: str, revision: str | None) -> Finding:
    """What is only asked of a database at head."""
    return Finding(Verdict.NOT_SHOWN, (f"asked of a database at {head} only",), (to_head(revision),))


def _passed(tests: Sequence[Any]) -> list[str]:
    return [test.test_name for test in tests if test.test_category == "SECURITY" and test.test_status == "PASS"]


def _of_rights(one: Difference) -> bool:
    return one.what.startswith("grant ") or one.kind == "role"


def _named(one: Difference) -> str:
    if one.what == "there":
        return f"{one.kind} {one.name} {'is missing' if one.found is None else 'should not be there'}"
    return f"{one.what} of {one.kind} {one.name}"


def _moment(value: Any) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S} UTC" if value else "at an unknown time"
