from __future__ import annotations

import time
from typing import Any, Self

import pytest
from alembic.util import CommandError

from rently_db.migrate import pace
from rently_db.migrate.pace import KEYS, Pace, most_lag


class Server:
    """Answers the questions of a pace as a server would: for each look a standby's lag or none, then dead rows under vacuum or none."""

    def __init__(self, *looks: tuple[tuple[Any, ...] | None, tuple[Any, ...] | None]) -> None:
        self._answers = [answer for lag, dead in looks for answer in ([lag] if lag else [None, dead])]

    def cursor(self) -> Self:
        """Itself."""
        return self

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def execute(self, *_: object) -> None:
        """Take the question."""

    def fetchone(self) -> tuple[Any, ...] | None:
        """The next answer."""
        return self._answers.pop(0)


@pytest.fixture(autouse=True)
def slept(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """How long was slept; nobody really does."""
    naps: list[float] = []
    monkeypatch.setattr(time, "sleep", naps.append)
    return naps


def test_a_batch_is_as_big_as_a_quarter_of_a_second_allows():
    """A batch that took an eighth of a second is followed by one twice as big, one that took a second by one half as big."""
    made = Pace(Server(), "loan", 5_000, lambda: False)
    made.took(0.125)
    assert made.size == 10_000
    made.took(1.0)
    assert made.size == 5_000
    for _ in range(20):
        made.took(10.0)
    assert made.size == KEYS[0]


def test_whoever_waits_for_a_batch_makes_the_next_one_smaller(slept: list[float]):
    """When an application had to wait, the next batch is half as big however fast the last one was, and comes after a pause."""
    made = Pace(Server(), "loan", 5_000, lambda: True)
    made.took(0.1)
    assert (made.size, slept) == (2_500, [0.1])


def test_batches_wait_for_a_standby_that_is_behind(slept: list[float]):
    """While a standby is more than ten seconds behind nothing is written; who it is is said once, and that it goes on."""
    told: list[str | None] = []
    Pace(Server((("replica-2", 25.0), None), (("replica-2", 12.0), None), (None, None)), "loan", 5_000, bool).wait(told.append)
    assert told[0] is not None
    assert "replica-2, 25 s behind" in told[0]
    assert told[1:] == [None]
    assert len(slept) == 2


def test_batches_wait_for_vacuum_but_not_for_ever(slept: list[float], monkeypatch: pytest.MonkeyPatch):
    """A vacuum at work on many dead rows is waited for a minute in all: it may be slower than the migration for good."""
    clock = iter(range(1_000, 100_000, 20))
    monkeypatch.setattr(pace.time, "monotonic", lambda: float(next(clock)))
    told: list[str | None] = []
    made = Pace(Server(*[(None, (800_000,))] * 100), "payment", 5_000, bool)
    for _ in range(3):
        made.wait(told.append)
    assert told == ["vacuum of payment, 800,000 dead rows", None]
    assert len(slept) == 60


@pytest.mark.parametrize("said", ["soon", "0", "-1"])
def test_a_limit_that_is_none_is_refused(said: str, monkeypatch: pytest.MonkeyPatch):
    """A lag that is no positive number of seconds is one sentence that says how to write it."""
    monkeypatch.setenv("RENTLY_MAX_REPLICA_LAG", said)
    with pytest.raises(CommandError, match=r"RENTLY_MAX_REPLICA_LAG=10"):
        most_lag()
