"""`rently-db compat`: whether the applications' statements would still work at each revision."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL

    from rently_db.operations.compat import CompatReport, Statement

app = typer.Typer()


@app.command()
def compat(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    statements: Annotated[
        Path | None, typer.Option("--statements", help="A file of statements, instead of pg_stat_statements.", show_default=False)
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="How many of the busiest statements.")] = 500,
    server: Annotated[
        str | None,
        typer.Option("--server", help="Where the scratch database is made. Default: a temporary embedded server.", show_default=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the report as JSON.")] = False,
) -> None:
    """Prepare the applications' statements on a scratch database at each revision, and list what would break; none is executed.

    The scratch database has the schema of the real one, which is only read. Exit code 0: nothing breaks; 1: something does; 2: a wrong
    option or URL.

    Example: rently-db compat postgresql://user@host/rently --statements statements.sql

    --json prints {revisions, checked, breaks, findings: [{kind: breaks | result_columns | no_column_list | unchecked, statement,
    revisions, message}], not_restored}.
    """
    import json

    from rently_db.database import parse_url, resolve_url
    from rently_db.operations.compat import check
    from rently_db.operations.compat.statements import read_file

    elsewhere = parse_url(server, source="the option --server") if server is not None else None
    told = read_file(statements) if statements is not None else None
    with resolve_url(url) as target:
        tried, schema, path = _read(target, told, limit)
    report = check(tried, schema, search_path=path, server=elsewhere, progress=lambda name: typer.echo(f"preparing at {name}", err=True))
    if as_json:
        typer.echo(json.dumps(report.as_json(), indent=1))
    else:
        _print(report)
    raise typer.Exit(ExitCode.FINDINGS if report.breaks else ExitCode.DONE)


def _read(url: URL, told: list[Statement] | None, limit: int) -> tuple[list[Statement], str, str]:
    """The statements, the schema, and where its names are looked for."""
    from alembic.util import CommandError
    from sqlalchemy.pool import NullPool

    from rently_db.database import make_engine, masked
    from rently_db.migrate.adoption import State, look
    from rently_db.operations.compat.scratch import DumpError, dump_schema, search_path
    from rently_db.operations.compat.statements import read_statements

    with make_engine(url, poolclass=NullPool).connect() as connection:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        path = search_path(connection)
        state = look(connection).state
        if state is not State.V0:
            what = {
                State.EMPTY: "is empty; name a database of v0",
                State.UNRECORDED: "is no v0 any more; name a restored backup of v0",
            }.get(state, "is not v0; run rently-db preflight")
            raise CommandError(f"compat starts from the schema of v0, and {masked(url)} {what}")
        tried = told if told is not None else read_statements(connection, limit)
    try:
        return tried, dump_schema(url), path
    except DumpError as problem:
        raise CommandError(f"the schema of {masked(url)} can't be read: {problem}") from problem


def _print(report: CompatReport) -> None:
    """A paragraph a finding, then the count."""
    from rently_db.operations.screen import say, screen

    console = screen()
    for missing in report.not_restored:
        console.print(f"not in the scratch database: {missing}", markup=False)
    for finding in report.findings:
        say(console, f"{finding.kind.value.replace('_', ' ')}: {finding.statement}")
        say(console, f"at {', '.join(finding.revisions)}: {finding.message}", indent=4)
    broken = sum(finding.kind == "breaks" for finding in report.findings)
    revisions = f"{report.revisions[0]} to {report.revisions[-1]}"
    console.print(
        f"{report.checked} statements at {len(report.revisions)} revisions, {revisions}: {broken or 'none'} would break", markup=False
    )
