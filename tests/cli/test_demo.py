"""`rently-db demo` proves what it says, and would say so if it were not so."""

import psycopg2
import pytest
from rich.console import Console
from sqlalchemy import URL
from typer.testing import CliRunner

from rently_db.cli import app
from rently_db.demo.acts import Demo, LostError
from tests.support.migrations import plain, rows, run_sql


def test_the_demo_ends_at_v1_with_eight_things_proven(empty_database: URL):
    """On an empty database the demo migrates, rolls back and migrates again, and leaves v1 with the data in it."""
    result = CliRunner().invoke(app, ["demo", plain(empty_database), "--loans", "50"])
    assert result.exit_code == 0, result.output
    assert " 8. " in result.output
    assert rows(empty_database, "SELECT version_num FROM ops.alembic_version") == [("v1",)]
    assert rows(empty_database, "SELECT count(*) >= 50 FROM loan") == [(True,)]


def test_a_lost_row_is_not_proven_away(empty_database: URL, monkeypatch: pytest.MonkeyPatch):
    """If the rollback lost a row, the demo says so instead of counting it as proven."""
    demo = Demo(Console(quiet=True), empty_database)
    carry_out = demo._alembic

    def downgrade_that_loses_a_row(command: str, revision: str) -> None:
        carry_out(command, revision)
        if command == "downgrade":
            run_sql(empty_database, "DELETE FROM fx_rate WHERE id = (SELECT id FROM fx_rate WHERE as_of_date > '2025-01-01' LIMIT 1)")

    monkeypatch.setattr(demo, "_alembic", downgrade_that_loses_a_row)
    with pytest.raises(LostError, match="each is again what it was"):
        demo.run(50)


def test_the_demo_refuses_a_database_in_use(book_database: URL):
    """Nobody's data are shown around: a database with tables is refused, and stays as it is."""
    result = CliRunner().invoke(app, ["demo", plain(book_database), "--loans", "50"])
    assert result.exit_code == 2
    assert "needs an empty database" in result.output
    with psycopg2.connect(plain(book_database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('ops') IS NULL")
        assert cursor.fetchone() == (True,)
    connection.close()
