"""The questions of the preflight as rows of ``ops.pre_migration_question``, for ``ops.run_pre_migration_validation()``.

They are the queries that ``evaluate`` asks from Python, each of which gives its findings by itself. What an earlier v1 left in the
database is read when they are asked, not when they are written.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rently_db.migrate.actions import literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.preflight.advice import advice_sql, advisors, finding_of
from rently_db.migrate.preflight.evaluate import SAMPLE
from rently_db.migrate.preflight.findings import Finding, Kind
from rently_db.migrate.preflight.queries import counted, orphans, rivals, row_counts, row_items, suspects, twice
from rently_db.migrate.preflight.relations import Memory, Relation, mapping_relation
from rently_db.migrate.preflight.rules import Reference, RowRule, Rule, UniqueRule, rules_of
from rently_db.migrate.preflight.sets import set_repairs
from rently_db.migrate.reference_rows import CURRENCIES
from rently_db.migrate.repairs import Repair
from rently_db.migrate.steps import Step

KEPT = "(kept)"
"""Stands among the currencies for those of a table that an earlier v1 left; no code looks like it."""
_MEMORY = Memory(mapping=True, kept=frozenset(BASELINE), currencies=(KEPT,))


@dataclass(frozen=True, slots=True)
class Question:
    """A query of findings; ``foreign_key`` is the ``table.column`` for which PostgreSQL may vouch."""

    subject: str
    query: str
    foreign_key: str = ""


def questions(steps: Iterable[Step]) -> Iterator[Question]:
    """Every question, in the order in which ``survey`` and then ``advice`` tell what they find."""
    listed = list(steps)
    mapping = mapping_relation({}, _MEMORY)
    relations = {table: Relation.of(table, listed, _MEMORY) for table in BASELINE}
    rules = list(rules_of(listed, [*(code for code, _, _ in CURRENCIES), *_MEMORY.currencies]))
    for table, relation in relations.items():
        yield _of_rows(relation, rules, mapping)
        for rule in rules:
            if rule.table == table and isinstance(rule, Reference):
                yield Question(table, _one(_found(rule), counted(orphans(rule), mapping, SAMPLE)), f"{table}.{rule.column}")
            elif rule.table == table and isinstance(rule, UniqueRule):
                # The condition is asked once: most often no key is there twice, and the second reading is spared.
                ids = f"SELECT v.id FROM ({rivals(relation, rule)}) AS v WHERE (SELECT EXISTS ({twice(relation, rule)}))"
                yield Question(table, _one(_found(rule), counted(ids, mapping, SAMPLE)))
    for repair in set_repairs(relations):
        found = Finding(repair.table, repair.name, 0, (), repair.mend, ", ".join(repair.columns), Kind.REPAIR)
        yield Question(repair.table, _one(found, counted(f"SELECT id FROM ({repair.changed}) AS c", mapping, SAMPLE)))
    for entity in advisors(listed):
        found = finding_of(entity, 0, ())
        yield Question(found.table, _one(found, advice_sql(entity, SAMPLE)))


def questions_sql(steps: Iterable[Step]) -> list[str]:
    """The statements that write the questions of these steps in the place of those of another release."""
    rows = ",\n".join(
        f"({nr}, {literal(q.subject)}, {literal(q.foreign_key) if q.foreign_key else 'NULL'}, {literal(q.query)})"
        for nr, q in enumerate(questions(steps), 1)
    )
    return [
        "DELETE FROM ops.pre_migration_question",
        f"INSERT INTO ops.pre_migration_question (nr, subject, foreign_key, query) VALUES\n{rows}",
    ]


def _of_rows(relation: Relation, rules: Sequence[Rule], mapping: str) -> Question:
    items = row_items(relation.table, rules)
    counts = row_counts(suspects(relation, items, mapping), items, SAMPLE)
    listed = ", ".join(f"({nr}, {_values(_judged(item))})" for nr, item in enumerate(items))
    query = (
        "SELECT i.kind, i.table_name, i.column_name, i.rule_name, o.affected_records, o.sample_ids, i.proposed_repair"
        f" FROM ({counts}) AS o (nr, affected_records, sample_ids)"
        f" INNER JOIN (VALUES {listed}) AS i (nr, kind, table_name, column_name, rule_name, proposed_repair) ON i.nr = o.nr ORDER BY o.nr"
    )
    return Question(relation.table, query)


def _judged(item: RowRule | Repair) -> Finding:
    if isinstance(item, Repair):
        return Finding(item.table, item.name, 0, (), item.why, item.column, Kind.REPAIR)
    return _found(item)


def _found(rule: Rule) -> Finding:
    return Finding(rule.table, rule.name, 0, (), rule.mend, ", ".join(rule.columns))


def _one(finding: Finding, counts: str) -> str:
    """The query of one finding, if ``counts`` counts any row."""
    kind, table, column, rule, mend = (literal(value) for value in _words(finding))
    return (
        f"SELECT {kind} AS kind, {table} AS table_name, {column} AS column_name, {rule} AS rule_name, o.affected_records, o.sample_ids,"
        f" {mend} AS proposed_repair FROM ({counts}) AS o (affected_records, sample_ids) WHERE o.affected_records > 0"
    )


def _words(finding: Finding) -> tuple[str, str, str, str, str]:
    return finding.kind.value, finding.table, finding.column, finding.rule, finding.mend


def _values(finding: Finding) -> str:
    return ", ".join(literal(value) for value in _words(finding))
