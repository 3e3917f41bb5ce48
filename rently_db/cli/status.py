"""`rently-db status`: how a migration stands, seen from elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import nullcontext
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from datetime import datetime

    from rich.console import RenderableType
    from rich.table import Table

    from rently_db.operations.status import Status

app = typer.Typer()

_EVERY_SECONDS = 2


@app.command()
def status(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every 2 s, until nobody works on it.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print the status as JSON: one line a look.")] = False,
) -> None:
    """Where the database is, whether a migration is at work, at which step, how fast, who is in its way, and what is done.

    It reads only, and stands in nobody's way.

    Example: rently-db status postgresql://deploy@db.example/rently --watch

    Exit code 0; 1 if a run stopped on its way and nobody works on it: the command that goes on is printed.

    --json prints {looked_at, database, server_version, revision, sentence, deployment: {pid, application, user, client, since},
    step: {revision, direction, step, mode, number, total, started_at, position, rows, rows_expected, rows_per_second, estimated_end,
    retries, waiting_for}, locks: [{relation, mode, granted}], blocked_sessions, revisions: [{revision, state, steps_done, steps, rows,
    seconds, longest_lock_seconds, retries}], runs: [{id, direction, start, target, state, error, rows, retries, longest_lock_seconds,
    client_host, client_pid, backend_pid, user, started_at, finished_at, seconds}], unfinished: command}; what does not apply is null.
    """
    from rently_db.database import resolve_url
    from rently_db.operations.status import read_status

    with resolve_url(url) as target:
        if watch:
            last = _watch(lambda: read_status(target), as_json=as_json)
        else:
            last = read_status(target)
            _print(last, as_json=as_json)
    raise typer.Exit(ExitCode.FINDINGS if last.unfinished else ExitCode.DONE)


def _print(found: Status, *, as_json: bool) -> None:
    import json

    from rently_db.operations.screen import screen

    if as_json:
        typer.echo(json.dumps(found.json(), ensure_ascii=False))
    else:
        screen().print(_shown(found))


def _watch(look: Callable[[], Status], *, as_json: bool) -> Status:
    """Look until nobody works on the database, or Ctrl-C; on a terminal in one place, else one after the other."""
    import time

    from rich.live import Live

    from rently_db.operations.screen import screen

    console = screen()
    in_place = console.is_terminal and not as_json
    found = look()
    try:
        with Live(_shown(found), console=console, auto_refresh=False) if in_place else nullcontext() as live:
            while True:
                if live is None:
                    _print(found, as_json=as_json)
                else:
                    live.update(_shown(found), refresh=True)
                if found.deployment is None:
                    return found
                time.sleep(_EVERY_SECONDS)
                found = look()
    except KeyboardInterrupt:
        return found


def _shown(found: Status) -> RenderableType:
    """The status for a terminal of 80 columns."""
    from rich.console import Group
    from rich.text import Text

    parts: list[RenderableType] = [Text(f"{_clock(found.looked_at)} UTC, {found.database}: {found.sentence}", style="bold")]
    if found.deployment is not None:
        who = found.deployment
        parts.append(Text(f"deployment: process {who.pid} ({who.application} of {who.user}, {who.client}) since {_clock(who.since)}"))
    parts += [Text(line) for line in _now(found)]
    if found.revision is not None or any(revision.steps_done for revision in found.revisions):
        parts.append(_revisions(found))
    if found.runs:
        parts.append(_runs(found))
    return Group(*parts)


def _now(found: Status) -> list[str]:
    """The present step, its locks, and who is in whose way."""
    lines = []
    if found.step is not None:
        step = found.step
        number = f"step {step.number} of {step.total} " if step.number else ""
        lines.append(f"now: {step.revision} {step.direction}, {number}({step.step}) since {_clock(step.started_at)}")
        expected = f" of about {step.rows_expected:,}" if step.rows_expected else ""
        rate = f", {step.rows_per_second:,.0f} rows/s" if step.rows_per_second else ""
        end = f", it ends at about {_clock(step.estimated_end)}" if step.estimated_end else ""
        if step.rows:
            lines.append(f"     {step.rows:,} rows{expected}{rate}{end}; position {step.position}")
        if step.waiting_for:
            lines.append(f"     waits for {step.waiting_for}")
        if step.retries:
            lines.append(f"     {step.retries} retries")
    lines += [f"lock: {lock.mode} on {lock.relation}, {'held' if lock.granted else 'WAITED FOR'}" for lock in found.locks]
    if found.blocked_sessions:
        lines.append(f"{found.blocked_sessions} sessions wait for the migration at this moment")
    return lines


def _revisions(found: Status) -> Table:
    from rich.table import Table

    table = Table("revision", "state", title="what is done", title_justify="left", box=None, pad_edge=False)
    for heading in ("steps", "rows", "seconds", "longest lock", "retries"):
        table.add_column(heading, justify="right")
    for row in found.revisions:
        steps = f"{row.steps_done} of {row.steps}"
        table.add_row(
            row.revision, row.state, steps, f"{row.rows:,}", f"{row.seconds:.1f}", f"{row.longest_lock_seconds:.3f}", f"{row.retries:,}"
        )
    return table


def _runs(found: Status) -> Table:
    from rich.table import Table

    table = Table("began", "way", "ended", title="last runs", title_justify="left", box=None, pad_edge=False)
    table.add_column("seconds", justify="right")
    table.add_column("by, or why", overflow="fold", ratio=1)
    for run in found.runs:
        seconds = "" if run.seconds is None else f"{run.seconds:.1f}"
        why = run.error or f"{run.user}, {run.client_host or 'unknown host'}, process {run.client_pid or '?'}"
        table.add_row(_moment(run.started_at), f"{run.start or '-'} to {run.target or '-'}", run.state, seconds, why)
    return table


def _moment(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}"


def _clock(value: datetime) -> str:
    return f"{value:%H:%M:%S}"
