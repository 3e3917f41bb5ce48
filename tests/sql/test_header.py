from __future__ import annotations

from pathlib import Path

import pytest

from rently_db.sql.header import Header, HeaderError, split_header
from tests.sql.files import relation_header

WHERE = Path("views/risk/par.sql")
VIEW = relation_header("par", "id", "amount") + "CREATE VIEW analytics.par AS SELECT 1;\n"


def test_the_header_of_a_view_is_its_row_in_the_catalogue():
    """Owner, tier, grain, key, refresh and the meaning of each column are read in their order."""
    header, sql = split_header(VIEW, WHERE, relation=True)
    assert (header.owner, header.tier, header.grain, header.key, header.refresh) == ("risk", "T1", "loan", ("id",), "live")
    assert header.columns == (("id", "What id is"), ("amount", "What amount is"))
    assert sql == "CREATE VIEW analytics.par AS SELECT 1"


def test_a_value_may_go_on_in_the_next_line():
    """A long meaning needs no long line."""
    text = "-- owner: platform\n-- description: The first half\n--     and the second\nSELECT 1;"
    assert split_header(text, WHERE) == (Header("platform", "The first half and the second"), "SELECT 1")


def test_a_function_says_for_which_servers_it_is():
    """Both ends are inclusive, either may be open."""
    text = "-- owner: platform\n-- servers: {}\n-- description: d\nSELECT 1"
    assert split_header(text.format("130000-179999"), WHERE)[0].servers == (130000, 179999)
    assert split_header(text.format("180000-"), WHERE)[0].servers == (180000, 999999)


@pytest.mark.parametrize("key", ["owner", "description", "tier", "grain", "key", "refresh"])
def test_nothing_may_be_left_out(key: str):
    """A view that does not say who owns it, what a row is, or how fresh it is, is not loaded."""
    text = "\n".join(line for line in VIEW.splitlines() if not line.startswith(f"-- {key}: "))
    with pytest.raises(HeaderError, match=rf"par\.sql:1: the header lacks {key}; write it as '-- {key}: "):
        split_header(text, WHERE, relation=True)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("-- tier: T1", "-- tier: T9"), r"par\.sql:2: tier is 'T9'; it is one of T0, T1, T2, T3"),
        (("-- owner: risk", "-- owner: nobody"), r"par\.sql:1: owner is 'nobody'"),
        (("-- refresh: live", "-- refresh: hourly"), r"par\.sql:5: refresh is 'hourly'"),
        (("-- key: id", "-- key: id, product"), r"par\.sql:4: key names product, which no '-- column' line describes"),
        (("-- grain: loan", "-- grain: loan\n-- grain: day"), r"par\.sql:4: grain is said twice"),
        (("-- grain: loan", "-- grian: loan"), r"par\.sql:3: '-- grian: loan' is no header line; known keys are"),
        (("-- grain: loan", "-- grain: loan\n-- kept: yes"), r"par\.sql:4: '-- kept: yes' is no header line"),
        (("-- key: id", "-- key: id\n-- servers: new"), r"par\.sql:5: servers must read like"),
    ],
)
def test_what_means_nothing_is_refused(change: tuple[str, str], message: str):
    """A key or a value that nobody knows is an error with its file and line, not a guess."""
    with pytest.raises(HeaderError, match=message):
        split_header(VIEW.replace(*change), WHERE, relation=True)


def test_a_view_without_columns_is_refused():
    """Every column's meaning is written down; a view that describes none has not begun."""
    text = "\n".join(line for line in VIEW.splitlines() if not line.startswith("-- column"))
    with pytest.raises(HeaderError, match="describes no column"):
        split_header(text, WHERE, relation=True)


def test_a_function_has_no_grain():
    """The short header knows the short keys only."""
    with pytest.raises(HeaderError, match=r"is no header line; known keys are description, generated, owner, servers$"):
        split_header(VIEW, WHERE)
