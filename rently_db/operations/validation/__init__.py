"""`rently-db validate`: the rules of the database, checked one by one, each with its own time."""

from rently_db.operations.validation.checks import Check, Outcome, validate
from rently_db.operations.validation.junit import junit

__all__ = ["Check", "Outcome", "junit", "validate"]
