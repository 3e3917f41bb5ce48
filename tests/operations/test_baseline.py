"""`rently-db baseline compare`: the file of before the migration against the database after it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.util import CommandError
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from rently_db.cli import app
from rently_db.cli.exit_codes import ExitCode
from rently_db.operations.preflight.comparison import _statements
from rently_db.operations.statements import Busy
from rently_db.testing.databases import Databases
from tests.support.content import digests
from tests.support.looks import whole_dump
from tests.support.migrations import HEAD, downgrade, plain, run_sql, upgrade

LOUD = "UPDATE public.party SET email = upper(email)"


def run(file: Path, url: URL, *arguments: str) -> Result:
    """`rently-db baseline compare FILE URL ...` in this process; errors of the user are raised as they are."""
    return CliRunner().invoke(app, ["baseline", "compare", str(file), plain(url), *arguments], catch_exceptions=False)


def fates(result: Result) -> dict[str, str]:
    """Table -> fate of those that are not the same."""
    found: dict[str, Any] = json.loads(result.stdout)
    return {table["table"]: table["fate"] for table in found["tables"] if table["fate"] != "same"}


@pytest.fixture(scope="module")
def journey(databases: Databases, book_template: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, Path]]:
    """A book with shouted e-mail addresses at head, and the baseline of before."""
    file = tmp_path_factory.mktemp("baseline") / "before.json"
    with databases.database(template=book_template) as url:
        run_sql(url, LOUD)
        CliRunner().invoke(app, ["preflight", plain(url), "--baseline", str(file)], catch_exceptions=False)
        upgrade(url)
        yield str(url.database), file


@pytest.fixture
def migrated(databases: Databases, journey: tuple[str, Path]) -> Iterator[URL]:
    """A copy of it that a test may change."""
    with databases.database(template=journey[0]) as url:
        yield url


def test_repairs_are_explained(migrated: URL, journey: tuple[str, Path]):
    """The one table whose content the migration changed is explained by its account; all others hold what they held; nothing is written."""
    before = whole_dump(migrated), digests(migrated)
    result = run(journey[1], migrated, "--json")
    assert (whole_dump(migrated), digests(migrated)) == before
    assert result.exit_code == ExitCode.DONE
    assert fates(result) == {"party": "explained"}
    found = json.loads(result.stdout)
    assert (found["revision"], len(found["tables"]), found["unexplained"]) == (HEAD, 20, 0)
    assert found["bytes_after"] > found["bytes_before"] > 0
    assert "CREATE EXTENSION pg_stat_statements" in found["statements_missing"]
    assert "explained: party: the content of its rows differs" in run(journey[1], migrated).stdout


def test_after_a_rollback_everything_is_the_same(migrated: URL, journey: tuple[str, Path]):
    """Back at v0 every table is what the file says."""
    downgrade(migrated)
    assert fates(run(journey[1], migrated, "--json")) == {}


def test_what_applications_wrote_afterwards_is_said(migrated: URL, journey: tuple[str, Path]):
    """After the account is closed nobody counts: a new value is told as written, with the sums that differ, and is no failure."""
    run_sql(
        migrated, "UPDATE public.collections_event SET amount_involved = 12.34 WHERE id = (SELECT id FROM public.collections_event LIMIT 1)"
    )
    result = run(journey[1], migrated, "--json")
    assert result.exit_code == ExitCode.DONE
    assert fates(result) == {"party": "explained", "collections_event": "written"}
    (sentence,) = [
        text for table in json.loads(result.stdout)["tables"] for text in table["differences"] if table["table"] == "collections_event"
    ]
    assert "the sum of amount_involved in" in sentence


def test_what_no_account_explains_fails(migrated: URL, journey: tuple[str, Path]):
    """A table whose account does not close is unexplained, and the exit code is 1."""
    run_sql(migrated, "UPDATE ops.account SET content_closes = false WHERE table_name = 'party'")
    result = run(journey[1], migrated, "--json")
    assert result.exit_code == ExitCode.FINDINGS
    assert fates(result) == {"party": "unexplained"}


def test_without_a_migration_a_difference_is_unexplained(databases: Databases, book_template: str, journey: tuple[str, Path]):
    """A copy that was never migrated has no accounts: what differs there is a finding."""
    with databases.database(template=book_template) as url:
        result = run(journey[1], url, "--json")
        assert (result.exit_code, fates(result)) == (ExitCode.FINDINGS, {"party": "unexplained"})
        run_sql(url, "DROP TABLE public.document_link")
        assert fates(run(journey[1], url, "--json"))["document_link"] == "unexplained"


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (None, "can't be read"),
        ("[]", "is no baseline"),
        ("{", "is no baseline"),
        ('{"format": 2}', "of format 2, and this release reads 1"),
    ],
)
def test_a_file_that_is_no_baseline_is_an_error_of_use(tmp_path: Path, head_database: URL, text: str | None, sentence: str):
    """Whatever else the file is, the error names it and the command that makes one."""
    file = tmp_path / "before.json"
    if text is not None:
        file.write_text(text)
    with pytest.raises(CommandError, match=rf"before\.json .*{sentence}.*rently-db preflight --baseline FILE"):
        run(file, head_database)


def busy(query: str, calls: int, total: float) -> Busy:
    """A statement as the server counted it."""
    return Busy(query, calls, calls, total, round(total / calls, 3))


@pytest.mark.parametrize(
    ("after", "calls", "mean", "ratio", "status"),
    [
        (busy("q", 20, 400.0), 10, 30.0, 3.0, "slower"),
        (busy("q", 20, 110.0), 10, 1.0, 0.1, "faster"),
        (busy("q", 20, 205.0), 10, 10.5, 1.05, "same"),
        (busy("q", 5, 150.0), 5, 30.0, 3.0, "slower"),
        (busy("q", 10, 100.0), 0, None, None, "not called"),
        (busy("other", 10, 100.0), 0, None, None, "not called"),
    ],
)
def test_only_calls_since_the_baseline_count(after: Busy, calls: int, mean: float | None, ratio: float | None, status: str):
    """The server counts on: what was called before is taken off, unless the counters were reset meanwhile."""
    (found,) = _statements([busy("q", 10, 100.0)], [after])
    assert (found.calls, found.mean_before_ms, found.mean_after_ms, found.ratio, found.status) == (calls, 10.0, mean, ratio, status)
