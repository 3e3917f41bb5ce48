"""Every foreign key refuses a dangling reference and the loss of what is referenced, and has an index."""

from __future__ import annotations

import uuid
from typing import Any, NamedTuple

import pytest

from rently_db.models import Base
from tests.rules.book import ID, Book, base_row

CASCADES = {"document_link_document_id_fkey", "payment_instrument_party_id_fkey"}

NAMES = sorted(key.name for table in Base.metadata.tables.values() for key in table.foreign_key_constraints)
"""The foreign keys of the models; a test compares them with the catalogue's."""

_DANGLING: dict[str, str] = {"character(3)": "QQQ", "text": "nonsense"}


class ForeignKey(NamedTuple):
    """A foreign key as the catalogue describes it."""

    name: str
    table: str
    columns: list[str]
    types: list[str]
    parent: str
    parent_columns: list[str]
    on_delete: str
    on_update: str
    validated: bool


_KEYS = """
SELECT k.conname, k.conrelid::regclass::text,
    ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (nr, pos)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.nr ORDER BY u.pos),
    ARRAY(SELECT format_type(a.atttypid, a.atttypmod) FROM unnest(k.conkey) WITH ORDINALITY AS u (nr, pos)
          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.nr ORDER BY u.pos),
    k.confrelid::regclass::text,
    ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (nr, pos)
          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.nr ORDER BY u.pos),
    k.confdeltype::text, k.confupdtype::text, k.convalidated
FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace IN ('public'::regnamespace, 'ops'::regnamespace) ORDER BY 1
"""


def keys(book: Book) -> dict[str, ForeignKey]:
    """Every foreign key of the database by name."""
    return {row[0]: ForeignKey(*row) for row in book.rows(_KEYS)}


def quoted(columns: list[str]) -> str:
    """Columns for SQL; some rules have a column called from or to."""
    return ", ".join(f'"{column}"' for column in columns)


def base_values(book: Book, key: ForeignKey) -> tuple[Any, ...]:
    """What the table's valid row references by this key."""
    return book.rows(f"SELECT {quoted(key.columns)} FROM {key.table} WHERE {base_row(key.table)}")[0]


def delete_parent(book: Book, key: ForeignKey) -> int:
    """Delete what the valid row references, with no other foreign key in the way; how many rows went."""
    for other in keys(book).values():
        if other.parent == key.parent and other.name != key.name:
            book.execute(f"ALTER TABLE {other.table} DROP CONSTRAINT {other.name}")
    return book.execute(
        f"DELETE FROM {key.parent} WHERE ({quoted(key.parent_columns)}) = ({', '.join(['%s'] * len(key.columns))})", *base_values(book, key)
    )


def test_the_book_uses_every_foreign_key(book: Book) -> None:
    """The database has the models' foreign keys, all validated, and the test's book sets each of them."""
    found = keys(book)
    assert sorted(found) == NAMES
    assert [key.name for key in found.values() if not key.validated] == []
    assert [key.name for key in found.values() if None in base_values(book, key)] == []


@pytest.mark.parametrize("name", NAMES)
def test_dangling_reference_is_refused(book: Book, name: str) -> None:
    """A row that references what does not exist is refused by the foreign key's name."""
    key = keys(book)[name]
    dangling = {key.columns[-1]: _DANGLING.get(key.types[-1]) or str(uuid.uuid4())}
    with book.refused(name, "23503"):
        book.variant(key.table, **dangling)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in CASCADES])
def test_referenced_row_stays(book: Book, name: str) -> None:
    """What a row references can't be deleted, by no path: money and its evidence never go by cascade."""
    key = keys(book)[name]
    assert key.on_delete == "r"
    # PostgreSQL 18 gives RESTRICT its own code.
    with book.refused(name) as caught:
        delete_parent(book, key)
    assert caught.value.pgcode in {"23503", "23001"}


@pytest.mark.parametrize("name", sorted(CASCADES))
def test_cascade(book: Book, name: str) -> None:
    """A document takes its links along, and a party its instruments; nothing else goes with its parent."""
    key = keys(book)[name]
    assert {other.name for other in keys(book).values() if other.on_delete == "c"} == CASCADES
    parent = book.variant(key.parent)
    child = book.variant(key.table, **{key.columns[0]: parent})
    assert book.execute(f"DELETE FROM {key.parent} WHERE id = %s", parent) == 1
    assert book.value(f"SELECT count(*) FROM {key.table} WHERE id = %s", child) == 0


def test_an_instrument_that_was_paid_with_keeps_its_party(book: Book) -> None:
    """The cascade from party to instrument ends at money: a payment made with the instrument refuses it."""
    payer = book.variant("party", obligor_group_id=None)
    instrument = book.variant("payment_instrument", party_id=payer)
    book.variant("payment", payer_party_id=None, payee_party_id=None, instrument_id=instrument)
    with book.refused("payment_instrument_id_fkey"):
        book.execute("DELETE FROM party WHERE id = %s", payer)


def test_ids_do_not_change_under_their_references(book: Book) -> None:
    """A referenced id can't be changed: no foreign key carries a new id along."""
    assert {key.on_update for key in keys(book).values()} == {"a"}
    with book.refused("document_link_document_id_fkey"):
        book.change("document", id=ID["payment"])


def test_every_foreign_key_has_an_index(book: Book) -> None:
    """Deleting or looking up a parent never reads a whole table: an index starts with every foreign key but those to currency."""
    bare = book.rows(
        "SELECT k.conname FROM pg_constraint k WHERE k.contype = 'f' AND k.connamespace = 'public'::regnamespace"
        " AND k.confrelid <> 'currency'::regclass AND NOT EXISTS ("
        "   SELECT FROM pg_index x WHERE x.indrelid = k.conrelid AND x.indpred IS NULL AND x.indisvalid"
        "   AND ARRAY(SELECT u FROM unnest(x.indkey::smallint[]) WITH ORDINALITY AS i (u, pos)"
        "             WHERE pos <= cardinality(k.conkey) ORDER BY u)"
        "     = ARRAY(SELECT u FROM unnest(k.conkey) AS u ORDER BY u))"
    )
    assert bare == []
