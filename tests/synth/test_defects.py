"""Every kind of defect that a real v0 database has is planted, listed, and really there."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from sqlalchemy import URL

from rently_db.migrate.repairs import REPAIRS
from rently_db.synth import PlantedDefect, SynthOptions, write_v0
from rently_db.synth.recipes import REPAIRED, STOPS, Change, Recipe
from tests.synth.conftest import Book, connect
from tests.synth.rules import broken_rules

NO_MAPPING = "(SELECT '' AS table_name, '' AS column_name, '' AS from_value, '' AS to_value WHERE false)"
# Several defects share the few rows of these tables, so that what breaks a rule can't be told.
SMALL = ("legal_entity", "product", "ledger_account")
# Defects that no rule of a single table notices: a missing choice, a name that says nothing, a code that nobody knows.
NOT_A_CONSTRAINT = {
    "currency is unknown",
    "default flag is NULL",
    "ledger entry without any evidence of its date",
    "name is blank",
}


def test_every_recipe_is_planted_once_a_thousand_loans(dirty_book: Book):
    """Two of a kind in 2,500 loans; one in tables that don't grow with the loans."""
    planted = Counter((d.table, d.column, d.defect) for d in dirty_book.report.planted)
    for recipe in REPAIRED + STOPS:
        expected = 1 if recipe.table in SMALL else 2
        assert planted.pop((recipe.table, recipe.column if isinstance(recipe, Change) else "*", recipe.defect)) == expected
    assert not planted


def test_every_defect_is_in_the_database_as_listed(dirty_book: Book):
    """The value that the list names is the value of the row."""
    for defect in dirty_book.report.planted:
        column = "NULL" if defect.column == "*" else defect.column
        assert dirty_book.rows(f"SELECT ({column})::text FROM {defect.table} WHERE id = '{defect.row_id}'") == [(defect.value,)], defect


def test_every_defect_breaks_a_rule_of_v1(dirty_book: Book):
    """A defect that no rule notices would be no defect."""
    broken = set().union(*broken_rules(dirty_book.connection).values())
    unnoticed = {d.defect for d in dirty_book.report.planted if d.row_id not in broken and d.table not in SMALL}
    assert unnoticed == NOT_A_CONSTRAINT


def test_a_status_is_taken_only_from_a_loans_sole_plan(dirty_book: Book):
    """Beside another plan a missing status would leave open which of the two is owed: nobody could say what the repair must give."""
    (where,) = {r.where for r in REPAIRED if isinstance(r, Change) and (r.table, r.defect) == ("amortisation_plan", "status is NULL")}
    chosen = dirty_book.rows(f"SELECT t.loan_id FROM amortisation_plan t WHERE {where}")
    plans = dict(dirty_book.rows("SELECT loan_id, count(*) FROM amortisation_plan GROUP BY loan_id"))
    assert chosen
    assert {plans[loan] for (loan,) in chosen} == {1}


@pytest.mark.parametrize("recipe", REPAIRED + STOPS, ids=lambda r: f"{r.table}: {r.defect}")
def test_rows_for_a_defect_are_not_looked_up_one_by_one(dirty_book: Book, recipe: Recipe):
    """v0 has no index but its keys: a look-up for each row reads a table for each row, and half a million loans are never written."""
    plan = "\n".join(line for (line,) in dirty_book.rows(f"EXPLAIN SELECT t.id FROM {recipe.table} t WHERE {recipe.where}"))
    assert not re.search(r"Filter:.*(?<!hashed )SubPlan", plan), plan


def test_every_declared_repair_has_a_defect_to_mend(dirty_book: Book):
    """Each repair's condition holds for a planted row, but those that need the operator's mapping, and each planted value has a repair."""
    planted: dict[tuple[str, str], list[PlantedDefect]] = {}
    for defect in dirty_book.report.planted:
        if defect.expected == "repaired" and defect.column != "*" and not defect.defect.startswith("second "):
            planted.setdefault((defect.table, defect.column), []).append(defect)
    mended: set[str] = set()
    for repair in REPAIRS:
        if repair.derived:
            continue
        condition = repair.condition(f"t.{repair.column}", "t", NO_MAPPING)
        ids = {d.row_id for d in planted[repair.table, repair.column]}
        found = {row for (row,) in dirty_book.rows(f"SELECT id::text FROM {repair.table} t WHERE {condition}")} & ids
        assert found or repair.name.endswith("_mapping"), repair.name
        mended |= found
    assert {d.row_id for defects in planted.values() for d in defects} == mended


def test_dirty_data_that_can_be_repaired_hold_nothing_that_stops(empty_database: URL):
    """`repairable` plants repairable defects only, in the smallest book that has a row for each."""
    connection = connect(empty_database)
    report = write_v0(connection, SynthOptions(50, dirty="repairable"))
    assert {d.expected for d in report.planted} == {"repaired"}
    assert len(report.planted) == len(REPAIRED)
    connection.close()


@pytest.mark.parametrize("seed", range(1, 6))
def test_the_smallest_dirty_book_works_with_any_seed(empty_database: URL, seed: int):
    """Fifty loans have a row for every defect, whatever the seed; equal options plant equal defects."""
    connection = connect(empty_database)
    report = write_v0(connection, SynthOptions(50, seed=seed, dirty="all"))
    assert len(report.planted) == len(REPAIRED) + len(STOPS)
    with connection, connection.cursor() as cursor:
        cursor.execute("DROP SCHEMA public CASCADE; CREATE SCHEMA public")
    assert write_v0(connection, SynthOptions(50, seed=seed, dirty="all")).planted == report.planted
    connection.close()
