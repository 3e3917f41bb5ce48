"""What a benchmark's command leaves behind, and what its exit code says."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks import command
from benchmarks.command import BenchmarkError, Say, conduct, options


@dataclass(frozen=True)
class Found:
    """A result of a run that was good or not."""

    good: bool
    loans: int = 7

    def as_json(self) -> str:
        """What is kept."""
        return f'{{"good": {str(self.good).lower()}}}\n'


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A page of benchmarks and a place for results that are this test's own."""
    made = tmp_path / "benchmarks.md"
    made.write_text("as it was", encoding="utf-8")
    monkeypatch.setattr(command, "PAGE", made)
    monkeypatch.setattr(command, "RESULTS", tmp_path / "results")
    return made


def run(given: list[str], found: Found | None) -> int:
    """The exit code of a benchmark that finds this, or (None) can't be measured."""

    def measure(say: Say) -> Found:
        say("writing a book")
        if found is None:
            raise BenchmarkError("the book has 1 active loan; ask for more --loans")
        return found

    return conduct(
        "sample",
        options("sample", "Measure nothing.", loans=7, book="size of the book").parse_args(given),
        measure,
        show=lambda result, console: console.print("good" if result.good else "bad"),
        page=lambda text: text.replace("as it was", "with the kept results"),
        is_good=lambda result: result.good,
    )


@pytest.mark.parametrize(("found", "code"), [(Found(good=True), 0), (Found(good=False), 1), (None, 2)])
def test_the_exit_code_says_whether_the_result_is_good(page: Path, found: Found | None, code: int):
    """0: good; 1: measured and not good; 2: not measured. Nothing is kept that was not asked for."""
    assert run([], found) == code
    assert page.read_text(encoding="utf-8") == "as it was"
    assert [path.name for path in page.parent.iterdir()] == ["benchmarks.md"]


def test_what_cannot_be_measured_is_one_sentence_and_replaces_no_result(page: Path, capsys: pytest.CaptureFixture[str]):
    """A kept result stays when the next run fails."""
    assert run(["--keep"], Found(good=True)) == 0
    kept = page.parent / "results" / "sample-7.json"
    before = kept.read_text(encoding="utf-8")
    capsys.readouterr()
    assert run(["--keep", "--json", str(page.parent / "other.json")], None) == 2
    assert capsys.readouterr().err.splitlines() == ["writing a book", "sample: the book has 1 active loan; ask for more --loans"]
    assert kept.read_text(encoding="utf-8") == before
    assert not (page.parent / "other.json").exists()


def test_a_bad_result_is_kept_too(page: Path):
    """Whoever keeps results keeps those that are not good: the page reports what was found."""
    assert run(["--keep", "--json", str(page.parent / "other.json")], Found(good=False)) == 1
    assert (page.parent / "results" / "sample-7.json").read_text(encoding="utf-8") == '{"good": false}\n'
    assert (page.parent / "other.json").read_text(encoding="utf-8") == '{"good": false}\n'
    assert page.read_text(encoding="utf-8") == "with the kept results"


def test_the_page_can_be_written_without_a_run(page: Path):
    """Nothing is measured for it: only the kept results are read."""
    assert run(["--write-docs"], None) == 0
    assert page.read_text(encoding="utf-8") == "with the kept results"
