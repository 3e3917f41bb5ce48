"""Entities as alembic-utils knows them, and as steps of a revision."""

from __future__ import annotations

from dataclasses import dataclass

from alembic_utils.pg_function import PGFunction
from alembic_utils.pg_trigger import PGTrigger
from alembic_utils.replaceable_entity import ReplaceableEntity
from sqlalchemy.dialects import postgresql
from sqlalchemy.sql.elements import TextClause

from rently_db.migrate.actions import Action, do_block, literal, locked
from rently_db.sql.catalog import Entity

# paramstyle "named": the others double every % in a function's body.
_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped


def replaceable(entity: Entity) -> ReplaceableEntity:
    """The alembic-utils entity of a file, for autogenerate and for deployment."""
    kind: type[PGFunction | PGTrigger] = PGTrigger if entity.kind == "trigger" else PGFunction
    return kind.from_sql(entity.sql)


def _text(clause: TextClause) -> str:
    return str(clause.compile(dialect=_DIALECT)).strip().removesuffix(";")


@dataclass(frozen=True, slots=True)
class DeployEntity:
    """The step that creates a function or trigger and, going back, drops it."""

    entity: Entity

    def up(self) -> list[Action]:
        """Create it, with its description as comment; where a file is for some servers only, the server decides."""
        comment = f"COMMENT ON {self.entity.target} IS {literal(self.entity.header.description)}"
        statements = (*(_text(clause) for clause in replaceable(self.entity).to_sql_statement_create_or_replace()), comment)
        servers = self.entity.header.servers
        if servers is not None:
            body = ";\n".join(statements)
            version = "current_setting('server_version_num')::int"
            statements = (do_block(f"IF {version} BETWEEN {servers[0]} AND {servers[1]} THEN\n{body};\nEND IF;"),)
        locks = locked("SHARE ROW EXCLUSIVE", self.entity.table or "") if self.entity.kind == "trigger" else ()
        return [Action(f"{self.entity.kind} {self._name}", statements, locks=locks, done=self._done)]

    def down(self) -> list[Action]:
        """Drop it."""
        kind, _, rest = self.entity.target.partition(" ")
        locks = locked("ACCESS EXCLUSIVE", self.entity.table or "") if self.entity.kind == "trigger" else ()
        return [Action(f"{self.entity.kind} {self._name}", (f"DROP {kind} IF EXISTS {rest}",), locks=locks)]

    @property
    def _name(self) -> str:
        variant = "" if self.entity.header.servers is None else f" ({self.entity.path.name})"
        return (f"{self.entity.table}.{self.entity.name}" if self.entity.table else f"{self.entity.schema}.{self.entity.name}") + variant

    @property
    def _done(self) -> str | None:
        # A function is replaced without anybody noticing; a trigger is dropped first, under an exclusive lock: not without need.
        if self.entity.kind != "trigger":
            return None
        return (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.tgname = "
            f"{literal(self.entity.name)} AND t.tgrelid = to_regclass('{self.entity.schema}.{self.entity.table}') AND NOT t.tgisinternal)"
        )
