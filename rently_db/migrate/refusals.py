"""What autogenerate does not write, as sentences: what the kit's steps would leave out, or PostgreSQL refuse."""

from __future__ import annotations

import re
from collections.abc import Iterator

from sqlalchemy import Table

from rently_db.migrate.table_diff import SCRATCH, ColumnFacts, ConstraintFacts, TableFacts

_NAME = re.compile(r"[a-z_][a-z0-9_]{0,62}")
_UNIQUE = re.compile(r"UNIQUE \([^()]*\)")
_INCOMPARABLE = re.compile(r"(json|xml|point|polygon)\b.*")


def of_new_table(table: Table, wanted: TableFacts) -> Iterator[str]:
    """Why the step CreateTable can't make the table as the model has it."""
    name = table.name
    if not _NAME.fullmatch(name):
        yield f"table {name!r}: a name is lower-case words joined by _, at most 63 characters"
    if by_itself := [column for column, facts in wanted.columns.items() if facts.made]:
        yield f"{name}.{by_itself[0]} is generated or counts by itself: write the CreateTable step of {name} by hand"
    if not table.primary_key.columns:
        yield f"table {name} has no primary key: give it one"
    options = [option for option, value in table.dialect_options["postgresql"].items() if value]
    if special := [*options, *map(str, table._prefixes)]:  # noqa: SLF001 (SQLAlchemy shows them nowhere else)
        yield f"table {name} says more than its columns ({', '.join(special)}): write its CreateTable step by hand"
    for column, facts in wanted.columns.items():
        yield from of_new_column(name, column, facts)


def of_new_column(table: str, column: str, wanted: ColumnFacts) -> Iterator[str]:
    """Why a column can't be made as the model has it."""
    if not _NAME.fullmatch(column):
        yield f"{table}.{column}: a name is lower-case words joined by _, at most 63 characters"
    if wanted.kind.startswith(f"{SCRATCH}."):
        kind = wanted.kind.removeprefix(f"{SCRATCH}.")
        yield f"{table}.{column} has the type {kind}, which no revision makes: value sets are text, with the CHECK that one_of() makes"
    if wanted.default is not None and _INCOMPARABLE.fullmatch(wanted.kind):
        yield f"{table}.{column} has a default, and values of type {wanted.kind} can't be compared: make it jsonb, or drop the default"


def of_unique(table: str, name: str, facts: ConstraintFacts) -> Iterator[str]:
    """Why the step Unique, which knows columns alone, can't make a unique constraint."""
    if not _UNIQUE.fullmatch(facts.definition):
        yield f"constraint {name} of {table} is {facts.definition}, of which the step Unique knows the columns alone: do it by hand"


def of_made(table: str, column: str, wanted: ColumnFacts, present: ColumnFacts) -> Iterator[str]:
    """Why a column that is generated or counts by itself, on one side at least, can't become the other."""
    if (wanted.made, wanted.default) != (present.made, present.default):
        yield f"{table}.{column} is generated or counts by itself, and otherwise than before: do it by hand"
