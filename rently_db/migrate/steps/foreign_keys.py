"""The step that puts a foreign key of v1 in the place of v0's, and back."""

from __future__ import annotations

from dataclasses import dataclass, replace

from rently_db.migrate.actions import Action, Lock, Mode, constraint_exists, do_block, literal, locked
from rently_db.migrate.steps.base import alter, drop_constraint, v0_object, validation


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of v1, added NOT VALID, validated, then put in the place of v0's own where v0 has one on that column.

    ``column`` is its first column; ``of_v0`` says that v0 has a foreign key on it too.
    """

    table: str
    name: str
    column: str
    sql: str
    of_v0: bool

    def up(self) -> list[Action]:
        if not self.of_v0:
            return [
                Action(
                    f"foreign key {self.name}",
                    (self._lock("SHARE ROW EXCLUSIVE"), f"{self.sql} NOT VALID"),
                    done=constraint_exists(self.table, self.name),
                    locks=self._locks("SHARE ROW EXCLUSIVE"),
                ),
                *validation(self.table, self.name),
            ]
        new = _beside(self.name)
        swapped = constraint_exists(self.table, f"{self.name}")
        rule = self.sql.partition(" FOREIGN KEY ")[2]
        done = (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint c "
            f"WHERE c.conrelid = to_regclass('public.{self.table}') AND c.conname = {literal(self.name)} AND c.convalidated "
            f"AND c.confdeltype = {literal(_delete_rule(rule))})"
        )
        old = v0_object("foreign_key", self.table, self.column, "name")
        body = (
            f"former := {old};\n"
            f"IF former IS NOT NULL THEN\n"
            f"  EXECUTE format('ALTER TABLE public.{self.table} DROP CONSTRAINT IF EXISTS %I', former);\nEND IF;\n"
            f"ALTER TABLE public.{self.table} RENAME CONSTRAINT {new} TO {self.name};"
        )
        add = self.sql.replace(f"ADD CONSTRAINT {self.name} ", f"ADD CONSTRAINT {new} ")
        return [
            *self._leftover("v0"),
            Action(
                f"foreign key {self.name}: beside v0's",
                (self._lock("SHARE ROW EXCLUSIVE"), f"{add} NOT VALID"),
                done=f"SELECT ({done}) OR ({constraint_exists(self.table, new)})",
                locks=self._locks("SHARE ROW EXCLUSIVE"),
            ),
            Action(
                f"foreign key {self.name}: validate",
                (alter(self.table, f"VALIDATE CONSTRAINT {new}"),),
                mode=Mode.VALIDATE,
                done=f"SELECT ({done}) OR ({constraint_exists(self.table, new, valid=True)})",
                locks=locked("SHARE UPDATE EXCLUSIVE", self.table),
                reads=self.table,
            ),
            Action(
                f"foreign key {self.name}",
                (self._lock("ACCESS EXCLUSIVE"), do_block(body, "  former text;")),
                done=f"SELECT ({done}) AND NOT ({constraint_exists(self.table, new)}) AND ({swapped})",
                locks=self._locks("ACCESS EXCLUSIVE"),
            ),
        ]

    def down(self) -> list[Action]:
        if not self.of_v0:
            lock = self._lock("ACCESS EXCLUSIVE")
            return [
                replace(action, statements=(lock, *action.statements), locks=self._locks("ACCESS EXCLUSIVE"))
                for action in drop_constraint(self.table, self.name)
            ]
        back = _beside(self.name, "v0")
        name = v0_object("foreign_key", self.table, self.column, "name")
        definition = v0_object("foreign_key", self.table, self.column, "definition")
        restored = (
            f"SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = to_regclass('public.{self.table}') "
            f"AND c.conname = {name} AND pg_catalog.pg_get_constraintdef(c.oid) = {definition})"
        )
        # One that v0 never validated comes back not validated.
        add = (
            f"EXECUTE 'ALTER TABLE public.{self.table} ADD CONSTRAINT {back} ' "
            f"|| regexp_replace({definition}, ' NOT VALID$', '') || ' NOT VALID';"
        )
        swap = (
            f"ALTER TABLE public.{self.table} DROP CONSTRAINT IF EXISTS {self.name};\n"
            f"EXECUTE format('ALTER TABLE public.{self.table} RENAME CONSTRAINT {back} TO %I', {name});"
        )
        return [
            *self._leftover("v1"),
            Action(
                f"foreign key {self.name}: v0's beside it",
                (self._lock("SHARE ROW EXCLUSIVE"), do_block(add)),
                done=f"SELECT ({restored}) OR ({constraint_exists(self.table, back)})",
                locks=self._locks("SHARE ROW EXCLUSIVE"),
            ),
            Action(
                f"foreign key {self.name}: validate v0's",
                (alter(self.table, f"VALIDATE CONSTRAINT {back}"),),
                mode=Mode.VALIDATE,
                done=f"SELECT ({restored}) OR ({constraint_exists(self.table, back, valid=True)}) OR {definition} LIKE '%NOT VALID'",
                locks=locked("SHARE UPDATE EXCLUSIVE", self.table),
                reads=self.table,
            ),
            Action(
                f"foreign key {self.name}",
                (self._lock("ACCESS EXCLUSIVE"), do_block(swap)),
                done=f"SELECT ({restored}) AND NOT ({constraint_exists(self.table, back)})",
                locks=self._locks("ACCESS EXCLUSIVE"),
            ),
        ]

    def _lock(self, mode: str) -> str:
        """Lock both tables, the referenced one first: that is the order in which applications write.

        ALTER TABLE locks the referencing one first, and then a busy application and the migration wait for each other until one gives up.
        """
        return f"LOCK TABLE {', '.join(f'public.{lock.relation}' for lock in self._locks(mode))} IN {mode} MODE"

    def _locks(self, mode: str) -> tuple[Lock, ...]:
        parent = self.sql.partition(" REFERENCES public.")[2].split(" ")[0].split("(")[0]
        return locked(mode, parent, self.table)

    def _leftover(self, suffix: str) -> list[Action]:
        """Drop what a run in the other direction, stopped half way, left beside the key in force."""
        name = _beside(self.name, suffix)
        return [replace(action, title=f"foreign key {self.name}: no {suffix} beside it") for action in drop_constraint(self.table, name)]


def _beside(name: str, suffix: str = "v1") -> str:
    """A name for the constraint that stands beside the one it will replace."""
    return f"{name[:57]}__{suffix}"


def _delete_rule(rule: str) -> str:
    """``pg_constraint.confdeltype`` of an ON DELETE clause."""
    if "ON DELETE RESTRICT" in rule:
        return "r"
    return "c" if "ON DELETE CASCADE" in rule else "a"
