"""Write actions as a script for psql: the same SQL, without retries."""

from __future__ import annotations

from rently_db.migrate.actions import Action, Batch, Mode, do_block
from rently_db.migrate.runner import LOWEST, Budget


def script_head(budget: Budget) -> str:
    """What stands at the top of a script."""
    return (
        "-- Run with: psql --no-psqlrc --set ON_ERROR_STOP=1 --file THIS_FILE\n"
        '-- The same statements as the online run, but nothing is tried again by itself: on "canceling statement due to lock timeout"\n'
        "-- take a quieter moment. Statements outside BEGIN/COMMIT (concurrent indexes, batches) must stay outside.\n"
        "\\set ON_ERROR_STOP 1\n"
        "SET TimeZone = 'UTC';\n"
        "SET statement_timeout = 0;\n"
        "SET client_min_messages = warning;\n"
        f"-- lock budget: {budget.lock_seconds} s\n"
    )


def as_script(actions: list[Action], budget: Budget) -> str:
    """The actions, printed. Steps that are done already are not left out: the script is for one whole run."""
    return "\n".join(_print(action, budget) for action in actions)


def _print(action: Action, budget: Budget) -> str:
    title = f"-- {action.title}"
    if action.batch is not None:
        return f"{title}\n{_batches(action, action.batch)};\n"
    if action.mode is Mode.CONCURRENT:
        return "\n".join([title, "SET lock_timeout = 0;", *(f"{sql};" for sql in action.statements), ""])
    timeout = "0" if action.mode is Mode.VALIDATE else budget.lock_timeout
    silent = ["SET LOCAL rently.origin = 'migration';"] if action.mode is Mode.DATA else []
    silent += ["SET LOCAL rently.bridge = 'off';"] if action.silent_bridges else []
    return "\n".join(
        [title, "BEGIN;", f"SET LOCAL lock_timeout = '{timeout}';", *silent, *(f"{sql};" for sql in action.statements), "COMMIT;", ""]
    )


def _batches(action: Action, batch: Batch) -> str:
    """A loop with a COMMIT a batch, so that no lock outlives it."""
    statement = batch.statement.replace(":low", "low").replace(":high", "high")
    silent = "  PERFORM set_config('rently.origin', 'migration', true);\n"
    silent += "  PERFORM set_config('rently.bridge', 'off', true);\n" if action.silent_bridges else ""
    body = (
        "LOOP\n"
        f"  SELECT id INTO high FROM public.{batch.table} WHERE id > low ORDER BY id OFFSET {batch.size - 1} LIMIT 1;\n"
        "  last := NOT FOUND;\n"
        "  IF last THEN high := 'ffffffff-ffff-ffff-ffff-ffffffffffff'; END IF;\n"
        f"{silent}"
        f"  {statement};\n"
        "  COMMIT;\n"
        "  EXIT WHEN last;\n"
        "  low := high;\n"
        "END LOOP;"
    )
    return do_block(body, f"  low uuid := '{LOWEST}';\n  high uuid;\n  last boolean;")
