"""The steps of a revision that brings the tables of a database to what the models say: what autogenerate writes.

First what makes room (new tables, columns, defaults, indexes, foreign keys, rules), last what takes away. What must be decided by somebody
who knows the rows (what old rows of a column that is never NULL say) becomes a step that fails until it is written. What can't be done
without harm (a column that v0 applications read, a type that would have every row written anew under a lock) is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from alembic.util import CommandError
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, MetaData, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.schema import SchemaItem

from rently_db.migrate import refusals, render
from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.sized import fits, widens
from rently_db.migrate.steps import (
    AddColumn,
    AddColumns,
    ByHand,
    ChangeColumnType,
    ChangeComment,
    ChangeComments,
    ChangeConstraint,
    ChangeDefault,
    ChangeDefaults,
    ChangeIndex,
    Check,
    Comments,
    CreateTable,
    Exclusion,
    ForeignKey,
    Gone,
    Index,
    NotNull,
    Nullable,
    Rules,
    SetDefault,
    SetDefaults,
    Step,
    Unique,
)
from rently_db.migrate.steps.base import alter
from rently_db.migrate.table_diff import ColumnFacts, ConstraintFacts, Sides, TableFacts, changed

_KINDS: dict[str, type[SchemaItem]] = {"c": CheckConstraint, "f": ForeignKeyConstraint, "u": UniqueConstraint}


@dataclass(slots=True)
class Plan:
    """The steps by when they come; ``refused`` are sentences about what is not done at all."""

    tables: list[Step] = field(default_factory=list)
    columns: list[Step] = field(default_factory=list)
    defaults: list[Step] = field(default_factory=list)
    fills: list[Step] = field(default_factory=list)
    indexes: list[Step] = field(default_factory=list)
    foreign_keys: list[Step] = field(default_factory=list)
    rules: list[Step] = field(default_factory=list)
    comments: list[Step] = field(default_factory=list)
    constraints_gone: list[Step] = field(default_factory=list)
    columns_gone: list[Step] = field(default_factory=list)
    tables_gone: list[Step] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def room(self) -> list[Step]:
        """What comes before functions, triggers and views change."""
        return [
            *(*self.tables, *self.columns, *self.defaults, *self.fills),
            *(*self.indexes, *self.foreign_keys, *self.rules, *self.comments),
        ]

    @property
    def gone(self) -> list[Step]:
        """What comes after."""
        return [*self.constraints_gone, *self.columns_gone, *self.tables_gone]


def plan(found: Sides, metadata: MetaData) -> Plan:
    """The steps from the present tables to the wanted ones.

    Raises:
        CommandError: a difference can't be bridged by steps; the sentence says what to do instead.
    """
    made = Plan()
    tables = [table for table in metadata.sorted_tables if table.schema is None]
    made.refused += [f"table {one.fullname}: models are of schema public alone" for one in metadata.sorted_tables if one.schema is not None]
    for table in tables:
        if table.name not in found.present:
            _new_table(made, table, found.wanted[table.name])
    for table in tables:
        if table.name in found.present:
            _Table(made, table, found.wanted[table.name], found.present[table.name]).compare()
    for name in sorted(found.present.keys() - found.wanted.keys()):
        _dropped_table(made, name, found.present[name])
    if made.refused:
        raise CommandError("; ".join(made.refused))
    return made


def _new_table(made: Plan, table: Table, wanted: TableFacts) -> None:
    name = table.name
    made.refused += refusals.of_new_table(table, wanted)
    made.tables.append(CreateTable(name, render.table_sql(table, later=True)))
    defaults = [(column.name, default) for column in table.columns if (default := render.column_default(column)) is not None]
    if defaults:
        parts = (
            SetDefault(name, column, alter(name, f"ALTER COLUMN {identifier(column)} SET DEFAULT {text}")) for column, text in defaults
        )
        made.defaults.append(SetDefaults(name, tuple(parts)))
    for constraint in render.constraints_of(table, ExcludeConstraint, later=True):
        made.tables.append(Exclusion(name, render.constraint_name(constraint), alter(name, f"ADD {render.constraint_body(constraint)}")))
    made.indexes += [Index(name, render.index_name(i), render.index_sql(i, table)) for i in sorted(table.indexes, key=render.index_name)]
    made.foreign_keys += [_foreign_key(table, c) for c in render.constraints_of(table, ForeignKeyConstraint, later=True)]
    said = [("", wanted.comment), *((column, facts.comment) for column, facts in wanted.columns.items())]
    made.comments.append(Comments(name, tuple((column, _comment(name, column, text)) for column, text in said if text), of_v0=False))


def _comment(table: str, column: str, text: str) -> str:
    target = f"COLUMN public.{table}.{identifier(column)}" if column else f"TABLE public.{table}"
    return f"COMMENT ON {target} IS {literal(text)}"


def _foreign_key(table: Table, constraint: SchemaItem) -> ForeignKey:
    assert isinstance(constraint, ForeignKeyConstraint)
    first = next(iter(constraint.columns)).name
    sql = alter(table.name, f"ADD {render.constraint_body(constraint)}")
    return ForeignKey(table.name, render.constraint_name(constraint), first, sql, of_v0=False)


def _dropped_table(made: Plan, name: str, facts: TableFacts) -> None:
    if name in BASELINE:
        made.refused.append(f"table {name} is one of v0's: its applications read it; leave the model")
        return
    for key, constraint in facts.constraints.items():
        if constraint.kind == "f":
            # Set aside, it would still guard the rows of others.
            made.constraints_gone.append(Gone(_former_key(name, key, constraint)))
    lines = [f"    {identifier(column)} {one.kind}{' NOT NULL' if one.filled else ''}" for column, one in facts.columns.items()]
    lines += [f"    CONSTRAINT {key} {one.definition}" for key, one in facts.constraints.items() if one.kind in "puc"]
    made.tables_gone.append(Gone(CreateTable(name, f"CREATE TABLE public.{name} (\n" + ",\n".join(lines) + "\n)")))


def _former_key(table: str, name: str, facts: ConstraintFacts) -> ForeignKey:
    column = facts.definition.partition("(")[2].partition(")")[0].partition(",")[0].strip()
    return ForeignKey(table, name, column, alter(table, f"ADD CONSTRAINT {name} {facts.definition}"), of_v0=False)


def _concurrently(definition: str) -> str:
    return definition.replace("INDEX ", "INDEX CONCURRENTLY ", 1)


@dataclass(slots=True)
class _Table:
    """One table that both sides have."""

    made: Plan
    model: Table
    wanted: TableFacts
    present: TableFacts

    @property
    def name(self) -> str:
        return self.model.name

    def compare(self) -> None:
        """Add the steps of this table to the plan."""
        self._columns()
        self._constraints()
        self._indexes()
        self._comments()

    def _refuse(self, sentence: str) -> None:
        self.made.refused.append(sentence)

    def _is_v0(self, column: str) -> bool:
        return self.name in BASELINE and column in {known.name for known in BASELINE[self.name].columns}

    # Columns

    def _columns(self) -> None:
        new = [name for name in self.wanted.columns if name not in self.present.columns]
        gone = [name for name in self.present.columns if name not in self.wanted.columns]
        common = [name for name in self.wanted.columns if name in self.present.columns]
        if list(self.wanted.columns)[: len(common)] != common:
            self._refuse(f"{self.name}.{new[0]} stands between older columns: give it a sort_order, a migrated table has it at the end")
        self._new(new)
        self._dropped(gone)
        self._renamed(new, gone)
        demanded: list[Check | NotNull] = []
        defaults: list[ChangeDefault] = []
        freed: list[str] = []
        for name in common:
            wanted, present = self.wanted.columns[name], self.present.columns[name]
            self._retyped(name, wanted, present)
            if wanted.made or present.made:
                self.made.refused += refusals.of_made(self.name, name, wanted, present)
            elif wanted.default != present.default:
                defaults.append(ChangeDefault(name, present.default, self._default(name)))
            if wanted.filled and not present.filled:
                demanded.append(NotNull(self.name, name, filled=not self._is_v0(name)))
            elif present.filled and not wanted.filled:
                freed.append(name)
        demanded += [NotNull(self.name, name, filled=True) for name in new if self.wanted.columns[name].filled and not self._constant(name)]
        added = (
            ChangeDefault(name, None, self._default(name)) for name in new if self.wanted.columns[name].default and not self._constant(name)
        )
        if defaults := [*defaults, *added]:
            self.made.defaults.append(ChangeDefaults(self.name, tuple(defaults)))
        if freed:
            self.made.rules.append(Nullable(self.name, tuple(freed)))
        checks = [
            Check(self.name, name, alter(self.name, f"ADD {render.constraint_body(constraint)}"))
            for name, constraint in self._model_constraints(CheckConstraint)
            if name not in self.present.constraints
        ]
        if demanded or checks:
            self.made.rules.append(Rules(self.name, (*checks, *demanded)))

    def _column(self, name: str) -> Column[object]:
        return self.model.columns[name]

    def _default(self, name: str) -> str | None:
        return render.column_default(self._column(name))

    def _constant(self, name: str) -> str | None:
        return render.constant_default(self._column(name))

    def _new(self, names: Sequence[str]) -> None:
        parts = []
        for name in names:
            wanted = self.wanted.columns[name]
            if wanted.made:
                self._refuse(f"{self.name}.{name} is generated or counts by itself: PostgreSQL writes every row anew for it; do it by hand")
            self.made.refused += refusals.of_new_column(self.name, name, wanted)
            parts.append(self._part(name, wanted.kind, self._constant(name)))
            if wanted.filled and not self._constant(name):
                self.made.fills.append(
                    ByHand(
                        f"say what {self.name}.{name} is in the rows that are there, in place of this step: a Backfill, or a Statement "
                        f"for a small table; or let the model allow NULL"
                    )
                )
        if parts:
            self.made.columns.append(AddColumns(self.name, tuple(parts)))

    def _part(self, name: str, kind: str, default: str | None = None) -> AddColumn:
        """The column, with what it says kept on the way that takes it away."""
        key = self.present.key
        if len(key) != 1:
            self._refuse(f"{self.name} has a key of several columns, by which no value can be kept: write the steps of {name} by hand")
        filled = f" NOT NULL DEFAULT {default}" if default else ""
        sql = alter(self.name, f"ADD COLUMN {identifier(name)} {kind}{filled}")
        return AddColumn(self.name, name, sql, kept=True, key=key[0] if key else "id")

    def _dropped(self, names: Sequence[str]) -> None:
        if not names:
            return
        if kept := [name for name in names if self._is_v0(name)]:
            self._refuse(f"{self.name}.{kept[0]} is one of v0's columns: its applications read it; leave it in the model")
            return
        facts = {name: self.present.columns[name] for name in names}
        if by_itself := [name for name, one in facts.items() if one.made]:
            self._refuse(f"{self.name}.{by_itself[0]} is generated or counts by itself: no step brings it back; do it by hand")
        if defaults := tuple(ChangeDefault(name, one.default, None) for name, one in facts.items() if one.default is not None):
            self.made.columns_gone.append(ChangeDefaults(self.name, defaults))
        if comments := tuple(ChangeComment(name, one.comment, None) for name, one in facts.items() if one.comment is not None):
            self.made.columns_gone.append(ChangeComments(self.name, comments))
        if filled := tuple(name for name, one in facts.items() if one.filled):
            self.made.columns_gone.append(Nullable(self.name, filled))
        parts = tuple(self._part(name, one.kind) for name, one in facts.items())
        self.made.columns_gone.append(Gone(AddColumns(self.name, parts)))

    def _renamed(self, new: Sequence[str], gone: Sequence[str]) -> None:
        """What looks like another name has to be decided: the new column would be empty, and what the old one says set aside."""
        for former in gone:
            if like := [latter for latter in new if self.wanted.columns[latter].kind == self.present.columns[former].kind]:
                self.made.fills.append(
                    ByHand(
                        f"{self.name}.{former} goes and {' and '.join(like)} comes, of the same type: if that is its new name, write a "
                        "Statement that renames it, and back, in place of the steps of both; else take this step out"
                    )
                )

    def _retyped(self, name: str, wanted: ColumnFacts, present: ColumnFacts) -> None:
        if wanted.kind == present.kind:
            return
        if not widens(present.kind, wanted.kind):
            self._refuse(
                f"{self.name}.{name} becomes {wanted.kind} instead of {present.kind}: PostgreSQL would write every row anew, and nobody "
                "could read the table meanwhile; add a column, fill it in batches and drop this one in a later revision"
            )
            return
        self.made.columns.append(ChangeColumnType(f"public.{self.name}", name, present.kind, wanted.kind, fits=fits(name, present.kind)))

    # Constraints and indexes

    def _model_constraints(self, kind: type[SchemaItem]) -> Iterator[tuple[str, SchemaItem]]:
        yield from ((render.constraint_name(constraint), constraint) for constraint in render.constraints_of(self.model, kind, later=True))

    def _constraints(self) -> None:
        self._new_constraints()
        self._changed_constraints()
        present = self.present.constraints
        gone = [name for name in present if name not in self.wanted.constraints]
        if checks := tuple(Check(self.name, name, self._add(name, present[name])) for name in gone if present[name].kind == "c"):
            self.made.constraints_gone.append(Gone(Rules(self.name, checks)))
        for name in gone:
            self._gone(name, present[name])

    def _new_constraints(self) -> None:
        present = self.present.constraints
        for name, constraint in self._model_constraints(UniqueConstraint):
            if name not in present:
                assert isinstance(constraint, UniqueConstraint)
                self.made.refused += refusals.of_unique(self.name, name, self.wanted.constraints[name])
                self.made.indexes.append(Unique(self.name, name, ", ".join(identifier(c.name) for c in constraint.columns)))
        for name, constraint in self._model_constraints(ForeignKeyConstraint):
            if name not in present:
                self.made.foreign_keys.append(_foreign_key(self.model, constraint))
        for name, facts in self.wanted.constraints.items():
            if name not in present and facts.kind in "px":
                self._refuse(f"constraint {name} of {self.name} can't be built while others write: do it by hand, in a quiet moment")

    def _changed_constraints(self) -> None:
        wanted, present = self.wanted.constraints, self.present.constraints
        for name in changed(wanted, present):
            kind = wanted[name].kind
            if kind not in "cf" or kind != present[name].kind:
                self._refuse(f"constraint {name} of {self.name} says something else under its name: give it another name")
                continue
            body = next(render.constraint_body(one) for known, one in self._model_constraints(_KINDS[kind]) if known == name)
            latter = body.removeprefix(f"CONSTRAINT {name} ")
            self.made.rules.append(ChangeConstraint(self.name, name, present[name].definition, latter))

    def _add(self, name: str, facts: ConstraintFacts) -> str:
        return alter(self.name, f"ADD CONSTRAINT {name} {facts.definition}")

    def _gone(self, name: str, facts: ConstraintFacts) -> None:
        if facts.kind == "f":
            self.made.constraints_gone.append(Gone(_former_key(self.name, name, facts)))
        elif facts.kind == "u":
            self.made.refused += refusals.of_unique(self.name, name, facts)
            columns = facts.definition.partition("(")[2].removesuffix(")")
            self.made.constraints_gone.append(Gone(Unique(self.name, name, columns)))
        elif facts.kind == "x":
            self.made.constraints_gone.append(Gone(Exclusion(self.name, name, self._add(name, facts))))
        elif facts.kind == "p":
            self._refuse(f"{self.name} has another primary key: do it by hand")

    def _indexes(self) -> None:
        wanted, present = self.wanted.indexes, self.present.indexes
        new = (index for index in self.model.indexes if render.index_name(index) not in present)
        for index in sorted(new, key=render.index_name):
            self.made.indexes.append(Index(self.name, render.index_name(index), render.index_sql(index, self.model)))
        for name in changed(wanted, present):
            self.made.indexes.append(ChangeIndex(self.name, name, _concurrently(present[name]), _concurrently(wanted[name])))
        for name in sorted(present.keys() - wanted.keys()):
            self.made.constraints_gone.append(Gone(Index(self.name, name, _concurrently(present[name]))))

    # Comments

    def _comments(self) -> None:
        changes = [ChangeComment("", self.present.comment, self.wanted.comment)] if self.present.comment != self.wanted.comment else []
        for name, wanted in self.wanted.columns.items():
            present = self.present.columns.get(name)
            former = present.comment if present is not None else None
            if wanted.comment != former:
                changes.append(ChangeComment(name, former, wanted.comment))
        if changes:
            self.made.comments.append(ChangeComments(self.name, tuple(changes)))


def unfinished(steps: Iterable[Step]) -> list[str]:
    """What has to be written by hand before the revision runs."""
    return [step.what for step in steps if isinstance(step, ByHand)]
