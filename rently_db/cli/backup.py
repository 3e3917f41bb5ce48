"""`rently-db backup`: take a backup, and prove that it is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from typer.core import TyperGroup

from rently_db.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from rently_db.operations.backup import Manifest, Restored


class _TakeByDefault(TyperGroup):
    """`rently-db backup URL FILE` is `rently-db backup take URL FILE`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Put the word in unless the first one is a command's name or asks for help."""
        if args and args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["take", *args]
        return super().parse_args(ctx, args)


_HELP = "Back up the whole database: rently-db backup URL FILE. Prove it: rently-db backup verify FILE."

app = typer.Typer(cls=_TakeByDefault, help=_HELP, no_args_is_help=True)

Jobs = Annotated[int, typer.Option("--jobs", min=1, max=64, help="How many sessions work at once.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


@app.command()
def take(
    place: Annotated[list[str], typer.Argument(metavar="[URL] FILE", help="URL defaults to RENTLY_DATABASE_URL.", show_default=False)],
    *,
    jobs: Jobs = 1,
    as_json: Json = False,
) -> None:
    """Write the whole database to FILE, and what it holds to FILE.json; the word `take` may be left out.

    Example: rently-db backup postgresql://rently@db.example/rently /backups/rently.dump

    FILE is in pg_dump's custom format; pg_restore reads it. FILE.json holds, of the same moment, rows, sums of money
    and a digest of every table. Both appear when they are complete. --jobs: sessions that measure while pg_dump works.

    --json prints file, bytes, sha256, database, server_version, revision, taken_at, tables, rows, seconds.
    """
    import time

    from rently_db.database import resolve_url
    from rently_db.operations.backup import backup
    from rently_db.operations.screen import progress as shown
    from rently_db.operations.screen import say, screen

    if len(place) > 2:
        _fail(f"backup takes a URL and a file, found {len(place)} words; write: rently-db backup URL FILE", ExitCode.USAGE)
    file = Path(place[-1])
    begun = time.monotonic()
    with errors(as_json), resolve_url(place[0] if len(place) == 2 else None) as url, shown() as progress:
        manifest = backup(url, file, jobs=jobs, progress=progress)
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        print_json({"file": str(file), "bytes": manifest.size, "sha256": manifest.sha256, **summary(manifest), "seconds": seconds})
        return
    console = screen()
    say(console, f"{file}: {manifest.rows:,} rows of {len(manifest.tables)} tables at {_moment(manifest)}, {manifest.size:,} bytes")
    say(console, f"{file}.json: what it holds; keep the two together. Written in {seconds} s; prove it: rently-db backup verify {file}")


@app.command()
def verify(
    file: Annotated[Path, typer.Argument(help="The backup; FILE.json must be beside it.")],
    *,
    server: Annotated[
        str | None, typer.Option("--server", help="URL of a server for the scratch database. Default: one of our own.", show_default=False)
    ] = None,
    jobs: Jobs = 1,
    as_json: Json = False,
) -> None:
    """Restore FILE into a scratch database and compare every table with FILE.json: rows, sums of money, content.

    Example: rently-db backup verify /backups/rently.dump

    Exit code 1: the file is damaged, or a table is not what was backed up. The scratch database is dropped in any case.
    What it came to is kept in FILE.verified.json, for rently-db golive.

    --json prints file, ok, problems, notes, differences, tables (table, rows, found_rows, equal), seconds and what backup prints.
    """
    import time

    from rently_db.database import parse_url
    from rently_db.operations.backup import verify as verified
    from rently_db.operations.screen import progress as shown
    from rently_db.operations.screen import say, screen

    begun = time.monotonic()
    with errors(as_json, file=str(file)), shown() as progress:
        admin = None if server is None else parse_url(server, source="the option --server")
        result = verified(file, server=admin, jobs=jobs, progress=progress)
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        print_json({"file": str(file), **result_json(result), "seconds": seconds})
    else:
        print_result(result, f"{file.name}, restored")
        say(screen(), f"{file}: {'proved' if result.complete else 'NOT what was backed up'}, in {seconds} s")
    raise typer.Exit(ExitCode.DONE if result.complete else ExitCode.FINDINGS)


def summary(manifest: Manifest) -> dict[str, Any]:
    """What a backup is, for JSON."""
    return {
        "database": manifest.database,
        "server_version": manifest.server_version,
        "revision": manifest.revision,
        "taken_at": manifest.taken_at.isoformat(),
        "tables": len(manifest.tables),
        "rows": manifest.rows,
    }


def result_json(result: Restored) -> dict[str, Any]:
    """What became of a backup, for JSON. ``tables`` lists every table here."""
    differing = {difference.table for difference in result.differences}
    return {
        **summary(result.manifest),
        "ok": result.complete,
        "problems": list(result.problems),
        "notes": list(result.notes),
        "differences": [str(difference) for difference in result.differences],
        "tables": [
            {
                "table": table.label,
                "rows": content.rows,
                "found_rows": result.found[table.label].rows if table.label in result.found else None,
                "equal": table.label not in differing,
            }
            for table, content in result.manifest.tables
        ],
    }


def print_result(result: Restored, title: str) -> None:
    """A line for each table, then what is not as it was."""
    from rich.table import Table

    from rently_db.operations.screen import say, screen

    listed = Table(title=f"{title}: as it was at {_moment(result.manifest)}", title_justify="left", box=None, pad_edge=False)
    listed.add_column("table", no_wrap=True)
    for heading in ("rows", "restored"):
        listed.add_column(heading, justify="right")
    listed.add_column("content")
    for row in result_json(result)["tables"]:
        found = "missing" if row["found_rows"] is None else f"{row['found_rows']:,}"
        listed.add_row(row["table"], f"{row['rows']:,}", found, "equal" if row["equal"] else "DIFFERENT")
    console = screen()
    console.print(listed)
    for sentence in (*result.differences, *result.problems):
        say(console, str(sentence), indent=2)
    for note in result.notes:
        say(console, f"note: {note}", indent=2)


@contextmanager
def errors(as_json: bool, **known: str) -> Iterator[None]:
    """Errors of backup and restore as one sentence and their exit codes; Ctrl-C and SIGTERM tidy up before we go."""
    import signal

    from rently_db.operations.backup import BackupError, DamagedError, HalfWayError

    # SIGTERM and a closed terminal would end us without tidying up; a shell that starts us in the background makes us ignore Ctrl-C.
    signals = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = [(number, signal.signal(number, signal.default_int_handler)) for number in signals]
    try:
        yield
    except DamagedError as problem:
        if as_json:
            print_json({**known, "ok": False, "problems": [str(problem)]})
        _fail(str(problem), ExitCode.FINDINGS)
    except HalfWayError as problem:
        _fail(str(problem), ExitCode.RESUMABLE)
    except BackupError as problem:
        _fail(str(problem), ExitCode.USAGE)
    except KeyboardInterrupt:
        _fail("stopped; what was made is removed, run it again when you like", ExitCode.RESUMABLE)
    finally:
        for number, handler in before:
            signal.signal(number, handler)


def print_json(value: dict[str, Any]) -> None:
    """One JSON object on stdout."""
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))


def _moment(manifest: Manifest) -> str:
    return f"{manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC"


def _fail(sentence: str, code: ExitCode) -> NoReturn:
    """End with one sentence on stderr."""
    typer.echo(f"rently-db: {sentence}", err=True)
    raise typer.Exit(code)
