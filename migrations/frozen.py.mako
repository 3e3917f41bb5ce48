"""What it brings, in a sentence.

Why: ...
Locks: SHARE ROW EXCLUSIVE on one table at a time, to create a trigger; ACCESS EXCLUSIVE on views of ours, to replace one.
Back: what is new goes, what was changed is again what it was.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import Step

revision = ${'"%s"' % up_revision}
down_revision = ${'"%s"' % down_revision if down_revision else None}
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        *run.deployed(FROZEN),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
