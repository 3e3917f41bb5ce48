"""What pages say besides their blocks is true, and they read the same in the checkout and on the site."""

import re
from pathlib import Path

import markdown
import pytest
from mkdocs.config import load_config

from docs import hooks
from rently_db.migrate.repairs_page import PAGE, page
from tests.docs.blocks import PAGES, headings, links, spans, tokens
from tests.support.migrations import ROOT, run_alembic

README = (ROOT / "README.md").read_text(encoding="utf-8")
each_page = pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))


def transcript(name: str) -> str:
    """The text of a transcript in the README."""
    found = re.search(rf"<!-- transcript: {name} -->\n\n```text\n(.*?)\n```", README, re.DOTALL)
    assert found, f"README.md has no transcript {name}; run make transcripts"
    return found[1]


def test_the_plan_in_the_readme_is_the_plan() -> None:
    """`alembic history` prints what the README shows."""
    assert transcript("history") == "$ alembic history\n" + "\n".join(
        line.rstrip() for line in run_alembic(None, "history").stdout.strip().splitlines()
    )


def test_the_refusal_in_the_readme_is_one_clear_message() -> None:
    """The README's refused upgrade names rows, rule and mend, and shows no traceback."""
    shown = transcript("refused")
    assert "payment_amount_positive" in shown
    assert "mapping" in shown
    assert "Nothing was changed" in shown
    assert "Traceback" not in shown


def test_the_demo_in_the_readme_ends_with_what_was_proven() -> None:
    """The README's demo proves at least eight things."""
    assert len(re.findall(r"^ *\d+\. ", transcript("proven"), re.MULTILINE)) >= 8


@each_page
def test_links_lead_somewhere(path: Path) -> None:
    """Every relative link of a page names a file that is there, and a heading that is in it."""
    there = [link.partition("#") for link in links(path) if not re.match(r"\w+:", link)]
    targets = [((path.parent / file if file else path), heading) for file, _, heading in there]
    assert [str(file) for file, _ in targets if not file.exists()] == []
    assert [(file.name, heading) for file, heading in targets if heading and file.suffix == ".md" and heading not in headings(file)] == []


@each_page
def test_settings_that_pages_name_are_read_by_the_code(path: Path) -> None:
    """Every RENTLY_ variable of a page is one that the code, or the benchmarks and tests, look at."""
    named = set(re.findall(r"RENTLY_[A-Z_]*[A-Z]", path.read_text(encoding="utf-8")))
    assert [name for name in named if f'"{name}"' not in CODE] == []


CODE = "\n".join(
    file.read_text(encoding="utf-8") for folder in ("rently_db", "benchmarks", "tests") for file in (ROOT / folder).rglob("*.py")
)


@pytest.mark.parametrize("path", [path for path in PAGES if path.parent.name != "how-to"], ids=lambda path: str(path.relative_to(ROOT)))
def test_files_that_pages_name_are_there(path: Path) -> None:
    """A test, a folder or a file that a page names by its path is where the page says; how-to pages name files that are yet to be made."""
    named = [span for span in spans(path) if re.fullmatch(r"(?:tests|docs|rently_db|migrations|benchmarks|requirements)/[\w./-]+", span)]
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_page_of_repairs_is_current() -> None:
    """docs/repairs.md lists exactly the declared repairs."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m rently_db.migrate.repairs_page"


@pytest.fixture(scope="module")
def site_markdown() -> markdown.Markdown:
    """What makes the site's pages of Markdown."""
    config = load_config(str(ROOT / "mkdocs.yml"))
    return markdown.Markdown(extensions=config.markdown_extensions, extension_configs=config.mdx_configs or {})


@each_page
def test_a_page_reads_the_same_on_the_site(path: Path, site_markdown: markdown.Markdown) -> None:
    """Python-Markdown wants an empty line before a list, and four spaces within: what GitHub shows as a list is one on the site, too."""
    shown = site_markdown.reset().convert(path.read_text(encoding="utf-8"))
    kinds = {"list_item_open": "<li", "tr_open": "<tr", "fence": "<pre", "heading_open": "<h[1-6]"}
    wanted = {tag: sum(token.type == kind for token in tokens(path)) for kind, tag in kinds.items()}
    assert {tag: len(re.findall(rf"{tag}\b", shown)) for tag in wanted} == wanted


@each_page
def test_no_word_is_taken_for_a_tag(path: Path) -> None:
    """`<name>` outside of code would vanish from the page: both GitHub and the site take it for HTML."""
    html = [
        child.content for token in tokens(path) for child in (token, *(token.children or ())) if child.type in ("html_inline", "html_block")
    ]
    assert [
        text for text in html if not text.startswith("<!--") and not re.match(r"</?(details|summary|br|sup|sub|kbd|a|img|div|p)\b", text)
    ] == []


def test_a_link_out_of_docs_leads_somewhere_on_the_site() -> None:
    """README, changes, sources and folders have their place on the site, and pages of docs keep theirs."""
    assert hooks.site_uri(ROOT / "docs" / "deploy.md") == "deploy.md"
    assert hooks.site_uri(ROOT / "README.md") == "readme.md"
    assert hooks.site_uri(ROOT / "CHANGELOG.md") == "project/changelog.md"
    assert hooks.site_uri(ROOT / "docs" / "views.py") == "source/docs/views.py.html"
    assert hooks.site_uri(ROOT / "rently_db" / "sql" / "grants") == "source/rently_db/sql/grants/index.html"
