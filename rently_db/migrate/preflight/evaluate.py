"""Ask the database which rows break the rules, and which ones the declared repairs will change."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from sqlalchemy import Connection, text

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.mapping import ValueMapping
from rently_db.migrate.preflight.findings import Finding, Kind, mapped_column, mapping_lines, ways_out
from rently_db.migrate.preflight.queries import counted, orphans, rivals, row_counts, row_items, suspects, twice
from rently_db.migrate.preflight.relations import Memory, Relation, mapping_relation
from rently_db.migrate.preflight.rules import Reference, RowRule, Rule, UniqueRule, rules_of
from rently_db.migrate.preflight.sets import set_repairs
from rently_db.migrate.reference_rows import CURRENCIES
from rently_db.migrate.repairs import Repair
from rently_db.migrate.steps import Step

SAMPLE = 5
"""How many ids of rows a finding shows."""
_VALUES = 20
"""For how many unknown values a finding proposes lines of a mapping file."""


def preflight(connection: Connection, steps: Iterable[Step], mapping: ValueMapping | None = None, *, sample: int = SAMPLE) -> list[Finding]:
    """The rows that would stop an upgrade, table by table. The connection's transaction is READ ONLY from here on."""
    return [finding for finding in _Survey(connection, steps, mapping or {}, sample).run() if finding.stops]


def survey(
    connection: Connection,
    steps: Iterable[Step],
    mapping: ValueMapping | None = None,
    *,
    tables: Iterable[str] = tuple(BASELINE),
    thorough: bool = False,
) -> list[Finding]:
    """What would stop an upgrade, and what the declared repairs will change; the transaction is READ ONLY from here on.

    Only ``tables`` are read: leave out those that are not as v0 has them. Foreign keys that PostgreSQL vouches for are believed, unless
    ``thorough`` says that rows may have been written while triggers were off.
    """
    asked = _Survey(connection, steps, mapping or {}, SAMPLE, tables=tables, thorough=thorough)
    return [*asked.run(), *asked.sets()]


@dataclass(frozen=True, slots=True)
class _Offence:
    """How many rows a query found, and the first of them."""

    count: int
    sample: tuple[str, ...]


class _Survey:
    def __init__(
        self,
        connection: Connection,
        steps: Iterable[Step],
        mapping: ValueMapping,
        sample: int,
        *,
        tables: Iterable[str] = tuple(BASELINE),
        thorough: bool = False,
    ) -> None:
        connection.exec_driver_sql("SET TRANSACTION READ ONLY")
        # A hash of all keys of a table should not have to go to disk; for this transaction alone.
        connection.exec_driver_sql("SET LOCAL work_mem = '64MB'")
        # Nearly no row passes the condition on the raw values; the planner expects most of them, too many to hand over between workers.
        connection.exec_driver_sql("SET LOCAL parallel_tuple_cost = 0")
        # Long expressions over few rows: compiling them would take longer than they do.
        connection.exec_driver_sql("SET LOCAL jit = off")
        self._connection = connection
        self._sample = sample
        self._tables = frozenset(tables)
        listed = list(steps)
        memory = Memory.of(connection)
        self._mapping = mapping_relation(mapping, memory)
        self._relations = {table: Relation.of(table, listed, memory) for table in BASELINE if table in self._tables}
        self._rules = list(rules_of(listed, [*(code for code, _, _ in CURRENCIES), *memory.currencies]))
        self._vouched = frozenset[tuple[str, str]]() if thorough else _trusted(connection)

    def run(self) -> Iterator[Finding]:
        """Rules and repairs of single rows, references, rules of several rows: table by table."""
        for table, relation in self._relations.items():
            mine = [rule for rule in self._rules if rule.table == table]
            yield from self._single_rows(relation)
            for rule in mine:
                match rule:
                    case Reference() if (table, rule.column) not in self._vouched and rule.target in self._tables:
                        yield from self._reference(rule)
                    case UniqueRule():
                        yield from self._unique(relation, rule)
                    case _:
                        pass

    def sets(self) -> Iterator[Finding]:
        """What the repairs of several rows will change."""
        for repair in set_repairs(self._relations):
            found = self._first(f"SELECT id FROM ({repair.changed}) AS c")
            if found.count:
                columns = ", ".join(repair.columns)
                yield Finding(repair.table, repair.name, found.count, found.sample, repair.mend, columns, Kind.REPAIR)

    def _single_rows(self, relation: Relation) -> Iterator[Finding]:
        items = row_items(relation.table, self._rules)
        head = suspects(relation, items, self._mapping)
        for nr, count, sample in self._execute(row_counts(head, items, self._sample)):
            item = items[nr]
            if isinstance(item, Repair):
                yield Finding(item.table, item.name, count, tuple(sample), item.why, item.column, Kind.REPAIR)
            else:
                yield self._finding(item, _Offence(count, tuple(sample)), partial(self._unknown, head, item))

    def _unknown(self, head: str, rule: RowRule) -> list[str]:
        """The values of which a mapping file could say what they mean."""
        column = "code" if (rule.table, rule.columns) == ("product", ("category",)) else rule.columns[0]
        rows = self._execute(f"{head} SELECT DISTINCT {column} FROM repaired WHERE {rule.broken} ORDER BY 1 LIMIT {_VALUES}")
        return [value for (value,) in rows if value is not None]

    def _reference(self, rule: Reference) -> Iterator[Finding]:
        found = self._first(orphans(rule))
        if found.count:
            yield self._finding(rule, found)

    def _unique(self, relation: Relation, rule: UniqueRule) -> Iterator[Finding]:
        # Most often there are none, and grouping the keys alone says so.
        if not self._execute(f"WITH {self._mapping} SELECT EXISTS ({twice(relation, rule)})")[0][0]:
            return
        found = self._first(rivals(relation, rule))
        if found.count:
            yield self._finding(rule, found)

    def _finding(self, rule: Rule, found: _Offence, unknown: Callable[[], list[str]] | None = None) -> Finding:
        mapped = mapped_column(rule.table, rule.name, rule.columns)
        values = unknown() if unknown is not None and mapped is not None else []
        # To tell rows of one key apart, its last column is the one to change.
        changed = rule.columns[-1:] if isinstance(rule, UniqueRule) else rule.columns
        commands, note = ways_out(rule.table, rule.name, changed, sample=found.sample[:SAMPLE], mapped=mapped if values else None)
        lines = mapping_lines(rule.table, mapped, values) if mapped is not None and values else ()
        return Finding(
            rule.table,
            rule.name,
            found.count,
            found.sample,
            rule.mend,
            ", ".join(rule.columns),
            commands=commands,
            mapping=lines,
            note=note,
        )

    def _first(self, ids: str) -> _Offence:
        """Count the ids that a query gives, and keep the first."""
        count, sample = self._execute(counted(ids, self._mapping, self._sample))[0]
        return _Offence(count, tuple(sample or ()))

    def _execute(self, sql: str) -> Sequence[Any]:
        return self._connection.exec_driver_sql(sql, execution_options={"no_parameters": True}).all()


_TRUSTED = text(
    """
    SELECT c.relname, a.attname FROM pg_catalog.pg_constraint AS k
    INNER JOIN pg_catalog.pg_class AS c ON c.oid = k.conrelid AND c.relnamespace = 'public'::regnamespace
    INNER JOIN pg_catalog.pg_attribute AS a ON a.attrelid = c.oid AND a.attnum = k.conkey[1]
    WHERE k.contype = 'f' AND k.convalidated AND cardinality(k.conkey) = 1
        -- Triggers that are off, and the apply worker of a subscription, let rows in without a parent.
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgconstraint = k.oid AND g.tgenabled <> 'O')
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_subscription_rel AS s WHERE s.srrelid = c.oid)
    """
)


def _trusted(connection: Connection) -> frozenset[tuple[str, str]]:
    """(table, column) of the foreign keys that PostgreSQL itself vouches for."""
    return frozenset((table, column) for table, column in connection.execute(_TRUSTED))
