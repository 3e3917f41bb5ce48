from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.synth.v0_workload import V0Application
from rently_db.testing.databases import Databases
from tests.support.content import Content, changes, content, digests
from tests.support.migrations import downgrade, plain, rows, run_sql, upgrade
from tests.support.v1_application import use_v1

BILLED = (
    "SELECT plan_id, sum(amount_principal + amount_rc_fee + amount_penalty + amount_other{interest}) FROM amortisation_line "
    "GROUP BY plan_id ORDER BY plan_id"
)


@dataclass(frozen=True)
class Trip:
    """A database that went from head to v0 and, if ``at_head``, back again; v0 may have worked in between."""

    url: URL
    ids: dict[str, UUID]
    """By role what the v1 application wrote before the trip, and what the test wrote."""
    before: Content

    def value(self, query: str, **names: str) -> Any:
        """The only row of a query; each name in it stands for the id of a role."""
        [row] = rows(self.url, query.format(**{name: f"'{self.ids[role]}'" for name, role in names.items()}))
        return row[0] if len(row) == 1 else row

    def journal(self, kind: str, role: str) -> list[tuple[str, str]]:
        """State and rule of what the journal says of a row."""
        return rows(self.url, f"SELECT state, rule FROM ops.row_journal WHERE kind = '{kind}' AND row_id = '{self.ids[role]}' ORDER BY id")


@pytest.fixture(scope="module")
def at_v0(databases: Databases, v1_book_template: str) -> Iterator[Trip]:
    """v1 was in use, then the schema was rolled back to v0."""
    with databases.database(template=v1_book_template) as url:
        ids = use_v1(url)
        before = content(url)
        downgrade(url)
        yield Trip(url, ids, before)


@pytest.mark.parametrize(
    ("query", "role", "seen"),
    [
        ("SELECT status FROM payment WHERE id = {x}", "reversed payment", "cancelled"),
        ("SELECT status FROM payment WHERE id = {x}", "payment", "completed"),
        ("SELECT component FROM payment_allocation WHERE id = {x}", "payment: interest", "other"),
        ("SELECT component FROM payment_allocation WHERE id = {x}", "payment: principal", "principal"),
        ("SELECT amount_other::text FROM amortisation_line WHERE id = {x}", "line 1", "11.24"),
    ],
)
def test_v0_meets_only_values_it_knows(at_v0: Trip, query: str, role: str, seen: str):
    """After a rollback a reversal is a cancellation, and interest is something else that is due or paid."""
    assert at_v0.value(query, x=role) == seen


def test_v0_bills_the_same_total(at_v0: Trip):
    """No borrower owes a cent more or less because the schema was rolled back."""
    lines = at_v0.before["amortisation_line"].values()
    billed: dict[str, Any] = {}
    for line in lines:
        amounts = sum(round(line[name] * 100) for name in line if name.startswith("amount_"))
        billed[line["plan_id"]] = billed.get(line["plan_id"], 0) + amounts
    assert {plan: int(total * 100) for plan, total in rows(at_v0.url, BILLED.format(interest=""))} == billed


def test_every_mapped_value_waits_in_the_journal(at_v0: Trip):
    """What v0 cannot see is noted with its original, open until the next upgrade."""
    assert rows(
        at_v0.url,
        "SELECT table_name, old_value ->> 'status', old_value ->> 'component', (old_value -> 'amount_interest')::text, count(*)::int "
        "FROM ops.row_journal WHERE kind = 'mapped' AND state = 'open' GROUP BY 1, 2, 3, 4 ORDER BY 1",
    ) == [
        ("amortisation_line", None, None, "8.99", 2),
        ("payment", "reversed", None, None, 1),
        ("payment_allocation", None, "interest", None, 2),
    ]


def _v0_at_work(url: URL, ids: dict[str, UUID]) -> V0Application:
    """What v0 applications, and a hand on the database, do while v0 runs alone."""
    run_sql(
        url,
        f"UPDATE payment SET status = 'failed' WHERE id = '{ids['reversed payment']}'",
        f"UPDATE payment SET provider = 'adyen' WHERE id = '{ids['other reversed payment']}'",
        f"UPDATE amortisation_line SET amount_other = amount_other + 5 WHERE id = '{ids['line 1']}'",
        f"UPDATE amortisation_line SET amount_penalty = 3 WHERE id = '{ids['line 2']}'",
        f"UPDATE loan SET status = 'written_off' WHERE id = '{ids['loan']}'",
        f"DELETE FROM loan WHERE id = '{ids['successor']}'",
        f"DELETE FROM security_interest WHERE id = '{ids['security']}'",
        f"DELETE FROM party WHERE id = '{ids['clerk']}'",
        f"DELETE FROM product WHERE id = '{ids['unsold product']}'",
        f"DELETE FROM amortisation_line WHERE id = '{ids['other line 2']}'",
        f"DELETE FROM party WHERE id = '{ids['other agent']}'",
        f"INSERT INTO party_role SELECT '{uuid4()}', party_id, loan_id, role FROM party_role WHERE id = '{ids['party_role']}'",
    )
    connection = psycopg2.connect(plain(url))
    application = V0Application(connection, seed=3)
    application.round()
    return application


@pytest.fixture(scope="module")
def v0_worked(databases: Databases, v1_book_template: str) -> Iterator[tuple[Trip, V0Application]]:
    """v1 was in use, the schema was rolled back, v0 worked alone, and the schema went to v1 again."""
    with databases.database(template=v1_book_template) as url:
        ids = use_v1(url)
        ids |= {f"other {role}": key for role, key in use_v1(url, 1).items()}
        ids |= {"unsold product": uuid4(), "limit of it": uuid4()}
        run_sql(
            url,
            f"INSERT INTO product (id, code, name) VALUES ('{ids['unsold product']}', 'B2B_SME_unsold', 'Unsold')",
            "INSERT INTO product_limit (id, product_id, country_code, valid_from, source) "
            f"VALUES ('{ids['limit of it']}', '{ids['unsold product']}', 'SG', '2025-01-01', 'policy')",
        )
        before = content(url)
        downgrade(url)
        application = _v0_at_work(url, ids)
        upgrade(url)
        yield Trip(url, ids, before), application
        application.connection.close()


Worked = tuple[Trip, V0Application]


@pytest.mark.parametrize(
    ("select", "role", "state", "values"),
    [
        ("status FROM payment", "reversed payment", "reported", "failed"),
        ("status FROM payment", "other reversed payment", "restored", "reversed"),
        ("amount_other::text, amount_interest::text FROM amortisation_line", "line 1", "reported", ("16.24", "0")),
        ("amount_other::text, amount_interest::text FROM amortisation_line", "line 2", "restored", ("2.25", "8.99")),
        ("component FROM payment_allocation", "payment: interest", "restored", "interest"),
        ("count(*) FROM amortisation_line", "other line 2", "reported", 0),
    ],
)
def test_a_mapped_value_returns_unless_v0_gave_a_newer_one(v0_worked: Worked, select: str, role: str, state: str, values: object):
    """v1's value comes back where v0 left its stand-in alone; where v0 wrote another, that is the newer truth, and the journal says so."""
    trip, _ = v0_worked
    assert trip.value(f"SELECT {select} WHERE id = {{x}}", x=role) == values
    assert trip.journal("mapped", role) == [(state, "unknown_to_v0")]


def test_the_moment_of_a_reversal_comes_back(v0_worked: Worked):
    """A reversal is a dated event: v1 figures before and after it are what they were."""
    trip, _ = v0_worked
    assert trip.value("SELECT reversed_at::text FROM payment WHERE id = {x}", x="other reversed payment") == "2025-06-04 09:30:00+00"


@pytest.mark.parametrize(
    ("role", "table", "column", "stays"),
    [
        ("transfer", "loan_transfers", "target_loan_id", True),
        ("transfer", "loan_transfers", "approved_by", True),
        ("dispute", "payment_disputes", "assigned_to", True),
        ("journal", "journal_entry", "created_by", True),
        ("adjustment", "loan_adjustment", "created_by", True),
        ("status risk", "loan_status_history", "created_by", True),
        ("other adjustment", "loan_adjustment", "line_id", True),
        ("limit of it", "product_limit", "product_id", False),
        ("other loan", "loan", "agent_party_id", True),
    ],
)
def test_v1_rows_whose_parent_v0_deleted_are_reported(v0_worked: Worked, role: str, table: str, column: str, stays: bool):
    """The upgrade goes on without a reference to what is gone, or without the row if it spoke of nothing else; the journal has it whole."""
    trip, _ = v0_worked
    assert (f"{trip.ids[role]}" in content(trip.url)[table]) == stays
    if stays:
        assert trip.value(f"SELECT {column} FROM {table} WHERE id = {{x}}", x=role) is None
    [(state, whole)] = rows(
        trip.url,
        "SELECT state, old_value FROM ops.row_journal WHERE rule = 'reference_gone' "
        f"AND row_id = '{trip.ids[role]}' AND column_name = '{column}'",
    )
    assert state == "reported"
    assert whole[column] == trip.before[table][str(trip.ids[role])][column]


def test_what_v1_knew_of_a_row_that_v0_deleted_is_reported(v0_worked: Worked):
    """Columns of v1 whose row is gone are not lost without a word."""
    trip, _ = v0_worked
    assert trip.journal("kept", "security") == [("reported", "v1_columns")]
    assert trip.journal("kept", "successor") == [("reported", "v1_columns")]
    assert rows(trip.url, f"SELECT FROM loan_status_history WHERE loan_id = '{trip.ids['successor']}'") == []
    gone = rows(
        trip.url,
        "SELECT old_value ->> 'status_value' FROM ops.row_journal WHERE rule = 'reference_gone' AND table_name = 'loan_status_history' "
        f"AND old_value ->> 'loan_id' = '{trip.ids['successor']}' ORDER BY 1",
    )
    assert gone == [("active",), ("transferred",)]


def test_a_status_that_v0_changed_alone_opens_a_period_with_a_reason(v0_worked: Worked):
    """v0 keeps no history: the change is dated now, and says that its moment is not known; the period before it ends there."""
    trip, _ = v0_worked
    first, last = rows(
        trip.url,
        "SELECT status_value, effective_through IS NULL, reason, effective_from::date = now()::date, lead(effective_from) OVER w = "
        f"effective_through FROM loan_status_history WHERE loan_id = '{trip.ids['loan']}' AND status_type = 'operational_status' "
        "WINDOW w AS (ORDER BY effective_from) ORDER BY effective_from",
    )
    assert first == ("active", False, None, True, True)
    assert last == ("written_off", True, "changed while v0 ran alone; the moment is not known", True, None)
    other = (
        f"SELECT status_value FROM loan_status_history WHERE loan_id = '{trip.ids['other loan']}' AND status_type = 'operational_status'"
    )
    assert rows(trip.url, other) == [("active",)]


def test_what_v0_wrote_alone_is_at_head(v0_worked: Worked):
    """Rows of the time between are there as v0 wrote them, with what v0's own rows prove of v1's columns."""
    trip, application = v0_worked
    assert application.differences() == []
    loans = ", ".join(f"'{key}'" for key in application.written["loan"])
    found = rows(trip.url, f"SELECT DISTINCT created_at::date::text < '2025-01-01', updated_at FROM loan WHERE id IN ({loans})")
    assert found == [(True, None)]
    history = rows(trip.url, f"SELECT count(*), count(DISTINCT loan_id) FROM loan_status_history WHERE loan_id IN ({loans})")
    assert history == [(len(application.written["loan"]),) * 2]


def test_a_role_that_v0_wrote_again_is_no_third_one(v0_worked: Worked):
    """Both roles of v1, ended and current, are back with their days; v0's repetition of the current one is taken out."""
    trip, _ = v0_worked
    found = rows(
        trip.url, f"SELECT id::text, effective_from::text FROM party_role WHERE loan_id = '{trip.ids['loan']}' ORDER BY effective_from"
    )
    assert found == [(str(trip.ids["party_role"]), "2025-03-04"), (str(trip.ids["party_role again"]), "2025-03-31")]
    removed = "SELECT count(*) FROM ops.row_journal WHERE kind = 'removed' AND state = 'open' AND old_value ->> 'loan_id' = {x}"
    assert trip.value(removed.replace("{x}", "{x}::text"), x="loan") == 1


def test_nothing_else_changed(v0_worked: Worked):
    """All that v0 left alone is at head what it was before the trip."""
    trip, application = v0_worked
    loans = ", ".join(f"'{key}'" for key in [trip.ids["loan"], *application.written["loan"]])
    expected = {str(key) for keys in application.written.values() for key in keys}
    expected |= {str(trip.ids[role]) for role in ("other reversed payment", "line 2", "loan", "clerk", "other agent", "unsold product")}
    for query in (
        "SELECT row_id::text FROM ops.row_journal WHERE state = 'reported'",
        f"SELECT id::text FROM loan_status_history WHERE status_type = 'operational_status' AND loan_id IN ({loans})",
    ):
        expected |= {key for (key,) in rows(trip.url, query)}
    found = changes(trip.before, content(trip.url), ignore=(("schema_version", "applied_at"),))
    assert [text for text in found if text.split()[1].removesuffix(":") not in expected] == []


def _dirt(url: URL) -> dict[str, UUID]:
    """Values that v1 repairs, in rows of the book and in new ones; gives their ids by role."""
    parties = [key for (key,) in rows(url, "SELECT id FROM party ORDER BY id LIMIT 3")]
    ids = dict(zip(("moved", "rewritten", "nameless"), map(UUID, parties), strict=True))
    roles = ("empty plan", "role", "role again", "rate", "rate again", "link again", "document", "link", "lost link")
    # High and ascending: of duplicates the lowest id stays.
    ids |= {role: UUID(f"ffffffff-0000-4000-8000-{number:012d}") for number, role in enumerate(roles)}
    [(loan, party)] = rows(url, "SELECT p.loan_id, l.borrower_party_id FROM amortisation_plan p JOIN loan l ON l.id = p.loan_id LIMIT 1")
    [(kept_document,)] = rows(url, "SELECT document_id FROM document_link ORDER BY id LIMIT 1")
    run_sql(
        url,
        f"UPDATE party SET email = 'not an address' WHERE id = '{ids['moved']}'",
        f"UPDATE party SET email = '  Mixed@Case.COM ' WHERE id = '{ids['rewritten']}'",
        f"UPDATE party SET display_name = NULL, email = 'X@Y.org' WHERE id = '{ids['nameless']}'",
        f"UPDATE amortisation_plan SET status = ' Active ' WHERE loan_id = '{loan}' AND status = 'active'",
        "INSERT INTO amortisation_plan (id, loan_id, version, status, effective_from) "
        f"VALUES ('{ids['empty plan']}', '{loan}', 99, ' Active ', '2030-01-01')",
        f"INSERT INTO party_role VALUES ('{ids['role']}', '{party}', '{loan}', 'agent')",
        f"INSERT INTO party_role VALUES ('{ids['role again']}', '{party}', '{loan}', ' Agent')",
        f"INSERT INTO fx_rate VALUES ('{ids['rate']}', '2020-01-01', 'SGD', 'AED', 2.7, NULL), "
        f"('{ids['rate again']}', '2020-01-01', 'sgd', 'AED', 2.70, 'manual')",
        f"INSERT INTO document_link SELECT '{ids['link again']}', document_id, entity_type, entity_id, role "
        f"FROM document_link WHERE document_id = '{kept_document}'",
        f"INSERT INTO document (id, title, kind, storage_url) VALUES ('{ids['document']}', 'A', 'other', 's3://a')",
        *(
            f"INSERT INTO document_link VALUES ('{ids[role]}', '{ids['document']}', 'loan', '{loan}', NULL)"
            for role in ("link", "lost link")
        ),
    )
    return ids


def test_repaired_values_and_removed_duplicates_go_back(book_database: URL):
    """Untouched repairs are undone to the letter, also one on top of another and one of a row that was then removed as a duplicate."""
    ids = _dirt(book_database)
    before = digests(book_database)
    upgrade(book_database)
    removed = rows(book_database, "SELECT row_id::text FROM ops.row_journal WHERE kind = 'removed' ORDER BY row_id")
    assert removed == [(str(ids[role]),) for role in ("role again", "rate again", "link again", "lost link")]
    assert rows(book_database, f"SELECT status FROM amortisation_plan WHERE id = '{ids['empty plan']}'") == [("superseded",)]
    downgrade(book_database)
    assert digests(book_database) == before
    assert rows(book_database, "SELECT DISTINCT state FROM ops.row_journal WHERE kind IN ('repair', 'removed')") == [("given_back",)]
    again = f"SELECT rule FROM ops.row_journal WHERE row_id = '{ids['empty plan']}' ORDER BY id"
    assert rows(book_database, again) == [("amortisation_plan_status_spelling",), ("amortisation_plan_one_active",)]


def test_a_role_that_ended_at_v1_keeps_its_duplicate_out(book_database: URL):
    """Of two equal roles of v0 one stays; ended at v1, it is still the one after a rollback, and no second role begins on its first day."""
    ids = _dirt(book_database)
    upgrade(book_database)
    run_sql(book_database, f"UPDATE party_role SET effective_through = '2099-01-01' WHERE id = '{ids['role']}'")
    before = content(book_database)
    downgrade(book_database)
    upgrade(book_database)
    found = changes({"party_role": before["party_role"]}, {"party_role": content(book_database)["party_role"]})
    assert found == []


@pytest.fixture(scope="module")
def overtaken(databases: Databases, book_template: str) -> Iterator[Trip]:
    """Repairs were made, at head applications wrote newer values, then the schema was rolled back."""
    with databases.database(template=book_template) as url:
        ids = _dirt(url)
        upgrade(url)
        run_sql(
            url,
            f"UPDATE party SET email = 'new@example.com' WHERE id = '{ids['moved']}'",
            f"UPDATE party SET email = 'none either' WHERE id = '{ids['rewritten']}'",
            f"UPDATE party SET phone = '1' WHERE id = '{ids['nameless']}'",
            f"DELETE FROM document WHERE id = '{ids['document']}'",
        )
        before = content(url)
        downgrade(url)
        yield Trip(url, ids, before)


@pytest.mark.parametrize(
    ("role", "columns", "values", "states"),
    [
        ("moved", "email", "new@example.com", ["reported"]),
        ("rewritten", "email", "none either", ["reported", "given_back"]),
        ("nameless", "display_name, email, phone", (None, "X@Y.org", "1"), ["given_back", "given_back"]),
    ],
)
def test_a_downgrade_overwrites_no_newer_value(overtaken: Trip, role: str, columns: str, values: object, states: list[str]):
    """A repair is undone where its value still stands; what an application wrote since stays, and v0's last word is v0's own spelling."""
    assert overtaken.value(f"SELECT {columns} FROM party WHERE id = {{x}}", x=role) == values
    assert [state for state, _ in overtaken.journal("repair", role)] == states


def test_a_duplicate_whose_document_is_gone_stays_out(overtaken: Trip):
    """A removed row can't come back to a parent that was deleted at v1: it is reported."""
    assert overtaken.journal("removed", "lost link") == [("reported", "document_link_duplicate")]
    assert overtaken.journal("removed", "link again") == [("given_back", "document_link_duplicate")]
    assert overtaken.value("SELECT count(*) FROM document_link WHERE id IN ({x}, {y})", x="lost link", y="link again") == 1


EXTENSIONS = "SELECT extname FROM pg_extension WHERE extname <> 'plpgsql' ORDER BY 1"


def test_extensions_leave_with_v1(empty_database: URL, server_version: int):
    """What v1 brought goes with it."""
    upgrade(empty_database)
    assert rows(empty_database, EXTENSIONS) == [("btree_gist",), *([("pgcrypto",)] if server_version < 130000 else [])]
    downgrade(empty_database)
    assert rows(empty_database, EXTENSIONS) == []


@pytest.mark.parametrize("schema", ["public", "tools"])
def test_an_extension_of_somebody_else_stays(empty_database: URL, schema: str):
    """An extension that was there before v1, wherever it is, survives both ways, also when an earlier trip brought its own."""
    upgrade(empty_database)
    downgrade(empty_database)
    run_sql(empty_database, f"CREATE SCHEMA IF NOT EXISTS {schema}", f"CREATE EXTENSION btree_gist SCHEMA {schema}")
    upgrade(empty_database)
    downgrade(empty_database)
    assert rows(empty_database, EXTENSIONS) == [("btree_gist",)]
