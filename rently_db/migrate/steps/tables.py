"""Steps that make tables, columns, defaults and comments. What concerns one table is one action: one lock, one moment."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, Mode, column_exists, do_block, identifier, literal, locked
from rently_db.migrate.steps.base import KEPT_SCHEMA, alter, v0_object


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
        return [Action(f"table {self.table}", (do_block(body),), done=f"SELECT to_regclass('public.{self.table}') IS NOT NULL")]

    def down(self) -> list[Action]:
        return [
            Action(
                f"table {self.table}",
                (
                    f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}",
                    alter(self.table, f"SET SCHEMA {KEPT_SCHEMA}"),
                ),
                done=f"SELECT to_regclass('public.{self.table}') IS NULL",
                locks=locked("ACCESS EXCLUSIVE", self.table),
            )
        ]


@dataclass(frozen=True, slots=True)
class AddColumn:
    """A column that v1 adds to a table of v0: a part of ``AddColumns``.

    ``kept`` is for columns of revisions after v1: a downgrade sets aside what the column says, the next upgrade gives it back. Those of v1
    itself are kept by v1_expand, in the journal.
    """

    table: str
    column: str
    sql: str
    kept: bool = False
    key: str = "id"
    """The primary key of the table. Of a row that is gone when its value comes back only an id can be reported."""

    @property
    def _aside(self) -> str:
        """Where the values wait for the next upgrade."""
        return f'{KEPT_SCHEMA}."{self.table}.{self.column}"'

    def _values(self) -> str:
        return f"SELECT t.{identifier(self.key)} AS id, t.{identifier(self.column)} AS value FROM public.{self.table} AS t"

    def _says_something(self) -> str:
        """What a row would not say by itself once the column is back: no million rows of defaults are kept."""
        default = self.sql.partition(" NOT NULL DEFAULT ")[2]
        return f"t.{identifier(self.column)} IS {f'DISTINCT FROM {default}' if default else 'NOT NULL'}"

    def _action(self, what: str, *statements: str, mode: Mode = Mode.DATA, done: str | None = None) -> Action:
        name = f"{what} {self.table}.{self.column}"
        return Action(name, statements, mode=mode, done=done, silent_bridges=mode is Mode.LOOP, reads=self.table)

    def set_aside(self) -> list[Action]:
        """Before the column goes: what it says, under a lock that nobody notices."""
        gone = column_exists(self.table, self.column).replace("SELECT ", "SELECT NOT ", 1)
        return [
            self._action(
                "keep",
                f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}",
                f"CREATE TABLE {self._aside} AS {self._values()} WHERE {self._says_something()}",
                f"ALTER TABLE {self._aside} ADD PRIMARY KEY (id)",
                done=f"{gone} OR to_regclass({literal(self._aside)}) IS NOT NULL",
            )
        ]

    def give_back(self) -> list[Action]:
        """Once the column is there: what it said before the last downgrade, slice by slice. A row that has gone since is reported."""
        same = f"t.{identifier(self.key)} = s.id"
        gone = (
            "), gone AS (\n"
            "  INSERT INTO ops.row_journal (kind, rule, table_name, row_id, column_name, new_value, state, origin, closed_at)\n"
            f"  SELECT 'kept', 'row_gone', {literal(self.table)}, s.id, {literal(self.column)},\n"
            f"    jsonb_build_object({literal(self.column)}, s.value), 'reported', 'migration', clock_timestamp()\n"
            f"  FROM slice AS s WHERE NOT EXISTS (SELECT FROM public.{self.table} AS t WHERE {same})\n"
        )
        slices = (
            f"WITH slice AS (SELECT k.id, k.value FROM {self._aside} AS k ORDER BY k.id LIMIT :slice), back AS (\n"
            f"  UPDATE public.{self.table} AS t SET {identifier(self.column)} = s.value FROM slice AS s WHERE {same}\n"
            f"{gone if self.key == 'id' else ''})\n"
            f"DELETE FROM {self._aside} AS k USING slice AS s WHERE k.id = s.id"
        )
        # Made empty where nothing was kept: a script for psql can't leave the loop out.
        empty = f"CREATE TABLE IF NOT EXISTS {self._aside} AS {self._values()} WITH NO DATA"
        return [
            self._action("look for kept", f"CREATE SCHEMA IF NOT EXISTS {KEPT_SCHEMA}", empty),
            self._action("give back", slices, mode=Mode.LOOP, done=f"SELECT to_regclass({literal(self._aside)}) IS NULL"),
            self._action("given back", f"DROP TABLE IF EXISTS {self._aside}"),
        ]


@dataclass(frozen=True, slots=True)
class AddColumns:
    """The columns that v1 adds to a table of v0; a catalogue change, whatever the table's size."""

    table: str
    parts: tuple[AddColumn, ...]

    def _there(self, none: bool = False) -> str:
        names = ", ".join(literal(part.column) for part in self.parts)
        return (
            f"SELECT count(*) = {0 if none else len(self.parts)} FROM pg_catalog.pg_attribute "
            f"WHERE attrelid = to_regclass('public.{self.table}') AND NOT attisdropped AND attname IN ({names})"
        )

    def up(self) -> list[Action]:
        prefix = alter(self.table, "ADD COLUMN ")
        assert all(part.sql.startswith(prefix) for part in self.parts), self.table
        added = ",\n".join(f"ADD COLUMN IF NOT EXISTS {part.sql.removeprefix(prefix)}" for part in self.parts)
        return [
            Action(
                f"columns {self.table}",
                (alter(self.table, f"\n{added}"),),
                done=self._there(),
                locks=locked("ACCESS EXCLUSIVE", self.table),
            ),
            *(action for part in self.parts if part.kept for action in part.give_back()),
        ]

    def down(self) -> list[Action]:
        dropped = ", ".join(f"DROP COLUMN IF EXISTS {identifier(part.column)}" for part in self.parts)
        return [
            *(action for part in self.parts if part.kept for action in part.set_aside()),
            Action(
                f"columns {self.table}",
                (alter(self.table, dropped),),
                done=self._there(none=True),
                locks=locked("ACCESS EXCLUSIVE", self.table),
            ),
        ]


@dataclass(frozen=True, slots=True)
class SetDefault:
    """A default for what is written from now on: a part of ``SetDefaults``."""

    table: str
    column: str
    sql: str


@dataclass(frozen=True, slots=True)
class SetDefaults:
    """The defaults of a table for what is written from now on; rows that are there keep what they have."""

    table: str
    parts: tuple[SetDefault, ...]

    def _action(self, statement: str) -> list[Action]:
        return [Action(f"defaults {self.table}", (statement,), once=True, locks=locked("ACCESS EXCLUSIVE", self.table))]

    def up(self) -> list[Action]:
        prefix = alter(self.table, "")
        return self._action(alter(self.table, ", ".join(part.sql.removeprefix(prefix) for part in self.parts)))

    def down(self) -> list[Action]:
        lines = []
        for part in self.parts:
            # The column may be gone: a downgrade that was stopped got further than this.
            former = v0_object("column", self.table, part.column, "default")
            lines.append(
                f"IF {column_exists(self.table, part.column).removeprefix('SELECT ')} THEN\n"
                f"  former := {former};\n"
                f"  changes := changes || (', ALTER COLUMN {identifier(part.column)} ' "
                "|| coalesce('SET DEFAULT ' || former, 'DROP DEFAULT'));\nEND IF;"
            )
        lines.append(f"IF changes <> '' THEN\n  EXECUTE 'ALTER TABLE public.{self.table}' || substr(changes, 2);\nEND IF;")
        return self._action(do_block("\n".join(lines), "  former text;\n  changes text := '';"))


@dataclass(frozen=True, slots=True)
class Comments:
    """The comments of one table and its columns. ``statements`` pairs a column name, or '' for the table, with its COMMENT ON."""

    table: str
    statements: tuple[tuple[str, str], ...]
    of_v0: bool

    def _action(self, statements: tuple[str, ...]) -> list[Action]:
        return [Action(f"comments {self.table}", statements, once=True, locks=locked("SHARE UPDATE EXCLUSIVE", self.table))]

    def up(self) -> list[Action]:
        return self._action(tuple(sql for _, sql in self.statements))

    def down(self) -> list[Action]:
        if not self.of_v0:
            return []
        lines = [
            f"EXECUTE {literal(f'COMMENT ON {self._target(name)} IS ')} || "
            f"coalesce(quote_literal({v0_object('comment', self.table, name, 'text')}), 'NULL');"
            for name, _ in self.statements
        ]
        return self._action((do_block("\n".join(lines)),))

    def _target(self, name: str) -> str:
        return f"COLUMN public.{self.table}.{identifier(name)}" if name else f"TABLE public.{self.table}"
