"""What kinds of failure a migration knows, so that a caller can tell them apart; for plain ``alembic`` all of them are one sentence.

``FindingsError``: the database holds what the migration must not touch, and nothing was changed. ``ResumableError``: work has begun and
stopped; what was done stays. Every other ``CommandError`` is a wrong call, or a server or role that can't be used: nothing was changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from alembic.util import CommandError

if TYPE_CHECKING:
    from rently_db.migrate.preflight import Finding


class FindingsError(CommandError):
    """Something in the database forbids the migration; nothing was changed. The message lists it, ``findings`` holds rows and rules."""

    def __init__(self, message: str, findings: Iterable[Finding] = ()) -> None:
        super().__init__(message)
        self.findings = tuple(findings)


class ResumableError(CommandError):
    """The migration stopped on its way, or could not begin because another one works. The same command, run again, goes on."""
