"""Indexes on the tables of v0: one for every foreign key, and the unique ones that make one of a kind.

Why: foreign keys without an index make every delete and every join read whole tables; v0 has none but its keys.
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


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        *FROZEN.steps("uniques.sql"),
        *FROZEN.steps("indexes.sql"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
