"""Readers of dashboards as Superset meets them: each keeps a page open, which asks for all of its panels again once a minute."""

from __future__ import annotations

import json
import random
import statistics
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from rently_db.dashboards import DASHBOARDS, Dashboard
from rently_db.dashboards.columns import written
from rently_db.dashboards.model import COMPANY
from rently_db.dashboards.superset import Client, Running
from rently_db.dashboards.superset.client import parsed


@dataclass(frozen=True, slots=True)
class Load:
    """What the readers asked and how it was answered."""

    readers: int
    seconds: float
    queries: int
    failures: int
    median_ms: float
    p95_ms: float
    worst_ms: float

    @property
    def per_hour(self) -> int:
        """Queries an hour."""
        return round(self.queries / self.seconds * 3600)


def questions(running: Running, dashboard: Dashboard, company: str) -> list[dict[str, object]]:
    """What the page of a dashboard asks: the query of each panel, with the filter on a company."""
    charts, datasets = running.client.ids("chart"), running.client.ids("dataset")
    pages = running.client.ids("dashboard")
    asked = []
    for panel in dashboard.panels:
        said = parsed(running.files[f"charts/{dashboard.key}_{panel.key}.yaml"])
        number = datasets[said["dataset_uuid"]]
        sent = json.loads(said["query_context"])
        sent["datasource"]["id"] = number
        if not panel.all_companies and COMPANY.column in written()[panel.view]:
            for query in sent["queries"]:
                query["filters"] = [*query["filters"], {"col": COMPANY.column, "op": "IN", "val": [company]}]
        page = pages[parsed(running.files[f"dashboards/{dashboard.key}.yaml"])["uuid"]]
        sent["form_data"] = {
            "datasource": f"{number}__table",
            "slice_id": charts[said["uuid"]],
            "dashboardId": page,
            "viz_type": said["viz_type"],
        }
        asked.append(sent)
    return asked


class Readers:
    """So many readers at once, in threads; the pages of tier 1, which refresh each minute, are opened most."""

    def __init__(self, running: Running, readers: int, *, every: float = 60.0, seed: int = 7) -> None:
        self._every = every
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._took: list[float] = []
        self._failed = 0
        choice = random.Random(seed)  # noqa: S311 - which page somebody has open is no secret
        first = [dashboard for dashboard in DASHBOARDS if dashboard.tier == 1]
        companies = [entity.name for entity in running.companies]
        asked = {(d.key, c): questions(running, d, c) for d in DASHBOARDS for c in companies}
        login = running.login("executive")
        self._threads = []
        for number in range(readers):
            page = choice.choice(first if number % 4 else DASHBOARDS)
            mine = asked[page.key, choice.choice(companies)]
            person = Client(running.url, login.username, login.password)
            self._threads.append(threading.Thread(target=self._read, args=(person, mine, choice.uniform(0, every)), daemon=True))

    def __enter__(self) -> Self:
        """They begin, each at a moment of its own."""
        self._began = time.monotonic()
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """They go."""
        self._stop.set()
        for thread in self._threads:
            thread.join(120)

    def load(self) -> Load:
        """What was asked so far."""
        with self._lock:
            took = sorted(self._took)
        if not took:
            took = [0.0]
        return Load(
            readers=len(self._threads),
            seconds=round(time.monotonic() - self._began, 1),
            queries=len(self._took),
            failures=self._failed,
            median_ms=round(statistics.median(took) * 1000, 1),
            p95_ms=round(took[int(len(took) * 0.95)] * 1000, 1),
            worst_ms=round(took[-1] * 1000, 1),
        )

    def _read(self, person: Client, asked: Sequence[dict[str, object]], first: float) -> None:
        self._stop.wait(first)
        while not self._stop.is_set():
            began = time.monotonic()
            for each in asked:
                if self._stop.is_set():
                    return
                started = time.monotonic()
                status = person.send("POST", "/api/v1/chart/data", each).status
                with self._lock:
                    self._took.append(time.monotonic() - started)
                    self._failed += status != 200
            self._stop.wait(max(0.0, self._every - (time.monotonic() - began)))
