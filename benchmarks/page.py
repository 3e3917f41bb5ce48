"""What the benchmarks write into docs/benchmarks.md: tables, between marks of their own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence


def markdown(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """The lines of a table, and an empty one after it."""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for row in rows:
        yield f"| {' | '.join(row)} |"
    yield ""


def replaced(text: str, begin: str, end: str, lines: Iterable[str]) -> str:
    """``text`` of docs/benchmarks.md with these lines between its marks; without lines it says that no result is kept.

    Raises:
        ValueError: the marks are missing.
    """
    head, first, rest = text.partition(begin)
    _, last, tail = rest.partition(end)
    if not (first and last):
        raise ValueError(f"docs/benchmarks.md needs the lines {begin!r} and {end!r}")
    body = "\n".join(lines)
    return f"{head}{first}\n\n{body or _NONE}\n{last}{tail}"


_NONE = "No result is kept yet.\n"
