"""What the benchmark of the dashboards keeps is what its page says; a run of it needs a Superset (tests/superset)."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.command import PAGE
from benchmarks.dashboards.readers import Load
from benchmarks.dashboards.report import Opened, Result, current_page, read_result
from benchmarks.places import Machine

RESULT = Result(
    loans=600,
    taken_at="2026-11-30 10:00 UTC",
    machine=Machine("EPYC", 2, 23.5, "Linux", "3.11", 0.5, {"server_version": "18.6", "fsync": "on", "shared_buffers": "1GB"}),
    opened=(
        Opened("Collections", 1, 9, 3, 5.8, (2.2, 2.4, 2.9), (2.5, 3.1, 3.4), "worklist", 812.3),
        Opened("Cash flow", 2, 9, 5, 6.1, (2.0,), (2.1,), "weeks", 12.0),
    ),
    load=Load(50, 300.0, 2500, 0, 45.0, 300.0, 2100.0),
)


def test_a_result_is_kept_and_shown(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Median and worst of the visits, alone and among readers, with the aim; and which dashboard missed it."""
    (tmp_path / "dashboards-600.json").write_text(RESULT.as_json())
    assert read_result(tmp_path / "dashboards-600.json") == RESULT
    monkeypatch.setattr("benchmarks.dashboards.report.RESULTS", tmp_path)
    text = current_page(PAGE.read_text(encoding="utf-8"))
    assert "| Collections | 1 | 9 | 3 s | 5.8 s | 2.4 s | 2.9 s | 3.1 s | 3.4 s | worklist, 812 ms |" in text
    assert "50 readers for 300 s: 2,500 queries (30,000 an hour), 0 failed" in text
    assert "Missed: Collections." in text


def test_the_page_has_the_kept_results():
    """docs/benchmarks.md reports the runs in benchmarks/results; run python -m benchmarks.dashboards --write-docs."""
    text = PAGE.read_text(encoding="utf-8")
    assert text == current_page(text)
