"""What kind of thing a step does, and to which table, so that a plan can put steps of one kind on one line."""

from __future__ import annotations

import re
from collections.abc import Collection

from rently_db.migrate.actions import Action, Mode
from rently_db.migrate.steps import OnTheWayDown, Step
from rently_db.migrate.steps.accounting import Accounting


def paired(steps: Collection[Step], direction: str) -> list[tuple[Action, Step]]:
    """The actions of these steps in one direction, in order, each with its step: as ``up_actions`` and ``down_actions`` give them."""
    if direction == "up":
        return [(action, step) for step in steps for action in step.up()]
    found: list[tuple[Action, Step]] = []
    for step in reversed(list(steps)):
        found += paired(step.steps, "up") if isinstance(step, OnTheWayDown) else [(action, step) for action in step.down()]
    return found


def kind_of(title: str, table: str | None) -> str:
    """A word or two, without the names of things: ``index``, ``foreign key: validate``, ``repair: find``."""
    head, _, what = title.partition(":")
    words = head.split(" (")[0].split(" ")
    if len(words) > 1 and (words[-1] == table or re.search(r"[_.]", words[-1])):
        words.pop()
    name = " ".join(words)
    if table is not None:
        name = re.sub(rf"-{table}\b.*", "", name)
    return f"{name}:{what}" if what else name


def table_of(action: Action, step: Step) -> str | None:
    """The table that a step is about, if it is about one."""
    if action.batch is not None:
        return action.batch.table
    named = action.reads or getattr(step, "table", None)
    if isinstance(named, str) and named:
        return named
    if isinstance(step, Accounting):
        return action.title.partition(":")[0].rpartition(" ")[2]
    if action.locks:
        return action.locks[-1].relation if len(action.locks) == 1 else None
    if action.mode is Mode.DDL:
        return None
    written = re.search(r"(?:INTO|UPDATE|DELETE FROM) public\.(\w+)", " ".join(action.statements))
    return written[1] if written else None
