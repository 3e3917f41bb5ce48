"""Run Alembic in tests the way deploy pipelines do, and look at what it left."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import psycopg2
from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from rently_db.database import ENVIRONMENT_VARIABLE
from rently_db.dumping import pg_dump_for
from rently_db.migrate.baseline import BASELINE

ROOT = Path(__file__).resolve().parents[2]


def alembic_config(url: URL) -> Config:
    """Alembic's configuration for one database, silent about logging."""
    config = Config(str(ROOT / "alembic.ini"))
    config.attributes["url"] = plain(url)
    config.attributes["configure_logging"] = False
    return config


def plain(url: URL) -> str:
    """The URL as a user writes it, password included."""
    return url.set(drivername="postgresql").render_as_string(hide_password=False)


TARGET = "head"
"""Where ``upgrade`` goes; modules of tests that are about the tables of v0 and v1 alone are spared the way beyond (tests/migrate)."""


def upgrade(url: URL, revision: str | None = None) -> None:
    """``alembic upgrade`` in this process; raises CommandError as Alembic does."""
    command.upgrade(alembic_config(url), revision or TARGET)


def downgrade(url: URL, revision: str = "v0") -> None:
    """``alembic downgrade`` in this process."""
    command.downgrade(alembic_config(url), revision)


def chain() -> list[str]:
    """Every revision id, oldest first."""
    script = ScriptDirectory(str(ROOT / "migrations"))
    return [revision.revision for revision in reversed(list(script.walk_revisions()))]


HEAD = chain()[-1]
"""The id of the newest revision."""


@dataclass(frozen=True)
class Outcome:
    """What a command line printed and how it ended."""

    code: int
    stdout: str
    stderr: str

    @property
    def text(self) -> str:
        """Everything it printed."""
        return self.stdout + self.stderr


def run_alembic(url: URL | str | None, *arguments: str, **environment: str) -> Outcome:
    """The real ``alembic`` command in a process of its own; ``None`` names no database at all."""
    env = {key: value for key, value in os.environ.items() if key != ENVIRONMENT_VARIABLE} | environment
    if url is not None:
        env[ENVIRONMENT_VARIABLE] = plain(url) if isinstance(url, URL) else url
    done = subprocess.run([sys.executable, "-m", "alembic", *arguments], cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    return Outcome(done.returncode, done.stdout, done.stderr)


def connect(url: URL) -> PgConnection:
    """A psycopg2 connection in autocommit."""
    connection = psycopg2.connect(plain(url))
    connection.autocommit = True
    return connection


def rows(url: URL, query: str) -> list[tuple]:
    """What a query gives."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(query)
            return cursor.fetchall()
    finally:
        connection.close()


def run_sql(url: URL, *statements: str) -> None:
    """Run statements, each by itself."""
    connection = connect(url)
    try:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
    finally:
        connection.close()


def dump(url: URL) -> str:
    """``pg_dump --schema-only`` of schema public, without the random lines that newer versions print."""
    done = subprocess.run(
        [str(pg_dump_for(url)), "--schema-only", "--schema=public", plain(url)], capture_output=True, text=True, check=True
    )
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def v0_content(url: URL) -> dict[str, list[tuple]]:
    """Every row of the twenty tables, v0's columns only, by id: the content a rollback must give back."""
    return {
        table.name: rows(url, f"SELECT {', '.join(column.name for column in table.columns)} FROM public.{table.name} ORDER BY id")
        for table in BASELINE.values()
    }
