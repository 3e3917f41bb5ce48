"""Who is connected to the database: what an operator looks at before v1's applications must be gone."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

_CLIENTS = text(
    """
    SELECT
        coalesce(nullif(a.application_name, ''), '(no application_name)'), coalesce(a.usename, '?'), count(*),
        count(*) FILTER (WHERE a.state <> 'idle'), count(*) FILTER (WHERE a.state LIKE 'idle in transaction%'),
        extract(epoch FROM clock_timestamp() - min(a.backend_start))::float8
    FROM pg_stat_activity AS a
    WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND a.backend_type = 'client backend'
    GROUP BY 1, 2 ORDER BY 3 DESC, 1, 2
    """
)


@dataclass(frozen=True, slots=True)
class Client:
    """The sessions of one application and role. ``active`` counts those that are not idle; ``oldest_seconds`` is the longest connected."""

    application: str
    user: str
    sessions: int
    active: int
    idle_in_transaction: int
    oldest_seconds: float


def clients(connection: Connection) -> list[Client]:
    """The sessions of the database but for this one, by application and role, most first."""
    return [Client(*row) for row in connection.execute(_CLIENTS)]
