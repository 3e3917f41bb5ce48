"""A plan for people: tables that fit 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

from rently_db.operations.plan.model import MigrationPlan, RevisionPlan, Rows, Source, Span, StepPlan, StepState, Totals

_WAITS_SHOWN = 8
_UNITS = ("bytes", "kB", "MB", "GB", "TB")


def print_plan(console: Console, plan: MigrationPlan, *, steps: bool = False) -> None:
    """The plan, one table a revision: a line for the steps of one kind, or with ``steps`` one for each."""
    start, way = plan.current or "a database not under migration", "upgrade" if plan.direction == "up" else "downgrade"
    if not plan.revisions:
        console.print(f"{plan.database} is at {start}: nothing to do", markup=False)
        return
    console.print(f"{way} of {plan.database} from {start} to {plan.target}, on PostgreSQL {plan.server_version // 10000}", markup=False)
    for revision in plan.revisions:
        console.print(_each(revision) if steps else _grouped(revision))
    console.print(_totals(plan))
    _waits(console, list(plan.steps()))
    console.print(f"Durations rest on {plan.basis}; waiting for locks is not in them.", markup=False)
    for note in plan.notes:
        console.print(note, markup=False)


def _new_table(revision: RevisionPlan) -> Table:
    totals = revision.totals
    done = f", {totals.done} done or not needed" if totals.done else ""
    title = (
        f"{revision.revision} ({revision.direction}): {totals.steps} {_plural('step', totals.steps)} left{done}, {seconds(totals.seconds)}"
    )
    return Table(title=title, title_justify="left", box=box.SIMPLE_HEAD, padding=(0, 1, 0, 0), expand=True, title_style="bold")


def _grouped(revision: RevisionPlan) -> Table:
    table = _new_table(revision)
    table.add_column("", justify="right", no_wrap=True)
    table.add_column("step", ratio=1, overflow="fold")
    table.add_column("lock", overflow="fold", max_width=16)
    _add_measures(table)
    groups: dict[tuple[str, tuple[str, ...], bool], list[StepPlan]] = {}
    for step in revision.steps:
        groups.setdefault((step.kind, tuple(sorted({lock.mode for lock in step.locks})), step.open), []).append(step)
    for (kind, modes, still), group in groups.items():
        tables = sorted({step.table for step in group if step.table})
        where = f" on {tables[0]}" if len(tables) == 1 else f" on {len(tables)} tables" if tables else ""
        states = "" if still else f" ({_states(group)})"
        totals = Totals.of(group)
        table.add_row(
            str(len(group)),
            f"{kind}{where}{states}",
            ", ".join(modes) if still else "",
            _rows_of(group),
            readable_range(totals.disk),
            seconds(totals.seconds) if still else "",
            style=None if still else "dim",
        )
    return table


def _each(revision: RevisionPlan) -> Table:
    table = _new_table(revision)
    table.add_column("step", ratio=1, overflow="fold")
    table.add_column("lock", overflow="fold", max_width=22)
    _add_measures(table)
    for step in revision.steps:
        state = "" if step.state is StepState.TO_DO else f" ({step.state.value})"
        table.add_row(
            f"{step.title}{state}",
            ", ".join(map(str, step.locks)) if step.open else "",
            _rows_of([step]),
            readable_range(step.cost.disk),
            seconds(step.cost.seconds) if step.open else "",
            style=None if step.open else "dim",
        )
    return table


def _add_measures(table: Table) -> None:
    table.add_column("rows", justify="right", no_wrap=True)
    table.add_column("disk", justify="right", overflow="fold", max_width=12)
    table.add_column("time", justify="right", no_wrap=True)


def _states(group: Iterable[StepPlan]) -> str:
    return ", ".join(dict.fromkeys(step.state.value for step in group))


def _rows_of(group: Sequence[StepPlan]) -> str:
    """Rows that steps write; ~ where they are estimated, ? where nobody can say."""
    rows = [step.rows for step in group if step.rows and step.open]
    if not rows:
        return ""
    if any(each.likely is None for each in rows):
        return "?"
    exact = all(each.source in (Source.COUNTED, Source.JOURNAL) for each in rows)
    return f"{'' if exact else '~'}{_likely(rows):,}"


def _likely(rows: Iterable[Rows]) -> int:
    return sum(each.likely or 0 for each in rows)


def _totals(plan: MigrationPlan) -> Table:
    totals = plan.totals
    table = Table(title="in all", title_justify="left", title_style="bold", show_header=False, box=None, padding=(0, 2, 0, 0))
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    table.add_row("steps", f"{totals.steps:,} left" + (f", {totals.done:,} done or not needed" if totals.done else ""))
    table.add_row("time", seconds(totals.seconds))
    table.add_row("rows", f"about {totals.rows:,} written in batches")
    table.add_row("disk", readable_range(totals.disk) or "none worth mentioning")
    table.add_row("WAL", readable_range(totals.wal) or "none worth mentioning")
    table.add_row("writers", f"kept out of one table at a time at {totals.writers:,} moments, readers too at {totals.readers:,} of them")
    table.add_row("", f"each lasts at most {plan.lock_seconds:g} s, waiting included (RENTLY_LOCK_BUDGET)")
    return table


def _waits(console: Console, steps: Sequence[StepPlan]) -> None:
    waits: dict[str, int] = {}
    for step in steps:
        for reason in step.waits_for:
            waits[reason] = waits.get(reason, 0) + 1
    if not waits:
        console.print("Nobody holds a lock or a snapshot now that a step would wait for.")
        return
    console.print("Held now, and to be waited for if it stays:")
    for reason, count in list(waits.items())[:_WAITS_SHOWN]:
        console.print(f"  {reason} ({count} {_plural('step', count)})", markup=False)
    if len(waits) > _WAITS_SHOWN:
        console.print(f"  and {len(waits) - _WAITS_SHOWN} more: --json names them all")


def seconds(span: Span) -> str:
    """A range of seconds for people: ``16-100 s``, ``3-9 min``; ``< 1 s``."""
    if span.high < 1:
        return "< 1 s"
    for size, unit in ((1, "s"), (60, "min"), (3600, "h")):
        if span.high < 120 * size or unit == "h":
            low, high = span.low / size, span.high / size
            return f"{_short(low)}-{_short(high)} {unit}"
    raise AssertionError("unreachable: hours have no end")


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 10 or value < 0.05 else f"{value:.1f}"


def readable_range(span: Span) -> str:
    """A range of bytes for people; empty below 100 kB."""
    if span.high < 100_000:
        return ""
    power = next((power for power in range(1, len(_UNITS)) if span.high < 1024 ** (power + 1)), len(_UNITS) - 1)
    low, high = (_short(value / 1024**power) for value in (span.low, span.high))
    return f"{high if low == high else f'{low}-{high}'} {_UNITS[power]}"


def _plural(word: str, count: int) -> str:
    return word if count == 1 else f"{word}s"
