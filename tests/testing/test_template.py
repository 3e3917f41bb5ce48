"""The template is made once, completely or not at all, and goes when nobody needs it."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from rently_db.testing import template as module
from rently_db.testing.databases import Databases
from rently_db.testing.template import template
from tests.support.migrations import run_sql


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Databases that were migrated, by a migration that takes a moment; the digest is that of no real one."""
    found: list[str] = []

    def migrate(url: URL) -> None:
        time.sleep(0.2)
        run_sql(url, "CREATE TABLE migrated ()")
        found.append(str(url.database))

    monkeypatch.setattr(module, "migrate", migrate)
    monkeypatch.setattr(module, "digest", lambda: "00000a1")
    return found


def present(databases: Databases) -> set[str]:
    """Templates on the server that this file made."""
    query = text("SELECT datname FROM pg_database WHERE datname LIKE 'rently\\_test\\_template\\_%'")
    return {name for name in databases.connection.scalars(query) if "_00000" in name}


def test_runs_at_the_same_time_share_one_template(made: list[str], server_url: URL, databases: Databases):
    """Three runs that begin together migrate once; the last to leave drops the template."""
    together = threading.Barrier(3)

    def run() -> str:
        with Databases(server_url) as mine, template(mine) as name, mine.database(template=name) as copy:
            run_sql(copy, "SELECT FROM migrated")
            together.wait(30)
            return name

    with ThreadPoolExecutor(3) as pool:
        names = {future.result() for future in [pool.submit(run) for _ in range(3)]}
    assert len(names) == len(made) == 1
    assert present(databases) == set()


def test_a_template_that_is_kept_serves_the_next_run(made: list[str], server_url: URL, databases: Databases):
    """On the server that is ours the second run starts at once."""
    for keep in (True, False):
        with Databases(server_url) as mine, template(mine, keep=keep) as name:
            assert present(databases) == {name}
    assert len(made) == 1
    assert present(databases) == set()


def test_what_a_killed_builder_left_is_no_template(made: list[str], server_url: URL, databases: Databases):
    """A half-migrated database has another name: it is dropped, and the template built anew."""
    with template(databases) as name:
        pass
    run_sql(server_url, f"CREATE DATABASE {name}_building")
    with template(databases) as again:
        assert again == name
        assert present(databases) == {name}
    assert len(made) == 2


def test_a_migration_that_fails_leaves_nothing(made: list[str], databases: Databases, monkeypatch: pytest.MonkeyPatch):
    """The error comes through, the half-made database goes, and nobody is locked out afterwards."""

    def broken(url: URL) -> None:
        run_sql(url, "SELECT 1 / 0")

    working = module.migrate
    monkeypatch.setattr(module, "migrate", broken)
    with pytest.raises(Exception, match="division by zero"), template(databases):
        pass
    assert present(databases) == set()
    monkeypatch.setattr(module, "migrate", working)
    with template(databases) as name:
        assert present(databases) == {name}


def test_a_template_of_other_migrations_goes_unless_it_is_used(
    made: list[str], server_url: URL, databases: Databases, monkeypatch: pytest.MonkeyPatch
):
    """Changing a revision makes a new template; the old one stays as long as a run uses it."""
    with Databases(server_url) as old_run:
        with template(old_run, keep=True) as old:
            monkeypatch.setattr(module, "digest", lambda: "00000b2")
            with template(databases) as new:
                assert present(databases) == {old, new}
        assert present(databases) == {old}
        with template(databases) as new:
            assert present(databases) == {new}


def test_a_run_keeps_the_template_that_it_uses(made: list[str], databases: Databases, monkeypatch: pytest.MonkeyPatch):
    """A run that asks for a second one, of other migrations, does not take its first one for litter."""
    with template(databases) as first:
        monkeypatch.setattr(module, "digest", lambda: "00000b2")
        with template(databases) as second:
            assert present(databases) == {first, second}
        assert present(databases) == {first}
    assert present(databases) == set()


def test_nobody_connects_to_a_template(made: list[str], databases: Databases):
    """A session of the template would make copies fail: PostgreSQL refuses it."""
    with template(databases) as name, pytest.raises(Exception, match="not currently accepting connections"):
        run_sql(databases.admin_url.set(database=name), "SELECT 1")


def test_the_digest_knows_every_revision(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The key changes when any file of the migrations does, so that no test runs on the schema of yesterday."""
    (tmp_path / "versions").mkdir()
    revision = tmp_path / "versions" / "v1.py"
    monkeypatch.setattr(module, "migrations", lambda: tmp_path)
    digests = set()
    for text_of_it in ("one", "two", "two"):
        revision.write_text(text_of_it)
        digests.add(module.digest())
    assert len(digests) == 2
