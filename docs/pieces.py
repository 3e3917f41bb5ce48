"""Pieces of Markdown that the generated pages are made of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence


def cell(text: str) -> str:
    """Text in a table: on one line, and nothing in it is taken for a column or a tag."""
    return re.sub(r"<(?=[A-Za-z/!])", "&lt;", " ".join(text.split()).replace("|", "\\|"))


def code(text: str) -> str:
    """Code in a table; a bar in it would end the column, however it is quoted."""
    return f"`{' '.join(text.split())}`".replace("|", "\\|")


def table(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A table, with an empty line before it."""
    yield from ("", f"| {' | '.join(heading)} |", f"|{'---|' * len(heading)}")
    yield from (f"| {' | '.join(row)} |" for row in rows)


def sentence(text: str) -> str:
    """Text that ends as a sentence."""
    return text if text.endswith((".", ":")) else f"{text}."
