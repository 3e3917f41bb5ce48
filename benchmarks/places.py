"""Where it is measured: the server with its settings, the databases on it, the machine."""

from __future__ import annotations

import os
import platform
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)
from sqlalchemy import make_url

from rently_db.migrate.baseline import BASELINE
from rently_db.server import Server, client_tool
from rently_db.synth import SynthOptions, write_v0

ROOT = Path(__file__).resolve().parents[1]
"""The checkout."""

SETTINGS = {
    "fsync": "on",
    "full_page_writes": "on",
    "synchronous_commit": "on",
    "shared_buffers": "1GB",
    "effective_cache_size": "4GB",
    "maintenance_work_mem": "256MB",
    "work_mem": "16MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "5min",
    "random_page_cost": "1.1",
    "autovacuum": "on",
}
"""Of the benchmark's own server: a commit is on disk when it returns, as in production. Everything else is PostgreSQL's default."""

_SHOWN = ("server_version", *SETTINGS, "max_parallel_maintenance_workers", "wal_level")


@dataclass(frozen=True, slots=True)
class Machine:
    """What the figures hold for. ``memory_gb`` is the RAM; ``load`` the load average of the minute before the run."""

    processor: str
    cores: int
    memory_gb: float
    system: str
    python: str
    load: float
    settings: dict[str, str] = field(default_factory=dict)
    """PostgreSQL's version and settings."""


def machine(connection: PgConnection) -> Machine:
    """This machine, and the settings of the server, which with ``--url`` may run on another one."""
    information = _text(Path("/proc/cpuinfo"))
    model = re.search(r"^model name\s*:\s*(.+)$", information, re.MULTILINE)
    memory = re.search(r"^MemTotal:\s*(\d+) kB", _text(Path("/proc/meminfo")), re.MULTILINE)
    return Machine(
        processor=model[1].strip() if model else platform.processor() or platform.machine(),
        cores=len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1,
        memory_gb=round(int(memory[1]) / 2**20, 1) if memory else 0.0,
        system=f"{platform.system()} {platform.release()}",
        python=platform.python_version(),
        load=round(os.getloadavg()[0], 2),
        settings={name: str(scalar(connection, f"SHOW {name}")) for name in _SHOWN},
    )


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8") if path.is_file() else ""


class Place:
    """Databases on one server, whose administrator ``url`` names; all of them are dropped at the end."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql")
        self._prefix = f"rently_bench_{secrets.token_hex(3)}"
        self._made: list[str] = []

    def url(self, name: str | None = None) -> str:
        """The URL of a database of this run, password included; without a name, of the administrator's."""
        chosen = self._url.set(database=f"{self._prefix}_{name}") if name else self._url
        return chosen.render_as_string(hide_password=False)

    def connect(self, name: str | None = None) -> PgConnection:
        """A connection in autocommit."""
        connection = psycopg2.connect(self.url(name), application_name="rently_bench")
        connection.autocommit = True
        return connection

    def create(self, name: str, *, copy_of: str | None = None) -> None:
        """A new database, empty or a copy of another one of this run."""
        template = ""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            if copy_of:
                template = f' TEMPLATE "{self._prefix}_{copy_of}"'
                # File by file, as quick as it gets, and without writing it all to the log.
                template += " STRATEGY FILE_COPY" if connection.server_version >= 150000 else ""
            self._made.append(name)
            cursor.execute(f'CREATE DATABASE "{self._prefix}_{name}"{template}')
            cursor.execute("CHECKPOINT")

    def drop(self, name: str) -> None:
        """Drop a database of this run; nobody may be connected."""
        with closing(self.connect()) as connection, connection.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{self._prefix}_{name}"')
        self._made.remove(name)

    def drop_all(self) -> None:
        """Drop what this run made."""
        for name in list(self._made):
            self.drop(name)


@contextmanager
def place(url: str | None) -> Iterator[Place]:
    """The server that ``url`` names (a role that may create databases), or one of our own with :data:`SETTINGS`, gone afterwards."""
    if url is None:
        with Server(settings=SETTINGS) as server:
            yield Place(server.url())
        return
    given = Place(url)
    try:
        yield given
    finally:
        given.drop_all()


def write_book(where: Place, name: str, loans: int) -> None:
    """A v0 database with a synthetic book of so many loans and every defect that a declared repair mends; analysed, as a live one is."""
    where.create(name)
    with closing(psycopg2.connect(where.url(name))) as connection:
        write_v0(connection, SynthOptions(loans=loans, dirty="repairable"))
        connection.commit()
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute("VACUUM (ANALYZE)")
            cursor.execute("CHECKPOINT")


def scalar(connection: PgConnection, query: str) -> Any:
    """The one value that a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(query)
        found = cursor.fetchone()
    assert found is not None
    return found[0]


def row_count(connection: PgConnection) -> int:
    """How many rows v0's tables have together, counted."""
    return int(scalar(connection, "SELECT " + " + ".join(f"(SELECT count(*) FROM public.{table})" for table in BASELINE)))


def megabytes(connection: PgConnection) -> float:
    """The size of the database in MB (2^20 bytes)."""
    return round(int(scalar(connection, "SELECT pg_database_size(current_database())")) / 2**20, 1)


def wal_position(connection: PgConnection) -> int:
    """The server's position in the write-ahead log, in bytes; the difference of two is what was written in between."""
    return int(scalar(connection, "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')"))


def schema(url: str) -> str:
    """``pg_dump --schema-only`` of schema public, without the lines that differ from run to run."""
    command = [str(client_tool("pg_dump")), "--schema-only", "--schema=public", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def repairs(connection: PgConnection) -> dict[str, int]:
    """By rule, how many values the migration itself repaired."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT rule, count(*) FROM ops.row_journal WHERE kind IN ('repair', 'removed') AND origin = 'migration' GROUP BY 1")
        return {str(rule): int(count) for rule, count in cursor.fetchall()}
