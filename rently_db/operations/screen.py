"""How commands write for people: on a terminal in its width and, if that is wanted, in colours; elsewhere plainly, a sentence a line."""

from __future__ import annotations

import os
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

EVERY_SECONDS = 60.0
"""How often a log hears of what takes long."""


def screen(*, stderr: bool = False, width: int | None = None) -> Console:
    """A console: no style at all if ``NO_COLOR`` is set, else what the terminal can; ``FORCE_COLOR`` keeps colours in a pipe."""
    return Console(stderr=stderr, highlight=False, emoji=False, width=width, color_system=None if os.environ.get("NO_COLOR") else "auto")


def is_watched(stream: Console) -> bool:
    """Whether a person sees lines change in place. Colours that are forced into a pipe make no terminal of it."""
    return stream.file.isatty() and not stream.is_dumb_terminal


def say(out: Console, sentence: str, *, indent: int = 0, hanging: int | None = None, style: str | None = None) -> None:
    """A sentence. A terminal gets it broken between words, what follows ``hanging`` (else as far) indented; a file or pipe in one line."""
    text = " " * indent + sentence
    if out.is_terminal:
        rest = " " * (indent if hanging is None else hanging)
        lines = textwrap.wrap(text, out.width, subsequent_indent=rest, break_long_words=False, break_on_hyphens=False) or [""]
        text = "\n".join(lines)
    out.print(text, style=style, markup=False, soft_wrap=True)


def command(out: Console, line: str, *, indent: int = 4) -> None:
    """A command to copy: whole, on a line of its own, however long it is."""
    out.print(" " * indent + line, markup=False, soft_wrap=True)


class _Left(ProgressColumn):
    """The time that remains, as soon as it can be told."""

    def render(self, task: Task) -> Text:
        if task.finished or task.time_remaining is None:
            return Text(f"{timedelta(seconds=int(task.elapsed or 0))}")
        return Text(f"{timedelta(seconds=int(task.time_remaining))} left")


@contextmanager
def progress() -> Iterator[Callable[[str, int, int | None], None]]:
    """Tells on stderr how far something is: bars with the time left on a terminal; elsewhere a line a minute, none for what is quick.

    The function takes what is being done ("restored"), how much is done, and how much there is (None: nobody knows).
    """
    out = screen(stderr=True)
    if not is_watched(out):
        yield _lines()
        return
    tasks: dict[str, TaskID] = {}
    columns = (TextColumn("{task.description:>9}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"), _Left())
    with Progress(*columns, console=out, transient=False) as bars:

        def show(what: str, done: int, total: int | None) -> None:
            if what not in tasks:
                tasks[what] = bars.add_task(what, total=total)
            bars.update(tasks[what], completed=done, total=total)

        yield show


def _lines() -> Callable[[str, int, int | None], None]:
    last = time.monotonic()

    def show(what: str, done: int, total: int | None) -> None:
        nonlocal last
        if time.monotonic() - last >= EVERY_SECONDS:
            last = time.monotonic()
            of = f" of {total:,}" if total is not None else ""
            print(f"{datetime.now().astimezone():%H:%M:%S} {what}: {done:,}{of}", file=sys.stderr, flush=True)

    return show
