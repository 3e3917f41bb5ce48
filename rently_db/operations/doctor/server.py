"""The server: its version, its role, its extensions."""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.operations.doctor.look import Answer, Look, check, missing, ok, warning

_NEWEST_TRIED = 18


@check("server", "version")
def version(look: Look) -> Iterator[Answer]:
    """PostgreSQL 12 to 18."""
    shown, major = look.value("SELECT current_setting('server_version')"), look.version // 10000
    if major < 12:
        yield missing("version", f"PostgreSQL {shown}; 12 is the oldest that works", "upgrade the server to PostgreSQL 12 or newer")
    elif major > _NEWEST_TRIED:
        yield warning(
            "version", f"PostgreSQL {shown}, newer than any this release was tried with", "rehearse first: rently-db rehearse URL"
        )
    else:
        yield ok("version", f"PostgreSQL {shown}")


@check("server", "primary")
def primary(look: Look) -> Iterator[Answer]:
    """A replica takes no changes."""
    if look.replica:
        yield missing("primary", "this server is a read-only replica", "connect to the primary")
    else:
        yield ok("primary", "takes changes")


@check("extensions", "btree_gist")
def btree_gist(look: Look) -> Iterator[Answer]:
    """v1's exclusion constraints need it."""
    yield _required(look, "btree_gist")


@check("extensions", "pgcrypto")
def pgcrypto(look: Look) -> Iterator[Answer]:
    """v1 draws random bytes for its ids; PostgreSQL does that by itself since 13."""
    if look.version >= 130000:
        return
    schema = _schema(look, "pgcrypto")
    if schema in (None, "public"):
        yield _required(look, "pgcrypto")
    else:
        yield missing("pgcrypto", f"installed in schema {schema}", "ALTER EXTENSION pgcrypto SET SCHEMA public;")


def _schema(look: Look, name: str) -> str | None:
    query = "SELECT n.nspname FROM pg_extension AS e INNER JOIN pg_namespace AS n ON n.oid = e.extnamespace WHERE e.extname = :name"
    found: str | None = look.value(query, name=name)
    return found


def _required(look: Look, name: str) -> Answer:
    schema = _schema(look, name)
    if schema is not None:
        return ok(name, f"installed in schema {schema}")
    if not look.value("SELECT EXISTS (SELECT FROM pg_available_extensions WHERE name = :name)", name=name):
        return missing(name, "not there on the server's disk", "on the server's host: install PostgreSQL's contrib package")
    if look.superuser:
        return ok(name, "available; the upgrade creates it")
    create = f"CREATE EXTENSION {name} SCHEMA public;"
    # Whether a version may be created without being superuser is known from PostgreSQL 13 on.
    if look.version < 130000 or not look.value("SELECT bool_or(trusted) FROM pg_available_extension_versions WHERE name = :n", n=name):
        return missing(name, f"available, but role {look.role} may not create it", f"as a superuser: {create}")
    if not look.value("SELECT has_database_privilege(current_database(), 'CREATE')"):
        grant = f"GRANT CREATE ON DATABASE {look.quoted(look.database)} TO {look.quoted(look.role)};"
        return missing(name, f"available, but role {look.role} may not create it", grant)
    return ok(name, "available; the upgrade creates it")


# A setting that exists only where the extension's library was loaded when the server started. That of pg_cron is not for everybody's eyes.
_LOADED = {"pg_stat_statements": "pg_stat_statements.max", "pg_cron": "cron.database_name"}
_WITHOUT = {
    "pg_stat_statements": "optional: without it preflight and compat know nothing of your busiest statements",
    "pg_cron": "optional: it would run schedules inside the database",
}


@check("extensions", "pg_stat_statements")
def pg_stat_statements(look: Look) -> Iterator[Answer]:
    """Preflight keeps the busiest statements, compat tries them."""
    yield _optional(look, "pg_stat_statements")


@check("extensions", "pg_cron")
def pg_cron(look: Look) -> Iterator[Answer]:
    """Schedules inside the database."""
    yield _optional(look, "pg_cron")


def _optional(look: Look, name: str) -> Answer:
    loaded = look.value("SELECT setting FROM pg_settings WHERE name = :setting", setting=_LOADED[name])
    if loaded is None and name == "pg_cron" and _schema(look, name) is not None:
        # It can be created nowhere else than where it works.
        loaded = look.database
    if loaded is None:
        preload = f"in postgresql.conf add {name} to shared_preload_libraries, restart, then CREATE EXTENSION {name};"
        return warning(name, f"not loaded by the server; {_WITHOUT[name]}", preload)
    if name == "pg_cron" and loaded != look.database:
        found = f"works in database {loaded}, not in this one; {_WITHOUT[name]}"
        return warning(name, found, f"cron.database_name = '{look.database}' in postgresql.conf, restart")
    if _schema(look, name) is None:
        return warning(name, f"loaded, but not created in this database; {_WITHOUT[name]}", f"as a superuser: CREATE EXTENSION {name};")
    return ok(name, "installed")


@check("extensions", "uuid-ossp")
def uuid_ossp(look: Look) -> Iterator[Answer]:
    """Older guides asked for it."""
    there = _schema(look, "uuid-ossp")
    yield ok("uuid-ossp", "installed; no longer needed, keep it if an application uses it" if there else "not installed, no longer needed")
