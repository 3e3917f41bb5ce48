"""A new rule: its file with a complete header, and a plant, the statements that offend it, by which the suite tests it."""

from __future__ import annotations

from pathlib import Path

from alembic.util import CommandError

from rently_db.scaffold.files import Scaffold, check_folder, check_name, entities, write

_LONGEST = 40
"""The rule's view is called rule_<name>, and alerts are stored under its name."""
ALERTS = "monitoring"
"""The type whose rules are alerts and no validations."""


def new_rule(home: Path, name: str, kind: str) -> Scaffold:
    """Write a rule of a type, and its plant; an alert if the type is monitoring.

    Raises:
        CommandError: the name or the type won't do; nothing is written then.
    """
    known = entities(home)
    check_name(name, "rule", _LONGEST)
    if name.startswith("rule_"):
        raise CommandError(f"{name}: the view is called rule_<name> by itself; leave rule_ out")
    rules = [entity for entity in known if entity.header.rule is not None]
    check_folder(kind, {entity.path.parent.name for entity in rules}, "type of rules")
    tags = {tag for entity in rules if entity.path.parent.name == kind and entity.header.rule for tag in entity.header.rule.tags}
    if tags == {"selftest"}:
        raise CommandError(
            f"rules of type {kind} are self-tests: they try what must be refused, and have no plant; write one beside its neighbours in "
            f"rently_db/sql/rules/{kind}/, then run python -m rently_db.sql.generated and make docs-rules"
        )
    if same := [entity for entity in known if entity.name in (name, f"rule_{name}")]:
        raise CommandError(f"{same[0].file} describes a {same[0].kind} called {same[0].name} already; choose another name")
    file, plant = f"rently_db/sql/rules/{kind}/{name}.sql", f"tests/ops/planted/{name}.sql"
    return write(
        home,
        {file: "alert.sql.mako" if kind == ALERTS else "rule.sql.mako", plant: "plant.sql.mako"},
        (
            f"{file}: write the query of the rows that offend, and what the header says of them",
            f"{plant}: write statements that make a row offend; they run with triggers off, on a clean book of 60 loans",
            "python -m rently_db.sql.generated && make docs-rules",
            f"rently-db freeze v1_{name}",
            f"make docs-views && make test ARGS='tests/ops/test_rules.py -k {name}'",
            "make test ARGS='tests/sql tests/migrate/test_frozen.py tests/test_docs_rules.py tests/test_docs_views.py'",
        ),
        name=name,
        alert=kind == ALERTS,
    )
