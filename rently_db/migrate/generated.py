"""What ``alembic revision --autogenerate`` writes: the steps of the kit, and the frozen folder of what differs in the live SQL.

Alembic finds what differs, asks ``describe``, and then writes the file from a template. ``alembic check`` goes the same way and stops.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate.api import AutogenContext
from alembic.autogenerate.render import renderers
from alembic.operations.ops import MigrateOperation, MigrationScript, OpContainer
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import MetaData

from rently_db.migrate.actions import Action
from rently_db.migrate.generate import Plan, plan, unfinished
from rently_db.migrate.source import formatted, listed, names
from rently_db.migrate.steps import AddColumns, ChangeColumnType, ChangeIndex, CreateTable, Gone, Statement, Step
from rently_db.migrate.table_diff import Sides, sides

_RANDOM = re.compile(r"[0-9a-f]{12}")
"""An id that Alembic made up."""
_KIT = "from rently_db.migrate.steps import "
_WIDTH = 140
_RIGHTS = Statement("rights on what is new", ("SELECT ops.apply_access()",))
"""A new function is everybody's until somebody says otherwise."""


class Held(OpContainer):
    """Alembic's own operations: ``alembic check`` reads them, and no revision is written of them."""


class ChangedOp(MigrateOperation):
    """A constraint, index or generated column whose text differs under the same name, which Alembic does not see."""

    def __init__(self, what: str, table: str, name: str) -> None:
        self._tuple = (f"change_{what}", table, name)

    def to_diff_tuple(self) -> tuple[Any, ...]:
        """As ``alembic check`` shows it."""
        return self._tuple

    def reverse(self) -> ChangedOp:
        """The same: Alembic asks for the way down, which the steps know."""
        return self


@renderers.dispatch_for(Held)
@renderers.dispatch_for(ChangedOp)
def _nothing(context: AutogenContext, op: MigrateOperation) -> list[str]:
    """No op.* call stands in a revision of ours."""
    del context, op
    return []


def describe(context: MigrationContext, revision: object, directives: list[MigrationScript]) -> None:
    """Alembic's hook ``process_revision_directives``: what the template will write, if anything differs."""
    from rently_db.migrate.freezing import differs

    del revision
    if not directives:
        return
    (script,) = directives
    assert script.upgrade_ops is not None
    assert script.downgrade_ops is not None
    assert context.connection is not None
    held = Held(list(script.upgrade_ops.ops))
    metadata = context.opts["target_metadata"]
    found = sides(context.connection, metadata)
    said = tuple(" ".join(str(difference).split())[:200] for difference in held.as_diffs())
    if said:
        script.upgrade_ops.ops[:] = [held]
        script.downgrade_ops.ops[:] = []
    assert script.rev_id is not None
    if _RANDOM.fullmatch(script.rev_id) and script.message is None and not _is_revision(context):
        return  # alembic check
    assert context.script is not None
    if said or any(found.differences()) or differs(context.script):
        context.opts["template_args"]["generated"] = generated = Generated(script.rev_id, found, metadata)
        generated.write(context.script, said)


def _is_revision(context: MigrationContext) -> bool:
    """Whether the command line says `alembic revision`."""
    options = context.environment_context.config.cmd_opts if context.environment_context is not None else None
    return getattr(options, "cmd", (None,))[0] is command.revision


@dataclass(slots=True)
class Generated:
    """What the template ``script.py.mako`` asks for."""

    revision: str
    found: Sides
    metadata: MetaData
    frozen: bool = False
    """Whether something of the live SQL is in the frozen folder."""
    folder: bool = False
    """Whether there is a frozen folder: for that, or for the script of the way back."""
    before: Sequence[Step] = ()
    after: Sequence[Step] = ()

    def write(self, script: ScriptDirectory, alembic_says: Sequence[str]) -> None:
        """Work out the steps, and freeze what differs in the live SQL.

        Raises:
            CommandError: the id is none, or something that differs can't be written as steps.
        """
        from rently_db.migrate.freezing import check_revision_id, differs, keeps_rollback, make_room_for_rollback

        check_revision_id(self.revision)
        made: Plan = plan(self.found, self.metadata)
        if not (made.room or made.gone or differs(script)):
            said = "; ".join(alembic_says)
            raise CommandError(f"the database is not as its revisions made it, compare on a fresh one: {said}")
        self.frozen, functions = _freeze(script, self.revision)
        self.before, self.after = tuple(made.room), (*((_RIGHTS,) if functions else ()), *made.gone)
        self.folder = self.frozen or keeps_rollback(script, script.get_current_head())
        if self.folder and not self.frozen:
            make_room_for_rollback(script, self.revision)

    @property
    def steps(self) -> tuple[Step, ...]:
        """All of them."""
        return (*self.before, *self.after)

    @property
    def head(self) -> str:
        """The import of the steps that are used."""
        used = sorted({"Step", *names(self.steps)})
        return formatted(f"{_KIT}{', '.join(used)}\n").strip() if len(_KIT + ", ".join(used)) <= _WIDTH else _many(used)

    @property
    def body(self) -> str:
        """The function ``steps``."""
        deployed = "        *run.deployed(FROZEN),\n" if self.folder else ""
        text = (
            'def steps() -> Sequence[Step]:\n    """What this revision deploys, in order."""\n    return [\n'
            f"{listed(self.before)}{deployed}{listed(self.after)}    ]\n"
        )
        return formatted(text).rstrip("\n")

    @property
    def _retypes(self) -> bool:
        return any(isinstance(step, ChangeColumnType) for step in self.steps)

    @property
    def locks(self) -> str:
        """Whom the upgrade disturbs, for the revision's first lines."""
        if by_hand := unfinished(self.steps):
            return _lines("Locks", f"... (to be written with what is left to do: {len(by_hand)} of the steps)")
        actions = [action for step in self.steps for action in step.up()]
        parts = [f"ACCESS EXCLUSIVE on {_tables(actions, 'ACCESS EXCLUSIVE')}, for a change of the catalogue"]
        weaker = sorted(set(_of(actions, "SHARE ROW EXCLUSIVE")) - set(_of(actions, "ACCESS EXCLUSIVE")))
        parts = [part for part in parts if " on , " not in part]
        parts += [f"SHARE ROW EXCLUSIVE on {', '.join(weaker)}, to add a foreign key"] if weaker else []
        parts += ["whatever is materialized above a column of another type is filled under that lock"] if self._retypes else []
        parts += ["indexes concurrently"] if any(action.mode == "concurrent" for action in actions) else []
        parts += ["views and triggers that are new or changed, for a moment"] if self.frozen else []
        return _lines("Locks", f"{'; '.join(parts) or 'none that readers or writers notice'}.")

    @property
    def back(self) -> str:
        """How it is undone, for the revision's first lines."""
        kinds = {type(step) for step in self.steps}
        dropped = [step for step in self.after if isinstance(step, Gone) and isinstance(step.step, AddColumns)]
        parts = ["what is new goes, what was changed is again what it was"]
        parts += ["what new columns say is set aside in rently_v1_kept until the next upgrade"] if AddColumns in kinds else []
        parts += ["new tables are set aside with their rows"] if CreateTable in kinds else []
        parts += ["dropped columns come back with what they said"] if dropped else []
        parts += ["a wider type stays if a value needs it, else the table is written anew, and nobody reads it"] if self._retypes else []
        again = [action for step in self.steps if isinstance(step, ChangeIndex | Gone) for action in step.down()]
        if any(statement.startswith("CREATE UNIQUE ") for action in again for statement in action.statements):
            parts.append("where a value is there twice by then, the unique rule that comes back stops it, and names the value")
        return _lines("Back", f"{'; '.join(parts)}.")


def _many(used: list[str]) -> str:
    return "from rently_db.migrate.steps import (\n" + "".join(f"    {name},\n" for name in used) + ")"


def _of(actions: Iterable[Action], mode: str) -> list[str]:
    return sorted({lock.relation for action in actions for lock in action.locks if lock.mode == mode})


def _tables(actions: Iterable[Action], mode: str) -> str:
    return ", ".join(_of(actions, mode))


def _lines(heading: str, text: str) -> str:
    return textwrap.fill(f"{heading}: {text}", _WIDTH - 2, break_long_words=False, break_on_hyphens=False)


def _freeze(script: ScriptDirectory, revision: str) -> tuple[bool, bool]:
    """Freeze what is new in the live SQL, if anything is. Whether something was, and whether a function is among it."""
    from rently_db.migrate.freezing import ROLLBACK, changed_tables, differs, freeze
    from rently_db.sql.generated import COMMAND, write_generated

    if stale := write_generated(check=True):
        raise CommandError(f"{stale[0].name} and {len(stale) - 1} more files of the live SQL are out of date; run {COMMAND} first")
    if not differs(script) and not any((Path(script.dir) / "sql" / revision).glob("*.sql")):
        return False, False
    folder = Path(script.dir) / "sql" / revision
    if (tables := changed_tables(script)) and {path.name for path in folder.glob("*.sql")} <= {ROLLBACK}:
        raise CommandError(
            f"{tables[0]} changed: write its ALTER TABLE into {folder}/alter.sql, below a line '--: data alter', the statement that takes "
            "it back below '--: back alter SCHEMA.TABLE', and run this again"
        )
    frozen = freeze(script, revision, module=False)
    return True, any(file.startswith("functions/") for file in frozen.new)
