"""The big figures on the cards: what they are made of, their targets, and how they read."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from rently_db.dashboards import DASHBOARDS
from tests.support.migrations import connect

EQUAL = {
    ("portfolio", "active_value"): "SELECT legal_entity_id, active_portfolio_value FROM analytics.v_executive_summary_dashboard",
    ("portfolio", "active_loans"): "SELECT legal_entity_id, active_loans FROM analytics.v_executive_summary_dashboard",
    ("portfolio", "default_rate_amount"): "SELECT legal_entity_id, default_rate_amount_pct FROM analytics.v_executive_summary_dashboard",
    ("cash_flow", "expected_30d"): "SELECT legal_entity_id, expected_collections_30d FROM analytics.v_executive_summary_dashboard",
    ("cash_flow", "collection_efficiency"): (
        "SELECT legal_entity_id, collection_efficiency_mtd_pct FROM analytics.v_executive_summary_dashboard"
    ),
    ("collections", "open_cases"): "SELECT legal_entity_id, count(*) FROM analytics.v_collections_worklist GROUP BY legal_entity_id",
    ("payment_health", "early_loans"): (
        "SELECT legal_entity_id, count(*) FILTER (WHERE current_dpd BETWEEN 1 AND 7) FROM analytics.v_dpd_analysis GROUP BY legal_entity_id"
    ),
    ("risk", "past_due_31_share"): "SELECT legal_entity_id, par30 FROM analytics.v_executive_summary_dashboard",
    ("performance", "originated_mtd"): "SELECT legal_entity_id, amount_originated_mtd FROM analytics.v_executive_summary_dashboard",
    ("predictive", "label_share"): (
        "SELECT s.legal_entity_id, 100 * avg(CASE WHEN t.label_observed THEN 1 ELSE 0 END) FROM analytics.v_ml_training_set AS t"
        " INNER JOIN analytics.loan_state AS s ON t.loan_id = s.loan_id GROUP BY s.legal_entity_id"
    ),
    ("executive", "active_value"): "SELECT legal_entity_id, glp FROM analytics.v_executive_summary_dashboard",
    ("executive", "npl_ratio"): "SELECT legal_entity_id, npl FROM analytics.v_executive_summary_dashboard",
    ("compliance", "limit_breaches"): (
        "SELECT e.legal_entity_id, count(b.subject_id) FROM analytics.entity_day AS e"
        " LEFT JOIN analytics.v_product_limit_breaches AS b ON e.legal_entity_name = b.legal_entity_name AND NOT b.is_rate_missing"
        " GROUP BY e.legal_entity_id"
    ),
    ("currency", "active_value"): (
        "SELECT legal_entity_id, max(total_portfolio_functional_ccy) FROM analytics.v_consolidated_multi_currency_report GROUP BY 1"
    ),
}
"""A figure of each dashboard, and where else the same is said."""


@pytest.fixture
def opened(demonstration: URL) -> Iterator[PgConnection]:
    """A connection whose transaction is rolled back."""
    connection = connect(demonstration)
    connection.autocommit = False
    yield connection
    connection.rollback()
    connection.close()


def ask(connection: PgConnection, query: str, *values: Any) -> list[tuple[Any, ...]]:
    """What a query gives."""
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


@pytest.mark.parametrize(("dashboard", "figure"), EQUAL, ids=[".".join(key) for key in EQUAL])
def test_a_figure_is_what_the_analytics_say(opened: PgConnection, dashboard: str, figure: str):
    """A card and the view that defines the figure never differ, but for the view's rounding."""
    query = "SELECT legal_entity_id, value FROM analytics.dashboard_figure WHERE dashboard = %s AND figure = %s"
    shown = dict(ask(opened, query, dashboard, figure))
    said = dict(ask(opened, EQUAL[dashboard, figure]))
    assert len(shown) == 2
    assert {entity: value for entity, value in shown.items() if value is None or abs(value - said.get(entity, 0)) > Decimal("0.01")} == {}


def test_each_dashboard_has_its_figures_of_each_company(opened: PgConnection):
    """Six to ten figures a dashboard, the same for every company, in an order of their own, with labels that fit a card."""
    rows = ask(opened, "SELECT dashboard, legal_entity_id, sort, figure, label, unit FROM analytics.dashboard_figure")
    assert {row[0] for row in rows} == {dashboard.key for dashboard in DASHBOARDS}
    for dashboard in DASHBOARDS:
        by_company: dict[Any, list[tuple[Any, ...]]] = {}
        for row in rows:
            if row[0] == dashboard.key:
                by_company.setdefault(row[1], []).append(row[2:])
        assert len(by_company) == 2
        first, second = ({(sort, figure) for sort, figure, _, _ in of} for of in by_company.values())
        assert first == second
        assert 6 <= len(first) <= 10
        assert len({sort for sort, _ in first}) == len(first)
    assert all(len(row[4]) <= 28 for row in rows)
    assert {row[5] for row in rows} <= {"count", "percent", "money", "days", "number"}


def test_a_figure_has_one_value_wherever_it_stands(opened: PgConnection):
    """The same name on two dashboards is the same figure: two readers who compare their pages find no difference."""
    query = (
        "SELECT figure, array_agg(dashboard ORDER BY dashboard) FROM analytics.dashboard_figure GROUP BY legal_entity_id, figure"
        " HAVING count(*) > 1 AND (max(value) - min(value) > 0.005 OR count(value) NOT IN (0, count(*)))"
    )
    assert ask(opened, query) == []


def test_every_target_belongs_to_a_figure(opened: PgConnection):
    """A target that no card shows would be a promise that nobody sees kept."""
    query = "SELECT t.figure FROM analytics.figure_target AS t WHERE t.figure NOT IN (SELECT f.figure FROM analytics.figure_all AS f)"
    assert ask(opened, query) == []


@pytest.mark.parametrize(
    ("target", "status", "text"),
    [
        ('{"below": 1000}', "met", "target < 1,000"),
        ('{"below": 1}', "missed", "target < 1"),
        ('{"above": 1}', "met", "target > 1"),
        ('{"above": 100000}', "missed", "target > 100,000"),
        ('{"from": 1, "to": 100000}', "met", "target 1 to 100,000"),
        ('{"from": 2.5, "to": 3}', "missed", "target 2.5 to 3"),
        (None, "none", ""),
    ],
)
def test_a_target_is_a_setting(opened: PgConnection, target: str | None, status: str, text: str):
    """Whoever changes a setting changes the colour of the card: no target stands in a view or in a dashboard."""
    ask(opened, "DELETE FROM public.analytics_setting WHERE key = 'target_active_loans' RETURNING key")
    if target:
        ask(
            opened,
            "INSERT INTO public.analytics_setting (key, value, valid_from, source) VALUES ('target_active_loans', %s, '2020-01-01', 't')"
            " RETURNING key",
            target,
        )
    query = "SELECT DISTINCT status, target_text FROM analytics.dashboard_figure WHERE dashboard = 'portfolio' AND figure = 'active_loans'"
    assert ask(opened, query) == [(status, text)]


def test_a_target_of_the_past_is_none_today(opened: PgConnection):
    """Targets are effective-dated: one that ended yesterday colours no card."""
    ask(opened, "UPDATE public.analytics_setting SET valid_through = '2026-06-30' WHERE key = 'target_write_off_rate' RETURNING key")
    query = "SELECT DISTINCT status FROM analytics.dashboard_figure WHERE dashboard = 'portfolio' AND figure = 'write_off_rate'"
    assert ask(opened, query) == [("none",)]


def test_a_missing_rate_gives_no_figure_instead_of_a_wrong_one(opened: PgConnection):
    """Without the rate of the dollar no total of a book with dollars is shown: the card says no data, and no colour says it is well."""
    ask(opened, "DELETE FROM public.fx_rate RETURNING id")
    ask(opened, "SELECT analytics.refresh_materialized_view(v) FROM unnest(ARRAY['mv_entity_total', 'mv_portfolio_total']) AS v")
    query = (
        "SELECT DISTINCT value, value_text, status FROM analytics.dashboard_figure"
        " WHERE dashboard = 'portfolio' AND figure IN ('active_value', 'default_rate_amount', 'residential_share')"
    )
    assert ask(opened, query) == [(None, "no data", "unknown")]
    counted = "SELECT count(*) FROM analytics.dashboard_figure WHERE figure = 'active_loans' AND value > 0"
    assert ask(opened, counted) == [(4,)]


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        ("4.249", "percent", "4.2 %"),
        ("-0.94", "percent", "-0.9 %"),
        ("1234", "count", "1,234"),
        ("12.04", "days", "12.0 days"),
        ("2.085", "number", "2.09"),
        ("0.5", "number", "0.50"),
        ("9999.994", "money", "SGD 9,999.99"),
        ("10779.67", "money", "SGD 10.8 k"),
        ("10779667.02", "money", "SGD 10.78 m"),
        ("-2500000", "money", "SGD -2.50 m"),
        ("3210000000", "money", "SGD 3.21 bn"),
        (None, "money", None),
    ],
)
def test_a_figure_reads_well(opened: PgConnection, value: str | None, unit: str, text: str | None):
    """Four digits at most before the point, the unit beside them, the currency in front."""
    assert ask(opened, "SELECT analytics.figure_text(%s::numeric, %s, 'SGD')", value, unit) == [(text,)]
