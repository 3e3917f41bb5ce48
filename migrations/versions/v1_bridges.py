"""Bridges: from here on, what v0 applications write is completed and repaired as it is written, and a loan's status records itself.

Why: ids of v0 are random, so rows land behind any cursor: first stop new dirt, then clean up.
Locks: SHARE ROW EXCLUSIVE on one table at a time, to create a trigger.
Back: triggers go first, then every repaired value that nobody changed since is given back.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import OnTheWayDown, Step

revision = "v1_bridges"
down_revision = "v1_expand"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        OnTheWayDown(tuple(FROZEN.steps("give_back.sql"))),
        *run.entities(FROZEN, "functions"),
        *run.entities(FROZEN, "triggers"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
