"""Pages of Markdown, taken apart by the parser that GitHub's rules are the standard of (CommonMark)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markdown_it import MarkdownIt
from markdown_it.token import Token

from tests.support.migrations import ROOT

PAGES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "docs").rglob("*.md"))]
"""Every page of the checkout."""
FOLLOWED = {*(ROOT / "docs" / "how-to").glob("add-a*.md")}
"""Pages that test_how_to follows to the letter, in a checkout and on a database of its own."""
_NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.*?) -->", re.DOTALL)
_TRANSCRIPT = re.compile(r"<!-- transcript: (?P<name>.*?) -->")


@dataclass(frozen=True, slots=True)
class Block:
    """A fenced block: where it stands, its language, its text, and what the comment right above it says."""

    page: Path
    line: int
    language: str
    text: str
    not_run: str = ""
    transcript: str = ""
    shown: str | None = None
    """The text right below: what the block prints."""

    def __str__(self) -> str:
        """Page and line, as an editor opens them."""
        return f"{self.page.relative_to(ROOT)}:{self.line}"


@cache
def tokens(page: Path) -> list[Token]:
    """What the page consists of."""
    return MarkdownIt("commonmark").enable("table").parse(page.read_text(encoding="utf-8"))


@cache
def blocks(page: Path) -> list[Block]:
    """The fenced blocks of a page."""
    found, above = [], ""
    for token, below in zip(tokens(page), [*tokens(page)[1:], None], strict=True):
        if token.type == "fence":
            not_run, transcript = _NOT_RUN.search(above), _TRANSCRIPT.search(above)
            found.append(
                Block(
                    page,
                    (token.map or [0])[0] + 1,
                    token.info.split()[0] if token.info else "",
                    token.content,
                    " ".join(not_run["reason"].split()) if not_run else "",
                    transcript["name"] if transcript else "",
                    below.content if below is not None and below.type == "fence" and below.info == "text" else None,
                )
            )
        above = token.content if token.type == "html_block" else ""
    return found


def every(*languages: str) -> list[Block]:
    """The blocks of all pages in one of the languages that are to be run or checked, but for pages that are followed as a whole."""
    return [block for page in PAGES if page not in FOLLOWED for block in blocks(page) if block.language in languages and not block.not_run]


def spans(page: Path) -> list[str]:
    """The code within the sentences of a page."""
    return [child.content for token in tokens(page) for child in token.children or () if child.type == "code_inline"]


def headings(page: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found, seen = set(), dict[str, int]()
    inline = [after for token, after in zip(tokens(page), tokens(page)[1:], strict=False) if token.type == "heading_open"]
    for token in inline:
        text = "".join(child.content for child in token.children or () if child.type in ("text", "code_inline"))
        anchor = re.sub(r"[^\w -]", "", text.lower()).replace(" ", "-")
        seen[anchor] = seen.get(anchor, -1) + 1
        found.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
    return found


def links(page: Path) -> list[str]:
    """Where the links and pictures of a page lead."""
    children = (child for token in tokens(page) for child in token.children or ())
    return [str(child.attrs.get("href") or child.attrs.get("src")) for child in children if child.type in ("link_open", "image")]
