"""The distributions, built once, and a clean environment elsewhere that has nothing but the wheel."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy import URL
from uv import find_uv_bin

from rently_db.database import ENVIRONMENT_VARIABLE
from tests.support.migrations import ROOT, Outcome, plain


@dataclass(frozen=True)
class Distributions:
    """The files that a release consists of."""

    wheel: Path
    sdist: Path


@dataclass(frozen=True)
class Elsewhere:
    """An environment on this machine in which a service runs: its interpreter, and a folder that is no checkout."""

    home: Path

    @property
    def bin(self) -> Path:
        """Where the commands are."""
        return self.home / "venv" / "bin"

    def run(self, program: str, *arguments: str, url: URL | None = None) -> Outcome:
        """A command of the environment, with nothing of this checkout on its path."""
        hidden = {ENVIRONMENT_VARIABLE, "PYTHONPATH", "VIRTUAL_ENV"}
        env = {key: value for key, value in os.environ.items() if key not in hidden} | {"COLUMNS": "80"}
        if url is not None:
            env[ENVIRONMENT_VARIABLE] = plain(url)
        done = subprocess.run(
            [str(self.bin / program), *arguments],
            cwd=self.home,
            env=env,
            capture_output=True,
            text=True,
            check=False,
            stdin=subprocess.DEVNULL,
        )
        return Outcome(done.returncode, done.stdout, done.stderr)

    def install(self, what: str) -> None:
        """Install a requirement with the versions that the development environment has."""
        _uv("pip", "install", "--python", str(self.bin / "python"), "--constraints", str(self.home / "tried.txt"), what)


def _uv(*arguments: str, cwd: Path = ROOT) -> str:
    done = subprocess.run([find_uv_bin(), "--no-progress", *arguments], cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="session")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Distributions:
    """Wheel and sdist of what git would commit here, the wheel made from the sdist as the package index would have it."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("dist")
    listed = subprocess.run(["git", "ls-files", "-co", "--exclude-standard", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():  # one that was deleted and not yet committed is listed all the same
            (source / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, source / name)
    _uv("build", "--out-dir", str(target), str(source))
    (wheel,), (sdist,) = target.glob("*.whl"), target.glob("*.tar.gz")
    return Distributions(wheel, sdist)


@pytest.fixture(scope="session")
def elsewhere(distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    """A clean environment with the wheel and what it depends on, and no extras."""
    place = Elsewhere(tmp_path_factory.mktemp("service"))
    _uv("venv", "--python", sys.executable, str(place.home / "venv"))
    tried = _uv("pip", "freeze", "--python", sys.executable, "--exclude-editable")
    (place.home / "tried.txt").write_text("\n".join(line for line in tried.splitlines() if not line.startswith("rently")))
    place.install(str(distributions.wheel))
    return place


@pytest.fixture(scope="session")
def elsewhere_with_commands(elsewhere: Elsewhere, distributions: Distributions, tmp_path_factory: pytest.TempPathFactory) -> Elsewhere:
    """A second clean environment, which has the extras `cli` and `embedded`."""
    place = Elsewhere(tmp_path_factory.mktemp("operator"))
    _uv("venv", "--python", sys.executable, str(place.home / "venv"))
    shutil.copy(elsewhere.home / "tried.txt", place.home)
    place.install(f"rently-db[cli,embedded] @ {distributions.wheel.as_uri()}")
    return place


def members(names: Sequence[str], below: str) -> set[str]:
    """Names below a folder of an archive, without it."""
    return {name.removeprefix(below) for name in names if name.startswith(below) and not name.endswith("/")}
