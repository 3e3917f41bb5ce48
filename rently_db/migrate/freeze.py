"""Freeze what a revision deploys: copy the live SQL and what the models say into ``migrations/sql/<revision>/``, with its MANIFEST.

    python -m rently_db.migrate.freeze v1          # every folder of the v1 chain
    python -m rently_db.migrate.freeze bridges     # only render the bridge functions from the declared repairs

Until step B has ended these folders may be written again; from then on a frozen folder never changes and a change is a new revision.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

from sqlalchemy import Table

from rently_db.migrate import render, render_data
from rently_db.migrate.bridges import bridge_files
from rently_db.migrate.frozen import write_manifest
from rently_db.migrate.quarantine import quarantine_sql
from rently_db.migrate.reference_rows import seeds_sql
from rently_db.migrate.render_accounting import tallies_sql
from rently_db.models.base import Base
from rently_db.sql.catalog import LIVE

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations" / "sql"

_HEAD = "-- Frozen for {revision}: python -m rently_db.migrate.freeze v1\n\n"
_BRIDGE_TRIGGERS = ("bridge", "keep_status_history", "record_status")
"""Triggers that must be there before rows are repaired; all others guard what v1 writes and come last."""

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
    "v1": {},
}
"""Revision -> generated statement file -> its source. Files that are written by hand stand beside them in the frozen folder."""

HAND_WRITTEN: dict[str, tuple[str, ...]] = {
    "v0": ("ops.sql",),
    "v1_expand": ("remember_v0.sql", "accounts.sql"),
    "v1_backfill": ("set_repairs.sql", "status_history.sql"),
}


def _is_bridge(trigger: str) -> bool:
    return trigger.startswith(_BRIDGE_TRIGGERS)


def entities_of(revision: str) -> list[Path]:
    """The live entity files that a revision deploys, functions before triggers."""
    functions = sorted((LIVE / "functions").rglob("*.sql"))
    # What closes the open status comes before what opens the next one, and on the way down goes after it.
    triggers = sorted((LIVE / "triggers").rglob("*.sql"), key=lambda path: (path.stem != "keep_status_history", path))
    areas = {"v1_expand": {"ids"}, "v1_bridges": {"journal", "bridges", "history"}, "v1": {"guards", "upkeep"}}.get(revision, set())
    wanted = [path for path in functions if path.parent.name in areas]
    if revision in ("v1_bridges", "v1"):
        wanted += [path for path in triggers if _is_bridge(path.stem) == (revision == "v1_bridges")]
    return wanted


def freeze(revision: str) -> Path:
    """Write one revision's frozen folder. Returns it."""
    folder = MIGRATIONS / revision
    folder.mkdir(parents=True, exist_ok=True)
    names = list(HAND_WRITTEN.get(revision, ()))
    for name, source in STATEMENTS.get(revision, {}).items():
        (folder / name).write_text(_HEAD.format(revision=revision) + "\n".join(source()), encoding="utf-8")
        names.append(name)
    for kind in ("functions", "triggers"):
        shutil.rmtree(folder / kind, ignore_errors=True)
    for path in entities_of(revision):
        target = folder / path.relative_to(LIVE)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
        names.append(target.relative_to(folder).as_posix())
    write_manifest(folder, names)
    return folder


def render_bridges() -> list[Path]:
    """Write the bridge functions and triggers into the live SQL. Returns their paths."""
    files = bridge_files(LIVE)
    for path, text in files.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return list(files)


def main(arguments: list[str]) -> int:
    """The command line: ``bridges`` or ``v1``."""
    if arguments not in (["bridges"], ["v1"]):
        print("usage: python -m rently_db.migrate.freeze bridges|v1", file=sys.stderr)
        return 2
    print(f"{len(render_bridges())} bridge files")
    if arguments == ["v1"]:
        for revision in ("v0", *STATEMENTS):
            print(freeze(revision))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
