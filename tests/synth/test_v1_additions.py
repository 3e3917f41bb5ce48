"""The demonstration's database holds what v0 could not, as an application of v1 would have written it, and every figure is current."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import URL

from rently_db.dashboards.demo import demo_database
from rently_db.database import make_engine
from rently_db.models import metadata
from rently_db.synth import SynthError
from rently_db.synth.v1_additions import add_v1
from rently_db.testing.databases import Databases
from tests.analytics.live_book import Session, session, set_day
from tests.support.books import write_v0_book
from tests.support.migrations import upgrade

TODAY = date(2026, 6, 30)
LOANS = 150
_WRITTEN_BY_THE_DATABASE = {"loan_status_history": ("id",)}
_MOMENTS_OF_THE_RUN = {"updated_at"}


@pytest.fixture(scope="module")
def demo_url(databases: Databases) -> Iterator[URL]:
    """URL of the demonstration's database, a quarter of its size."""
    with databases.database() as url:
        demo_database(url, loans=LOANS)
        yield url


@pytest.fixture(scope="module")
def book(databases: Databases) -> Iterator[str]:
    """Name of a book of 60 loans at head, migrated on its business date, to copy from."""
    with databases.database() as url:
        write_v0_book(url, 60)
        set_day(url)
        upgrade(url, "head")
        yield str(url.database)


@pytest.fixture
def demo(demo_url: URL) -> Iterator[Session]:
    """A session on it that is rolled back."""
    with session(demo_url) as opened:
        yield opened


@pytest.mark.parametrize(
    "view",
    [
        "v_dispute_analysis",
        "v_lease_renewal_analysis",
        "v_fx_revaluation",
        "v_product_limit_breaches",
        "v_currency_risk_analysis",
        "v_consolidated_multi_currency_report",
        "v_loan_modification_analysis",
        "v_time_to_decision",
    ],
)
def test_views_of_what_v1_knows_have_rows(demo: Session, view: str):
    """None of them is empty."""
    assert demo.value(f"SELECT count(*) FROM analytics.{view}") > 0


def test_disputes_spread_over_the_year(demo: Session):
    """Several types and priorities; some are resolved and some are not."""
    [(disputes, types, priorities, months, still_open, resolved)] = demo.rows(
        "SELECT sum(disputes), count(DISTINCT dispute_type), count(DISTINCT priority), count(DISTINCT month), sum(open), sum(resolved)"
        " FROM analytics.v_dispute_analysis"
    )
    assert disputes == round(32 * LOANS / 600)
    assert min(types, priorities) >= 3
    assert months >= 6
    assert still_open > 0
    assert resolved > still_open


def test_tenancies_end_in_every_way(demo: Session):
    """Renewed, moved and lost ones, and those that are not decided yet."""
    query = "SELECT sum(renewed), sum(moved), sum(churned), sum(pending) FROM analytics.v_lease_renewal_analysis"
    [outcomes] = demo.rows(query)
    assert min(outcomes) > 0


def test_dollars_are_revalued_each_month(demo: Session):
    """Both companies hold them for more than a year; no rate is missing, and where the rate moves there is a gain or a loss."""
    found = demo.rows(
        "SELECT functional_ccy, count(*), min(balance_ccy), count(*) FILTER (WHERE gain_loss <> 0), bool_or(is_rate_missing)"
        " FROM analytics.v_fx_revaluation WHERE currency_code = 'USD' GROUP BY functional_ccy ORDER BY functional_ccy"
    )
    assert [row[0] for row in found] == ["AED", "SGD"]
    for ccy, months, least, moved, missing in found:
        assert months > 13
        assert least > 0
        assert not missing
        assert moved == months if ccy == "SGD" else moved == 0  # the dirham is pegged
    assert demo.value("SELECT count(*) FROM analytics.v_fx_rate_daily WHERE is_missing") == 0


def test_a_few_loans_break_a_limit(demo: Session):
    """A few, not most; all can be judged."""
    [(loans, unknown)] = demo.rows(
        "SELECT count(DISTINCT subject_id), bool_or(is_rate_missing) FROM analytics.v_product_limit_breaches WHERE subject_type = 'loan'"
    )
    assert 0 < loans < LOANS / 10
    assert not unknown


def test_two_thirds_are_homes(demo: Session):
    """The book of v0 lent three quarters to firms; here the residential share is that of the targets, give or take."""
    share = demo.value(
        "SELECT sum(m.outstanding * r.group_rate) FILTER (WHERE p.business_unit = 'residential') / sum(m.outstanding * r.group_rate)"
        " FROM analytics.mv_portfolio_total AS m INNER JOIN product AS p ON m.product_id = p.id INNER JOIN analytics.currency_rate AS r"
        " ON r.legal_entity_id = m.legal_entity_id AND r.currency_code = m.currency_code WHERE m.status = 'active'"
    )
    assert Decimal("0.6") < share < Decimal("0.85")


def test_the_ledger_reconciles(demo: Session):
    """Each company's receivables in each currency are what its loans owe, loan by loan."""
    found = demo.rows("SELECT currency_code, is_reconciled, gl > 0 FROM analytics.v_ledger_subledger_reconciliation ORDER BY 1")
    assert found == [("AED", True, True), ("SGD", True, True), ("USD", True, True), ("USD", True, True)]


def test_no_rule_is_broken(demo: Session):
    """Of all validations none fails, and none warns."""
    demo.rows("SELECT count(*) FROM ops.run_all_validations()")
    bad = "SELECT validation_name, validation_message FROM ops.data_validation_log WHERE validation_status IN ('FAIL', 'WARNING')"
    assert demo.rows(bad) == []


def test_figures_are_current(demo: Session):
    """No loan waits, what is kept is what a computation gives, and month-ends say what they were published with, the additions too."""
    assert demo.value("SELECT count(*) FROM analytics.loan_state_queue") == 0
    assert demo.differences() == []
    assert demo.value("SELECT count(*) FROM analytics.loan_snapshot_restatement") == 0
    assert demo.value("SELECT count(*) FROM analytics.mv_portfolio_month_end WHERE currency_code = 'USD'") > 13
    assert demo.value("SELECT count(*) FROM analytics.v_portfolio_rollforward WHERE residual <> 0") == 0
    late = "SELECT name FROM analytics.due_task WHERE last_ok IS NULL AND name ~ '^(publish|restate|refresh)'"
    assert demo.rows(late) == []


def test_nothing_is_dated_after_the_business_date(demo: Session):
    """What was lent, paid, disputed and recorded had happened by then."""
    for table, column in (
        ("loan", "start_date"),
        ("loan", "created_at"),
        ("payment", "received_at"),
        ("payment", "created_at"),
        ("disbursement", "disbursed_at"),
        ("ledger_entry", "entry_date"),
        ("journal_entry", "created_at"),
        ("payment_disputes", "created_at"),
        ("payment_disputes", "resolved_at"),
        ("application", "created_at"),
        ("decision", "decided_at"),
        ("collections_event", "event_at"),
        ("loan_flag", "effective_from"),
        ("loan_transfers", "transfer_date"),
        ("fx_rate", "as_of_date"),
    ):
        assert demo.value(f"SELECT max({column})::date FROM public.{table}") <= TODAY, f"{table}.{column}"
    history = "SELECT max(h.effective_from)::date FROM loan_status_history AS h INNER JOIN loan AS l ON h.loan_id = l.id WHERE {}"
    assert demo.value(history.format("l.loan_number ~ 'V'")) <= TODAY


@contextmanager
def _added(databases: Databases, template: str, seed: int) -> Iterator[URL]:
    with databases.database(template=template) as url:
        set_day(url)
        engine = make_engine(url)
        try:
            with engine.begin() as connection:
                add_v1(connection, seed=seed, business_date=TODAY)
        finally:
            engine.dispose()
        yield url


def _digest(databases: Databases, template: str, seed: int) -> dict[str, str]:
    """By table a digest of its rows, but for what the database makes up."""
    found = {}
    with _added(databases, template, seed) as url, session(url) as opened:
        for table in metadata.sorted_tables:
            left_out = {*_WRITTEN_BY_THE_DATABASE.get(table.name, ()), *_MOMENTS_OF_THE_RUN}
            names = ", ".join(f"t.{column.name}" for column in table.columns if column.name not in left_out)
            query = f"SELECT md5(coalesce(string_agg(r.line, '|' ORDER BY r.line), '')) FROM (SELECT ROW({names})::text AS line"
            where = " WHERE t.loan_id IN (SELECT id FROM loan WHERE loan_number ~ 'V')" if table.name == "loan_status_history" else ""
            found[table.name] = opened.value(f"{query} FROM public.{table.name} AS t{where}) AS r")
    return found


def test_the_same_seed_writes_the_same_rows(databases: Databases, book: str):
    """Twice the same on a book at head; another seed writes others."""
    first = _digest(databases, book, 1)
    assert _digest(databases, book, 1) == first
    other = _digest(databases, book, 2)
    for table in ("loan", "payment", "payment_disputes", "fx_rate", "loan_status_history"):
        assert other[table] != first[table], table


def test_a_book_at_head_is_worked_off(databases: Databases, book: str):
    """The triggers of the analytics note what is added: worked off, it is what a computation gives, and the ledger reconciles."""
    with _added(databases, book, 1) as url, session(url) as opened:
        assert opened.work_off(500) > 0
        assert opened.differences() == []
        opened.rows("REFRESH MATERIALIZED VIEW analytics.mv_ledger_subledger_reconciliation")
        assert opened.column("SELECT DISTINCT is_reconciled FROM analytics.v_ledger_subledger_reconciliation") == [True]


def test_not_twice_and_not_without_a_book(databases: Databases, book: str, head_database: URL):
    """Either is one sentence, and writes nothing."""
    engine = make_engine(head_database)
    with engine.begin() as connection, pytest.raises(SynthError, match="no synthetic book"):
        add_v1(connection, business_date=TODAY)
    engine.dispose()
    with _added(databases, book, 1) as url:
        engine = make_engine(url)
        with engine.begin() as connection, pytest.raises(SynthError, match="there already"):
            add_v1(connection, seed=2, business_date=TODAY)
        engine.dispose()
