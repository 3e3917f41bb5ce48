"""`rently-db catalog` and `rently-db freeze` on the live SQL."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from rently_db.cli import app
from rently_db.cli.exit_codes import ExitCode
from rently_db.migrate import freezing
from rently_db.operations import alembic_config
from rently_db.sql.catalog import LIVE, load_catalogue
from tests.sql.files import write
from tests.sql.project import Project
from tests.support.commands import rently_db


def run(*arguments: str) -> Result:
    """The command in this process."""
    return CliRunner().invoke(app, list(arguments))


def as_json(*arguments: str):
    """What the command prints with --json."""
    result = run(*arguments, "--json")
    assert result.exit_code == ExitCode.DONE, result.output
    return json.loads(result.stdout)


def test_the_list_is_complete_and_in_order():
    """Everything that has a file is listed, each after all that it uses."""
    listed = as_json("catalog", "list")
    assert sorted(row["file"] for row in listed) == sorted(entity.file for entity in load_catalogue())
    place = {row["name"]: number for number, row in enumerate(listed)}
    for name in ("analytics.loan_state", "analytics.loan_position"):
        shown = as_json("catalog", "show", name)
        assert all(place[used] < place[name] < place[user] for used in shown["upstream"] for user in shown["downstream"])


def test_the_list_can_be_narrowed():
    """Tier, area and kind narrow the list together; people see the same names."""
    rows = as_json("catalog", "list", "--tier", "t1", "--kind", "view", "--area", "base")
    assert rows
    assert {(row["tier"], row["kind"], row["area"]) for row in rows} == {("T1", "view", "base")}
    printed = run("catalog", "list", "--tier", "T1", "--kind", "view", "--area", "base").stdout
    assert all(row["name"] in printed for row in rows)
    assert f"{len(rows)} entities" in printed


def test_an_entity_is_shown_with_all_that_is_known_of_it():
    """Owner, tier, grain, key, refresh, columns with their meaning, and what it uses and is used by."""
    shown = as_json("catalog", "show", "loan_state")
    assert (shown["kind"], shown["name"], shown["key"], shown["grain"]) == ("table", "analytics.loan_state", "loan_id", "loan")
    assert {"name": "loan_id", "meaning": "Loan"} in shown["columns"]
    assert "analytics.loan_position" in shown["downstream"]
    assert "public.loan" in as_json("catalog", "show", "analytics.dated_allocation")["outside"]
    printed = " ".join(run("catalog", "show", "loan_state").stdout.split())
    for words in (shown["owner"], shown["description"], "upstream", "analytics.loan_position", "Business date of the loan's legal entity"):
        assert words in printed


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("catalog", "show", "loan_stat"), "the catalogue has no loan_stat; did you mean loan_state"),
        (("catalog", "show", "check_currency"), "check_currency is one of functions/guards/check_currency.sql, triggers/"),
        (("catalog", "list", "--tier", "T7"), "nothing in the catalogue is of tier T7"),
        (("freeze", "v1", "--again"), "v1 is deployed at production: what it froze never changes"),
        (("freeze", "v1_analytics"), "v1_analytics is frozen already"),
    ],
)
def test_a_wrong_call_is_one_sentence(arguments: tuple[str, ...], said: str):
    """Who mistypes a name learns what there is, with exit code 2; nothing frozen changes."""
    outcome = rently_db(None, *arguments)
    assert outcome.code == ExitCode.USAGE
    assert said in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1


def test_freezing_says_what_it_wrote(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """New files, the folder and the new revision are named, for the one who completes it."""
    project = Project(tmp_path)
    write(project.live, "views/risk/par.sql", "CREATE VIEW analytics.par AS SELECT 1 AS id;")
    monkeypatch.setattr(alembic_config, "scripts", lambda: project.script)
    monkeypatch.setattr(freezing.freeze, "__kwdefaults__", {**freezing.freeze.__kwdefaults__, "live": project.live})
    result = run("freeze", "r1")
    assert result.exit_code == ExitCode.DONE, result.output
    lines = result.stdout.splitlines()
    assert lines[0].split() == ["new", "views/risk/par.sql"]
    assert lines[1] == f"{project.folder('r1')}: 1 entity"
    assert lines[2].startswith(str(tmp_path / "migrations" / "versions" / "r1.py"))
    assert project.live != LIVE
