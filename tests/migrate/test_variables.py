"""Settings of a deployment from environment variables: a time to wait is read as one, anything else is refused before the work begins."""

from __future__ import annotations

import pytest
from alembic.util import CommandError

from rently_db.migrate.pace import LAG_VARIABLE, most_lag
from rently_db.migrate.revision import LOCK_BUDGET_VARIABLE, lock_budget
from rently_db.migrate.variables import seconds


@pytest.mark.parametrize("said", ["", "soon", "-1", "nan", "0"])
def test_what_is_no_time_is_refused_with_the_way_to_write_it(monkeypatch: pytest.MonkeyPatch, said: str):
    """Above all "nan", with which no waiting would ever end."""
    monkeypatch.setenv("MADE_UP_PATIENCE", said)
    with pytest.raises(CommandError, match=rf"^MADE_UP_PATIENCE is '{said}'; give the patience in seconds, e.g. MADE_UP_PATIENCE=2.5$"):
        seconds("MADE_UP_PATIENCE", 2.5, "the patience")


def test_not_to_wait_at_all_is_said_with_zero_where_that_makes_sense(monkeypatch: pytest.MonkeyPatch):
    """A deployment may refuse to wait for another one."""
    monkeypatch.setenv("MADE_UP_PATIENCE", "0")
    assert seconds("MADE_UP_PATIENCE", 600, "the patience", may_be_zero=True) == 0


def test_a_lock_budget_is_at_most_an_hour(monkeypatch: pytest.MonkeyPatch):
    """More is a slip: nobody lets an application wait that long for a lock."""
    monkeypatch.setenv(LOCK_BUDGET_VARIABLE, "3601")
    with pytest.raises(CommandError, match=f"{LOCK_BUDGET_VARIABLE}=1$"):
        lock_budget()
    monkeypatch.setenv(LOCK_BUDGET_VARIABLE, "0.25")
    assert lock_budget().lock_seconds == 0.25


def test_without_a_variable_its_documented_default_holds(monkeypatch: pytest.MonkeyPatch):
    """One second of lock, ten seconds of lag."""
    for variable in (LOCK_BUDGET_VARIABLE, LAG_VARIABLE):
        monkeypatch.delenv(variable, raising=False)
    assert (lock_budget().lock_seconds, most_lag()) == (1, 10)
