"""The questions of the preflight as SQL. Who asks is ``evaluate`` (from Python) or ``ops.run_pre_migration_validation()`` (``stored``)."""

from __future__ import annotations

from collections.abc import Sequence

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.preflight.relations import Relation
from rently_db.migrate.preflight.rules import Reference, RowRule, Rule, UniqueRule
from rently_db.migrate.render_data import DUPLICATES
from rently_db.migrate.repairs import Repair, may_need_repair, repairs_of


def row_items(table: str, rules: Sequence[Rule]) -> list[RowRule | Repair]:
    """What is judged in one reading of a table: its rules of single rows, then its repairs. An item's place is its number in the query."""
    mine: list[RowRule | Repair] = [rule for rule in rules if rule.table == table and isinstance(rule, RowRule)]
    return [*mine, *(repair for repair in repairs_of(table) if not repair.derived)]


def suspects(relation: Relation, items: Sequence[RowRule | Repair], mapping: str) -> str:
    """WITH the rows that are worth working out: no other can break a rule or be changed by a repair."""
    numbers = {item.name: number for number, item in enumerate(items)}
    rules = [item for item in items if isinstance(item, RowRule)]
    cheap = [rule.broken for rule in rules if relation.worked_out.isdisjoint(rule.columns)]
    conditions = " OR ".join(f"({condition})" for condition in [*cheap, may_need_repair(relation.table, "r")] if condition)
    picked = f"SELECT r.* FROM ({relation.raw}) AS r WHERE "
    # An own branch each: what must be looked up elsewhere is then one join for the whole table, not a look-up per row.
    branches = [picked + (conditions or "false"), *(f"{picked}NOT {certain}" for certain in relation.certain)]
    repaired = relation.repaired("suspects", numbers=numbers)
    return f"WITH {mapping}, suspects AS MATERIALIZED ({' UNION '.join(branches)}), repaired AS MATERIALIZED ({repaired})"


def row_counts(head: str, items: Sequence[RowRule | Repair], sample: int) -> str:
    """Number of an item, how many rows it finds, and the ids of the first. ``head`` is what ``suspects`` gave."""
    rules = [item for item in items if isinstance(item, RowRule)]
    broken = ", ".join(f"CASE WHEN {rule.broken} THEN {number} END" for number, rule in enumerate(rules))
    return (
        f"{head}, offence AS (SELECT id, unnest(array_remove(ARRAY[{broken}]::integer[] || fired, NULL)) AS nr FROM repaired)"
        f" SELECT nr, count(*), (array_agg(id ORDER BY id))[1:{sample}]::text[] FROM offence GROUP BY nr ORDER BY nr"
    )


def orphans(rule: Reference) -> str:
    """The ids of rows whose parent is not there."""
    missing = f"NOT EXISTS (SELECT FROM public.{rule.target} AS p WHERE p.id = t.{rule.column})"
    return f"SELECT t.id FROM public.{rule.table} AS t WHERE t.{rule.column} IS NOT NULL AND {missing}"


def twice(relation: Relation, rule: UniqueRule) -> str:
    """The keys that more than one row has. It wants the relation of the mapping before it."""
    return f"SELECT {rule.key} {_with_a_key(relation, rule)} GROUP BY {rule.key} HAVING count(*) > 1"


def rivals(relation: Relation, rule: UniqueRule) -> str:
    """The ids of rows of one key, but for those that the migration takes out itself."""
    keys = twice(relation, rule)
    if rule.table in DUPLICATES:
        # Rows of these tables that differ in their id alone are one row: the migration takes the others out.
        content = ", ".join(column.name for column in BASELINE[rule.table].columns if column.name != "id")
        keys = keys.replace("HAVING count(*) > 1", f"HAVING count(DISTINCT ROW({content})) > 1")
    return f"SELECT id {_with_a_key(relation, rule)} AND ({rule.key}) IN ({keys})"


def _with_a_key(relation: Relation, rule: UniqueRule) -> str:
    # NULLs are distinct in a unique index: a key with a NULL column offends nobody.
    return f"FROM ({relation.whole()}) AS r WHERE ({rule.where}) AND ROW({rule.key}) IS NOT NULL"


def counted(ids: str, mapping: str, sample: int) -> str:
    """How many ids a query gives, and the first of them."""
    return f"WITH {mapping} SELECT count(*), (array_agg(o.id ORDER BY o.id))[1:{sample}]::text[] FROM ({ids}) AS o"
