"""Which pg_dump reads a server: a dump that can't be restored must not be written."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from rently_db import dumping
from rently_db.database import parse_url
from rently_db.dumping import CLIENT_BIN, dump_version, pg_dump_for
from rently_db.migrate.steps import views
from rently_db.server import Server, ServerError, client_tool
from tests.support.books import write_v0_book
from tests.support.commands import rently_db
from tests.support.migrations import connect, rows

DEBIAN = Path("/usr/lib/postgresql/15/bin")
MARKS = "SELECT EXISTS (SELECT FROM pg_attribute, unnest(attoptions) AS o (option) WHERE option LIKE 'pg\\_attver=%')"


def program(folder: Path, version: str) -> Path:
    """A pg_dump that says which release it is."""
    folder.mkdir()
    tool = folder / "pg_dump"
    tool.write_text(f"#!/bin/sh\necho 'pg_dump (PostgreSQL) {version}'\n")
    tool.chmod(0o755)
    return tool


@pytest.fixture
def marking(monkeypatch: pytest.MonkeyPatch) -> URL:
    """URL of a server that says it is 15.20 and marks its columns, on a machine without PostgreSQL's own directories."""
    monkeypatch.setattr(dumping, "_facts", lambda _: (150_020, True))
    monkeypatch.setattr(dumping, "_PLACES", ())
    monkeypatch.setenv("PATH", "")
    monkeypatch.delenv(CLIENT_BIN, raising=False)
    return parse_url("postgresql://nadia:secret@db.example/rently")


def test_a_server_without_marks_is_read_by_the_pg_dump_that_comes_along(head_database: URL, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing need be installed where every pg_dump will do."""
    monkeypatch.delenv(CLIENT_BIN, raising=False)
    if rows(head_database, MARKS)[0][0]:
        pytest.skip("this server marks its columns")
    assert pg_dump_for(head_database) == client_tool("pg_dump")


@pytest.mark.parametrize("version", ["15.20 (Debian 15.20-0+deb12u1)", "15.21"])
def test_a_pg_dump_of_the_servers_own_version_and_as_new_reads_its_marks(
    marking: URL, version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Older ones, and others whose age can't be compared, are passed over, wherever they stand."""
    older, other, fit = program(tmp_path / "a", "15.19"), program(tmp_path / "b", "18.6"), program(tmp_path / "c", version)
    monkeypatch.setenv("PATH", ":".join(str(tool.parent) for tool in (older, other, fit)))
    assert pg_dump_for(marking) == fit


def test_without_one_nothing_is_dumped_and_one_reads_what_to_install(marking: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A dump that no server takes is worse than none: the sentence names release, package and setting, and no password."""
    monkeypatch.setenv("PATH", str(program(tmp_path / "a", "15.19").parent))
    with pytest.raises(ServerError) as refused:
        pg_dump_for(marking)
    for part in ("PostgreSQL 15.20", "postgresql-client-15", CLIENT_BIN):
        assert part in str(refused.value)
    assert "secret" not in str(refused.value)


def test_whoever_names_a_directory_gets_its_pg_dump(marking: URL, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The setting wins over what we think fits; a directory without pg_dump is an error, not passed over."""
    tool = program(tmp_path / "a", "15.19")
    monkeypatch.setenv(CLIENT_BIN, str(tool.parent))
    assert pg_dump_for(marking) == tool
    monkeypatch.setenv(CLIENT_BIN, str(tmp_path))
    with pytest.raises(ServerError, match="there is no pg_dump in it"):
        pg_dump_for(marking)


@pytest.mark.parametrize(("said", "number"), [("16.3", 160_003), ("18beta2", 180_000), ("", 0)])
def test_a_release_is_read_as_postgresql_numbers_it(said: str, number: int, tmp_path: Path) -> None:
    """What says nothing is older than everything."""
    assert dump_version(program(tmp_path / "a", said)) == number


@pytest.fixture(scope="module")
def newest() -> Iterator[URL]:
    """A v0 book of 40 loans on a server that marks its columns: Debian's PostgreSQL 15, if it is of November 2026 or later."""
    if not (DEBIAN / "postgres").is_file():
        pytest.skip("PostgreSQL 15 of Debian is not installed: apt-get install postgresql-15 (no cluster of Debian's is used)")
    with Server(DEBIAN) as server:
        url = parse_url(server.url())
        if not rows(url, MARKS)[0][0]:
            pytest.skip("Debian's PostgreSQL 15 is from before the releases that mark columns")
        write_v0_book(url, 40)
        yield url


def test_a_backup_of_a_server_that_marks_its_columns_is_proved(newest: URL, tmp_path: Path) -> None:
    """On our own server, which knows no marks, every table comes back as it was."""
    file = tmp_path / "v0.dump"
    address = newest.set(drivername="postgresql").render_as_string(hide_password=False)
    written = rently_db(newest, "backup", address, str(file))
    assert written.code == 0, written.text
    proof = rently_db(None, "backup", "verify", str(file))
    assert proof.code == 0, proof.text
    assert "proved" in proof.text
    assert "pg_attver" not in proof.text


def test_a_rehearsal_of_a_server_that_marks_its_columns_is_good(newest: URL) -> None:
    """Clone, upgrade, downgrade and the comparison byte for byte go through."""
    outcome = rently_db(newest, "rehearse")
    assert outcome.code == 0, outcome.text
    assert "verdict: good" in outcome.text


def test_a_materialized_view_is_put_back_without_the_marks(newest: URL) -> None:
    """What a change of views remembers of a column can be set again: an option that somebody gave it, and not PostgreSQL's own mark."""
    connection = connect(newest)
    with connection.cursor() as cursor:
        cursor.execute("CREATE MATERIALIZED VIEW kept AS SELECT id, name FROM legal_entity")
        cursor.execute("ALTER MATERIALIZED VIEW kept ALTER COLUMN name SET (n_distinct = -1)")
        cursor.execute((Path(views.__file__).parent / "views_facts.sql").read_text(encoding="utf-8"))
        cursor.execute("SELECT f.statement FROM pg_temp.rently_facts('kept'::regclass) AS f WHERE f.item LIKE 'column %%options'")
        assert cursor.fetchall() == [("ALTER TABLE public.kept ALTER COLUMN name SET (n_distinct=-1)",)]
    connection.close()
