"""The contract between dashboards and database: every panel finds its columns, and gets rows on the demonstration's book."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from sqlalchemy import URL, Connection, text
from typer.testing import CliRunner

from rently_db.cli import app
from rently_db.dashboards import DASHBOARDS, Panel
from rently_db.dashboards.check import check, contract
from rently_db.dashboards.columns import live, written
from rently_db.dashboards.model import Measure, Pie, Row, Total, Unit
from rently_db.database import make_engine
from rently_db.testing.databases import Databases
from tests.support.migrations import plain, run_sql

VIEWS = sorted({panel.view for dashboard in DASHBOARDS for panel in dashboard.panels})


@pytest.fixture
def connection(demonstration: URL) -> Iterator[Connection]:
    """A connection to the demonstration's database, whose transaction is rolled back."""
    engine = make_engine(demonstration)
    with engine.connect() as found:
        yield found
    engine.dispose()


def test_every_panel_fits_and_has_rows(connection: Connection):
    """All columns are there with fitting types, all queries run, none is empty, and no ratio is made of several rows."""
    assert [str(finding) for finding in check(connection)] == []


def test_the_columns_written_down_are_those_of_the_database(connection: Connection):
    """The bundle is made without a database: python -m rently_db.dashboards.columns URL brings the file up to date."""
    assert written() == live(connection, VIEWS)


def test_a_renamed_column_names_exactly_the_panels_that_break(databases: Databases, demo_template: str):
    """A column that gets another name is found in every panel that reads it, and in no other."""
    with databases.database(template=demo_template) as url:
        run_sql(url, "ALTER TABLE analytics.dash_mix RENAME COLUMN business_unit TO unit")
        result = CliRunner().invoke(app, ["dashboards", "check", plain(url)], catch_exceptions=False)
    lines = result.stdout.splitlines()
    assert result.exit_code == 1
    broken = {
        f"{d.key}.{p.key}" for d in DASHBOARDS for p in d.panels if p.view == "dash_mix" and getattr(p.chart, "by", None) == "business_unit"
    }
    assert {line.partition(":")[0] for line in lines[:-1]} == broken == {"portfolio.unit_mix"}
    assert "analytics.dash_mix has no column business_unit; see rently_db/dashboards/definitions/portfolio.py" in lines[0]
    assert lines[-1].endswith("1 do not fit")


def test_two_companies_of_one_name_are_one_finding(connection: Connection):
    """The filter and the charts know a company by its name: who shares one is named once, with the mend, not as a flaw of each panel."""
    connection.execute(text("UPDATE legal_entity SET name = 'Rently'"))
    [(number,)] = connection.execute(text("SELECT count(*) FROM legal_entity"))
    found = [str(finding) for finding in check(connection)]
    assert [line for line in found if "of one row" in line] == []
    assert (
        f"all.company: {number} companies are called Rently, and the dashboards tell companies apart by name; give each a name" in found[0]
    )


def test_a_dropped_view_says_what_to_run(databases: Databases, demo_template: str):
    """A database that is not at head lacks views: the finding says to upgrade it."""
    with databases.database(template=demo_template) as url:
        run_sql(url, "DROP VIEW analytics.dash_mix CASCADE")
        result = CliRunner().invoke(app, ["dashboards", "check", plain(url)], catch_exceptions=False)
    assert "portfolio.product_mix: the database has no analytics.dash_mix; run alembic upgrade head" in result.stdout


def _with(panel: Panel) -> list[str]:
    """What the contract check says of a panel on the portfolio's dashboard."""
    return [finding.problem for finding in contract(replace(DASHBOARDS[0], rows=(Row("", (panel,)),)), panel, written())]


def _pie(view: str, by: str, measure: Measure, **other: object) -> Panel:
    return Panel("tried", "Tried", "Does it hold?", view, Pie(by, measure), **other)  # type: ignore[arg-type]


def test_money_of_several_currencies_is_refused():
    """An amount in the currency of the loans may only be added where the currency tells the marks apart, or is one."""
    amount = Measure("arrears", "Arrears", Unit.MONEY)
    assert _with(_pie("v_dpd_analysis", "dpd_bucket", amount, all_companies=True)) == (
        ["it shows money and does not say in which currency"]
        if "v_dpd_analysis" in written()
        else ["the database has no analytics.v_dpd_analysis"]
    )
    money = Measure("outstanding_fn", "Outstanding", Unit.MONEY)
    assert _with(_pie("dash_mix", "product_category", money)) == ["it shows money and does not say in which currency"]
    assert _with(_pie("dash_mix", "product_category", money, currency="functional_ccy")) == []
    [problem] = _with(_pie("dash_mix", "product_category", money, currency="functional_ccy", all_companies=True))
    assert "may add amounts of several currencies" in problem
    assert _with(_pie("dash_mix", "functional_ccy", money, currency="functional_ccy", all_companies=True)) == []


def test_a_ratio_of_several_rows_is_refused(connection: Connection):
    """The default rate of a product is no maximum of the rates of its currencies: the check sees that a mark stands for several rows."""
    rate = Measure("default_pct", "Default rate", Unit.PERCENT, Total.MAX)
    panel = Panel("tried", "Tried", "Does it hold?", "dash_month", Pie("functional_ccy", rate))
    [finding] = check(connection, [replace(DASHBOARDS[0], rows=(Row("", (panel,)),))])
    assert "a ratio is never added nor averaged" in str(finding)


def test_text_is_no_number():
    """A measure over a column of text is found before Superset shows an error."""
    [problem] = _with(_pie("dash_mix", "business_unit", Measure("product_category", "Product")))
    assert problem == "analytics.dash_mix.product_category is text, and no number"
