"""Write what the models say as marked statements, for the frozen folders. Used when a revision is made, never when it runs.

It is v1 that is written: a table, column, constraint or index that came later says so, ``info={"since": "<revision>"}``, and is left out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, MetaData, Table, UniqueConstraint
from sqlalchemy import Index as SqlIndex
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.schema import CreateIndex, SchemaItem

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.frozen import MARKER

_DIALECT = postgresql.dialect(paramstyle="named")  # type: ignore[no-untyped-call]  # SQLAlchemy leaves it untyped
_DDL = _DIALECT.ddl_compiler(_DIALECT, None)  # type: ignore[arg-type]  # a compiler for the pieces below, of no statement of its own
_LITERAL = re.compile(r"'(?:[^']|'')*'")
_QUOTED_OR_BLANK = re.compile(r"""('(?:[^']|'')*'|"(?:[^"]|"")*")|\s+""")
_QUOTED_OR_PLAIN = re.compile(r"""("(?:[^"]|"")*")|[^"]+""")
_OF_THE_MOMENT = re.compile(r"\(|\b(current_\w+|localtime|localtimestamp|session_user|system_user|user)\b", re.IGNORECASE)
"""What gives another value at another time, or to another role."""


def marked(kind: str, words: Iterable[str], sql: str) -> str:
    """One marked statement, as ``frozen.read_marked`` reads it."""
    return f"{MARKER}{' '.join((kind, *words))}\n{sql.strip()};\n"


def _one_line(sql: str) -> str:
    """The same SQL without line breaks; what stands in quotes is left as it is."""
    return _QUOTED_OR_BLANK.sub(lambda found: found[1] or " ", sql).strip()


def column_type(column: Column[object]) -> str:
    """The type as SQL; a collation's name keeps its capitals."""
    text = str(_DIALECT.type_compiler_instance.process(column.type))
    return _QUOTED_OR_PLAIN.sub(lambda found: found[1] or found[0].lower(), text)


def column_default(column: Column[object]) -> str | None:
    """The default that the database has, as SQL."""
    return _DDL.get_column_default_string(column)


def of_v1(item: SchemaItem) -> bool:
    """Whether v1 has it: no later revision brings it."""
    return "since" not in item.info


def _columns(table: Table) -> list[Column[object]]:
    return [column for column in table.columns if of_v1(column)]


def constraints_of(table: Table, kind: type[SchemaItem], *, later: bool = False) -> list[SchemaItem]:
    """The constraints of a kind that v1 has, by name; with ``later`` those of later revisions, too."""
    found = (c for c in table.constraints if isinstance(c, kind) and (later or (of_v1(c) and all(map(of_v1, getattr(c, "columns", ()))))))
    return sorted(found, key=lambda c: str(getattr(c, "name", "")))


def constraint_name(constraint: SchemaItem) -> str:
    """The name by the convention, cut as PostgreSQL would cut it."""
    name = _DIALECT.identifier_preparer.format_constraint(constraint)  # type: ignore[arg-type]
    if not name:
        raise ValueError(f"a constraint of {constraint} has no name")
    return str(name)


def constraint_body(constraint: SchemaItem) -> str:
    """The text after ``ADD``: ``CONSTRAINT name CHECK (...)`` and so on, with every table written qualified."""
    text = _one_line(str(_DDL.process(constraint)))
    if isinstance(constraint, ForeignKeyConstraint):
        target = constraint.elements[0].column.table.name
        columns = ", ".join(identifier(e.column.name) for e in constraint.elements)
        rule = f"{_DDL.define_constraint_match(constraint)}{_DDL.define_constraint_cascades(constraint)}"
        rule += _DDL.define_constraint_deferrability(constraint)
        own = ", ".join(identifier(c.name) for c in constraint.columns)
        text = f"CONSTRAINT {constraint_name(constraint)} FOREIGN KEY ({own}) REFERENCES public.{target} ({columns}){rule}"
    return text


def new_tables(metadata: MetaData) -> list[Table]:
    """The tables v1 adds, referenced ones first."""
    return [table for table in metadata.sorted_tables if table.name not in BASELINE and of_v1(table)]


def old_tables(metadata: MetaData) -> list[Table]:
    """The tables of v0, referenced ones first."""
    return [metadata.tables[name] for name in BASELINE]


def new_columns(table: Table) -> list[Column[object]]:
    """The columns v1 adds to a table of v0, in the order of the model."""
    former = {column.name for column in BASELINE[table.name].columns}
    return [column for column in _columns(table) if column.name not in former]


def tables_sql(metadata: MetaData) -> Iterator[str]:
    """CREATE TABLE of v1's own tables: columns, primary key, checks, unique rules. Defaults and foreign keys come as their own steps."""
    for table in new_tables(metadata):
        yield marked("table", [table.name], table_sql(table))


def table_sql(table: Table, *, later: bool = False) -> str:
    """CREATE TABLE: columns, primary key, unique rules, checks; with ``later`` what came after v1, too."""
    columns = list(table.columns) if later else _columns(table)
    lines = [f"    {identifier(c.name)} {column_type(c)}{'' if c.nullable else ' NOT NULL'}" for c in columns]
    key = ", ".join(identifier(c.name) for c in table.primary_key.columns)
    lines.append(f"    CONSTRAINT {constraint_name(table.primary_key)} PRIMARY KEY ({key})")
    lines += [f"    {constraint_body(c)}" for kind in (UniqueConstraint, CheckConstraint) for c in constraints_of(table, kind, later=later)]
    return f"CREATE TABLE public.{table.name} (\n" + ",\n".join(lines) + "\n)"


def columns_sql(metadata: MetaData) -> Iterator[str]:
    """ADD COLUMN for v0's tables.

    A column that is never NULL and has a constant default gets it here: PostgreSQL keeps such a default in the catalogue and old rows
    show it without being rewritten, and no interest, no grace and no tolerance is what v0's rows mean. Every other column is empty for
    old rows: v1 invents no history.
    """
    for table in old_tables(metadata):
        for column in new_columns(table):
            constant = constant_default(column)
            filled = f" NOT NULL DEFAULT {constant}" if constant else ""
            sql = f"ALTER TABLE public.{table.name} ADD COLUMN {identifier(column.name)} {column_type(column)}{filled}"
            yield marked("column", [table.name, column.name], sql)


def constant_default(column: Column[object]) -> str | None:
    """The default of a column that is never NULL, if it is a constant: what the rows of v0 mean without saying it."""
    default = None if column.nullable else column_default(column)
    return None if default is None or _OF_THE_MOMENT.search(_LITERAL.sub("''", default)) else default


def defaults_sql(metadata: MetaData) -> Iterator[str]:
    """SET DEFAULT, for what is written from now on.

    Columns that came with a constant have it already, and must keep it on the way down for as long as they are there: v0 goes on writing.
    """
    for table in [*new_tables(metadata), *old_tables(metadata)]:
        made = {column.name for column in new_columns(table)} if table.name in BASELINE else set()
        for column in _columns(table):
            default = column_default(column)
            if default is not None and not (column.name in made and constant_default(column)):
                sql = f"ALTER TABLE public.{table.name} ALTER COLUMN {identifier(column.name)} SET DEFAULT {default}"
                yield marked("default", [table.name, column.name], sql)


def exclusions_sql(metadata: MetaData) -> Iterator[str]:
    """Exclusion constraints, all on v1's own tables."""
    for table in new_tables(metadata):
        for constraint in constraints_of(table, ExcludeConstraint):
            yield marked(
                "exclusion", [table.name, constraint_name(constraint)], f"ALTER TABLE public.{table.name} ADD {constraint_body(constraint)}"
            )


def checks_sql(metadata: MetaData) -> Iterator[str]:
    """CHECKs of v0's tables."""
    for table in old_tables(metadata):
        for constraint in constraints_of(table, CheckConstraint):
            yield marked(
                "check", [table.name, constraint_name(constraint)], f"ALTER TABLE public.{table.name} ADD {constraint_body(constraint)}"
            )


def not_null_sql(metadata: MetaData) -> Iterator[str]:
    """NOT NULL of v0's tables, for the columns that ADD COLUMN did not make so already."""
    made = {line for line in columns_sql(metadata) if " NOT NULL DEFAULT " in line}
    already = {tuple(line.splitlines()[0].split()[2:4]) for line in made}
    for table in old_tables(metadata):
        for column in _columns(table):
            if not column.nullable and not column.primary_key and (table.name, column.name) not in already:
                sql = f"ALTER TABLE public.{table.name} ALTER COLUMN {identifier(column.name)} SET NOT NULL"
                yield marked("not_null", [table.name, column.name], sql)


def foreign_keys_sql(metadata: MetaData) -> Iterator[str]:
    """Every foreign key of v1, named by its first column too."""
    for table in [*new_tables(metadata), *old_tables(metadata)]:
        for constraint in constraints_of(table, ForeignKeyConstraint):
            assert isinstance(constraint, ForeignKeyConstraint)
            first = next(iter(constraint.columns)).name
            yield marked(
                "foreign_key",
                [table.name, constraint_name(constraint), first],
                f"ALTER TABLE public.{table.name} ADD {constraint_body(constraint)}",
            )


def uniques_sql(metadata: MetaData) -> Iterator[str]:
    """Unique constraints that v0's tables do not have yet."""
    for table in old_tables(metadata):
        for constraint in constraints_of(table, UniqueConstraint):
            assert isinstance(constraint, UniqueConstraint)
            columns = [c.name for c in constraint.columns]
            if not (len(columns) == 1 and columns[0] in BASELINE[table.name].uniques):
                yield marked(
                    "unique",
                    [table.name, constraint_name(constraint)],
                    f"ALTER TABLE public.{table.name} ADD {constraint_body(constraint)}",
                )


def indexes_sql(tables: Iterable[Table], *, unique: bool | None = None) -> Iterator[str]:
    """CREATE INDEX CONCURRENTLY for the indexes of the tables: all, or only the unique, or only the other ones."""
    for table in tables:
        wanted = (i for i in table.indexes if (unique is None or bool(i.unique) == unique) and of_v1(i))
        for index in sorted(wanted, key=index_name):
            yield marked("index", [table.name, index_name(index)], index_sql(index, table))


def index_name(index: SqlIndex) -> str:
    """The name by the convention, cut as it is cut where the models make their tables."""
    return str(_DIALECT.identifier_preparer.format_index(index)).strip('"')


def index_sql(index: SqlIndex, table: Table) -> str:
    """CREATE INDEX CONCURRENTLY."""
    text = _one_line(str(CreateIndex(index).compile(dialect=_DIALECT)))
    head, _, tail = text.partition(f" ON {table.name} ")
    return f"{head.replace('INDEX ', 'INDEX CONCURRENTLY ', 1)} ON public.{table.name} {tail}"


def comments_sql(metadata: MetaData) -> Iterator[str]:
    """COMMENT ON for every table and column."""
    for table in [*new_tables(metadata), *old_tables(metadata)]:
        yield marked("comment", [table.name], f"COMMENT ON TABLE public.{table.name} IS {literal(table.comment or '')}")
        for column in _columns(table):
            target = f"COLUMN public.{table.name}.{identifier(column.name)}"
            yield marked("comment", [table.name, column.name], f"COMMENT ON {target} IS {literal(column.comment or '')}")
