"""A criterion of the go-live: what is asked, what was found, and the verdict."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

_SHOWN = 5
"""How many names a sentence lists; the command beside it shows all."""


class Verdict(StrEnum):
    """What a criterion came to. What could not be measured is not shown, and counts as little as what is not met."""

    MET = "met"
    NOT_MET = "not met"
    NOT_SHOWN = "not shown"


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found: the evidence as sentences, and the commands that mend it, or show what is not shown."""

    verdict: Verdict
    evidence: tuple[str, ...]
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A criterion before it is measured. ``asked`` is the sentence that must be true."""

    name: str
    title: str
    asked: str
    measure: Callable[[], Finding]


@dataclass(frozen=True, slots=True)
class Criterion:
    """A criterion that was measured at that moment."""

    criterion: str
    title: str
    asked: str
    verdict: Verdict
    evidence: tuple[str, ...]
    commands: tuple[str, ...]
    at: datetime
    seconds: float


@dataclass(frozen=True, slots=True)
class GoLive:
    """The criteria of one database, and how and by whom they were measured."""

    database: str
    server: str
    server_version: str
    revision: str | None
    role: str
    release: str
    began: datetime
    ended: datetime
    criteria: tuple[Criterion, ...]

    @property
    def met(self) -> bool:
        """Whether every criterion is met."""
        return all(one.verdict is Verdict.MET for one in self.criteria)

    def of(self, verdict: Verdict) -> tuple[Criterion, ...]:
        """The criteria that came to that."""
        return tuple(one for one in self.criteria if one.verdict is verdict)

    def as_json(self) -> dict[str, Any]:
        """The stable shape that ``--json`` prints."""
        return {
            **{name: getattr(self, name) for name in ("database", "server", "server_version", "revision", "role", "release")},
            "began": self.began.isoformat(),
            "ended": self.ended.isoformat(),
            "met": self.met,
            "criteria": [{**asdict(one), "at": one.at.isoformat()} for one in self.criteria],
        }


def judged(problems: Sequence[str], evidence: Iterable[str], *commands: str) -> Finding:
    """Met if there are no problems; they come first, then the evidence, and the commands only if something is to mend."""
    verdict = Verdict.NOT_MET if problems else Verdict.MET
    return Finding(verdict, (*problems, *evidence), commands if problems else ())


def listed(names: Sequence[str]) -> str:
    """Names as one text, the rest of a long list as a number."""
    more = len(names) - _SHOWN
    return ", ".join(names[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
