"""`rently-db migrate`: to v1, on a live database."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from rently_db.cli import completing

app = typer.Typer()


class OnViolation(StrEnum):
    """What becomes of rows that no declared repair mends."""

    STOP = "stop"
    QUARANTINE = "quarantine"


class Roles(StrEnum):
    """What becomes of the upgrade if roles of ours are missing and the migrating role may not create them."""

    OPTIONAL = "optional"
    REQUIRE = "require"


@app.command()
def migrate(
    url: Annotated[str | None, typer.Argument(help="Default: RENTLY_DATABASE_URL.", show_default=False)] = None,
    *,
    until: Annotated[
        str,
        typer.Option(
            "--until",
            metavar="REVISION",
            autocompletion=completing.revisions,
            help="Stop at this revision, to look around; v0 adopts and changes nothing.",
        ),
    ] = "head",
    mapping: Annotated[
        Path | None,
        typer.Option("--mapping", metavar="FILE", help="CSV that says what unknown values mean; rently-db preflight lists them."),
    ] = None,
    on_violation: Annotated[
        OnViolation, typer.Option("--on-violation", help="Rows that nothing mends: stop, or set rows of leaf tables aside.")
    ] = OnViolation.STOP,
    quarantine_limit: Annotated[
        int | None, typer.Option("--quarantine-limit", min=0, metavar="N", help="How many rows at most are set aside.  [default: 1000]")
    ] = None,
    roles: Annotated[
        Roles, typer.Option("--roles", help="Roles that are missing and that you may not create: go on without, or stop before anything.")
    ] = Roles.OPTIONAL,
    as_json: Annotated[bool, typer.Option("--json", help="Print the outcome as one JSON object.")] = False,
) -> None:
    """Carry the database to v1 while applications work on it; progress on stderr, the outcome on stdout.

    It does what alembic upgrade head does. Stopped at any moment, the same command goes on from there.

    Example: rently-db migrate postgresql://deploy@db.example/rently --until v1_expand

    Exit code 0: done, or nothing to do; 1: findings (rows forbid it and nothing was changed, or the accounts don't close); 2: a wrong
    option, URL or server, nothing was changed; 3: stopped half way (Ctrl-C, a lost connection, a step that failed): run it again.

    --json prints {outcome: done | nothing to do | findings | failed, direction: up | down, from, to, seconds, rows, retries,
    longest_lock: {seconds, step}, accounts: [...], unexplained: sentences, findings: as rently-db preflight lists them,
    error}.
    """
    from rently_db.cli.conduct import conduct, stopped
    from rently_db.database import resolve_url
    from rently_db.operations.interrupt import interruptible
    from rently_db.operations.migrating import plan_journey

    arguments = migration_arguments(mapping, on_violation, quarantine_limit)
    if roles is not Roles.OPTIONAL:
        arguments["roles"] = roles.value
    try:
        with resolve_url(url) as target, interruptible():
            code = conduct(target, plan_journey(target, "up", until), arguments, as_json=as_json)
    except KeyboardInterrupt:
        raise stopped() from None
    raise typer.Exit(code)


def migration_arguments(mapping: Path | None, on_violation: OnViolation, quarantine_limit: int | None) -> dict[str, str]:
    """The options as arguments of ``alembic -x``. Raises CommandError if the mapping file is no mapping file."""
    from rently_db.migrate.mapping import read_mapping

    arguments = {}
    if mapping is not None:
        read_mapping(mapping)  # a mistake in it is found even if there is nothing to do
        arguments["mapping"] = str(mapping)
    if on_violation is not OnViolation.STOP:
        arguments["on_violation"] = on_violation.value
    if quarantine_limit is not None:
        arguments["quarantine_limit"] = str(quarantine_limit)
    return arguments
