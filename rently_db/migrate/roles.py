"""The roles of ours: may the migrating role create them, and what a DBA runs if not."""

from __future__ import annotations

from alembic.util import CommandError
from sqlalchemy import Connection, text

from rently_db.migrate.actions import identifier

ROLES = (
    "rently_owner",
    "rently_app",
    "rently_readonly",
    "rently_analyst",
    "rently_collections",
    "rently_auditor",
    "rently_ops",
    "rently_monitor",
)
"""As ``ops.our_roles()`` has them; ``rently_db.sql.grants`` says what each may do."""
READER = "rently_readonly"
"""Alert rules are run as this role; the migrating role makes a function its own for that, and must be a member of it."""

_STATE = text(
    """
    SELECT
        current_user AS name,
        r.rolsuper AS is_superuser,
        r.rolcreaterole AS may_create,
        ARRAY(SELECT o.rolname::text FROM pg_catalog.pg_roles AS o WHERE o.rolname = ANY (:roles)) AS there
    FROM pg_catalog.pg_roles AS r
    WHERE r.rolname = current_user
    """
)
# Since 16 who creates a role may grant it, to himself too; before, who may create roles may grant every role.
_MAY_BECOME = text(
    """
    SELECT CASE WHEN current_setting('server_version_num')::int >= 160000
        THEN pg_has_role(current_user, :role, 'SET') OR pg_has_role(current_user, :role, 'USAGE WITH ADMIN OPTION')
        ELSE pg_has_role(current_user, :role, 'MEMBER') OR :may_create END
    """
)


def roles_setting(arguments: dict[str, str]) -> str:
    """What ``-x roles`` says: ``optional``, as without it, or ``require``. Raises CommandError if it says anything else."""
    wanted = arguments.get("roles", "optional")
    if wanted not in ("optional", "require"):
        raise CommandError(f"-x roles is {wanted!r}; give optional or require")
    return wanted


def missing_for_roles(connection: Connection) -> list[str]:
    """The statements that somebody else must run, so that every role of ours exists and gets its rights; none if the migrating role may."""
    state = connection.execute(_STATE, {"roles": list(ROLES)}).one()
    if state.is_superuser:
        return []
    missing = [] if state.may_create else [role for role in ROLES if role not in state.there]
    statements = [f"CREATE ROLE {role} NOLOGIN;" for role in missing]
    given = READER in state.there and connection.scalar(_MAY_BECOME, {"role": READER, "may_create": state.may_create})
    if not given and not (state.may_create and READER not in state.there):
        statements.append(f"GRANT {READER} TO {identifier(state.name)};")
    return statements


def prepared_roles(connection: Connection) -> str:
    """What a DBA runs before the upgrade gets to ``v1_ops``, which gives the rights: the roles, and the migrating role's membership."""
    state = connection.execute(_STATE, {"roles": list(ROLES)}).one()
    create = "DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{0}') THEN CREATE ROLE {0} NOLOGIN; END IF; END $$;"
    lines = [
        "-- Roles of rently_db; none can log in. Run by a superuser, or by who may create roles.",
        *(create.format(role) for role in ROLES),
        # A superuser needs no membership, and is that of others.
        *([] if state.is_superuser else [f"GRANT {READER} TO {identifier(state.name)};"]),
        "-- The upgrade gives them their rights.",
    ]
    return "\n".join(lines)
