"""Compare databases by their catalogues, reading only: what ``alembic check`` does not see, and without its locks.

A snapshot holds everything the project says of schema ``public`` and of its functions, each object as PostgreSQL itself prints it, so
that two databases on servers of one version are equal exactly if their snapshots are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from rently_db.migrate.actions import literal
from rently_db.models.base import Base
from rently_db.sql.catalog import for_server, load_catalogue

_OBJECTS = text(
    """
    WITH relation AS (
        SELECT c.oid, c.relname FROM pg_class AS c
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')
            AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
    )
    SELECT 'table ' || r.relname, 'comment ' || coalesce(quote_literal(obj_description(r.oid, 'pg_class')), 'none')
    FROM relation AS r
    UNION ALL
    SELECT
        'column ' || r.relname || '.' || a.attname,
        concat_ws(
            ', ', 'number ' || row_number() OVER (PARTITION BY r.oid ORDER BY a.attnum), format_type(a.atttypid, a.atttypmod),
            CASE WHEN a.attnotnull THEN 'not null' ELSE 'null' END, 'default ' || pg_get_expr(d.adbin, d.adrelid),
            'identity ' || nullif(a.attidentity::text, ''), 'generated ' || nullif(a.attgenerated::text, ''),
            'comment ' || quote_literal(col_description(r.oid, a.attnum))
        )
    FROM relation AS r
    INNER JOIN pg_attribute AS a ON a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
    LEFT JOIN pg_attrdef AS d ON d.adrelid = r.oid AND d.adnum = a.attnum
    UNION ALL
    SELECT
        'constraint ' || k.conname || ' on ' || r.relname,
        pg_get_constraintdef(k.oid) || CASE WHEN k.convalidated THEN '' ELSE ' (not validated)' END
    -- NOT NULL is a property of the column; from PostgreSQL 18 on it is a constraint too.
    FROM relation AS r INNER JOIN pg_constraint AS k ON k.conrelid = r.oid AND k.contype NOT IN ('n', 't')
    UNION ALL
    SELECT
        'index ' || i.relname || ' on ' || r.relname,
        pg_get_indexdef(x.indexrelid) || CASE WHEN x.indisvalid AND x.indisready THEN '' ELSE ' (invalid)' END
    FROM relation AS r INNER JOIN pg_index AS x ON x.indrelid = r.oid INNER JOIN pg_class AS i ON i.oid = x.indexrelid
    UNION ALL
    SELECT
        'trigger ' || t.tgname || ' on ' || r.relname,
        pg_get_triggerdef(t.oid) || CASE t.tgenabled WHEN 'O' THEN '' ELSE ' (disabled)' END
            || coalesce(' comment ' || quote_literal(obj_description(t.oid, 'pg_trigger')), '')
    FROM relation AS r INNER JOIN pg_trigger AS t ON t.tgrelid = r.oid AND NOT t.tgisinternal
    UNION ALL
    SELECT
        'function ' || p.oid::regprocedure::text,
        pg_get_functiondef(p.oid) || coalesce(' comment ' || quote_literal(obj_description(p.oid, 'pg_proc')), '')
    FROM pg_proc AS p
    WHERE p.pronamespace IN (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname IN ('public', 'ops')) AND p.prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
    """
)

Snapshot = dict[str, str]
"""Kind and name of an object -> its definition as PostgreSQL prints it."""


@dataclass(frozen=True, slots=True)
class Difference:
    """An object that the two databases do not have alike; None where one of them does not have it."""

    name: str
    expected: str | None
    found: str | None

    def __str__(self) -> str:
        if self.found is None:
            return f"- {self.name}: {self.expected}"
        if self.expected is None:
            return f"+ {self.name}: {self.found}"
        return f"! {self.name}\n    expected {self.expected}\n    found    {self.found}"


def snapshot(connection: Connection) -> Snapshot:
    """Read the catalogue. Takes no lock above ACCESS SHARE on system tables; the search path is emptied so that names come qualified."""
    with connection.begin_nested() if connection.in_transaction() else connection.begin():
        connection.execute(text("SET LOCAL search_path = pg_catalog"))
        return {str(name): str(definition) for name, definition in connection.execute(_OBJECTS)}


def compare(expected: Snapshot, found: Snapshot) -> list[Difference]:
    """What differs, by name; empty if nothing does."""
    names = sorted(expected.keys() | found.keys())
    return [Difference(name, expected.get(name), found.get(name)) for name in names if expected.get(name) != found.get(name)]


def create_from_models(connection: Connection) -> None:
    """Build an empty scratch database from the models and the live SQL alone, without any revision: the other side of the comparison.

    The caller's transaction is committed by the caller.
    """
    version = int(str(connection.scalar(text("SHOW server_version_num"))))
    run = {"no_parameters": True}
    connection.exec_driver_sql("CREATE SCHEMA ops")
    for extension in ("btree_gist", "pgcrypto") if version < 130000 else ("btree_gist",):
        connection.exec_driver_sql(f"CREATE EXTENSION {extension} SCHEMA public")
    entities = for_server(load_catalogue(), version)
    # Function bodies may name tables that come later, and tables need uuidv7() for their defaults.
    connection.exec_driver_sql("SET LOCAL check_function_bodies = off")
    connection.exec_driver_sql("CREATE TABLE ops.row_journal ()")
    for entity in [e for e in entities if e.schema == "public" and e.kind == "function"]:
        connection.exec_driver_sql(entity.sql, execution_options=run)
    Base.metadata.create_all(connection)
    for entity in entities:
        if not (entity.schema == "public" and entity.kind == "function"):
            connection.exec_driver_sql(entity.sql, execution_options=run)
    for entity in entities:
        connection.exec_driver_sql(f"COMMENT ON {entity.target} IS {literal(entity.header.description)}", execution_options=run)
