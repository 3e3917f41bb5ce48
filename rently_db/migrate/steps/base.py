"""What a step is, and the pieces that steps of several kinds share."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Protocol

from rently_db.migrate.actions import Action, Mode, constraint_exists, index_state, literal, locked, negate

KEPT_SCHEMA = "rently_v1_kept"
"""Where a downgrade sets v1's own tables aside, whole."""


class Step(Protocol):
    """Anything a revision can list."""

    def up(self) -> list[Action]:
        """The actions of an upgrade, in order."""
        ...

    def down(self) -> list[Action]:
        """The actions of a downgrade, in order."""
        ...


def alter(table: str, what: str) -> str:
    """ALTER TABLE on a table of schema public."""
    return f"ALTER TABLE public.{table} {what}"


def v0_object(kind: str, table: str, name: str, field: str) -> str:
    """The sub-select that reads, at run time, what v0 was like before v1 changed it; NULL where nothing was remembered."""
    return (
        f"(SELECT o.detail ->> {literal(field)} FROM ops.v0_object o "
        f"WHERE o.kind = {literal(kind)} AND o.table_name = {literal(table)} AND o.name = {literal(name)})"
    )


def validation(table: str, name: str) -> list[Action]:
    """Validate a constraint that was added NOT VALID, in a transaction of its own."""
    return [
        Action(
            f"validate {name}",
            (alter(table, f"VALIDATE CONSTRAINT {name}"),),
            mode=Mode.VALIDATE,
            done=constraint_exists(table, name, valid=True),
            locks=locked("SHARE UPDATE EXCLUSIVE", table),
            reads=table,
        )
    ]


def drop_constraint(table: str, name: str) -> list[Action]:
    """Drop a constraint if it is there."""
    return [
        Action(
            f"constraint {name}",
            (alter(table, f"DROP CONSTRAINT IF EXISTS {name}"),),
            done=negate(constraint_exists(table, name)),
            locks=locked("ACCESS EXCLUSIVE", table),
        )
    ]


def build_index(table: str, name: str, sql: str) -> list[Action]:
    """Build an index concurrently; an INVALID leftover of that name is dropped first."""
    return [
        Action(
            f"index {name}",
            (sql,),
            mode=Mode.CONCURRENT,
            done=index_state(name, valid=True),
            leftover=index_state(name, valid=False),
            repair=(f"DROP INDEX CONCURRENTLY IF EXISTS public.{name}",),
            locks=locked("SHARE UPDATE EXCLUSIVE", table),
            reads=table,
        )
    ]


def drop_index(table: str, name: str) -> Action:
    """Drop an index concurrently if it is there."""
    return Action(
        f"index {name}",
        (f"DROP INDEX CONCURRENTLY IF EXISTS public.{name}",),
        mode=Mode.CONCURRENT,
        done=f"SELECT to_regclass('public.{name}') IS NULL",
        locks=locked("SHARE UPDATE EXCLUSIVE", table),
    )


def flat(steps: Iterable[Step]) -> Iterator[Any]:
    """The parts of grouped steps, one column or rule each, and the other steps as they are: for those who look at what v1 demands."""
    for step in steps:
        yield from getattr(step, "parts", (step,))
