"""Fill and repair what is there, in batches.

What an earlier v1 knew comes back, declared repairs are made and journalled, what v0's rows prove of v1's columns is derived.

Why: v1's rules can only be demanded of rows that keep them.
Locks: rows of one batch at a time.
Back: values that v0 does not know are mapped to ones it does; their originals wait in the journal. (Repairs are given back once the
bridges are gone, in v1_bridges.)
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import OnTheWayDown, Step

revision = "v1_backfill"
down_revision = "v1_bridges"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        OnTheWayDown(tuple(FROZEN.steps("map_down.sql"))),
        *FROZEN.steps("quarantine.sql"),
        *FROZEN.steps("restore.sql"),
        *FROZEN.steps("orphans.sql"),
        *FROZEN.steps("repairs.sql"),
        *FROZEN.steps("duplicates.sql"),
        *FROZEN.steps("set_repairs.sql"),
        *FROZEN.steps("derivations.sql"),
        *FROZEN.steps("status_history.sql"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
