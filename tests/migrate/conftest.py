"""What the tests of the migration share: how far they go."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support import migrations

TO_V1 = frozenset(
    {
        "test_accounting",
        "test_accounting_unexplained",
        "test_adoption",
        "test_back_up_again",
        "test_derived",
        "test_kept",
        "test_preflight",
        "test_preflight_survey",
        "test_races",
        "test_stopped",
    }
)
"""Modules about what becomes of v0's rows: analytics and operations come after, change none of them, and take three times as long.

Round trips, kills, faults and both applications' workloads go all the way to head.
"""


@pytest.fixture(scope="module", autouse=True)
def target(request: pytest.FixtureRequest) -> Iterator[None]:
    """Let ``upgrade(url)`` end at v1 in those modules."""
    with pytest.MonkeyPatch.context() as patch:
        if request.module.__name__.rpartition(".")[2] in TO_V1:
            patch.setattr(migrations, "TARGET", "v1")
        yield
