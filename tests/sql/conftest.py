"""A database with a stack of views."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.sql.stack import build


@pytest.fixture(scope="module")
def stack_template(databases: Databases) -> Iterator[str]:
    """Name of a database with the stack, to copy from."""
    with databases.database() as url:
        build(url)
        yield str(url.database)


@pytest.fixture
def stack(databases: Databases, stack_template: str) -> Iterator[URL]:
    """The stack, of this test's own."""
    with databases.database(template=stack_template) as url:
        yield url
