"""The deployment package says what is so: items name commands that exist and questions that can be asked, and numbers are counted."""

from __future__ import annotations

import itertools
import re
import shlex
from pathlib import Path

import pytest
from sqlalchemy import URL

from docs.v1_changes import PAGE as CHANGES
from docs.v1_changes import page
from rently_db.migrate.baseline import BASELINE
from rently_db.sql.catalog import load_catalogue
from tests.docs.blocks import blocks, headings
from tests.docs.shell import check, commands
from tests.support.migrations import ROOT, rows, run_sql

PACKAGE = ROOT / "docs" / "deployment"
CHECKLISTS = (PACKAGE / "checklists.md").read_text(encoding="utf-8")
ROLES = (PACKAGE / "roles.md").read_text(encoding="utf-8")
RUNBOOK = ROOT / "docs" / "deploy.md"
SPAN = re.compile(r"`([^`]+)`")
LINK = re.compile(r"\]\((?!https?:)([^)#]*)#?([^)]*)\)")
PROGRAMS = ("rently-db", "alembic", "make")

GUIDE = (
    "PostgreSQL 12 or newer, extensions, memory, storage, pooling",
    "backup strategy: complete and verified",
    "staging that mirrors production",
    "users, permissions, network, TLS",
    "monitoring tools",
    "applications fit the schema, connections, caches, dependent services",
    "environment prepared",
    "rehearsal of migration and rollback in staging, with the test suite",
    "validation before the migration",
    "migration with monitoring, and a decision to go on",
    "validation after the migration, integrity of data",
    "analytics views created and filled",
    "performance optimised and verified",
    "monitoring and schedules set up",
    "rollback within four hours",
    "rollback after four hours, by restore",
    "zero loss of data",
    "availability during the migration",
    "dashboards quick, fresh and accurate",
    "tables, indexes, constraints, triggers, views in force",
    "alerts active",
    "training and escalation",
    "sign-offs and go-live",
    "week 1: stability, issues written down",
    "weeks 2 to 4: refreshes, queries, monitoring, feedback",
    "months 1 to 3: what comes next, the end of the rollback period",
)
"""What a deployment guide asks of a deployment, step by step."""


def cells(line: str) -> list[str]:
    """The cells of a table's row."""
    return [cell.strip() for cell in line.strip().strip("|").split(" | ")]


ITEMS = {line[0]: line[1:] for line in map(cells, re.findall(r"^\| [A-Z]\d+ \|.*$", CHECKLISTS, re.MULTILINE))}
"""Number of an item -> the item, what settles it, what that must say, who does it."""


def settling(number: str) -> list[str]:
    """The commands that settle an item."""
    return [span for span in SPAN.findall(ITEMS[number][1]) if span.split()[0] in PROGRAMS]


def psql(command: str) -> list[str]:
    """The statements of ``rently-db psql -c "..." -c "..."``; none of another command."""
    words = shlex.split(command)
    return [word for option, word in itertools.pairwise(words) if option == "-c"] if words[:2] == ["rently-db", "psql"] else []


@pytest.mark.parametrize("number", ITEMS)
def test_an_item_names_what_settles_it(number: str):
    """Whoever ticks an item is one of the roles, and has a command that exists, or a page that is there, and an answer to compare with."""
    _, settled, answer, who = ITEMS[number]
    named = settling(number)
    links = LINK.findall(settled)
    assert named or links or "own" in settled, f"{number} says nothing that settles it"
    for command in named:
        check(command, set())
    for file, anchor in links:
        target = PACKAGE / file
        assert target.is_file(), f"{number}: {file}"
        assert not anchor or anchor in headings(target), f"{number}: {file}#{anchor}"
    assert answer
    assert re.search(rf"^\| {re.escape(who)}\b", ROLES, re.MULTILINE), f"{number}: who is {who}?"


def test_what_items_ask_of_the_database_can_be_asked(v1_book: URL):
    """Every statement of a checklist runs on a migrated database, and none of them changes a row of the business."""
    before = rows(v1_book, "SELECT count(*), max(changed_at) FROM ops.audit_log WHERE table_name NOT LIKE 'ops.%'")
    asked = [(number, statement) for number in ITEMS for command in settling(number) for statement in psql(command)]
    assert len(asked) > 15
    for number, statement in asked:
        assert rows(v1_book, statement) is not None, number
    assert rows(v1_book, "SELECT count(*), max(changed_at) FROM ops.audit_log WHERE table_name NOT LIKE 'ops.%'") == before


def test_every_step_of_a_deployment_guide_is_covered_by_items():
    """Nothing that a deployment guide asks is forgotten: each step stands in the table, with items that are in the lists."""
    table = CHECKLISTS.partition("## What a deployment guide asks")[2]
    asked = {
        step: re.findall(r"[A-Z]\d+", items) for step, items in map(cells, re.findall(r"^\| [^|]+ \| [A-Z]\d.*$", table, re.MULTILINE))
    }
    assert set(asked) == set(GUIDE)
    assert [(step, item) for step, items in asked.items() for item in items if item not in ITEMS] == []
    assert all(asked.values())


def test_every_command_of_the_runbook_is_in_a_list():
    """A command that the runbook has a deploy engineer run is settled by an item, so that nobody leaves it out."""
    shown = {
        re.sub(r"^(rently-db \w[\w-]*).*", r"\1", command)
        for block in blocks(RUNBOOK)
        if block.language == "console"
        for command in commands(block.text, prompt=True)
        if command.startswith("rently-db ")
    }
    listed = {re.sub(r"^(rently-db \w[\w-]*).*", r"\1", command) for number in ITEMS for command in settling(number)}
    assert shown
    assert shown <= listed


def test_every_severity_has_its_way_up():
    """Whoever holds an incident of any severity that an alert can have finds whom to call and when."""
    table = ROLES.partition("## Escalation")[2].partition("## Telling")[0]
    severities = {rule.alert for entity in load_catalogue() if (rule := entity.header.rule) is not None and rule.alert}
    assert severities
    assert severities <= set(re.findall(r"^\| (\w+) \| [^-]", table, re.MULTILINE))


def test_what_v1_changes_is_counted():
    """The tables of the page for engineers are those of the models as they are now."""
    text = CHANGES.read_text(encoding="utf-8")
    assert text == page(text), "run python -m docs.v1_changes"


def test_a_migrated_database_has_what_the_page_counts(head_database: URL):
    """New columns, CHECKs, foreign keys and triggers of v0's tables are in PostgreSQL's catalogue as often as the page says."""
    old = ", ".join(f"'public.{name}'::regclass" for name in BASELINE)
    former = sum(len(table.columns) for table in BASELINE.values())
    [(columns, checks, keys, triggers)] = rows(
        head_database,
        f"SELECT (SELECT count(*) FROM pg_attribute WHERE attrelid IN ({old}) AND attnum > 0 AND NOT attisdropped),"
        f" (SELECT count(*) FROM pg_constraint WHERE conrelid IN ({old}) AND contype = 'c'),"
        f" (SELECT count(*) FROM pg_constraint WHERE conrelid IN ({old}) AND contype = 'f'),"
        f" (SELECT count(*) FROM pg_trigger WHERE tgrelid IN ({old}) AND NOT tgisinternal)",
    )
    said = re.search(
        r"get (\d+) columns, \d+ NOT NULLs, (\d+) CHECKs, (\d+) foreign keys beside the (\d+) .* and (\d+) triggers", CHANGES.read_text()
    )
    assert said
    new, stated, added, known, fired = map(int, said.groups())
    assert (columns - former, checks, keys, triggers) == (new, stated, added + known, fired)


def test_figures_of_the_page_of_performance_are_those_of_the_benchmarks():
    """A number that is said to have been measured stands in the section of the benchmarks that it links to."""
    text = (PACKAGE / "performance.md").read_text(encoding="utf-8")
    table = text.partition("## What was measured\n")[2].partition("###")[0]
    stated = re.findall(r"^\| .* \| (.+) \| \[.*\]\(\.\./benchmarks\.md#(.+)\) \|$", table, re.MULTILINE)
    assert len(stated) > 10
    sections = _sections(ROOT / "docs" / "benchmarks.md")
    assert [(figure, anchor) for figure, anchor in stated if figure not in sections[anchor]] == []


def test_the_wait_that_the_readme_states_was_measured():
    """How long anybody waited, on the first page that a DBA reads, is the benchmark's figure at that size."""
    stated = re.search(
        r"docs/benchmarks\.md#([\w-]+)\): (\d+ ms) at most, at ([\d,]+ loans)", (ROOT / "README.md").read_text(encoding="utf-8")
    )
    assert stated
    section, wait, size = stated.groups()
    assert section == size.replace(",", "").replace(" ", "-")
    assert f"caused by the migration under 1000 ms | {wait} |" in _sections(ROOT / "docs" / "benchmarks.md")[section]


def _sections(path: Path) -> dict[str, str]:
    """Anchor of a heading -> the text down to the next one."""
    parts = re.split(r"^#+ (.+)$", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-"): body for head, body in zip(parts[1::2], parts[2::2], strict=True)}


def test_what_is_kept_for_so_many_days_is(v1_book: URL):
    """The days of retention that the page states are those that a migrated database has."""
    text = (PACKAGE / "data-strategy.md").read_text(encoding="utf-8")
    for setting in ("log_retention_days", "snapshot_days", "refresh_log_days"):
        assert f"90 days, setting `{setting}`" in text
    assert rows(v1_book, "SELECT value FROM ops.monitoring_config WHERE key = 'log_retention_days'") == [(90,)]
    assert rows(v1_book, "SELECT analytics.business_date('UTC') - analytics.oldest_daily_snapshot()") == [(90,)]
    assert rows(v1_book, "SELECT coalesce(analytics.setting_number('refresh_log_days'), 90)::integer") == [(90,)]


def test_exercises_of_the_training_work_one_after_the_other(v1_book: URL):
    """Whoever does the exercises from top to bottom finds each at work on what the former ones left: an alert is raised and taken up."""
    page = blocks(PACKAGE / "training.md")
    asked = [
        query for block in page if block.language == "console" for command in commands(block.text, prompt=True) for query in psql(command)
    ]
    assert len(asked) > 15
    run_sql(v1_book, *(query for query in asked if not query.startswith("CREATE DATABASE")))
    assert rows(
        v1_book, "SELECT acknowledged_by IS NOT NULL, resolved_at IS NOT NULL FROM ops.alert_history WHERE rule_name = 'exercise'"
    ) == [(True, True)]


PAGES = sorted(PACKAGE.glob("*.md"))


@pytest.mark.parametrize("path", PAGES, ids=lambda path: path.stem)
def test_a_page_is_short(path: Path):
    """A page is read in one sitting."""
    assert len(path.read_text(encoding="utf-8").splitlines()) < 200


def test_every_page_is_in_the_index():
    """Whoever begins at the index finds every page of the package."""
    index = (PACKAGE / "index.md").read_text(encoding="utf-8")
    assert [path.name for path in PAGES if path.name != "index.md" and f"]({path.name}" not in index] == []
