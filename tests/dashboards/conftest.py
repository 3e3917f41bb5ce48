"""The demonstration's database, made once for the tests of the dashboards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from rently_db.dashboards.demo import demo_database
from rently_db.synth import SynthOptions
from rently_db.testing.databases import Databases
from tests.support.migrations import run_sql

BUSINESS_DATE = SynthOptions(loans=1).business_date


@pytest.fixture(scope="session")
def demo_template(databases: Databases) -> Iterator[str]:
    """Name of the database that make superset shows, to copy from. A copy does not take over the business date."""
    with databases.database() as url:
        demo_database(url)
        yield str(url.database)


@pytest.fixture(scope="session")
def demonstration(databases: Databases, demo_template: str) -> Iterator[URL]:
    """The demonstration's database; only read."""
    with databases.database(template=demo_template) as url:
        run_sql(url, f"ALTER DATABASE {url.database} SET rently.business_date = '{BUSINESS_DATE}'")
        yield url
