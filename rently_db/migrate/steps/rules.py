"""Steps that demand something of rows: checks, NOT NULL, unique and exclusion constraints."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, Mode, constraint_exists, do_block, identifier, literal, locked
from rently_db.migrate.steps.base import alter, build_index, drop_constraint, drop_index, v0_object


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK: a part of ``Rules``."""

    table: str
    name: str
    sql: str

    @property
    def definition(self) -> str:
        """``CHECK (...)``."""
        return "CHECK " + self.sql.partition(" CHECK ")[2]


@dataclass(frozen=True, slots=True)
class NotNull:
    """A column that must be filled: a part of ``Rules``."""

    table: str
    column: str
    filled: bool = False
    """By the revision itself, before it demands it: nothing is asked of the rows of v0."""

    @property
    def name(self) -> str:
        """The check that stands for it until the column itself can."""
        return f"{self.table}_{self.column}_filled"

    @property
    def definition(self) -> str:
        """``CHECK (...)``."""
        return f"CHECK ({identifier(self.column)} IS NOT NULL)"


@dataclass(frozen=True, slots=True)
class Rules:
    """What one table's rows must keep: added unvalidated in a moment, validated by one reading of the table in a transaction of its own.

    NOT NULL comes by way of a validated check, so that no full scan happens under the exclusive lock.
    """

    table: str
    parts: tuple[Check | NotNull, ...]

    @property
    def _checks(self) -> tuple[Check, ...]:
        return tuple(part for part in self.parts if isinstance(part, Check))

    @property
    def _not_null(self) -> tuple[NotNull, ...]:
        return tuple(part for part in self.parts if isinstance(part, NotNull))

    def _constraints(self, parts: tuple[Check | NotNull, ...], *, valid: bool = False, none: bool = False) -> str:
        names = ", ".join(literal(part.name) for part in parts) or "NULL"
        condition = " AND c.convalidated" if valid else ""
        return (
            f"SELECT count(*) = {0 if none else len(parts)} FROM pg_catalog.pg_constraint c "
            f"WHERE c.conrelid = to_regclass('public.{self.table}') AND c.conname IN ({names}){condition}"
        )

    def _filled(self) -> str:
        names = ", ".join(literal(part.column) for part in self._not_null) or "NULL"
        return (
            f"SELECT count(*) = {len(self._not_null)} FROM pg_catalog.pg_attribute "
            f"WHERE attrelid = to_regclass('public.{self.table}') AND attname IN ({names}) AND attnotnull"
        )

    def _there(self, *, valid: bool = False) -> str:
        """All rules are there (and validated): a column that is NOT NULL needs its check no longer."""
        ready = f"({self._constraints(self._checks, valid=valid)}) AND ({self._filled()})"
        return f"SELECT ({ready}) OR ({self._constraints(self.parts, valid=valid)})"

    def up(self) -> list[Action]:
        # Dropped first: some of them may be left from a run that was stopped.
        added = ",\n".join(
            line
            for part in self.parts
            for line in (f"DROP CONSTRAINT IF EXISTS {part.name}", f"ADD CONSTRAINT {part.name} {part.definition} NOT VALID")
        )
        validated = ", ".join(f"VALIDATE CONSTRAINT {part.name}" for part in self.parts)
        exclusive = locked("ACCESS EXCLUSIVE", self.table)
        actions = [
            Action(f"rules {self.table}", (alter(self.table, f"\n{added}"),), done=self._there(), locks=exclusive),
            Action(
                f"validate {self.table}",
                (alter(self.table, validated),),
                mode=Mode.VALIDATE,
                done=self._there(valid=True),
                locks=locked("SHARE UPDATE EXCLUSIVE", self.table),
                reads=self.table,
            ),
        ]
        if self._not_null:
            demanded = ", ".join(f"ALTER COLUMN {identifier(part.column)} SET NOT NULL" for part in self._not_null)
            dropped = ", ".join(f"DROP CONSTRAINT IF EXISTS {part.name}" for part in self._not_null)
            done = f"SELECT ({self._filled()}) AND ({self._constraints(self._not_null, none=True)})"
            # Two statements: within one, the checks would be gone before they can vouch for the columns.
            statements = (alter(self.table, demanded), alter(self.table, dropped))
            actions.append(Action(f"not null {self.table}", statements, done=done, locks=exclusive))
        return actions

    def down(self) -> list[Action]:
        dropped = ", ".join(f"DROP CONSTRAINT IF EXISTS {part.name}" for part in self.parts)
        lines = []
        for part in self._not_null:
            by_hand = v0_object("column", self.table, part.column, "not_null")
            lines.append(
                f"IF coalesce({by_hand}, 'false') <> 'true' THEN\n"
                f"  changes := changes || ', ALTER COLUMN {identifier(part.column)} DROP NOT NULL';\nEND IF;"
            )
        lines.append(f"EXECUTE 'ALTER TABLE public.{self.table} ' || changes;")
        body = do_block("\n".join(lines), f"  changes text := {literal(dropped)};")
        return [Action(f"rules {self.table}", (body,), once=True, locks=locked("ACCESS EXCLUSIVE", self.table))]


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
                locks=locked("ACCESS EXCLUSIVE", self.table),
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
                locks=locked("ACCESS EXCLUSIVE", self.table),
            )
        ]

    def down(self) -> list[Action]:
        return drop_constraint(self.table, self.name)
