"""Compare functions, triggers, views and materialized views with the live SQL, for autogenerate and ``alembic check``.

alembic-utils does this itself, but finds the order of creation by trial, and makes for each entity all others anew: 120 views that stand
on each other take it many minutes. We know the order (``rently_db.sql.depends``), so everything is made once, in a savepoint that is
rolled back, and PostgreSQL's own words for it are compared with those for what is there. The differences are alembic-utils' operations,
which it renders as ever. Its own comparison stays registered and finds nothing to compare, because its registry is left empty; that
needs no patch of it, and a test holds it against the version we pin.

The savepoint drops and locks what is there, so this is for scratch databases; ``rently-db drift`` is for live ones, and only reads.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_materialized_view import PGMaterializedView
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView
from alembic_utils.replaceable_entity import ReplaceableEntity
from alembic_utils.reversible_op import CreateOp, DropOp, ReplaceOp
from sqlalchemy import Connection, text
from sqlalchemy.exc import InternalError, NotSupportedError, ProgrammingError

from rently_db.database import server_version
from rently_db.sql.catalog import KINDS, Entity, for_server, load_catalogue
from rently_db.sql.depends import Graph
from rently_db.sql.entities import REPLACEABLE, replaceable

log = logging.getLogger("rently_db.migrate")

# What is ours to drop: in public stand views of others too.
_THERE = text(
    """
    SELECT 'function', n.nspname, p.oid::regprocedure::text, pg_get_functiondef(p.oid)
    FROM pg_proc AS p INNER JOIN pg_namespace AS n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('public', 'ops', 'analytics') AND p.prokind = 'f'
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')
        -- Like the tables of the migration's memory, it comes with v0 and is no file of the live SQL.
        AND p.oid IS DISTINCT FROM to_regprocedure('ops.run_pre_migration_validation(boolean)')
    UNION ALL
    SELECT 'trigger', n.nspname, quote_ident(t.tgname) || ' ON ' || t.tgrelid::regclass::text, pg_get_triggerdef(t.oid)
    FROM pg_trigger AS t INNER JOIN pg_class AS c ON c.oid = t.tgrelid INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('public', 'ops', 'analytics') AND NOT t.tgisinternal
        -- A partition has its triggers from the table it belongs to.
        AND (to_jsonb(t) ->> 'tgparentid' IS NULL OR to_jsonb(t) ->> 'tgparentid' = '0') AND NOT c.relispartition
    UNION ALL
    SELECT CASE c.relkind WHEN 'v' THEN 'view' ELSE 'matview' END, n.nspname, c.oid::regclass::text, pg_get_viewdef(c.oid)
    FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE n.nspname IN ('ops', 'analytics') AND c.relkind IN ('v', 'm')
    """
)


@dataclass(frozen=True, slots=True)
class _There:
    """An entity as PostgreSQL prints it."""

    kind: str
    schema: str
    name: str
    definition: str

    def replaceable(self) -> ReplaceableEntity:
        """As alembic-utils knows it."""
        if self.kind == "function":
            return PGFunction.from_sql(self.definition)
        if self.kind == "trigger":
            return PGTrigger.from_sql(self.definition)
        kind: type[PGView | PGMaterializedView] = PGView if self.kind == "view" else PGMaterializedView
        return kind(self.schema, self.name.rpartition(".")[2].strip('"'), self.definition.replace(":", r"\:").replace(r"\:\:", "::"))


Key = tuple[str, str]
"""Kind, and name with schema (of a function with argument types, of a trigger with its table)."""


def entities_of(connection: Connection) -> list[Entity]:
    """The live entities for this server, each after all that it uses."""
    version = server_version(connection)
    return [entity for entity in Graph.of(for_server(load_catalogue(), version)).order() if entity.kind in {*REPLACEABLE, "table"}]


def differences(connection: Connection, entities: Sequence[Entity]) -> list[CreateOp | ReplaceOp | DropOp]:
    """What has to be done to the database so that it has exactly these entities (those of alembic-utils' kinds), in order.

    ``entities`` stand each after all that it uses. The database is not changed, but locked as if it were.
    """
    with _savepoint(connection):
        connection.execute(text("SET LOCAL search_path = pg_catalog; SET LOCAL check_function_bodies = off; SET LOCAL lock_timeout = '5s'"))
        there = _read(connection)
        made = _make(connection, entities, there)
        meant = _read(connection)
    found: list[CreateOp | ReplaceOp | DropOp] = []
    for entity, key in made:
        wanted, present = meant.get(key), there.get(key)
        if present is None:
            found.append(CreateOp(replaceable(entity)))
        elif wanted is None or _plain(wanted.definition) != _plain(present.definition):
            target: Any = replaceable(entity)
            target._version_to_replace = present.replaceable()  # noqa: SLF001  # how alembic-utils hands the former text to the downgrade
            found.append(ReplaceOp(target))
    ours = {key for _, key in made}
    gone = [present for key, present in there.items() if key not in ours]
    return [*found, *(DropOp(present.replaceable()) for present in gone)]


def _plain(definition: str) -> str:
    return " ".join(definition.split())


def _read(connection: Connection) -> dict[Key, _There]:
    return {(kind, name): _There(kind, schema, name, definition) for kind, schema, name, definition in connection.execute(_THERE)}


def _make(connection: Connection, entities: Iterable[Entity], there: Mapping[Key, _There]) -> list[tuple[Entity, Key]]:
    """Make the entities in place of those that are there. What can't be made here, as a table lacks a column, is left out."""
    for kind, name in reversed(list(there)):
        if kind in ("view", "matview"):
            _run(connection, f"DROP {KINDS[kind].keyword} IF EXISTS {name} CASCADE")
    made = []
    for entity in entities:
        if entity.kind == "table":
            if connection.scalar(text("SELECT to_regclass(:name) IS NULL"), {"name": entity.qualified}):
                _attempt(connection, entity, *entity.statements)
            continue
        if entity.kind == "function":
            # In place if that can be: defaults and triggers use it.
            if not _attempt(connection, entity, entity.sql.replace("CREATE FUNCTION", "CREATE OR REPLACE FUNCTION", 1)):
                _attempt(connection, entity, f"DROP {entity.target} CASCADE", entity.sql)
        elif entity.kind == "trigger":
            _attempt(connection, entity, f"DROP TRIGGER IF EXISTS {entity.name} ON {entity.schema}.{entity.table}", entity.sql)
        else:
            _attempt(connection, entity, entity.sql + (" WITH NO DATA" if entity.kind == "matview" else ""))
        # To PostgreSQL a rule is a view.
        made.append((entity, ("view" if entity.kind == "rule" else entity.kind, _name(connection, entity))))
    return made


def _name(connection: Connection, entity: Entity) -> str:
    """The name as PostgreSQL prints it."""
    if entity.kind == "function":
        signature = entity.target.removeprefix("FUNCTION ")
        return str(connection.scalar(text("SELECT coalesce(to_regprocedure(:name)::text, :name)"), {"name": signature}))
    if entity.kind == "trigger":
        return f"{entity.name} ON {entity.schema}.{entity.table}"
    return entity.qualified


def _attempt(connection: Connection, entity: Entity, *statements: str) -> bool:
    savepoint = connection.begin_nested()
    try:
        for statement in statements:
            _run(connection, statement)
    except (ProgrammingError, InternalError, NotSupportedError) as error:
        savepoint.rollback()
        log.debug("%s can't be made on this database: %s", entity.qualified, error.orig)
        return False
    savepoint.commit()
    return True


def _run(connection: Connection, statement: str) -> None:
    connection.exec_driver_sql(statement, execution_options={"no_parameters": True})


@contextmanager
def _savepoint(connection: Connection) -> Any:
    savepoint = connection.begin_nested()
    try:
        yield
    finally:
        savepoint.rollback()
