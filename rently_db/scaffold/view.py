"""A new view: its file with a complete header, and a test that holds it against the loans themselves."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from alembic.util import CommandError

from rently_db.scaffold.files import Scaffold, check_folder, check_name, entities, write

_LONGEST = 50
"""Indexes and constraints carry the name of what they stand on, and PostgreSQL cuts names at 63 characters."""
ELSEWHERE = {
    "access": "they are of schema ops",
    "catalog": "they are generated, or repeat the server's catalogue",
    "dashboards": "they repeat what other views compute; docs/how-to/add-a-panel.md says how",
    "validation": "they are generated from the rules; make new-rule makes a rule",
}
"""Area -> why no scaffold makes a view of it."""


def new_view(home: Path, name: str, area: str) -> Scaffold:
    """Write a view of an area of schema analytics, and its test.

    Raises:
        CommandError: the name or the area won't do; nothing is written then.
    """
    known = entities(home)
    check_name(name, "view", _LONGEST)
    for prefix, what in (("mv_", "materialized views"), ("rule_", "the views of rules"), ("dash_", "views of dashboards")):
        if name.startswith(prefix):
            raise CommandError(f"{name}: names that begin with {prefix} are those of {what}; a view for readers begins with v_")
    if area in ELSEWHERE:
        raise CommandError(f"views of area {area} are not made by a scaffold: {ELSEWHERE[area]}")
    views = [entity for entity in known if entity.kind == "view"]
    check_folder(area, {entity.path.parent.name for entity in views} - ELSEWHERE.keys(), "area")
    if same := [entity for entity in known if entity.name == name]:
        raise CommandError(f"{same[0].file} describes a {same[0].kind} called {name} already; choose another name")
    file, test = f"rently_db/sql/views/{area}/{name}.sql", f"tests/analytics/test_{name}.py"
    owners = Counter(entity.header.owner for entity in views if entity.path.parent.name == area)
    return write(
        home,
        {file: "view.sql.mako", test: "test_view.py.mako"},
        (
            f"{file}: write the query, what the header says of it, and a '-- column' line for each column",
            f"{test}: compute the same figures from the loans; it passes for the query as it is",
            f"rently-db freeze v1_{name.removeprefix('v_')}",
            "make docs-views docs-reference",
            f"make test ARGS='{test} tests/sql tests/migrate/test_frozen.py'",
            "make test ARGS='tests/analytics/test_oracle_coverage.py tests/test_docs_views.py'",
        ),
        name=name,
        owner=owners.most_common(1)[0][0],
    )
