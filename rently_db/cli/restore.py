"""`rently-db restore`: a backup back into a database, and what the live one would lose."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rently_db.cli.backup import Jobs, Json, errors, print_json, print_result, result_json
from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from sqlalchemy import URL

    from rently_db.operations.backup import TableWrites
    from rently_db.operations.backup.tools import Progress

app = typer.Typer()


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="The backup; FILE.json must be beside it.")],
    url: Annotated[str, typer.Argument(help="The database to restore into: empty, or not there yet.")],
    *,
    compare: Annotated[
        str | None, typer.Option("--compare", help="URL of the live database: list what it wrote since the backup.", show_default=False)
    ] = None,
    written_since: Annotated[
        Path | None, typer.Option("--written-since", help="With --compare: the rows themselves, as JSON lines.", show_default=False)
    ] = None,
    compare_only: Annotated[bool, typer.Option("--compare-only", help="URL was restored into before: only compare again.")] = False,
    no_owner: Annotated[bool, typer.Option("--no-owner", help="Leave out owners and rights: everything is the user's.")] = False,
    jobs: Jobs = 1,
    as_json: Json = False,
) -> None:
    """Restore FILE into the empty database that URL names, and compare every table with FILE.json.

    Example: rently-db restore rently.dump postgresql://admin@db/rently_restored --compare postgresql://admin@db/rently
    --written-since lost.jsonl

    --compare lists rows that the live database has written since the backup, so that nobody loses them unknowingly:
    new, changed and deleted ones by primary key. Each line of --written-since has table, kind, columns, live, backup,
    and by_migration: true where the migration's own repair is all that differs, which no switch loses.

    Exit code 1: a table is not what was backed up, a role is missing, or the live database holds rows that the backup does not.

    --json prints what backup verify prints, and written (table, new, changed, deleted, by_migration, note).
    """
    import time

    from rently_db.database import parse_url
    from rently_db.operations import backup as operation
    from rently_db.operations.screen import progress as shown
    from rently_db.operations.screen import say, screen

    begun = time.monotonic()
    writes: list[TableWrites] | None = None
    with errors(as_json, file=str(file)):
        if compare is None and (written_since is not None or compare_only):
            raise operation.BackupError("--written-since and --compare-only need --compare and the URL of the live database")
        target = parse_url(url)
        live = None if compare is None else parse_url(compare, source="the option --compare")
        if written_since is not None and written_since.exists():
            raise operation.BackupError(f"{written_since} exists and may list rows that nobody has saved yet; give another name")
        if live is not None:
            operation.check_source(live, target)
        with shown() as progress:
            if compare_only:
                result = operation.restored_before(file, target, jobs=jobs, progress=progress)
            else:
                result = operation.restore(file, target, owners=not no_owner, jobs=jobs, progress=progress)
            if live is not None:
                writes = _listed(live, target, written_since, progress)
    seconds = round(time.monotonic() - begun, 1)
    lost = any(write.rows or write.note for write in writes or ())
    if as_json:
        print_json({"file": str(file), **result_json(result), **_writes_json(writes), "seconds": seconds})
    else:
        print_result(result, f"{target.database}, restored")
        if writes is not None:
            _print_writes(writes, written_since)
        say(screen(), f"{file}: {'restored, and as it was' if result.complete else 'NOT restored as it was'}, in {seconds} s")
    raise typer.Exit(ExitCode.DONE if result.complete and not lost else ExitCode.FINDINGS)


def _listed(live: URL, target: URL, out: Path | None, progress: Progress) -> list[TableWrites]:
    """Compare with the live database; the file appears complete or not at all."""
    import os

    from rently_db.operations.backup import HalfWayError
    from rently_db.operations.backup import written_since as compared

    if out is None:
        return compared(live, target, None, progress)
    part = out.with_name(out.name + ".part")
    try:
        try:
            part.touch(mode=0o600)
            with part.open("w", encoding="utf-8") as opened:
                writes = compared(live, target, opened, progress)
                opened.flush()
                os.fsync(opened.fileno())
            part.rename(out)
        finally:
            part.unlink(missing_ok=True)
    except OSError as problem:
        raise HalfWayError(f"{out} can't be written: {problem.strerror}; the database is restored, go on with --compare-only") from problem
    return writes


def _writes_json(writes: list[TableWrites] | None) -> dict[str, Any]:
    from dataclasses import asdict

    return {"written": None if writes is None else [asdict(write) for write in writes if write.rows or write.by_migration or write.note]}


def _print_writes(writes: list[TableWrites], out: Path | None) -> None:
    """A line for each table that was written to."""
    from rich.table import Table

    from rently_db.operations.backup.written import WORKED_OUT
    from rently_db.operations.screen import say, screen

    told = [write for write in writes if write.rows or write.by_migration or write.note]
    if not told:
        typer.echo("The live database has written nothing since the backup.")
        return
    listed = Table(title="Written in the live database since the backup", title_justify="left", box=None, pad_edge=False)
    listed.add_column("table", no_wrap=True)
    for heading in ("new", "changed", "deleted", "by the migration"):
        listed.add_column(heading, justify="right")
    for write in told:
        if write.note == WORKED_OUT:
            continue
        listed.add_row(write.table, *(f"{n:,}" for n in (write.new, write.changed, write.deleted, write.by_migration)))
    console = screen()
    console.print(listed)
    for note, tables in _noted(told).items():
        say(console, f"{tables}: {note}", indent=2)
    rows = sum(write.rows for write in writes)
    where = f"all are in {out}" if out else "list them with --compare-only --written-since FILE"
    say(console, f"{rows:,} rows would be lost by switching to the backup; {where}")


def _noted(writes: list[TableWrites]) -> dict[str, str]:
    """Each note, and the tables that it is of: all of them by name, of the many that hold figures only how many there are."""
    from rently_db.operations.backup.written import WORKED_OUT

    tables: dict[str, list[TableWrites]] = {}
    for write in writes:
        if write.note:
            tables.setdefault(write.note, []).append(write)
    told = {note: ", ".join(write.table for write in some) for note, some in tables.items()}
    if figures := tables.get(WORKED_OUT):
        told[WORKED_OUT] = f"{sum(write.by_migration for write in figures):,} rows in {len(figures)} tables of figures"
    return told
