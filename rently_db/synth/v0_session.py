"""A session of the legacy application: runs statements of the contract, measures them, and remembers what it committed."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Literal
from uuid import UUID

import psycopg2
import psycopg2.extensions
import psycopg2.extras

from rently_db.migrate.baseline import BASELINE
from rently_db.synth.v0_rows import Row, RowMaker
from rently_db.synth.v0_statements import PREPARED, STATEMENTS

APPLICATION_NAME = "rently_v0_app"
"""How the sessions of the workload show up in ``pg_stat_activity``."""

_COLUMNS: dict[str, list[str]] = {name: [c.name for c in table.columns] for name, table in BASELINE.items()}
_PARAMETER = re.compile(r"%\((\w+)\)s")


class WorkloadError(RuntimeError):
    """The database answered, but not as v0 would have: a row that is missing or changed, a column out of place."""


def differences(table: str, expected: Mapping[str, Any], found: Mapping[str, Any]) -> list[str]:
    """The columns of ``expected`` that ``found`` does not hold as written, type included, one sentence each."""
    return [
        f"{table} {expected['id']}: {name} is {found.get(name)!r} instead of {value!r}"
        for name, value in expected.items()
        if name not in found or found[name] != value or type(found[name]) is not type(value)
    ]


class V0Session:
    """One session on one connection, which it has to itself: READ COMMITTED, ids and values from ``seed``.

    Two sessions on one database need different seeds, of 0 to 39.
    """

    def __init__(self, connection: psycopg2.extensions.connection, seed: int = 0) -> None:
        self.make = RowMaker(seed)
        self.calls: Counter[str] = Counter()
        """How often each statement ran; executions of a prepared one count as ``execute <name>``."""
        self.slowest_ms: dict[str, float] = {}
        """The longest each statement (and ``commit``) took, in milliseconds, waiting for locks included."""
        self.current = "connect"
        """The statement that runs, or ran last."""
        self.prepared_again = 0
        """How often the prepared ``SELECT *`` was prepared again, because a migration changed the table's columns."""
        self._rows: dict[str, dict[UUID, Row]] = {table: {} for table in BASELINE}
        self._pending: list[tuple[Literal["insert", "update", "delete"], str, UUID, Row]] = []
        self._prepared: set[str] = set()
        self._rounds = 0
        self.connect(connection)

    def connect(self, connection: psycopg2.extensions.connection) -> None:
        """Go on working on this connection, e.g. to look for ``differences`` after the first one was closed."""
        self.connection = connection
        self._prepared.clear()
        connection.set_session(isolation_level="READ COMMITTED", autocommit=False)
        psycopg2.extras.register_uuid(conn_or_curs=connection)
        self._send("connect", "SELECT set_config('application_name', %(name)s, false)", {"name": APPLICATION_NAME})
        self._send("connect", "DEALLOCATE ALL", {})  # an earlier session may have had the same connection
        connection.commit()

    @property
    def written(self) -> dict[str, list[UUID]]:
        """By table the ids of all rows that it committed and did not delete again."""
        return {table: list(rows) for table, rows in self._rows.items()}

    def differences(self) -> list[str]:
        """What is missing or changed of the rows that it wrote, one sentence each; values that a repair may change don't count."""
        found: list[str] = []
        for table, rows in self._rows.items():
            sql = f"SELECT {', '.join(_COLUMNS[table])} FROM {table} WHERE id = ANY(%(ids)s)"  # names from BASELINE
            there = {row["id"]: row for row in self._send("differences", sql, {"ids": list(rows)})}
            for key, row in rows.items():
                found += differences(table, row, there[key]) if key in there else [f"{table} {key}: missing"]
        self.connection.rollback()
        return found

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        """Commit at the end, and only then remember what was written; roll back on any failure."""
        self._pending.clear()
        try:
            yield
            self.current = "commit"
            began = time.perf_counter()
            self.connection.commit()
            self._measure("commit", began)
        except BaseException:
            if not self.connection.closed:
                self.connection.rollback()
            raise
        for what, table, key, values in self._pending:
            rows = self._rows[table]
            if what == "insert":
                rows[key] = values
            elif what == "delete":
                del rows[key]
            else:
                # A column that a repair may change is not there, and stays unknown.
                rows[key].update({name: value for name, value in values.items() if name in rows[key]})
        self._pending.clear()

    def _measure(self, name: str, began: float) -> None:
        took = (time.perf_counter() - began) * 1000
        self.slowest_ms[name] = max(took, self.slowest_ms.get(name, 0.0))

    def _send(self, name: str, sql: str, parameters: Mapping[str, Any], rows: int | None = None) -> list[Row]:
        """Run one statement; ``rows`` is how many it must write. Returns what it selects, columns by name in their order."""
        self.current = name
        began = time.perf_counter()
        with self.connection.cursor() as cursor:
            try:
                cursor.execute(sql, parameters)
            finally:
                self.calls[name] += 1
                self._measure(name, began)
            if rows is not None and cursor.rowcount != rows:
                raise WorkloadError(f"{name}: wrote {cursor.rowcount} rows instead of {rows}")
            if cursor.description is None:
                return []
            names = [column.name for column in cursor.description]
            return [dict(zip(names, values, strict=True)) for values in cursor.fetchall()]

    def _insert(self, table: str, context: Mapping[str, Any], /, **given: Any) -> Row:
        row = self.make.row(table, context, **given)
        self._insert_row(table, row)
        return row

    def _insert_row(self, table: str, row: Row, repaired: str | None = None) -> None:
        """Insert ``row``; its column ``repaired`` may come back changed."""
        self._send(f"insert_{table}", STATEMENTS[f"insert_{table}"].sql, row, rows=1)
        self._pending.append(("insert", table, row["id"], {name: value for name, value in row.items() if name != repaired}))

    def _change(self, name: str, key: UUID, /, **values: Any) -> None:
        statement = STATEMENTS[name]
        self._send(name, statement.sql, values | {"id": key}, rows=1)
        self._pending.append(("update", statement.table, key, values))

    def _delete(self, name: str, *keys: UUID, **where: UUID) -> None:
        """Delete the rows ``keys``, which are those that ``where`` finds; without it, the row with the one id given."""
        statement = STATEMENTS[name]
        self._send(name, statement.sql, where or {"id": keys[0]}, rows=len(keys))
        self._pending += [("delete", statement.table, key, {}) for key in keys]

    def _read(self, name: str, /, **parameters: Any) -> list[Row]:
        return self._found(name, self._send(name, STATEMENTS[name].sql, parameters))

    def _found(self, name: str, rows: list[Row]) -> list[Row]:
        """``rows``, if there are any, and if a ``SELECT *`` has v0's columns first: old applications read them by position."""
        table = STATEMENTS[name].table
        if not rows:
            raise WorkloadError(f"{name}: no row")
        if name == f"read_{table}_all" and list(rows[0])[: len(_COLUMNS[table])] != _COLUMNS[table]:
            raise WorkloadError(f"{name}: columns are {', '.join(rows[0])}")
        return rows

    def _insert_prepared(self, table: str, row: Row) -> None:
        self._execute(f"insert_{table}", row, rows=1)
        self._pending.append(("insert", table, row["id"], dict(row)))

    def _read_prepared(self, name: str, /, **parameters: Any) -> list[Row]:
        return self._found(name, self._execute(name, parameters))

    def _read_prepared_all(self, name: str, /, **parameters: Any) -> list[Row]:
        """The prepared ``SELECT *`` in a transaction of its own; prepared again, once, if a migration changed what ``*`` means."""
        try:
            with self._transaction():
                return self._read_prepared(name, **parameters)
        except psycopg2.errors.FeatureNotSupported as error:
            if "cached plan must not change result type" not in str(error):
                raise
        self.prepared_again += 1
        # PREPARE locks the table against DDL until the end of the transaction, so that this time it cannot happen.
        with self._transaction():
            self._send("deallocate", f"DEALLOCATE v0_{name}", {})
            self._prepared.discard(name)
            return self._read_prepared(name, **parameters)

    def _execute(self, name: str, parameters: Mapping[str, Any], rows: int | None = None) -> list[Row]:
        """EXECUTE a statement of the contract, which is prepared first if this session has not done so yet."""
        assert name in PREPARED, name
        sql = STATEMENTS[name].sql
        order = list(dict.fromkeys(_PARAMETER.findall(sql)))
        if name not in self._prepared:
            numbered = _PARAMETER.sub(lambda match: f"${order.index(match[1]) + 1}", sql)
            self._send(f"prepare {name}", f"PREPARE v0_{name} AS {numbered}", {})
            self._prepared.add(name)
        return self._send(f"execute {name}", f"EXECUTE v0_{name} ({', '.join(f'%({p})s' for p in order)})", parameters, rows)
