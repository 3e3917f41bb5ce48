"""`rently-db demo`: the whole way before your eyes."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rich.console import Console
    from sqlalchemy import URL, Engine

    from rently_db.demo.session import LoanStory
    from rently_db.synth.v0_workload import WorkloadThread

app = typer.Typer()

DATABASE = "rently_demo"


@app.command()
def demo(
    url: Annotated[
        str | None, typer.Argument(help="An empty database. Default: RENTLY_DATABASE_URL, else the embedded server.", show_default=False)
    ] = None,
    loans: Annotated[int, typer.Option("--loans", min=50, help="Size of the book.")] = 600,
) -> None:
    """Migrate a v0 database with data, use it, roll it back, migrate it again; a v0 application writes all the while.

    Example: rently-db demo --loans 2000
    """
    from rich.console import Console

    console = Console(highlight=False)
    with _database(url) as (target, embedded):
        proven = _Demo(console, target).run(loans)
    console.rule("proven")
    for number, sentence in enumerate(proven, 1):
        console.print(f"{number:2}. {sentence}")
    console.rule()
    for line in _how_to_connect(target, embedded=embedded):
        console.print(line, soft_wrap=True, markup=False)


@contextmanager
def _database(explicit: str | None) -> Iterator[tuple[URL, bool]]:
    """The database to show it on: the given one, which must be empty, or a new one on the embedded server."""
    import os

    from sqlalchemy import text

    from rently_db.database import ENVIRONMENT_VARIABLE, create_database_if_missing, make_engine, parse_url, resolve_url
    from rently_db.server import embedded_server

    if explicit or os.environ.get(ENVIRONMENT_VARIABLE):
        with resolve_url(explicit) as target:
            engine = make_engine(target)
            try:
                with engine.connect() as connection:
                    tables = connection.scalar(text("SELECT count(*) FROM pg_tables WHERE schemaname IN ('public', 'ops')"))
            finally:
                engine.dispose()
            if tables:
                typer.echo(
                    f"rently-db: the demo needs an empty database, and this one holds {tables} tables; make one with CREATE DATABASE",
                    err=True,
                )
                raise typer.Exit(ExitCode.USAGE)
            yield target, False
        return
    with embedded_server() as server:
        admin = make_engine(server.url(), isolation_level="AUTOCOMMIT")
        try:
            with admin.connect() as connection:
                connection.execute(text(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)"))
        finally:
            admin.dispose()
        create_database_if_missing(parse_url(server.url()), DATABASE)
        yield parse_url(server.url(DATABASE)), True


class _Demo:
    """The acts of the demonstration, in order, on one database."""

    def __init__(self, console: Console, url: URL) -> None:
        from rently_db.database import make_engine

        self._console = console
        self._url = url
        self._engine: Engine = make_engine(url)
        self._proven: list[str] = []

    def run(self, loans: int) -> list[str]:
        """All of it. Returns the sentences about what was proven; ends the command with exit code 1 if something was lost."""
        from rently_db.demo.proof import facts_of_v1, losses, rows_of_v0, schema_of_public
        from rently_db.demo.session import only_v1, pick_loan, read_loan, write_what_v1_knows

        try:
            total, defects = self._act("a v0 database with data", lambda: self._fill(loans))
            before, schema = rows_of_v0(self._engine), schema_of_public(self._url)
            with self._v0_application() as application:
                self._act("alembic upgrade head", lambda: self._alembic("upgrade", "head"))
                loan_id = pick_loan(self._engine)
                story = read_loan(self._engine, loan_id)
                self._show(story)
                granted, bounced = self._act("v1 writes: an interest loan, a reversal", lambda: write_what_v1_knows(self._engine, loan_id))
                known, facts = only_v1(self._engine, granted, bounced), facts_of_v1(self._engine)
                self._act("alembic downgrade v0", lambda: self._alembic("downgrade", "v0"))
            summary = application.stop()
            written = application.application
            back = rows_of_v0(self._engine)
            self._prove(not losses(before, back), f"{total:,} rows of v0, {defects} dirty ones among them: each is again what it was")
            self._prove(schema_of_public(self._url) == schema, "the schema of v0 is the same, byte for byte (pg_dump)")
            self._prove(
                not summary.failures,
                f"a v0 application ran {summary.statements:,} statements meanwhile, up and down: none failed, "
                f"the longest took {summary.longest_wait_ms:.0f} ms",
            )
            assert written is not None
            self._prove(summary.writes > 0 and self._written_is_there(application), f"its {summary.writes:,} writes are all there")
            self._act("alembic upgrade head, again", lambda: self._alembic("upgrade", "head"))
            again = facts_of_v1(self._engine)
            self._prove(
                only_v1(self._engine, granted, bounced) == known and known.reversed_at is not None,
                f"{known.interest_due:.2f} of interest due and a reversal, which v0 can't express, survived the rollback",
            )
            same = [name for name in facts if name not in _WRITTEN_BY_V0 and facts[name] == again[name]]
            self._prove(len(same) == len(facts) - len(_WRITTEN_BY_V0), f"{len(same)} tables that only v1 has came back unchanged")
            self._prove(self._journal_closes(), "every repaired value is in ops.row_journal, old and new")
            self._prove(self._alembic_check(), "the database equals the models: alembic check finds no difference")
        finally:
            self._engine.dispose()
        return self._proven

    def _act(self, title: str, work: Callable[[], Any]) -> Any:
        """Do it behind a spinner, then say how long it took."""
        import time

        begun = time.monotonic()
        with self._console.status(title):
            result = work()
        self._console.print(f"[green]done[/] {title} ({time.monotonic() - begun:.1f} s)")
        return result

    def _prove(self, holds: bool, sentence: str) -> None:
        if not holds:
            self._console.print(f"[red]NOT SO[/]: {sentence}")
            raise typer.Exit(ExitCode.FINDINGS)
        self._proven.append(sentence)

    def _fill(self, loans: int) -> tuple[int, int]:
        from rently_db.synth import SynthOptions, write_v0

        with self._engine.connect() as pooled:
            raw = pooled.connection.driver_connection
            assert raw is not None
            report = write_v0(raw, SynthOptions(loans=loans, dirty="repairable"))
        return sum(report.rows.values()), len(report.planted)

    @contextmanager
    def _v0_application(self) -> Iterator[WorkloadThread]:
        from rently_db.synth.v0_workload import WorkloadThread

        thread = WorkloadThread(self._url.set(drivername="postgresql").render_as_string(hide_password=False), seed=39, pause_s=0.02)
        thread.start()
        try:
            yield thread
        finally:
            thread.stop()

    def _written_is_there(self, thread: WorkloadThread) -> bool:
        import psycopg2

        from rently_db.synth.v0_workload import V0Application

        written = thread.application
        assert isinstance(written, V0Application)
        connection = psycopg2.connect(self._url.set(drivername="postgresql").render_as_string(hide_password=False))
        written.connection = connection  # its own went with the thread
        try:
            return not written.differences()
        finally:
            connection.close()

    def _journal_closes(self) -> bool:
        from sqlalchemy import text

        with self._engine.connect() as connection:
            query = text("SELECT count(*) > 0 AND bool_and(old_value IS NOT NULL) FROM ops.row_journal WHERE kind = 'repair'")
            return bool(connection.scalar(query))

    def _alembic(self, command: str, revision: str) -> None:
        from alembic import command as commands

        getattr(commands, command)(self._config(), revision)

    def _alembic_check(self) -> bool:
        from alembic import command as commands
        from alembic.util import AutogenerateDiffsDetected

        try:
            commands.check(self._config())
        except AutogenerateDiffsDetected:
            return False
        return True

    def _config(self) -> Any:
        import io

        from alembic.config import Config

        root = Path(__file__).resolve().parents[2]
        config = Config(str(root / "alembic.ini"), stdout=io.StringIO())
        config.attributes["url"] = self._url.set(drivername="postgresql").render_as_string(hide_password=False)
        config.attributes["configure_logging"] = False
        return config

    def _show(self, story: LoanStory) -> None:
        from rich.table import Table

        table = Table(title=f"{story.loan_number}: {story.borrower}, {story.product}", title_justify="left")
        table.add_column("due")
        table.add_column(f"instalment, {story.currency}", justify="right")
        table.add_column("paid", justify="right")
        for instalment in story.instalments[:4]:
            table.add_row(str(instalment.due_date), f"{instalment.due:,.2f}", f"{instalment.paid:,.2f}")
        table.add_row(f"... {len(story.instalments)} in all", "", "")
        self._console.print(table)
        self._console.print(
            f"principal {story.principal:,.2f}, {story.payments} payments, outstanding {story.outstanding:,.2f} {story.currency}; "
            f"{', '.join(story.statuses)}"
        )


_WRITTEN_BY_V0 = frozenset({"loan_status_history", "schema_version"})
"""v1's tables that change when v0 works: history records v0's loans too; the version's date is that of the last upgrade."""


def _how_to_connect(url: URL, *, embedded: bool) -> list[str]:
    from rently_db.database import masked

    if not embedded:
        return [f"The database is at v1: {masked(url)}"]
    return [
        "The database is at v1, in .rently/; the server stops with this command. To look around:",
        f"  psql    .venv/bin/rently-db psql --database {DATABASE}",
        "  Python  from rently_db.database import make_engine",
        "          from rently_db.server import embedded_server",
        f'          with embedded_server() as server: engine = make_engine(server.url("{DATABASE}"))',
    ]
