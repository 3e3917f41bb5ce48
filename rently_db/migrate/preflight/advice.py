"""What the rules of the validations will say of v0's rows: those with tag ``preflight`` ask what no constraint of v1 does.

The migration does not stop at these rows and does not mend them; they are told because after it the validations will tell them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import Connection

from rently_db.migrate.preflight.findings import Finding, Kind
from rently_db.migrate.steps import ChangeViews, Step, flat
from rently_db.sql.catalog import Entity
from rently_db.sql.entities import DeployEntity, DropEntity, definition

TAG = "preflight"


def advisors(steps: Iterable[Step]) -> list[Entity]:
    """The rules that are asked, by name, as the revisions deploy them last."""
    latest: dict[str, Entity] = {}
    for step in flat(steps):
        if isinstance(step, DropEntity):
            latest.pop(step.entity.name, None)
        entities = [step.entity] if isinstance(step, DeployEntity) else step.latter if isinstance(step, ChangeViews) else ()
        latest |= {entity.name: entity for entity in entities if entity.kind == "rule"}
    return sorted((e for e in latest.values() if e.header.rule is not None and TAG in e.header.rule.tags), key=lambda e: e.name)


def tables_of(rule: Entity) -> frozenset[str]:
    """The tables of v0 that a rule reads."""
    return frozenset(re.findall(r"\bpublic\.(\w+)", definition(rule)))


def advice_sql(rule: Entity, sample: int) -> str:
    """How many rows the rule names, and the first of them. The rule stands as its file has it: v0 has no view of it."""
    return f"SELECT count(*), (array_agg(o.id ORDER BY o.id))[1:{sample}]::text[] FROM (\n{definition(rule)}\n) AS o"


def advice(connection: Connection, steps: Iterable[Step], tables: Iterable[str], sample: int) -> Iterator[Finding]:
    """What the rules find, each of which reads ``tables`` only."""
    readable = frozenset(tables)
    for rule in advisors(steps):
        if tables_of(rule) <= readable:
            count, ids = connection.exec_driver_sql(advice_sql(rule, sample), execution_options={"no_parameters": True}).one()
            if count:
                yield finding_of(rule, int(count), tuple(ids))


def finding_of(rule: Entity, count: int, sample: tuple[str, ...]) -> Finding:
    """What the rule found, as a finding."""
    said = rule.header.rule
    assert said is not None, rule.path
    what = f"{rule.header.description}; {said.mend}"
    return Finding(said.table, rule.name.removeprefix("rule_"), count, sample, what, said.column, Kind.ADVICE)
