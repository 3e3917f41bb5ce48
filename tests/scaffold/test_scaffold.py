"""`rently-db new`: what it writes is whole, and what it refuses it refuses before it writes anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from alembic.util import CommandError

from rently_db.operations.new_revision import new_revision
from rently_db.scaffold import Scaffold, new_rule, new_view
from rently_db.sql.catalog import LIVE, load_entity
from rently_db.sql.generated import write_generated
from rently_db.sql.parsed import check
from tests.support.migrations import ROOT

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.png")
"""Of a checkout, what no scaffold looks at. A dot begins .git, .venv and the caches."""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A checkout with nothing but the live SQL."""
    shutil.copytree(LIVE, tmp_path / "rently_db" / "sql", ignore=LEFT_OUT)
    return tmp_path


def files(home: Path) -> dict[Path, bytes]:
    """Every file of a checkout."""
    return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}


def make(home: Path, kind: str, name: str, folder: str) -> Scaffold:
    """`rently-db new` of that kind."""
    return new_view(home, name, folder) if kind == "view" else new_rule(home, name, folder)


@pytest.mark.parametrize(
    ("kind", "name", "folder", "written"),
    [
        ("view", "v_loans_by_region", "portfolio", ["rently_db/sql/views/portfolio/v_loans_by_region.sql", "test_v_loans_by_region.py"]),
        ("rule", "tidy_names", "data_quality", ["rently_db/sql/rules/data_quality/tidy_names.sql", "tests/ops/planted/tidy_names.sql"]),
        ("rule", "untidy_names", "monitoring", ["rently_db/sql/rules/monitoring/untidy_names.sql", "tests/ops/planted/untidy_names.sql"]),
    ],
)
def test_what_is_written_is_whole(home: Path, kind: str, name: str, folder: str, written: list[str]):
    """The header says all that it must, the SQL gives the columns that it describes, and everything generated is current."""
    before = set(files(home))
    made = make(home, kind, name, folder)
    assert all(path.as_posix().endswith(end) for path, end in zip(made.edit, written, strict=True))
    assert set(files(home)) - before == set(made.edit)
    check(load_entity(made.edit[0]))
    assert {path.relative_to(home).parts[:3] for path in made.generated} >= {("rently_db", "sql", "grants"), ("rently_db", "sql", "views")}
    assert write_generated(home / "rently_db" / "sql", check=True) == []


@pytest.mark.parametrize(
    ("kind", "name", "folder", "message"),
    [
        ("view", "V_Loans", "portfolio", "'V_Loans' is no name for a view: write lower-case words joined by _"),
        ("view", "v__loans", "portfolio", "is no name for a view"),
        ("view", "v_" + "x" * 49, "portfolio", "at most 50 characters"),
        ("view", "mv_loans", "portfolio", "begin with mv_ are those of materialized views"),
        ("view", "v_loan_balance", "risk", r"views/portfolio/v_loan_balance\.sql describes a view called v_loan_balance already"),
        ("view", "loan_state", "risk", r"tables/analytics/loan_state\.sql describes a table"),
        ("view", "v_loans", "portfolios", "there is no area 'portfolios'; did you mean portfolio"),
        ("view", "v_loans", "dashboards", r"not made by a scaffold: .*add-a-panel\.md"),
        ("rule", "rule_names", "data_quality", "leave rule_ out"),
        ("rule", "email_format", "integrity", r"rules/data_quality/email_format\.sql describes a rule"),
        ("rule", "names", "quality", "there is no type of rules 'quality'; .*known are analytics, business_rules"),
        ("rule", "names", "security", "rules of type security are self-tests"),
    ],
)
def test_a_name_that_will_not_do_is_refused(home: Path, kind: str, name: str, folder: str, message: str):
    """One sentence says what is wrong with a name or a folder, and nothing is written."""
    before = files(home)
    with pytest.raises(CommandError, match=message) as refused:
        make(home, kind, name, folder)
    assert "\n" not in str(refused.value)
    assert files(home) == before


def test_a_test_that_is_there_already_is_not_overwritten(home: Path):
    """Somebody's test of a view that was dropped is not lost to a new view of that name."""
    there = home / "tests" / "analytics" / "test_v_loans.py"
    there.parent.mkdir(parents=True)
    there.write_text("# mine\n", encoding="utf-8")
    before = files(home)
    with pytest.raises(CommandError, match=r"tests/analytics/test_v_loans\.py is there already"):
        new_view(home, "v_loans", "portfolio")
    assert files(home) == before


@pytest.mark.parametrize(
    ("name", "message"), [("V1 Region", "'V1 Region' is no revision id"), ("v1_ops", "there is a revision v1_ops already")]
)
def test_a_revision_id_that_will_not_do_is_refused(name: str, message: str):
    """A revision that is there, or an id that is none, is refused before a server is started."""
    with pytest.raises(CommandError, match=message):
        new_revision(name, "Something")


def test_a_new_view_and_a_new_rule_pass_the_suite(tmp_path: Path):
    """In a checkout, a view, a rule and the revision that deploys them are made by commands alone; the house's tests and theirs pass."""
    home = tmp_path / "checkout"
    shutil.copytree(ROOT, home, ignore=LEFT_OUT)
    environment = {**os.environ, "PYTHONPATH": str(home), "RENTLY_CACHE": str(tmp_path / "cache")}

    def run(*arguments: str) -> str:
        done = subprocess.run([sys.executable, *arguments], cwd=home, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    assert "rently-db freeze v1_loans_by_currency" in run("-m", "rently_db", "new", "view", "v_loans_by_currency", "--area", "portfolio")
    assert "tests/ops/planted/tidy_names.sql" in run("-m", "rently_db", "new", "rule", "tidy_names", "--type", "data_quality")
    frozen = run("-m", "rently_db", "freeze", "v1_loans_by_currency")
    assert "new        views/portfolio/v_loans_by_currency.sql" in frozen
    assert "new        rules/data_quality/tidy_names.sql" in frozen
    revision = home / "migrations" / "versions" / "v1_loans_by_currency.py"
    text = revision.read_text(encoding="utf-8")
    revision.write_text(text.replace("Why: ...", "Why: treasury asks for it every month."), encoding="utf-8")
    run("-m", "ruff", "check", "tests", "rently_db", "migrations")
    run("-m", "ruff", "format", "--check", "tests", "rently_db", "migrations")
    run("-m", "sqlfluff", "lint", "--disable-progress-bar", *(str(path) for path in (home / "rently_db").rglob("*") if path.stem in NEW))
    passed = run(
        *("-m", "pytest", "-q", "-p", "no:cacheprovider"),
        "tests/analytics/test_v_loans_by_currency.py",
        "tests/analytics/test_oracle_coverage.py::test_every_view_has_figures_or_a_reason[v_loans_by_currency]",
        "tests/ops/test_rules.py::test_a_planted_defect_fires_its_rule_alone[tidy_names]",
        "tests/ops/test_rules.py::test_the_catalogue_has_the_rules_that_other_software_names",
        "tests/ops/test_access.py::test_the_committed_files_are_what_the_tables_render",
        "tests/test_docs_rules.py::test_pages_say_what_the_headers_say",
        *("tests/sql/test_catalog.py", "tests/migrate/test_frozen.py"),
    )
    assert "failed" not in passed


NEW = ("v_loans_by_currency", "tidy_names")
