"""The legacy schema: its twenty tables, created where there are none, adopted after comparison where they are.

Why: production was never under migration control. From here on every change is a revision, and this one changes nothing that is there.
Locks: none on tables that exist.
Back: only a database that rently_db created, and that holds no rows, goes back to nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import Step

revision = "v0"
down_revision = None
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [run.Baseline()]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
