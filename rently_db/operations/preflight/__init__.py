"""`rently-db preflight`: what would stop the migration, what it will repair, and how the database was before it."""

from rently_db.operations.preflight.baseline import take_baseline
from rently_db.operations.preflight.report import Report, check

__all__ = ["Report", "check", "take_baseline"]
