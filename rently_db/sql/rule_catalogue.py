"""What the headers of the rules say, as a view, and the union of all rules: both are generated.

python -m rently_db.sql.rule_catalogue            # write the two files
python -m rently_db.sql.rule_catalogue --check    # exit with 1 if one is out of date
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

from rently_db.migrate.actions import literal
from rently_db.sql.catalog import LIVE, Entity, load_catalogue

COMMAND = "python -m rently_db.sql.rule_catalogue"
_FOLDER = Path("views", "validation")
_COLUMNS = (
    ("rule", "Name of the rule"),
    ("validation_type", "Kind of the rule, the folder of its file: INTEGRITY, BUSINESS_RULES ..."),
    ("severity", "fail, warning or info: what a row that offends is, unless the rule gives it a severity of its own"),
    ("tags", "Who asks: preflight, validation, selftest, alert, quality, critical"),
    ("table_name", "Table whose rows offend; its schema only if that is not public"),
    ("column_name", "Column that the rule is about; NULL: several, or the row as a whole"),
    ("description", "What an offender is"),
    ("protects", "What would go wrong with it"),
    ("mend", "How to mend it"),
    ("owner", "Who answers for the rule"),
    ("alert_severity", "Severity of the incident: critical, high, medium, low; NULL: the rule raises none"),
    ("alert_above", "How many rows are no incident yet; NULL: the rule raises none"),
    ("alert_every", "How often the alert asks; NULL: the rule raises none"),
)


def rules_of(entities: Iterable[Entity]) -> list[Entity]:
    """The rules, by type and name."""
    return sorted((entity for entity in entities if entity.kind == "rule"), key=lambda e: (e.path.parent.name, e.name))


def rule_name(entity: Entity) -> str:
    """The rule's permanent name: its view is called ``rule_<name>``."""
    return entity.name.removeprefix("rule_")


def _row(entity: Entity) -> str:
    rule = entity.header.rule
    assert rule is not None, entity.path
    tags = "'{" + ",".join(rule.tags) + "}'"
    values = (
        literal(rule_name(entity)),
        literal(entity.path.parent.name.upper()),
        literal(rule.severity),
        tags,
        literal(rule.table),
        literal(rule.column) if rule.column else "NULL",
        literal(entity.header.description),
        literal(rule.protects),
        literal(rule.mend),
        literal(entity.header.owner),
        literal(rule.alert) if rule.alert else "NULL",
        str(rule.above) if rule.alert else "NULL",
        literal(rule.every or "1 minute") if rule.alert else "NULL",
    )
    return "    (\n" + ",\n".join(f"        {value}" for value in values) + "\n    )"


def catalogue_sql(entities: Iterable[Entity]) -> str:
    """The text of ``rule_catalogue.sql``: a row for each rule."""
    columns = "\n".join(f"-- column {name}: {meaning}" for name, meaning in _COLUMNS)
    casts = {"tags": "c.tags::text[]", "alert_above": "c.alert_above::bigint", "alert_every": "c.alert_every::interval"}
    selected = ",\n".join(f"    {casts.get(name, f'c.{name}')}{f' AS {name}' if name in casts else ''}" for name, _ in _COLUMNS)
    names = ", ".join(name for name, _ in _COLUMNS)
    rows = ",\n".join(_row(entity) for entity in rules_of(entities))
    return (
        "-- owner: platform\n-- tier: T0\n-- grain: rule\n-- key: rule\n-- refresh: live\n"
        "-- description: What the headers of the rules say; generated from them\n"
        f"-- generated: {COMMAND}\n{columns}\n"
        f"CREATE VIEW ops.rule_catalogue AS\nSELECT\n{selected}\nFROM (\n    VALUES\n{rows}\n) AS c ({names});\n"
    )


def union_sql(entities: Iterable[Entity]) -> str:
    """The text of ``rule_offence.sql``: the rows of all rules of validations."""
    listed = [entity for entity in rules_of(entities) if entity.header.rule is not None and "validation" in entity.header.rule.tags]
    parts = []
    for entity in listed:
        rule = entity.header.rule
        assert rule is not None
        own = " AS severity" in entity.sql
        severity = "r.severity" if own else f"{literal(rule.severity)} AS severity"
        parts.append(
            f"SELECT\n    {literal(rule_name(entity))} AS rule,\n    {severity},\n    r.id,\n    r.detail\nFROM ops.{entity.name} AS r"
        )
    return (
        "-- owner: platform\n-- tier: T0\n-- grain: row that offends a rule\n-- key: rule, id\n-- refresh: live\n"
        "-- description: Every row that offends a rule of the validations now, exempt or not; asked for one rule it evaluates that alone\n"
        f"-- generated: {COMMAND}\n"
        "-- column rule: Rule\n-- column severity: fail, warning or info\n-- column id: The row, by the id that the rule gives\n"
        "-- column detail: What was found\n"
        "CREATE VIEW ops.rule_offence AS\n" + "\nUNION ALL\n".join(parts) + ";\n"
    )


def files(root: Path = LIVE) -> dict[Path, str]:
    """The two generated files with their texts."""
    entities = load_catalogue(root)
    return {
        root / _FOLDER / "rule_catalogue.sql": catalogue_sql(entities),
        root / _FOLDER / "rule_offence.sql": union_sql(entities),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the files, or with ``--check`` say whether they are up to date."""
    parser = argparse.ArgumentParser(prog=COMMAND, description="Write the catalogue of rules and their union as views.")
    parser.add_argument("--check", action="store_true", help="write nothing; exit with 1 if a file is out of date")
    check = parser.parse_args(arguments).check
    outdated = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in outdated:
        if check:
            print(f"{path} is out of date; run {COMMAND}", file=sys.stderr)
        else:
            path.write_text(files()[path], encoding="utf-8")
    return int(bool(outdated) and check)


if __name__ == "__main__":
    raise SystemExit(main())
