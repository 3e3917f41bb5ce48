"""Where the benchmarks work in tests."""

from collections.abc import Iterator

import pytest
from sqlalchemy import URL

from benchmarks.places import Place
from tests.support.migrations import plain


@pytest.fixture(scope="module")
def place(server_url: URL) -> Iterator[Place]:
    """Databases of a benchmark on the test server."""
    where = Place(plain(server_url))
    try:
        yield where
    finally:
        where.drop_all()
