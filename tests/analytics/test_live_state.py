"""The maintained state equals a computation, whatever is written, by however many workers, however they end."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import psycopg2
import pytest
from sqlalchemy import URL

from tests.analytics import live_book
from tests.analytics.live_book import WAITING, Session, session
from tests.support.migrations import ROOT, plain

live_template, live_url, live, own_url = live_book.live_template, live_book.live_url, live_book.live, live_book.own_url

NOTES = "SELECT id, loan_id::text FROM analytics.loan_state_queue ORDER BY id"
NOTE = "INSERT INTO analytics.loan_state_queue (loan_id) SELECT id FROM public.loan"
PAY = """
WITH paid AS (
    INSERT INTO payment (legal_entity_id, currency_code, amount, direction, status, received_at)
    SELECT legal_entity_id, currency_code, 100, 'inbound', 'completed', %(on)s FROM loan WHERE id = %(loan)s RETURNING id
)
INSERT INTO payment_allocation (payment_id, loan_id, component, allocated_amount) SELECT id, %(loan)s, 'principal', %(amount)s FROM paid
"""
REVERSE = """
UPDATE payment SET status = 'reversed', reversed_at = '2026-06-29'
WHERE id = (SELECT p.id FROM payment AS p JOIN payment_allocation AS a ON a.payment_id = p.id
            WHERE a.loan_id = %(loan)s AND p.status = 'completed' ORDER BY p.received_at DESC, p.id LIMIT 1)
"""
FLAG = "INSERT INTO loan_flag (loan_id, flag, effective_from) VALUES (%(loan)s, 'forborne', %(on)s)"


def test_the_migration_leaves_a_state_that_a_computation_confirms(live: Session) -> None:
    """After the upgrade every loan has a state, nothing waits, and a computation gives the same rows."""
    assert live.column(WAITING) == []
    assert live.value("SELECT count(*) FROM analytics.loan_state") == live.value("SELECT count(*) FROM public.loan") > 0
    assert live.differences() == []


def test_several_notes_of_a_loan_are_one_computation(live: Session) -> None:
    """A loan that changed three times is computed once, and a second call finds nothing."""
    loan = live.value("SELECT id FROM public.loan ORDER BY id LIMIT 1")
    live.rows("INSERT INTO analytics.loan_state_queue (loan_id) SELECT %s FROM generate_series(1, 3)", loan)
    assert live.value("SELECT analytics.process_loan_queue()") == 1
    assert live.rows(NOTES) == []
    assert live.value("SELECT analytics.process_loan_queue()") == 0


def test_what_is_as_it_was_is_not_written(live: Session) -> None:
    """A loan that was noted and did not change keeps its rows untouched."""
    versions = "SELECT loan_id, xmin::text FROM analytics.loan_state UNION ALL SELECT line_id, xmin::text FROM analytics.instalment_state"
    before = sorted(live.rows(versions))
    live.rows(NOTE)
    assert live.work_off() == len(live.rows("SELECT id FROM public.loan"))
    assert sorted(live.rows(versions)) == before


def test_a_deleted_loan_leaves_no_trace(live: Session) -> None:
    """A loan that is deleted has neither a state nor instalments after the next round."""
    loan = new_loan(live, live.value("SELECT min(id::text) FROM legal_entity"), date(2026, 6, 1))
    states = "SELECT arrears FROM analytics.loan_state WHERE loan_id = %s"
    lines = "SELECT unpaid FROM analytics.instalment_state WHERE loan_id = %s"
    live.work_off()
    assert live.rows(states, loan) == live.rows(lines, loan) == [(10,)]
    live.rows("DELETE FROM public.amortisation_line WHERE plan_id IN (SELECT id FROM amortisation_plan WHERE loan_id = %s)", loan)
    live.rows("DELETE FROM public.amortisation_plan WHERE loan_id = %s", loan)
    live.rows("DELETE FROM public.loan WHERE id = %s", loan)
    live.work_off()
    assert live.rows(states, loan) == live.rows(lines, loan) == []


def test_a_worker_does_not_touch_a_loan_that_another_computes(own_url: URL) -> None:
    """While one worker computes a loan, a new note of it waits for the next round: an older result never follows a newer one."""
    with session(own_url) as first, session(own_url, autocommit=True) as second:
        loan = second.value("SELECT id FROM public.loan ORDER BY id LIMIT 1")
        second.run(FLAG, loan=loan, on="2026-06-01")
        assert first.value("SELECT analytics.process_loan_queue()") == 1  # and does not commit
        second.run("UPDATE loan_flag SET effective_through = '2026-06-15' WHERE loan_id = %(loan)s", loan=loan)
        assert second.value("SELECT analytics.process_loan_queue()") == 0
        assert len(second.rows(NOTES)) == 2, "the note that is being answered, and the new one"
        first.commit()
        assert [row[1] for row in second.rows(NOTES)] == [loan]
        assert second.value("SELECT analytics.process_loan_queue()") == 1
        assert second.value("SELECT is_forborne FROM analytics.loan_state WHERE loan_id = %s", loan) is False
        assert second.differences() == []


def test_two_workers_share_what_waits(own_url: URL) -> None:
    """Two workers at work at once take different loans, by notes and by date alike."""
    with session(own_url) as first, session(own_url) as second:
        second.rows(NOTE)
        second.commit()
        assert first.value("SELECT analytics.process_loan_queue(20)") == 20
        assert second.value("SELECT analytics.process_loan_queue(20)") == 20
        first.connection.rollback()
        second.connection.rollback()
        second.rows("DELETE FROM analytics.loan_state_queue")
        second.rows("UPDATE analytics.loan_state SET next_change_on = as_of")
        second.commit()
        assert first.value("SELECT analytics.process_loan_queue(20)") == 20
        assert second.value("SELECT analytics.process_loan_queue(20)") == 20
        first.commit()
        second.commit()
        assert second.value("SELECT count(*) FROM analytics.loan_waiting") == 20


def test_workers_and_writers_race(own_url: URL) -> None:
    """Hundreds of changes by three writers under two workers: in the end every state is right, and no note led to two computations."""
    computed: list[int] = []
    writing = threading.Event()
    writing.set()
    with session(own_url, autocommit=True) as observer:
        loans = observer.column("SELECT id FROM public.loan ORDER BY id")
        before = observer.value("SELECT coalesce(max(id), 0) FROM analytics.loan_state_queue")

    def write(seed: int) -> int:
        chance = random.Random(seed)
        with session(own_url, autocommit=True) as writer:
            for _ in range(120):
                loan, day = chance.choice(loans), f"2026-06-{chance.randint(1, 28):02}"
                statement = chance.choice([PAY, PAY, REVERSE, FLAG])
                writer.run(statement, loan=loan, on=day, amount=chance.randint(1, 100))
        return seed

    def work() -> None:
        with session(own_url, autocommit=True) as worker:
            while writing.is_set() or worker.rows("SELECT 1 FROM analytics.loan_state_queue LIMIT 1"):
                computed.append(worker.value("SELECT analytics.process_loan_queue(7)"))

    with ThreadPoolExecutor(5) as pool:
        workers = [pool.submit(work) for _ in range(2)]
        try:
            assert [done.result() for done in [pool.submit(write, seed) for seed in (1, 2, 3)]] == [1, 2, 3]
        finally:
            writing.clear()
        for done in workers:
            done.result()
    with session(own_url, autocommit=True) as observer:
        notes = observer.value("SELECT nextval(pg_get_serial_sequence('analytics.loan_state_queue', 'id'))") - 1 - before
        assert observer.column(WAITING) == []
        assert observer.differences() == []
    assert notes >= 300
    assert 0 < sum(computed) <= notes


def test_a_terminated_worker_leaves_the_queue_as_it_was(own_url: URL) -> None:
    """A worker whose server process is ended has done nothing, and another one finds every note."""
    with session(own_url) as worker, session(own_url, autocommit=True) as observer:
        observer.rows(NOTE)
        notes = observer.rows(NOTES)
        states = observer.rows("SELECT loan_id, xmin::text FROM analytics.loan_state ORDER BY 1")
        observer.rows("UPDATE loan SET principal_amount = principal_amount + 1")
        notes = observer.rows(NOTES)
        assert worker.value("SELECT analytics.process_loan_queue(30)") > 0
        observer.rows("SELECT pg_terminate_backend(%s)", worker.connection.get_backend_pid())
        with pytest.raises(psycopg2.Error):
            worker.commit()
        wait_until(lambda: observer.value("SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"))
        assert observer.rows(NOTES) == notes
        assert observer.rows("SELECT loan_id, xmin::text FROM analytics.loan_state ORDER BY 1") == states
        observer.work_off()
        assert observer.rows(NOTES) == []
        assert observer.differences() == []


def test_a_killed_client_leaves_the_queue_as_it_was(own_url: URL) -> None:
    """SIGKILL of the worker's process in the midst of its transaction loses nothing."""
    program = (
        "import sys, time, psycopg2\n"
        f"c = psycopg2.connect({plain(own_url)!r})\n"
        "k = c.cursor(); k.execute('SELECT analytics.process_loan_queue(30)')\n"
        "print('busy', flush=True); time.sleep(600)\n"
    )
    with session(own_url, autocommit=True) as observer:
        observer.rows(NOTE)
        notes = observer.rows(NOTES)
        with subprocess.Popen([sys.executable, "-c", program], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "busy\n"
            process.send_signal(signal.SIGKILL)
        wait_until(lambda: observer.value("SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()"))
        assert observer.rows(NOTES) == notes
        assert observer.work_off() == len(notes)


def test_a_snapshot_transaction_is_refused(own_url: URL) -> None:
    """A worker that would compute from an old snapshot is told to use READ COMMITTED."""
    with session(own_url) as worker:
        worker.connection.set_session(isolation_level="REPEATABLE READ")
        with pytest.raises(psycopg2.errors.FeatureNotSupported, match="to compute loans in a REPEATABLE READ transaction is refused"):
            worker.value("SELECT analytics.process_loan_queue()")


def test_loans_change_by_themselves_when_their_day_comes(live: Session) -> None:
    """Day by day through a month without any writing, the maintained state is what a computation gives on each day."""
    computed = 0
    for day in range(1, 32):
        live.rows("SELECT set_config('rently.business_date', %s, true)", f"2026-07-{day:02}")
        computed += live.work_off()
        assert live.differences() == [], f"on 2026-07-{day:02}"
    assert computed > 0


def test_rules_change_states_when_their_day_comes(live: Session) -> None:
    """A stricter class that begins on a later day is counted from that day on, without anybody writing on it."""
    live.rows(
        "INSERT INTO classification_rule "
        "(country_code, class, threshold_days, operator, probation_days, valid_from, valid_through, source) "
        "SELECT DISTINCT country_code, 'mine', 1, 'more_than', 0, date '2026-07-05', date '2026-07-09', 'test' FROM legal_entity"
    )
    live.rows("UPDATE analytics_setting SET valid_through = '2026-07-03' WHERE key = 'non_performing_classes'")
    live.rows(
        "INSERT INTO analytics_setting (key, value, valid_from, source) "
        "SELECT key, value || '[\"mine\"]', '2026-07-03', 'test' FROM analytics_setting WHERE key = 'non_performing_classes' LIMIT 1"
    )
    live.work_off()
    for day in range(1, 12):
        live.rows("SELECT set_config('rently.business_date', %s, true)", f"2026-07-{day:02}")
        live.work_off()
        assert live.differences() == [], f"on 2026-07-{day:02}"


def test_each_company_has_its_own_day(live: Session) -> None:
    """An instalment due on a day that has come on Kiritimati and not on Baker Island wakes the loan of the one company only."""
    zones = ("Pacific/Kiritimati", "Etc/GMT+12")
    due = live.value("SELECT (now() AT TIME ZONE 'Pacific/Kiritimati')::date")
    assert live.value("SELECT (now() AT TIME ZONE 'Etc/GMT+12')::date") < due
    entities = live.column("SELECT id FROM legal_entity ORDER BY id LIMIT 2")
    east, west = (new_loan(live, entity, due) for entity in entities)
    for entity, zone in zip(entities, zones, strict=True):
        live.rows("UPDATE legal_entity SET time_zone = %s WHERE id = %s", zone, entity)
    live.rows("SELECT set_config('rently.business_date', %s, true)", str(due - timedelta(days=10)))
    live.work_off()
    states = "SELECT as_of, next_change_on FROM analytics.loan_state WHERE loan_id = %s"
    assert live.rows(states, east) == live.rows(states, west) == [(due - timedelta(days=10), due)]
    live.rows("SELECT set_config('rently.business_date', '', true)")
    waiting = live.column(WAITING)
    assert (east in waiting, west in waiting) == (True, False)
    live.work_off()
    assert live.rows(states, east)[0][0] == due
    assert live.rows(states, west)[0][0] == due - timedelta(days=10)
    assert live.differences() == []


def new_loan(live: Session, entity: str, due: date) -> str:
    """A loan with one instalment, active since 2020."""
    loan = live.value(
        "INSERT INTO loan (loan_number, product_id, legal_entity_id, borrower_party_id, currency_code, principal_amount, interest_rate, "
        "start_date, end_date) SELECT 'NEW ' || %s, product_id, legal_entity_id, borrower_party_id, currency_code, 10, 0, '2020-01-01', "
        "'2030-01-01' FROM loan WHERE legal_entity_id = %s LIMIT 1 RETURNING id::text",
        entity,
        entity,
    )
    live.rows("UPDATE loan_status_history SET effective_from = '2020-01-01Z' WHERE loan_id = %s", loan)
    live.rows(
        "WITH p AS (INSERT INTO amortisation_plan (loan_id, version, status, effective_from) "
        "VALUES (%s, 1, 'active', '2020-01-01') RETURNING *) "
        "INSERT INTO amortisation_line (plan_id, seq_no, due_date, currency_code, amount_principal) "
        "SELECT p.id, 1, %s, l.currency_code, 10 FROM p JOIN loan AS l ON l.id = p.loan_id",
        loan,
        due,
    )
    return str(loan)


def wait_until(condition: Callable[[], bool], seconds: float = 30) -> None:
    """Look again until it is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen"
        time.sleep(0.02)
