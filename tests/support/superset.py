"""What the tests of the dashboards in Superset share: the bundle taken apart, and queries as a panel sends them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Self

from sqlalchemy import URL, NullPool

from rently_db.dashboards.superset import Answer, Client, Running
from rently_db.dashboards.superset.client import parsed
from rently_db.database import make_engine


@dataclass(frozen=True, slots=True)
class Bundled:
    """Files of the bundle by uuid, and the charts of each dashboard by its slug."""

    charts: Mapping[str, dict[str, Any]]
    datasets: Mapping[str, dict[str, Any]]
    dashboards: Mapping[str, dict[str, Any]]

    @classmethod
    def of(cls, files: Mapping[str, bytes]) -> Self:
        """Take the files apart."""

        def folder(name: str) -> dict[str, dict[str, Any]]:
            return {(said := parsed(content))["uuid"]: said for path, content in files.items() if path.startswith(f"{name}/")}

        return cls(folder("charts"), folder("datasets"), {said["slug"]: said for said in folder("dashboards").values()})

    def panels(self, slug: str) -> list[dict[str, Any]]:
        """The charts of a dashboard."""
        blocks = self.dashboards[slug]["position"].values()
        return [self.charts[block["meta"]["uuid"]] for block in blocks if isinstance(block, dict) and block["type"] == "CHART"]

    def titles(self, slug: str) -> list[str]:
        """What stands above the panels of a dashboard."""
        blocks = [each for each in self.dashboards[slug]["position"].values() if isinstance(each, dict) and each["type"] == "CHART"]
        return sorted(each["meta"].get("sliceNameOverride") or self.charts[each["meta"]["uuid"]]["slice_name"] for each in blocks)

    def dataset(self, chart: Mapping[str, Any]) -> dict[str, Any]:
        """The dataset of a chart."""
        return self.datasets[chart["dataset_uuid"]]

    def has(self, chart: Mapping[str, Any], column: str) -> bool:
        """True if the dataset of the chart has the column."""
        return column in {each["column_name"] for each in self.dataset(chart)["columns"]}


def ask(running: Running, person: Client, slug: str, chart: Mapping[str, Any], *, form: str = "json", **query: object) -> Answer:
    """The query of a panel as its page sends it for a person, who may have changed parts of it (`columns=[...]`)."""
    number = running.client.ids("chart")[chart["uuid"]]
    sent = json.loads(chart["query_context"])
    dataset = running.client.ids("dataset")[chart["dataset_uuid"]]
    page = running.client.ids("dashboard")
    dashboard = next(page[said["uuid"]] for said in Bundled.of(running.files).dashboards.values() if said["slug"] == slug)
    sent["datasource"]["id"] = dataset
    sent["queries"] = [{**each, **query} for each in sent["queries"]]
    sent["form_data"] = {**chart["params"], "datasource": f"{dataset}__table", "slice_id": number, "dashboardId": dashboard}
    return person.send("POST", "/api/v1/chart/data", {**sent, "result_format": form, "force": True})


@contextmanager
def renamed(url: URL, view: str, column: str) -> Iterator[None]:
    """A column of a view of schema analytics has another name for a while."""
    engine = make_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.exec_driver_sql(f"ALTER TABLE analytics.{view} RENAME COLUMN {column} TO was_{column}")
            try:
                yield
            finally:
                connection.exec_driver_sql(f"ALTER TABLE analytics.{view} RENAME COLUMN was_{column} TO {column}")
    finally:
        engine.dispose()
