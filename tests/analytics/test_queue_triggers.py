"""Whatever a figure depends on notes the loans it touches when it is written, and nothing else does."""

from __future__ import annotations

import psycopg2
import pytest

from rently_db.sql.catalog import load_catalogue
from rently_db.sql.depends import Graph
from rently_db.sql.queue_triggers import WATCHED, Watched, queue_files
from tests.analytics import live_book
from tests.analytics.live_book import Session
from tests.analytics.queue_cases import CASES, FLAG, NAMES, Case

live_template, live_url, live = live_book.live_template, live_book.live_url, live_book.live


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.table}-{case.event}-{case.fact.replace(' ', '_')[:50]}")
def test_a_written_row_notes_its_loans(live: Session, case: Case) -> None:
    """Each case is a fact about which loans a written row concerns; see ``CASES``."""
    names = live.value(NAMES)
    if case.before:
        live.run(case.before, **names)
    live.run("DELETE FROM analytics.loan_state_queue")
    live.run(case.write, **names)
    expected = set()
    for loans in case.loans:
        expected |= {str(row[0]) for row in live.run(loans, **names)} if " " in loans else {names[loans]}
    noted = live.column("SELECT loan_id::text FROM analytics.loan_state_queue")
    assert set(noted) == expected
    # A loan's status is written into its history as well: that is a statement of its own.
    assert len(noted) == len(expected) or case.table == "loan", "a statement notes a loan once"


def test_every_trigger_has_its_fact() -> None:
    """No watched table and event is without a case that notes a loan."""
    events = {(w.table, event) for w in WATCHED for event in (*w.events, *(["TRUNCATE"] if w.truncated else []))}
    assert {(case.table, case.event) for case in CASES if case.loans} == events


@pytest.mark.parametrize("watched", WATCHED, ids=lambda watched: watched.table)
def test_no_table_is_emptied_behind_the_back_of_the_figures(live: Session, watched: Watched) -> None:
    """TRUNCATE of whatever a figure depends on is refused, by a rule or for what refers to it; or it notes every loan."""
    if watched.truncated:
        live.run(f"TRUNCATE public.{watched.table} CASCADE")
        noted = live.column("SELECT loan_id::text FROM analytics.loan_state_queue")
        assert set(noted) >= set(live.column("SELECT id::text FROM public.loan"))
        return
    with pytest.raises(psycopg2.errors.RestrictViolation, match="is never truncated"):
        live.run(f"TRUNCATE public.{watched.table} CASCADE")


def test_states_follow_a_table_that_was_emptied(live: Session) -> None:
    """After the flags were emptied the worker brings every state to what a computation gives: nobody is forborne any more."""
    live.run("INSERT INTO loan_flag (loan_id, flag, effective_from) SELECT id, 'forborne', '2026-01-01' FROM loan ORDER BY id LIMIT 3")
    live.work_off()
    assert live.value("SELECT count(*) FROM analytics.loan_state WHERE is_forborne") >= 3
    live.run("TRUNCATE loan_flag")
    live.work_off()
    assert live.value("SELECT count(*) FROM analytics.loan_state WHERE is_forborne") == 0
    assert live.differences() == []


def test_the_files_are_what_the_table_says() -> None:
    """The committed functions and triggers are the rendered ones."""
    for path, text in queue_files():
        assert path.read_text(encoding="utf-8") == text, f"run python -m rently_db.sql.queue_triggers: {path} is old"


def test_every_table_that_a_state_is_made_of_is_watched(live: Session) -> None:
    """What compute_loan_state reads is watched, so that nothing changes a state without a note."""
    graph = Graph.of(load_catalogue())
    seen, todo = set(), [entity for entity in graph.entities if entity.qualified == "analytics.compute_loan_state"]
    while todo:
        entity = todo.pop()
        seen.add(entity.file)
        todo += [below for below in graph.upstream(entity) if below.file not in seen]
    read = {name for entity in graph.entities if entity.file in seen for name in graph.outside(entity) if name.startswith("public.")}
    unchanged = {"public.dpd_bucket"}  # entity_day shows the buckets; no state has them
    assert read - unchanged == {f"public.{watched.table}" for watched in WATCHED}


def test_a_bulk_load_notes_each_loan_once(live: Session) -> None:
    """Ten thousand instalments written by one statement leave one note a loan."""
    live.run("DELETE FROM analytics.loan_state_queue")
    live.run(
        "INSERT INTO amortisation_line (plan_id, seq_no, due_date, currency_code, amount_principal) "
        "SELECT p.id, 1000 + g, '2027-01-01', l.currency_code, 1 FROM amortisation_plan AS p JOIN loan AS l ON l.id = p.loan_id "
        "CROSS JOIN generate_series(1, 200) AS g"
    )
    noted = live.column("SELECT loan_id FROM analytics.loan_state_queue")
    assert sorted(noted) == sorted(live.column("SELECT DISTINCT loan_id FROM amortisation_plan"))


def test_who_may_write_a_table_need_not_know_the_queue(live: Session) -> None:
    """An application's role writes as before: it has no right in schema analytics, and its loans are noted all the same."""
    names = live.value(NAMES)
    live.run("DELETE FROM analytics.loan_state_queue")
    live.run("CREATE ROLE rently_writer; GRANT USAGE ON SCHEMA public TO rently_writer; GRANT INSERT ON public.loan_flag TO rently_writer")
    live.run("SET LOCAL ROLE rently_writer")
    live.run(FLAG, **names)
    live.run("RESET ROLE")
    assert live.column("SELECT loan_id::text FROM analytics.loan_state_queue") == [names["x"]]
