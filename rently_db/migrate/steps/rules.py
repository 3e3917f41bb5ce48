"""Steps that demand something of rows: checks, NOT NULL, unique and exclusion constraints."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, Mode, constraint_exists, do_block, identifier, literal
from rently_db.migrate.steps.base import alter, build_index, drop_constraint, drop_index, v0_object, validation


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK: added NOT VALID, validated in a transaction of its own."""

    table: str
    name: str
    sql: str

    def up(self) -> list[Action]:
        return [
            Action(
                f"check {self.name}",
                (f"{self.sql} NOT VALID",),
                done=constraint_exists(self.table, self.name),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
            *validation(self.table, self.name),
        ]

    def down(self) -> list[Action]:
        return drop_constraint(self.table, self.name)


@dataclass(frozen=True, slots=True)
class NotNull:
    """NOT NULL by way of a validated check, so that no full scan happens under the exclusive lock."""

    table: str
    column: str

    def up(self) -> list[Action]:
        check = f"{self.table}_{self.column}_filled"
        column = identifier(self.column)
        already = (
            f"SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('public.{self.table}') "
            f"AND attname = {literal(self.column)} AND attnotnull)"
        )
        return [
            Action(
                f"not null {self.table}.{self.column}: check",
                (alter(self.table, f"ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"),),
                done=f"SELECT ({already}) OR ({constraint_exists(self.table, check)})",
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
            Action(
                f"not null {self.table}.{self.column}: validate",
                (alter(self.table, f"VALIDATE CONSTRAINT {check}"),),
                mode=Mode.VALIDATE,
                done=f"SELECT ({already}) OR ({constraint_exists(self.table, check, valid=True)})",
                lock=f"SHARE UPDATE EXCLUSIVE {self.table}",
            ),
            Action(
                f"not null {self.table}.{self.column}",
                (
                    alter(self.table, f"ALTER COLUMN {column} SET NOT NULL"),
                    alter(self.table, f"DROP CONSTRAINT IF EXISTS {check}"),
                ),
                done=f"SELECT ({already}) AND NOT ({constraint_exists(self.table, check)})",
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
        ]

    def down(self) -> list[Action]:
        check = f"{self.table}_{self.column}_filled"
        by_hand = v0_object("column", self.table, self.column, "not_null")
        body = (
            f"IF coalesce({by_hand}, 'false') <> 'true' THEN\n"
            f"  ALTER TABLE public.{self.table} ALTER COLUMN {identifier(self.column)} DROP NOT NULL;\nEND IF;\n"
            f"ALTER TABLE public.{self.table} DROP CONSTRAINT IF EXISTS {check};"
        )
        return [Action(f"not null {self.table}.{self.column}", (do_block(body),), lock=f"ACCESS EXCLUSIVE {self.table}")]


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint on an index that was built concurrently."""

    table: str
    name: str
    columns: str

    def up(self) -> list[Action]:
        build = f"CREATE UNIQUE INDEX CONCURRENTLY {self.name} ON public.{self.table} ({self.columns})"
        attached = constraint_exists(self.table, self.name)
        return [
            *build_index(self.table, self.name, build),
            Action(
                f"unique {self.name}",
                (alter(self.table, f"ADD CONSTRAINT {self.name} UNIQUE USING INDEX {self.name}"),),
                done=attached,
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
        ]

    def down(self) -> list[Action]:
        # A run that was stopped may have built the index and not attached it.
        return [*drop_constraint(self.table, self.name), drop_index(self.table, self.name)]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An exclusion constraint on a table of v1's own. PostgreSQL can't build one concurrently; no application uses the table yet."""

    table: str
    name: str
    sql: str

    def up(self) -> list[Action]:
        return [
            Action(
                f"exclusion {self.name}",
                (self.sql,),
                done=constraint_exists(self.table, self.name),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]

    def down(self) -> list[Action]:
        return drop_constraint(self.table, self.name)
