"""`rently-db baseline`: what a database was like before the migration, against what it is like now."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.preflight.comparison import Comparison

app = typer.Typer(help="What a database was like before the migration (rently-db preflight --baseline FILE), against what it is like now.")

_SHOWN = 10
"""How many statements are listed; --json has all."""


@app.callback()
def group() -> None:
    """Keep `compare` a word of its own."""


@app.command()
def compare(
    file: Annotated[Path, typer.Argument(help="What rently-db preflight --baseline wrote.", show_default=False)],
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="Print the comparison as JSON.")] = False,
) -> None:
    """Compare the tables of v0 and the busiest statements with a baseline; the database is only read.

    A table is the same; or explained: the accounts of the migration lead from what it held to what it holds; or written: they close, but
    applications wrote before the migration or after it, when nobody counted; or unexplained. Statements are told, not judged.

    Exit code 0: every difference is explained or written; 1: one is not; 2: a wrong option, file or URL.

    Example: rently-db baseline compare before.json postgresql://user@host/rently

    --json prints {taken_at, revision, bytes_before, bytes_after, tables: [{table, fate, differences: texts}], statements: [{query, calls,
    mean_before_ms, mean_after_ms, ratio, status: slower | same | faster | not called}], statements_missing, unexplained}.
    """
    import json

    from sqlalchemy.pool import NullPool

    from rently_db.database import make_engine, resolve_url
    from rently_db.operations.preflight.comparison import compare_baseline, read_baseline

    before = read_baseline(file)
    with resolve_url(url) as target:
        options = {"options": "-c statement_timeout=0 -c idle_in_transaction_session_timeout=0"}
        found = compare_baseline(make_engine(target, poolclass=NullPool, connect_args=options), before)
    if as_json:
        typer.echo(json.dumps(found.as_json(), ensure_ascii=False, indent=1))
    else:
        _print(found)
    raise typer.Exit(ExitCode.FINDINGS if found.unexplained else ExitCode.DONE)


def _print(found: Comparison) -> None:
    """Tables that hold something else, then statements, then the sum."""
    from rently_db.operations.screen import say, screen

    console = screen()
    for table in found.tables:
        for sentence in table.differences:
            say(console, f"{table.fate}: {sentence}")
    if found.statements_missing:
        say(console, f"statements are not compared: {found.statements_missing}")
    called = [statement for statement in found.statements if statement.mean_after_ms is not None]
    for statement in sorted(called, key=lambda one: -(one.ratio or 0))[:_SHOWN]:
        said = f"{statement.status}: {statement.mean_before_ms:,.3f} ms, now {statement.mean_after_ms:,.3f} ms a call ({statement.calls:,})"
        say(console, f"{said}: {' '.join(statement.query.split())}")
    fates = [table.fate.value for table in found.tables]
    counts = ", ".join(f"{fates.count(fate)} {fate}" for fate in dict.fromkeys(sorted(fates)))
    size = f"{found.bytes_before / 2**20:,.0f} MiB, now {found.bytes_after / 2**20:,.0f} MiB"
    say(console, f"since {found.taken_at}: {len(fates)} tables: {counts}; {size}")
