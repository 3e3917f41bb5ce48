"""How a database was before the migration: counts, money, digests, and how long its busiest statements take."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, Engine, text

from rently_db.database import masked
from rently_db.migrate.content import TABLES, measure
from rently_db.migrate.preflight.schema import readable_tables
from rently_db.operations.statements import busiest

STATEMENTS = 50
"""How many of the busiest statements a baseline keeps."""


def take_baseline(engine: Engine) -> dict[str, Any]:
    """The baseline as an object for a JSON file. Amounts and digests are text: JSON's numbers would round them.

    ``tables`` by name: rows, digest, money by column and currency (``null`` for rows without one). ``statements``: the busiest of
    pg_stat_statements, times in milliseconds; null if the extension is not at work, and then ``statements_missing`` says why.
    """
    with engine.connect() as connection:
        taken = str(connection.scalar(text("SHOW server_version")))
        names = readable_tables(connection)
        connection.rollback()
        contents = measure(connection, [table for name, table in TABLES.items() if name in names])
        connection.rollback()
        statements, missing = busiest(connection, STATEMENTS)
        size = _size(connection)
    return {
        "format": 1,
        "taken_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "database": masked(engine.url.set(drivername="postgresql")),
        "server_version": taken,
        "bytes": size,
        "tables": {
            name: {
                "rows": content.rows,
                "digest": str(content.digest),
                "money": [
                    {"column": column, "currency": currency, "sum": f"{amount:f}"} for (column, currency), amount in content.money.items()
                ],
            }
            for name, content in contents.items()
        },
        "statements": None if missing else [statement.as_json() for statement in statements],
        "statements_missing": missing or None,
    }


def _size(connection: Connection) -> int:
    return int(str(connection.scalar(text("SELECT pg_database_size(current_database())"))))
