"""The catalogue of views as a view: what the headers of all views say, written as VALUES so that a database can answer it.

    python -m rently_db.sql.view_dependencies [--check]

``views/catalog/view_catalogue.sql`` is the result; ``view_dependencies`` reads it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from rently_db.migrate.actions import literal
from rently_db.sql.catalog import LIVE, Entity, load_catalogue

COMMAND = "python -m rently_db.sql.view_dependencies"
"""How the file is written again."""
_FILE = Path("views", "catalog", "view_catalogue.sql")
_NAME = "view_catalogue"
_HEADER = f"""\
-- owner: platform
-- tier: T0
-- grain: view or materialized view of schema analytics
-- key: view_name
-- refresh: live
-- description: What the headers of the views say; {_FILE.as_posix()} is generated from them
-- generated: {COMMAND}
-- column view_name: View or materialized view
-- column refresh_frequency: How old it may be: live, minute, quarter_hour or daily
-- column performance_tier: T0 exact when read, T1 at most a minute old, T2 at most 15 minutes, T3 daily or at month-ends
-- column business_owner: Who answers for its meaning
CREATE VIEW analytics.{_NAME} AS
SELECT
    c.view_name,
    c.refresh_frequency,
    c.performance_tier,
    c.business_owner
FROM (
    VALUES
"""
_FOOTER = ") AS c (view_name, refresh_frequency, performance_tier, business_owner);\n"


def catalogue_file(root: Path = LIVE) -> Path:
    """Where the generated view is."""
    return root / _FILE


def catalogue_sql(entities: Iterable[Entity]) -> str:
    """The text of the generated file: a row for each view and materialized view, by name; none for the generated view itself."""
    listed = sorted(
        (e for e in entities if e.kind in {"view", "matview"} and e.schema == "analytics" and e.name != _NAME), key=lambda e: e.name
    )
    rows = [f"    ({', '.join(literal(value) for value in (e.name, e.header.refresh, e.header.tier, e.header.owner))})" for e in listed]
    return _HEADER + ",\n".join(rows) + "\n" + _FOOTER


def main(arguments: list[str] | None = None) -> int:
    """Write the file, or with ``--check`` say whether it is up to date."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write the catalogue of views as a view.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if the file is out of date")
    check = parser.parse_args(arguments).check
    path, text = catalogue_file(), catalogue_sql(load_catalogue())
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return 0
    if check:
        print(f"{path} is out of date; run {COMMAND}", file=sys.stderr)
        return 1
    path.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
