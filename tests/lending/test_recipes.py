"""docs/how-to/services.md: every Python block runs in order as the application's role, and prints, or is told, what stands below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import URL

from tests.docs.blocks import Block, blocks
from tests.support.migrations import ROOT, plain, run_sql

PAGE = ROOT / "docs/how-to/services.md"
URL_SHOWN = "postgresql://loans_v1@db.example:5432/rently"
ROLE = "rently_test_service"
OURS = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


@pytest.fixture
def service_url(v1_book: URL) -> Iterator[URL]:
    """The book as a login sees it that is a member of rently_app and nothing else."""
    run_sql(
        v1_book,
        f"DO $$ BEGIN IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = '{ROLE}') THEN"
        f" CREATE ROLE {ROLE} LOGIN PASSWORD 'service'; END IF; END $$",
        f"GRANT rently_app TO {ROLE}",
    )
    yield v1_book.set(username=ROLE, password="service")
    run_sql(v1_book, f"REVOKE rently_app FROM {ROLE}", f"DROP ROLE {ROLE}")


def outcome(block: Block, names: dict[str, Any]) -> str:
    """What a block prints, without what differs in each run."""
    printed = StringIO()
    code = block.text.replace(URL_SHOWN, names["URL"])
    with redirect_stdout(printed):
        exec(compile("\n" * block.line + code, str(block.page), "exec"), names)
    return OURS.sub("...", printed.getvalue())


def test_every_recipe_does_what_the_page_shows(service_url: URL):
    """A developer who follows the page from top to bottom gets what it prints, errors included, with the rights of rently_app."""
    names: dict[str, Any] = {"URL": plain(service_url), "__name__": "recipes"}
    found = blocks(PAGE)
    try:
        for block, below in pairwise([*found, None]):
            if block is not None and block.language == "python":
                shown = below.text if below is not None and below.language == "text" else ""
                assert outcome(block, names) == shown, str(block)
    finally:
        names["engine"].dispose()
    assert sum(block.language == "python" for block in found) > 20
