"""The statements that a database's applications run most, as pg_stat_statements counted them."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError


@dataclass(frozen=True, slots=True)
class Busy:
    """One statement, constants replaced by $1, $2 ...; times in milliseconds since the statistics were reset."""

    query: str
    calls: int
    rows: int
    total_ms: float
    mean_ms: float

    def as_json(self) -> dict[str, Any]:
        """All of it by name."""
        return asdict(self)


def busiest(connection: Connection, limit: int) -> tuple[list[Busy], str]:
    """The statements of this database with the most time in total, and, if there can't be any, why: one sentence with the mend."""
    schema = connection.scalar(
        text(
            "SELECT quote_ident(n.nspname) FROM pg_extension AS e INNER JOIN pg_namespace AS n ON n.oid = e.extnamespace"
            " WHERE e.extname = 'pg_stat_statements'"
        )
    )
    if schema is None:
        return [], (
            "pg_stat_statements is not in this database; set shared_preload_libraries = 'pg_stat_statements', restart the server, and run: "
            "CREATE EXTENSION pg_stat_statements;"
        )
    columns = set(
        connection.scalars(
            text("SELECT attname FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attnum > 0"),
            {"name": f"{schema}.pg_stat_statements"},
        )
    )
    # Version 1.8 of the extension, in PostgreSQL 13, renamed them.
    time = "exec_time" if "total_exec_time" in columns else "time"
    query = text(
        f"SELECT s.query, sum(s.calls), sum(s.rows), sum(s.total_{time}) FROM {schema}.pg_stat_statements AS s"
        " INNER JOIN pg_database AS d ON d.oid = s.dbid AND d.datname = current_database()"
        # What sets a password is, before 16, counted as it was written.
        r" WHERE s.query <> '<insufficient privilege>' AND s.query !~* '\m(CREATE|ALTER)\s+(ROLE|USER|GROUP|SUBSCRIPTION|SERVER)\M'"
        " GROUP BY s.query ORDER BY 4 DESC, 1 LIMIT :limit"
    )
    try:
        with connection.begin_nested():
            found = connection.execute(query, {"limit": limit}).all()
    except DBAPIError as problem:
        reason = str(problem.orig).strip().splitlines()[0]
        return (
            [],
            f"pg_stat_statements can't be read: {reason}; set shared_preload_libraries = 'pg_stat_statements', and restart the server",
        )
    return [
        Busy(statement, int(calls), int(rows), round(float(total), 3), round(float(total) / max(int(calls), 1), 3))
        for statement, calls, rows, total in found
    ], ""
