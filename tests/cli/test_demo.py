"""`rently-db demo` proves what it says, and would say so if it were not so."""

import io
import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

import psycopg2
import pytest
from rich.console import Console
from sqlalchemy import URL, text
from typer.testing import CliRunner

from rently_db.cli import app
from rently_db.demo.acts import BUSINESS_DATE, Demo, LostError
from rently_db.demo.portfolio import Portfolio, show_portfolio
from tests.support.commands import rently_db
from tests.support.migrations import HEAD, plain, rows, run_sql


def test_the_demo_ends_at_v1_with_eight_things_proven(empty_database: URL):
    """On an empty database the demo migrates, rolls back and migrates again, and leaves v1 with the data in it."""
    result = CliRunner().invoke(app, ["demo", plain(empty_database), "--loans", "50"])
    assert result.exit_code == 0, result.output
    assert " 8. " in result.output
    assert rows(empty_database, "SELECT version_num FROM ops.alembic_version") == [(HEAD,)]
    assert rows(empty_database, "SELECT count(*) >= 50 FROM loan") == [(True,)]
    # The figures are of the day on which the book ends, not of today: else nothing would be collected in its month.
    assert rows(empty_database, "SELECT DISTINCT as_of FROM analytics.loan_state") == [(BUSINESS_DATE,)]
    assert rows(empty_database, "SELECT sum(collections_mtd) > 0 FROM analytics.v_executive_summary_dashboard") == [(True,)]


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
    done = rently_db(book_database, "demo", "--loans", "50")
    assert (done.code, done.stdout) == (2, "")
    assert re.fullmatch("rently-db: the demo needs an empty database, and this one holds 20 tables; .*\n", done.stderr)
    with psycopg2.connect(plain(book_database)) as connection, connection.cursor() as cursor:
        cursor.execute("SELECT to_regnamespace('ops') IS NULL")
        assert cursor.fetchone() == (True,)
    connection.close()


@pytest.fixture
def role(empty_database: URL) -> Iterator[URL]:
    """The database for a role that owns it and is no superuser."""
    name, database = f"{empty_database.database}_owner", empty_database.database
    run_sql(
        empty_database,
        f"CREATE ROLE {name} LOGIN PASSWORD 'x'",
        f"GRANT ALL ON SCHEMA public TO {name}",
        f"ALTER DATABASE {database} OWNER TO {name}",
    )
    try:
        yield empty_database.set(username=name, password="x")
    finally:
        run_sql(empty_database, f"REASSIGN OWNED BY {name} TO CURRENT_USER", f"DROP OWNED BY {name}", f"DROP ROLE {name}")


def test_the_business_date_needs_no_superuser(role: URL):
    """A role that may not set the business date of the database works at it all the same, and learns how to see the figures again."""
    told = io.StringIO()
    demo = Demo(Console(file=told, width=200, highlight=False), role.update_query_dict({"options": "-cwork_mem=5MB"}))
    with demo._engine.connect() as connection:
        settings = connection.execute(text("SELECT current_setting('rently.business_date'), current_setting('work_mem')")).one()
    assert tuple(settings) == ("2026-06-30", "5MB")
    demo._say_business_date()
    demo._engine.dispose()
    assert "SET rently.business_date = '2026-06-30'" in told.getvalue()
    assert "setting it takes a superuser" in told.getvalue()
    assert rows(role, "SELECT current_setting('rently.business_date', true) IS NULL") == [(True,)]


def _portfolio(**changes: Any) -> Portfolio:
    entity = {
        "legal_entity_name": "Rently Technologies Pte Ltd",
        "country_code": "SG",
        "functional_ccy": "SGD",
        "active_loans": 123_456,
        "active_portfolio_value": Decimal("1234567890.5"),
        "loans_originated_mtd": 1_200,
        "amount_originated_mtd": Decimal("3456789.00"),
        "collections_mtd": Decimal("1000.00"),
        "collection_efficiency_mtd_pct": None,
        "expected_collections_30d": Decimal("0.00"),
        "current_default_loans": 7,
        "current_default_amount": None,
        "default_rate_amount_pct": Decimal("1.25"),
        "written_off_loans": 3,
        "written_off_amount": Decimal("99.99"),
        "growth_trend": "Stable",
    }
    loan = {
        "loan_number": "RL-2023-0000163",
        "borrower_name": "A borrower with quite a long name indeed",
        "currency_code": "SGD",
        "current_dpd": 1_154,
        "risk_category": "Substandard",
        "arrears": Decimal("12903.32"),
    }
    bucket = {"dpd_bucket": "91-180 DPD", "instalments": 2}
    ageing = [{**bucket, "currency_code": currency, "arrears": Decimal("1000000.10")} for currency in ("AED", "SGD")]
    ageing.append({**bucket, "dpd_bucket": "180+ DPD", "currency_code": "SGD", "arrears": Decimal(5)})
    summary = [{**entity, **changes}, {**entity, "legal_entity_name": "Rently UAE DMCC", "functional_ccy": "AED"}]
    return Portfolio(date(2026, 6, 30), 1_234, summary, ageing, [loan] * 5)  # type: ignore[arg-type]


def _printed(portfolio: Portfolio) -> list[str]:
    console = Console(file=io.StringIO(), width=80, highlight=False)
    show_portfolio(console, portfolio)
    return console.file.getvalue().splitlines()  # type: ignore[attr-defined]


def test_the_portfolio_fits_a_terminal():
    """Large amounts and long names still fit 80 columns, and no amount is cut off."""
    lines = _printed(_portfolio())
    assert max(map(len, lines)) <= 80
    printed = "\n".join(lines)
    for amount in ("1,234,567,890.50 SGD", "3,456,789.00 AED", "1,000,000.10 AED", "12,903.32 SGD", "1,154 ", "1,234 companies"):
        assert amount in printed


def test_arrears_add_up_by_currency():
    """Amounts of two currencies are never added; instalments are."""
    (total,) = [line for line in _printed(_portfolio()) if "together" in line]
    assert [cell.strip() for cell in total.strip("│").split("│")] == ["together", "6", "1,000,000.10 AED", "1,000,005.10 SGD"]


def test_an_amount_without_a_rate_is_unknown():
    """What lacks an exchange rate is not shown as 0, and a share of nothing is no 0 %."""
    lines = _printed(_portfolio())
    (default,) = [line for line in lines if "in default" in line]
    (share,) = [line for line in lines if "of what was due" in line]
    assert default.count("unknown") == 2
    assert "0.00" not in share
    assert share.count(" - ") == 2
