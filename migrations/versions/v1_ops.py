"""Operations: rules and validations, self-tests, alerts and metrics, the audit, and what each role may do. Tables of public get triggers.

Why: whoever runs the database sees what is wrong with the data before a report does, who changed it, and that nobody may more than he must.
Locks: SHARE ROW EXCLUSIVE on one table at a time, to create the triggers of the audit. Nothing else of public is locked.
Back: jobs of pg_cron are unscheduled, rights go back to what they were, then go triggers, views, functions and tables; results, incidents,
own alert rules, exemptions and the audit are set aside, and the next upgrade takes them back. Roles are the server's: they stay, without
rights in this database.
"""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate import revision as run
from rently_db.migrate.actions import do_block
from rently_db.migrate.steps import Statement, Step

revision = "v1_ops"
down_revision = "v1_analytics"
branch_labels = None
depends_on = None

FROZEN = run.frozen(__file__)
STATISTICS = """
FOR name IN
  SELECT e.stxname FROM pg_catalog.pg_statistic_ext AS e WHERE e.stxnamespace = 'ops'::regnamespace AND e.stxname LIKE 'st\\_%'
LOOP
  EXECUTE format('DROP STATISTICS ops.%I', name);
END LOOP;
"""
UNSCHEDULE = """
DO $$
BEGIN
    IF to_regprocedure('ops.unschedule_jobs(text[])') IS NOT NULL THEN
        PERFORM ops.unschedule_jobs();
    END IF;
END
$$
"""


def steps() -> Sequence[Step]:
    """What this revision deploys, in order."""
    return [
        Statement("statistics that optimize_analytics_performance() created", back=(do_block(STATISTICS, "  name text;"),)),
        *run.deployed(FROZEN),
        # The first step on the way down: what the jobs of pg_cron call is dropped.
        Statement("jobs of pg_cron", back=(UNSCHEDULE,)),
    ]


def upgrade() -> None:
    """Carry out the steps."""
    run.upgrade(revision, steps())


def downgrade() -> None:
    """Take them back."""
    run.downgrade(revision, steps())
