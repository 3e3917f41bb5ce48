from __future__ import annotations

import json
import uuid

import pytest
from sqlalchemy import URL

from rently_db.dashboards.superset import Client, Running, SupersetError
from rently_db.dashboards.superset.client import parsed
from tests.support.superset import Bundled, renamed

KINDS = ("database", "dataset", "chart", "dashboard")


def test_what_is_imported_again_keeps_its_numbers(running: Running):
    """Addresses of dashboards, roles and people's bookmarks hold on to the numbers: they are the same after another import."""
    before = {kind: running.client.ids(kind) for kind in KINDS}
    running.client.import_bundle(running.files, running.data_url)
    assert {kind: running.client.ids(kind) for kind in KINDS} == before
    assert running.client.prune(running.files).deleted == ()


def test_everything_of_the_bundle_is_there(running: Running, bundled: Bundled):
    """No file of the bundle is passed over in silence."""
    assert set(running.client.ids("chart")) == set(bundled.charts)
    assert set(running.client.ids("dataset")) == set(bundled.datasets)
    assert set(running.client.ids("dashboard")) == {each["uuid"] for each in bundled.dashboards.values()}


def test_every_panel_is_on_its_dashboard(running: Running, bundled: Bundled):
    """A dashboard owns exactly its charts: Superset stops linking them at the first one that it does not find, and says nothing."""
    for slug in bundled.dashboards:
        found = running.client.get(f"/api/v1/dashboard/{slug}/charts")["result"]
        assert sorted(chart["slice_name"] for chart in found) == sorted(chart["slice_name"] for chart in bundled.panels(slug)), slug


def test_every_panel_has_data(running: Running):
    """Each chart's query runs without an error and has rows."""
    asked = list(running.client.chart_data())
    assert [each for each in asked if each.error or not each.rows] == []
    assert len(asked) == len(running.client.ids("chart"))


def test_a_renamed_column_names_the_panels_that_break(running: Running, demonstration: URL, bundled: Bundled):
    """After a column has got another name in the database, the panels that read it fail, and only these."""
    chart = next(each for each in bundled.charts.values() if each["viz_type"] == "table")
    column = chart["params"]["all_columns"][0]
    readers = {
        each["uuid"]
        for each in bundled.charts.values()
        if each["dataset_uuid"] == chart["dataset_uuid"] and f'"{column}"' in each["query_context"].partition('"form_data"')[0]
    }
    others = {each["uuid"] for each in bundled.charts.values() if each["dataset_uuid"] == chart["dataset_uuid"]} - readers
    with renamed(demonstration, bundled.dataset(chart)["table_name"], column):
        broken = list(running.client.chart_data(readers))
        assert chart["slice_name"] in {each.chart for each in broken}
        assert all(each.error and column in each.error for each in broken)
        assert [each for each in running.client.chart_data(others) if each.error] == []
    assert [each for each in running.client.chart_data(readers) if each.error] == []


def test_what_left_the_bundle_is_pruned_and_nothing_of_a_users(running: Running, bundled: Bundled):
    """A chart that left the bundle is deleted; on a person's dashboard it stays and is reported; a person's own chart is never touched."""
    client, files = running.client, dict(running.files)
    gone = [path for path in files if path.startswith("charts/")][:2]
    first, second = (bundled.charts[each] for each in (_uuid_of(bundled, files[path]) for path in gone))
    rest = {path: content for path, content in files.items() if path not in gone}
    own = client.post("/api/v1/chart/", _own_chart(client, second["dataset_uuid"]))["id"]
    page = client.post("/api/v1/dashboard/", {"dashboard_title": "Mine", "published": False})["id"]
    try:
        client.put(f"/api/v1/chart/{client.ids('chart')[second['uuid']]}", {"dashboards": [*_pages(client, second), page]})
        pruned = client.prune(rest)
        assert f"chart {first['slice_name']}" in pruned.deleted
        assert pruned.kept == (f"chart {second['slice_name']}, which is on dashboard Mine",)
        assert first["uuid"] not in client.ids("chart")
        assert second["uuid"] in client.ids("chart")
        assert client.send("GET", f"/api/v1/chart/{own}").status == 200
        assert client.send("GET", f"/api/v1/dashboard/{page}").status == 200
    finally:
        client.delete(f"/api/v1/dashboard/{page}")
        client.delete(f"/api/v1/chart/{own}")
        client.import_bundle(files, running.data_url)
    assert client.prune(files).deleted == ()
    assert set(client.ids("chart")) == set(bundled.charts)


def test_a_file_that_superset_refuses_is_named(running: Running):
    """Superset's answer says nothing of it; its log says which file and what of it."""
    path = next(each for each in running.files if each.startswith("charts/"))
    broken = {**running.files, path: json.dumps({**parsed(running.files[path]), "no_such_field": 1}).encode()}
    with pytest.raises(SupersetError, match=r"its superset\.log says which file, mend it in rently_db/dashboards"):
        running.client.import_bundle(broken, running.data_url)
    assert running.superset.complaint().startswith(path)
    assert "no_such_field" in running.superset.complaint()


def test_a_wrong_password_is_refused_with_the_mend(running: Running):
    """Whoever mistypes is told which login to use."""
    with pytest.raises(SupersetError, match=r"does not let admin in .*make superset"):
        Client(running.url, "admin", "wrong")


def _uuid_of(bundled: Bundled, content: bytes) -> str:
    return next(each for each in bundled.charts if each.encode() in content)


def _own_chart(client: Client, dataset: str) -> dict[str, object]:
    number = client.ids("dataset")[dataset]
    return {"slice_name": f"Mine {uuid.uuid4()}", "datasource_id": number, "datasource_type": "table", "viz_type": "table", "params": "{}"}


def _pages(client: Client, chart: dict[str, object]) -> list[int]:
    number = client.ids("chart")[str(chart["uuid"])]
    return [int(page["id"]) for page in client.get(f"/api/v1/chart/{number}")["result"]["dashboards"]]
