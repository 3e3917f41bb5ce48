"""What autogenerate and ``alembic check`` need to know of this project."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from alembic.autogenerate.api import AutogenContext
from alembic.operations.ops import UpgradeOps
from alembic.runtime.plugins import Plugin
from alembic.util import CommandError, PriorityDispatchResult
from alembic_utils.replaceable_entity import ReplaceableEntityRegistry
from sqlalchemy import Column, Computed, Connection, Identity, MetaData
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import SchemaItem

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


PLUGIN = "alembic.autogenerate.rently_entities"
"""Below ``alembic.autogenerate``, so that the pattern ``alembic.autogenerate.*`` of env.py names it."""
TABLES_PLUGIN = "alembic.autogenerate.rently_tables"
_installed: list[str] = []


def register(registry: ReplaceableEntityRegistry, connection: Connection) -> None:  # noqa: ARG001 (which server it is, the comparison asks)
    """Have entities compared by ``entity_diff``: alembic-utils' registry is emptied, so that its own slow comparison has nothing to do."""
    registry.clear()  # type: ignore[no-untyped-call]  # alembic-utils leaves it untyped
    # Alembic loads env.py once for each command, this module once.
    if not _installed:
        Plugin(PLUGIN).add_autogenerate_comparator(compare_entities, "schema")
        Plugin(TABLES_PLUGIN).add_autogenerate_comparator(compare_texts, "schema")
        _installed.append(PLUGIN)


def compare_entities(context: AutogenContext, upgrade_ops: UpgradeOps, schemas: Iterable[str | None]) -> PriorityDispatchResult:
    """Alembic's hook: add what differs to the operations of the revision.

    Raises:
        CommandError: there is no SQL parser.
    """
    del schemas
    try:
        # Not at the top: alembic current and the deployment work without a parser.
        from rently_db.migrate.entity_diff import differences, entities_of
    except ModuleNotFoundError as missing:
        raise CommandError(f"comparing views needs {missing.name}; run: pip install 'rently-db[freeze]'") from missing
    assert context.connection is not None
    upgrade_ops.ops.extend(differences(context.connection, entities_of(context.connection)))
    return PriorityDispatchResult.CONTINUE


def compare_texts(context: AutogenContext, upgrade_ops: UpgradeOps, schemas: Iterable[str | None]) -> PriorityDispatchResult:
    """Alembic's hook: add what says something else under its name where Alembic does not see it.

    Of constraints and indexes it compares the name alone; columns that are generated or count by themselves it is not shown.
    """
    from rently_db.migrate.generated import ChangedOp
    from rently_db.migrate.table_diff import changed, sides

    del schemas
    assert context.connection is not None
    assert isinstance(context.metadata, MetaData)
    found = sides(context.connection, context.metadata)
    for table, wanted in found.wanted.items():
        if (present := found.present.get(table)) is not None:
            upgrade_ops.ops.extend(ChangedOp("constraint", table, name) for name in changed(wanted.constraints, present.constraints))
            upgrade_ops.ops.extend(ChangedOp("index", table, name) for name in changed(wanted.indexes, present.indexes))
            made = {name for facts in (wanted.columns, present.columns) for name, one in facts.items() if one.made}
            upgrade_ops.ops.extend(ChangedOp("column", table, name) for name in changed(wanted.columns, present.columns) if name in made)
    return PriorityDispatchResult.CONTINUE


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


def include_object(
    item: SchemaItem,
    name: str | None,
    kind: str,
    reflected: bool,
    compared: SchemaItem | None,
) -> bool:
    """Have a generated column compared by `compare_texts` alone: Alembic, given a function for defaults, fails on one."""
    del name, kind, reflected
    sides = () if compared is None else (item, compared)
    return not any(isinstance(side, Column) and isinstance(side.server_default, Computed | Identity) for side in sides)


def render_item(kind: str, item: Any, context: AutogenContext) -> str | Literal[False]:
    """Render our column types as the plain SQL types they are: a revision must not depend on a type that may change."""
    if kind == "type" and type(item).__module__.startswith("rently_db."):
        context.imports.add("import sqlalchemy as sa")
        return f"sa.{item.dialect_impl(_DIALECT).impl!r}"
    return False
