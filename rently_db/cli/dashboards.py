"""`rently-db dashboards`: what they show, whether they fit a database, and the bundle for Apache Superset."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from rently_db.cli.exit_codes import ExitCode

app = typer.Typer(help="What the dashboards show, whether they fit a database, and their bundle for Apache Superset.", no_args_is_help=True)


@app.command("list")
def list_(*, as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False) -> None:
    """List the dashboards with their readers, tier and panels.

    Example: rently-db dashboards list

    --json prints a list of {number, key, title, tier, roles, panels: [{key, title, view, answers}], no_source: [{requirement, reason}]}.

    Exit codes: 0.
    """
    import json

    from rently_db.dashboards import DASHBOARDS

    if as_json:
        shown = [
            {
                "number": dashboard.number,
                "key": dashboard.key,
                "title": dashboard.title,
                "tier": dashboard.tier,
                "roles": [str(role) for role in dashboard.roles],
                "panels": [{"key": p.key, "title": p.title, "view": p.view, "answers": p.answers} for p in dashboard.panels],
                "no_source": [{"requirement": each.requirement, "reason": each.reason} for each in dashboard.no_source],
            }
            for dashboard in DASHBOARDS
        ]
        typer.echo(json.dumps(shown, ensure_ascii=False, indent=1))
        return
    from rich.table import Table

    from rently_db.operations.screen import screen

    table = Table(box=None, pad_edge=False)
    for name in ("#", "dashboard", "tier", "panels", "for"):
        table.add_column(name, no_wrap=name != "for", overflow="fold")
    for dashboard in DASHBOARDS:
        roles = ", ".join(dashboard.roles)
        table.add_row(str(dashboard.number), dashboard.title, str(dashboard.tier), str(len(dashboard.panels)), roles)
    screen().print(table, markup=False)


@app.command()
def check(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    rows: Annotated[bool, typer.Option("--rows", help="A panel without rows is a finding too, as on the demonstration's book.")] = False,
) -> None:
    """Check that every panel's columns exist in its view with a fitting type, and that its query runs; nothing is written.

    A column that was renamed names exactly the panels that it breaks.

    Example: rently-db dashboards check postgresql://user@host/rently

    Exit codes: 0: every panel fits; 1: one does not; 2: a wrong URL, or a server that can't be reached.
    """
    from rently_db.dashboards import DASHBOARDS
    from rently_db.dashboards.check import check as run
    from rently_db.database import make_engine, resolve_url
    from rently_db.operations.screen import say, screen

    with resolve_url(url) as target:
        engine = make_engine(target)
        try:
            with engine.connect() as connection, connection.begin() as transaction:
                connection.exec_driver_sql("SET TRANSACTION READ ONLY")
                found = run(connection, rows=rows)
                transaction.rollback()
        finally:
            engine.dispose()
    console = screen()
    for finding in found:
        say(console, str(finding))
    panels = sum(len(dashboard.panels) for dashboard in DASHBOARDS)
    broken = len({(finding.dashboard, finding.panel) for finding in found})
    typer.echo(f"{len(DASHBOARDS)} dashboards, {panels} panels, {broken} do not fit")
    raise typer.Exit(ExitCode.FINDINGS if found else ExitCode.DONE)


@app.command()
def bundle(
    file: Annotated[Path, typer.Argument(help="Where to write it: a .zip file, or a folder.")] = Path("rently-dashboards.zip"),
) -> None:
    """Write the bundle that Superset imports; the same definitions give the same bytes. No password stands in it.

    Example: rently-db dashboards bundle rently-dashboards.zip

    Exit codes: 0; 2: the file can't be written.
    """
    from alembic.util import CommandError

    from rently_db.dashboards.bundle import bundle as make
    from rently_db.dashboards.bundle import zipped

    files = make()
    try:
        if file.suffix == ".zip":
            file.write_bytes(zipped(files))
        else:
            for name, content in files.items():
                target = file / name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(content)
    except OSError as problem:
        raise CommandError(f"{file} can't be written: {problem.strerror}; name another file") from problem
    typer.echo(f"{file}: {len(files)} files")
