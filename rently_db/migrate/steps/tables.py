"""Steps that make tables, columns, defaults and comments. What concerns one table is one action: one lock, one moment."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, column_exists, do_block, identifier, literal, locked
from rently_db.migrate.steps.base import KEPT_SCHEMA, alter, v0_object


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A table that v1 alone has. Going down sets it aside whole; the next upgrade takes it back."""

    table: str
    sql: str

    def up(self) -> list[Action]:
        body = (
            f"IF to_regclass('{KEPT_SCHEMA}.{self.table}') IS NOT NULL THEN\n"
            f"  ALTER TABLE {KEPT_SCHEMA}.{self.table} SET SCHEMA public;\n"
            f"ELSE\n{self.sql};\nEND IF;"
        )
        return [Action(f"table {self.table}", (do_block(body),), done=f"SELECT to_regclass('public.{self.table}') IS NOT NULL")]

    def down(self) -> list[Action]:
        return [
            Action(
                f"table {self.table}",
                (
                    f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}",
                    alter(self.table, f"SET SCHEMA {KEPT_SCHEMA}"),
                ),
                done=f"SELECT to_regclass('public.{self.table}') IS NULL",
                locks=locked("ACCESS EXCLUSIVE", self.table),
            )
        ]


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column that v1 adds to a table of v0: a part of ``AddColumns``."""

    table: str
    column: str
    sql: str


@dataclass(frozen=True, slots=True)
class AddColumns:
    """The columns that v1 adds to a table of v0; a catalogue change, whatever the table's size."""

    table: str
    parts: tuple[AddColumn, ...]

    def _there(self, none: bool = False) -> str:
        names = ", ".join(literal(part.column) for part in self.parts)
        return (
            f"SELECT count(*) = {0 if none else len(self.parts)} FROM pg_catalog.pg_attribute "
            f"WHERE attrelid = to_regclass('public.{self.table}') AND NOT attisdropped AND attname IN ({names})"
        )

    def up(self) -> list[Action]:
        prefix = alter(self.table, "ADD COLUMN ")
        assert all(part.sql.startswith(prefix) for part in self.parts), self.table
        added = ",\n".join(f"ADD COLUMN IF NOT EXISTS {part.sql.removeprefix(prefix)}" for part in self.parts)
        return [
            Action(
                f"columns {self.table}",
                (alter(self.table, f"\n{added}"),),
                done=self._there(),
                locks=locked("ACCESS EXCLUSIVE", self.table),
            )
        ]

    def down(self) -> list[Action]:
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {identifier(part.column)}" for part in self.parts)
        return [
            Action(
                f"columns {self.table}",
                (alter(self.table, dropped),),
                done=self._there(none=True),
                locks=locked("ACCESS EXCLUSIVE", self.table),
            )
        ]


@dataclass(frozen=True, slots=True)
class SetDefault:
    """A default for what is written from now on: a part of ``SetDefaults``."""

    table: str
    column: str
    sql: str


@dataclass(frozen=True, slots=True)
class SetDefaults:
    """The defaults of a table for what is written from now on; rows that are there keep what they have."""

    table: str
    parts: tuple[SetDefault, ...]

    def _action(self, statement: str) -> list[Action]:
        return [Action(f"defaults {self.table}", (statement,), once=True, locks=locked("ACCESS EXCLUSIVE", self.table))]

    def up(self) -> list[Action]:
        prefix = alter(self.table, "")
        return self._action(alter(self.table, ", ".join(part.sql.removeprefix(prefix) for part in self.parts)))

    def down(self) -> list[Action]:
        lines = []
        for part in self.parts:
            # The column may be gone: a downgrade that was stopped got further than this.
            former = v0_object("column", self.table, part.column, "default")
            lines.append(
                f"IF {column_exists(self.table, part.column).removeprefix('SELECT ')} THEN\n"
                f"  former := {former};\n"
                f"  changes := changes || (', ALTER COLUMN {identifier(part.column)} ' "
                "|| coalesce('SET DEFAULT ' || former, 'DROP DEFAULT'));\nEND IF;"
            )
        lines.append(f"IF changes <> '' THEN\n  EXECUTE 'ALTER TABLE public.{self.table}' || substr(changes, 2);\nEND IF;")
        return self._action(do_block("\n".join(lines), "  former text;\n  changes text := '';"))


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one table and its columns. ``statements`` pairs a column name, or '' for the table, with its COMMENT ON."""

    table: str
    statements: tuple[tuple[str, str], ...]
    of_v0: bool

    def _action(self, statements: tuple[str, ...]) -> list[Action]:
        return [Action(f"comments {self.table}", statements, once=True, locks=locked("SHARE UPDATE EXCLUSIVE", self.table))]

    def up(self) -> list[Action]:
        return self._action(tuple(sql for _, sql in self.statements))

    def down(self) -> list[Action]:
        if not self.of_v0:
            return []
        lines = [
            f"EXECUTE {literal(f'COMMENT ON {self._target(name)} IS ')} || "
            f"coalesce(quote_literal({v0_object('comment', self.table, name, 'text')}), 'NULL');"
            for name, _ in self.statements
        ]
        return self._action((do_block("\n".join(lines)),))

    def _target(self, name: str) -> str:
        return f"COLUMN public.{self.table}.{identifier(name)}" if name else f"TABLE public.{self.table}"
