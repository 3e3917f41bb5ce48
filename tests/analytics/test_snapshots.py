"""Published days stay as they were published; what is learnt later is told beside them."""

from __future__ import annotations

from datetime import date

import psycopg2
import pytest
from sqlalchemy import URL

from tests.analytics import live_book
from tests.analytics.live_book import Session, session
from tests.support.migrations import downgrade, upgrade

live_template, live_url, live, own_url = live_book.live_template, live_book.live_url, live_book.live, live_book.own_url

MONTH_END = "2026-05-31"
SNAPSHOT = "SELECT * FROM analytics.loan_daily_snapshot WHERE snapshot_date = %s ORDER BY loan_id"
OUTSTANDING = "SELECT outstanding_principal FROM analytics.loan_daily_snapshot WHERE snapshot_date = %s AND loan_id = %s"
STATE = "SELECT to_jsonb(s) - 'computed_at' FROM analytics.loan_state_as_of(%s) AS s ORDER BY loan_id"
OPEN_LOAN = """
SELECT s.loan_id FROM analytics.loan_daily_snapshot AS s JOIN analytics.loan_daily_snapshot AS b
ON b.loan_id = s.loan_id AND b.snapshot_date = '2026-04-30'
WHERE s.snapshot_date = '2026-05-31' AND s.outstanding_principal > 1000 AND s.status = 'active' ORDER BY 1 LIMIT 1
"""
PAY = """
WITH paid AS (
    INSERT INTO payment (legal_entity_id, currency_code, amount, direction, status, received_at)
    SELECT legal_entity_id, currency_code, 100, 'inbound', 'completed', %(on)s FROM loan WHERE id = %(loan)s RETURNING id
)
INSERT INTO payment_allocation (payment_id, loan_id, component, allocated_amount) SELECT id, %(loan)s, 'principal', 100 FROM paid
RETURNING payment_id
"""


REVERSE = """
UPDATE payment SET status = 'reversed', reversed_at = %(on)s
WHERE id = (SELECT p.id FROM payment AS p JOIN payment_allocation AS a ON a.payment_id = p.id AND p.status = 'completed'
            WHERE a.loan_id = %(loan)s ORDER BY 1 LIMIT 1)
"""
OF_A_DAY = """
SELECT loan_id, outstanding_principal FROM analytics.snapshots_of(ARRAY(SELECT id FROM loan), ARRAY[date '2026-06-29']) ORDER BY 1
"""


def restate(live: Session) -> None:
    """The worker, then the comparison of what it noted."""
    live.work_off()
    while live.value("SELECT analytics.restate_snapshots()"):
        pass


def test_the_migration_publishes_the_last_24_month_ends(live: Session) -> None:
    """Trends do not begin on the day of the migration: 24 month-ends before it are there, as of their days."""
    days = live.column("SELECT day FROM analytics.published_day ORDER BY day")
    first = live.value("SELECT min(first_disbursed_on) FROM analytics.loan_state")
    assert days[-1] == date(2026, 5, 31)
    assert len(days) == 24 or days[0] <= first.replace(day=28) or days[0] >= first
    assert set(live.rows("SELECT is_month_end, source FROM analytics.published_day")) == {(True, "as_of")}
    counted = live.rows("SELECT snapshot_date, count(*) FROM analytics.loan_daily_snapshot GROUP BY 1 ORDER BY 1")
    assert counted == live.rows("SELECT day, loans FROM analytics.published_day WHERE loans > 0 ORDER BY 1")


def test_a_month_end_holds_what_the_state_was(live: Session) -> None:
    """Each row of a published month-end is the state as of that day; loans lent later are not in it."""
    as_of = {row[0]: row[1:] for row in live.rows(
        "SELECT loan_id, outstanding_principal, arrears, overdue_since, status, disbursed_principal, past_max_dpd, settled_lines "
        "FROM analytics.loan_state_as_of(%s) WHERE first_disbursed_on IS NOT NULL OR transferred_in > 0", MONTH_END)}  # fmt: skip
    kept = live.rows(
        "SELECT loan_id, outstanding_principal, arrears, overdue_since, status, disbursed_principal, max_dpd, dpd, settled_lines, "
        "days_late FROM analytics.loan_daily_snapshot WHERE snapshot_date = %s", MONTH_END)  # fmt: skip
    assert {row[0] for row in kept} == set(as_of)
    assert len(as_of) < live.value("SELECT count(*) FROM loan")
    for loan, outstanding, arrears, since, status, disbursed, max_dpd, dpd, settled, late in kept:
        assert (outstanding, arrears, since, status, disbursed) == as_of[loan][:5]
        assert (max_dpd, settled) == (max(as_of[loan][5], dpd), as_of[loan][6])
        assert late == ((date(2026, 5, 31) - since).days if since else 0)


def test_a_published_day_is_never_rewritten(live: Session) -> None:
    """Publishing a day again gives nothing and changes nothing, whatever was written meanwhile."""
    before = live.rows(SNAPSHOT, MONTH_END)
    live.run(PAY, loan=live.value(OPEN_LOAN), on="2026-05-15")
    live.work_off()
    assert live.value("SELECT analytics.publish_snapshot(%s)", MONTH_END) == 0
    assert live.value("SELECT analytics.publish_snapshot_chunk(%s, NULL)", MONTH_END) is None
    assert live.rows(SNAPSHOT, MONTH_END) == before


def test_a_back_dated_payment_is_a_restatement(live: Session) -> None:
    """A payment entered in June and dated in May leaves the May figures, and is told as known since; undone, it is taken back."""
    loan = live.value(OPEN_LOAN)
    was = live.value(OUTSTANDING, MONTH_END, loan)
    [(payment,)] = live.run(PAY, loan=loan, on="2026-05-15")
    restate(live)
    told = (
        "SELECT snapshot_date::text, known_on::text, changes FROM analytics.loan_snapshot_restatement WHERE loan_id = %s ORDER BY known_at"
    )
    [(day, known_on, changes)] = live.rows(told, loan)
    assert (day, known_on) == (MONTH_END, live_book.DAY)
    assert changes["outstanding_principal"] == float(was - 100)
    assert live.value(OUTSTANDING, MONTH_END, loan) == was
    assert live.value("SELECT count(*) FROM analytics.loan_snapshot_restatement") == 1
    live.rows("INSERT INTO analytics.restatement_queue (loan_id) VALUES (%s)", loan)
    restate(live)
    assert len(live.rows(told, loan)) == 1, "what is known already is not told again"
    live.rows("UPDATE payment SET status = 'cancelled' WHERE id = %s", payment)
    restate(live)
    assert [row[2] for row in live.rows(told, loan)] == [changes, {}]


def test_a_payment_of_today_restates_nothing(live: Session) -> None:
    """What is dated after a month-end does not change it."""
    live.run(PAY, loan=live.value(OPEN_LOAN), on="2026-06-29")
    restate(live)
    assert live.value("SELECT count(*) FROM analytics.loan_snapshot_restatement") == 0
    assert live.value("SELECT count(*) FROM analytics.restatement_queue") == 0


def test_a_day_does_not_look_ahead(live: Session) -> None:
    """The state as of a day is the same after payments, waivers, flags, transfers and re-plans dated later are entered."""
    before = live.rows(STATE, MONTH_END)
    loans = live.column("SELECT l.id FROM loan AS l WHERE l.status = 'active' ORDER BY l.id LIMIT 10")
    for loan in loans:
        live.run(PAY, loan=loan, on="2026-06-02")
        live.run("INSERT INTO loan_flag (loan_id, flag, effective_from) VALUES (%(loan)s, 'forborne', '2026-06-01')", loan=loan)
        live.run(
            "INSERT INTO loan_adjustment (loan_id, component, kind, amount, effective_date, reason) "
            "VALUES (%(loan)s, 'principal', 'waiver', 9, '2026-06-01', 'later')",
            loan=loan,
        )
        live.run(
            "INSERT INTO amortisation_plan (loan_id, version, status, effective_from) "
            "SELECT loan_id, max(version) + 1, 'active', '2026-06-05' FROM amortisation_plan WHERE loan_id = %(loan)s GROUP BY 1",
            loan=loan,
        )
        live.run(REVERSE, loan=loan, on="2026-06-20")
    after = live.rows(STATE, MONTH_END)

    # The day of the next change is the one thing that says what comes.
    def without_outlook(rows: list[tuple[dict[str, object]]]) -> list[dict[str, object]]:
        return [{key: value for key, value in row.items() if key != "next_change_on"} for (row,) in rows]

    assert without_outlook(after) == without_outlook(before)


def test_a_day_that_has_ended_is_published_from_the_maintained_state(live: Session) -> None:
    """When a day has ended the maintained state is published for it, and is what a computation as of the day gives."""
    live.rows("SELECT set_config('rently.business_date', '2026-07-01', true)")
    live.work_off()
    while live.value("SELECT analytics.publish_due_snapshots()"):
        pass
    assert live.rows("SELECT day::text, is_month_end, source FROM analytics.published_day ORDER BY day DESC LIMIT 1") == [
        ("2026-06-30", True, "nightly")
    ]
    assert live.value("SELECT count(*) FROM analytics.loan_state WHERE as_of = '2026-06-30'") > 0, "some rows hold for both days"
    loans = "ARRAY(SELECT id FROM public.loan)"
    kept = live.rows(
        "SELECT to_jsonb(s) - 'published_at' FROM analytics.loan_daily_snapshot AS s WHERE snapshot_date = '2026-06-30' ORDER BY loan_id"
    )
    live.rows("DELETE FROM analytics.loan_state")  # so that everything is computed
    assert kept == live.rows(
        f"SELECT to_jsonb(s) - 'published_at' FROM analytics.snapshots_of({loans}, ARRAY[date '2026-06-30']) AS s ORDER BY loan_id"
    )


def test_a_day_that_has_not_ended_is_not_published(live: Session) -> None:
    """Today has no end-of-day figures, and neither has a day that has ended for one company only."""
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match="2026-06-30 has not ended for every legal entity"):
        live.value("SELECT analytics.publish_snapshot('2026-06-30')")


def test_a_half_published_day_goes_on_where_it_was(own_url: URL) -> None:
    """A publication that is stopped after a portion keeps it, shows no published day, and ends up as one that was not stopped."""
    with session(own_url, autocommit=True) as first:
        whole = first.rows(OF_A_DAY)
        last = first.value("SELECT analytics.publish_snapshot_chunk('2026-06-29', NULL, 10)")
    with session(own_url, autocommit=True) as second:
        stored = "SELECT loan_id, outstanding_principal FROM analytics.loan_daily_snapshot WHERE snapshot_date = '2026-06-29' ORDER BY 1"
        part = second.rows(stored)
        assert part == whole[: len(part)]
        assert part[-1][0] == last
        assert second.rows("SELECT 1 FROM analytics.published_day WHERE day = '2026-06-29'") == []
        assert second.value("SELECT analytics.publish_due_snapshots(20)") == 20, "the next portion, and no more"
        while second.value("SELECT analytics.publish_due_snapshots(20)"):
            pass
        assert second.rows(stored) == whole
        assert second.rows("SELECT loans FROM analytics.published_day WHERE day = '2026-06-29'") == [(len(whole),)]


def test_missed_days_are_published_later(live: Session) -> None:
    """Days on which nobody published since daily snapshots began are made up for; month-ends before are there already."""
    for day in ("2026-07-02", "2026-07-05"):
        live.rows("SELECT set_config('rently.business_date', %s, true)", day)
        live.work_off()
        while live.value("SELECT analytics.publish_due_snapshots()"):
            pass
    published = live.rows("SELECT day::text, source FROM analytics.published_day WHERE day > '2026-06-01' ORDER BY day")
    assert published == [
        ("2026-06-30", "as_of"), ("2026-07-01", "nightly"), ("2026-07-02", "as_of"), ("2026-07-03", "as_of"), ("2026-07-04", "nightly"),
    ]  # fmt: skip


def test_old_days_go_and_month_ends_stay(live: Session) -> None:
    """Daily rows older than 90 days are removed; month-ends never are; such a day can't be published again."""
    live.value("SELECT analytics.publish_snapshot('2026-06-29')")
    live.rows("SELECT set_config('rently.business_date', '2026-09-27', true)")
    assert live.value("SELECT analytics.prune_snapshots()") == 0, "90 days old, and not older"
    month_ends = live.value("SELECT count(*) FROM analytics.loan_daily_snapshot WHERE is_month_end")
    live.rows("SELECT set_config('rently.business_date', '2026-09-28', true)")
    assert live.value("SELECT analytics.prune_snapshots()") > 0
    assert live.value("SELECT count(*) FROM analytics.loan_daily_snapshot") == month_ends > 0
    assert live.rows("SELECT 1 FROM analytics.published_day WHERE NOT is_month_end") == []
    with pytest.raises(psycopg2.errors.InvalidParameterValue, match="is no month-end and too old to be kept"):
        live.value("SELECT analytics.publish_snapshot('2026-06-29')")


def test_the_check_finds_what_was_written_past_the_triggers(live: Session) -> None:
    """A state that somebody changed, or that misses a change, is found by the nightly check, written down, and computed anew."""
    assert live.value("SELECT analytics.check_loan_state()") == 0
    changed, gone = live.column("SELECT loan_id FROM analytics.instalment_state WHERE unpaid = 0 GROUP BY 1 ORDER BY 1 LIMIT 2")
    live.rows("UPDATE analytics.loan_state SET outstanding_principal = outstanding_principal + 1 WHERE loan_id = %s", changed)
    [(line,)] = live.rows("DELETE FROM analytics.instalment_state WHERE line_id = (SELECT line_id FROM analytics.instalment_state "
                          "WHERE loan_id = %s LIMIT 1) RETURNING line_id", gone)  # fmt: skip
    assert live.value("SELECT analytics.check_loan_state()") == 2
    found = live.rows("SELECT loan_id, line_id, problem, maintained IS NULL, jsonb_object_keys(computed) FROM analytics.loan_state_check")
    assert (changed, None, "different", False, "outstanding_principal") in found
    assert (gone, line, "missing", True, "due_date") in found
    live.work_off()
    assert live.differences() == []
    assert live.value("SELECT analytics.check_loan_state()") == 0


def test_the_check_finds_loans_without_a_state(live: Session) -> None:
    """A loan whose state is missing, and a state whose loan is, are noted and mended."""
    loan = live.value("SELECT min(loan_id::text) FROM analytics.loan_state")
    live.rows("UPDATE analytics.loan_state SET loan_id = '00000001-0000-4000-8000-000000000000' WHERE loan_id = %s", loan)
    assert live.value("SELECT analytics.queue_missing_loans()") == 2
    assert live.value("SELECT analytics.queue_missing_loans()") == 0, "they are noted already"
    live.work_off()
    assert live.differences() == []


def test_a_partition_is_made_once_and_readers_do_not_wait(own_url: URL) -> None:
    """The partition of a month is attached while somebody reads the snapshots."""
    with session(own_url) as reader, session(own_url) as maker:
        assert reader.value("SELECT count(*) FROM analytics.loan_daily_snapshot") > 0
        maker.rows("SET lock_timeout = '2s'")
        for _ in range(2):
            maker.rows("SELECT analytics.ensure_snapshot_partition('2031-02-15')")
        bounds = "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = 'analytics.loan_daily_snapshot_2031_02'::regclass"
        assert maker.value(bounds) == "FOR VALUES FROM ('2031-02-01') TO ('2031-03-01')"


def test_month_ends_outlive_a_rollback(own_url: URL) -> None:
    """What was published is set aside by a downgrade and is there again, unchanged, after the next upgrade."""
    with session(own_url, autocommit=True) as before:
        published = before.rows("SELECT * FROM analytics.loan_daily_snapshot ORDER BY 1, 2")
        before.run(PAY, loan=before.value(OPEN_LOAN), on="2026-05-15")
    downgrade(own_url, "v1")
    with session(own_url, autocommit=True) as between:
        assert between.value("SELECT to_regnamespace('analytics') IS NULL")
        assert between.rows("SELECT tgname FROM pg_trigger WHERE tgname LIKE 'queue%'") == []
    upgrade(own_url)
    with session(own_url, autocommit=True) as after:
        assert after.rows("SELECT * FROM analytics.loan_daily_snapshot ORDER BY 1, 2") == published
        restate(after)
        assert after.value("SELECT count(DISTINCT loan_id) FROM analytics.loan_snapshot_restatement") == 1, "found out on the way back"
        assert after.differences() == []
