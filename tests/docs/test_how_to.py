"""Whoever follows a page of docs/how-to to the letter gets what it promises, and touches the files that it lists and no other."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.support.how_to import Checkout, follow, touched
from tests.support.migrations import ROOT, rows

PAGES = {path.stem: path for path in (ROOT / "docs" / "how-to").glob("add-a*.md")}


@pytest.mark.parametrize("page", sorted(PAGES))
def test_following_the_page_gives_what_it_promises(page: str, tmp_path: Path, v1_book: URL):
    """Its commands work one after the other and print what it shows, up, down and up again; git lists exactly the files that it lists."""
    copy = Checkout(tmp_path / "checkout")
    [(before,)] = rows(v1_book, "SELECT version_num FROM ops.alembic_version")
    follow(PAGES[page], copy, v1_book)
    assert copy.status() == touched(PAGES[page])
    [(after, script)] = rows(v1_book, "SELECT version_num, ops.emergency_rollback_script() FROM ops.alembic_version")
    assert (after == before) == (page == "add-a-panel"), "a page that deploys something ends at its new revision"
    assert after in script, "whoever has psql alone can't get back from the new revision"
