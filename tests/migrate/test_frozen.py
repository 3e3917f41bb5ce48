from __future__ import annotations

import ast
import hashlib
import shutil
from pathlib import Path
from typing import Any

import pytest
from alembic.script import ScriptDirectory

from rently_db.migrate import freeze
from rently_db.migrate.baseline import create_baseline_sql
from rently_db.migrate.bridges import bridge_files
from rently_db.migrate.freezing import deployed_before
from rently_db.migrate.frozen import MANIFEST, Frozen, FrozenError, digest, read_manifest, read_marked, write_manifest
from rently_db.migrate.revision import down_actions, up_actions
from rently_db.migrate.steps import flat
from rently_db.packaged import revisions
from rently_db.sql.catalog import LIVE, load_catalogue
from tests.support.migrations import ROOT

SQL = ROOT / "migrations" / "sql"
VERSIONS = ROOT / "migrations" / "versions"
SCRIPTS = ScriptDirectory(str(ROOT / "migrations"))
BASELINE_DIGEST = "4e039e9a5e2b9bfdeb666c52c5ac3cd5d758bfcf4c049f5a4b6fa57aa27ca306"
"""sha256 of v0's twenty CREATE TABLE statements: the past does not change."""


def files(folder: Path) -> dict[str, bytes]:
    """Every file below a folder."""
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def tables_of(step: Any) -> set[str]:
    """The tables of schema public that a step is about."""
    inner = getattr(step, "step", None)
    named = str(getattr(step, "table", "")).removeprefix("public.")
    return ({named} if named else set()) | (tables_of(inner) if inner is not None else set())


def changed_later() -> set[str]:
    """The tables that revisions after v1 change or make: the models say what they are now, not what v1 made them."""
    names = revisions()
    later = names[names.index("v1") + 1 :]
    return {table for name in later for step in flat(SCRIPTS.get_revision(name).module.steps()) for table in tables_of(step)}


def statements(text: str, path: Path) -> dict[tuple[str, ...], str]:
    """The marked statements of a file, but for those about tables that changed later."""
    path.write_text(text, encoding="utf-8")
    later = changed_later()
    return {
        (marked.kind, *marked.words): marked.sql
        for marked in read_marked(path)
        if later.isdisjoint(marked.words) and later.isdisjoint(word.partition("-")[2].partition("-")[0] for word in marked.words)
    }


@pytest.mark.parametrize("revision", freeze.STATEMENTS)
def test_frozen_statements_are_what_the_models_say(revision: str, tmp_path: Path):
    """Rendering the models of today gives the statements that the v1 chain deploys, but for tables that a later revision changes."""
    rendered = freeze.rendered(revision)
    assert list(rendered) == list(freeze.STATEMENTS[revision])
    for name, text in rendered.items():
        frozen = (SQL / revision / name).read_text(encoding="utf-8")
        assert text == frozen or statements(text, tmp_path / name) == statements(frozen, tmp_path / name)


def test_what_is_frozen_last_is_what_is_live():
    """Every function, trigger, table, view and seed of the live SQL is deployed by a revision, with the text it has today; no other is."""
    deployed = deployed_before(SCRIPTS, SCRIPTS.get_current_head())
    live = {entity.file: entity.path.read_bytes() for entity in load_catalogue()}
    assert {name: path.read_bytes() for name, path in deployed.items()} == live


def test_bridges_are_what_the_declared_repairs_say():
    """The bridge functions in the live SQL are those that the registry of repairs renders, no more and no fewer."""
    rendered = bridge_files(LIVE)
    assert {path: path.read_text(encoding="utf-8") for path in rendered} == rendered
    mark = "-- generated: python -m rently_db.migrate.freeze"
    generated = {path for path in LIVE.rglob("*.sql") if mark in path.read_text(encoding="utf-8")}
    assert generated == set(rendered)


@pytest.mark.parametrize("revision", revisions())
def test_a_manifest_lists_every_file_with_its_digest(revision: str):
    """No file of a frozen folder is left out of the MANIFEST, and each is what it was when it was frozen."""
    folder = SQL / revision
    if not folder.exists():
        assert "FROZEN" not in (VERSIONS / f"{revision}.py").read_text(encoding="utf-8")
        return
    listed = read_manifest(folder)
    assert set(listed) == set(files(folder)) - {MANIFEST}
    assert {name: digest(folder / name) for name in listed} == listed


def test_every_frozen_folder_belongs_to_a_revision():
    """Nothing is frozen that no revision deploys."""
    assert {path.name for path in SQL.iterdir()} <= set(revisions())


@pytest.mark.parametrize("revision", revisions())
def test_every_frozen_statement_is_deployed(revision: str):
    """A statement file that the revision forgets would be a promise that nobody keeps."""
    text = (VERSIONS / f"{revision}.py").read_text(encoding="utf-8")
    for name in read_manifest(SQL / revision) if "FROZEN" in text else ():
        if revision != "v0" and "run.deployed(FROZEN)" not in text:
            assert f'"{name.partition("/")[0]}"' in text, name


@pytest.fixture
def frozen_copy(tmp_path: Path) -> Frozen:
    """A copy of a frozen folder to tamper with."""
    shutil.copytree(SQL / "v1_indexes", tmp_path / "v1_indexes")
    return Frozen(tmp_path / "v1_indexes")


def test_a_changed_file_is_refused(frozen_copy: Frozen):
    """A frozen file that somebody edited is not deployed; the error says how to get it back."""
    path = frozen_copy.folder / "indexes.sql"
    path.write_text(path.read_text(encoding="utf-8") + "\n-- harmless\n", encoding="utf-8")
    with pytest.raises(FrozenError, match=rf"indexes\.sql is not what was frozen.*git checkout -- {path}"):
        frozen_copy.steps("indexes.sql")


def test_a_missing_file_is_refused(frozen_copy: Frozen):
    """So is a file that is gone."""
    (frozen_copy.folder / "indexes.sql").unlink()
    with pytest.raises(FrozenError, match="git checkout"):
        frozen_copy.steps("indexes.sql")


def test_an_unlisted_file_is_refused(frozen_copy: Frozen):
    """What was never frozen is not deployed."""
    (frozen_copy.folder / "more.sql").write_text("--: data more\nSELECT 1;\n", encoding="utf-8")
    with pytest.raises(FrozenError, match=r"does not list more\.sql"):
        frozen_copy.steps("more.sql")


def test_a_missing_manifest_is_refused(tmp_path: Path):
    """A folder without MANIFEST is no frozen folder."""
    with pytest.raises(FrozenError, match="never frozen, or the checkout is incomplete"):
        Frozen(tmp_path).steps("indexes.sql")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("SELECT 1;\n", r"f\.sql"),
        ("--: fountain loan\nSELECT 1;\n", "no step is of the kind 'fountain'"),
    ],
)
def test_a_statement_without_a_known_marker_is_refused(tmp_path: Path, text: str, message: str):
    """Every frozen statement says what kind of step it is."""
    (tmp_path / "f.sql").write_text(text, encoding="utf-8")
    write_manifest(tmp_path, ["f.sql"])
    with pytest.raises(FrozenError, match=message):
        Frozen(tmp_path).steps("f.sql")


@pytest.mark.parametrize("revision", revisions())
def test_titles_of_actions_are_unique(revision: str):
    """Progress is stored under an action's title: two of one name in one revision would hide each other."""
    listed = SCRIPTS.get_revision(revision).module.steps()
    for actions in (up_actions(listed), down_actions(listed)):
        titles = [action.title for action in actions]
        assert sorted(set(titles)) == sorted(titles)


def test_v0_is_what_it_was():
    """The description of production's schema never changes: a change of it is a new revision."""
    assert hashlib.sha256(";\n".join(create_baseline_sql()).encode()).hexdigest() == BASELINE_DIGEST


@pytest.mark.parametrize("revision", revisions())
def test_a_revision_says_why_which_locks_and_how_back(revision: str):
    """Whoever deploys reads in the first lines what a revision is for, whom it disturbs and how it is undone."""
    text = (VERSIONS / f"{revision}.py").read_text(encoding="utf-8")
    assert len(text.splitlines()) <= 150
    docstring = ast.get_docstring(ast.parse(text)) or ""
    for heading in ("Why: ", "Locks: ", "Back: "):
        assert f"\n{heading}" in docstring
        assert f"\n{heading}..." not in docstring, f"{revision}.py: write what comes after {heading}"
