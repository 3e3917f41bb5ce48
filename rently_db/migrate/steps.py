"""The steps a revision is made of. Each knows how to go up, how to go back, and how to see that it has been done already.

Going back needs to know what v0 was like where v1 changed it (a foreign key's name and rule, a hand-made default or NOT NULL, a
comment). ``v1_expand`` records that in ``ops.v0_object`` before it changes anything; the way down reads it there, at run time, so that
an offline script restores the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from rently_db.migrate.actions import (
    Action,
    Batch,
    Mode,
    column_exists,
    constraint_exists,
    do_block,
    identifier,
    index_state,
    literal,
    negate,
)
from rently_db.migrate.baseline import BASELINE

KEPT_SCHEMA = "rently_v1_kept"
"""Where a downgrade sets v1's own tables aside, whole."""


class Step(Protocol):
    """Anything a revision can list."""

    def up(self) -> list[Action]:
        """The actions of an upgrade, in order."""
        ...

    def down(self) -> list[Action]:
        """The actions of a downgrade, in order."""
        ...


def _alter(table: str, what: str) -> str:
    return f"ALTER TABLE public.{table} {what}"


def _v0_object(kind: str, table: str, name: str, field: str) -> str:
    return (
        f"(SELECT o.detail ->> {literal(field)} FROM ops.v0_object o "
        f"WHERE o.kind = {literal(kind)} AND o.table_name = {literal(table)} AND o.name = {literal(name)})"
    )


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension v1 needs. One that was there before stays on the way down."""

    name: str
    below: int | None = None
    """Needed only on servers older than this ``server_version_num``."""

    def _where(self, body: str) -> str:
        if self.below is None:
            return do_block(body)
        return do_block(f"IF current_setting('server_version_num')::int < {self.below} THEN\n{body}\nEND IF;")

    def up(self) -> list[Action]:
        exists = f"EXISTS (SELECT FROM pg_catalog.pg_extension WHERE extname = {literal(self.name)})"
        create = (
            f"IF NOT {exists} THEN\n"
            f"  CREATE EXTENSION {self.name} SCHEMA public;\n"
            f"  INSERT INTO ops.v0_object (kind, table_name, name, detail) VALUES ('extension', '', {literal(self.name)}, '{{}}')\n"
            "  ON CONFLICT DO NOTHING;\nEND IF;"
        )
        return [Action(f"extension {self.name}", (self._where(create),), done=f"SELECT {exists}")]

    def down(self) -> list[Action]:
        ours = f"EXISTS (SELECT FROM ops.v0_object WHERE kind = 'extension' AND name = {literal(self.name)})"
        drop = (
            f"IF {ours} THEN\n  DROP EXTENSION IF EXISTS {self.name};\n"
            f"  DELETE FROM ops.v0_object WHERE kind = 'extension' AND name = {literal(self.name)};\nEND IF;"
        )
        return [Action(f"extension {self.name}", (do_block(drop),))]


@dataclass(frozen=True, slots=True)
class CreateTable:
    """A table that v1 alone has. Going down sets it aside whole; the next upgrade takes it back."""

    table: str
    sql: str

    def up(self) -> list[Action]:
        body = (
            f"IF to_regclass('{KEPT_SCHEMA}.{self.table}') IS NOT NULL THEN\n"
            f"  ALTER TABLE {KEPT_SCHEMA}.{self.table} SET SCHEMA public;\n"
            f"ELSE\n{self.sql};\nEND IF;"
        )
        return [
            Action(
                f"table {self.table}",
                (do_block(body),),
                done=f"SELECT to_regclass('public.{self.table}') IS NOT NULL",
                lock=f"none before it exists: {self.table}",
            )
        ]

    def down(self) -> list[Action]:
        return [
            Action(
                f"table {self.table}",
                (
                    f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}",
                    _alter(self.table, f"SET SCHEMA {KEPT_SCHEMA}"),
                ),
                done=f"SELECT to_regclass('public.{self.table}') IS NULL",
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column that v1 adds to a table of v0; a catalogue change, whatever the table's size."""

    table: str
    column: str
    sql: str

    def up(self) -> list[Action]:
        return [
            Action(
                f"column {self.table}.{self.column}",
                (self.sql,),
                done=column_exists(self.table, self.column),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]

    def down(self) -> list[Action]:
        return [
            Action(
                f"column {self.table}.{self.column}",
                (_alter(self.table, f"DROP COLUMN IF EXISTS {identifier(self.column)}"),),
                done=negate(column_exists(self.table, self.column)),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]


@dataclass(frozen=True, slots=True)
class SetDefault:
    """A default for what is written from now on; rows that are there keep what they have."""

    table: str
    column: str
    sql: str

    def up(self) -> list[Action]:
        return [Action(f"default {self.table}.{self.column}", (self.sql,), lock=f"ACCESS EXCLUSIVE {self.table}")]

    def down(self) -> list[Action]:
        column = identifier(self.column)
        former = _v0_object("column", self.table, self.column, "default")
        body = (
            f"IF to_regclass('public.{self.table}') IS NULL OR NOT ({column_exists(self.table, self.column)}) THEN RETURN; END IF;\n"
            f"former := {former};\n"
            f"EXECUTE 'ALTER TABLE public.{self.table} ALTER COLUMN {column} ' || coalesce('SET DEFAULT ' || former, 'DROP DEFAULT');"
        )
        return [
            Action(f"default {self.table}.{self.column}", (do_block(body, "  former text;"),), lock=f"ACCESS EXCLUSIVE {self.table}")
        ]


@dataclass(frozen=True, slots=True)
class Check:
    """A CHECK: added NOT VALID, validated in a transaction of its own."""

    table: str
    name: str
    sql: str

    def up(self) -> list[Action]:
        return [
            Action(
                f"check {self.name}",
                (f"{self.sql} NOT VALID",),
                done=constraint_exists(self.table, self.name),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
            *_validate(self.table, self.name),
        ]

    def down(self) -> list[Action]:
        return _drop_constraint(self.table, self.name)


@dataclass(frozen=True, slots=True)
class NotNull:
    """NOT NULL by way of a validated check, so that no full scan happens under the exclusive lock."""

    table: str
    column: str

    def up(self) -> list[Action]:
        check = f"{self.table}_{self.column}_filled"
        column = identifier(self.column)
        already = (
            f"SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute WHERE attrelid = to_regclass('public.{self.table}') "
            f"AND attname = {literal(self.column)} AND attnotnull)"
        )
        return [
            Action(
                f"not null {self.table}.{self.column}: check",
                (_alter(self.table, f"ADD CONSTRAINT {check} CHECK ({column} IS NOT NULL) NOT VALID"),),
                done=f"SELECT ({already}) OR ({constraint_exists(self.table, check)})",
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
            Action(
                f"not null {self.table}.{self.column}: validate",
                (_alter(self.table, f"VALIDATE CONSTRAINT {check}"),),
                mode=Mode.VALIDATE,
                done=f"SELECT ({already}) OR ({constraint_exists(self.table, check, valid=True)})",
                lock=f"SHARE UPDATE EXCLUSIVE {self.table}",
            ),
            Action(
                f"not null {self.table}.{self.column}",
                (
                    _alter(self.table, f"ALTER COLUMN {column} SET NOT NULL"),
                    _alter(self.table, f"DROP CONSTRAINT IF EXISTS {check}"),
                ),
                done=f"SELECT ({already}) AND NOT ({constraint_exists(self.table, check)})",
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
        ]

    def down(self) -> list[Action]:
        check = f"{self.table}_{self.column}_filled"
        by_hand = _v0_object("column", self.table, self.column, "not_null")
        body = (
            f"IF coalesce({by_hand}, 'false') <> 'true' THEN\n"
            f"  ALTER TABLE public.{self.table} ALTER COLUMN {identifier(self.column)} DROP NOT NULL;\nEND IF;\n"
            f"ALTER TABLE public.{self.table} DROP CONSTRAINT IF EXISTS {check};"
        )
        return [Action(f"not null {self.table}.{self.column}", (do_block(body),), lock=f"ACCESS EXCLUSIVE {self.table}")]


@dataclass(frozen=True, slots=True)
class ForeignKey:
    """A foreign key of v1, added NOT VALID, validated, then put in the place of v0's own where v0 has one on that column.

    ``column`` is its first column; ``of_v0`` says that v0 has a foreign key on it too.
    """

    table: str
    name: str
    column: str
    sql: str
    of_v0: bool

    def up(self) -> list[Action]:
        if not self.of_v0:
            return [
                Action(
                    f"foreign key {self.name}",
                    (f"{self.sql} NOT VALID",),
                    done=constraint_exists(self.table, self.name),
                    lock=f"SHARE ROW EXCLUSIVE {self.table} and what it references",
                ),
                *_validate(self.table, self.name),
            ]
        new = _beside(self.name)
        swapped = constraint_exists(self.table, f"{self.name}")
        rule = self.sql.partition(" FOREIGN KEY ")[2]
        done = (
            "SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint c "
            f"WHERE c.conrelid = to_regclass('public.{self.table}') AND c.conname = {literal(self.name)} AND c.convalidated "
            f"AND c.confdeltype = {literal(_delete_rule(rule))})"
        )
        old = _v0_object("foreign_key", self.table, self.column, "name")
        body = (
            f"former := {old};\n"
            f"IF former IS NOT NULL THEN\n"
            f"  EXECUTE format('ALTER TABLE public.{self.table} DROP CONSTRAINT IF EXISTS %I', former);\nEND IF;\n"
            f"ALTER TABLE public.{self.table} RENAME CONSTRAINT {new} TO {self.name};"
        )
        add = self.sql.replace(f"ADD CONSTRAINT {self.name} ", f"ADD CONSTRAINT {new} ")
        return [
            Action(
                f"foreign key {self.name}: beside v0's",
                (f"{add} NOT VALID",),
                done=f"SELECT ({done}) OR ({constraint_exists(self.table, new)})",
                lock=f"SHARE ROW EXCLUSIVE {self.table} and what it references",
            ),
            Action(
                f"foreign key {self.name}: validate",
                (_alter(self.table, f"VALIDATE CONSTRAINT {new}"),),
                mode=Mode.VALIDATE,
                done=f"SELECT ({done}) OR ({constraint_exists(self.table, new, valid=True)})",
                lock=f"SHARE UPDATE EXCLUSIVE {self.table}",
            ),
            Action(
                f"foreign key {self.name}",
                (do_block(body, "  former text;"),),
                done=f"SELECT ({done}) AND NOT ({constraint_exists(self.table, new)}) AND ({swapped})",
                lock=f"ACCESS EXCLUSIVE {self.table} and what it references",
            ),
        ]

    def down(self) -> list[Action]:
        if not self.of_v0:
            return _drop_constraint(self.table, self.name)
        back = _beside(self.name, "v0")
        name = _v0_object("foreign_key", self.table, self.column, "name")
        definition = _v0_object("foreign_key", self.table, self.column, "definition")
        restored = (
            f"SELECT EXISTS (SELECT FROM pg_catalog.pg_constraint c WHERE c.conrelid = to_regclass('public.{self.table}') "
            f"AND c.conname = {name} AND pg_catalog.pg_get_constraintdef(c.oid) = {definition})"
        )
        add = f"EXECUTE 'ALTER TABLE public.{self.table} ADD CONSTRAINT {back} ' || {definition} || ' NOT VALID';"
        swap = (
            f"ALTER TABLE public.{self.table} DROP CONSTRAINT IF EXISTS {self.name};\n"
            f"EXECUTE format('ALTER TABLE public.{self.table} RENAME CONSTRAINT {back} TO %I', {name});"
        )
        return [
            Action(
                f"foreign key {self.name}: v0's beside it",
                (do_block(add),),
                done=f"SELECT ({restored}) OR ({constraint_exists(self.table, back)})",
                lock=f"SHARE ROW EXCLUSIVE {self.table} and what it references",
            ),
            Action(
                f"foreign key {self.name}: validate v0's",
                (_alter(self.table, f"VALIDATE CONSTRAINT {back}"),),
                mode=Mode.VALIDATE,
                done=f"SELECT ({restored}) OR ({constraint_exists(self.table, back, valid=True)})",
                lock=f"SHARE UPDATE EXCLUSIVE {self.table}",
            ),
            Action(
                f"foreign key {self.name}",
                (do_block(swap),),
                done=f"SELECT ({restored}) AND NOT ({constraint_exists(self.table, back)})",
                lock=f"ACCESS EXCLUSIVE {self.table} and what it references",
            ),
        ]


@dataclass(frozen=True, slots=True)
class Index:
    """An index, built concurrently; an INVALID leftover of a killed build is dropped and built again."""

    table: str
    name: str
    sql: str

    def up(self) -> list[Action]:
        return _build_index(self.table, self.name, self.sql)

    def down(self) -> list[Action]:
        return [
            Action(
                f"index {self.name}",
                (f"DROP INDEX CONCURRENTLY IF EXISTS public.{self.name}",),
                mode=Mode.CONCURRENT,
                done=f"SELECT to_regclass('public.{self.name}') IS NULL",
                lock=f"SHARE UPDATE EXCLUSIVE {self.table}",
            )
        ]


@dataclass(frozen=True, slots=True)
class Unique:
    """A unique constraint on an index that was built concurrently."""

    table: str
    name: str
    columns: str

    def up(self) -> list[Action]:
        build = f"CREATE UNIQUE INDEX CONCURRENTLY {self.name} ON public.{self.table} ({self.columns})"
        attached = constraint_exists(self.table, self.name)
        return [
            *_build_index(self.table, self.name, build),
            Action(
                f"unique {self.name}",
                (_alter(self.table, f"ADD CONSTRAINT {self.name} UNIQUE USING INDEX {self.name}"),),
                done=attached,
                lock=f"ACCESS EXCLUSIVE {self.table}",
            ),
        ]

    def down(self) -> list[Action]:
        return _drop_constraint(self.table, self.name)


@dataclass(frozen=True, slots=True)
class Exclusion:
    """An exclusion constraint on a table of v1's own. PostgreSQL can't build one concurrently; no application uses the table yet."""

    table: str
    name: str
    sql: str

    def up(self) -> list[Action]:
        return [
            Action(
                f"exclusion {self.name}",
                (self.sql,),
                done=constraint_exists(self.table, self.name),
                lock=f"ACCESS EXCLUSIVE {self.table}",
            )
        ]

    def down(self) -> list[Action]:
        return _drop_constraint(self.table, self.name)


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one table and its columns. ``statements`` pairs a column name, or '' for the table, with its COMMENT ON."""

    table: str
    statements: tuple[tuple[str, str], ...]
    of_v0: bool

    def up(self) -> list[Action]:
        statements = tuple(sql for _, sql in self.statements)
        return [Action(f"comments {self.table}", statements, lock=f"SHARE UPDATE EXCLUSIVE {self.table}")]

    def down(self) -> list[Action]:
        if not self.of_v0:
            return []
        lines = [
            f"EXECUTE {literal(f'COMMENT ON {self._target(name)} IS ')} || "
            f"coalesce(quote_literal({_v0_object('comment', self.table, name, 'text')}), 'NULL');"
            for name, _ in self.statements
        ]
        return [Action(f"comments {self.table}", (do_block("\n".join(lines)),), lock=f"SHARE UPDATE EXCLUSIVE {self.table}")]

    def _target(self, name: str) -> str:
        return f"COLUMN public.{self.table}.{identifier(name)}" if name else f"TABLE public.{self.table}"


@dataclass(frozen=True, slots=True)
class Statement:
    """Statements that no other step describes. An empty ``back`` says that the way down has nothing to do, and ``title`` why."""

    title: str
    forth: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    mode: Mode = Mode.DATA
    silent_bridges: bool = False
    done: str | None = None

    def up(self) -> list[Action]:
        if not self.forth:
            return []
        return [Action(self.title, self.forth, mode=self.mode, silent_bridges=self.silent_bridges, done=self.done)]

    def down(self) -> list[Action]:
        return [Action(self.title, self.back, mode=self.mode, silent_bridges=self.silent_bridges)] if self.back else []


@dataclass(frozen=True, slots=True)
class Backfill:
    """A statement over key ranges of a table (``:low`` exclusive, ``:high`` inclusive), each its own transaction. Nothing to undo."""

    title: str
    table: str
    sql: str
    silent_bridges: bool = False

    def up(self) -> list[Action]:
        return [Action(self.title, mode=Mode.BATCH, batch=Batch(self.table, self.sql), silent_bridges=self.silent_bridges)]

    def down(self) -> list[Action]:
        return []


@dataclass(frozen=True, slots=True)
class OnTheWayDown:
    """Steps that only a downgrade takes."""

    steps: tuple[Step, ...]

    def up(self) -> list[Action]:
        return []

    def down(self) -> list[Action]:
        return [action for step in self.steps for action in step.up()]


@dataclass(frozen=True, slots=True)
class KeyNames:
    """Primary keys and unique constraints of v0 under the names of the convention; going back, under the names they had."""

    def up(self) -> list[Action]:
        body = (
            "FOR item IN\n"
            "  SELECT t.relname, k.conname,\n"
            "    CASE k.contype WHEN 'p' THEN t.relname || '_pkey' ELSE t.relname || '_' || a.attname || '_key' END AS wanted\n"
            "  FROM pg_catalog.pg_constraint k\n"
            "  JOIN pg_catalog.pg_class t ON t.oid = k.conrelid\n"
            "  JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]\n"
            f"  WHERE t.relnamespace = 'public'::regnamespace AND cardinality(k.conkey) = 1 AND ({_v0_keys()})\n"
            "LOOP\n"
            "  IF item.conname <> item.wanted THEN\n"
            "    EXECUTE format('ALTER TABLE public.%I RENAME CONSTRAINT %I TO %I', item.relname, item.conname, item.wanted);\n"
            "    INSERT INTO ops.v0_object (kind, table_name, name, detail)\n"
            "    VALUES ('key', item.relname, item.wanted, jsonb_build_object('name', item.conname)) ON CONFLICT DO NOTHING;\n"
            "  END IF;\n"
            "END LOOP;"
        )
        return [Action("key names", (do_block(body, "  item record;"),), lock="ACCESS EXCLUSIVE where a name differs")]

    def down(self) -> list[Action]:
        body = (
            "FOR item IN SELECT o.table_name, o.name, o.detail ->> 'name' AS former FROM ops.v0_object o WHERE o.kind = 'key'\n"
            "LOOP\n"
            "  EXECUTE format('ALTER TABLE public.%I RENAME CONSTRAINT %I TO %I', item.table_name, item.name, item.former);\n"
            "  DELETE FROM ops.v0_object o WHERE o.kind = 'key' AND o.table_name = item.table_name AND o.name = item.name;\n"
            "END LOOP;"
        )
        return [Action("key names", (do_block(body, "  item record;"),), lock="ACCESS EXCLUSIVE where a name differs")]


def _v0_keys() -> str:
    """The condition that picks v0's primary keys and unique columns out of pg_constraint."""
    tables = ", ".join(literal(name) for name in BASELINE)
    uniques = ", ".join(f"({literal(table.name)}, {literal(column)})" for table in BASELINE.values() for column in table.uniques)
    return f"k.contype = 'p' AND t.relname IN ({tables}) OR k.contype = 'u' AND (t.relname::text, a.attname::text) IN ({uniques})"


def _beside(name: str, suffix: str = "v1") -> str:
    """A name for the constraint that stands beside the one it will replace."""
    return f"{name[:57]}__{suffix}"


def _delete_rule(rule: str) -> str:
    """``pg_constraint.confdeltype`` of an ON DELETE clause."""
    if "ON DELETE RESTRICT" in rule:
        return "r"
    return "c" if "ON DELETE CASCADE" in rule else "a"


def _validate(table: str, name: str) -> list[Action]:
    return [
        Action(
            f"validate {name}",
            (_alter(table, f"VALIDATE CONSTRAINT {name}"),),
            mode=Mode.VALIDATE,
            done=constraint_exists(table, name, valid=True),
            lock=f"SHARE UPDATE EXCLUSIVE {table}",
        )
    ]


def _drop_constraint(table: str, name: str) -> list[Action]:
    return [
        Action(
            f"constraint {name}",
            (_alter(table, f"DROP CONSTRAINT IF EXISTS {name}"),),
            done=negate(constraint_exists(table, name)),
            lock=f"ACCESS EXCLUSIVE {table}",
        )
    ]


def _build_index(table: str, name: str, sql: str) -> list[Action]:
    return [
        Action(
            f"index {name}",
            (sql,),
            mode=Mode.CONCURRENT,
            done=index_state(name, valid=True),
            leftover=index_state(name, valid=False),
            repair=(f"DROP INDEX CONCURRENTLY IF EXISTS public.{name}",),
            lock=f"SHARE UPDATE EXCLUSIVE {table}",
        )
    ]
