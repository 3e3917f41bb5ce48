"""Steps for extensions, indexes, key names, and statements that no other step describes."""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.actions import Action, Batch, Lock, Mode, do_block, literal, locked
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.steps.base import Step, build_index, drop_index


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
            f"IF {ours} THEN\n  BEGIN\n    DROP EXTENSION IF EXISTS {self.name};\n"
            f"  EXCEPTION WHEN dependent_objects_still_exist THEN\n    RAISE WARNING '{self.name} stays: others use it';\n  END;\n"
            f"  DELETE FROM ops.v0_object WHERE kind = 'extension' AND name = {literal(self.name)};\nEND IF;"
        )
        return [Action(f"extension {self.name}", (do_block(drop),))]


@dataclass(frozen=True, slots=True)
class Index:
    """An index, built concurrently; an INVALID leftover of a killed build is dropped and built again."""

    table: str
    name: str
    sql: str

    def up(self) -> list[Action]:
        return build_index(self.table, self.name, self.sql)

    def down(self) -> list[Action]:
        return [drop_index(self.table, self.name)]


@dataclass(frozen=True, slots=True)
class KeyNames:
    """Primary keys and unique constraints of v0 under the names of the convention; going back, under the names they had."""

    def up(self) -> list[Action]:
        return [self._renamed(table) for table in BASELINE]

    def _renamed(self, table: str) -> Action:
        # One table at a time: together they would be locked for as long as it takes to get the last of them.
        keys = (
            "  SELECT t.relname, k.conname,\n"
            "    CASE k.contype WHEN 'p' THEN t.relname || '_pkey' ELSE t.relname || '_' || a.attname || '_key' END AS wanted\n"
            "  FROM pg_catalog.pg_constraint k\n"
            "  JOIN pg_catalog.pg_class t ON t.oid = k.conrelid\n"
            "  JOIN pg_catalog.pg_attribute a ON a.attrelid = t.oid AND a.attnum = k.conkey[1]\n"
            f"  WHERE t.oid = to_regclass('public.{table}') AND cardinality(k.conkey) = 1 AND ({_v0_keys()})\n"
        )
        body = (
            f"FOR item IN\n{keys}"
            "LOOP\n"
            "  IF item.conname <> item.wanted THEN\n"
            "    EXECUTE format('ALTER TABLE public.%I RENAME CONSTRAINT %I TO %I', item.relname, item.conname, item.wanted);\n"
            "    INSERT INTO ops.v0_object (kind, table_name, name, detail)\n"
            "    VALUES ('key', item.relname, item.wanted, jsonb_build_object('name', item.conname)) ON CONFLICT DO NOTHING;\n"
            "  END IF;\n"
            "END LOOP;"
        )
        done = f"SELECT NOT EXISTS (SELECT FROM ({keys}) AS y WHERE y.conname <> y.wanted)"
        return Action(f"key names {table}", (do_block(body, "  item record;"),), done=done, locks=locked("ACCESS EXCLUSIVE", table))

    def down(self) -> list[Action]:
        return [self._named_as_before(table) for table in BASELINE]

    def _named_as_before(self, table: str) -> Action:
        mine = f"o.kind = 'key' AND o.table_name = {literal(table)}"
        body = (
            f"FOR item IN SELECT o.table_name, o.name, o.detail ->> 'name' AS former FROM ops.v0_object o WHERE {mine}\n"
            "LOOP\n"
            "  EXECUTE format('ALTER TABLE public.%I RENAME CONSTRAINT %I TO %I', item.table_name, item.name, item.former);\n"
            "  DELETE FROM ops.v0_object o WHERE o.kind = 'key' AND o.table_name = item.table_name AND o.name = item.name;\n"
            "END LOOP;"
        )
        done = f"SELECT NOT EXISTS (SELECT FROM ops.v0_object AS o WHERE {mine})"
        return Action(f"key names {table}", (do_block(body, "  item record;"),), done=done, locks=locked("ACCESS EXCLUSIVE", table))


def _v0_keys() -> str:
    """The condition that picks v0's primary keys and unique columns out of pg_constraint."""
    tables = ", ".join(literal(name) for name in BASELINE)
    uniques = ", ".join(f"({literal(table.name)}, {literal(column)})" for table in BASELINE.values() for column in table.uniques)
    return f"k.contype = 'p' AND t.relname IN ({tables}) OR k.contype = 'u' AND (t.relname::text, a.attname::text) IN ({uniques})"


@dataclass(frozen=True, slots=True)
class Statement:
    """Statements that no other step describes. An empty ``back`` says that the way down has nothing to do, and ``title`` why.

    ``locks`` are those of ``forth``, or of ``back`` alone, that the text does not show; the tables of an ANALYZE are read there.
    """

    title: str
    forth: tuple[str, ...] = ()
    back: tuple[str, ...] = ()
    mode: Mode = Mode.DATA
    silent_bridges: bool = False
    done: str | None = None
    reads: str = ""
    locks: tuple[Lock, ...] = ()

    def up(self) -> list[Action]:
        analysed = [name for sql in self.forth if sql.startswith("ANALYZE ") for name in sql.removeprefix("ANALYZE ").split(", ")]
        return self._action(self.forth, self.done, (*self.locks, *locked("SHARE UPDATE EXCLUSIVE", *analysed)))

    def down(self) -> list[Action]:
        return self._action(self.back, None, () if self.forth else self.locks)

    def _action(self, statements: tuple[str, ...], done: str | None, locks: tuple[Lock, ...] = ()) -> list[Action]:
        if not statements:
            return []
        return [
            Action(
                self.title,
                statements,
                mode=self.mode,
                silent_bridges=self.silent_bridges,
                done=done,
                once=self.mode is not Mode.LOOP and done is None,
                reads=self.reads,
                locks=locks,
            )
        ]


@dataclass(frozen=True, slots=True)
class Yield:
    """What a row that a backfill goes through may give at most: rows and bytes written, beside itself; microseconds that takes."""

    rows: int = 1
    bytes: int = 0
    us: int = 0


@dataclass(frozen=True, slots=True)
class Backfill:
    """A statement over key ranges of a table (``:low`` exclusive, ``:high`` inclusive), each its own transaction. Nothing to undo.

    With ``find``, a query of ids, the rows are looked for first, by reading the table once, and only they are treated: the statement
    then ranges over ``ops.worklist AS w``. For rows that nobody makes any more, because the bridges are there.
    """

    title: str
    table: str
    sql: str
    silent_bridges: bool = False
    done: str | None = None
    find: str | None = None
    derives: bool = False
    each: Yield = Yield()

    def up(self) -> list[Action]:
        if self.find is not None:
            return self._listed(self.title, self.find, self.sql)
        actions = [self._batched(self.title, Batch(self.table, self.sql, in_pages=self.derives))]
        if self.derives:
            # By pages a row may be missed: one that an application writes anew while the batches go by stands behind them then.
            head, keys, rest = self.sql.partition("t.id > :low AND t.id <= :high")
            assert keys, self.sql
            missed, update = f"{self.title}: missed", head.rpartition("WHERE ")[0]
            keys = f"w.step = {literal(missed)} AND w.row_id > :low AND w.row_id <= :high AND t.id = w.row_id"
            listed = f"FROM ops.worklist AS w\nWHERE {keys}{rest}"
            actions += self._listed(missed, f"SELECT t.id FROM public.{self.table} AS t\nWHERE true{rest}", f"{update}{listed}")
        return actions

    def _batched(self, title: str, batch: Batch) -> Action:
        return Action(
            title,
            mode=Mode.BATCH,
            batch=batch,
            silent_bridges=self.silent_bridges,
            done=self.done,
            once=True,
            derives=self.derives,
            reads="" if batch.worklist else self.table,
        )

    def _listed(self, title: str, find: str, sql: str) -> list[Action]:
        step = literal(title)
        found = f"INSERT INTO ops.worklist (step, row_id)\nSELECT {step}, f.id FROM (\n{find}\n) AS f\nON CONFLICT DO NOTHING"
        clear = f"DELETE FROM ops.worklist AS w WHERE w.step = {step}"
        return [
            Action(f"{title}: find", (clear, found), mode=Mode.DATA, done=self.done, once=True, reads=self.table),
            self._batched(title, Batch(self.table, sql, worklist=True)),
            Action(f"{title}: clear", (clear,), mode=Mode.DATA, once=True),
        ]

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
