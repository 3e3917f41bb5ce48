"""Alembic's command line, the way a deployment runs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from benchmarks.command import BenchmarkError
from benchmarks.live_migration.watch import MIGRATION
from benchmarks.places import ROOT, Place, scalar
from rently_db.database import ENVIRONMENT_VARIABLE

_NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"
_FIRST_CHANGE = "SELECT extract(epoch FROM started_at)::float8 FROM ops.migration_run ORDER BY id DESC LIMIT 1"


@dataclass(frozen=True, slots=True)
class Deployed:
    """How long a command took, in seconds; ``checks`` is the part before its first change: Alembic's start, checks, preflight."""

    seconds: float
    checks: float


class DeployError(BenchmarkError):
    """A migration failed. The message is what it said."""


def alembic(
    where: Place, database: str, folder: Path, command: str, revision: str, *, meanwhile: Callable[[str | None], None] | None = None
) -> Deployed:
    """Run the real command, in a process of its own; ``meanwhile`` is told again and again at which revision the database is.

    Raises:
        DeployError: it failed. The message is what it said.
    """
    environment = os.environ | {ENVIRONMENT_VARIABLE: where.url(database), "PGAPPNAME": MIGRATION}
    file = folder / f"{command}-{revision}.log"
    with file.open("w", encoding="utf-8") as log, closing(where.connect(database)) as connection:
        begin, clock = time.perf_counter(), float(scalar(connection, _NOW))
        process = subprocess.Popen(
            [sys.executable, "-m", "alembic", command, revision], cwd=ROOT, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            while process.poll() is None:
                if meanwhile and scalar(connection, "SELECT to_regclass('ops.alembic_version') IS NOT NULL"):
                    meanwhile(scalar(connection, "SELECT max(version_num) FROM ops.alembic_version"))
                time.sleep(0.05)
            took = time.perf_counter() - begin
        finally:
            if process.poll() is None:
                process.kill()
                process.wait()
    if process.returncode:
        said = file.read_text(encoding="utf-8").strip().splitlines()
        raise DeployError(f"alembic {command} {revision} ended with code {process.returncode}: " + "\n".join(said[-8:]))
    with closing(where.connect(database)) as connection:
        changed = scalar(connection, _FIRST_CHANGE)
    return Deployed(round(took, 2), round(float(changed) - clock, 2))
