"""Whatever happens to loans, in whatever order, the maintained state is what a computation from all rows gives."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import psycopg2
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from tests.analytics import live_book
from tests.analytics.live_book import Session

live_template, live_url, live = live_book.live_template, live_book.live_url, live_book.live

TODAY = date(2026, 6, 30)
LOANS = """
SELECT l.id::text FROM loan AS l JOIN amortisation_plan AS p ON p.loan_id = l.id AND p.status = 'active'
WHERE l.status = 'active' AND l.legal_entity_id = (SELECT legal_entity_id FROM loan GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)
    AND l.currency_code = (SELECT currency_code FROM loan WHERE status = 'active' GROUP BY 1 ORDER BY count(*) DESC LIMIT 1)
ORDER BY l.id LIMIT 4
"""
OPERATIONS = {
    "payment": """
WITH paid AS (
    INSERT INTO payment (legal_entity_id, currency_code, amount, direction, status, received_at)
    SELECT legal_entity_id, currency_code, %(amount)s + 10, 'inbound', 'completed', %(on)s::date + interval '17 hours'
    FROM loan WHERE id = %(loan)s RETURNING id
)
INSERT INTO payment_allocation (payment_id, loan_id, component, allocated_amount, line_id)
SELECT p.id, %(loan)s, c.component, %(amount)s / 2, CASE WHEN %(flip)s THEN (
    SELECT a.id FROM amortisation_line AS a JOIN amortisation_plan AS n ON n.id = a.plan_id
    WHERE n.loan_id = %(loan)s ORDER BY a.due_date DESC OFFSET %(days)s LIMIT 1
) END
FROM paid AS p CROSS JOIN (VALUES ('principal'), ('rc_fee')) AS c (component)
""",
    "share": """
INSERT INTO payment_allocation (payment_id, loan_id, component, allocated_amount)
SELECT p.id, %(loan)s, 'interest', 5 FROM payment AS p JOIN loan AS l ON l.id = %(loan)s AND l.currency_code = p.currency_code
WHERE p.status = 'completed' AND p.amount - 5 >= (
    SELECT coalesce(sum(a.allocated_amount), 0) FROM payment_allocation AS a WHERE a.payment_id = p.id AND a.reversed_at IS NULL
) ORDER BY p.id LIMIT 1
""",
    "reversal": """
UPDATE payment SET status = 'reversed', reversed_at = %(on)s WHERE id = (
    SELECT p.id FROM payment AS p JOIN payment_allocation AS a ON a.payment_id = p.id
    WHERE a.loan_id = %(loan)s AND p.status = 'completed' AND p.direction = 'inbound' ORDER BY p.id OFFSET %(days)s LIMIT 1
)
""",
    "allocation undone": """
UPDATE payment_allocation SET reversed_at = %(on)s WHERE id = (
    SELECT a.id FROM payment_allocation AS a WHERE a.loan_id = %(loan)s AND a.reversed_at IS NULL ORDER BY a.id OFFSET %(days)s LIMIT 1
)
""",
    "re-plan": """
WITH plan AS (
    INSERT INTO amortisation_plan (loan_id, version, status, effective_from)
    SELECT p.loan_id, max(p.version) + 1, 'active', greatest(max(p.effective_from) + 1, %(on)s)
    FROM amortisation_plan AS p WHERE p.loan_id = %(loan)s GROUP BY p.loan_id RETURNING id, loan_id, effective_from
)
INSERT INTO amortisation_line (plan_id, seq_no, due_date, currency_code, amount_principal, amount_interest, amount_rc_fee)
SELECT p.id, g, p.effective_from + g * 11 - 11, l.currency_code, %(amount)s, 3, 2
FROM plan AS p JOIN loan AS l ON l.id = p.loan_id CROSS JOIN generate_series(1, 5) AS g
""",
    "moved instalment": """
UPDATE amortisation_line SET due_date = due_date + %(days)s, amount_principal = amount_principal + 1 WHERE id = (
    SELECT a.id FROM amortisation_line AS a JOIN amortisation_plan AS n ON n.id = a.plan_id AND n.status = 'active'
    WHERE n.loan_id = %(loan)s ORDER BY a.due_date DESC OFFSET %(days)s LIMIT 1
)
""",
    "adjustment": """
INSERT INTO loan_adjustment (loan_id, component, kind, amount, effective_date, reason)
VALUES (%(loan)s, CASE WHEN %(flip)s THEN 'principal' ELSE 'rc_fee' END,
    (ARRAY['waiver', 'write_off', 'refund', 'transfer'])[1 + %(days)s %% 4], %(amount)s, %(on)s, 'test')
""",
    "transfer": """
INSERT INTO loan_transfers (source_loan_id, target_loan_id, transfer_type, transfer_amount, transfer_date, status)
VALUES (%(loan)s, %(other)s, 'refinance', %(amount)s, %(on)s, CASE WHEN %(flip)s THEN 'completed' ELSE 'approved' END)
""",
    "completed transfer": "UPDATE loan_transfers SET status = 'completed' WHERE source_loan_id = %(loan)s",
    "flag": """
INSERT INTO loan_flag (loan_id, flag, effective_from, effective_through)
VALUES (%(loan)s, (ARRAY['forborne', 'unlikely_to_pay', 'significant_increase', 'payment_pause'])[1 + %(days)s %% 4],
    %(on)s, CASE WHEN %(flip)s OR %(days)s %% 4 = 3 THEN %(on)s::date + %(days)s + 1 END)
""",
    "status": "UPDATE loan SET status = (ARRAY['closed', 'written_off', 'transferred', 'active'])[1 + %(days)s %% 4] WHERE id = %(loan)s",
    "disbursement": """
INSERT INTO disbursement (loan_id, legal_entity_id, instrument_id, currency_code, amount, disbursed_at, status)
SELECT d.loan_id, d.legal_entity_id, d.instrument_id, d.currency_code, %(amount)s, %(on)s, 'completed'
FROM disbursement AS d WHERE d.loan_id = %(loan)s LIMIT 1
""",
    "grace": "UPDATE product SET grace_days = %(days)s WHERE id = (SELECT product_id FROM loan WHERE id = %(loan)s)",
    "tolerance": "UPDATE product SET tolerance_amount = %(amount)s WHERE id = (SELECT product_id FROM loan WHERE id = %(loan)s)",
    "write-off event": "INSERT INTO collections_event (loan_id, event_type, event_at) VALUES (%(loan)s, 'write_off', %(on)s)",
}

steps = st.lists(
    st.tuples(
        st.sampled_from([*OPERATIONS, "payment", "payment", "reversal", "re-plan", "the day ends", "the worker works"]),
        st.integers(0, 3),
        st.integers(0, 7),
        st.integers(-120, 20),
        st.integers(1, 400),
        st.booleans(),
    ),
    min_size=8,
    max_size=25,
)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_maintained_is_recomputed(live: Session, history: list[tuple[str, int, int, int, int, bool]]) -> None:
    """Payments, reversals, re-plans, waivers, transfers, flags, days that pass: after them the kept rows are what a computation gives."""
    live.rows("SAVEPOINT history")
    try:
        loans = live.column(LOANS)
        today = TODAY
        for name, which, days, ago, amount, flip in history:
            if name == "the day ends":
                today += timedelta(days=days + 1)
                live.rows("SELECT set_config('rently.business_date', %s, true)", str(today))
            elif name == "the worker works":
                live.work_off()
            else:
                names = {"loan": loans[which], "other": loans[which - 1], "days": days, "amount": amount, "flip": flip}
                event(f"{name}: {'done' if done(live, OPERATIONS[name], {**names, 'on': today + timedelta(days=ago)}) else 'refused'}")
        live.work_off()
        assert live.rows("SELECT * FROM analytics.loan_state_differences(%s::uuid[])", loans) == []
        today += timedelta(days=40)
        live.rows("SELECT set_config('rently.business_date', %s, true)", str(today))
        live.work_off()
        assert live.rows("SELECT * FROM analytics.loan_state_differences(%s::uuid[])", loans) == []
    finally:
        live.rows("ROLLBACK TO SAVEPOINT history")
        live.rows("SELECT set_config('rently.business_date', %s, true)", str(TODAY))


def test_each_operation_is_one_that_the_database_takes(live: Session) -> None:
    """No operation of the histories is refused always: else they would show nothing about it."""
    loans = live.column(LOANS)
    names = {"loan": loans[1], "other": loans[0], "days": 0, "amount": 20, "flip": True, "on": TODAY - timedelta(days=20)}
    for name, statement in OPERATIONS.items():
        assert done(live, statement, names), name
    live.work_off()
    assert live.rows("SELECT * FROM analytics.loan_state_differences(%s::uuid[])", loans) == []


def done(live: Session, statement: str, names: dict[str, Any]) -> bool:
    """Whether the database took it: what its guards refuse has not happened."""
    live.rows("SAVEPOINT operation")
    try:
        live.run(statement, **names)
    except psycopg2.IntegrityError:
        live.rows("ROLLBACK TO SAVEPOINT operation")
        return False
    live.rows("RELEASE SAVEPOINT operation")
    return True
