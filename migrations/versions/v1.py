"""v1: money adds up, the ledger is append-only, changes are dated. The v1 application may start.

Why: rules that look at more than one row can't be CHECKs; they judge what is written from now on, never what v0 wrote before.
Locks: SHARE ROW EXCLUSIVE on one table at a time, to create a trigger.
Back: the triggers go. The v1 application must have stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.steps import Statement, Step
from rently_db.migrate.steps.accounting import Accounting

revision = "v1"
down_revision = "v1_validate"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)
FIRST = Frozen(FROZEN.folder.with_name("v1_expand"))
"""The revision that opened the accounts which this one closes."""


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        *run.entities(FROZEN, "functions"),
        *run.entities(FROZEN, "triggers"),
        Statement(
            "schema version",
            forth=(
                """
                INSERT INTO public.schema_version (version, description)
                VALUES ('v1', 'Rules, history, money guards; v0 applications keep working') ON CONFLICT DO NOTHING
                """,
            ),
            back=("DELETE FROM public.schema_version WHERE version = 'v1'",),
        ),
        # When nothing changes any more, and on the way back before anything does.
        Accounting.of(FIRST.steps("accounts.sql", "tallies.sql"), opens="down"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
