"""Where the frozen statements of the v1 chain came from: rendered from the models, and the bridge functions from the declared repairs.

    python -m rently_db.migrate.freeze bridges     # render the bridge functions into the live SQL

The folders v0 to v1 are deployed and never change; a test holds that the models of today still say what they say. What is new is frozen
by ``rently-db freeze`` (``freezing.py``).
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Table

from rently_db.migrate import render, render_data
from rently_db.migrate.bridges import bridge_files
from rently_db.migrate.quarantine import quarantine_sql
from rently_db.migrate.reference_rows import seeds_sql
from rently_db.migrate.render_accounting import tallies_sql
from rently_db.models.base import Base
from rently_db.sql.catalog import LIVE

_HEAD = "-- Frozen for {revision}: python -m rently_db.migrate.freeze v1\n\n"
_FILLED = "ledger_entry"
"""The big table of which every row is filled and none is looked up: with its indexes there, filling it takes five times as long."""


def _old_tables(*, filled: bool) -> list[Table]:
    """The table whose indexes come after its rows are filled, or the others, by whose indexes rows are looked up meanwhile."""
    return [table for table in render.old_tables(Base.metadata) if (table.name == _FILLED) == filled]


STATEMENTS: dict[str, dict[str, Callable[[], Iterable[str]]]] = {
    "v1_expand": {
        "tallies.sql": tallies_sql,
        "tables.sql": lambda: render.tables_sql(Base.metadata),
        "columns.sql": lambda: render.columns_sql(Base.metadata),
        "defaults.sql": lambda: render.defaults_sql(Base.metadata),
        "exclusions.sql": lambda: render.exclusions_sql(Base.metadata),
        "indexes.sql": lambda: render.indexes_sql(render.new_tables(Base.metadata)),
        "lookup_indexes.sql": lambda: render.indexes_sql(_old_tables(filled=False), unique=False),
        "seeds.sql": seeds_sql,
        "keep.sql": lambda: render_data.keep_sql(Base.metadata),
    },
    "v1_bridges": {"give_back.sql": render_data.give_back_sql},
    "v1_backfill": {
        "restore.sql": lambda: render_data.restore_sql(Base.metadata),
        "orphans.sql": lambda: render_data.orphans_sql(Base.metadata),
        "quarantine.sql": quarantine_sql,
        "repairs.sql": render_data.repairs_sql,
        "duplicates.sql": render_data.duplicates_sql,
        "derivations.sql": render_data.derivations_sql,
        "map_down.sql": render_data.map_down_sql,
    },
    "v1_indexes": {
        "uniques.sql": lambda: render.uniques_sql(Base.metadata),
        "indexes.sql": lambda: [
            *render.indexes_sql(render.old_tables(Base.metadata), unique=True),
            *render.indexes_sql(_old_tables(filled=True), unique=False),
        ],
    },
    "v1_validate": {
        "checks.sql": lambda: render.checks_sql(Base.metadata),
        "not_null.sql": lambda: render.not_null_sql(Base.metadata),
        "foreign_keys.sql": lambda: render.foreign_keys_sql(Base.metadata),
        "comments.sql": lambda: render.comments_sql(Base.metadata),
    },
}
"""Revision -> generated statement file -> its source. Files that are written by hand stand beside them in the frozen folder."""


def rendered(revision: str) -> dict[str, str]:
    """The generated statement files of a revision as the models of today would have them: name -> text."""
    return {name: _HEAD.format(revision=revision) + "\n".join(source()) for name, source in STATEMENTS.get(revision, {}).items()}


def render_bridges() -> list[Path]:
    """Write the bridge functions and triggers into the live SQL. Returns their paths."""
    files = bridge_files(LIVE)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def main(arguments: list[str]) -> int:
    """The command line: ``bridges``."""
    if arguments != ["bridges"]:
        print("usage: python -m rently_db.migrate.freeze bridges; what is new is frozen by rently-db freeze REVISION", file=sys.stderr)
        return 2
    print(f"{len(render_bridges())} bridge files")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
