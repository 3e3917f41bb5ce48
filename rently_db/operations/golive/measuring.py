"""Measure every criterion of the go-live, one after the other."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, TypeVar

from alembic.util import CommandError
from sqlalchemy import URL, Connection, text
from sqlalchemy.exc import DBAPIError

import rently_db
from rently_db.fit import SchemaError, require_schema
from rently_db.operations.backup.tools import Progress
from rently_db.operations.drift import DriftReport, find_drift
from rently_db.operations.golive import backups, monitoring, readings, rows, schema
from rently_db.operations.golive.criterion import Criterion, Finding, GoLive, Question, Verdict
from rently_db.operations.golive.options import Options
from rently_db.operations.sessions import reading
from rently_db.operations.status import Status, read_status
from rently_db.operations.validation import Check, validate
from rently_db.packaged import revisions

_WHERE = text("SELECT current_database(), current_setting('server_version'), current_user")
T = TypeVar("T")
_AIM = text("SELECT ops.config_number('dashboard_milliseconds', 300), ops.config_number('report_milliseconds', 3000)")


def look(url: URL, options: Options, progress: Progress = lambda *_: None) -> GoLive:
    """Measure every criterion. What can't be measured is not shown, and the others are measured all the same.

    Nothing is changed but the log: validations write their results to ``ops.validation_run`` and ``ops.data_validation_log``.

    Raises:
        CommandError: the server can't be reached.
    """
    began = datetime.now(UTC)
    status = read_status(url)
    with reading(url) as connection:
        database, version, role = connection.execute(_WHERE).one()
    questions = list(_Look(url, options, status, progress).questions())
    criteria = []
    for number, question in enumerate(questions):
        progress("criteria", number, len(questions))
        criteria.append(_measured(question))
    progress("criteria", len(questions), len(questions))
    return GoLive(database, _server(url), version, status.revision, role, rently_db.__version__, began, datetime.now(UTC), tuple(criteria))


def _server(url: URL) -> str:
    """Which server it is, for who reads the sheet elsewhere: host and port, or through a socket the name of this machine."""
    host, port = url.host or url.query.get("host", ""), url.port or url.query.get("port", 5432)
    return f"{host}:{port}" if isinstance(host, str) and host and not host.startswith("/") else f"this machine, {socket.gethostname()}"


def _measured(question: Question) -> Criterion:
    at, began = datetime.now(UTC), time.monotonic()
    try:
        found = question.measure()
    except DBAPIError as error:
        found = rows.refused(error)
    except CommandError as error:
        if _stopped(error):
            raise KeyboardInterrupt from error
        found = Finding(Verdict.NOT_SHOWN, (str(error),), ("rently-db golive",))
    seconds = round(time.monotonic() - began, 3)
    return Criterion(question.name, question.title, question.asked, found.verdict, found.evidence, found.commands, at, seconds)


def _stopped(error: BaseException | None) -> bool:
    """Whether somebody pressed Ctrl-C: what migrates a scratch database makes a sentence of that, and we would go on."""
    return error is not None and (isinstance(error, KeyboardInterrupt) or _stopped(error.__cause__))


class _Look:
    """What several criteria need is measured once."""

    def __init__(self, url: URL, options: Options, status: Status, progress: Progress) -> None:
        self._url = url
        self._options = options
        self._status = status
        self._progress = progress
        self._head = revisions()[-1]

    def questions(self) -> Iterator[Question]:
        """The criteria, in the order in which they are measured: what disturbs the measurements of others comes last."""
        hours = f"{self._options.backup_hours:g}"
        yield Question(
            "revision",
            "Revision",
            f"The database is at {self._head}, no migration is on its way, and this library fits.",
            self._revision,
        )
        asked: tuple[tuple[str, str, str, Callable[[], Finding]], ...] = (
            ("in_force", "In force", "Every constraint is validated, every index valid, every trigger enabled.", self._in_force),
            ("drift", "Drift", "The schema is what its revision makes; nothing was changed by hand.", lambda: schema.drift(self._drift)),
            (
                "self_tests",
                "Self-tests",
                "Every self-test of the database passes, and leaves no trace.",
                lambda: rows.self_tests(self._tests),
            ),
            ("validation", "Validation", "No rule of the business is broken by a row.", self._validation),
            ("accounts", "Accounts", "What v0 held is there: rows, money per currency, content, every change on record.", self._accounts),
            ("query_times", "Query times", _PROMISE, self._query_times),
            ("freshness", "Freshness", "No figure is older than its tier allows.", lambda: self._asked(monitoring.freshness)),
            (
                "alerts",
                "Alerts",
                "Every alert rule is active, was asked lately and could be evaluated.",
                lambda: self._asked(monitoring.alerts),
            ),
            (
                "schedules",
                "Schedules",
                "Every task runs when it is due, by rently-db run-due or pg_cron.",
                lambda: self._asked(monitoring.schedules),
            ),
            ("incidents", "Incidents", "No critical incident is open.", lambda: self._asked(monitoring.incidents)),
            ("permissions", "Permissions", _RIGHTS, lambda: schema.permissions(self._drift, self._tests)),
            ("backup", "Backup", f"A backup of it, at most {hours} hours old, was restored and compared.", self._backup),
        )
        ready = self._status.revision == self._head
        for name, title, sentence, measure in asked:
            yield Question(name, title, sentence, measure if ready else lambda: schema.not_at_head(self._head, self._status.revision))

    def _revision(self) -> Finding:
        try:
            self._asked(require_schema)
        except SchemaError as problem:
            return schema.revision(self._status, self._head, str(problem))
        return schema.revision(self._status, self._head, None)

    @cached_property
    def _drift(self) -> DriftReport:
        return find_drift(self._url, scratch=self._options.scratch, roles=self._options.roles)

    @cached_property
    def _tests(self) -> Sequence[Any]:
        return rows.run_tests(self._url, self._options.limit_seconds)

    @cached_property
    def _checked(self) -> Sequence[Any]:
        return self._asked(rows.read_accounts)

    def _asked(self, question: Callable[[Connection], T]) -> T:
        with reading(self._url) as connection:
            return question(connection)

    def _in_force(self) -> Finding:
        return schema.in_force(self._checked)

    def _accounts(self) -> Finding:
        return rows.accounts(self._checked, adopted=self._asked(rows.is_adopted))

    def _validation(self) -> Finding:
        checks: list[Check] = []

        def heard(check: Check) -> None:
            checks.append(check)
            self._progress("validated", len(checks), None)

        return rows.validations(validate(self._url, limit_seconds=self._options.limit_seconds, report=heard))

    def _query_times(self) -> Finding:
        dashboard_ms, report_ms = self._asked(lambda connection: connection.execute(_AIM).one())
        found = readings.read_all(
            self._url,
            dashboard_ms=float(dashboard_ms),
            report_ms=float(report_ms),
            progress=lambda done, total: self._progress("read", done, total),
        )
        return readings.judge(found)

    def _backup(self) -> Finding:
        return backups.backup(self._url, self._options, self._progress)


_PROMISE = (
    f"What a dashboard reads takes less than {readings.DASHBOARD_SECONDS:g} s, a complex report less than {readings.REPORT_SECONDS:g} s "
    "(the first page as people look at it)."
)
_RIGHTS = "Each role has the rights of the catalogue and no more, PUBLIC has none, and no role is a superuser."
