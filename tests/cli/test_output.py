"""What every command prints on one way from v0 to head and back: for people it fits 80 columns, for scripts it keeps its keys."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import URL

from rently_db.operations.drift import reference
from rently_db.testing.databases import Databases
from tests.cli import shapes
from tests.support.books import write_v0_book
from tests.support.commands import rently_db
from tests.support.migrations import plain, run_sql
from tests.support.terminal import ESCAPE, on_terminal, plainly

STATEMENTS = "SELECT id, status FROM loan WHERE id = $1;\nINSERT INTO loan VALUES ($1, $2);\nSELECT no_such_column FROM party;\n"
COPIED = re.compile(
    r" +(->|FILE:|mend:|at|rently-db|alembic|psql|SELECT|UPDATE|DELETE|INSERT|ALTER|CREATE|DROP|GRANT|REVOKE|COMMENT|REINDEX|SET) .+"
)
"""A line that is a command to copy: it is never broken, however long it is."""


class Journey:
    """Runs commands on a terminal of 80 columns, or with --json, and keeps what they print."""

    def __init__(self, server: URL) -> None:
        self.server = plain(server)
        self.people: dict[str, list[str]] = {}
        self.scripts: dict[str, list[Any]] = {}

    def on(self, url: URL | None, *arguments: str, codes: tuple[int, ...] = (0,), name: str = "") -> None:
        """On a terminal."""
        said = on_terminal(url, *arguments, stderr_too=False)
        assert said.code in codes, said.text
        self.people.setdefault(name or _name(arguments), []).append(said.stdout)

    def json(self, url: URL | None, *arguments: str, codes: tuple[int, ...] = (0,), lines: bool = False) -> Any:
        """With --json; a command that repeats itself prints an object a line."""
        said = rently_db(url, *arguments, "--json")
        assert said.code in codes, said.text
        values = [json.loads(line) for line in said.stdout.splitlines()] if lines else [json.loads(said.stdout)]
        self.scripts.setdefault(_name(arguments), []).extend(values)
        return values[-1]


def _name(arguments: tuple[str, ...]) -> str:
    words = [arguments[0]]
    if len(arguments) > 1 and arguments[0] in ("access", "backup", "baseline", "catalog", "dashboards", "synth"):
        words.append("take" if arguments[0] == "backup" and arguments[1] != "verify" else arguments[1])
    return " ".join(words)


@pytest.fixture(scope="module")
def journey(databases: Databases, server_url: URL, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Journey]:
    """From a dirty v0 book to head, what operators do there, back, and from the backup."""
    there, folder = Journey(server_url), tmp_path_factory.mktemp("journey")
    with pytest.MonkeyPatch.context() as patch, databases.database() as url, databases.database() as dirty:
        patch.setenv(reference.CACHE_VARIABLE, str(folder / "cache"))
        there.on(None, "synth", "v0", "--loans", "60", "--dirty", "--url", plain(url))
        write_v0_book(dirty, 60, dirty="all")
        _before(there, url, dirty, folder)
        _at_head(there, url, folder)
        _back(there, databases, url, folder)
        yield there


def _before(there: Journey, url: URL, dirty: URL, folder: Path) -> None:
    (folder / "statements.sql").write_text(STATEMENTS, encoding="utf-8")
    compat = ("compat", "--statements", str(folder / "statements.sql"), "--server", there.server)
    for run in (there.on, there.json):
        run(url, "doctor", codes=(0, 1))
        run(url, "plan")
        run(dirty, "preflight", codes=(1,))
        run(url, "preflight")
        run(url, *compat)
        run(dirty, "migrate", codes=(1,))
    there.on(url, "plan", "--steps", name="plan --steps")
    there.on(url, "preflight", "--baseline", str(folder / "before.json"))
    there.on(url, "rehearse", "--on", there.server)
    there.json(url, "rehearse", "--on", there.server)
    there.json(dirty, "rehearse", "--on", there.server, codes=(1,))
    there.on(url, "backup", str(folder / "a.dump"))
    there.json(url, "backup", str(folder / "b.dump"))
    there.on(None, "backup", "verify", str(folder / "a.dump"), "--server", there.server)
    there.json(None, "backup", "verify", str(folder / "b.dump"), "--server", there.server)


def _at_head(there: Journey, url: URL, folder: Path) -> None:
    there.on(url, "migrate")
    there.json(url, "rollback", "--yes")
    there.json(url, "migrate")
    there.on(url, "migrate", name="migrate, nothing to do")
    there.on(url, "run-due", "--once", codes=(0, 1))
    run_sql(
        url,
        "UPDATE analytics.due_task SET last_run = NULL WHERE name = 'record metrics'",
        "DROP INDEX public.ix_payment_allocation_loan_id",
        "CREATE OR REPLACE FUNCTION ops.run_due_lock() RETURNS bigint LANGUAGE sql AS 'SELECT 1::bigint'",
        "UPDATE public.loan SET interest_rate = 7 WHERE id IN (SELECT id FROM public.loan LIMIT 9)",
    )
    there.json(url, "run-due", "--once", codes=(0, 1), lines=True)
    for run in (there.on, there.json):
        run(url, "status")
        run(url, "baseline", "compare", str(folder / "before.json"), codes=(0, 1))
        run(url, "validate", codes=(1,))
        run(url, "drift", "--scratch-url", there.server, "--role", "nobody", codes=(1,))
        run(url, "golive", "--scratch-url", there.server, codes=(1,))
        run(None, "dashboards", "list")
        run(None, "catalog", "list")
        run(None, "catalog", "show", "loan_state")
        run(None, "catalog", "show", "v_dpd_analysis")
    there.on(url, "golive", "--scratch-url", there.server, "--out", str(folder / "golive.md"), codes=(1,), name="golive --out")
    there.on(url, "access", "apply", codes=(0, 1))
    there.on(url, "dashboards", "check", codes=(0, 1))
    there.on(None, "prometheus", str(folder / "exporter"))
    there.on(None, "dashboards", "bundle", str(folder / "bundle.zip"))


def _back(there: Journey, databases: Databases, url: URL, folder: Path) -> None:
    there.on(url, "rollback", "--yes")
    for run, file in ((there.on, "a.dump"), (there.json, "b.dump")):
        with databases.database() as empty:
            run(None, "restore", str(folder / file), plain(empty), "--compare", plain(url), codes=(0, 1))
    with databases.database() as empty:
        there.on(empty, "demo", "--loans", "50")


def test_what_people_read_fits_80_columns(journey: Journey):
    """No line is longer than the terminal, but for commands to copy, which stand whole on a line of their own."""
    wide = [
        f"{name}: {line}"
        for name, texts in journey.people.items()
        for text in texts
        for line in plainly(text).split("\n")
        if len(line.rstrip()) > 80 and not COPIED.fullmatch(line) and " " in line.strip()
    ]
    assert wide == []


def test_nothing_is_cut_off(journey: Journey):
    """No name, id or command ends in an ellipsis: whoever reads a table can copy what stands in it."""
    cut = [f"{name}: {line}" for name, texts in journey.people.items() for text in texts for line in text.split("\n") if "…" in line]
    assert cut == []


def test_every_name_is_whole(journey: Journey):
    """In tables too, names of views, revisions and rules are in one piece: a fold in the middle of one could not be searched for."""
    listed = plainly(journey.people["catalog list"][0])
    assert all(f"\n{row['name']} " in listed or listed.startswith(row["name"]) for row in journey.scripts["catalog list"][0])
    status = plainly(journey.people["status"][0])
    assert all(row["revision"] in status for row in journey.scripts["status"][0]["revisions"])
    restored = plainly(journey.people["restore"][0])
    assert all(row["table"] in restored for row in journey.scripts["restore"][0]["tables"])
    rules = plainly(journey.people["validate"][0])
    assert all(check["rule"] in rules for check in journey.scripts["validate"][0]["checks"] if check["status"] == "FAIL")


def test_a_terminal_is_coloured_by_wish(journey: Journey):
    """The journey's terminals had colours; see below for who does not want them."""
    assert any(ESCAPE.search(text) for text in journey.people["doctor"])


@pytest.mark.parametrize(
    ("arguments", "environment", "piped", "coloured"),
    [
        (("doctor",), {}, False, True),
        (("doctor",), {"NO_COLOR": "1"}, False, False),
        (("--no-color", "doctor"), {}, False, False),
        (("doctor",), {"TERM": "dumb"}, False, False),
        (("doctor",), {}, True, False),
        (("doctor",), {"FORCE_COLOR": "1"}, True, True),
        (("doctor",), {"FORCE_COLOR": "1", "NO_COLOR": "1"}, True, False),
        (("--help",), {}, False, True),
        (("--help",), {"NO_COLOR": "1"}, False, False),
        (("--no-color", "--help"), {}, False, False),
        (("--help",), {"TERM": "dumb"}, False, False),
        (("--help",), {}, True, False),
    ],
)
def test_colours_are_for_terminals_and_for_who_wants_them(
    head_database: URL, arguments: tuple[str, ...], environment: dict[str, str], piped: bool, coloured: bool
):
    """A pipe, NO_COLOR, --no-color and a dumb terminal get plain text, without a single escape sequence; FORCE_COLOR colours a pipe."""
    said = (rently_db if piped else on_terminal)(head_database, *arguments, **environment)
    assert bool(ESCAPE.search(said.stdout)) is coloured
    assert "RENTLY_DATABASE_URL" in said.stdout or "connections" in said.stdout


def test_progress_is_drawn_on_a_terminal_and_silent_in_a_log(v1_book: URL, tmp_path: Path):
    """Who watches a backup sees bars with the time left; a log of what is quick stays empty, colours or not."""
    seen = on_terminal(v1_book, "backup", str(tmp_path / "a.dump"), stderr_too=True)
    assert seen.code == 0
    assert re.search(r"measured .*100 % .*\d:\d\d:\d\d", plainly(seen.stdout))
    for environment in ({}, {"FORCE_COLOR": "1"}):
        logged = rently_db(v1_book, "backup", str(tmp_path / f"b{len(environment)}.dump"), **environment)
        assert (logged.code, logged.stderr) == (0, "")


def test_a_log_hears_of_what_takes_long(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    """In a log there is a line a minute, not one for every table."""
    from rently_db.operations import screen

    clock = iter(range(0, 1000, 25))
    monkeypatch.setattr(screen.time, "monotonic", lambda: next(clock))
    with screen.progress() as show:
        for done in range(8):
            show("restored", done, 8)
    lines = capsys.readouterr().err.splitlines()
    assert 1 < len(lines) < 8
    assert re.fullmatch(r"\d\d:\d\d:\d\d restored: \d of 8", lines[0])


def test_json_keeps_its_keys(journey: Journey):
    """Every key that --json printed in the last release is there and means the same kind of value; a new one is written down first."""
    for command, values in sorted(journey.scripts.items()):
        shapes.check(command, *values)


def test_every_command_with_json_is_among_them(journey: Journey):
    """A command that learns --json is run here, too, and its shape committed."""
    import typer.main

    from rently_db.cli import app
    from tests.cli.test_help import commands

    with_json = {
        " ".join(path) for path, command in commands(typer.main.get_command(app)) if any("--json" in one.opts for one in command.params)
    }
    assert with_json - {"upgrade"} == set(journey.scripts)  # another name for migrate
    assert {path.stem for path in shapes.FOLDER.glob("*.json")} == {name.replace(" ", "-") for name in journey.scripts}


@pytest.mark.parametrize(
    ("found", "said"),
    [
        ({"a": 1, "b": [{"c": "x"}]}, []),
        ({"a": None, "b": []}, []),
        ({"b": []}, ["the whole lacks a"]),
        ({"a": 1, "b": [], "d": 1}, ["the whole has d, which is new"]),
        ({"a": "1", "b": []}, [".a is string, not number"]),
        ({"a": 1, "b": [{"c": 1}]}, [".b[].c is number, not string"]),
    ],
)
def test_a_changed_key_is_noticed(found: Any, said: list[str]):
    """A key that is gone, new, or of another kind is a difference; a list that happens to be empty is none."""
    expected = {"a": "number", "b": [{"c": "string"}]}
    assert shapes.differences(found, expected) == said
