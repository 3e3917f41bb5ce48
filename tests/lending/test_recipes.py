"""docs/how-to/services.md: every Python block runs in order as the application's role, and prints, or is told, what stands below it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from typing import Any

import pytest
from sqlalchemy import URL

from tests.support.migrations import ROOT, plain, run_sql

PAGE = (ROOT / "docs/how-to/services.md").read_text(encoding="utf-8")
BLOCK = re.compile(r"```python\n(?P<code>.*?)```(?:\n\n```text\n(?P<shown>.*?)```)?", re.DOTALL)
URL_SHOWN = "postgresql://loans_v1@db.example:5432/rently"
ROLE = "rently_test_service"
OURS = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


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


def outcome(code: str, names: dict[str, Any]) -> str:
    """What a block prints, and the last line of its traceback if it ends by an error; what differs in each run is left out."""
    printed, line = StringIO(), PAGE[: PAGE.index(code)].count("\n")
    with redirect_stdout(printed):
        try:
            exec(compile("\n" * line + code.replace(URL_SHOWN, names["URL"]), "services.md", "exec"), names)
        except Exception as error:  # noqa: BLE001  # the page shows it
            first, *_ = str(error).splitlines()
            print(f"{type(error).__name__}: {first}")
    return OURS.sub(lambda found: "0x..." if found[0].startswith("0x") else "...", printed.getvalue())


def test_every_recipe_does_what_the_page_shows(service_url: URL):
    """A developer who follows the page from top to bottom gets what it prints, errors included, with the rights of rently_app."""
    names: dict[str, Any] = {"URL": plain(service_url), "__name__": "recipes"}
    blocks = list(BLOCK.finditer(PAGE))
    try:
        for block in blocks:
            assert outcome(block["code"], names) == (block["shown"] or "")
    finally:
        names["engine"].dispose()
    assert len(blocks) > 20
    assert PAGE.count("```text") == sum(block["shown"] is not None for block in blocks)
