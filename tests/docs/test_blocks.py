"""Every fenced block of every page is run, or checked by what would read it."""

from __future__ import annotations

import configparser
import contextlib
import csv
import io
import itertools
import json
import re
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg2
import pytest
import yaml
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)
from sqlalchemy import URL

from docs.operations import PAGE as OPERATIONS
from docs.runbook import PAGE as RUNBOOK
from docs.transcripts import TRANSCRIPTS
from rently_db.testing.databases import Databases
from tests.docs.blocks import PAGES, Block, blocks, every, spans
from tests.docs.shell import Wrong, check, commands, parts
from tests.support.migrations import ROOT, plain

_URL = re.compile(r"postgres(?:ql)?(?:\+psycopg2?)?://[^\s\"'`]+")
_RUN_ELSEWHERE = {
    RUNBOOK: "tests/test_runbook.py",
    OPERATIONS: "tests/test_docs_operations.py",
    ROOT / "docs" / "on-call.md": "tests/test_docs_rules.py",
    ROOT / "docs" / "how-to" / "services.md": "tests/lending/test_recipes.py",
    ROOT / "docs" / "how-to" / "testing.md": "tests/testing/test_page.py",
}
"""Pages whose commands or examples are run, in their order, as somebody with fewer rights, by a test of their own."""
_MADE_UP = re.compile(r"0x[0-9a-f]+|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_PARAMETER = re.compile(r"%\((\w+)\)s")
_SELFTESTS = "ops.run_all_tests()"


def _json(text: str) -> None:
    for line in [text] if text.lstrip().startswith(("{\n", "[")) else text.splitlines():
        json.loads(line)


def _csv(text: str) -> None:
    heading, *rows = csv.reader(io.StringIO(text), strict=True)
    assert {len(row) for row in rows} <= {len(heading)}, "a row has more or fewer values than the first one"


READERS: dict[str, Callable[[str], object]] = {
    "toml": tomllib.loads,
    "ini": configparser.ConfigParser(interpolation=None).read_string,
    "yaml": lambda text: list(yaml.safe_load_all(text)),
    "json": _json,
    "csv": _csv,
}
"""Language -> what refuses a text that is none."""
LANGUAGES = {"python", "sql", "console", "bash", "text", "mermaid", *READERS}
"""Diagrams are drawn by test_site.py; text is what something printed, or a signature."""


def test_every_block_says_what_it_is() -> None:
    """A block of a language that nobody checks would be the one that rots."""
    assert [
        f"{block}: {block.language or 'no language'}" for page in PAGES for block in blocks(page) if block.language not in LANGUAGES
    ] == []


def test_what_is_not_run_says_why() -> None:
    """An exception is rare and has a reason; this lists them."""
    exceptions = [block for page in PAGES for block in blocks(page) if block.not_run]
    print(f"{len(exceptions)} blocks are not run:", *(f"{block}: {block.not_run}" for block in exceptions), sep="\n")
    assert [str(block) for block in exceptions if len(block.not_run.split()) < 4] == []
    assert len(exceptions) <= len(every("python", "sql", "console", "bash", *READERS)) // 20


def test_what_is_run_elsewhere_is() -> None:
    """A page that is left out here has a test that names it."""
    said = {page: (ROOT / test).read_text(encoding="utf-8") for page, test in _RUN_ELSEWHERE.items()}
    assert [
        page.name for page, text in said.items() if not re.search(rf"{page.stem}\.md|{page.stem.replace('-', '_').upper()}|PAGE", text)
    ] == []


@pytest.mark.parametrize(
    "page", sorted({block.page for block in every("python")} - _RUN_ELSEWHERE.keys()), ids=lambda page: str(page.relative_to(ROOT))
)
def test_python_of_a_page_runs(page: Path, v1_book: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A developer who copies the examples of a page, one after the other, gets what stands below them, on a migrated book of loans."""
    monkeypatch.setenv("RENTLY_DATABASE_URL", plain(v1_book))
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "__page__"}
    for block in every("python"):
        if block.page == page:
            printed = _outcome(block, _URL.sub(plain(v1_book), block.text), names)
            assert block.shown is None or _MADE_UP.sub("...", printed) == _MADE_UP.sub("...", block.shown), block


def _outcome(block: Block, code: str, names: dict[str, object]) -> str:
    """What the example prints; an error that the page shows is part of it."""
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        try:
            exec(compile("\n" * block.line + code, str(block.page), "exec"), names)
        except Exception as problem:
            if f"{type(problem).__name__}: " not in (block.shown or ""):
                raise
            print(f"{type(problem).__name__}: {str(problem).splitlines()[0]}")
    return printed.getvalue()


def test_the_example_of_the_readme_prints_ten_loans(v1_book: URL, capsys: pytest.CaptureFixture[str]) -> None:
    """A developer who copies the models example from the README sees ten active loans."""
    (example,) = [block for block in every("python") if block.page == ROOT / "README.md"]
    exec(compile(_URL.sub(plain(v1_book), example.text), "README.md", "exec"), {})
    assert len(capsys.readouterr().out.splitlines()) == 10


@pytest.fixture(scope="module")
def book(databases: Databases, v1_book_template: str) -> Iterator[PgConnection]:
    """A session on the book at head, in which the self-tests have been run once: half a hundred pages ask for one of them."""
    with databases.database(template=v1_book_template) as url:
        connection = psycopg2.connect(plain(url))
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE tested AS SELECT * FROM {_SELFTESTS}")
        connection.commit()
        yield connection
        connection.close()


def _run_sql(connection: PgConnection, sql: str) -> None:
    """Run statements and take them back. What is deployed already is put in its place again; what an application fills in is prepared."""
    sql = re.sub(r"^CREATE (?=VIEW|FUNCTION)", "CREATE OR REPLACE ", sql.replace(_SELFTESTS, "tested"), flags=re.MULTILINE)
    try:
        with connection.cursor() as cursor:
            for number, statement in enumerate(re.split(r";\s*$", sql, flags=re.MULTILINE) if _PARAMETER.search(sql) else [sql]):
                names = list(dict.fromkeys(_PARAMETER.findall(statement)))
                numbered = _PARAMETER.sub(lambda found, names=names: f"${names.index(found[1]) + 1}", statement)
                cursor.execute(f"PREPARE shown_{number} AS {numbered}" if names else numbered or "SELECT")
    finally:
        connection.rollback()
        with connection.cursor() as cursor:
            cursor.execute("DEALLOCATE ALL")


def test_sql_of_the_pages_runs(book: PgConnection) -> None:
    """Every query and definition that a page shows is one that a migrated database takes."""
    found = {}
    for block in every("sql"):
        try:
            _run_sql(book, block.text)
        except psycopg2.Error as problem:
            found[str(block)] = str(problem)
    assert not found, _listed(found)


def test_queries_of_commands_run(book: PgConnection) -> None:
    """Every query that a page gives to psql -c is one that a migrated database takes."""
    found, asked = {}, 0
    for block in every("console", "bash"):
        for words in (words for command in _commands(block) for words in parts(command)) if block.page not in _RUN_ELSEWHERE else ():
            if words[0].endswith("psql") or words[:2] == ["rently-db", "psql"]:
                for query in (value for option, value in itertools.pairwise(words) if option in ("-c", "--command")):
                    asked += 1
                    try:
                        _run_sql(book, query)
                    except psycopg2.Error as problem:
                        found[f"{block}: {query}"] = str(problem)
    assert not found, _listed(found)


def _listed(found: dict[str, str]) -> str:
    return "\n".join(f"{where}: {problem}" for where, problem in found.items())


def _commands(block: Block) -> Iterator[str]:
    return commands(block.text, prompt=block.language == "console")


@pytest.mark.parametrize("page", sorted({block.page for block in every("console", "bash")}), ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_of_a_page_can_be_typed(page: Path) -> None:
    """Nobody is told to type a command, an option, a revision, a target or a file that does not exist."""
    found: dict[str, str] = {}
    written: set[str] = set()
    for block in every("console", "bash"):
        for command in _commands(block) if block.page == page else ():
            try:
                check(command, written)
            except Wrong as problem:
                found[f"{block}: {command}"] = str(problem)
    assert not found, _listed(found)


def test_a_console_block_has_a_command() -> None:
    """What only shows output is text; a console block that forgot its prompts would not be checked at all."""
    assert [str(block) for block in every("console") if not list(_commands(block))] == []


@pytest.mark.parametrize("language", READERS)
def test_files_that_pages_show_can_be_read(language: str) -> None:
    """Configuration that somebody copies from a page is taken by what reads it."""
    found = {}
    for block in every(language):
        try:
            READERS[language](block.text)
        except Exception as problem:  # noqa: BLE001 (each reader has errors of its own; all are listed)
            found[str(block)] = str(problem)
    assert not found, _listed(found)


def test_alerts_that_a_page_shows_watch_what_exporters_show() -> None:
    """Whoever copies the alerts for Prometheus watches metrics that exist, with values of labels that the database gives."""
    [rules] = [yaml.safe_load(block.text) for block in every("yaml") if "groups:" in block.text]
    watched = "\n".join(rule["expr"] for group in rules["groups"] for rule in group["rules"])
    collectors = [yaml.safe_load(path.read_text(encoding="utf-8")) for path in (ROOT / "rently_db" / "prometheus").glob("*.collector.yml")]
    shown = {metric["metric_name"] for collector in collectors for metric in collector["metrics"]}
    metrics = set(re.findall(r"\brently_\w+", watched))
    assert len(metrics) > 2
    assert metrics <= shown
    health = (ROOT / "rently_db/sql/functions/monitoring/get_system_health_overview.sql").read_text(encoding="utf-8")
    assert [value for value in re.findall(r'="([^"]+)"', watched) if f"'{value}'" not in health] == []


def test_every_transcript_is_written_by_a_run() -> None:
    """What stands in a transcript was printed by a command, and make transcripts prints it anew."""
    named = {block.transcript for page in PAGES for block in blocks(page) if block.transcript}
    assert named == set(TRANSCRIPTS)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_commands_named_in_passing_exist(page: Path) -> None:
    """A command within a sentence is one that rently-db, alembic or the Makefile has, with the options that it has."""
    found = {}
    for span in spans(page):
        if re.match(r"(?:rently-db|alembic|make) [a-z]", span):
            one = re.sub(r"\b(\w+)(?:\|\w+)+", r"\1", re.sub(r"\.\.\.$|…$", "", span))  # of several words that are offered
            for words in parts(one):
                if problem := _named_wrongly(words):
                    found[span] = problem
    assert not found, _listed(found)


def _named_wrongly(words: list[str]) -> str:
    """Why a command that is only named does not exist. It may leave out what a command needs."""
    try:
        check(" ".join(map(_quoted, words)), set())
    except Wrong as problem:
        if not re.search(
            r"Missing (argument|option|parameter)|requires an argument|the following arguments are required|No such file", str(problem)
        ):
            return str(problem)
    return ""


def _quoted(word: str) -> str:
    return f"'{word}'" if re.search(r"[\s;&|<>]", word) else word


@pytest.mark.parametrize(
    ("command", "problem"),
    [
        ("rently-db migrate --untill v1", "No such option"),
        ("rently-db frobnicate", "No such command"),
        ("rently-db synth v0 --loans many", "valid integer"),
        ("RENTLY_LOCK_BUDGET=0.2 rently-db migrate && rently-db baseline compre before.json", "No such command"),
        ("alembic upgrade v9", "v9"),
        ("alembic -x quarantine=1 upgrade head", "-x quarantine is not known"),
        ("alembic upgrade", "required: revision"),
        ("make tset", "no target tset"),
        ("make test PGVERSION=12", "no variable PGVERSION"),
        ("python -m rently_db.nothing", "no module rently_db.nothing"),
        ("psql -X -f gone.sql", "no such file"),
        ("pip install 'rently-db[everything]'", "no extra everything"),
        ("frobnicate --now", "nobody checks frobnicate"),
    ],
)
def test_a_command_that_does_not_exist_is_found(command: str, problem: str) -> None:
    """A page with a misspelt command, option, revision, target, file or extra fails here and not under the reader's hands."""
    with pytest.raises(Wrong, match=re.escape(problem)):
        check(command, set())
