"""What a database is, as text to compare, and what a refused command said."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL

from rently_db.dumping import pg_dump_for
from tests.support.migrations import Outcome, plain, rows, run_sql, v0_content

PASSWORD = "Ge_heim7"
"""Stands in the URLs of failing commands and must never be printed."""


def whole_dump(url: URL) -> str:
    """``pg_dump --schema-only`` of everything but the migration's own memory: publications and other people's schemas included."""
    command = [str(pg_dump_for(url)), "--schema-only", "--exclude-schema=ops", "--exclude-schema=rently_v1_kept", plain(url)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return "\n".join(line for line in done.stdout.splitlines() if not line.startswith(("\\restrict", "\\unrestrict")))


def has_ops(url: URL) -> bool:
    """Whether the migration has begun to remember anything."""
    return bool(rows(url, "SELECT to_regnamespace('ops') IS NOT NULL")[0][0])


def head_of(url: URL) -> tuple[str, list[tuple]]:
    """Every schema but the migration's own memory, and the recorded version: equal for two databases that went the same way."""
    return whole_dump(url), rows(url, "SELECT version_num FROM ops.alembic_version")


def v1_content(url: URL) -> dict[str, list[str]]:
    """Every row of every table of v1, without what depends on the moment or on chance."""
    tables = [name for (name,) in rows(url, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")]
    clock = "'updated_at' - 'created_at' - 'applied_at' - 'recorded_at'"
    content = {}
    for table in tables:
        # Generated ids differ from run to run; those of v0's rows do not, and v0_content compares them.
        content[table] = sorted(row for (row,) in rows(url, f"SELECT (to_jsonb(t) - 'id' - {clock})::text FROM public.{table} AS t"))
    return content


@contextmanager
def nothing_changes(url: URL) -> Iterator[None]:
    """What happens inside leaves schema, rows and the absence of schema ops as they were."""
    before = whole_dump(url), _content(url)
    yield
    assert (whole_dump(url), _content(url)) == before
    assert not has_ops(url)


def _content(url: URL) -> str | None:
    # As text: not-a-number is not equal to itself, and 1.0 and 1.00 are not the same content.
    whole = rows(url, "SELECT to_regclass('public.loan') IS NOT NULL AND to_regclass('public.fx_rate') IS NOT NULL")[0][0]
    return repr(v0_content(url)) if whole else None


def refusal(outcome: Outcome) -> str:
    """The one error of a failed command line, after checking that it is one, has no traceback and shows no password."""
    assert outcome.code != 0, outcome.text
    assert "Traceback" not in outcome.text
    assert PASSWORD not in outcome.text
    assert outcome.text.count("FAILED:") == 1
    assert "ERROR" not in outcome.text
    return outcome.text.partition("FAILED:")[2].strip()


def with_password(url: URL, **changes: str) -> URL:
    """The URL with a password in it that must not be shown (the test server asks for none), and other changes."""
    return url.set(password=PASSWORD, **changes)


@contextmanager
def role(url: URL, name: str, *grants: str) -> Iterator[URL]:
    """The URL for a role that may log in, made for this while; ``grants`` are statements run as administrator."""
    run_sql(url, f"CREATE ROLE {name} LOGIN PASSWORD '{PASSWORD}'", *grants)
    try:
        yield with_password(url, username=name)
    finally:
        run_sql(url, f"DROP OWNED BY {name} CASCADE", f"DROP ROLE {name}")
