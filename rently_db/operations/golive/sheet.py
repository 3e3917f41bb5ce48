"""The sheet to sign, as Markdown: criteria with their evidence, and lines for the people who decide."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator

from rently_db.operations.golive.criterion import Criterion, GoLive, Verdict

_WIDTH = 79
SIGNERS = ("Technical lead", "DBA", "Risk", "Business")
_PEOPLE = (
    "the dashboards show what their owners expect, on figures that they know",
    "users have accepted it, and the processes of the business were walked through",
    "users are trained, and know whom to ask",
    "the way back was rehearsed (rently-db rehearse), and everybody knows who may decide on it",
)
"""What the guide asks of people and no database can show."""


def sheet(found: GoLive) -> str:
    """The whole sheet; no line of prose is longer than 79 characters."""
    return "\n".join(
        [*_head(found), *(line for number, one in enumerate(found.criteria, 1) for line in _section(number, one)), *_foot(found)]
    )


def conclusion(found: GoLive) -> str:
    """One sentence: how many are met, and which are not."""
    met = len(found.of(Verdict.MET))
    rest = [
        f"{verdict}: {', '.join(one.title.lower() for one in those)}"
        for verdict in (Verdict.NOT_MET, Verdict.NOT_SHOWN)
        if (those := found.of(verdict))
    ]
    verdict = "yes" if found.met else "NO"
    return f"{verdict}. {met} of {len(found.criteria)} criteria are met{'; ' if rest else ''}{'; '.join(rest)}."


def _head(found: GoLive) -> Iterator[str]:
    yield f"# Go-live of {found.database}"
    yield ""
    began, ended = f"{found.began:%Y-%m-%d %H:%M:%S}", f"{found.ended:%H:%M:%S}"
    logged = any(one.criterion == "validation" and one.verdict is not Verdict.NOT_SHOWN for one in found.criteria)
    yield from _wrapped(
        f"Measured from {began} to {ended} UTC by rently-db {found.release}, as role {found.role}, on {found.server}, PostgreSQL "
        f"{found.server_version}, at {found.revision or 'no revision'}. Nothing was changed"
        f"{'; the validation left its results in the log (ops.validation_run)' if logged else ''}."
    )
    yield ""
    yield from _wrapped(f"**Technically ready: {conclusion(found)}**")
    yield ""


def _section(number: int, one: Criterion) -> Iterator[str]:
    yield f"## {number}. {one.title}: {one.verdict}"
    yield ""
    yield from _wrapped(f"Asked: {one.asked}")
    yield ""
    for sentence in one.evidence:
        yield from _wrapped(f"- {sentence}", "  ")
    yield from _wrapped(f"- measured at {one.at:%H:%M:%S} UTC, in {one.seconds:.1f} s", "  ")
    yield ""
    if one.commands:
        yield "To mend it:" if one.verdict is Verdict.NOT_MET else "To show it:"
        yield ""
        for command in one.commands:
            yield f"    {command}"
        yield ""


def _foot(found: GoLive) -> Iterator[str]:
    yield "## What people confirm"
    yield ""
    for sentence in _PEOPLE:
        yield from _wrapped(f"- [ ] {sentence}", "  ")
    yield ""
    yield "## Decision"
    yield ""
    warned = "" if found.met else " A criterion that is not met or not shown is accepted by naming it here, with the reason and until when."
    yield from _wrapped(f"Go-live: [ ] yes  [ ] no  [ ] yes, with these exceptions:{warned}")
    yield ""
    yield "    " + "_" * 71
    yield ""
    for signer in SIGNERS:
        yield f"    {signer:16}name {'_' * 16} date {'_' * 10} signature {'_' * 12}"
        yield ""


def _wrapped(sentence: str, indent: str = "") -> list[str]:
    return textwrap.wrap(" ".join(sentence.split()), _WIDTH, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
