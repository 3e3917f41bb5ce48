"""The state of every loan: computed by the database and by the oracle, from the same rows, must be the same."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from psycopg2.extensions import connection as PgConnection  # noqa: N812
from sqlalchemy import URL

from tests.oracle.book import Book, read
from tests.oracle.compare import assert_agree, differences, fetch, keyed
from tests.oracle.facts import BUSINESS_DATE, PAST_DAYS
from tests.oracle.histories import FIRST, History, histories, reopened
from tests.oracle.instalments import instalments_of
from tests.oracle.loan_state import loan_state
from tests.oracle.loans import days
from tests.oracle.plans import candidates, in_force
from tests.oracle.rules import beyond, rule_of
from tests.support.migrations import connect

COMPONENTS = ("principal", "interest", "rc_fee", "penalty", "other")


def with_days(book: Book, row: dict[str, Any], day: date) -> dict[str, Any]:
    """A row of the state with the days that are derived when it is read: max_dpd and npl_last_day."""
    since = row["overdue_since"]
    dpd = max((day - since).days - row["grace_days"] - row["paused_days"], 0) if since else 0
    rule = rule_of(book, book.entities[row["legal_entity_id"]].country_code, "substandard", day)
    is_beyond = rule is not None and since is not None and beyond(rule, dpd)
    return row | {"max_dpd": max(row["past_max_dpd"], dpd), "npl_last_day": day if is_beyond else row["past_npl_day"]}


def computed(connection: Any, book: Book, loans: list[str], day: date) -> list[dict[str, Any]]:
    """What the database computes for loans as of a day."""
    found = fetch(connection, "SELECT * FROM analytics.compute_loan_state(%s::uuid[], %s)", (loans, day))
    return [with_days(book, row, day) for row in found]


@pytest.mark.parametrize("day", [BUSINESS_DATE, *PAST_DAYS])
def test_the_state_of_a_whole_book_is_what_the_oracle_says(analytics_book: URL, book: Book, day: date) -> None:
    """Balances, arrears, status, punctuality and days past due of 300 loans agree today and on days of the past."""
    connection = connect(analytics_book)
    found = computed(connection, book, sorted(book.loans), day)
    connection.close()
    oracle = [loan_state(book, loan, day) for loan in book.loans]
    assert_agree("compute_loan_state", keyed(found, ["loan_id"]), keyed(oracle, ["loan_id"]))


def _instalments(book: Book, loan_id: str, day: date) -> list[dict[str, Any]]:
    """Every instalment of a loan by the oracle, as table instalment_state has it; ``quiet`` ones need not be in the table."""
    loan, found = book.loans[loan_id], []
    plans = candidates(book, loan)
    ruling = in_force(plans, day)
    for candidate in plans:
        has_ruled = any(in_force(plans, on) is candidate.plan for on in days(candidate.begin, day))
        for line in instalments_of(book, loan, candidate.plan.id, day):
            row = {
                "line_id": line.line.id,
                "loan_id": loan_id,
                "plan_id": candidate.plan.id,
                "in_force": ruling is not None and ruling.id == candidate.plan.id,
                "due": line.total_due,
                "unpaid": line.unpaid(),
                "is_settled": line.is_settled(),
                "settled_on": line.settled_on,
                "quiet": not has_ruled or (not line.parts and line.line.due_date > day),
            }
            for component in COMPONENTS:
                row[f"paid_{component}"] = line.paid(component)
                row[f"unpaid_{component}"] = line.unpaid_of(component)
            found.append(row)
    return found


def instalment_differences(connection: Any, book: Book, loans: list[str], day: date) -> list[str]:
    """Where database and oracle disagree about instalments."""
    rows = fetch(connection, "SELECT * FROM analytics.compute_instalments(%s::uuid[], %s)", (loans, day))
    database = keyed(rows, ["line_id"])
    oracle = keyed([row for loan in loans for row in _instalments(book, loan, day)], ["line_id"])
    needed = {key: row for key, row in oracle.items() if key in database or not row["quiet"]}
    return differences("compute_instalments", database, needed, skip={"quiet"})


@pytest.mark.parametrize("day", [BUSINESS_DATE, *PAST_DAYS])
def test_the_instalments_of_a_whole_book_are_what_the_oracle_says(analytics_book: URL, book: Book, day: date) -> None:
    """What is paid and unpaid of each component of each instalment, and since when it is settled, agrees."""
    connection = connect(analytics_book)
    found = instalment_differences(connection, book, sorted(book.loans), day)
    connection.close()
    assert not found, "\n".join(found[:12])


def _check(connection: Any, history: History) -> None:
    """Write a history, compare, and forget it."""
    try:
        with connection.cursor() as cursor:
            history.write(cursor)
        book = read(connection)
        found = keyed(computed(connection, book, history.loans, history.day), ["loan_id"])
        oracle = keyed([loan_state(book, loan, history.day) for loan in history.loans], ["loan_id"])
        assert_agree("compute_loan_state", found, oracle)
        lines = instalment_differences(connection, book, history.loans, history.day)
        assert not lines, "\n".join(lines[:12])
    finally:
        connection.rollback()


@settings(max_examples=300, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(history=histories())
def test_any_history_gives_the_state_the_oracle_says(history_world: PgConnection, history: History) -> None:
    """Payments partial, early, late, reversed, re-planned, waived, transferred or without a line leave the same state in both."""
    _check(history_world, history)


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(history=reopened())
def test_an_instalment_that_a_refund_opened_again_was_late_only_while_it_was_open(history_world: PgConnection, history: History) -> None:
    """Settled, opened, settled again, before and after its plan was replaced: only days on which it was owed make days past due."""
    _check(history_world, history)


def test_a_plan_replaced_on_its_first_day_settled_nothing(history_world: PgConnection) -> None:
    """A plan that ended on the day on which it began was never in force: a line of it that a waiver had settled is not punctual."""
    loan, day = "00000000-0000-4000-8000-00000000000a", date(2026, 3, 2)
    history = History(loans=[loan], day=day)
    history.add(
        "loan", id=loan, loan_number="L-1", product_id="00000000-0000-4000-8000-0000000000d1", currency_code="AED", interest_rate="0.05",
        legal_entity_id="00000000-0000-4000-8000-0000000000e2", borrower_party_id="00000000-0000-4000-8000-0000000000c1", status="active",
        principal_amount=600, start_date=FIRST, end_date=date(2027, 1, 31),
    )  # fmt: skip
    history.add(
        "loan_status_history", id=f"{loan[:-1]}1", loan_id=loan, status_type="operational_status", status_value="active",
        effective_from=datetime(2026, 1, 31, tzinfo=UTC), created_at=datetime(2026, 1, 31, tzinfo=UTC),
    )  # fmt: skip
    for version, status, begins, amount in ((1, "superseded", FIRST, 100), (2, "superseded", day, 0), (3, "active", day, 100)):
        plan = f"{loan[:-2]}{version}0"
        history.add("amortisation_plan", id=plan, loan_id=loan, version=version, status=status, effective_from=begins)
        history.add(
            "amortisation_line", id=f"{loan[:-2]}{version}1", plan_id=plan, seq_no=1, due_date=begins, currency_code="AED",
            amount_principal=amount, amount_interest=0, amount_rc_fee=0, amount_penalty=0, amount_other=0,
        )  # fmt: skip
    history.add(
        "loan_adjustment", id=f"{loan[:-1]}2", loan_id=loan, line_id=f"{loan[:-2]}21", component="principal", kind="waiver", amount="0.50",
        effective_date=FIRST, reason="by hand",
    )  # fmt: skip
    assert loan_state(_written(history_world, history), loan, day)["settled_lines"] == 0
    _check(history_world, history)


def _written(connection: Any, history: History) -> Book:
    """The book with a history, which is forgotten again."""
    try:
        with connection.cursor() as cursor:
            history.write(cursor)
        return read(connection)
    finally:
        connection.rollback()


@pytest.mark.parametrize(
    ("began_open", "until", "last"),
    [
        (True, date(2026, 2, 2), date(2026, 2, 2)),
        (True, date(2026, 2, 7), date(2026, 2, 2)),
        (True, date(2026, 2, 12), date(2026, 2, 12)),
        (True, date(2026, 2, 28), date(2026, 2, 19)),
        (False, date(2026, 2, 2), None),
        (False, date(2026, 2, 12), date(2026, 2, 9)),
        (False, date(2026, 2, 28), date(2026, 2, 28)),
    ],
)
def test_the_last_day_on_which_an_instalment_was_open(
    history_world: PgConnection, began_open: bool, until: date, last: date | None
) -> None:
    """Changes of 3, 10 and 20 February: an open instalment is settled, opened and settled; a settled one opened, settled and opened."""
    changes = [date(2026, 2, 3), date(2026, 2, 10), date(2026, 2, 20)]
    [row] = fetch(history_world, "SELECT analytics.last_unsettled_day(%s, %s, %s) AS last", (changes, began_open, until))
    assert row["last"] == last


@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck), database=None)
@given(history=histories())
def test_what_is_dated_after_a_day_does_not_change_it(history_world: PgConnection, history: History) -> None:
    """A figure as of a day is the same whether or not anything dated later is there."""
    assume(history.is_dated)
    connection = history_world
    try:
        with connection.cursor() as cursor:
            history.until_day().write(cursor)
            columns = "to_jsonb(s) - '{computed_at,next_change_on}'::text[] AS state"
            query = f"SELECT loan_id, {columns} FROM analytics.compute_loan_state(%s::uuid[], %s) AS s"
            before = fetch(connection, query, (history.loans, history.day))
            connection.rollback()
            history.write(cursor)
            after = fetch(connection, query, (history.loans, history.day))
        assert keyed(after, ["loan_id"]) == keyed(before, ["loan_id"])
    finally:
        connection.rollback()


def test_an_empty_list_of_loans_has_no_state(history_world: PgConnection) -> None:
    """Nothing asked, nothing computed."""
    assert fetch(history_world, "SELECT loan_id FROM analytics.compute_loan_state('{}'::uuid[], %s)", (BUSINESS_DATE,)) == []
