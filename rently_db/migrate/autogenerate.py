"""What autogenerate and ``alembic check`` need to know of this project."""

from __future__ import annotations

from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.replaceable_entity import ReplaceableEntityRegistry
from sqlalchemy import Column, Connection, text
from sqlalchemy.dialects import postgresql

from rently_db.sql.catalog import for_server, load_catalogue
from rently_db.sql.entities import replaceable

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


def register(registry: ReplaceableEntityRegistry, connection: Connection) -> None:
    """Register the entities for this server with alembic-utils, in the order in which they depend on each other."""
    version = int(str(connection.scalar(text("SHOW server_version_num"))))
    registry.clear()  # type: ignore[no-untyped-call]  # alembic-utils leaves it untyped
    # Grants, extensions and views of others are not ours to drop.
    registry.register([replaceable(entity) for entity in for_server(load_catalogue(), version)], entity_types=[PGFunction, PGTrigger])


def include_name(name: str | None, kind: str, parent_names: dict[str, Any]) -> bool:  # noqa: ARG001 (Alembic's signature)
    """Look at schema public only; what the migration remembers in ops is not the models' business."""
    return kind != "schema" or name is None


def same_default(  # noqa: PLR0917 (Alembic's signature)
    context: AutogenContext,
    inspected: Column[Any],
    metadata: Column[Any],
    inspected_default: str | None,
    metadata_default: object,
    rendered: str | None,
) -> bool | None:
    """Whether two defaults differ. PostgreSQL before 18 shows ``public.uuidv7()`` without its schema, as public is on the path."""
    del context, inspected, metadata, metadata_default
    if inspected_default == "uuidv7()" and rendered == "public.uuidv7()":
        return False
    return None


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Render our column types as the plain SQL types they are: a revision must not depend on a type that may change."""
    if kind == "type" and type(item).__module__.startswith("rently_db."):
        context.imports.add("import sqlalchemy as sa")
        return f"sa.{item.dialect_impl(_DIALECT).impl!r}"
    return False
