"""Steps that change what an earlier revision made: a killed run goes on, and rows that a former rule forbids stop no rollback."""

from __future__ import annotations

import pytest
from sqlalchemy import URL

from rently_db.migrate.runner import Runner
from rently_db.migrate.sized import fits
from rently_db.migrate.steps import ChangeColumnType, ChangeConstraint, ChangeIndex, Check, Gone, Index, Nullable, Rules, Step
from tests.support.migrations import connect, rows, run_sql

FORMER = "CHECK (kind IN ('individual', 'corporate', 'agent', 'broker', 'landlord', 'guarantor'))"
KINDS = ChangeConstraint("party", "party_kind_check", FORMER, FORMER.replace("'guarantor'", "'guarantor', 'bank'"))
NAMED = Nullable("currency", ("name",))
INDEX = "CREATE INDEX CONCURRENTLY ix_party_phone ON public.party (phone)"
UNCHECKED = Gone(
    Rules("party", (Check("party", "party_kind_check", f"ALTER TABLE public.party ADD CONSTRAINT party_kind_check {FORMER}"),))
)
STATE = "SELECT conname::text, convalidated FROM pg_constraint WHERE conrelid = 'party'::regclass AND conname = 'party_kind_check'"
STEPS: dict[str, Step] = {
    "a check": KINDS,
    "an index": ChangeIndex("party", "ix_party_phone", INDEX, f"{INDEX} WHERE phone IS NOT NULL"),
    "a column": NAMED,
    "a check that goes": UNCHECKED,
    "an index that goes": Gone(Index("party", "ix_party_phone", INDEX)),
}
SEEN = (
    "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conrelid = 'party'::regclass AND conname = 'party_kind_check'"
    " UNION ALL SELECT pg_get_indexdef(indexrelid) FROM pg_index WHERE indrelid = 'party'::regclass"
    " UNION ALL SELECT attnotnull::text FROM pg_attribute WHERE attrelid = 'currency'::regclass AND attname = 'name' ORDER BY 1"
)


def go(url: URL, step: Step, direction: str, stop_after: int | None = None) -> None:
    """The step alone as a revision; ``stop_after`` as if killed after so many actions."""
    connection = connect(url)
    try:
        Runner(connection, "v1_change", direction).run((step.up() if direction == "up" else step.down())[:stop_after])
    finally:
        connection.close()


@pytest.fixture
def party(head_database: URL) -> URL:
    """A database at head with an index to change."""
    run_sql(head_database, INDEX)
    return head_database


@pytest.mark.parametrize("name", STEPS)
def test_a_killed_run_goes_on_and_the_way_back_is_exact(party: URL, name: str):
    """Killed after any action of either way, the same command goes on; what there was before is there again after the way back."""
    step = STEPS[name]
    before = rows(party, SEEN)
    for stop in range(len(step.up()) + 1):
        go(party, step, "up", stop_after=stop)
        go(party, step, "up")
        assert rows(party, SEEN) != before
        go(party, step, "down", stop_after=min(stop, len(step.down())))
        go(party, step, "down")
        assert rows(party, SEEN) == before


@pytest.mark.parametrize("step", [KINDS, UNCHECKED], ids=["changed", "gone"])
def test_rows_that_a_former_check_forbids_stop_no_rollback(party: URL, step: Step):
    """The rollback keeps such a row, and the former rule holds for what is written from then on; the next upgrade finds all in order."""
    go(party, step, "up")
    run_sql(party, "INSERT INTO party (kind, display_name) VALUES ('bank', 'Bank')")
    go(party, step, "down")
    assert rows(party, STATE) == [("party_kind_check", False)]
    assert rows(party, "SELECT count(*) FROM party WHERE kind = 'bank'") == [(1,)]
    with pytest.raises(Exception, match="party_kind_check"):
        run_sql(party, "INSERT INTO party (kind, display_name) VALUES ('bank', 'Another')")
    go(party, step, "up")
    assert rows(party, STATE) == ([("party_kind_check", True)] if step is KINDS else [])


def test_an_empty_value_stops_no_rollback(party: URL):
    """Where a column may be empty and is, the way back leaves it so; where it is not, it must be filled again."""
    go(party, NAMED, "up")
    run_sql(party, "UPDATE currency SET name = NULL WHERE code = 'SGD'")
    go(party, NAMED, "down")
    filled = "SELECT attnotnull FROM pg_attribute WHERE attrelid = 'currency'::regclass AND attname = 'name'"
    assert rows(party, filled) == [(False,)]
    go(party, NAMED, "up")
    run_sql(party, "UPDATE currency SET name = 'Singapore dollar' WHERE name IS NULL")
    go(party, NAMED, "down")
    assert rows(party, filled) == [(True,)]


KIND = "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = 'party'::regclass AND attname = 'sized'"


@pytest.mark.parametrize(
    ("former", "latter", "small", "big"),
    [
        ("character varying(4)", "character varying(8)", "abcd", "abcde"),
        ("character varying(4)", "text", "abcd", "abcd "),
        ("numeric(4,2)", "numeric(6,2)", "12.34", "123.45"),
        ("numeric(4,2)", "numeric", "12.34", "1.005"),
        ("bit varying(2)", "bit varying(4)", "11", "110"),
    ],
)
def test_what_a_wider_type_took_in_is_neither_cut_nor_rounded(party: URL, former: str, latter: str, small: str, big: str):
    """The way back narrows a type where every value fits; else the type stays, a value is what it was, and the next upgrade goes on."""
    run_sql(party, f"ALTER TABLE party ADD COLUMN sized {former}", "INSERT INTO party (kind, display_name) VALUES ('individual', 'Ada')")
    step = ChangeColumnType("public.party", "sized", former, latter, fits=fits("sized", former))
    for value, kind in ((small, former), (big, latter)):
        go(party, step, "up")
        run_sql(party, f"UPDATE party SET sized = '{value}'")
        go(party, step, "down")
        assert rows(party, KIND) == [(kind,)]
        assert rows(party, "SELECT sized::text FROM party") == [(value,)]
    go(party, step, "up")
    assert rows(party, KIND) == [(latter,)]
