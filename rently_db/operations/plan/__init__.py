"""``rently-db plan``: what a migration will do, before it does anything."""

from rently_db.operations.plan.model import MigrationPlan, RevisionPlan, Rows, Source, Span, StepPlan, StepState, Totals
from rently_db.operations.plan.planner import make_plan

__all__ = ["MigrationPlan", "RevisionPlan", "Rows", "Source", "Span", "StepPlan", "StepState", "Totals", "make_plan"]
