"""Every block of language text is what something printed, a call that can be made, or an edit that is followed; here each is held to it.

What stands in the other languages is run or read by test_blocks.
"""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy import URL
from typer.testing import CliRunner

from docs import transcripts
from docs.operations import PAGE as OPERATIONS
from docs.runbook import PAGE as RUNBOOK
from docs.runbook import Entry
from rently_db.cli import app
from tests.docs.blocks import FOLLOWED, PAGES, Block, blocks
from tests.docs.shell import commands as typed
from tests.docs.test_blocks import _RUN_ELSEWHERE
from tests.support.how_to import steps
from tests.support.migrations import ROOT, plain, rows, run_sql

REFERENCE = ROOT / "docs" / "reference"
DRAWING = re.compile(r"<!-- drawing -->\n\n```text\n(.*?)^```", re.DOTALL | re.MULTILINE)
_PATH = re.compile(r"(?<![\w/.])(?:[\w*<>-]+/)+(?:[\w*<>.-]+)?|(?<![\w/.])\w+\.py\b")
_ALIASES = {
    "timestamptz": "timestamp with time zone",
    "timestamp": "timestamp without time zone",
    "int": "integer",
    "bool": "boolean",
    "char": "character",
}


def kind(block: Block, after: Block | None) -> str:
    """Which test holds the block; nothing if none does. ``after`` is the block that it stands right below, if it does."""
    if block.transcript:
        return "a transcript"
    if block.page in FOLLOWED:
        return "an edit"
    if block.page.parent == REFERENCE / "commands":
        return "a usage"
    if block.page.parent == REFERENCE / "functions":
        return "a signature"
    if block.text in DRAWING.findall(block.page.read_text(encoding="utf-8")):
        return "a drawing"
    python_is_run = block.page not in _RUN_ELSEWHERE or block.page.name == "services.md"
    return "printed" if after is not None and after.language == "python" and after.shown == block.text and python_is_run else ""


def texts() -> Iterator[tuple[Block, str]]:
    """Every block of text with its kind."""
    for page in PAGES:
        found = blocks(page)
        yield from ((block, kind(block, after)) for after, block in zip([None, *found], found, strict=False) if block.language == "text")


def of(wanted: str) -> list[Block]:
    """The blocks of a kind."""
    return [block for block, kind_ in texts() if kind_ == wanted]


def test_every_text_is_held_to_something() -> None:
    """A block of text that no test compares is the one that rots."""
    assert [str(block) for block, kind_ in texts() if not kind_] == []


def test_output_is_shown_by_pages_that_are_run() -> None:
    """What stands below a command was printed by it: only pages whose commands a test runs and compares may show it."""
    silent = [page for page in PAGES if page not in {RUNBOOK, OPERATIONS, *FOLLOWED}]
    consoles = [block for page in silent for block in blocks(page) if block.language == "console"]
    shown = [block for block in consoles if "$ " + "\n$ ".join(typed(block.text, prompt=True)) + "\n" != block.text]
    assert [str(block) for block in shown if "\\\n" not in block.text and "<<" not in block.text] == []


def differences(block: Block, printed: str) -> list[str]:
    """In what a run differs from the transcript, but for figures."""
    return Entry(block.transcript, printed).differences(Entry(block.transcript, block.text))


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """The demo, with its server in a folder of its own instead of the checkout's."""
    folder = tmp_path_factory.mktemp("demo")
    there = f"import pathlib, rently_db.server as s; s.project_dir = lambda: pathlib.Path({str(folder)!r})"
    yield (sys.executable, "-c", f"{there}\nfrom rently_db.cli import main; main()", "demo")
    shutil.rmtree((folder / ".rently" / "pg18").resolve())


def test_transcripts_of_the_demo_are_what_it_prints(demo: tuple[str, ...]) -> None:
    """README and docs/demo.md show what `make demo` prints: the same words, with figures of another run."""
    printed = {"demo": transcripts.demo(demo), "proven": transcripts.proven(demo)}
    compared = [block for block in of("a transcript") if block.transcript in printed]
    assert {block.transcript for block in compared} == set(printed)
    assert {str(block): found for block in compared if (found := differences(block, printed[block.transcript]))} == {}


def test_the_transcript_of_the_refusal_is_what_an_upgrade_prints() -> None:
    """The README's refused upgrade says what Alembic says on rows that no repair mends."""
    [block] = [block for block in of("a transcript") if block.transcript == "refused"]
    assert differences(block, transcripts.refused()) == []


def test_a_changed_word_in_a_transcript_is_found() -> None:
    """Another figure is no difference, another word is."""
    [block] = [block for block in of("a transcript") if block.transcript == "proven"]
    assert differences(block, block.text.replace("61,198", "7")) == []
    assert differences(block, block.text.replace("byte for byte", "more or less")) != []


def test_edits_say_where() -> None:
    """A text of a page that is followed is put into the file that the note above it names; one without a note would be passed over."""
    assert [f"{page.name}: {step.text}" for page in FOLLOWED for step in steps(page) if step.language == "text" and not step.note] == []


def test_a_drawing_names_what_is_there() -> None:
    """Files and folders in a drawing exist, in the checkout or where the code for the migration is."""
    drawings = of("a drawing")
    assert drawings
    for block in drawings:
        named = [re.sub(r"<\w+>", "*", path).rstrip("/:") for path in _PATH.findall(block.text)]
        assert len(named) > 3
        places = (ROOT, ROOT / "rently_db", ROOT / "rently_db" / "migrate")
        assert [path for path in named if not any(next(place.glob(path), None) for place in places)] == []


@pytest.mark.parametrize("block", of("a usage"), ids=lambda block: block.text.strip())
def test_a_usage_is_what_help_prints(block: Block, monkeypatch: pytest.MonkeyPatch) -> None:
    """How a command is called stands in the reference as the command itself says it."""
    monkeypatch.setenv("COLUMNS", "200")
    words = re.findall(r"[a-z0-9-]+", re.split(r" [^a-z]", block.text)[0])[1:]
    printed = CliRunner().invoke(app, [*words, "--help"], prog_name="rently-db").output
    usage = re.search(r"(?i)usage: (.*\S)", printed)
    assert usage, printed
    if block.text.strip().endswith(" ..."):
        assert usage[1].startswith(block.text.removesuffix(" ...\n"))
        return
    # Typer marks what must be given by braces and writes the names of arguments small.
    said = re.sub(r"\{(.*?)\}(?:\.\.\.)?(?=\s|$)", r"\1", usage[1]).split("[OPTIONS]")
    assert block.text.strip() == f"{said[0]}[OPTIONS]{said[1].upper()}".strip()


def _typed(text: str) -> str:
    """A signature with the types as PostgreSQL names them."""
    text = re.sub(r"\b(\w+)\b(?=\s*(?:\[\]|[,)]|$| DEFAULT))", lambda found: _ALIASES.get(found[1], found[1]), " ".join(text.split()))
    text = re.sub(r"TABLE ?\(", "TABLE(", text)
    return re.sub(r"::[\w ]+(?:\[\])?(?=[,)])", "", text).replace("SESSION_USER", "session_user")  # PostgreSQL casts a default


def test_a_signature_is_that_of_the_database(head_database: URL) -> None:
    """Names, types and defaults of a function's arguments, and what it returns, are those that a migrated database has."""
    connection = psycopg2.connect(plain(head_database))
    try:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT n.nspname || '.' || p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid)"
                " FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace WHERE n.nspname IN ('public', 'analytics', 'ops')"
            )
            there = {_typed(f"{name}({arguments}) returns {result}") for name, arguments, result in cursor.fetchall()}
    finally:
        connection.close()
    assert [str(block) for block in of("a signature") if _typed(block.text) not in there] == []


def test_the_sum_that_must_close_is_asked_for_truly(v1_book: URL) -> None:
    """The query that says whether an account adds up gives no row of a migrated database, and the table whose account does not."""
    [query] = [block.text for block in blocks(ROOT / "docs" / "migrations.md") if "rows_before + applications_in" in block.text]
    assert rows(v1_book, query) == []
    for column in ("rows_after", "digest_after"):
        run_sql(v1_book, f"UPDATE ops.account SET {column} = {column} + 1 WHERE table_name = 'fx_rate'")
        assert {name for (name,) in rows(v1_book, query)} == {"fx_rate"}
        run_sql(v1_book, f"UPDATE ops.account SET {column} = {column} - 1 WHERE table_name = 'fx_rate'")
