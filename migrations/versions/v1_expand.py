"""Make room: v1's own tables, v1's columns on the tables of v0, empty for old rows, and indexes. Nothing is required yet.

Why: both applications must find their columns before anything is filled or demanded.
Locks: ACCESS EXCLUSIVE on one table at a time, for a change of the catalogue, at most the lock budget; indexes concurrently.
Back: what v1's columns know and nobody could derive again goes to the journal; v1's tables are set aside whole; extensions that came
with v1 go.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.steps import Extension, OnTheWayDown, Step
from rently_db.migrate.steps.accounting import Accounting

revision = "v1_expand"
down_revision = "v0"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        *FROZEN.steps("remember_v0.sql"),
        Extension("btree_gist"),
        Extension("pgcrypto", below=130000),
        # Before anything changes, and on the way back when nothing changes any more.
        Accounting.of(FROZEN.steps("accounts.sql", "tallies.sql"), opens="up"),
        *run.entities(FROZEN, "functions"),
        *FROZEN.steps("tables.sql"),
        *FROZEN.steps("columns.sql"),
        # Before any row is filled, and until the last is kept: v0 has no index to find a loan's rows by.
        *FROZEN.steps("lookup_indexes.sql"),
        OnTheWayDown(tuple(FROZEN.steps("keep.sql"))),
        *FROZEN.steps("defaults.sql"),
        *FROZEN.steps("exclusions.sql"),
        *FROZEN.steps("indexes.sql"),
        *FROZEN.steps("seeds.sql"),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
