"""What of the schema, the rights and the extensions would stop an upgrade, as findings beside those about rows."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection, text

from rently_db.database import server_version
from rently_db.migrate.adoption import Findings, name_conflicts
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.preflight.findings import Finding, Kind
from rently_db.migrate.steps import Step

_COLUMNS = text(
    """
    SELECT c.relname, a.attname, pg_catalog.format_type(a.atttypid, a.atttypmod)
    FROM pg_catalog.pg_class AS c
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(:tables)
        AND has_table_privilege(c.oid, 'SELECT')
    """
)
_OWNERS = text(
    """
    SELECT c.relname, pg_catalog.pg_get_userbyid(c.relowner), pg_catalog.pg_has_role(c.relowner, 'USAGE'),
        pg_catalog.has_table_privilege(c.oid, 'SELECT')
    FROM pg_catalog.pg_class AS c
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND c.relname = ANY(:tables)
    ORDER BY c.relname
    """
)
_EXTENSIONS = text(
    """
    SELECT w.name, n.nspname, a.name IS NOT NULL
    FROM unnest(:names) AS w (name)
    LEFT JOIN pg_catalog.pg_extension AS e ON e.extname = w.name
    LEFT JOIN pg_catalog.pg_namespace AS n ON n.oid = e.extnamespace
    LEFT JOIN pg_catalog.pg_available_extensions AS a ON a.name = w.name
    ORDER BY w.name
    """
)


def readable_tables(connection: Connection) -> frozenset[str]:
    """The tables of v0 that have v0's columns and that this role may read: rules can be judged on their rows."""
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in connection.execute(_COLUMNS, {"tables": list(BASELINE)}):
        found.setdefault(table, {})[column] = kind
    return frozenset(
        name for name, table in BASELINE.items() if {c.name: c.type for c in table.columns}.items() <= found.get(name, {}).items()
    )


def schema_findings(connection: Connection, steps: Iterable[Step], looked: Findings) -> Iterator[Finding]:
    """What conflicts with v0 (``looked`` is what ``adoption.look`` said), names that are taken, missing rights and extensions."""
    for sentence in looked.conflicts:
        yield _conflict("v0 schema", sentence)
    for sentence in name_conflicts(connection, steps):
        yield _conflict("name taken", sentence)
    yield from _rights(connection)
    yield from _extensions(connection)


def _conflict(rule: str, sentence: str) -> Finding:
    """``- loan.status text is missing: ALTER TABLE ...;`` taken apart."""
    words = sentence.lstrip("-! ")
    said, _, command = words.rpartition(": ")
    names = re.match(r"(?:the primary key of |the foreign key |table |column )?(?P<table>[a-z_]+)(?:\.(?P<column>[a-z_]+))?", said)
    on = re.search(r" on (?:public\.)?(?P<table>[a-z_]+) is there", said)
    table = on["table"] if on else names["table"] if names else ""
    column = (names["column"] or "") if names and not on else ""
    return _schema(
        rule, words, table=table if table in BASELINE else "", column=column, commands=(command,) if command.endswith(";") else ()
    )


def _schema(rule: str, sentence: str, *, table: str = "", column: str = "", commands: tuple[str, ...] = ()) -> Finding:
    return Finding(table, rule, 1, (), sentence, column, Kind.SCHEMA, commands)


def _rights(connection: Connection) -> Iterator[Finding]:
    user, database, may_create = connection.execute(
        text("SELECT quote_ident(current_user), quote_ident(current_database()), has_database_privilege(current_database(), 'CREATE')")
    ).one()
    if not may_create:
        mend = f"GRANT CREATE ON DATABASE {database} TO {user};"
        yield _schema("rights", f"role {user} may not create schemas in this database; have its owner run: {mend}", commands=(mend,))
    foreign: dict[str, list[str]] = {}
    for table, owner, owned, readable in connection.execute(_OWNERS, {"tables": list(BASELINE)}):
        if not owned:
            foreign.setdefault(owner, []).append(table)
        if not readable:
            mend = f"GRANT SELECT ON public.{table} TO {user};"
            sentence = f"role {user} may not read {table}, so its rows were not looked at; have {owner} run: {mend}"
            yield _schema("rights", sentence, table=table, commands=(mend,))
    for owner, tables in foreign.items():
        mend = f"GRANT {owner} TO {user};"
        more = f" (first: {tables[0]})" if len(tables) > 1 else f" ({tables[0]})"
        number = "1 table" if len(tables) == 1 else f"{len(tables)} tables"
        yield _schema(
            "rights",
            f"role {user} does not own {number}{more}, and only an owner may change them; connect as {owner}, or have it run: {mend}",
            table=tables[0] if len(tables) == 1 else "",
            commands=(mend,),
        )


def _extensions(connection: Connection) -> Iterator[Finding]:
    version = server_version(connection)
    # Before 13, random ids come from pgcrypto, and only a superuser may create an extension.
    names = ["btree_gist"] if version >= 130000 else ["btree_gist", "pgcrypto"]
    superuser = connection.scalar(text("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user"))
    for name, schema, available in connection.execute(_EXTENSIONS, {"names": names}):
        create = f"CREATE EXTENSION {name} SCHEMA public;"
        if schema is None and not available:
            yield _schema("extension", f"extension {name} is not installed on the server; install PostgreSQL's contrib package there")
        elif schema is None and version < 130000 and not superuser:
            sentence = f"on PostgreSQL 12 only a superuser may create {name}; have one run: {create}"
            yield _schema("extension", sentence, commands=(create,))
        elif name == "pgcrypto" and schema not in (None, "public"):
            move = f"ALTER EXTENSION {name} SET SCHEMA public;"
            yield _schema("extension", f"extension {name} is in schema {schema}; run: {move}", commands=(move,))
