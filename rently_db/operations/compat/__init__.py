"""`rently-db compat`: whether the applications' statements would still work at each revision."""

from rently_db.operations.compat.check import CompatReport, Finding, Kind, check
from rently_db.operations.compat.statements import Statement, read_file, read_statements

__all__ = ["CompatReport", "Finding", "Kind", "Statement", "check", "read_file", "read_statements"]
