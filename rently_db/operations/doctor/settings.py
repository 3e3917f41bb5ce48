"""The server's settings that a migration feels."""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.operations.doctor.look import Answer, Look, check, missing, ok, warning
from rently_db.operations.doctor.space import upgrade_forecast
from rently_db.operations.forecast import readable

_RELATIONS_OF_V1 = 400
_BIG_TABLE_ROWS = 1_000_000
_ENOUGH_MEMORY = 256 * 1024 * 1024
_CHECKPOINTS = 10
_FREE_SESSIONS = 5


@check("settings", "max_locks_per_transaction")
def locks(look: Look) -> Iterator[Answer]:
    """A backup locks every relation in one transaction."""
    name = "max_locks_per_transaction"
    each, slots = look.rows(
        "SELECT current_setting('max_locks_per_transaction')::bigint,"
        " current_setting('max_connections')::bigint + current_setting('max_prepared_transactions')::bigint"
    )[0]
    relations = look.value("SELECT count(*) FROM pg_class WHERE relkind IN ('r', 'p', 'i', 'I', 'm', 't')") + _RELATIONS_OF_V1
    if each * slots >= 2 * relations:
        yield ok(name, f"{each}: {each * slots:,} locks for {relations:,} tables and indexes, v1's included")
    else:
        found = f"{each}: {each * slots:,} locks in all, and a backup of v1 locks {relations:,} tables and indexes at once"
        yield warning(name, found, f"ALTER SYSTEM SET {name} = {2 * relations // slots + 1}; then restart the server")


@check("settings", "maintenance_work_mem")
def maintenance_work_mem(look: Look) -> Iterator[Answer]:
    """Index builds sort in it, or on disk."""
    name, size = "maintenance_work_mem", _bytes(look, "maintenance_work_mem")
    biggest = max((table.rows for table in look.sizes.values()), default=0)
    if size >= _ENOUGH_MEMORY or biggest <= _BIG_TABLE_ROWS:
        yield ok(name, f"{readable(size)}; the biggest table has {biggest:,} rows")
    else:
        found = f"{readable(size)}: indexes of a table with {biggest:,} rows are sorted on disk, which takes longer"
        yield warning(name, found, f"ALTER {look.here} SET {name} = '1GB';")


@check("settings", "max_wal_size")
def max_wal_size(look: Look) -> Iterator[Answer]:
    """WAL beyond it forces checkpoints, and each makes the following WAL bigger."""
    size, expected = _bytes(look, "max_wal_size"), upgrade_forecast(look)
    if expected is None or expected.wal_bytes <= _CHECKPOINTS * size:
        yield ok("max_wal_size", readable(size))
    else:
        found = f"{readable(size)}: about {readable(expected.wal_bytes)} of WAL will force {expected.wal_bytes // size} checkpoints"
        wanted = expected.wal_bytes // _CHECKPOINTS // 1024**3 + 1
        yield warning("max_wal_size", found, f"ALTER SYSTEM SET max_wal_size = '{wanted}GB'; SELECT pg_reload_conf();")


@check("settings", "wal_level")
def wal_level(look: Look) -> Iterator[Answer]:
    """With minimal there is no way to a point in time."""
    level = look.value("SELECT current_setting('wal_level')")
    if level == "minimal":
        found = "minimal: after a disaster only the last dump comes back, not the work since"
        yield warning("wal_level", found, "ALTER SYSTEM SET wal_level = replica; then restart the server")
    else:
        yield ok("wal_level", level)


@check("settings", "WAL archive")
def archive(look: Look) -> Iterator[Answer]:
    """A failing archive keeps all WAL on the server's disk."""
    mode = look.value("SELECT current_setting('archive_mode')")
    failed, name = look.rows("SELECT last_failed_time > coalesce(last_archived_time, '-infinity'), last_failed_wal FROM pg_stat_archiver")[
        0
    ]
    if mode != "off" and failed:
        found = f"the last attempt failed (file {name}); WAL stays on the disk until archiving works"
        yield warning("WAL archive", found, "mend archive_command: the server's log says why it failed")
    else:
        yield ok("WAL archive", "off" if mode == "off" else "works")


@check("settings", "autovacuum")
def autovacuum(look: Look) -> Iterator[Answer]:
    """It takes away what rewritten rows leave behind, and counts rows for the planner."""
    on = look.value("SELECT current_setting('autovacuum') = 'on' AND current_setting('track_counts') = 'on'")
    if not on:
        found = "off: old versions of rewritten rows stay, and plans follow stale statistics"
        yield warning("autovacuum", found, "ALTER SYSTEM SET autovacuum = on; ALTER SYSTEM SET track_counts = on; SELECT pg_reload_conf();")
    without = look.rows(
        "SELECT c.relname::text FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace"
        " WHERE n.nspname = 'public' AND c.relname = ANY(:names) AND EXISTS ("
        "SELECT FROM unnest(c.reloptions) AS o WHERE o ~* '^autovacuum_enabled=(false|off|no|0)') ORDER BY 1",
        names=list(look.sizes),
    )
    for (table,) in without:
        reset = f"ALTER TABLE public.{table} RESET (autovacuum_enabled);"
        yield warning("autovacuum", f"switched off for table {table}, which the upgrade rewrites", reset)
    if on and not without:
        yield ok("autovacuum", "on")


@check("settings", "synchronous_standby_names")
def synchronous(look: Look) -> Iterator[Answer]:
    """Where a synchronous standby is demanded and none is there, every commit hangs."""
    name = "synchronous_standby_names"
    demanded = look.value("SELECT current_setting('synchronous_standby_names')")
    waits = look.value("SELECT current_setting('synchronous_commit')") not in ("off", "local")
    if demanded and waits and not look.replica:
        if not look.value("SELECT count(*) FROM pg_stat_replication"):
            found = f"{demanded}, and no standby is connected: every commit waits for it"
            yield missing(name, found, f"start the standby, or ALTER SYSTEM RESET {name}; SELECT pg_reload_conf();")
        else:
            yield ok(name, f"{demanded}: every batch waits for the standby")


@check("settings", "connections")
def connections(look: Look) -> Iterator[Answer]:
    """A deployment works with three sessions."""
    total, limit, role_limit = look.rows(
        "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int,"
        " (SELECT datconnlimit FROM pg_database WHERE datname = current_database()),"
        " (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user)"
    )[0]
    used, here = look.rows("SELECT sum(numbackends), sum(numbackends) FILTER (WHERE datname = current_database()) FROM pg_stat_database")[0]
    whose = f"{look.role} may open"
    for free, of, mend in (
        (total - used, "the server has", "close some sessions, or raise max_connections and restart"),
        (limit - here if limit >= 0 else None, "the database has", f"ALTER DATABASE {look.quoted(look.database)} CONNECTION LIMIT -1;"),
        (role_limit if role_limit >= 0 else None, whose, f"ALTER ROLE {look.quoted(look.role)} CONNECTION LIMIT -1;"),
    ):
        if free is not None and free < _FREE_SESSIONS and not (of == whose and look.superuser):
            yield warning("connections", f"{of} room for {max(free, 0)} sessions; a deployment needs 3 beside the applications'", mend)
            return
    yield ok("connections", f"{total - used} of {total} are free")


def _bytes(look: Look, name: str) -> int:
    return int(look.value("SELECT pg_size_bytes(current_setting(:name))", name=name))
