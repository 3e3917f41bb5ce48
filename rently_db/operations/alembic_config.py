"""Alembic inside this process: where its files are, and what a command tells it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Mapping
from typing import TYPE_CHECKING, TextIO

from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import URL

from rently_db.packaged import alembic_ini, migrations

if TYPE_CHECKING:
    from rently_db.migrate.run import Observer


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
        IncompletePackageError: Alembic's files can't be found.
    """
    out = stdout or sys.stdout
    given = Namespace(x=[f"{key}={value}" for key, value in (arguments or {}).items()])
    config = Config(str(alembic_ini()), stdout=out, output_buffer=out, cmd_opts=given)
    config.attributes["configure_logging"] = False
    if url is not None:
        # The runner is written for psycopg2, whichever driver the URL names.
        config.attributes["url"] = url.set(drivername="postgresql").render_as_string(hide_password=False)
    if observer is not None:
        config.attributes["observer"] = observer
    return config


def scripts() -> ScriptDirectory:
    """The revisions as Alembic sees them. Raises IncompletePackageError if they can't be found."""
    return ScriptDirectory(str(migrations()))
