"""`rently-db prometheus`: the query files for the exporters of Prometheus."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

app = typer.Typer()


@app.command()
def prometheus(
    folder: Annotated[Path, typer.Argument(help="Where to write them; made if need be.")] = Path(),
) -> None:
    """Write the query files for postgres_exporter and sql_exporter: queries.yaml, rently.collector.yml and rently_slow.collector.yml.

    The exporter logs in as a member of role rently_monitor. Files of these names are replaced: after a new release, write them again.

    Example: rently-db prometheus /etc/sql_exporter
    """
    from alembic.util import CommandError

    from rently_db.prometheus import write_files

    try:
        written = write_files(folder)
    except OSError as problem:
        raise CommandError(f"{folder} can't be written to: {problem.strerror}; name another folder") from problem
    for path in written:
        typer.echo(path)
