"""What a shell may complete besides commands and options: names that stand in files, so that pressing a key costs no connection."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path


def revisions(incomplete: str) -> list[str]:
    """Revisions, newest first, and head."""
    from rently_db.packaged import revisions as known

    return _beginning(("head", *reversed(known())), incomplete)


def rules(incomplete: str) -> list[str]:
    """Names of rules."""
    return _beginning(_stems("rules"), incomplete)


def entities(incomplete: str) -> list[str]:
    """Names of what the versioned SQL holds, rules aside."""
    return _beginning(_stems("tables", "functions", "views", "matviews"), incomplete)


def areas(incomplete: str) -> list[str]:
    """Folders of the versioned SQL."""
    root = _root()
    return _beginning(
        sorted({folder.name for kind in root.iterdir() if kind.is_dir() for folder in kind.iterdir() if folder.is_dir()}), incomplete
    )


def kinds(incomplete: str) -> list[str]:
    """Kinds of what the versioned SQL holds."""
    return _beginning(("table", "function", "trigger", "view", "matview", "seed"), incomplete)


def tiers(incomplete: str) -> list[str]:
    """Tiers of views."""
    return _beginning(("T0", "T1", "T2", "T3"), incomplete)


def _root() -> Path:
    return Path(__file__).parents[1] / "sql"


def _stems(*kinds: str) -> list[str]:
    return sorted({path.stem for kind in kinds for path in (_root() / kind).glob("*/*.sql")})


def _beginning(names: Iterable[str], incomplete: str) -> list[str]:
    return [name for name in names if name.startswith(incomplete)]
