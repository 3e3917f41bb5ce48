"""What must be done again and again so that figures stay right: ``rently-db run-due``."""

from __future__ import annotations

from rently_db.operations.due.loop import Loop, Options
from rently_db.operations.due.work import Done

__all__ = ["Done", "Loop", "Options"]
