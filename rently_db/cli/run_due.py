"""`rently-db run-due`: keeps the maintained figures up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.due import Done

app = typer.Typer()


@app.command()
def run_due(
    url: Annotated[str | None, typer.Option("--url", help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    once: Annotated[bool, typer.Option("--once", help="Do what is due and leave; for cron.")] = False,
    interval: Annotated[float, typer.Option("--interval", min=0.1, help="Seconds between two looks while nothing waits.")] = 5.0,
    batch: Annotated[int, typer.Option("--batch", min=1, max=2000, help="Loans computed in one transaction.")] = 500,
    as_json: Annotated[bool, typer.Option("--json", help="Print each thing done as one JSON object a line.")] = False,
    quiet: Annotated[bool, typer.Option("--quiet", help="Print only what failed or warned; for cron, which mails it.")] = False,
) -> None:
    """Keep the figures right: compute loans that changed, publish days that ended, restate, check, refresh.

    It goes on until Ctrl-C or SIGTERM, which lets it finish the present transaction. What is due how often says table
    analytics.due_task. A second one on the same database waits for the first to end; with --once it leaves. Jobs that
    ops.setup_automated_testing_schedules() gave to pg_cron leave the work to it while it runs. That call gives the line for cron, too.

    Example: rently-db run-due --url postgresql://worker@db.example/rently

    Exit code 0; 1 with --once if a task failed or warned: the message says which.

    --json prints {at, task, result, seconds, error}: the task of analytics.due_task, or queue; the sum of what it gave (of the queue:
    loans computed).
    """
    from rently_db.database import resolve_url
    from rently_db.operations.due import Loop, Options

    failed = []

    def report(done: Done) -> None:
        if done.error is not None:
            failed.append(done.task)
        if done.error is not None or not quiet:
            _print(done, as_json=as_json)

    def say(text: str) -> None:
        # That another is at work is as it should be, and no news each minute.
        if not (quiet and once):
            typer.echo(text, err=True)

    with resolve_url(url) as target:
        loop = Loop(target, Options(once=once, interval=interval, batch=batch), report, say)
        with loop.listening():
            loop.run()
    raise typer.Exit(ExitCode.FINDINGS if once and failed else ExitCode.DONE)


def _print(done: Done, *, as_json: bool) -> None:
    import json
    from datetime import UTC, datetime

    now = datetime.now(UTC)
    if as_json:
        line = {"at": now.isoformat(), "task": done.task, "result": done.result, "seconds": round(done.seconds, 3), "error": done.error}
        typer.echo(json.dumps(line, ensure_ascii=False))
        return
    from rently_db.operations.screen import say, screen

    failure = "" if done.error is None else f": {done.error}"
    say(screen(), f"{now:%H:%M:%S} {done.task}: {done.result:,} in {done.seconds:.1f} s{failure}", hanging=9)
