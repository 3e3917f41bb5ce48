"""Entities as alembic-utils knows them, and as steps of a revision."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_materialized_view import PGMaterializedView
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.pg_view import PGView
from alembic_utils.replaceable_entity import ReplaceableEntity
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import TextClause

from rently_db.migrate.actions import Action, Mode, do_block, identifier, literal, locked
from rently_db.migrate.steps.base import KEPT_SCHEMA
from rently_db.sql.catalog import KINDS, RULE_COLUMNS, Entity

# paramstyle "named": the others double every % in a function's body.
_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped

_BIND = re.compile(r"(?<!:):(?=\w)")
REPLACEABLE: dict[str, type[ReplaceableEntity]] = {
    "function": PGFunction,
    "trigger": PGTrigger,
    "view": PGView,
    "matview": PGMaterializedView,
    "rule": PGView,
}
"""The kinds that alembic-utils knows, with its class."""
_RELKIND = {"table": "'r', 'p'", "view": "'v'", "matview": "'m'", "rule": "'v'"}


def replaceable(entity: Entity) -> ReplaceableEntity:
    """The alembic-utils entity of a function, trigger, view or materialized view."""
    kind = REPLACEABLE[entity.kind]
    if entity.kind in ("function", "trigger"):
        return kind.from_sql(entity.sql)
    # Its own parser takes seconds for a long view, and takes a colon for the beginning of a parameter.
    return kind(entity.schema, entity.name, _BIND.sub(r"\\:", definition(entity)))


def definition(entity: Entity) -> str:
    """The query of a view or materialized view."""
    match = KINDS[entity.kind].statement.match(entity.sql)
    assert match is not None, entity.path
    return entity.sql[match.end() :].strip()


def _text(clause: TextClause) -> str:
    return str(clause.compile(dialect=_DIALECT)).strip().removesuffix(";")


def comments(entity: Entity) -> tuple[str, ...]:
    """COMMENT ON for the entity and each of its columns, as the header says."""
    if entity.kind in ("seed", "grant"):
        return ()
    about = (f"COMMENT ON {entity.target} IS {literal(entity.header.description)}",)
    return about + tuple(
        f"COMMENT ON COLUMN {entity.schema}.{entity.name}.{identifier(column)} IS {literal(meaning)}"
        for column, meaning in _columns(entity)
    )


def _columns(entity: Entity) -> Iterable[tuple[str, str]]:
    """Each column with its meaning; those of a rule mean the same in all."""
    if entity.kind != "rule":
        return entity.header.columns
    return ((name, meaning) for name, meaning in RULE_COLUMNS.items() if re.search(rf"\bAS {name}\b", entity.sql))


def exists(entity: Entity) -> str:
    """The query whether a table, view, materialized view or trigger of that name is there."""
    if entity.kind == "trigger":
        return (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgname = "
            f"{literal(entity.name)} AND t.tgrelid = to_regclass('{entity.schema}.{entity.table}') AND NOT t.tgisinternal)"
        )
    return (
        f"SELECT EXISTS (SELECT FROM pg_catalog.pg_class c WHERE c.oid = to_regclass('{entity.schema}.{entity.name}') "
        f"AND c.relkind IN ({_RELKIND[entity.kind]}))"
    )


@dataclass(frozen=True, slots=True)
class DeployEntity:
    """The step that creates what a file describes and, going back, drops it."""

    entity: Entity

    def up(self) -> list[Action]:
        """Create it, with its comments; where a file is for some servers only, the server decides."""
        entity = self.entity
        if entity.kind == "grant":
            return [_granting(entity)]
        statements = (*self._create(), *comments(entity))
        if entity.header.servers is not None:
            low, high = entity.header.servers
            body = ";\n".join(statements)
            version = "current_setting('server_version_num')::int"
            statements = (do_block(f"IF {version} BETWEEN {low} AND {high} THEN\n{body};\nEND IF;"),)
        locks = locked("SHARE ROW EXCLUSIVE", self._table) if entity.kind == "trigger" else ()
        # A function is replaced without anybody noticing. Whatever else is there already would be dropped first, or stand in the way.
        done = None if entity.kind in ("function", "seed") else exists(entity)
        # What reads rows for as long as there are rows is not measured as a lock that is held.
        mode = Mode.DATA if entity.kind in ("matview", "seed") else Mode.DDL
        return [Action(self._title, statements, mode=mode, locks=locks, done=done, once=entity.kind == "seed")]

    def down(self) -> list[Action]:
        """Drop it; set a kept table aside; leave rows."""
        entity = self.entity
        if entity.kind == "seed":
            return []
        if entity.kind == "grant":
            # Taken up again after a kill, the way down comes by here once more: what withdraws may have been dropped since.
            gone = "SELECT to_regprocedure('ops.withdraw_access(text)') IS NULL"
            return [Action(self._title, (f"SELECT ops.withdraw_access({literal(entity.name)})",), mode=Mode.DATA, done=gone, once=True)]
        if entity.header.kept:
            return [
                Action(
                    self._title,
                    (f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}", _moved(entity, entity.schema, KEPT_SCHEMA)),
                    done=f"SELECT NOT ({exists(entity)})",
                    locks=locked("ACCESS EXCLUSIVE", entity.qualified),
                )
            ]
        keyword = KINDS[entity.kind].keyword
        drop = f"DROP {keyword} IF EXISTS {entity.target.removeprefix(keyword).strip()}"
        if entity.kind == "function":
            return [Action(self._title, (drop,))]
        return [Action(self._title, (drop,), locks=locked("ACCESS EXCLUSIVE", self._table))]

    def _create(self) -> tuple[str, ...]:
        entity = self.entity
        if entity.kind in ("function", "trigger"):
            return tuple(_text(clause) for clause in replaceable(entity).to_sql_statement_create_or_replace())
        if entity.header.kept:
            create = ";\n".join(entity.statements)
            missing = f"to_regclass({literal(entity.qualified)}) IS NULL"
            return (_moved(entity, KEPT_SCHEMA, entity.schema), do_block(f"IF {missing} THEN\n{create};\nEND IF;"))
        return entity.statements

    @property
    def _table(self) -> str:
        """The relation that is locked: one of schema public goes by its name alone."""
        if self.entity.kind != "trigger":
            return self.entity.qualified
        return self.entity.table if self.entity.schema == "public" else f"{self.entity.schema}.{self.entity.table}"

    @property
    def _title(self) -> str:
        variant = "" if self.entity.header.servers is None else f" ({self.entity.path.name})"
        name = self.entity.path.stem if self.entity.kind in ("seed", "grant") else self.entity.qualified
        return f"{self.entity.kind} {name}{variant}"


def _granting(entity: Entity) -> Action:
    """Remember what a role may do, and give it; what it had before and may no longer goes first."""
    role = literal(entity.name)
    rows = ",\n".join(f"({role}, {number}, {literal(statement)})" for number, statement in enumerate(entity.statements, 1))
    return Action(
        f"grant {entity.name}",
        (
            f"SELECT ops.withdraw_access({role})",
            f"DELETE FROM ops.access_grant WHERE role_name = {role}",
            f"INSERT INTO ops.access_grant (role_name, position, statement) VALUES\n{rows}",
            f"SELECT ops.apply_access({role})",
        ),
        mode=Mode.DATA,
        once=True,
    )


@dataclass(frozen=True, slots=True)
class Half:
    """A step of which a revision takes one direction at this place, and the other at another."""

    step: DeployEntity
    direction: Literal["up", "down"]

    @property
    def parts(self) -> tuple[DeployEntity, ...]:
        """The step, for those who look at what a revision deploys; once."""
        return (self.step,) if self.direction == "up" else ()

    def up(self) -> list[Action]:
        """What the step does, if this is the place for it."""
        return self.step.up() if self.direction == "up" else []

    def down(self) -> list[Action]:
        """What the step does, if this is the place for it."""
        return self.step.down() if self.direction == "down" else []


@dataclass(frozen=True, slots=True)
class ReplaceEntity:
    """The step that puts a function or trigger in the place of what its file said before and, going back, the former in its place."""

    entity: Entity
    former: Entity

    def up(self) -> list[Action]:
        """The new one."""
        return self._replace(self.former, self.entity)

    def down(self) -> list[Action]:
        """The former one."""
        return self._replace(self.entity, self.former)

    @staticmethod
    def _replace(old: Entity, new: Entity) -> list[Action]:
        """CREATE OR REPLACE, without need of which a lock is not taken again; what a function gives back can't be replaced in place."""
        (action,) = DeployEntity(new).up()
        if new.kind == "grant":
            return [action]
        statements = action.statements
        if new.kind == "function" and (new.target, _returns(new)) != (old.target, _returns(old)):
            statements = (f"DROP FUNCTION IF EXISTS {old.target.removeprefix('FUNCTION ')}", *statements)
        return [replace(action, statements=statements, done=None, once=True)]


@dataclass(frozen=True, slots=True)
class DropEntity:
    """The step that drops what no file describes any more and, going back, creates it again."""

    entity: Entity

    def up(self) -> list[Action]:
        """Drop it."""
        return DeployEntity(self.entity).down()

    def down(self) -> list[Action]:
        """Create it."""
        return DeployEntity(self.entity).up()


def _returns(entity: Entity) -> str:
    match = re.search(r"\bRETURNS\b(.*?)\bLANGUAGE\b", entity.sql, re.DOTALL | re.IGNORECASE)
    return " ".join(match[1].split()) if match else ""


def _moved(entity: Entity, former: str, schema: str) -> str:
    """The block that moves a table with all its partitions from one schema to another."""
    tree = (
        f"WITH RECURSIVE tree AS (\n  SELECT to_regclass('{former}.{entity.name}')::oid AS oid\n"
        "  UNION ALL SELECT i.inhrelid FROM pg_catalog.pg_inherits AS i INNER JOIN tree ON i.inhparent = tree.oid\n)\n"
        "SELECT c.relname FROM tree INNER JOIN pg_catalog.pg_class AS c ON c.oid = tree.oid\n"
        f"WHERE c.relnamespace = to_regnamespace('{former}')"
    )
    return do_block(
        f"FOR part IN {tree}\nLOOP\n  EXECUTE format('ALTER TABLE {former}.%I SET SCHEMA {schema}', part);\nEND LOOP;", "  part name;"
    )
