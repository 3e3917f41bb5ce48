"""How a migration shows its progress on stderr: bars on a terminal, a line every few seconds anywhere else."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Self

from rich.console import Console, RenderableType
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn
from rich.text import Text

from rently_db.migrate.run import Observer, Silent, StepAt
from rently_db.migrate.runner import PERIODIC
from rently_db.operations.migrating import Journey
from rently_db.operations.screen import is_watched, screen

_WIDTH = 30


class _Far(ProgressColumn):
    """How far: of all steps the number, of a step rows, rows per second and the time that remains."""

    def render(self, task: Task) -> Text:
        done, total = int(task.completed), task.total
        if task.fields["whole"]:
            return Text(f"step {done:,} of {int(total or 0):,}")
        parts = [f"{done:,} rows"] if done else []
        if task.speed:
            parts.append(f"{task.speed:,.0f}/s")
        if total and task.time_remaining is not None and task.speed:
            parts.append(f"{timedelta(seconds=int(task.time_remaining))} left")
        return Text(", ".join(parts))


class _Bars(Progress):
    """Two bars, and below them who keeps the migration waiting."""

    waits: str | None = None

    def get_renderables(self) -> Iterable[RenderableType]:
        yield from super().get_renderables()
        if self.waits:
            yield Text(f"waits for {self.waits}", style="yellow", overflow="fold")


class Display:
    """The observer of a run for a terminal; a context manager. ``waiting`` may be called from any thread."""

    def __init__(self, console: Console, journey: Journey) -> None:
        self._journey = journey
        columns = (TextColumn("{task.description}", markup=False), BarColumn(bar_width=10), _Far())
        self._bars = _Bars(*columns, console=console, transient=True)
        title = f"{journey.start or 'v0 or empty'} to {journey.target}"
        self._whole: TaskID = self._bars.add_task(title[:_WIDTH].ljust(_WIDTH), total=journey.total, whole=True)
        self._step: TaskID | None = None

    @property
    def console(self) -> Console:
        """Where lines may be printed above the bars."""
        return self._bars.console

    def __enter__(self) -> Self:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def started(self, step: StepAt) -> None:
        """An action begins: a bar of its own, which fills if it tells of its rows."""
        passed = self._journey.position(step)
        if passed is not None:
            self._bars.update(self._whole, completed=passed)
        self._drop()
        title = f"{step.revision}: {step.action.title}"
        short = title if len(title) <= _WIDTH else f"{title[: _WIDTH - 3]}..."
        self._step = self._bars.add_task(short.ljust(_WIDTH), total=None, whole=False, first=True)

    def progress(self, step: StepAt, rows: int, expected: int | None) -> None:  # noqa: ARG002 - the protocol's
        """So many rows are done. What an earlier run did is no speed of ours: counting begins with the first news."""
        if self._step is None:
            return
        total = max(expected, rows) if expected else None
        if self._bars.tasks[-1].fields["first"]:
            self._bars.reset(self._step, total=total, completed=rows, whole=False, first=False)
        else:
            self._bars.update(self._step, total=total, completed=rows)

    def waiting(self, step: StepAt, reason: str | None) -> None:  # noqa: ARG002 - the protocol's
        """Show who is waited for, until it goes on."""
        self._bars.waits = reason
        self._bars.refresh()

    def finished(self, step: StepAt, rows: int, seconds: float) -> None:  # noqa: ARG002 - the protocol's
        """The action is done."""
        passed = self._journey.position(step)
        if passed is not None:
            self._bars.update(self._whole, completed=passed + 1)
        self._bars.waits = None
        self._drop()

    def _drop(self) -> None:
        if self._step is not None:
            self._bars.remove_task(self._step)
            self._step = None


class _Above(logging.Handler):
    """Prints records above the bars, but for those that say what the bars show."""

    def __init__(self, console: Console) -> None:
        super().__init__()
        self._console = console

    def emit(self, record: logging.LogRecord) -> None:
        if not getattr(record, PERIODIC, False):
            moment = logging.Formatter(datefmt="%H:%M:%S").formatTime(record, "%H:%M:%S")
            style = "red" if record.levelno >= logging.ERROR else None
            self._console.print(f"{moment} {record.getMessage()}", style=style, markup=False, highlight=False)


@contextmanager
def shown(journey: Journey, console: Console | None = None) -> Iterator[Observer]:
    """Show on stderr what a run says and how far it is; gives the observer to pass to it."""
    out = console or screen(stderr=True)
    if not (is_watched(out) if console is None else out.is_terminal):
        handler = logging.StreamHandler(out.file)
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(message)s", "%H:%M:%S"))
        with logged_to(handler):
            yield Silent()
        return
    with Display(out, journey) as display, logged_to(_Above(display.console)):
        yield display


@contextmanager
def logged_to(handler: logging.Handler) -> Iterator[None]:
    """Send what rently_db logs to the handler, and nowhere else."""
    logger = logging.getLogger("rently_db")
    before, level = logger.propagate, logger.level
    logger.addHandler(handler)
    logger.propagate = False
    logger.setLevel(logging.INFO)
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.propagate = before
        logger.setLevel(level)
