"""The measures of a table's content: they see every change, and nothing but changes."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import pytest
from sqlalchemy import URL, Connection, NullPool, text

from rently_db.database import make_engine
from rently_db.migrate.content import TABLES, Content, Table, all_tables, compare, measure, money_columns, row_digest_sql
from rently_db.models import metadata
from tests.support.migrations import rows, run_sql


@pytest.fixture
def session(book_database: URL) -> Iterator[Connection]:
    """A session of the library in the v0 book of 60 loans."""
    engine = make_engine(book_database, poolclass=NullPool)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def test_money_and_its_currencies_are_those_of_the_contract():
    """Every amount of v0 is summed, by the currency that belongs to it; a rate is no amount."""
    assert {name: money_columns(name) for name in TABLES if money_columns(name)} == {
        "application": (("requested_amount", "requested_currency"),),
        "decision": (("approved_amount", "approved_currency"),),
        "loan": (("principal_amount", "currency_code"),),
        "amortisation_line": tuple((f"amount_{part}", "currency_code") for part in ("principal", "rc_fee", "penalty", "other")),
        "payment": (("amount", "currency_code"),),
        "disbursement": (("amount", "currency_code"),),
        "payment_allocation": (("allocated_amount", None),),
        "collections_event": (("amount_involved", "currency_code"),),
        "ledger_entry": (("amount", "currency_code"),),
        "security_interest": (("value_amount", "value_ccy"),),
    }


def test_counts_and_sums_are_those_of_the_rows(book_database: URL, session: Connection):
    """Rows and money agree with an addition of every row outside the database, spellings of currencies kept apart."""
    run_sql(
        book_database,
        "UPDATE public.payment SET currency_code = lower(currency_code) WHERE id = (SELECT min(id::text)::uuid FROM public.payment)",
        "UPDATE public.payment SET currency_code = NULL WHERE id = (SELECT max(id::text)::uuid FROM public.payment)",
    )
    found = measure(session)
    for name, content in found.items():
        expected: dict[tuple[str, str | None], Decimal] = {}
        for column, currency in money_columns(name):
            for amount, code in rows(book_database, f"SELECT {column}, {currency or 'NULL::text'} FROM public.{name}"):
                if amount is not None:
                    expected[column, code] = expected.get((column, code), Decimal(0)) + amount
        assert content.money == expected, name
        assert content.rows == rows(book_database, f"SELECT count(*) FROM public.{name}")[0][0]
    assert found.keys() == TABLES.keys()
    assert None in {code for _, code in found["payment"].money}
    assert any(str(code).islower() for _, code in found["payment"].money)


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE public.loan SET interest_rate = interest_rate * 1.0 WHERE {one}",  # the same number, written otherwise
        "UPDATE public.loan SET property_contract_id = '' WHERE {one}",
        "UPDATE public.loan SET status = property_contract_id, property_contract_id = status WHERE {one}",
        "UPDATE public.loan SET end_date = 'infinity' WHERE {one}",
        "UPDATE public.loan SET end_date = end_date + 1 WHERE {one}",
        "UPDATE public.loan SET rc_fee_rate = 'NaN' WHERE {one}",
        "UPDATE public.loan SET status = status || ' ' WHERE {one}",
        "UPDATE public.loan AS a SET start_date = b.end_date, end_date = b.start_date FROM public.loan AS b WHERE a.id = b.id AND a.{one}",
    ],
)
def test_every_change_of_a_row_is_seen_though_sums_stay(book_database: URL, session: Connection, change: str):
    """A change that no count and no sum shows changes the digest, of that table alone, and taking it back gives it back."""
    run_sql(book_database, "UPDATE public.loan SET property_contract_id = NULL WHERE id = (SELECT id FROM public.loan ORDER BY id LIMIT 1)")
    ((loan,),) = rows(book_database, "SELECT id FROM public.loan ORDER BY id LIMIT 1")
    before = measure(session)
    run_sql(book_database, "CREATE TABLE aside AS SELECT * FROM public.loan", change.format(one=f"id = '{loan}'"))
    after = measure(session)
    assert [(difference.table, difference.measure) for difference in compare(before, after)] == [("loan", "digest")]
    columns = ", ".join(column.name for column in TABLES["loan"].columns[1:])
    run_sql(
        book_database,
        f"UPDATE public.loan SET ({columns}) = (SELECT {columns} FROM aside WHERE aside.id = loan.id) WHERE id = '{loan}'",
    )
    assert compare(before, measure(session)) == []


def test_a_swap_between_rows_is_seen(book_database: URL, session: Connection):
    """Two borrowers' names exchanged leave every column's values the same; the digest is of rows, not of columns."""
    before = measure(session, [TABLES["party"]])
    run_sql(
        book_database,
        """WITH two AS (SELECT id, display_name, row_number() OVER (ORDER BY id) AS n FROM public.party ORDER BY id LIMIT 2)
        UPDATE public.party SET display_name = other.display_name FROM two AS one, two AS other
        WHERE party.id = one.id AND other.n = 3 - one.n AND one.display_name <> other.display_name""",
    )
    assert [str(found) for found in compare(before, measure(session, [TABLES["party"]]))] == ["party: the content of its rows differs"]


@pytest.mark.parametrize(
    "setting",
    ["DateStyle = 'German'", "TimeZone = 'Asia/Singapore'", "extra_float_digits = -5", "bytea_output = 'escape'", "lc_monetary = 'C'"],
)
def test_a_digest_does_not_depend_on_the_session(book_database: URL, setting: str):
    """Applications set what they like; a trigger that runs in their sessions computes the same digests."""
    query = " UNION ALL ".join(f"SELECT '{name}', sum({row_digest_sql(name, 't')}) FROM public.{name} AS t" for name in TABLES)
    expected = dict(rows(book_database, query))
    # In the session itself: psycopg2 begins each one with DateStyle ISO.
    assert dict(rows(book_database, f"SET {setting}; {query}")) == expected


def test_a_digest_does_not_depend_on_the_order_of_rows_or_columns(book_database: URL, session: Connection):
    """A table that was written anew, columns and rows in another order, holds the same."""
    before = measure(session)
    backwards = ", ".join(column.name for column in reversed(TABLES["payment_allocation"].columns))
    run_sql(
        book_database,
        f"CREATE TABLE other AS SELECT {backwards} FROM public.payment_allocation ORDER BY id DESC",
        "DROP TABLE public.payment_allocation",
        "ALTER TABLE other RENAME TO payment_allocation",
    )
    assert compare(before, measure(session)) == []


def test_a_trigger_can_keep_the_digest_of_a_table(book_database: URL, session: Connection):
    """Digests of rows add up: what triggers over transition tables keep is what a scan finds, whatever the sessions' settings are."""
    come, gone = (f"coalesce((SELECT sum({row_digest_sql('payment', alias)}) FROM {alias}), 0)" for alias in ("come", "gone"))
    events = {
        "INSERT": ("NEW TABLE AS come", come),
        "DELETE": ("OLD TABLE AS gone", f"- {gone}"),
        "UPDATE": ("OLD TABLE AS gone NEW TABLE AS come", f"{come} - {gone}"),
    }
    run_sql(book_database, f"CREATE TABLE kept AS SELECT sum({row_digest_sql('payment', 't')}) AS digest FROM public.payment AS t")
    for event, (tables, change) in events.items():
        run_sql(
            book_database,
            f"""CREATE FUNCTION keep_{event}() RETURNS trigger LANGUAGE plpgsql AS
            $$BEGIN UPDATE kept SET digest = digest + {change}; RETURN NULL; END$$""",
            f"""CREATE TRIGGER keep_{event} AFTER {event} ON public.payment REFERENCING {tables}
            FOR EACH STATEMENT EXECUTE FUNCTION keep_{event}()""",
        )
    run_sql(
        book_database,
        "SET DateStyle = 'SQL, DMY'",
        "INSERT INTO public.payment (id, amount, received_at) SELECT md5(n::text)::uuid, n, now() FROM generate_series(1, 5) AS n",
        "UPDATE public.payment SET status = 'failed', received_at = received_at + interval '1 s' WHERE amount < 4",
        "DELETE FROM public.payment WHERE id = md5('2')::uuid",
    )
    assert rows(book_database, "SELECT digest FROM kept") == [(measure(session, [TABLES["payment"]])["payment"].digest,)]


def test_all_tables_are_measured_at_one_moment(book_database: URL, session: Connection):
    """What others commit while we measure is in no table's figures, not even in those that are measured later."""
    before = measure(session)

    def writing() -> Iterator[Table]:
        for number, table in enumerate(TABLES.values()):
            if number == 1:
                run_sql(book_database, "INSERT INTO public.fx_rate (id) VALUES (md5('late')::uuid)")
            yield table

    assert compare(before, measure(session, writing())) == []
    assert measure(session)["fx_rate"].rows == before["fx_rate"].rows + 1


def test_measuring_leaves_the_session_as_it_was(session: Connection):
    """Neither settings nor a read-only mode stay behind; inside a transaction of the caller's the same holds."""
    shown = text("SELECT current_setting('search_path'), current_setting('extra_float_digits'), current_setting('transaction_read_only')")
    before = session.execute(shown).one()
    measure(session, [TABLES["product"]])  # in the transaction that the line above has begun
    assert session.execute(shown).one() == before
    session.rollback()
    measure(session, [TABLES["product"]])
    assert not session.in_transaction()
    assert session.execute(shown).one() == before


def test_sums_are_exact_beyond_what_python_would_round(empty_database: URL):
    """A sum of fifty digits is kept to the last one; NaN and infinity, which v0 allows, are said."""
    run_sql(
        empty_database,
        "CREATE TABLE public.payment_allocation (id uuid, payment_id uuid, loan_id uuid, plan_id uuid, line_id uuid, component text,"
        " allocated_amount numeric)",
        "INSERT INTO public.payment_allocation (allocated_amount) VALUES (1e40), (0.0000000001)",
    )
    engine = make_engine(empty_database, poolclass=NullPool)
    with engine.connect() as connection:
        table = TABLES["payment_allocation"]
        exact = measure(connection, [table])["payment_allocation"]
        run_sql(empty_database, "INSERT INTO public.payment_allocation (allocated_amount) VALUES ('NaN')")
        spoilt = measure(connection, [table])["payment_allocation"]
    assert f"{exact.money['allocated_amount', None]:f}" == f"1{'0' * 40}.0000000001"
    assert [str(found) for found in compare({"a": exact}, {"a": spoilt})][1] == (
        f"a: the sum of allocated_amount was 1{'0' * 40}.0000000001, is NaN"
    )
    assert compare({"a": spoilt}, {"a": spoilt}) == []


def test_everything_in_the_database_is_measured(v1_book: URL):
    """At head: every table of the models, the migration's records, and whatever else the company keeps there, but no view."""
    run_sql(
        v1_book,
        'CREATE SCHEMA "Reports"',
        'CREATE TABLE "Reports"."group" ("order" integer, ranges tstzrange, share float8)',
        """INSERT INTO "Reports"."group" VALUES (1, '[2026-01-01,2026-01-02)', 0.1), (2, NULL, 'NaN')""",
        "CREATE VIEW public.some_view AS SELECT 1 AS one",
        "CREATE EXTENSION citext",
    )
    engine = make_engine(v1_book, poolclass=NullPool)
    with engine.connect() as connection:
        found = measure(connection, all_tables(connection))
    assert found.keys() >= set(metadata.tables) | {"ops.row_journal", "ops.alembic_version", "Reports.group"}
    assert "some_view" not in found
    assert found["Reports.group"].rows == 2
    for name, content in found.items():
        schema, _, table = name.rpartition(".")
        assert [(content.rows,)] == rows(v1_book, f'SELECT count(*) FROM "{schema or "public"}"."{table}"')


def test_differences_are_sentences():
    """A count, a sum, a table: each is said with what it was and what it is."""
    before = {"loan": Content(2, 5, {("principal_amount", "AED"): Decimal("10.50")}), "party": Content(1, 1)}
    after = {"loan": Content(1000, 6, {("principal_amount", "SGD"): Decimal(7)}), "other": Content(0, 0)}
    assert [str(found) for found in compare(before, after)] == [
        "loan: the number of rows was 2, is 1,000",
        "loan: the sum of principal_amount in AED was 10.50, is nothing",
        "loan: the sum of principal_amount in SGD was nothing, is 7",
        "other: the table with 0 rows is new",
        "party: the table with 1 rows is missing",
    ]
