"""Who else gets what is written here: replicas, slots, subscribers."""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.pace import most_lag
from rently_db.operations.doctor.look import Answer, Look, check, ok, warning
from rently_db.operations.forecast import readable

_REPLICAS = """
SELECT coalesce(nullif(r.application_name, ''), r.client_addr::text, r.pid::text), r.state, extract(epoch FROM r.replay_lag)::float8,
    pg_wal_lsn_diff(pg_current_wal_lsn(), r.replay_lsn)::bigint, r.backend_xmin IS NOT NULL OR s.xmin IS NOT NULL
FROM pg_stat_replication AS r LEFT JOIN pg_replication_slots AS s ON s.active_pid = r.pid
WHERE s.slot_type IS DISTINCT FROM 'logical'
ORDER BY 1
"""
_BEHIND_BYTES = 64 * 1024 * 1024


@check("replication", "replicas")
def replicas(look: Look) -> Iterator[Answer]:
    """A replica that replays an exclusive lock ends the queries that are in its way."""
    if look.replica:
        return
    found = look.rows(_REPLICAS)
    for name, state, seconds, behind, feedback in found:
        if state is None:
            hidden = f"role {look.role} sees nothing of replica {name} but that it is there"
            yield warning("replicas", hidden, f"GRANT pg_read_all_stats TO {look.quoted(look.role)};")
            continue
        lag = f"{readable(behind)} behind" if behind is not None else "how far behind is not known"
        if (behind or 0) > _BEHIND_BYTES or (seconds or 0) > most_lag():
            lag += f", {seconds:.0f} s" if seconds is not None else ""
            mend = "find out why before the upgrade: it pauses while a replica is behind (RENTLY_MAX_REPLICA_LAG)"
            yield warning(f"replica {name}", f"{state}, {lag}", mend)
        else:
            yield ok(f"replica {name}", f"{state}, {lag}")
        told = f"hot_standby_feedback is {'on' if feedback else 'off'}; replaying a change of a table ends queries that read it there"
        mend = "on the replica, for the upgrade: ALTER SYSTEM SET max_standby_streaming_delay = '5min'; SELECT pg_reload_conf();"
        yield warning(f"queries on {name}", told, mend)
    if not found:
        yield ok("replicas", "none connected")


@check("replication", "slots")
def slots(look: Look) -> Iterator[Answer]:
    """A slot that nobody reads keeps WAL until the disk is full; a logical one hands the upgrade's changes to its reader."""
    if look.replica:
        return
    found = look.rows(
        "SELECT slot_name::text, slot_type, active, coalesce(database::text, ''), coalesce(plugin::text, ''),"
        " pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)::bigint FROM pg_replication_slots WHERE NOT temporary ORDER BY 1"
    )
    for name, kind, active, database, plugin, kept in found:
        if not active:
            told = f"{kind}, nobody reads it, keeps {readable(kept or 0)} of WAL and all that the upgrade writes"
            yield warning(f"slot {name}", told, f"start its reader, or SELECT pg_drop_replication_slot('{name}');")
        elif kind == "logical" and database == look.database:
            told = f"logical ({plugin}): its reader gets v1's new columns and every row the upgrade fills or repairs"
            yield warning(f"slot {name}", told, "tell its owner: new columns must be allowed there before the upgrade")
        else:
            yield ok(f"slot {name}", f"{kind}, in use")
    if not found:
        yield ok("slots", "none")


@check("replication", "publications")
def publications(look: Look) -> Iterator[Answer]:
    """A subscriber stops at the first row that has a column it lacks."""
    found = look.rows(
        "SELECT p.pubname::text, p.puballtables, count(t.tablename) FROM pg_publication AS p"
        " LEFT JOIN pg_publication_tables AS t ON t.pubname = p.pubname AND t.schemaname = 'public' AND t.tablename = ANY(:names)"
        " GROUP BY 1, 2 ORDER BY 1",
        names=list(BASELINE),
    )
    published = [(name, everything, tables) for name, everything, tables in found if tables or everything]
    for name, everything, tables in published:
        what = f"publishes {tables} of Rently's tables" + (", and will publish v1's new ones" if everything else "")
        told = f"{what}: a subscriber without v1's new columns stops at the first row written after the upgrade"
        mend = "on each subscriber: add v1's columns first, then ALTER SUBSCRIPTION ... REFRESH PUBLICATION"
        yield warning(f"publication {name}", told, mend)
    if not published:
        yield ok("publications", "none of Rently's tables is published")


@check("replication", "subscriptions")
def subscriptions(look: Look) -> Iterator[Answer]:
    """What arrives by a subscription is written without triggers, so without bridges."""
    found = look.rows(
        "SELECT subname::text FROM pg_subscription"
        " WHERE subdbid = (SELECT oid FROM pg_database WHERE datname = current_database()) ORDER BY 1"
    )
    for (name,) in found:
        told = "rows that arrive by it are written without triggers: the bridges to v1 do not see them"
        yield warning(f"subscription {name}", told, f"ALTER SUBSCRIPTION {look.quoted(name)} DISABLE; if it brings rows of Rently's tables")
    if not found:
        yield ok("subscriptions", "none")
