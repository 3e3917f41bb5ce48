"""Steps that make tables, columns, defaults and comments."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, column_exists, do_block, identifier, literal, negate
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
        return [
            Action(
                f"table {self.table}",
                (do_block(body),),
                done=f"SELECT to_regclass('public.{self.table}') IS NOT NULL",
                lock=f"none before it exists: {self.table}",
            )
        ]

    def down(self) -> list[Action]:
        return [
            Action(
                f"table {self.table}",
                (
                    f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}",
                    alter(self.table, f"SET SCHEMA {KEPT_SCHEMA}"),
                ),
                done=f"SELECT to_regclass('public.{self.table}') IS NULL",
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column that v1 adds to a table of v0; a catalogue change, whatever the table's size."""

    table: str
    column: str
    sql: str

    def up(self) -> list[Action]:
        return [
            Action(
                f"column {self.table}.{self.column}",
                (self.sql,),
                done=column_exists(self.table, self.column),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]

    def down(self) -> list[Action]:
        return [
            Action(
                f"column {self.table}.{self.column}",
                (alter(self.table, f"DROP COLUMN IF EXISTS {identifier(self.column)}"),),
                done=negate(column_exists(self.table, self.column)),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]


@dataclass(frozen=True, slots=True)
class SetDefault:
    """A default for what is written from now on; rows that are there keep what they have."""

    table: str
    column: str
    sql: str

    def up(self) -> list[Action]:
        return [Action(f"default {self.table}.{self.column}", (self.sql,), lock=f"ACCESS EXCLUSIVE {self.table}")]

    def down(self) -> list[Action]:
        column = identifier(self.column)
        former = v0_object("column", self.table, self.column, "default")
        body = (
            f"IF to_regclass('public.{self.table}') IS NULL OR NOT ({column_exists(self.table, self.column)}) THEN RETURN; END IF;\n"
            f"former := {former};\n"
            f"EXECUTE 'ALTER TABLE public.{self.table} ALTER COLUMN {column} ' || coalesce('SET DEFAULT ' || former, 'DROP DEFAULT');"
        )
        return [Action(f"default {self.table}.{self.column}", (do_block(body, "  former text;"),), lock=f"ACCESS EXCLUSIVE {self.table}")]


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one table and its columns. ``statements`` pairs a column name, or '' for the table, with its COMMENT ON."""

    table: str
    statements: tuple[tuple[str, str], ...]
    of_v0: bool

    def up(self) -> list[Action]:
        statements = tuple(sql for _, sql in self.statements)
        return [Action(f"comments {self.table}", statements, lock=f"SHARE UPDATE EXCLUSIVE {self.table}")]

    def down(self) -> list[Action]:
        if not self.of_v0:
            return []
        lines = [
            f"EXECUTE {literal(f'COMMENT ON {self._target(name)} IS ')} || "
            f"coalesce(quote_literal({v0_object('comment', self.table, name, 'text')}), 'NULL');"
            for name, _ in self.statements
        ]
        return [Action(f"comments {self.table}", (do_block("\n".join(lines)),), lock=f"SHARE UPDATE EXCLUSIVE {self.table}")]

    def _target(self, name: str) -> str:
        return f"COLUMN public.{self.table}.{identifier(name)}" if name else f"TABLE public.{self.table}"
