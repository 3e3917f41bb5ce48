"""The legacy application on other drivers and habits: psycopg 3, everything prepared, dirtier still than the contract says."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
import psycopg2

from rently_db.migrate.repairs import REPAIRS, VALUE_SETS, Repair
from rently_db.synth.v0_rows import Row
from rently_db.synth.v0_session import APPLICATION_NAME
from rently_db.synth.v0_workload import STATEMENTS, Booking, V0Application

_PARAMETER = re.compile(r"%\((\w+)\)s")
_STAR = re.compile(r"SELECT \*|\b(?P<alias>\w+)\.\*")


def starred_table(name: str) -> str | None:
    """The table of whose columns a statement of the contract says ``*``, so that its result changes when they do; else None."""
    sql = STATEMENTS[name].sql
    star = _STAR.search(sql)
    if star is None or star["alias"] is None:
        return star and STATEMENTS[name].table
    named = re.search(rf"(?:FROM|JOIN) (\w+) {star['alias']}\b", sql)
    assert named, f"whose is {star[0]} in {name}?"
    return named[1]


class Preparing(V0Application):
    """Every statement is prepared on the server once, and kept for as long as the session lives.

    A ``SELECT *`` stands behind a savepoint: if a migration changed its columns it is prepared again, once, and the transaction goes on.
    """

    def __init__(self, connection: Any, seed: int = 0) -> None:
        self.again: Counter[str] = Counter()
        """How often each statement was prepared again."""
        super().__init__(connection, seed)

    def _send(self, name: str, sql: str, parameters: Mapping[str, Any], rows: int | None = None) -> list[Row]:
        if name not in STATEMENTS:
            return super()._send(name, sql, parameters, rows)
        if starred_table(name) is None:
            return self._send_prepared(name, sql, parameters, rows)
        try:
            with self._savepoint():
                return self._send_prepared(name, sql, parameters, rows)
        except (psycopg.errors.FeatureNotSupported, psycopg2.errors.FeatureNotSupported) as error:
            if "cached plan must not change result type" not in str(error):
                raise
        self.again[name] += 1
        self._forget(name)
        # Preparing it locks its tables until the end of the transaction: it can't happen twice, and a second failure is one.
        return self._send_prepared(name, sql, parameters, rows)

    def _send_prepared(self, name: str, sql: str, parameters: Mapping[str, Any], rows: int | None) -> list[Row]:
        raise NotImplementedError

    def _forget(self, name: str) -> None:
        raise NotImplementedError

    @contextmanager
    def _savepoint(self) -> Iterator[None]:
        super()._send("savepoint", "SAVEPOINT star", {})
        try:
            yield
        except Exception:
            super()._send("rollback to", "ROLLBACK TO SAVEPOINT star", {})
            raise
        super()._send("release", "RELEASE SAVEPOINT star", {})

    def _execute(self, name: str, parameters: Mapping[str, Any], rows: int | None = None) -> list[Row]:
        return self._send(name, STATEMENTS[name].sql, parameters, rows)


class PreparedApplication(Preparing):
    """psycopg2, which prepares nothing by itself: PREPARE and EXECUTE for every statement of the contract."""

    def connect(self, connection: Any) -> None:
        """Go on working on this connection; nothing is prepared on it yet."""
        self._own: set[str] = set()
        super().connect(connection)

    def _send_prepared(self, name: str, sql: str, parameters: Mapping[str, Any], rows: int | None) -> list[Row]:
        order = list(dict.fromkeys(_PARAMETER.findall(sql)))
        if name not in self._own:
            numbered = _PARAMETER.sub(lambda match: f"${order.index(match[1]) + 1}", sql)
            V0Application._send(self, "prepare", f"PREPARE every_{name} AS {numbered}", {})
            self._own.add(name)
        given = f" ({', '.join(f'%({p})s' for p in order)})" if order else ""
        return V0Application._send(self, name, f"EXECUTE every_{name}{given}", parameters, rows)

    def _forget(self, name: str) -> None:
        V0Application._send(self, "deallocate", f"DEALLOCATE every_{name}", {})
        self._own.discard(name)


class Psycopg3Application(Preparing):
    """psycopg 3, which prepares each statement at its first execution and never forgets one."""

    def connect(self, connection: Any) -> None:
        """Go on working on this psycopg 3 connection."""
        self.connection = connection
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection.prepare_threshold = 0
        connection.prepared_max = 10_000
        V0Application._send(self, "connect", "SELECT set_config('application_name', %(name)s, false)", {"name": APPLICATION_NAME})
        connection.commit()

    def _send_prepared(self, name: str, sql: str, parameters: Mapping[str, Any], rows: int | None) -> list[Row]:
        return V0Application._send(self, name, sql, parameters, rows)

    def _forget(self, name: str) -> None:
        """Nothing: psycopg 3 deallocates what it prepared when a ROLLBACK TO goes by."""


FORMER = "Former "
"""Stands before a value in a spelling that only the operator's mapping file explains."""


def write_mapping(path: Path) -> Path:
    """A mapping file that explains :data:`FORMER` for the first value of every closed set."""
    lines = [f"{table},{column},{FORMER}{values[0]},{values[0]}\n" for (table, column), values in VALUE_SETS.items()]
    path.write_text("table,column,from,to\n" + "".join(lines), encoding="utf-8")
    return path


def dirty_value(repair: Repair, clean: Any) -> Any:
    """A value that this repair, and no other of its column, is there for; ``clean`` is what a clean row holds."""
    first = VALUE_SETS.get((repair.table, repair.column), ("",))[0]
    if repair.name.endswith("_mapping"):
        return f"{FORMER}{first}"
    if repair.name.endswith("_spelling"):
        return f"  {(first or clean).upper().replace('_', ' - ')} " if first else f" {clean.lower()}  "
    if repair.name.endswith("_case"):
        return clean.lower()
    special = {
        "party_email_no_address": "ask her brother",
        "collections_event_amount_involved_zero": 0,
        "decision_approved_amount_without_approval": clean,
    }
    if repair.name in special:
        return special[repair.name]
    assert repair.name.endswith("_missing"), f"no dirty value for the repair {repair.name}"
    return None


class DirtyWrites(V0Application):
    """Mixed into an application: besides the contract's dirty values it writes one for each declared repair, and remembers them."""

    def __init__(self, connection: Any, seed: int = 0) -> None:
        self.dirt: dict[tuple[str, UUID], tuple[Repair, Any]] = {}
        """By table and id of a committed row the repair that it needs and the dirty value it was given."""
        super().__init__(connection, seed)

    def dirty_writes(self, at: Booking) -> None:
        """Write a row for each declared repair."""
        super().dirty_writes(at)
        written: dict[tuple[str, UUID], tuple[Repair, Any]] = {}
        with self._transaction():
            for number, repair in enumerate(repair for repair in REPAIRS if not repair.derived):
                row = self._dirty_row(repair, at, number)
                self._insert_row(repair.table, row, repair.column)
                written[repair.table, row["id"]] = repair, row[repair.column]
        self.dirt |= written

    def _dirty_row(self, repair: Repair, at: Booking, number: int) -> Row:
        table, given = repair.table, {}
        context = dict(at)
        if table == "amortisation_plan":
            context["loan"] = self._insert("loan", at)["id"]
        elif table == "amortisation_line":
            given["seq_no"] = 100 + number
        elif table == "ledger_entry":
            given["amount"] = self._insert("ledger_entry", at, side="credit")["amount"]
        elif table == "party_role":
            context["party"] = self._insert("party", at)["id"]
        elif table == "document_link":
            context["document"] = self._insert("document", at)["id"]
            given["entity_id"] = at["application"]
        elif repair.name == "decision_approved_amount_without_approval":
            given["outcome"] = "rejected"
        row = self.make.row(table, context, **given)
        row[repair.column] = dirty_value(repair, row[repair.column])
        return row


class DirtyPsycopg3Application(DirtyWrites, Psycopg3Application):
    """psycopg 3, everything prepared, as dirty as can be."""


Opener = Callable[[str, int], V0Application]


def psycopg2_prepared(dsn: str, seed: int) -> V0Application:
    """Open the application that prepares by hand."""
    return PreparedApplication(psycopg2.connect(dsn), seed)


def psycopg3_prepared(dsn: str, seed: int) -> V0Application:
    """Open the application on psycopg 3."""
    return Psycopg3Application(psycopg.connect(dsn), seed)


def psycopg3_dirty(dsn: str, seed: int) -> V0Application:
    """Open the dirtiest application, in a session that lives in Singapore's time: its naive moments stay what they are."""
    return DirtyPsycopg3Application(psycopg.connect(dsn, options="-c TimeZone=Asia/Singapore"), seed)
