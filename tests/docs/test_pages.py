"""What pages say besides their blocks is true, and they read the same in the checkout and on the site."""

import re
from collections import Counter
from pathlib import Path

import markdown
import pytest
from mkdocs.config import load_config

from docs import hooks
from rently_db.cli.exit_codes import ExitCode
from rently_db.dashboards import DASHBOARDS
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.repairs_page import PAGE, page
from rently_db.migrate.roles import ROLES
from rently_db.packaged import revisions
from rently_db.sql.catalog import load_catalogue
from tests.analytics.test_refresh import KEPT_WITHOUT_PREFIX
from tests.docs.blocks import PAGES, headings, links, spans, tokens
from tests.support.migrations import ROOT, run_alembic

README = (ROOT / "README.md").read_text(encoding="utf-8")
_WORDS = {8: "eight", 9: "nine", 11: "eleven"}
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


def test_what_the_readme_counts_is_counted() -> None:
    """Numbers of tables, views, rules, dashboards and roles, on the first page that anybody reads, are those of the code."""
    tags = Counter(tag for entity in load_catalogue() if entity.header.rule for tag in entity.header.rule.tags)
    said = f"{tags['validation']} validations, {tags['selftest']} self-tests and {_WORDS[tags['alert']]} alerts"
    assert said in README
    assert f"[{_WORDS[len(DASHBOARDS)]} dashboards]" in README
    assert f"{_WORDS[len(ROLES)].capitalize()} roles, none of which can log in" in README
    assert [role for role in ROLES if f"`{role}`" not in README] == []
    assert f"years: {len(BASELINE)} tables" in README


@pytest.mark.parametrize("page", ["README.md", "CHANGELOG.md", "docs/deployment/index.md"])
def test_views_for_people_are_counted(page: str) -> None:
    """Those of analytics that begin with v_, and the three that had a name before there were any."""
    views = [entity.name for entity in load_catalogue() if entity.kind == "view" and entity.schema == "analytics"]
    readable = [name for name in views if name.startswith("v_") or name in KEPT_WITHOUT_PREFIX]
    assert set(re.findall(r"(\d+) views\b", (ROOT / page).read_text(encoding="utf-8"))) == {str(len(readable))}


def test_every_revision_is_explained() -> None:
    """A DBA finds what each revision does, and its way back, in the order in which they run."""
    table = (ROOT / "docs" / "migrations.md").read_text(encoding="utf-8").partition("## The revisions")[2].partition("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| .+ \| .+ \|$", table, re.MULTILINE) == list(revisions())


def test_every_exit_code_is_in_the_runbook() -> None:
    """Whoever writes a script around the commands finds each code and what to do."""
    table = (
        (ROOT / "docs" / "deploy.md").read_text(encoding="utf-8").partition("Exit codes of `rently-db`:")[2].partition("\n\n`alembic`")[0]
    )
    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == [str(int(code)) for code in sorted(ExitCode)]


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
