"""The pages of docs/views say what is in the SQL, and show what a migrated database gives."""

import re
import shutil
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import URL

from docs.views import PAGES, Facts, demonstration, facts, index, page, pages, relations, said, shown
from rently_db.sql.catalog import load_catalogue
from rently_db.sql.depends import Graph

GRAPH = Graph.of(load_catalogue())
COMMAND = "run python -m docs.views"


def read(folder: Path = PAGES) -> dict[str, str]:
    """The pages as they are."""
    return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.md")}


def test_each_view_has_a_page_and_each_page_a_view():
    """Whoever meets a view of the dashboards finds its page, and no page outlives its view."""
    assert set(read()) == {f"{entity.name}.md" for entity in relations(GRAPH)} | {"index.md"}, COMMAND


def test_pages_say_what_the_files_say():
    """Definition, grain, key, owner, tier, columns and what depends on what are those of the SQL as it is now."""
    assert read() == pages(said()), COMMAND


def test_pages_name_a_type_for_every_column():
    """A page that was written without a database would show it."""
    assert [name for name, text in read().items() if re.search(r"^\| `\w+` \| \? \|", text, re.MULTILINE)] == [], COMMAND


def test_links_of_pages_lead_somewhere():
    """Upstream, downstream, the SQL file, the definitions: every link of a page names a file that is there."""
    broken = [
        (name, target)
        for name, text in read().items()
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", text)
        if not (PAGES / target).exists()
    ]
    assert broken == []


def test_the_database_is_as_the_pages_show_it(empty_database: URL):
    """A migration of the demonstration's book gives the types and the example rows of the pages: a developer may rely on them."""
    demonstration(empty_database)
    assert read() == pages(facts(empty_database, relations(GRAPH))), COMMAND


def test_a_change_of_a_header_makes_the_page_stale(tmp_path: Path):
    """Somebody who changes what a column means, adds one or changes the key must write the page anew."""
    entity = next(entity for entity in relations(GRAPH) if entity.name == "loan_state")
    shutil.copytree(PAGES, tmp_path, dirs_exist_ok=True)
    known = said(tmp_path)[entity.qualified]
    now = page(GRAPH, entity, known)
    for change in (
        {"columns": (*entity.header.columns, ("surprise", "Something new"))},
        {"columns": entity.header.columns[:-1]},
        {"description": "Something else"},
        {"key": ("loan_id", "as_of")},
        {"tier": "T3"},
    ):
        assert page(GRAPH, replace(entity, header=replace(entity.header, **change)), known) != now


def test_a_page_leads_up_and_down():
    """The page of a view links to what it reads and to what reads it."""
    by_name = {entity.name: entity for entity in relations(GRAPH)}
    text = page(GRAPH, by_name["loan_position"], Facts())
    uses, used = text.split("## Used by")
    assert "[loan_state](loan_state.md)" in uses
    assert "[risk_input](risk_input.md)" in used


def test_the_index_lists_dashboards_first():
    """A reader finds the portfolio before the machinery."""
    headings = re.findall(r"^## (.+)$", index(GRAPH), re.MULTILINE)
    assert headings[0] == "Loan portfolio overview"
    assert headings.index("Regulatory compliance") < headings.index("What the others stand on")


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "NULL"),
        (False, "false"),
        (Decimal("1234.50"), "1234.50"),
        (Decimal("1E+3"), "1000"),
        (date(2026, 6, 30), "2026-06-30"),
        (datetime(2026, 6, 30, 22, 30, tzinfo=UTC), "2026-06-30 22:30"),
        (datetime(2026, 11, 23, tzinfo=UTC), "(moment of the run)"),
        (UUID("00ba66cd-4b39-4d24-9234-c69e5e3b77d1"), "00ba66cd..."),
        (UUID("0199b7a6-5f1e-7cc3-98c4-dc0c0c07398f"), "(an id)"),
        (["a", UUID("00ba66cd-4b39-4d24-9234-c69e5e3b77d1")], '["a", "00ba66cd..."]'),
        ("a | b", "a \\| b"),
        ("x" * 60, f"{'x' * 45}..."),
    ],
)
def test_examples_are_the_same_in_every_run(value: object, text: str):
    """What a run makes up (ids, the moment) is left out of an example, so that a page changes only when a view does."""
    assert shown(value) == text
