from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import pytest
from sqlalchemy import NullPool, text

from rently_db.dashboards.superset import Running, Superset, SupersetError
from rently_db.dashboards.superset.environment import environment
from rently_db.database import make_engine

SERVE = """
import sys
from rently_db.dashboards.superset import Superset
with Superset() as superset:
    print(superset.url, superset.home, flush=True)
    sys.stdin.read()
"""


def test_a_killed_parent_leaves_no_server_behind():
    """SIGKILL to the process that serves ends the server too."""
    child = subprocess.Popen([sys.executable, "-c", SERVE], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdin is not None
    try:
        url, home = child.stdout.readline().split()
        assert _answers(url)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        deadline = time.monotonic() + 20
        while _answers(url) and time.monotonic() < deadline:
            time.sleep(0.2)
        assert not _answers(url)
        subprocess.run(["rm", "-rf", home], check=True)
    finally:
        child.stdin.close()
        child.stdout.close()


def test_an_end_in_order_leaves_nothing_behind():
    """Server and files are gone when the context is left; the administrator's password was another one."""
    with Superset() as first:
        url, home, password = first.url, first.home, first.password
        assert (home / "secret_key").stat().st_mode & 0o077 == 0
        assert password not in first.log()
    assert not _answers(url)
    assert not home.exists()


def test_what_was_named_but_is_no_environment_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """The error names the variable and the way out."""
    monkeypatch.setenv("RENTLY_SUPERSET_VENV", str(tmp_path))
    with pytest.raises(SupersetError, match=r"RENTLY_SUPERSET_VENV is .*, which has no bin/superset; unset it"):
        environment()


def test_superset_reads_and_does_not_write(running: Running):
    """Its login may only read, for a limited time, and is a member of rently_readonly alone."""
    engine = make_engine(running.data_url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            assert connection.scalar(text("SHOW default_transaction_read_only")) == "on"
            assert connection.scalar(text("SHOW statement_timeout")) == "30s"
            query = "SELECT array_agg(r.rolname::text) FROM pg_auth_members AS m JOIN pg_roles AS r ON r.oid = m.roleid WHERE m.member = "
            assert connection.scalar(text(f"{query}(SELECT oid FROM pg_roles WHERE rolname = current_user)")) == ["rently_readonly"]
            facts = connection.execute(text("SELECT rolsuper, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = current_user")).one()
            assert tuple(facts) == (False, False, False)
            assert not connection.scalar(text("SELECT has_table_privilege('public.payment', 'INSERT, UPDATE, DELETE, TRUNCATE')"))
    finally:
        engine.dispose()


def test_the_page_allows_no_other_host(running: Running):
    """Scripts, images, fonts and connections are this server's own; no frame of another site shows the page."""
    with urllib.request.urlopen(f"{running.url}/login/") as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "http" not in policy
    assert "frame-ancestors 'none'" in policy


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=5):
            return True
    except (urllib.error.URLError, OSError):
        return False
