"""Columns and types of the views that dashboards read, as PostgreSQL has them.

``python -m rently_db.dashboards.columns URL`` writes them down, from a database at head.

They are written down so that the bundle can be made without a database. :mod:`rently_db.dashboards.check` compares them with a live one.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sqlalchemy import Connection

FILE = Path(__file__).with_name("columns.json")
Columns = Mapping[str, Mapping[str, str]]
"""View -> column -> type."""


@cache
def written() -> Columns:
    """Columns of each view as written down."""
    found: Columns = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def live(connection: Connection, views: Iterable[str]) -> dict[str, dict[str, str]]:
    """Columns of each view as a database at head has them; a view that is not there has none."""
    from sqlalchemy import text

    query = text(
        "SELECT c.relname, a.attname, format_type(a.atttypid, NULL) FROM pg_attribute AS a INNER JOIN pg_class AS c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = to_regnamespace('analytics') AND a.attnum > 0 AND NOT a.attisdropped ORDER BY c.relname, a.attnum"
    )
    found: dict[str, dict[str, str]] = {view: {} for view in sorted(set(views))}
    for view, column, type_ in connection.execute(query):
        if view in found:
            found[view][column] = type_
    return found


def main() -> None:
    """Write down what a database at head has."""
    from rently_db.dashboards import DASHBOARDS
    from rently_db.database import make_engine

    engine = make_engine(sys.argv[1])
    with engine.connect() as connection:
        found = live(connection, (panel.view for dashboard in DASHBOARDS for panel in dashboard.panels))
    engine.dispose()
    missing = sorted(view for view, columns in found.items() if not columns)
    if missing:
        sys.exit(f"the database has no analytics.{missing[0]}; run alembic upgrade head")
    FILE.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
