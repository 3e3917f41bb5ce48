"""What a terminal shows while a migration works."""

from __future__ import annotations

import io
import logging
import re

import pytest
from rich.console import Console

from rently_db.migrate.actions import Action
from rently_db.migrate.run import StepAt
from rently_db.migrate.runner import PERIODIC
from rently_db.operations.migrating import Journey
from rently_db.operations.progress import shown

JOURNEY = Journey("up", "v0", "v1", (("v1_expand", 10), ("v1_backfill", 30)))
LOG = logging.getLogger("rently_db.migrate")


@pytest.fixture
def terminal() -> Console:
    """A terminal of 80 columns that remembers what it showed."""
    return Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)


def said(console: Console) -> str:
    """Everything it showed so far, as lines."""
    assert isinstance(console.file, io.StringIO)
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", console.file.getvalue())


def test_a_terminal_shows_the_whole_way_and_the_present_step_with_rows_and_who_is_waited_for(terminal: Console):
    """The step's place on the whole way, its rows and speed, and the session it waits for are on the screen; both fit 80 columns."""
    step = StepAt("v1_backfill", "up", 5, 30, Action("derive ledger_entry.entry_date"))
    with shown(JOURNEY, terminal) as observer:
        observer.started(step)
        for rows in (5_000, 20_000, 40_000):
            observer.progress(step, rows, 100_000)
        observer.waiting(step, "process 4711 (month end report)")
        whole = said(terminal)
        observer.finished(step, 100_000, 2.0)
    assert "step 14 of 40" in whole
    assert "v1_backfill" in whole
    assert "40,000 rows, " in whole
    assert "/s, 0:00:0" in whole
    assert "waits for process 4711 (month end report)" in whole
    assert max(len(line) for line in whole.splitlines()) <= 80


def test_rows_of_an_earlier_run_are_no_speed_of_this_one(terminal: Console):
    """A step that goes on where a killed run left it counts from there: its first news tells no speed."""
    step = StepAt("v1_backfill", "up", 5, 30, Action("derive"))
    with shown(JOURNEY, terminal) as observer:
        observer.started(step)
        observer.progress(step, 90_000, 100_000)
        observer.waiting(step, None)
        assert "90,000 rows" in said(terminal)
        assert "/s" not in said(terminal)


def test_a_terminal_shows_what_happens_and_leaves_out_what_the_bars_show(terminal: Console):
    """Lines of the log scroll above the bars, but for those that only tell how far it is."""
    with shown(JOURNEY, terminal):
        LOG.info("found a v0 database")
        LOG.info("v1_backfill: 5,000 rows", extra={PERIODIC: True})
    assert "found a v0 database" in said(terminal)
    assert "5,000 rows" not in said(terminal)


def test_where_there_is_no_terminal_every_line_is_printed():
    """A pipeline's log gets a line every few seconds, with the time, and no bars."""
    console = Console(file=io.StringIO(), force_terminal=False)
    with shown(JOURNEY, console):
        LOG.info("v1_backfill: 5,000 rows", extra={PERIODIC: True})
    assert said(console).endswith("INFO v1_backfill: 5,000 rows\n")
    assert len(said(console).splitlines()) == 1
    assert not LOG.parent.handlers if LOG.parent else True
