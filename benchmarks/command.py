"""What the commands of the benchmarks share: options, exit codes, where results are kept and what is written of them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import psycopg2
from rich.console import Console
from sqlalchemy.exc import ArgumentError

from benchmarks.places import ROOT
from rently_db.server import ServerError
from rently_db.synth import SynthError

RESULTS = ROOT / "benchmarks" / "results"
"""Where the runs are kept that docs/benchmarks.md reports: ``<benchmark>-<loans>.json``."""
PAGE = ROOT / "docs" / "benchmarks.md"

_SERVER = "a server on which databases may be created; default: one of its own"

Say = Callable[[str], None]
"""Tells whoever waits what is being measured."""


class BenchmarkError(Exception):
    """It can't be measured. The message is one sentence."""


class Outcome(Protocol):
    """The result of a run."""

    @property
    def loans(self) -> int:
        """The size of the book."""

    def as_json(self) -> str:
        """The result as it is kept."""


def options(benchmark: str, description: str | None, *, loans: int, book: str, url: str = _SERVER) -> argparse.ArgumentParser:
    """A parser with the options that all benchmarks have; ``book`` and ``url`` say what --loans and --url mean to this one."""
    parser = argparse.ArgumentParser(prog=f"python -m benchmarks.{benchmark}", description=description)
    parser.add_argument("--loans", type=int, default=loans, help=f"{book} ({loans:,})")
    parser.add_argument("--url", help=url)
    parser.add_argument("--json", type=Path, help="write the result to this file as well")
    parser.add_argument("--keep", action="store_true", help=f"keep the result in {RESULTS.name}/ and bring docs/benchmarks.md up to date")
    parser.add_argument("--write-docs", action="store_true", help="only bring docs/benchmarks.md up to date with the kept results")
    return parser


Result = TypeVar("Result", bound=Outcome)


def conduct(
    benchmark: str,
    arguments: argparse.Namespace,
    measure: Callable[[Say], Result],
    *,
    show: Callable[[Result, Console], None],
    page: Callable[[str], str],
    is_good: Callable[[Result], bool],
    problems: tuple[type[Exception], ...] = (),
) -> int:
    """Measure, print, and write what the options ask for.

    ``page`` gives docs/benchmarks.md with the kept results in it; ``problems`` are errors of one sentence besides the usual ones.
    Returns the exit code: 0, 1 if the result is not good, 2 if nothing could be measured.
    """
    if not arguments.write_docs:
        console = Console(stderr=True)
        try:
            result = measure(lambda line: console.print(line, highlight=False, markup=False))
        except (BenchmarkError, SynthError, ServerError, psycopg2.Error, ArgumentError, *problems) as problem:
            console.print(f"{benchmark}: {problem}", style="red", markup=False)
            return 2
        show(result, Console())
        if arguments.json:
            arguments.json.write_text(result.as_json(), encoding="utf-8")
        if arguments.keep:
            RESULTS.mkdir(exist_ok=True)
            (RESULTS / f"{benchmark}-{result.loans}.json").write_text(result.as_json(), encoding="utf-8")
    if arguments.write_docs or arguments.keep:
        PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0 if arguments.write_docs or is_good(result) else 1
