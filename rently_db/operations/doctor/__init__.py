"""`rently-db doctor`: what a server, a database and a role lack for a migration.

Reads only. A check is a function registered in `look.CHECKS`; what it may not read becomes a warning.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import URL, NullPool
from sqlalchemy.exc import DBAPIError

from rently_db.database import DatabaseUrlError, PoolerError, connect_error_sentence, make_engine, masked
from rently_db.migrate.pooling import Pooling, bare_connection, pooling

# Importing a module registers its checks.
from rently_db.operations.doctor import connection, deployment, replication, rights, roles, server, sessions, settings, space  # noqa: F401
from rently_db.operations.doctor.look import CHECKS, Answer, Check, Line, Look, Status, natural_settings, warning

__all__ = ["Line", "Report", "Status", "examine"]

# A role's timeouts must not end the examination, nor may it wait long for a table that somebody locks.
_OPTIONS = "-c statement_timeout=60s -c lock_timeout=500ms -c idle_in_transaction_session_timeout=0 -c search_path=pg_catalog"
_AREAS = (
    "connection",
    "server",
    "extensions",
    "settings",
    "rights",
    "roles",
    "time zones",
    "sessions",
    "replication",
    "space",
    "deployment",
)
_NO_RIGHT, _LOCKED = "42501", "55P03"


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that was found out about one database."""

    url: str
    lines: tuple[Line, ...]

    @property
    def missing(self) -> bool:
        """Whether something has to be mended before a migration."""
        return any(line.status is Status.MISSING for line in self.lines)

    def as_json(self) -> dict[str, Any]:
        """`{"url", "checks": [{"area", "name", "status", "found", "mend"}], "summary": {"ok", "warning", "missing"}}`."""
        counted = Counter(line.status for line in self.lines)
        return {
            "url": self.url,
            "checks": [asdict(line) for line in self.lines],
            "summary": {str(status): counted[status] for status in Status},
        }


def examine(url: URL, *, patience: float = 5.0) -> Report:
    """Look at everything. `patience`: see `Look`.

    Raises DatabaseUrlError if no connection can be made (PoolerError if a pooler has no second session for us).
    """
    engine = make_engine(url, shared_sessions=True, poolclass=NullPool, pool_pre_ping=False, connect_args={"options": _OPTIONS})
    try:
        found = pooling(lambda: bare_connection(engine))
    except engine.dialect.loaded_dbapi.Error as error:
        raise DatabaseUrlError(connect_error_sentence(error, url)) from error
    if found is Pooling.EXHAUSTED:
        raise PoolerError(url, found)
    if found is Pooling.STATEMENT:  # which takes no transaction to look around in
        return Report(masked(url.set(drivername="postgresql")), (_line("connection", connection.verdict(url, found)),))
    natural = natural_settings(engine)  # before our transaction, which would wait for itself in a pool of one
    with engine.connect() as opened:
        # Through a pooler in transaction mode the options did not arrive.
        for setting in ("statement_timeout = '60s'", "lock_timeout = '500ms'", "search_path = pg_catalog", "TimeZone = 'UTC'"):
            opened.exec_driver_sql(f"SET LOCAL {setting}")
        opened.exec_driver_sql("SET TRANSACTION READ ONLY")
        return Report(masked(url.set(drivername="postgresql")), tuple(_lines(Look(engine, opened, found, natural, patience))))


def _lines(look: Look) -> Iterator[Line]:
    for area, name, function in sorted(CHECKS, key=lambda check: _AREAS.index(check[0])):
        for answer in _asked(look, name, function):
            yield _line(area, answer)


def _asked(look: Look, name: str, function: Check) -> Iterable[Answer]:
    """The answers of one check; a refusal by the server becomes one."""
    try:
        with look.connection.begin_nested():
            return list(function(look))
    except DBAPIError as error:
        sqlstate = getattr(error.orig, "pgcode", None) or getattr(error.orig, "sqlstate", None)
        reason = str(error.orig).strip().splitlines()[0]
        if sqlstate == _NO_RIGHT:
            return [warning(name, f"may not be read by role {look.role}: {reason}", f"GRANT pg_monitor TO {look.quoted(look.role)};")]
        if sqlstate == _LOCKED:
            return [warning(name, "could not be read: somebody holds the tables locked", "run rently-db doctor again in a moment")]
        raise


def _line(area: str, answer: Answer) -> Line:
    return Line(area, answer.name, answer.status, answer.found, answer.mend)
