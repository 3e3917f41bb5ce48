"""The same changes without any precaution: what a database administrator would run at night, with the applications stopped.

The input is the migration's own list of actions, so that both runs make the same changes. Each revision is one transaction. Constraints
are added valid, NOT NULL is set directly, indexes are built the short way, and what the migration does in batches is one statement.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass

from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg2 import Error
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its classes in lower case)
from psycopg2.extensions import cursor as PgCursor  # noqa: N812

from benchmarks.command import BenchmarkError
from benchmarks.places import ROOT
from rently_db.migrate.actions import Action, Mode
from rently_db.migrate.revision import down_actions, up_actions
from rently_db.migrate.runner import HIGHEST, LOWEST
from rently_db.migrate.steps import Step
from rently_db.migrate.steps.accounting import Accounting

_FILLED = re.compile(r"(?:DROP CONSTRAINT IF EXISTS \w+_filled,\s*)?ADD CONSTRAINT \w+_filled CHECK \((\S+) IS NOT NULL\) NOT VALID")
# Not the pattern of a regexp_replace, which looks for the words at the end of a definition.
_NOT_VALID = re.compile(r" NOT VALID(?!\$)")
_CONCURRENTLY = re.compile(r"\A(\s*(?:CREATE (?:UNIQUE )?INDEX|DROP INDEX)) CONCURRENTLY\b")
_VALIDATION = re.compile(r"\A\s*ALTER TABLE \S+\s+VALIDATE CONSTRAINT \w+(?:,\s*VALIDATE CONSTRAINT \w+)*\s*\Z")
_ALL = "2147483647"


class OfflineError(BenchmarkError):
    """An action can't be turned into plain SQL, or the plain SQL failed. The message is one sentence."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An action as plain SQL. ``repeat`` says that the statements run until they touch no row; ``settings`` hold while they do."""

    title: str
    statements: tuple[str, ...]
    settings: tuple[tuple[str, str], ...] = ()
    repeat: bool = False
    done: str | None = None


def plain(action: Action) -> Plain | None:
    """The action without precautions; None if nothing is left of it (a validation, where the constraint was added valid).

    Raises:
        OfflineError: the action is of a kind, or holds a statement, that this module doesn't know.
    """
    if action.mode is Mode.VALIDATE and not _fills_views(action):
        if strange := [sql for sql in action.statements if not _VALIDATION.match(sql)]:
            raise OfflineError(f"{action.title}: an action of the mode validate holds {strange[0]!r}, which validates nothing")
        return None
    # The triggers ask for these; one transaction holds many actions, so each sets all of them.
    settings = (
        ("rently.origin", "migration" if action.mode in (Mode.DATA, Mode.LOOP, Mode.BATCH) else ""),
        ("rently.bridge", "off" if action.silent_bridges else ""),
        ("rently.tally", "off" if action.derives else ""),
    )
    return Plain(action.title, _statements(action), settings, repeat=action.mode is Mode.LOOP, done=action.done)


def _fills_views(action: Action) -> bool:
    """Whether it fills changed views: that validates nothing, it only reads as long as a validation does."""
    return bool(action.statements) and "pg_temp.rently_gather()" in action.statements[-1]


def _statements(action: Action) -> tuple[str, ...]:
    if action.mode is Mode.BATCH:
        if action.batch is None or action.statements:
            raise OfflineError(f"{action.title}: an action of the mode batch holds a batch and nothing else")
        return (action.batch.over(f"'{LOWEST}'", f"'{HIGHEST}'", first=True),)
    if action.batch is not None:
        raise OfflineError(f"{action.title}: an action of the mode {action.mode} holds a batch")
    if action.mode is Mode.CONCURRENT:
        changed = [_CONCURRENTLY.subn(r"\1", sql) for sql in action.statements]
        if not all(count for _, count in changed):
            raise OfflineError(f"{action.title}: an action of the mode concurrent neither builds nor drops an index concurrently")
        return tuple(sql for sql, _ in changed)
    if action.mode is Mode.LOOP:
        return tuple(sql.replace(":slice", _ALL) for sql in action.statements)
    if action.mode is Mode.DATA or _fills_views(action):
        return action.statements
    if action.mode is Mode.DDL:
        return tuple(_valid_at_once(sql) for sql in action.statements)
    raise OfflineError(f"{action.title}: how is the mode {action.mode} done offline? benchmarks/live_migration/offline.py must say")


def _valid_at_once(sql: str) -> str:
    if "ADD CONSTRAINT" not in sql:
        return sql
    return _NOT_VALID.sub("", _FILLED.sub(r"ALTER COLUMN \1 SET NOT NULL", sql))


def revisions(direction: str) -> list[tuple[str, list[Action]]]:
    """Every revision after v0 with its actions, in the order of an upgrade (``up``) or a downgrade to v0 (``down``)."""
    script = ScriptDirectory.from_config(Config(str(ROOT / "alembic.ini")))
    newest_first = [revision for revision in script.walk_revisions() if revision.revision != "v0"]
    way, ordered = (down_actions, newest_first) if direction == "down" else (up_actions, newest_first[::-1])
    return [(revision.revision, way(_changes(revision.module.steps()))) for revision in ordered]


def _changes(steps: Sequence[Step]) -> list[Step]:
    """The steps without the accounts, which prove a change and are none: their cost is one of the live run's precautions."""
    return [step for step in steps if not isinstance(step, Accounting)]


def run(connection: PgConnection, direction: str) -> dict[str, float]:
    """Go from v0 to head (``up``) or back (``down``); gives the seconds of each revision, each one transaction.

    The connection is in autocommit, and the database at the other end of the way.

    Raises:
        OfflineError: see :func:`plain`; or a statement failed, and its revision was rolled back.
    """
    # All of it is turned into SQL before any of it runs: an unknown kind must not be found after an hour.
    work = [(name, [made for action in actions if (made := plain(action))]) for name, actions in revisions(direction)]
    took = {}
    with connection.cursor() as cursor:
        for name, actions in work:
            begun = time.perf_counter()
            cursor.execute("BEGIN")
            for action in actions:
                try:
                    _run(cursor, action)
                except Error as error:
                    cursor.execute("ROLLBACK")
                    raise OfflineError(f"{name} ({direction}), {action.title}: {str(error).strip()}") from error
            cursor.execute("COMMIT")
            took[name] = round(time.perf_counter() - begun, 3)
        cursor.execute("SELECT conname FROM pg_catalog.pg_constraint WHERE NOT convalidated ORDER BY 1")
        if unproven := [str(row[0]) for row in cursor.fetchall()]:
            raise OfflineError(f"after the way {direction} constraints are not valid: {', '.join(unproven)}")
    return took


def _run(cursor: PgCursor, action: Plain) -> None:
    if action.done is not None:
        cursor.execute(action.done)
        [(done,)] = cursor.fetchall()
        if done:
            return
    for name, value in action.settings:
        cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
    while True:
        touched = 0
        for statement in action.statements:
            cursor.execute(statement)
            touched += max(cursor.rowcount, 0)
        if not (action.repeat and touched):
            return
