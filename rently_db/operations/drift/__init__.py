"""`rently-db drift`: what a live database has that its revision did not make, and what it lacks."""

from rently_db.operations.drift.compare import Difference
from rently_db.operations.drift.look import DriftReport, find_drift

__all__ = ["Difference", "DriftReport", "find_drift"]
