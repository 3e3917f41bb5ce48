"""A service's project in a directory of its own, whose tests use the plugin."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import URL, text

from rently_db.testing.databases import PREFIX, Databases
from tests.support.migrations import plain


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Who runs without the plugin (`-p no:rently_db`) can't test it."""
    return None if config.pluginmanager.has_plugin("rently_db") else True


@pytest.fixture
def service(pytester: pytest.Pytester, server_url: URL, monkeypatch: pytest.MonkeyPatch) -> Callable[..., pytest.RunResult]:
    """Runs pytest on one test file of a service, in a process of its own, on the server of this run."""
    monkeypatch.delenv("RENTLY_TEST_URL", raising=False)
    pytester.makeini("[pytest]\nfilterwarnings = error\naddopts = -p no:cacheprovider --strict-markers\n")

    def run(source: str, *arguments: str, url: str | None = plain(server_url)) -> pytest.RunResult:
        pytester.makepyfile(test_service=source)
        return pytester.runpytest_subprocess(*([f"--rently-url={url}"] if url else []), *arguments)

    return run


@pytest.fixture
def left_behind(databases: Databases, head_template: str) -> Callable[[], set[str]]:
    """The test databases that came to the server since the test began; the template is there before, and shared."""

    def present() -> set[str]:
        return set(databases.connection.scalars(text("SELECT datname FROM pg_database WHERE datname LIKE :p"), {"p": f"{PREFIX}%"}))

    before = present()
    assert head_template in before
    return lambda: present() - before
