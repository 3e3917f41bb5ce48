"""Alembic inside this process: where its files are, and what a command tells it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

from alembic.config import Config
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import URL

if TYPE_CHECKING:
    from rently_db.migrate.run import Observer


def project_home() -> Path:
    """The directory with ``alembic.ini`` and ``migrations``: the checkout that the package is in, or the current directory.

    Raises:
        CommandError: they are in neither.
    """
    package, here = Path(__file__).resolve().parents[2], Path.cwd()
    for place in (package, here):
        if (place / "alembic.ini").is_file() and (place / "migrations" / "env.py").is_file():
            return place
    raise CommandError(f"alembic.ini and migrations/ are neither in {package} nor in {here}; run the command in a checkout of rently_db")


def alembic_config(
    url: URL | None = None,
    *,
    arguments: Mapping[str, str] | None = None,
    observer: Observer | None = None,
    stdout: TextIO | None = None,
) -> Config:
    """A configuration for ``alembic.command``: silent about logging, whose handlers are the caller's business.

    ``arguments`` are those of ``alembic -x key=value``; ``observer`` watches the run; scripts are printed to ``stdout``.

    Raises:
        CommandError: Alembic's files can't be found.
    """
    out = stdout or sys.stdout
    given = Namespace(x=[f"{key}={value}" for key, value in (arguments or {}).items()])
    config = Config(str(project_home() / "alembic.ini"), stdout=out, output_buffer=out, cmd_opts=given)
    config.attributes["configure_logging"] = False
    if url is not None:
        # The runner is written for psycopg2, whichever driver the URL names.
        config.attributes["url"] = url.set(drivername="postgresql").render_as_string(hide_password=False)
    if observer is not None:
        config.attributes["observer"] = observer
    return config


def scripts() -> ScriptDirectory:
    """The revisions as Alembic sees them. Raises CommandError if they can't be found."""
    return ScriptDirectory(str(project_home() / "migrations"))


def chain(script: ScriptDirectory | None = None) -> list[str]:
    """The ids of all revisions, oldest first. Raises CommandError if they can't be found."""
    return [revision.revision for revision in reversed(list((script or scripts()).walk_revisions()))]
