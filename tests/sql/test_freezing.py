from __future__ import annotations

from pathlib import Path

import pytest
from alembic.util import CommandError

from rently_db.migrate.freezing import deployed_before, freeze
from rently_db.migrate.frozen import digest, read_manifest
from rently_db.operations.alembic_config import scripts
from rently_db.sql.catalog import LIVE
from tests.sql.files import write
from tests.sql.project import Project

VIEW = "CREATE VIEW analytics.{name} AS\nSELECT x.id FROM analytics.{of} AS x;"


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """A table with two views over it and a function, not frozen yet."""
    made = Project(tmp_path)
    write(made.live, "tables/state/mark.sql", "CREATE TABLE analytics.mark (\n    id uuid NOT NULL PRIMARY KEY\n);")
    write(made.live, "views/risk/b_low.sql", VIEW.format(name="b_low", of="mark"))
    write(made.live, "views/risk/a_high.sql", VIEW.format(name="a_high", of="b_low"))
    write(made.live, "functions/analytics/one.sql", "CREATE FUNCTION analytics.one() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;")
    return made


def test_freezing_writes_folder_manifest_and_revision(project: Project):
    """The first freeze copies every file, in the order of deployment and with its digest, and writes a revision that deploys them."""
    frozen = project.freeze("r1")
    assert list(read_manifest(frozen.folder)) == [
        "tables/state/mark.sql",
        "functions/analytics/one.sql",
        "views/risk/b_low.sql",
        "views/risk/a_high.sql",
    ]
    for name, recorded in read_manifest(frozen.folder).items():
        assert (frozen.folder / name).read_bytes() == (project.live / name).read_bytes()
        assert digest(frozen.folder / name) == recorded
    assert frozen.revision_file is not None
    revision = project.script.get_revision("r1")
    assert revision.down_revision is None
    assert [step.entity.name for step in revision.module.steps()] == ["mark", "one", "b_low", "a_high"]


def test_only_what_is_new_or_changed_is_frozen(project: Project):
    """The next revision holds the new and the changed files, what they said before, and the last words of what is gone."""
    project.freeze("r1")
    write(project.live, "views/risk/b_low.sql", VIEW.format(name="b_low", of="mark").replace("x.", "y.").replace("AS x", "AS y"))
    write(project.live, "views/risk/c_new.sql", VIEW.format(name="c_new", of="b_low"))
    (project.live / "functions/analytics/one.sql").unlink()
    frozen = project.freeze("r2")
    assert (frozen.new, frozen.changed, frozen.dropped) == (
        ("views/risk/c_new.sql",),
        ("views/risk/b_low.sql",),
        ("functions/analytics/one.sql",),
    )
    assert list(read_manifest(frozen.folder)) == [
        "views/risk/b_low.sql",
        "views/risk/c_new.sql",
        "former/views/risk/b_low.sql",
        "former/functions/analytics/one.sql",
    ]
    former = project.folder("r1") / "views/risk/b_low.sql"
    assert (frozen.folder / "former/views/risk/b_low.sql").read_bytes() == former.read_bytes()
    assert project.script.get_revision("r2").down_revision == "r1"
    assert "functions/analytics/one.sql" in deployed_before(project.script, "r1")
    assert "functions/analytics/one.sql" not in deployed_before(project.script, "r2")


def test_a_frozen_folder_is_not_written_twice_by_accident(project: Project):
    """What may be deployed somewhere changes only for who says so; then it is what the live SQL says now, and nothing else is left."""
    project.freeze("r1")
    before = read_manifest(project.folder("r1"))
    (project.live / "functions/analytics/one.sql").unlink()
    with pytest.raises(CommandError, match=r"r1 is frozen already; while no database has it, --again"):
        project.freeze("r1")
    assert read_manifest(project.folder("r1")) == before
    assert project.freeze("r1", again=True).revision_file is None
    assert not (project.folder("r1") / "functions").exists()
    assert "functions/analytics/one.sql" not in read_manifest(project.folder("r1"))


def test_only_the_newest_revision_is_written_again(project: Project):
    """The live SQL is what the newest revision deploys: frozen into an older one it would be somebody else's future."""
    project.freeze("r1")
    write(project.live, "views/risk/c_new.sql", VIEW.format(name="c_new", of="b_low"))
    project.freeze("r2")
    with pytest.raises(CommandError, match="r2 comes after r1"):
        project.freeze("r1", again=True)
    assert "views/risk/c_new.sql" not in read_manifest(project.folder("r1"))


@pytest.mark.parametrize("revision", ["v0", "v1_bridges", "v1"])
def test_what_production_has_is_never_written_again(revision: str):
    """The chain that carried production from v0 to v1 is history, whatever is asked for."""
    before = {path: path.read_bytes() for path in (Path(scripts().dir) / "sql" / revision).rglob("*") if path.is_file()}
    with pytest.raises(CommandError, match=f"{revision} is deployed at production"):
        freeze(scripts(), revision, again=True, live=LIVE)
    assert {path: path.read_bytes() for path in before} == before


def test_statements_keep_their_place_after_what_they_use(project: Project):
    """A statement file in the folder is deployed after the function and the view it calls, and before all other views."""
    project.folder("r1").mkdir(parents=True)
    script = project.folder("r1") / "fill.sql"
    insert = "INSERT INTO analytics.mark SELECT b.id FROM analytics.b_low AS b WHERE b.id > :low"
    script.write_text(f"-- Fills it.\n--: batch fill loan\n{insert};\n", encoding="utf-8")
    frozen = project.freeze("r1")
    order = ["tables/state/mark.sql", "functions/analytics/one.sql", "views/risk/b_low.sql", "fill.sql", "views/risk/a_high.sql"]
    assert list(read_manifest(frozen.folder)) == order
    assert frozen.scripts == ("fill.sql",)
    project.freeze("r1", again=True)
    assert script.is_file()


def test_nothing_new_is_no_revision(project: Project):
    """An empty revision would only be noise in the history."""
    project.freeze("r1")
    with pytest.raises(CommandError, match="nothing to freeze"):
        project.freeze("r2")
    assert not project.folder("r2").exists()
    assert [revision.revision for revision in project.script.walk_revisions()] == ["r1"]


@pytest.mark.parametrize("name", ["R1", "1st", "../r1", "a" * 33, "a-b"])
def test_a_revision_is_called_by_a_word(project: Project, name: str):
    """The id becomes a file's and a folder's name, and fits into Alembic's column."""
    with pytest.raises(CommandError, match="is no revision id"):
        project.freeze(name)


def test_a_wrong_file_is_not_frozen(project: Project):
    """Nothing is written when a file's header does not fit its SQL."""
    write(project.live, "views/risk/c.sql", "CREATE VIEW analytics.c AS SELECT 1 AS other;")
    with pytest.raises(CommandError, match=r"c\.sql:1: the header has no line for column other; describes column id"):
        project.freeze("r1")
    assert not project.folder("r1").exists()


def test_two_branches_are_put_one_after_the_other(project: Project):
    """Two branches that brought a revision each are told how to become one history, and nothing is written."""
    project.freeze("r1")
    write(project.live, "views/risk/c_top.sql", VIEW.format(name="c_top", of="mark"))
    second = project.freeze("r2").revision_file
    assert second is not None
    (second.parent / "r3.py").write_text(second.read_text(encoding="utf-8").replace('"r2"', '"r3"'), encoding="utf-8")
    with pytest.raises(
        CommandError, match=r"r2 and r3 come after the same revision, .* set down_revision to the other, then rently-db freeze"
    ):
        project.freeze("r4")
    assert not project.folder("r4").exists()
