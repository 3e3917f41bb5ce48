"""Read the accounts of v0's tables, and carry out their actions one by one."""

from __future__ import annotations

from alembic.script import ScriptDirectory
from sqlalchemy import URL

from rently_db.database import make_engine
from rently_db.migrate.accounting import Account, read_accounts, report, unexplained
from rently_db.migrate.actions import Action
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.steps.accounting import Accounting
from tests.support.migrations import alembic_config, run_sql

TRACES = (
    "SELECT (SELECT count(*) FROM pg_trigger WHERE tgname LIKE 'tally%'), (SELECT count(*) FROM pg_proc WHERE proname LIKE 'tally%'),"
    " (SELECT count(*) FROM ops.tally)"
)
"""What is left of the counting: triggers, functions, lines."""


def accounts(url: URL) -> dict[str, Account]:
    """The latest account of each table of v0."""
    engine = make_engine(url)
    with engine.connect() as connection:
        found = {account.table: account for account in read_accounts(connection)}
    engine.dispose()
    assert found.keys() == BASELINE.keys()
    return found


def reported(url: URL) -> list[str]:
    """What a run prints at its end."""
    engine = make_engine(url)
    with engine.connect() as connection:
        lines = report(connection)
    engine.dispose()
    return lines


def differences(url: URL) -> list[str]:
    """What the accounts, all of which must be closed, do not explain."""
    found = [*accounts(url).values()]
    assert all(account.closed for account in found)
    sentences = unexplained(found)
    assert [account.table for account in found if not account.closes] == list(dict.fromkeys(s.partition(":")[0] for s in sentences))
    return sentences


def accounting(table: str) -> dict[str, Action]:
    """The actions of one table's account, by what they do."""
    script = ScriptDirectory.from_config(alembic_config(URL.create("postgresql")))
    [step] = [step for step in script.get_revision("v1_expand").module.steps() if isinstance(step, Accounting)]
    found = [action for action in (*step.up(), *step.down()) if action.title.startswith(f"account {table}:")]
    return {action.title.partition(": ")[2]: action for action in found}


def carry_out(url: URL, *actions: Action) -> None:
    """Run the statements of actions, each action in a transaction."""
    for action in actions:
        run_sql(url, ";\n".join(("BEGIN", *action.statements, "COMMIT")))
