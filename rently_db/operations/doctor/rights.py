"""What the role that deploys owns and may do."""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.migrate.baseline import BASELINE
from rently_db.operations.doctor.look import Answer, Look, check, missing, ok


@check("rights", "create schemas")
def create_schemas(look: Look) -> Iterator[Answer]:
    """The migration's memory is schema ops."""
    if look.value("SELECT has_database_privilege(current_database(), 'CREATE')"):
        yield ok("create schemas", f"role {look.role} may")
    else:
        grant = f"GRANT CREATE ON DATABASE {look.quoted(look.database)} TO {look.quoted(look.role)};"
        yield missing("create schemas", f"role {look.role} may not", f"as the database's owner: {grant}")


@check("rights", "create in public")
def create_in_public(look: Look) -> Iterator[Answer]:
    """Only its owner may by default, from PostgreSQL 15 on."""
    there, may = look.rows("SELECT count(*) > 0, bool_or(has_schema_privilege(oid, 'CREATE')) FROM pg_namespace WHERE nspname = 'public'")[
        0
    ]
    if not there:
        yield missing("create in public", "there is no schema public", "CREATE SCHEMA public;")
    elif may:
        yield ok("create in public", f"role {look.role} may")
    else:
        grant = f"GRANT USAGE, CREATE ON SCHEMA public TO {look.quoted(look.role)};"
        yield missing("create in public", f"role {look.role} may not", f"as the schema's owner: {grant}")


@check("rights", "tables")
def tables(look: Look) -> Iterator[Answer]:
    """Only an owner, or a member of the owner, may change a table."""
    owners = look.rows(
        "SELECT r.rolname::text, r.rolsuper, pg_has_role(r.oid, 'USAGE'), array_agg(c.relname::text ORDER BY c.relname)"
        " FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace INNER JOIN pg_roles AS r ON r.oid = c.relowner"
        " WHERE n.nspname IN ('public', 'ops') AND c.relkind IN ('r', 'p') AND (n.nspname = 'ops' OR c.relname = ANY(:names))"
        " GROUP BY 1, 2, 3 ORDER BY 1",
        names=list(BASELINE),
    )
    strange = [(owner, superuser, names) for owner, superuser, member, names in owners if not member]
    for owner, superuser, names in strange:
        # Who becomes a member of a superuser becomes one.
        grant = "" if superuser else f", or have it run: GRANT {look.quoted(owner)} TO {look.quoted(look.role)};"
        found = f"{len(names)} belong to role {owner} (first: {names[0]}), and {look.role} is no member of it"
        yield missing("tables", found, f"connect as {owner}{grant}")
    if not strange:
        mine = sum(len(names) for _, _, _, names in owners)
        yield ok("tables", f"role {look.role} may change all {mine}" if mine else "none there yet; the upgrade creates them")


@check("rights", "read only")
def read_only(look: Look) -> Iterator[Answer]:
    """A default of the role or the database that forbids every change."""
    if look.natural["default_transaction_read_only"].value == "on":
        found = f"sessions of role {look.role} are read-only here (default_transaction_read_only)"
        yield missing("read only", found, f"ALTER {look.here} SET default_transaction_read_only = off;")
    else:
        yield ok("read only", "no")
