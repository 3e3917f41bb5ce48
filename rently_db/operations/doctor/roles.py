"""Settings of roles and databases (pg_db_role_setting): timeouts, triggers, time zones."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.revision import lock_budget
from rently_db.operations.doctor.look import Answer, Look, check, missing, ok, warning

_UNITS = {"us": 1e-6, "": 1e-3, "ms": 1e-3, "s": 1.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_UTC = re.compile(r"(etc/)?(utc|uct|gmt|zulu|universal|greenwich)|(etc/)?gmt[+-]?0|utc[+-]?0|0|<\+00>[+-]?0{1,2}", re.IGNORECASE)
_SHOWN = 5

# Of a role in a database, of a role, of a database, of everybody: the first that says something wins.
_SET = """
SELECT coalesce(r.rolname::text, ''), coalesce(d.datname::text, ''), split_part(c.setting, '=', 2)
FROM pg_db_role_setting AS s
CROSS JOIN LATERAL unnest(s.setconfig) AS c (setting)
LEFT JOIN pg_roles AS r ON r.oid = s.setrole
LEFT JOIN pg_database AS d ON d.oid = s.setdatabase
WHERE (s.setdatabase = 0 OR d.datname = current_database()) AND lower(split_part(c.setting, '=', 1)) = lower(:name)
ORDER BY 1, 2
"""


@dataclass(frozen=True, slots=True)
class _Own:
    """A setting that somebody gave to a role or a database; an empty name stands for all."""

    role: str
    database: str
    value: str

    def target(self, look: Look) -> str:
        """Whom ALTER names."""
        if not self.role:
            return f"DATABASE {look.quoted(self.database)}" if self.database else "ROLE ALL"
        return f"ROLE {look.quoted(self.role)}" + (f" IN DATABASE {look.quoted(self.database)}" if self.database else "")

    @property
    def words(self) -> str:
        """Whom it is of."""
        if not self.role:
            return f"database {self.database}" if self.database else "all roles"
        return f"role {self.role}" + (f" in database {self.database}" if self.database else "")


def _own(look: Look, name: str) -> list[_Own]:
    return [_Own(*row) for row in look.rows(_SET, name=name)]


_KILLING = ("statement_timeout", "transaction_timeout", "idle_in_transaction_session_timeout", "idle_session_timeout")


@check("roles", "timeouts of the deploying role")
def own_timeouts(look: Look) -> Iterator[Answer]:
    """They end validations and index builds, which take as long as they take."""
    found = {name: look.natural[name].value for name in _KILLING if name in look.natural and look.natural[name].value != "0"}
    for name, value in found.items():
        mend = f"ALTER {look.here} SET {name} = 0;"
        told = f"{value} ms for {look.role}: alembic and rently-db switch it off for themselves, psql, pg_dump and pg_restore do not"
        yield warning(name, told, mend)
    if not found:
        yield ok("timeouts", f"none for role {look.role}")


@check("roles", "timeouts of applications")
def application_timeouts(look: Look) -> Iterator[Answer]:
    """A statement may wait for a change of the schema as long as the lock budget."""
    budget = lock_budget().lock_seconds
    short = 0
    for name in ("statement_timeout", "lock_timeout"):
        for own in _own(look, name):
            match = re.fullmatch(r"\s*([0-9.]+)\s*([a-z]*)\s*", own.value)
            seconds = float(match[1]) * _UNITS.get(match[2], 1.0) if match else 0.0
            if own.role != look.role and 0 < seconds < budget:
                short += 1
                reason = f"shorter than the lock budget ({budget:g} s), so statements that wait for the upgrade may fail"
                found = f"{own.value} for {own.words}: {reason}"
                yield warning(
                    name, found, f"ALTER {own.target(look)} SET {name} = '{2 * budget:g}s'; or migrate with RENTLY_LOCK_BUDGET below it"
                )
    if not short:
        yield ok("applications' timeouts", f"none of roles or databases is shorter than the lock budget ({budget:g} s)")


@check("roles", "session_replication_role")
def triggers_off(look: Look) -> Iterator[Answer]:
    """In a session with replica neither bridges nor foreign keys work."""
    name = "session_replication_role"
    off = [own for own in _own(look, name) if own.value == "replica"]
    for own in off:
        found = f"replica for {own.words}: bridges and foreign keys do nothing for what is written there"
        yield missing(name, found, f"ALTER {own.target(look)} RESET {name};")
    if not off and look.natural[name].value == "replica":
        yield missing(name, "replica on the whole server", f"ALTER SYSTEM RESET {name}; SELECT pg_reload_conf();")
    elif not off:
        yield ok(name, "triggers work for every role")


_WHO = """
SELECT r.rolname::text, r.rolsuper OR EXISTS (
    SELECT FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') AND c.relname = ANY(:names)
        AND has_table_privilege(r.oid, c.oid, 'INSERT, UPDATE')
)
FROM pg_roles AS r WHERE r.rolcanlogin AND has_database_privilege(r.oid, current_database(), 'CONNECT') ORDER BY 1
"""


@check("time zones", "time zones")
def time_zones(look: Look) -> Iterator[Answer]:
    """v0 writes moments without a zone and means UTC; a session in another zone writes them shifted."""
    settings = {(own.role, own.database): own for own in _own(look, "TimeZone")}
    server = _server_zone(look)
    by_source: dict[_Own | None, list[tuple[str, bool]]] = defaultdict(list)
    for role, writes in look.rows(_WHO, names=list(BASELINE)):
        places = ((role, look.database), (role, ""), ("", look.database), ("", ""))
        by_source[next((settings[place] for place in places if place in settings), None)].append((role, writes))
    everywhere = f"ALTER DATABASE {look.quoted(look.database)} SET timezone = 'UTC';"
    shifted = 0
    for own, roles in by_source.items():
        zone = own.value if own is not None else server
        if zone is not None and _UTC.fullmatch(zone):
            continue
        shifted += 1
        whose = own.words if own is not None else "the server"
        if zone is None:
            found = f"the server's own can't be seen by {look.role}, which has another; {_names(roles)} would get it"
            yield warning(f"time zone of {whose}", found, everywhere)
            continue
        # What is set for everybody is overruled best where it matters.
        mend = everywhere if own is None or not (own.role or own.database) else f"ALTER {own.target(look)} SET timezone = 'UTC';"
        writers = [role for role in roles if role[1]]
        if writers:
            found = f"{zone}: {_names(writers)} would write v0's moments shifted"
            yield missing(f"time zone of {whose}", found, mend)
        else:
            found = f"{zone}: {_names(roles)}, who only read, see v0's moments compared with now() shifted"
            yield warning(f"time zone of {whose}", found, mend)
    if not shifted:
        yield ok("time zones", "UTC for every role that may log in here; what a client sets itself (JDBC, PGTZ) can't be seen from here")


def _server_zone(look: Look) -> str | None:
    """The server's own time zone; None where something nearer to this role hides it."""
    here = look.natural["TimeZone"]
    if here.source not in ("database", "user", "database user", "global", "client"):
        return here.value
    if look.superuser:
        found: str | None = look.value(
            "SELECT setting FROM pg_file_settings WHERE lower(name) = 'timezone' AND error IS NULL"
            " ORDER BY applied DESC, seqno DESC LIMIT 1"
        )
        return found
    return None


def _names(roles: Sequence[tuple[str, bool]]) -> str:
    shown = ", ".join(role for role, _ in roles[:_SHOWN])
    return f"{'role' if len(roles) == 1 else 'roles'} {shown}" + (f" and {len(roles) - _SHOWN} more" if len(roles) > _SHOWN else "")
