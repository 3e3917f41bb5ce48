"""Where servers keep their files and which user they run as.

PostgreSQL refuses to run as root, and root's directories are often closed to others: then files go to /var/tmp.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import pwd
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST_SOCKET_PATH = 100
_LITTER_SECONDS = 60


class ServerError(RuntimeError):
    """A PostgreSQL server or program can't be had or started. The message is one sentence with the mend."""


def project_dir() -> Path:
    """Where `.rently` lives: the checkout this package is imported from, else the current directory."""
    checkout = Path(__file__).resolve().parents[2]
    return checkout if (checkout / "pyproject.toml").is_file() else Path.cwd()


def server_user() -> tuple[int, int] | None:
    """User and group id that servers run as: None (our own), or an unprivileged user's if we are root.

    RENTLY_SERVER_USER names that user, otherwise it is `nobody`, who exists everywhere and owns nothing.
    Raises ServerError if that user does not exist.
    """
    if os.geteuid() != 0:
        return None
    name = os.environ.get("RENTLY_SERVER_USER", "nobody")
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        raise ServerError(f"PostgreSQL can't run as root and there is no user {name}; set RENTLY_SERVER_USER to one that exists") from None
    return entry.pw_uid, entry.pw_gid


def can_enter(directory: Path) -> bool:
    """True if the server's user may go through `directory`."""
    user = server_user()
    if user is None:
        return True
    command = ["/bin/sh", "-c", 'test -x "$1"', "sh", str(directory)]
    return subprocess.run(command, cwd="/", user=user[0], group=user[1], extra_groups=[], check=False).returncode == 0


def base_dir() -> Path:
    """Our own directory under /var/tmp for temporary servers and copies; its path is short, for the sake of sockets.

    Raises ServerError if somebody else made it or may write to it.
    """
    parent = Path("/var/tmp")  # noqa: S108 - what is made in it is checked below
    base = (parent if os.access(parent, os.W_OK | os.X_OK) else Path(tempfile.gettempdir())) / f"rently-{os.geteuid()}"
    base.mkdir(mode=0o755, exist_ok=True)
    found = base.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
        raise ServerError(f"{base} is not a directory that only you can write to; remove it and run this again")
    base.chmod(0o755)  # ours, and a strict umask would close it to the server's user
    return base


def reachable(home: Path) -> Path:
    """`home`, or a stand-in under /var/tmp (linked from `home`) if the server's user can't get there. Made if missing."""
    home = home.absolute()
    if not home.is_symlink():
        home.parent.mkdir(parents=True, exist_ok=True)
        if can_enter(home.parent):
            return made(home)
        home.symlink_to(base_dir() / f"h-{hashlib.sha256(str(home).encode()).hexdigest()[:10]}")
    stand_in = made(home.resolve())
    if stand_in.parent == base_dir():
        (stand_in / "stands_in_for").write_text(str(home))
    return stand_in


def made(home: Path) -> Path:
    """`home`; if it is missing it is made such that the server's user gets through, whatever our umask. An existing one stays as it is."""
    if not home.exists():
        home.mkdir()
        home.chmod(0o711)
    return home.resolve()


def socket_dir(home: Path) -> Path:
    """The directory for the socket of the server in `home`: its data directory, or a short path if that is too long."""
    data = home / "data"
    if len(str(data)) < _LONGEST_SOCKET_PATH - len("/.s.PGSQL.65535"):
        return data
    short = base_dir() / f"s-{hashlib.sha256(str(data).encode()).hexdigest()[:10]}"
    short.mkdir(mode=0o700, exist_ok=True)
    user = server_user()
    if user is not None:
        os.chown(short, *user)
    return short


def held(path: Path) -> bool:
    """True if another process holds this lock file exclusively."""
    if not path.exists():
        return False
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        return False


def remove_litter() -> None:
    """Delete what nobody uses any more under /var/tmp.

    That is temporary homes whose guard was killed too, by a power failure for instance, and stand-ins whose checkout is gone.
    """
    for home in [*base_dir().glob("t-*"), *base_dir().glob("h-*")]:
        try:
            if time.time() - home.stat().st_mtime < _LITTER_SECONDS:  # it may be about to start
                continue
            origin = home / "stands_in_for"
            wanted = origin.exists() and Path(origin.read_text()).is_symlink()
            if not wanted and not held(home / "guard.lock"):
                shutil.rmtree(home, ignore_errors=True)
        except FileNotFoundError:
            continue


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Hold the lock file exclusively."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
