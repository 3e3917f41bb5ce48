"""Demand what v1 promises: CHECKs, NOT NULL, foreign keys with their rules; and say in the database what everything means.

Why: from here on a wrong row is refused, whoever writes it.
Locks: ACCESS EXCLUSIVE for a moment to add a rule unvalidated; the reading of the table happens under SHARE UPDATE EXCLUSIVE.
Back: the rules go; v0's own foreign keys, comments, hand-made defaults and NOT NULLs come back as they were.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import KeyNames, Step

revision = "v1_validate"
down_revision = "v1_indexes"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)
BACKFILL = run.frozen(__file__, "v1_backfill")


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        # Once more: what v0 deleted if it worked for a while since then.
        *BACKFILL.steps("orphans.sql"),
        *FROZEN.steps("checks.sql", "not_null.sql"),
        KeyNames(),
        *FROZEN.steps("foreign_keys.sql"),
        *FROZEN.steps("comments.sql"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
