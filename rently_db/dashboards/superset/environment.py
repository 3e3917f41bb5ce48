"""Superset's own Python environment: made once from requirements/superset.lock, made again when that file changes.

It can't be ours: Superset 6.1 pins SQLAlchemy 1.4.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

from rently_db.server.places import locked, project_dir

VENV_VARIABLE = "RENTLY_SUPERSET_VENV"


class SupersetError(RuntimeError):
    """Superset can't be installed, started or used. The message is one sentence with the mend."""


def lock_file() -> Path:
    """The versions that Superset is installed in. Raises SupersetError outside a checkout, where the file is not."""
    path = project_dir() / "requirements" / "superset.lock"
    if not path.is_file():
        raise SupersetError(f"{path} is missing; run this in a checkout of rently_db, or name an environment in {VENV_VARIABLE}")
    return path


def base_dir() -> Path:
    """`.rently/superset`, where the environment, templates of metadata and screenshots are kept."""
    path = project_dir() / ".rently" / "superset"
    path.mkdir(parents=True, exist_ok=True)
    return path


def environment() -> Path:
    """The virtual environment with Superset: the one RENTLY_SUPERSET_VENV names, else `.rently/superset/venv`, made if need be.

    Making it fetches some 640 MB and takes a minute. Raises SupersetError if it can't be had.
    """
    named = os.environ.get(VENV_VARIABLE)
    if named:
        if not (Path(named) / "bin" / "superset").is_file():
            raise SupersetError(f"{VENV_VARIABLE} is {named}, which has no bin/superset; unset it to have an environment made")
        return Path(named).absolute()
    lock, venv = lock_file(), base_dir() / "venv"
    stamp, wanted = venv / "lock.sha256", hashlib.sha256(lock.read_bytes()).hexdigest()
    with locked(base_dir() / "venv.lock"):
        if not stamp.is_file() or stamp.read_text() != wanted:
            _make(venv, lock)
            stamp.write_text(wanted)
    return venv


def _make(venv: Path, lock: Path) -> None:
    # The lock names everything; without --no-deps pip would fetch the metadata of all of them to find out the same.
    install = [str(venv / "bin" / "python"), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes", "-r", str(lock)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(venv)], install):
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            lines = done.stderr.strip().splitlines() or ["it said nothing"]
            why = next((line for line in lines if line.startswith("ERROR")), lines[-1])
            raise SupersetError(f"Superset could not be installed ({why}); to see all that it says, run: {' '.join(command)}")
