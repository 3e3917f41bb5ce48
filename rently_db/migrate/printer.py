"""Write actions as a script for psql: the same SQL, without retries."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, Batch, Mode, do_block, literal
from rently_db.migrate.budget import Budget
from rently_db.migrate.runner import LOWEST
from rently_db.migrate.turn import LOCK_KEY

_SLICE = 2_000
"""How many entries of the journal one transaction of a loop takes back."""


def script_head(budget: Budget) -> str:
    """What stands at the top of a script."""
    return (
        "-- Run with: psql --no-psqlrc --set ON_ERROR_STOP=1 --file THIS_FILE\n"
        "-- The same statements as the online run, but the script checks nothing first and tries nothing again: an online run says what\n"
        '-- it would stop at. On "canceling statement due to lock timeout" take a quieter moment. Where the script failed, an online\n'
        "-- alembic upgrade or downgrade goes on. Statements outside BEGIN/COMMIT (concurrent indexes, batches) must stay outside.\n"
        "\\set ON_ERROR_STOP 1\n"
        "SET TimeZone = 'UTC';\n"
        "SET statement_timeout = 0;\n"
        "SET client_min_messages = warning;\n"
        f"DO $do$ BEGIN IF NOT pg_try_advisory_lock({LOCK_KEY}) THEN\n"
        "  RAISE EXCEPTION 'another deployment is working on this database';\nEND IF; END $do$;\n"
        f"-- lock budget: {budget.lock_seconds} s\n"
    )


def as_script(revision: str, direction: str, actions: list[Action], budget: Budget) -> str:
    """The actions, printed. Steps that are done already are not left out: the script is for one whole run.

    Each step is recorded as the online run records it: where a script failed, ``alembic upgrade`` or ``downgrade`` goes on.
    """
    opposite = "down" if direction == "up" else "up"
    other = f"ops.migration_step WHERE revision = {literal(revision)} AND direction = '{opposite}'"
    # What never ended is not undone: the next run must see it.
    undo = f"UPDATE {other.replace(' WHERE', f' SET state = {_UNDONE}, position = NULL WHERE')};\n"
    steps = (_print(action, _Record(revision, direction, action), budget) for action in actions)
    return "\n".join([undo, *steps, f"DELETE FROM {other};\n"])


_UNDONE = "CASE state WHEN 'running' THEN state ELSE 'undone' END"


@dataclass(frozen=True, slots=True)
class _Record:
    """The statement that records an action in a state."""

    revision: str
    direction: str
    action: Action

    def __call__(self, state: str = "done") -> str:
        finished = "clock_timestamp()" if state == "done" else "NULL"
        values = ", ".join(literal(word) for word in (self.revision, self.direction, self.action.title, self.action.mode, state))
        return (
            f"INSERT INTO ops.migration_step (revision, direction, step, mode, state, tries, finished_at) VALUES ({values}, 1, {finished}) "
            "ON CONFLICT (revision, direction, step) DO UPDATE SET state = excluded.state, finished_at = excluded.finished_at"
        )


def _print(action: Action, record: _Record, budget: Budget) -> str:
    title = f"-- {action.title}"
    if action.batch is not None:
        return f"{title}\n{_batches(action, action.batch, record, budget)};\n"
    if action.mode is Mode.CONCURRENT:
        return "\n".join(
            [
                title,
                "SET lock_timeout = 0;",
                *(f"{sql};" for sql in action.statements),
                f"{record()};",
                "RESET lock_timeout;",
                "",
            ]
        )
    if action.mode is Mode.LOOP:
        return f"{title}\n{_slices(action, record, budget)};\n"
    timeout = "0" if action.mode is Mode.VALIDATE else budget.lock_timeout(action.lock_shares)
    silent = ["SET LOCAL rently.origin = 'migration';"] if action.mode is Mode.DATA else []
    silent += ["SET LOCAL rently.bridge = 'off';"] if action.silent_bridges else []
    silent += ["SET LOCAL rently.tally = 'off';"] if action.derives else []
    return "\n".join(
        [
            title,
            "BEGIN;",
            f"SET LOCAL lock_timeout = '{timeout}';",
            *silent,
            *(f"{sql};" for sql in action.statements),
            f"{record()};",
            "COMMIT;",
            "",
        ]
    )


def _settings(action: Action, budget: Budget) -> str:
    """What every transaction of a block sets for itself."""
    settings = [("lock_timeout", budget.lock_timeout()), ("rently.origin", "migration")]
    settings += [("rently.bridge", "off")] if action.silent_bridges else []
    settings += [("rently.tally", "off")] if action.derives else []
    settings += [(name, "off") for name in action.planner]
    return "".join(f"  PERFORM set_config('{name}', '{value}', true);\n" for name, value in settings)


def _slices(action: Action, record: _Record, budget: Budget) -> str:
    """A loop with a COMMIT a slice, until a slice finds nothing to do."""
    (statement,) = action.statements
    body = (
        f"{record('running')};\nLOOP\n{_settings(action, budget)}  {statement.replace(':slice', str(_SLICE))};\n"
        f"  GET DIAGNOSTICS touched = ROW_COUNT;\n  COMMIT;\n  EXIT WHEN touched = 0;\nEND LOOP;\n{record()};"
    )
    return do_block(body, "  touched bigint;")


def _batches(action: Action, batch: Batch, record: _Record, budget: Budget) -> str:
    """A loop with a COMMIT a batch, so that no lock outlives it."""
    body = (
        f"{record('running')};\nLOOP\n{_settings(action, budget)}"
        f"  SELECT k.id INTO high FROM ({batch.keys(action.title)}) AS k WHERE k.id > low ORDER BY k.id OFFSET {batch.size - 1} LIMIT 1;\n"
        "  last := NOT FOUND;\n"
        "  IF last THEN high := 'ffffffff-ffff-ffff-ffff-ffffffffffff'; END IF;\n"
        f"  {batch.over('low', 'high', first=True)};\n"
        "  COMMIT;\n"
        "  EXIT WHEN last;\n"
        "  low := high;\n"
        f"END LOOP;\n{record()};"
    )
    return do_block(body, f"  low uuid := '{LOWEST}';\n  high uuid;\n  last boolean;")
