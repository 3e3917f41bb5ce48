"""What the documents say is true: commands exist, links lead somewhere, examples run, generated pages are current."""

import re
from pathlib import Path

import pytest
from sqlalchemy import URL

from rently_db.migrate.repairs_page import PAGE, page
from tests.support.migrations import ROOT, plain, run_alembic

README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = [ROOT / "README.md", ROOT / "CHANGELOG.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCED = re.compile(r"^```.*?^```$", re.DOTALL | re.MULTILINE)


def transcript(name: str) -> str:
    """The text of a transcript in the README."""
    found = re.search(rf"<!-- transcript: {name} -->\n\n```text\n(.*?)\n```", README, re.DOTALL)
    assert found, f"README.md has no transcript {name}; run make transcripts"
    return found[1]


def test_the_readme_example_runs_on_a_migrated_database(v1_book: URL, capsys: pytest.CaptureFixture[str]):
    """A developer who copies the models example from the README sees ten active loans."""
    (example,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(compile(example.replace("postgresql://app@localhost/rently", plain(v1_book)), "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 10


def test_the_plan_in_the_readme_is_the_plan():
    """`alembic history` prints what the README shows."""
    assert transcript("history") == "$ alembic history\n" + "\n".join(
        line.rstrip() for line in run_alembic(None, "history").stdout.strip().splitlines()
    )


def test_the_refusal_in_the_readme_is_one_clear_message():
    """The README's refused upgrade names rows, rule and mend, and shows no traceback."""
    shown = transcript("refused")
    assert "payment_amount_positive" in shown
    assert "mapping" in shown
    assert "Nothing was changed" in shown
    assert "Traceback" not in shown


def test_the_demo_in_the_readme_ends_with_what_was_proven():
    """The README's demo proves at least eight things."""
    assert len(re.findall(r"^ *\d+\. ", transcript("demo"), re.MULTILINE)) >= 8


def test_every_make_target_named_in_the_documents_exists():
    """Nobody is told to run a target that make does not know."""
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    named = {target for path in PAGES for target in re.findall(r"\bmake ([a-z]+(?:-[a-z]+)*)", _code(path))}
    assert named
    assert named <= targets


def _code(path: Path) -> str:
    return "\n".join(" ".join(match) for match in re.findall(r"`([^`\n]+)`|^\$ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path):
    """Every relative link of a page names a file that is there, and a heading that is in it."""
    links = re.findall(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)", path.read_text(encoding="utf-8"))
    targets = [((path.parent / file if file else path), heading) for file, heading in links]
    assert [file for file, _ in targets if not file.exists()] == []
    assert [(file.name, heading) for file, heading in targets if heading and heading not in headings(file)] == []


def headings(path: Path) -> set[str]:
    """The anchors of a page, as GitHub makes them."""
    found = re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in found}


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.name)
def test_settings_that_pages_name_are_read_by_the_code(path: Path):
    """Every RENTLY_ variable of a page is one that the code, or the benchmarks and tests, look at."""
    folders = ("rently_db", "benchmarks", "tests")
    code = "\n".join(file.read_text(encoding="utf-8") for folder in folders for file in (ROOT / folder).rglob("*.py"))
    assert [name for name in set(re.findall(r"RENTLY_[A-Z_]+", path.read_text(encoding="utf-8"))) if f'"{name}"' not in code] == []


def test_the_page_of_repairs_is_current():
    """docs/repairs.md lists exactly the declared repairs."""
    assert PAGE.read_text(encoding="utf-8") == page(), "run python -m rently_db.migrate.repairs_page"
