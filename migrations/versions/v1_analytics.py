"""Analytics: live state of each loan, month-ends, and the views over them, in a schema of their own. Of public, payment gets an index.

Why: a figure has one definition, in one view, for every dashboard; and what the day's figures need is kept up to date, not computed anew.
Locks: SHARE ROW EXCLUSIVE on one table at a time, to create the trigger that notes which loans changed; the index is built concurrently.
Nothing else of public is locked.
Back: triggers go first, then views, functions and tables; month-ends that no later computation would give again are set aside, and the
next upgrade takes them back. Schema analytics goes with its last object.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import Schema, Step

revision = "v1_analytics"
down_revision = "v1"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        Schema("analytics", "Figures of the lending book, each defined once: live state of loans, snapshots of days, and views over them"),
        # In the order of the MANIFEST: seeds, tables, functions (with the views they need), triggers, the statements of fill.sql, and all
        # other views. What is written while rows are filled is noted by the triggers already. On the way down triggers go first.
        *run.deployed(FROZEN),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
