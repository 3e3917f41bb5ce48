"""What whoever asks for the sheet may say about how it is measured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import URL


@dataclass(frozen=True, slots=True)
class Options:
    """How to measure.

    ``backup`` is the backup that must be proven, ``verify_backup`` proves it now, ``backup_hours`` is how old it may be. ``scratch`` and
    ``roles`` are those of ``rently-db drift``. ``limit_seconds`` is how long the self-tests together, and each validation, may take.
    """

    backup: Path | None = None
    verify_backup: bool = False
    backup_hours: float = 24
    scratch: URL | None = None
    roles: tuple[str, ...] = ()
    limit_seconds: float = 900
