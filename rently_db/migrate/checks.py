"""The checks of server, role and schema before the first change. They read only, and say what mends what they find."""

from __future__ import annotations

import logging

from alembic.util import CommandError
from sqlalchemy import Connection, text

from rently_db.database import server_version
from rently_db.migrate.adoption import State, look
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.errors import FindingsError

log = logging.getLogger("rently_db.migrate")


def check_writable(connection: Connection) -> None:
    """Whether this session may change this database at all, and has the rights.

    Raises:
        FindingsError, CommandError: it is not so; the message says what mends it.
    """
    if connection.scalar(text("SELECT pg_is_in_recovery()")):
        raise CommandError("this server is a read-only replica; connect to the primary")
    if connection.scalar(text("SHOW transaction_read_only")) == "on":
        raise CommandError(
            "this connection is read-only (default_transaction_read_only); "
            "connect with another role, or ALTER ROLE ... RESET default_transaction_read_only"
        )
    version = server_version(connection)
    if version < 120000:
        raise CommandError(f"this server is PostgreSQL {version // 10000}; rently_db needs 12 or newer: upgrade the server first")
    user, may_create = connection.execute(text("SELECT current_user, has_database_privilege(current_database(), 'CREATE')")).one()
    if not may_create:
        raise CommandError(
            f"role {user} may not create schemas in this database; "
            f"have its owner run: GRANT CREATE ON DATABASE {connection.engine.url.database} TO {user};"
        )
    strangers = connection.execute(
        text(
            "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
            " AND c.relkind IN ('r', 'p') AND c.relname = ANY(:names) AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1"
        ),
        {"names": list(BASELINE)},
    ).all()
    if strangers:
        table, owner = strangers[0]
        raise CommandError(
            f"role {user} does not own {len(strangers)} of the tables (first: {table}, owned by {owner}), and only an owner may change "
            f"them; connect as {owner}, or have it run: GRANT {owner} TO {user};"
        )
    # From PostgreSQL 15 on nobody may by default.
    if connection.scalar(text("SELECT NOT has_schema_privilege('public', 'CREATE') WHERE to_regnamespace('public') IS NOT NULL")):
        raise CommandError(
            f"role {user} may not create tables in schema public; have its owner run: GRANT CREATE ON SCHEMA public TO {user};"
        )


def check_adoption(connection: Connection) -> None:
    """Whether a database that was never under migration control is empty or v0.

    Raises:
        FindingsError, CommandError: it is not so; the message says what mends it.
    """
    found = look(connection)
    if found.state is State.FOREIGN:
        raise CommandError(
            f"{found.conflicts[0]}: this looks like the wrong database; connect to the right one, or to an empty one. Nothing was changed."
        )
    if found.state is State.UNRECORDED:
        raise CommandError(
            "this database has the tables of v1 but not its records (schema ops), so nobody can say at which revision it is or what v0 "
            "was like; restore schema ops from a backup (pg_restore --schema=ops), then run the command again. Nothing was changed."
        )
    if found.state is State.CONFLICT:
        raise FindingsError(
            "schema public is neither empty nor v0 (- missing, ! different):\n  "
            + "\n  ".join(found.conflicts)
            + "\nNothing was changed. Mend these differences, then run the same command again."
        )
    if found.state is State.V0:
        log.info("found a v0 database")
        for extra in found.extras:
            log.info("kept as it is, not part of v0: %s", extra)


def check_extensions(connection: Connection) -> None:
    """Whether the extensions that v1 needs are there, or may be created.

    Raises:
        FindingsError, CommandError: it is not so; the message says what mends it.
    """
    version = server_version(connection)
    for name in ("btree_gist", "pgcrypto") if version < 130000 else ("btree_gist",):
        schema = connection.scalar(
            text("SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = :name"),
            {"name": name},
        )
        if name == "pgcrypto" and schema not in (None, "public"):
            raise CommandError(f"extension pgcrypto is in schema {schema}; run: ALTER EXTENSION pgcrypto SET SCHEMA public;")
        if schema is not None:
            continue
        if connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = :name"), {"name": name}) == 0:
            raise CommandError(f"extension {name} is not installed on the server; install PostgreSQL's contrib package there")
        if version < 130000 and not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
            raise CommandError(f"on PostgreSQL 12 only a superuser may create {name}; have one run: CREATE EXTENSION {name} SCHEMA public;")
