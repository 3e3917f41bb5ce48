"""Compare databases by their catalogues, reading only: what ``alembic check`` does not see, and without its locks.

A snapshot holds everything the project says of the schemas ``public`` and ``analytics`` and of its functions, each object as PostgreSQL
itself prints it, so that two databases on servers of one version are equal exactly if their snapshots are.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, text

from rently_db.database import server_version
from rently_db.models.base import Base
from rently_db.packaged import migrations
from rently_db.sql.catalog import for_server, load_catalogue
from rently_db.sql.entities import comments

_OBJECTS = text(
    """
    WITH relation AS (
        SELECT c.oid, CASE n.nspname WHEN 'public' THEN '' ELSE n.nspname || '.' END || c.relname AS relname, c.relkind
        FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
        -- Partitions come and go with the days.
        WHERE (n.nspname = 'public' AND c.relkind IN ('r', 'p') OR n.nspname = 'analytics' AND c.relkind IN ('r', 'p', 'v', 'm'))
            AND NOT c.relispartition
            AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = c.oid AND d.deptype = 'e')
    )
    SELECT 'table ' || r.relname, 'comment ' || coalesce(quote_literal(obj_description(r.oid, 'pg_class')), 'none')
    FROM relation AS r
    UNION ALL
    SELECT 'view ' || r.relname, pg_get_viewdef(r.oid) FROM relation AS r WHERE r.relkind IN ('v', 'm')
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
    WHERE p.pronamespace IN (SELECT n.oid FROM pg_namespace AS n WHERE n.nspname IN ('public', 'ops', 'analytics')) AND p.prokind = 'f'
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
    from rently_db.sql.depends import Graph

    memory = migrations() / "sql" / "v0"
    version = server_version(connection)
    run = {"no_parameters": True}
    for schema in ("ops", "analytics"):
        connection.exec_driver_sql(f"CREATE SCHEMA IF NOT EXISTS {schema}")
    for extension in ("btree_gist", "pgcrypto") if version < 130000 else ("btree_gist",):
        connection.exec_driver_sql(f"CREATE EXTENSION {extension} SCHEMA public")
    entities = for_server(Graph.of(load_catalogue()).order(), version)
    # The bodies of the oldest functions name tables that come later, and tables need uuidv7() for their defaults.
    connection.exec_driver_sql("SET LOCAL check_function_bodies = off")
    # Rules ask the migration's memory, which is no entity. Rights are told by drift, and their roles may be missing here.
    for name in ("ops.sql", "preflight.sql"):
        connection.exec_driver_sql((memory / name).read_text(encoding="utf-8"), execution_options=run)
    entities = [entity for entity in entities if entity.kind != "grant"]
    first = [entity for entity in entities if entity.schema == "public" and entity.kind == "function"]
    for entity in first:
        connection.exec_driver_sql(entity.sql, execution_options=run)
    Base.metadata.create_all(connection)
    for entity in entities:
        for statement in () if entity in first else entity.statements:
            connection.exec_driver_sql(statement, execution_options=run)
    for entity in entities:
        for statement in comments(entity):
            connection.exec_driver_sql(statement, execution_options=run)
