"""A database for dashboards to look at: the synthetic book, at head, with what only v1 holds, and every figure up to date."""

from __future__ import annotations

from contextlib import closing

import psycopg2
from alembic import command
from alembic.util import CommandError
from sqlalchemy import URL, text

from rently_db.database import make_engine
from rently_db.migrate.actions import identifier
from rently_db.operations.alembic_config import alembic_config
from rently_db.operations.due import Done, Loop, Options
from rently_db.synth import SynthOptions, write_v0
from rently_db.synth.v1_additions import add_v1

_FIGURES = ("queue", "publish", "restate", "refresh")
"""How the names of the tasks begin without which a figure would be old."""
_BEFORE_ANALYTICS = "v1"
"""The tables of v1 with all their rules: month-ends are published by the next revision, once, with all that was ever written."""


def demo_database(url: URL, *, loans: int = 600) -> None:
    """Fill an empty database, whose owner is a superuser: v0's clean book, migrated to head, with the additions of v1.

    The business date stays with the database. Each table, view and materialized view of schema analytics is current when this returns:
    what ``rently-db run-due`` repeats has been done once.

    Raises:
        SynthError: the database is not empty.
        CommandError: the migration stopped, or a figure could not be brought up to date.
    """
    book = SynthOptions(loans=loans)
    with closing(psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))) as connection:
        write_v0(connection, book)
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(f"ALTER DATABASE {identifier(str(url.database))} SET rently.business_date = '{book.business_date}'")
    config = alembic_config(url)
    command.upgrade(config, _BEFORE_ANALYTICS)
    engine = make_engine(url)
    try:
        with engine.begin() as connected:
            add_v1(connected, business_date=book.business_date)
            connected.execute(text("ANALYZE"))
        command.upgrade(config, "head")
        with engine.begin() as connected:
            connected.execute(text("ANALYZE"))
    finally:
        engine.dispose()
    _bring_up_to_date(url)


def _bring_up_to_date(url: URL) -> None:
    """What is due, once: the queue, published days, refreshes; rules and alerts are looked at too, and what they find is theirs to say."""
    failed: list[Done] = []

    def report(done: Done) -> None:
        if done.error is not None and done.task.startswith(_FIGURES):
            failed.append(done)

    Loop(url, Options(once=True), report, lambda _: None).run()
    if failed:
        raise CommandError("; ".join(f"{done.task}: {done.error}" for done in failed))
