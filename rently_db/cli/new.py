"""`rently-db new`: the files that a new view, rule or revision consists of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from pathlib import Path

    from rently_db.scaffold import Scaffold

app = typer.Typer(help="Write the files that a new view, rule or revision consists of; in a checkout.", no_args_is_help=True)


@app.command()
def view(
    name: Annotated[str, typer.Argument(help="Its name; a view for readers begins with v_, e.g. v_loans_by_region.")],
    *,
    area: Annotated[str, typer.Option("--area", help="Its folder below rently_db/sql/views, e.g. portfolio.")],
) -> None:
    """Write a view of schema analytics with a complete header, and its test; regenerate what lists all views.

    The view computes something already, and its test passes: edit both.

    Example: rently-db new view v_loans_by_region --area portfolio

    Exit codes: 0; 2 for a name or an area that won't do; nothing is written then.
    """
    from rently_db.scaffold import new_view

    home = _home()
    _tell(home, new_view(home, name, area))


@app.command()
def rule(
    name: Annotated[str, typer.Argument(help="Its permanent name, e.g. names_without_blanks.")],
    *,
    kind: Annotated[
        str, typer.Option("--type", help="Its folder below rently_db/sql/rules, e.g. data_quality; monitoring makes an alert.")
    ],
) -> None:
    """Write a rule with a complete header, and the statements by which its test offends it; regenerate what lists all rules.

    Example: rently-db new rule names_without_blanks --type data_quality

    Exit codes: 0; 2 for a name or a type that won't do; nothing is written then.
    """
    from rently_db.scaffold import new_rule

    home = _home()
    _tell(home, new_rule(home, name, kind))
    _write_pages(home)


@app.command()
def revision(
    name: Annotated[str, typer.Argument(help="Its id, e.g. v1_loans_by_region: lower-case words, at most 32 characters.")],
    *,
    message: Annotated[str, typer.Option("--message", "-m", help="What it brings, in a sentence: the first line of the file.")],
    scratch_url: Annotated[
        str | None,
        typer.Option(
            "--scratch-url", help="Server where a database may be created for a moment; else the embedded one.", show_default=False
        ),
    ] = None,
) -> None:
    """Write a revision for what the models and the live SQL have and the revisions have not, compared on a scratch database at head.

    Example: rently-db new revision v1_loans_by_region -m "Loans by region"

    Exit codes: 0; 2 for a name that won't do, when nothing differs, or for a difference that has to be written by hand.
    """
    from rently_db.database import parse_url
    from rently_db.operations.new_revision import new_revision

    made = new_revision(name, message, parse_url(scratch_url, source="--scratch-url") if scratch_url else None)
    home = _home()
    for path in made:
        typer.echo(f"edit       {path.relative_to(home)}")
    _next(
        "read the file; complete its first lines, which say why, which locks and how back",
        "rently-db demo, or alembic upgrade head, alembic downgrade -1, alembic upgrade head on a copy of your own",
        "make drift",
    )


def _home() -> Path:
    """The checkout that this package belongs to."""
    from alembic.util import CommandError

    from rently_db.packaged import PACKAGE, checkout

    home = checkout()
    if home is None:
        raise CommandError(
            f"this rently-db is installed in {PACKAGE}, apart from a checkout; run make venv in one, and .venv/bin/rently-db"
        )
    return home


def _tell(home: Path, made: Scaffold) -> None:
    for word, paths in (("edit", made.edit), ("generated", made.generated)):
        for path in paths:
            typer.echo(f"{word:<10} {path.relative_to(home)}")
    _next(*made.then)


def _next(*steps: str) -> None:
    from rently_db.operations.screen import say, screen

    typer.echo("Next:")
    for number, step in enumerate(steps, 1):
        say(screen(), f"{number}. {step}", indent=2, hanging=5)


def _write_pages(home: Path) -> None:
    """The pages of rules: their generator is no part of the package."""
    import subprocess
    import sys

    subprocess.run([sys.executable, "-m", "docs.rules"], cwd=home, check=True, stdout=subprocess.DEVNULL)
    typer.echo("docs/rules and docs/on-call.md have the page of the rule as it is now")
