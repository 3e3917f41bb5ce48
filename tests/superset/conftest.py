"""The dashboards in a real Superset, on the demonstration's database: one of each for all tests.

`make test` leaves this directory out, for it needs 640 MB of Superset and a browser; `make test-superset` names it.

RENTLY_SUPERSET_VENV       a ready environment with Superset, instead of making one
RENTLY_SUPERSET_DEMO_URL   a ready demonstration's database (its superuser), instead of making one
RENTLY_CHROMIUM            the browser, /usr/bin/chromium unless set
RENTLY_SCREENSHOTS         where pictures of all dashboards go, .rently/superset/screenshots unless set
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

from rently_db.dashboards.superset import Running, serving
from rently_db.database import parse_url
from rently_db.testing.databases import Databases
from tests.support.superset import Bundled


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Only who names this directory, or a file in it, runs it."""
    here = Path(__file__).parent
    named = [Path(argument.partition("::")[0]).absolute() for argument in config.args]
    return None if any(path == here or here in path.parents for path in named) else True


@pytest.fixture(scope="session")
def demonstration(request: pytest.FixtureRequest) -> Iterator[URL]:
    """The database that `make superset` shows, for its superuser."""
    from rently_db.dashboards.demo import demo_database

    ready = os.environ.get("RENTLY_SUPERSET_DEMO_URL")
    if ready:
        yield parse_url(ready)
        return
    databases: Databases = request.getfixturevalue("databases")
    with databases.database() as url:
        demo_database(url)
        yield url


@pytest.fixture(scope="session")
def running(demonstration: URL) -> Iterator[Running]:
    """A Superset with our dashboards on the demonstration's database."""
    with serving(demonstration) as found:
        yield found


@pytest.fixture(scope="session")
def bundled(running: Running) -> Bundled:
    """What the bundle says, taken apart."""
    return Bundled.of(running.files)
