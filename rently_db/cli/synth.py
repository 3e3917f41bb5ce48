"""`rently-db synth`: synthetic data for trials, demonstrations and measurements."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL

    from rently_db.synth import SynthOptions, SynthReport

app = typer.Typer(help="Synthetic data for trials, demonstrations and measurements.", no_args_is_help=True)


@app.callback()
def synth() -> None:
    """Synthetic data for trials, demonstrations and measurements."""


@app.command()
def v0(
    *,
    loans: Annotated[int, typer.Option("--loans", min=1, help="How many loans; 50,000 make 5 million rows.")],
    dirty: Annotated[bool, typer.Option("--dirty", help="Plant defects that the migration repairs.")] = False,
    dirty_all: Annotated[bool, typer.Option("--dirty-all", help="Plant also defects that must stop the migration.")] = False,
    seed: Annotated[int, typer.Option("--seed", help="Another seed gives another book of the same kind.")] = 7,
    business_date: Annotated[
        datetime, typer.Option("--business-date", formats=["%Y-%m-%d"], help="The last day anything happened on.")
    ] = datetime(2026, 6, 30),  # noqa: DTZ001 - a day, given as typer gives days
    url: Annotated[
        str | None, typer.Option("--url", help="Default: RENTLY_DATABASE_URL, else the embedded database.", show_default=False)
    ] = None,
    planted: Annotated[Path | None, typer.Option("--planted", help="Write the list of planted defects to this file, as JSON.")] = None,
) -> None:
    """Fill an empty database with the legacy schema v0 and data that look like the business; the same options give the same data.

    Example: rently-db synth v0 --loans 5000 --dirty --url postgresql://user@host/trial
    """
    from rently_db.database import resolve_url
    from rently_db.synth import SynthError, SynthOptions

    try:
        options = SynthOptions(loans, seed, business_date.date(), "all" if dirty_all else "repairable" if dirty else "none")
        if planted is not None:
            planted.write_text("[]\n", encoding="utf-8")  # a file that can't be written is found out before the work
    except SynthError as problem:
        _fail(str(problem))
    except OSError as problem:
        _fail(f"{planted} can't be written: {problem.strerror}; give another file with --planted")
    with resolve_url(url, allow_embedded=True) as target:
        report = _write(target, options)
    _print(report, options)
    if planted is not None:
        _list(report, planted)


def _fail(sentence: str) -> NoReturn:
    """End with one sentence about an error that the user can mend."""
    typer.echo(f"rently-db: {sentence}", err=True)
    raise typer.Exit(ExitCode.USAGE)


def _write(url: URL, options: SynthOptions) -> SynthReport:
    """Write the data behind a progress bar. A server that can't be reached raises SQLAlchemy's OperationalError."""
    import psycopg2
    from sqlalchemy.pool import NullPool

    from rently_db.database import make_engine
    from rently_db.operations.screen import progress
    from rently_db.synth import SynthError, write_v0

    # COPY goes through psycopg2, whichever driver the URL names.
    engine = make_engine(url.set(drivername="postgresql+psycopg2"), poolclass=NullPool)
    try:
        with engine.connect() as pooled, progress() as show:
            connection = pooled.connection.driver_connection
            assert connection is not None
            return write_v0(connection, options, progress=lambda done: show("loans", done, options.loans))
    except SynthError as problem:
        _fail(str(problem))
    except psycopg2.Error as problem:
        _fail(f"nothing was written, because PostgreSQL says: {str(problem).strip().splitlines()[0]}")
    finally:
        engine.dispose()


def _print(report: SynthReport, options: SynthOptions) -> None:
    """A table of what was written."""
    from rich.table import Table

    from rently_db.operations.screen import screen

    table = Table("table", title=f"v0: {options.loans:,} loans on {options.business_date}, seed {options.seed}")
    table.add_column("rows", justify="right")
    table.add_column("defects", justify="right")
    for name, rows in report.rows.items():
        defects = sum(defect.table == name for defect in report.planted)
        table.add_row(name, f"{rows:,}", f"{defects:,}" if defects else "")
    table.add_section()
    table.add_row("together", f"{sum(report.rows.values()):,}", f"{len(report.planted):,}")
    console = screen()
    console.print(table)
    console.print(f"written in {report.seconds:.1f} s")


def _list(report: SynthReport, file: Path) -> None:
    """Write the planted defects as a JSON array of objects."""
    import json
    from dataclasses import asdict

    text = ",\n".join(json.dumps(asdict(defect)) for defect in report.planted)
    file.write_text(f"[\n{text}\n]\n" if text else "[]\n", encoding="utf-8")
