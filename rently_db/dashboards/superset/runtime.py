"""A Superset that serves on loopback while a context is open, and is never left behind.

    with Superset() as superset:
        print(superset.url, superset.password)

Nothing of Superset is imported here: it runs in an environment of its own (see `environment`).
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import secrets
import shutil
import socket
import sqlite3
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import closing
from pathlib import Path
from typing import Self

from rently_db.dashboards.superset.environment import SupersetError, base_dir, environment
from rently_db.server.places import held, locked

START_SECONDS = 120.0
STOP_SECONDS = 10.0
ADMIN = "admin"

_PREFIX = "rently-superset-"
_LITTER_SECONDS = 60
_CONFIG = Path(__file__).with_name("config.py")
# The kernel ends it with us, however we end. Between fork and prctl we may be gone already: then nobody is there to serve.
_WITH_PARENT = """
import ctypes, os, signal, sys
parent = int(sys.argv[1])
if sys.platform == "linux":
    ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG
if os.getppid() == parent:
    os.execv(sys.argv[2], sys.argv[2:])
"""
_HASH = "import sys; from werkzeug.security import generate_password_hash as h; print(h(sys.stdin.read()))"


class Superset:
    """A Superset as a context manager, on a free port of 127.0.0.1, with an administrator of a random password.

    `home` keeps its secret key, metadata and cache; without it they are temporary. `metadata_url` names a PostgreSQL database
    (SQLAlchemy's form) for Superset's own tables; without it they are a SQLite file in `home`.

    It takes a few seconds; the very first time some minutes, to install Superset and to make its tables, of which a copy is kept.
    Entering raises SupersetError if it can't be had or started.
    """

    def __init__(self, home: Path | None = None, *, metadata_url: str | None = None, workers: int = 2, threads: int = 8) -> None:
        self._wanted_home = home
        self._metadata_url = metadata_url
        self._workers = workers
        self._threads = threads
        self._process: subprocess.Popen[bytes] | None = None
        self._environment: dict[str, str] = {}
        self._alive: int | None = None
        self.home = Path()
        """Directory with secret_key, metadata.db, cache/ and superset.log, once entered."""
        self.url = ""
        """Where it serves: http://127.0.0.1:port."""
        self.password = ""
        """The administrator's (`admin`), new each time."""

    def __enter__(self) -> Self:
        try:
            self._enter()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                process.kill()  # its workers notice within a second that they are orphans
                process.wait()
        if self._alive is not None:
            shutil.rmtree(self.home, ignore_errors=True)
            os.close(self._alive)
            self._alive = None

    @property
    def pid(self) -> int | None:
        """Process id of the server while it runs."""
        return self._process.pid if self._process is not None else None

    def ended(self) -> bool:
        """True if the server is gone although nobody stopped it."""
        return self._process is not None and self._process.poll() is not None

    def log(self) -> str:
        """What the server has said so far."""
        path = self.home / "superset.log"
        return path.read_text(errors="replace") if path.exists() else ""

    def complaint(self) -> str:
        """The last thing that its log names as wrong with a file of a bundle, else its last line."""
        lines = self.log().strip().splitlines() or ["nothing"]
        named = [line.partition("Schema validation failed for ")[2] for line in lines if "Schema validation failed for" in line]
        return (named or lines)[-1]

    def _enter(self) -> None:
        venv = environment()
        if self._wanted_home is None:
            _remove_litter()
            self.home = Path(tempfile.mkdtemp(prefix=_PREFIX))
            self._alive = os.open(self.home / "alive", os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._alive, fcntl.LOCK_EX)  # the kernel drops it with us: then the home is litter
        else:
            self.home = self._wanted_home.absolute()
            self.home.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._environment = _variables(venv, self.home, self._metadata_url)
        self.password = secrets.token_urlsafe(12)
        if self._metadata_url:
            _initialise(venv, self._environment, self.password)
        else:
            database = self.home / "metadata.db"
            if not database.exists():
                shutil.copyfile(_template(venv), database)
            # A newer Superset or configuration than that which made this home; quick if it is not.
            elif (self.home / "made_by").read_text() != _key(venv):
                _initialise(venv, self._environment, self.password)
            (self.home / "made_by").write_text(_key(venv))
            _set_password(venv, database, self.password)
        self._serve(venv)

    def _serve(self, venv: Path) -> None:
        with socket.socket() as listening:  # handed over, so that nobody takes the port in between
            listening.bind(("127.0.0.1", 0))
            listening.listen(128)
            self.url = f"http://127.0.0.1:{listening.getsockname()[1]}"
            program = str(venv / "bin" / "python")
            # Not --preload: workers forked after the application has connected share its connections, and panels get each other's rows.
            server = ["-m", "gunicorn", "--bind", f"fd://{listening.fileno()}", "--workers", str(self._workers)]
            server += ["--worker-class", "gthread", "--threads", str(self._threads), "--timeout", "90", "--graceful-timeout", "3"]
            server += ["--worker-tmp-dir", str(self.home), "--log-level", "warning", "superset.app:create_app()"]
            with (self.home / "superset.log").open("ab") as log:
                self._process = subprocess.Popen(
                    [program, "-I", "-c", _WITH_PARENT, str(os.getpid()), program, *server],
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=log,
                    cwd=self.home,
                    env=self._environment,
                    pass_fds=[listening.fileno()],
                    start_new_session=True,  # Ctrl-C is for us; we stop it in order
                )
        deadline = time.monotonic() + START_SECONDS
        while not _healthy(self.url):
            if self._process.poll() is not None or time.monotonic() > deadline:
                lines = " | ".join(self.log().strip().splitlines()[-3:])
                raise SupersetError(f"Superset did not answer within {START_SECONDS:.0f} s ({lines or 'it said nothing'}); run it again")
            time.sleep(0.2)


def _remove_litter() -> None:
    """Delete temporary homes whose owner was killed."""
    for home in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):  # another's, or another is quicker
            mark = home / "alive"  # without it nobody can tell, and it stays
            litter = mark.stat().st_uid == os.geteuid() and time.time() - mark.stat().st_mtime > _LITTER_SECONDS
            if litter and not held(mark):
                shutil.rmtree(home, ignore_errors=True)


def _variables(venv: Path, home: Path, metadata_url: str | None) -> dict[str, str]:
    """The environment of Superset's programs, with a secret key in `home`. The user's PG* and FLASK_* variables would redirect them."""
    key = home / "secret_key"
    if not key.exists():
        key.touch(mode=0o600)
        key.write_text(secrets.token_urlsafe(42))
    ours = {name: value for name, value in os.environ.items() if name.startswith("RENTLY_SUPERSET_")}
    return {
        **ours,
        "PATH": f"{venv / 'bin'}{os.pathsep}{os.defpath}",
        "HOME": str(home),
        "LC_ALL": "C.UTF-8",
        "TZ": "UTC",
        "FLASK_APP": "superset.app:create_app()",
        "SUPERSET_CONFIG_PATH": str(_CONFIG),
        "SUPERSET_HOME": str(home),
        "SCARF_ANALYTICS": "false",
        "PYTHONWARNINGS": "ignore",
        "RENTLY_SUPERSET_HOME": str(home),
        **({"RENTLY_SUPERSET_METADATA_URL": metadata_url} if metadata_url else {}),
    }


def _initialise(venv: Path, variables: dict[str, str], password: str) -> None:
    """Bring the metadata to this Superset's version, with its permissions and an administrator."""
    person = ["--username", ADMIN, "--firstname", "Rently", "--lastname", "Admin", "--email", "admin@localhost"]
    _run(venv, variables, "db", "upgrade")
    _run(venv, variables, "fab", "create-admin", *person, "--password", password)
    _run(venv, variables, "fab", "reset-password", "--username", ADMIN, "--password", password)
    _run(venv, variables, "init")


def _run(venv: Path, variables: dict[str, str], *arguments: str) -> None:
    command = [str(venv / "bin" / "superset"), *arguments]
    done = subprocess.run(command, env=variables, cwd=variables["HOME"], stdin=subprocess.DEVNULL, capture_output=True, check=False)
    if done.returncode != 0:
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["it said nothing"])[-1]
        shown = " ".join(arguments[:2])
        raise SupersetError(f"`superset {shown}` failed ({last}); remove .rently/superset and run it again")


def _template(venv: Path) -> Path:
    """A SQLite file of freshly initialised metadata, kept for each version of Superset and of its configuration."""
    templates = base_dir() / "templates"
    templates.mkdir(exist_ok=True)
    made = templates / f"{_key(venv)}.db"
    with locked(templates / ".lock"):
        if not made.exists():
            with tempfile.TemporaryDirectory(dir=templates) as directory:
                home = Path(directory)
                _initialise(venv, _variables(venv, home, None), secrets.token_urlsafe(12))
                with closing(sqlite3.connect(home / "metadata.db")) as connection:
                    connection.execute("PRAGMA journal_mode = WAL")  # kept in the file: readers don't wait for the access log's writer
                (home / "metadata.db").rename(made)
    return made


def _key(venv: Path) -> str:
    """Names what the metadata depends on: the installed Superset, and what it is told."""
    versions = sorted(path.name for path in venv.glob("lib/python*/site-packages/*.dist-info"))
    return hashlib.sha256("\n".join([*versions, _CONFIG.read_text()]).encode()).hexdigest()[:16]


def _set_password(venv: Path, database: Path, password: str) -> None:
    # `superset fab reset-password` does the same in ten seconds.
    command = [str(venv / "bin" / "python"), "-I", "-c", _HASH]
    hashed = subprocess.run(command, input=password, capture_output=True, text=True, check=True).stdout.strip()
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute("UPDATE ab_user SET password = ? WHERE username = ?", (hashed, ADMIN))


def _healthy(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/health", timeout=30) as answer:  # noqa: S310 - our own server's
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
