"""How the data get into a database: all or nothing, the same every time, and never on top of somebody's rows."""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
from datetime import date
from typing import Any

import pytest
from sqlalchemy import URL

from rently_db.migrate.baseline import BASELINE
from rently_db.synth import SynthError, SynthOptions, write_v0
from rently_db.synth.writer import _fill
from tests.synth.conftest import Book, connect


class Digest:
    """A cursor that copies nowhere, but hashes what it would have copied, table by table."""

    def __init__(self) -> None:
        self.hashes = {name: hashlib.sha256() for name in BASELINE}

    def execute(self, query: str) -> None:
        """Nothing to execute."""

    def copy_expert(self, query: str, buffer: io.StringIO) -> None:
        """Take in rows of one table."""
        table = query.split()[1].removeprefix("public.")
        self.hashes[table].update(buffer.getvalue().encode())


def digest(options: SynthOptions, chunk_loans: int = 500) -> str:
    """One digest over everything that ``options`` generate."""
    cursor = Digest()
    _fill(cursor, options, None, chunk_loans)
    return " ".join(h.hexdigest() for h in cursor.hashes.values())


def test_equal_options_give_equal_data_in_chunks_of_any_size():
    """The same book is written whether it goes out loan by loan, in odd chunks or at once."""
    options = SynthOptions(160)
    assert digest(options) == digest(options, 1) == digest(options, 37)


@pytest.mark.parametrize("other", [SynthOptions(160, seed=8), SynthOptions(160, business_date=date(2026, 7, 1)), SynthOptions(161)])
def test_other_options_give_other_data(other: SynthOptions):
    """Seed, business date and size each matter."""
    assert digest(SynthOptions(160)) != digest(other)


def test_hash_randomisation_has_no_influence():
    """Another Python process, with another hash seed, makes the same data."""
    code = "from tests.synth.test_write_v0 import *; print(digest(SynthOptions(60)))"
    found = {
        subprocess.run(
            [sys.executable, "-W", "ignore", "-c", code],
            env={**os.environ, "PYTHONHASHSEED": seed, "PYTHONPATH": os.pathsep.join(sys.path)},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert found == {digest(SynthOptions(60))}


def test_an_empty_database_gets_the_twenty_tables(empty_database: URL):
    """Tables that don't exist are created, and the report counts what is in them."""
    connection = connect(empty_database)
    told: list[int] = []
    report = write_v0(connection, SynthOptions(120), progress=told.append, chunk_loans=50)
    book = Book(connection, report)
    assert {name: book.value(f"SELECT count(*) FROM public.{name}") for name in BASELINE} == report.rows
    assert report.rows["loan"] == 120
    assert told == [50, 100, 120]
    assert report.planted == []
    connection.close()


def test_rows_that_are_there_are_never_touched(empty_database: URL):
    """A second run is refused in one sentence and changes nothing."""
    connection = connect(empty_database)
    before = write_v0(connection, SynthOptions(1)).rows
    with pytest.raises(SynthError, match=r"isn't empty \(legal_entity, product, party and others hold rows\)"):
        write_v0(connection, SynthOptions(2))
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.loan")
        assert cursor.fetchone() == (before["loan"],)
    connection.close()


def test_some_of_the_tables_are_not_a_v0_database(empty_database: URL):
    """A database with a table of the same name is somebody else's."""
    connection = connect(empty_database)
    with connection, connection.cursor() as cursor:
        cursor.execute("CREATE TABLE public.loan (id int)")
    with pytest.raises(SynthError, match="1 of the 20 v0 tables"):
        write_v0(connection, SynthOptions(1))
    connection.close()


def test_a_failed_run_leaves_nothing(empty_database: URL):
    """An error half way takes back rows and tables."""
    connection = connect(empty_database)

    def fail(done: int) -> None:
        raise RuntimeError(f"after {done}")

    with pytest.raises(RuntimeError, match="after 50"):
        write_v0(connection, SynthOptions(100), progress=fail, chunk_loans=50)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace")
        assert cursor.fetchone() == (0,)
    connection.close()


def test_an_open_transaction_is_nobody_elses_to_commit(empty_database: URL):
    """A connection in a transaction is refused; one in autocommit mode works and stays so."""
    connection = connect(empty_database)
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    with pytest.raises(SynthError, match="open transaction"):
        write_v0(connection, SynthOptions(1))
    connection.rollback()
    connection.autocommit = True
    write_v0(connection, SynthOptions(1))
    assert connection.autocommit
    connection.close()


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"loans": 0}, "at least 1"),
        ({"loans": 49, "dirty": "repairable"}, "at least 50 loans"),
        ({"loans": 1, "business_date": date(1999, 1, 1)}, "between 2010 and 2100"),
    ],
)
def test_options_that_make_no_sense_are_refused(wrong: dict[str, Any], sentence: str):
    """Wrong options are found before a database is touched."""
    with pytest.raises(SynthError, match=sentence):
        SynthOptions(**wrong)
