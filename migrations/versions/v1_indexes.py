"""One of a kind: unique indexes on the tables of v0, now that what was there twice is repaired.

Why: a webhook delivered twice is one payment, a loan has one active plan, a party one default instrument.
Locks: none that readers or writers notice (CONCURRENTLY); ACCESS EXCLUSIVE for a moment to attach a unique constraint.
Back: they are dropped, concurrently.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import Step

revision = "v1_indexes"
down_revision = "v1_backfill"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)
BACKFILL = run.frozen(__file__, "v1_backfill")


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        # Once more: what v0 repeated if it worked for a while since then.
        *BACKFILL.steps("duplicates.sql"),
        *FROZEN.steps("uniques.sql"),
        *FROZEN.steps("indexes.sql"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
