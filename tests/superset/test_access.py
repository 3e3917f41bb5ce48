from __future__ import annotations

import itertools
import re
import sqlite3
from collections.abc import Iterator

import pytest

from rently_db.dashboards import DASHBOARDS
from rently_db.dashboards.superset import Client, Running, apply_access
from rently_db.dashboards.superset.access import ENTITY_COLUMN, ONE_COMPANY
from tests.support.superset import Bundled, ask

ALL = set(range(1, 12))
SEES = {
    "executive": ALL,
    "risk": {1, 4, 5, 7, 10},
    "portfolio": {1, 3, 4, 6},
    "collections1": {3, 4},
    "collections2": {3, 4},
    "analyst": ALL - {3},
    "auditor": {5, 10},
    "treasury": {2, 11},
}
"""Dashboards by number: what was agreed, not what the definitions say."""
People = dict[str, Client]
EXPORTS = {"executive", "risk", "analyst", "auditor", "treasury"}


@pytest.fixture(scope="module")
def people(running: Running) -> dict[str, Client]:
    """Everybody who has a login, logged in."""
    return {name: Client(running.url, name, running.login(name).password) for name in SEES}


@pytest.mark.parametrize("name", SEES)
def test_each_opens_the_dashboards_of_the_audience_and_no_other(running: Running, people: People, bundled: Bundled, name: str):
    """Page, list and data of a dashboard are for who may see it; everybody else gets 404 and 403."""
    person = people[name]
    listed = {page["slug"] for page in person.listed("/api/v1/dashboard/", "dashboard_title")}
    for dashboard in DASHBOARDS:
        may = dashboard.number in SEES[name]
        assert person.send("GET", f"/api/v1/dashboard/{dashboard.key}").status == (200 if may else 404), dashboard.key
        assert (dashboard.key in listed) == may, dashboard.key
        asked = ask(running, person, dashboard.key, bundled.panels(dashboard.key)[0])
        assert asked.status == (200 if may else 403), f"{dashboard.key}: {asked.reason()}"


@pytest.mark.parametrize("name", SEES)
def test_only_some_take_data_out(running: Running, people: People, bundled: Bundled, name: str):
    """Download is refused by the server, not only missing from the menu."""
    for dashboard, form in itertools.product(DASHBOARDS, ("csv", "xlsx")):
        if dashboard.number in SEES[name]:
            asked = ask(running, people[name], dashboard.key, bundled.panels(dashboard.key)[0], form=form)
            assert asked.status == (200 if name in EXPORTS else 403), f"{dashboard.key}: {asked.reason()}"


@pytest.mark.parametrize("number", [1, 2])
def test_collections_see_rows_of_their_company_only(running: Running, people: People, bundled: Bundled, number: int):
    """Every dataset of every panel that they open has rows of their company, and of no other, whatever they ask for."""
    seen: set[str] = set()
    for chart, slug in _own(bundled):
        query = {"columns": [ENTITY_COLUMN], "metrics": [], "orderby": [], "filters": [], "post_processing": [], "series_columns": []}
        answer = ask(running, people[f"collections{number}"], slug, chart, **query)
        assert answer.status == 200, f"{chart['slice_name']}: {answer.reason()}"
        seen |= {row[ENTITY_COLUMN] for result in answer.json()["result"] for row in result["data"]}
    assert seen == {running.companies[number - 1].id}


def test_everybody_else_sees_all_companies(running: Running, people: People, bundled: Bundled):
    """The rows are closed to who sees one company, not to the others."""
    chart, slug = next(iter(_own(bundled)))
    query = {"columns": [ENTITY_COLUMN], "metrics": [], "orderby": [], "filters": [], "post_processing": [], "series_columns": []}
    answer = ask(running, people["executive"], slug, chart, **query)
    assert {row[ENTITY_COLUMN] for row in answer.json()["result"][0]["data"]} == {entity.id for entity in running.companies}


def test_every_panel_of_collections_knows_companies(running: Running, bundled: Bundled):
    """A dataset without the company of a row is empty for them: no panel of theirs reads one."""
    theirs = [dashboard for dashboard in DASHBOARDS if ONE_COMPANY & set(dashboard.roles)]
    read = {chart["slice_name"]: bundled.dataset(chart)["table_name"] for each in theirs for chart in bundled.panels(each.key)}
    assert {panel for panel, view in read.items() if view in running.access.without_rows} == set()


def test_without_a_company_collections_see_nothing(running: Running, bundled: Bundled):
    """Rows are closed by default: who was not given a company's role yet has no rows."""
    from rently_db.dashboards.superset import ensure_user

    ensure_user(running.client, "newcomer", "no-company-yet", [running.access.audiences[audience] for audience in ONE_COMPANY])
    newcomer = Client(running.url, "newcomer", "no-company-yet")
    for chart, slug in _own(bundled):
        query = {"columns": [ENTITY_COLUMN], "metrics": [], "orderby": [], "filters": [], "post_processing": [], "series_columns": []}
        answer = ask(running, newcomer, slug, chart, **query)
        assert [result["rowcount"] for result in answer.json()["result"]] == [0], chart["slice_name"]


@pytest.mark.parametrize(
    "query",
    [
        {"columns": ["current_user"]},
        {"columns": [{"sqlExpression": "current_user", "label": "x", "expressionType": "SQL"}]},
        {"metrics": [{"sqlExpression": "max(current_user)", "label": "x", "expressionType": "SQL"}]},
        {"extras": {"where": "true", "having": ""}},
        {"orderby": [["pg_sleep(1)", True]]},
    ],
    ids=lambda query: next(iter(query)),
)
def test_nobody_writes_sql_of_their_own(running: Running, people: People, bundled: Bundled, query: dict[str, object]):
    """A panel's query may ask for other columns of its dataset, but an expression would read what the dataset leaves out."""
    slug = next(dashboard.key for dashboard in DASHBOARDS if dashboard.number in SEES["risk"])
    chart = next(each for each in bundled.panels(slug) if len(each["query_context"]) > 0)
    answer = ask(running, people["risk"], slug, chart, **query)
    assert answer.status == 403, answer.reason()
    assert "Only columns of the dataset" in answer.reason()


@pytest.mark.parametrize("name", SEES)
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/sqllab/"),
        ("GET", "/api/v1/database/"),
        ("GET", "/api/v1/dataset/"),
        ("GET", "/api/v1/dashboard/export/?q=!(1)"),
        ("GET", "/api/v1/security/users/"),
        ("GET", "/api/v1/security/roles/"),
        ("GET", "/api/v1/rowlevelsecurity/"),
        ("GET", "/api/v1/log/"),
        ("DELETE", "/api/v1/dashboard/1"),
        ("DELETE", "/api/v1/chart/1"),
        ("PUT", "/api/v1/dashboard/1"),
        ("PUT", "/api/v1/chart/1"),
        ("POST", "/api/v1/chart/"),
        ("POST", "/api/v1/dashboard/"),
        ("POST", "/api/v1/sqllab/execute/"),
        ("POST", "/api/v1/assets/import/"),
        ("POST", "/api/v1/security/users/"),
    ],
)
def test_nobody_but_the_administrator_gets_behind_the_dashboards(people: People, name: str, method: str, path: str):
    """No SQL editor, no connections, no datasets, no bundle, no people, no roles, no log, and nothing is changed."""
    token = re.search(rb'csrf_token[^>]*value="([^"]+)"', people[name].send("GET", "/login/").body)
    assert token is not None
    assert people[name].send(method, path, {}, headers={"X-CSRFToken": token[1].decode()}).status == 403


def test_exports_and_views_are_kept(running: Running, people: People, bundled: Bundled):
    """An auditor can tell from the log who exported which panel of which dashboard."""
    dashboard = next(each for each in DASHBOARDS if each.number in SEES["risk"])
    chart = bundled.panels(dashboard.key)[-1]
    ask(running, people["risk"], dashboard.key, chart, form="csv")
    page = running.client.ids("dashboard")[bundled.dashboards[dashboard.key]["uuid"]]
    expected = ("risk", "export csv", page, running.client.ids("chart")[chart["uuid"]])
    connection = sqlite3.connect(f"file:{running.superset.home / 'metadata.db'}?mode=ro", uri=True)
    try:
        query = "SELECT u.username, l.action, l.dashboard_id, l.slice_id FROM logs AS l JOIN ab_user AS u ON u.id = l.user_id"
        kept = set(connection.execute(query))
    finally:
        connection.close()
    assert expected in kept
    assert ("risk", "ChartDataRestApi.data", page, _first_chart(running, bundled, dashboard.key)) in kept


def test_access_survives_another_import_and_may_be_applied_again(running: Running, people: People, bundled: Bundled):
    """Roles and rules are the same afterwards, and no second one of any appears."""
    before = _state(running)
    running.client.import_bundle(running.files, running.data_url)
    assert _state(running) == before
    apply_access(running.client, running.files, DASHBOARDS, running.companies)
    assert _state(running) == before


def _own(bundled: Bundled) -> Iterator[tuple[dict[str, object], str]]:
    for dashboard in DASHBOARDS:
        if ONE_COMPANY & set(dashboard.roles):
            for chart in bundled.panels(dashboard.key):
                if bundled.has(chart, ENTITY_COLUMN):
                    yield chart, dashboard.key


def _first_chart(running: Running, bundled: Bundled, slug: str) -> int:
    return running.client.ids("chart")[bundled.panels(slug)[0]["uuid"]]


def _state(running: Running) -> dict[str, object]:
    client = running.client
    rules = [
        (rule["name"], rule["clause"], sorted(role["name"] for role in rule["roles"]), sorted(table["id"] for table in rule["tables"]))
        for rule in client.listed("/api/v1/rowlevelsecurity/", "name")
    ]
    pages = client.listed("/api/v1/dashboard/", "dashboard_title")
    return {
        "rules": rules,
        "roles": [role["name"] for role in client.listed("/api/v1/security/roles/", "name")],
        "pages": [(page["slug"], sorted(role["name"] for role in page["roles"])) for page in pages],
    }
