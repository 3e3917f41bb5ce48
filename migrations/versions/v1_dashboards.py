"""Dashboards: their big figures with targets, and a view for each chart that no view of the analytics has the shape for.

Why: what a dashboard shows is a view, reviewed and tested like any other; no SQL stands in the dashboards' tool.
Locks: none on tables of public. Views of the catalogue are replaced: ACCESS EXCLUSIVE on them, for a moment.
Back: what is new goes, what was changed is again what it was; targets that somebody changed stay with analytics_setting and its versions.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import Statement, Step

revision = "v1_dashboards"
down_revision = "v1_ops"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        *run.deployed(FROZEN),
        # A new function is everybody's until somebody says otherwise.
        Statement("rights on what is new", ("SELECT ops.apply_access()",)),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
