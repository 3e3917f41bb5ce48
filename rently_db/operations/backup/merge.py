"""Find the rows that two versions of a table do not have alike, in memory that does not grow with the table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection

from rently_db.migrate.actions import identifier, literal
from rently_db.migrate.baseline import BaselineColumn
from rently_db.migrate.content import Table, row_digest_of

Kind = Literal["new", "changed", "deleted"]

_FETCHED = 5_000
_LOOKED_UP = 500
_BUCKETS = 1 << 16


@dataclass(frozen=True, slots=True)
class Pair:
    """A table on both sides, with the columns both have and the SQL that gives a row's key as text."""

    live: Table
    restored: Table
    key: tuple[BaselineColumn, ...]

    @property
    def key_sql(self) -> str:
        """A row's key as text, in a form that sorts alike on both servers."""
        columns = ", ".join(f"t.{identifier(column.name)}" for column in self.key)
        return f"{columns}::text" if self._is_uuid else f'ROW({columns})::text COLLATE "C"'

    @property
    def order_sql(self) -> str:
        """A uuid sorts as its text does, and has an index."""
        return f"t.{identifier(self.key[0].name)}" if self._is_uuid else self.key_sql

    def among(self, keys: list[str]) -> str:
        """The condition that a row's key is one of these."""
        listed = f"ARRAY[{', '.join(literal(key) for key in keys)}]"
        return f"{self.order_sql} = ANY ({listed}::{'uuid' if self._is_uuid else 'text'}[])"

    @property
    def _is_uuid(self) -> bool:
        return len(self.key) == 1 and self.key[0].type == "uuid"


def differing(live: Connection, copy: Connection, pair: Pair) -> Iterator[tuple[Kind, str]]:
    """What differs and its key, in the order of keys.

    Each server adds up its rows in many buckets; only rows of buckets that differ come here, so a few writes in a big table cost a
    scan of it and little more.
    """
    here, there = (_buckets(connection, table, pair) for connection, table in ((live, pair.live), (copy, pair.restored)))
    different = [bucket for bucket in here.keys() | there.keys() if here.get(bucket) != there.get(bucket)]
    if different:
        yield from _merged(_digests(copy, pair.restored, pair, different), _digests(live, pair.live, pair, different))


def _bucket_sql(pair: Pair) -> str:
    return f"hashtextextended({pair.key_sql}, 1) & {_BUCKETS - 1}"


def _buckets(connection: Connection, table: Table, pair: Pair) -> dict[int, tuple[int, int]]:
    """Number and sum of the digests of the rows in each bucket. Sums of money need not be added: a digest holds them."""
    sql = f"SELECT {_bucket_sql(pair)}, count(*), sum({row_digest_of(table, 't')}) FROM {table.sql} AS t GROUP BY 1"
    return {bucket: (count, int(digest)) for bucket, count, digest in stream(connection, sql)}


def _digests(connection: Connection, table: Table, pair: Pair, buckets: list[int]) -> Iterator[tuple[str, int]]:
    """Key and digest of every row of these buckets, in the order of keys, through a cursor on the server."""
    # IN over a list is read from its beginning for every row before PostgreSQL 14; over a query it is hashed.
    listed = "'{" + ",".join(map(str, buckets)) + "}'::bigint[]"
    among = f" WHERE {_bucket_sql(pair)} IN (SELECT unnest({listed}))" if len(buckets) < _BUCKETS // 2 else ""
    sql = f"SELECT {pair.key_sql}, {row_digest_of(table, 't')} FROM {table.sql} AS t{among} ORDER BY {pair.order_sql}"
    yield from stream(connection, sql)


def _merged(before: Iterator[tuple[str, int]], after: Iterator[tuple[str, int]]) -> Iterator[tuple[Kind, str]]:
    """What differs between two sequences of (key, digest) that are sorted by key."""
    old, new = next(before, None), next(after, None)
    while old is not None or new is not None:
        if new is None or (old is not None and old[0] < new[0]):
            assert old is not None
            yield "deleted", old[0]
            old = next(before, None)
        elif old is None or new[0] < old[0]:
            yield "new", new[0]
            new = next(after, None)
        else:
            if old[1] != new[1]:
                yield "changed", new[0]
            old, new = next(before, None), next(after, None)


def chunks(found: Iterable[tuple[Kind, str]]) -> Iterator[list[tuple[Kind, str]]]:
    """Lists short enough to look up at once."""
    chunk: list[tuple[Kind, str]] = []
    for one in found:
        chunk.append(one)
        if len(chunk) == _LOOKED_UP:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def fetched(connection: Connection, table: Table, pair: Pair, keys: list[str]) -> dict[str, str]:
    """Rows by key, each as the JSON text that PostgreSQL gave: a JSON number of Python's would round money."""
    if not keys:
        return {}
    sql = f"SELECT {pair.key_sql}, to_jsonb(t)::text FROM {table.sql} AS t WHERE {pair.among(keys)}"
    rows = connection.exec_driver_sql(sql, execution_options={"no_parameters": True})
    return {str(key): str(row) for key, row in rows}


def stream(connection: Connection, sql: str) -> Iterator[Any]:
    """The rows of a query through a cursor on the server."""
    options = {"no_parameters": True, "stream_results": True, "max_row_buffer": _FETCHED}
    yield from connection.exec_driver_sql(sql, execution_options=options)
