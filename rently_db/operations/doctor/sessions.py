"""Sessions and transactions that a concurrent index build, or a change of the schema, would have to wait for."""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.operations.doctor.look import Answer, Look, check, ok, warning

_WORKING = 10
"""A session at work may take so many times the patience that one gets which idles in its transaction."""

_HIDDEN = "<insufficient privilege>"
_SESSIONS = """
SELECT a.pid, coalesce(nullif(a.application_name, ''), 'unknown'), a.usename::text, a.state,
    extract(epoch FROM clock_timestamp() - a.xact_start)::float8 AS age,
    extract(epoch FROM clock_timestamp() - a.state_change)::float8 AS since, a.query
FROM pg_stat_activity AS a
WHERE a.datname = current_database() AND a.pid <> pg_backend_pid() AND coalesce(a.backend_type, 'client backend') = 'client backend'
ORDER BY a.xact_start
"""


@check("sessions", "old transactions")
def old_transactions(look: Look) -> Iterator[Answer]:
    """Index builds wait for every transaction that is older than they; changes of a table wait for those that use it."""
    hidden = found = 0
    for pid, application, user, state, age, since, query in look.rows(_SESSIONS):
        if query == _HIDDEN and state is None:
            hidden += 1
            continue
        if age is None:
            continue
        idle = str(state).startswith("idle in transaction")
        if (since if idle else age) < look.patience * (1 if idle else _WORKING):
            continue
        found += 1
        who = f"process {pid} ({application} of {user}) is {state} for {since:.0f} s, in a transaction for {age:.0f} s"
        reason = f"{who}: index builds would wait for it"
        yield warning("idle in transaction" if idle else "long transaction", reason, f"SELECT pg_terminate_backend({pid});")
    if hidden:
        told = f"{hidden} sessions of other roles show role {look.role} nothing of their transactions"
        yield warning("old transactions", told, f"GRANT pg_read_all_stats TO {look.quoted(look.role)};")
    elif not found:
        yield ok("old transactions", "none in this database")


@check("sessions", "prepared transactions")
def prepared_transactions(look: Look) -> Iterator[Answer]:
    """They keep their locks until somebody ends them, over restarts too."""
    rows = look.rows(
        "SELECT gid, owner::text, extract(epoch FROM clock_timestamp() - prepared)::float8"
        " FROM pg_prepared_xacts WHERE database = current_database() ORDER BY prepared"
    )
    for gid, owner, age in rows:
        quoted = "'" + gid.replace("'", "''") + "'"
        found = f"{gid} of {owner}, prepared {age:.0f} s ago: index builds and changes of the schema would wait for it"
        yield warning("prepared transactions", found, f"COMMIT PREPARED {quoted}; or ROLLBACK PREPARED {quoted};")
    if not rows:
        yield ok("prepared transactions", "none in this database")
