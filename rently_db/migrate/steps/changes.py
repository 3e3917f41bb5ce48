"""Steps of revisions after v1 that change or take away what an earlier revision made. They know both sides, so that both ways are exact.

What is to take its place is built and validated beside it first: at no moment is a rule not in force. Going back, rows may be there that
the former rule forbids: it is put in force for what is written from then on, and a warning says that it was left not validated.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from alembic.util import CommandError

from rently_db.migrate.actions import Action, Lock, Mode, column_exists, constraint_exists, do_block, identifier, literal, locked
from rently_db.migrate.steps.base import Step, alter, build_index, validation
from rently_db.migrate.steps.rules import NotNull, Rules

_BROKEN = "check_violation OR foreign_key_violation"


def _or_warn(action: Action) -> Action:
    """A validation that leaves the constraint as it is, and says so, if rows break it."""
    (statement,) = action.statements
    body = (
        f"{statement};\nEXCEPTION WHEN {_BROKEN} THEN\n"
        f"  RAISE WARNING 'rows break it, and it is left NOT VALID: % (%)', SQLERRM, {literal(action.title)};"
    )
    return replace(action, statements=(do_block(body),))


def _beside(name: str) -> str:
    """The name of what will take the place of ``name``."""
    return f"{name[:57]}__next"


def _referenced(definition: str) -> tuple[str, ...]:
    """The table that a foreign key refers to; nothing for a CHECK."""
    _, found, rest = definition.partition(" REFERENCES ")
    return (rest.split(" ")[0].split("(")[0].removeprefix("public."),) if found else ()


@dataclass(frozen=True, slots=True)
class Gone:
    """What another step made, taken away; its way down makes it again.

    For indexes, constraints, columns that are kept, and whole tables, which are set aside; not for NOT NULL (``Nullable``).
    """

    step: Step

    def up(self) -> list[Action]:
        return self._titled(self.step.down())

    def down(self) -> list[Action]:
        return self._titled([_or_warn(action) if action.mode is Mode.VALIDATE else action for action in self.step.up()])

    @staticmethod
    def _titled(actions: list[Action]) -> list[Action]:
        return [replace(action, title=f"gone: {action.title}") for action in actions]


@dataclass(frozen=True, slots=True)
class ChangeConstraint:
    """A CHECK or foreign key with another text under the same name: ``former`` and ``latter`` are definitions, ``CHECK (...)``."""

    table: str
    name: str
    former: str
    latter: str

    def up(self) -> list[Action]:
        return self._change(self.latter, self.former, back=False)

    def down(self) -> list[Action]:
        return self._change(self.former, self.latter, back=True)

    def _change(self, wanted: str, present: str, *, back: bool) -> list[Action]:
        beside = _beside(self.name)
        tables = (*_referenced(wanted), self.table)
        lock = f"LOCK TABLE {', '.join(f'public.{table}' for table in tables)} IN SHARE ROW EXCLUSIVE MODE"
        both = tuple(dict.fromkeys((*_referenced(present), *tables)))
        exclusive = f"LOCK TABLE {', '.join(f'public.{table}' for table in both)} IN ACCESS EXCLUSIVE MODE"
        is_key = " REFERENCES " in wanted
        (judged,) = validation(self.table, beside)
        swap = (alter(self.table, f"DROP CONSTRAINT {self.name}"), alter(self.table, f"RENAME CONSTRAINT {beside} TO {self.name}"))
        return [
            Action(
                f"constraint {self.name}: beside it",
                (
                    *((lock,) if is_key else ()),
                    alter(self.table, f"DROP CONSTRAINT IF EXISTS {beside}, ADD CONSTRAINT {beside} {wanted} NOT VALID"),
                ),
                once=True,
                locks=locked("SHARE ROW EXCLUSIVE" if is_key else "ACCESS EXCLUSIVE", *tables),
            ),
            # Once they have changed places there is nothing of that name to validate.
            replace(
                _or_warn(judged) if back else judged,
                title=f"constraint {self.name}: validate",
                done=f"SELECT NOT ({constraint_exists(self.table, beside)}) OR ({constraint_exists(self.table, beside, valid=True)})",
            ),
            Action(
                f"constraint {self.name}: in its place",
                (*((exclusive,) if len(both) > 1 else ()), *swap),
                once=True,
                locks=locked("ACCESS EXCLUSIVE", *both),
            ),
        ]


@dataclass(frozen=True, slots=True)
class ChangeIndex:
    """An index with another definition under the same name: ``former`` and ``latter`` are CREATE INDEX CONCURRENTLY statements."""

    table: str
    name: str
    former: str
    latter: str

    def up(self) -> list[Action]:
        return self._change(self.latter)

    def down(self) -> list[Action]:
        return self._change(self.former)

    def _change(self, wanted: str) -> list[Action]:
        beside = _beside(self.name)
        (built,) = build_index(self.table, beside, wanted.replace(f" {self.name} ON ", f" {beside} ON ", 1))
        swap = (f"DROP INDEX IF EXISTS public.{self.name}", f"ALTER INDEX public.{beside} RENAME TO {self.name}")
        return [
            replace(built, title=f"index {self.name}: beside it", once=True),
            Action(f"index {self.name}: in its place", swap, once=True, locks=locked("ACCESS EXCLUSIVE", self.table)),
        ]


@dataclass(frozen=True, slots=True)
class ChangeDefault:
    """What a column of a new row is if nobody says: a part of ``ChangeDefaults``. None is no default."""

    column: str
    former: str | None
    latter: str | None


@dataclass(frozen=True, slots=True)
class ChangeDefaults:
    """Defaults of a table for what is written from now on; rows that are there keep what they have."""

    table: str
    changes: tuple[ChangeDefault, ...]

    def up(self) -> list[Action]:
        return self._change({change.column: change.latter for change in self.changes})

    def down(self) -> list[Action]:
        return self._change({change.column: change.former for change in self.changes})

    def _change(self, wanted: dict[str, str | None]) -> list[Action]:
        lines = []
        for column, default in wanted.items():
            what = "DROP DEFAULT" if default is None else f"SET DEFAULT {default}"
            change = alter(self.table, f"ALTER COLUMN {identifier(column)} {what}")
            # The column may be gone: a downgrade that was stopped got further than this.
            lines.append(f"IF {column_exists(self.table, column).removeprefix('SELECT ')} THEN\n  {change};\nEND IF;")
        return [Action(f"defaults of {self.table}", (do_block("\n".join(lines)),), once=True, locks=_exclusive(self.table))]


def _exclusive(table: str) -> tuple[Lock, ...]:
    return locked("ACCESS EXCLUSIVE", table)


@dataclass(frozen=True, slots=True)
class ChangeComment:
    """What the database says of a column, or with an empty name of the table: a part of ``ChangeComments``. None is nothing."""

    column: str
    former: str | None
    latter: str | None


@dataclass(frozen=True, slots=True)
class ChangeComments:
    """Comments of a table and its columns that say something else."""

    table: str
    changes: tuple[ChangeComment, ...]

    def up(self) -> list[Action]:
        return self._change({change.column: change.latter for change in self.changes})

    def down(self) -> list[Action]:
        return self._change({change.column: change.former for change in self.changes})

    def _change(self, wanted: dict[str, str | None]) -> list[Action]:
        statements = tuple(
            f"COMMENT ON {f'COLUMN public.{self.table}.{identifier(column)}' if column else f'TABLE public.{self.table}'} "
            f"IS {literal(said) if said is not None else 'NULL'}"
            for column, said in wanted.items()
        )
        return [Action(f"comments of {self.table}", statements, once=True, locks=locked("SHARE UPDATE EXCLUSIVE", self.table))]


@dataclass(frozen=True, slots=True)
class Nullable:
    """Columns that need not be filled any more. Going back they must be again, unless rows are there in which they are not."""

    table: str
    columns: tuple[str, ...]

    def up(self) -> list[Action]:
        dropped = ", ".join(f"ALTER COLUMN {identifier(column)} DROP NOT NULL" for column in self.columns)
        return [Action(f"nullable {self.table}", (alter(self.table, dropped),), locks=_exclusive(self.table))]

    def down(self) -> list[Action]:
        parts = tuple(NotNull(self.table, column) for column in self.columns)
        added, _, _ = Rules(self.table, parts).up()
        lines = []
        for part in parts:
            valid = constraint_exists(self.table, part.name, valid=True).removeprefix("SELECT ")
            demanded = alter(self.table, f"ALTER COLUMN {identifier(part.column)} SET NOT NULL")
            lines.append(f"IF {valid} THEN\n  {demanded};\nEND IF;\n{alter(self.table, f'DROP CONSTRAINT IF EXISTS {part.name}')};")
        judged = [_or_warn(action) for part in parts for action in validation(self.table, part.name)]
        title = f"nullable {self.table}"
        return [
            replace(added, title=f"{title}: rules", done=None, once=True),
            *(replace(action, title=f"{title}: {action.title}") for action in judged),
            Action(title, (do_block("\n".join(lines)),), once=True, locks=_exclusive(self.table)),
        ]


@dataclass(frozen=True, slots=True)
class ByHand:
    """What autogenerate can't know stands here until somebody writes it. Until then the revision runs neither way."""

    what: str

    def up(self) -> list[Action]:
        raise CommandError(f"the revision is not finished: {self.what}")

    def down(self) -> list[Action]:
        raise CommandError(f"the revision is not finished: {self.what}")
