"""A clean book looks like the business, adds up to the last hundredth, and breaks no rule of v1."""

from __future__ import annotations

from datetime import date

import pytest

from tests.synth.conftest import Book
from tests.synth.rules import broken_rules

TODAY = date(2026, 6, 30)
RECEIPTS = """
    SELECT p.id, a.loan_id, a.line_id, a.component, n.due_date,
           (p.received_at + make_interval(hours => CASE p.currency_code WHEN 'SGD' THEN 8 ELSE 4 END))::date AS value_date
    FROM payment p JOIN payment_allocation a ON a.payment_id = p.id LEFT JOIN amortisation_line n ON n.id = a.line_id
"""
UNPAID = """
    SELECT n.id, p.loan_id, n.due_date, p.status AS plan_status, n.amount_principal + n.amount_rc_fee + n.amount_penalty + n.amount_other
           - coalesce(a.paid, 0) AS unpaid
    FROM amortisation_line n JOIN amortisation_plan p ON p.id = n.plan_id
    LEFT JOIN (SELECT line_id, sum(allocated_amount) AS paid FROM payment_allocation GROUP BY line_id) a ON a.line_id = n.id
"""
SIGNED = "CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END"

PRESENT = {
    "closed, paid in full": "SELECT FROM loan WHERE status = 'closed'",
    "written off, as the collectors noted": """
        SELECT FROM loan l JOIN collections_event e ON e.loan_id = l.id WHERE l.status = 'written_off' AND e.event_type = 'write_off'""",
    "transferred twice": """
        SELECT FROM loan c JOIN loan b ON b.id = c.parent_loan_id JOIN loan a ON a.id = b.parent_loan_id
        WHERE a.status = 'transferred' AND b.status = 'transferred' AND c.status <> 'transferred'""",
    "paid on the due date or before": f"SELECT FROM ({RECEIPTS}) r WHERE value_date <= due_date",
    "paid a month late": f"SELECT FROM ({RECEIPTS}) r WHERE value_date > due_date + 30",
    "paid two months ahead": f"SELECT FROM ({RECEIPTS}) r WHERE value_date < due_date - 50",
    "a line paid in parts": f"SELECT FROM ({RECEIPTS}) r GROUP BY line_id, component HAVING count(*) > 1",
    "one payment for several lines": f"SELECT FROM ({RECEIPTS}) r GROUP BY id HAVING count(DISTINCT line_id) > 2",
    "allocated without a line": "SELECT FROM payment_allocation WHERE line_id IS NULL",
    "refunded": "SELECT FROM payment WHERE direction = 'outbound' AND status = 'completed'",
    "failed": "SELECT FROM payment WHERE status = 'failed'",
    "not yet paid out": "SELECT FROM disbursement WHERE status = 'pending'",
    "restructured": "SELECT FROM amortisation_plan WHERE status = 'active' AND version = 2 AND reason = 'restructured'",
    "offered, not accepted": "SELECT FROM amortisation_plan WHERE status = 'cancelled'",
    "borrower of several loans": """
        SELECT FROM loan WHERE parent_loan_id IS NULL GROUP BY borrower_party_id HAVING count(*) > 1""",
    "rejected": """
        SELECT FROM application a JOIN decision d ON d.application_id = a.id WHERE a.status = 'rejected' AND d.outcome = 'rejected'""",
    "withdrawn": "SELECT FROM application WHERE status = 'withdrawn'",
    "guaranteed": "SELECT FROM party_role WHERE role = 'guarantor'",
    "brought by an agent": "SELECT FROM party_role WHERE role = 'agent'",
    "court papers filed": "SELECT FROM document d JOIN document_link k ON k.document_id = d.id WHERE d.kind = 'court_document'",
}

NEVER = {
    "more allocated than was paid": """
        SELECT p.id FROM payment p JOIN payment_allocation a ON a.payment_id = p.id
        GROUP BY p.id HAVING sum(a.allocated_amount) > p.amount""",
    "a line paid beyond what is due": f"SELECT id FROM ({UNPAID}) u WHERE unpaid < 0",
    "a first plan that repays another principal": """
        SELECT l.id FROM loan l JOIN amortisation_plan p ON p.loan_id = l.id JOIN amortisation_line n ON n.plan_id = p.id
        WHERE p.version = 1 GROUP BY l.id HAVING sum(n.amount_principal) <> l.principal_amount""",
    "a later plan that repays anything but what was outstanding": """
        SELECT p.id FROM amortisation_plan p JOIN loan l ON l.id = p.loan_id JOIN amortisation_line n ON n.plan_id = p.id
        WHERE p.version = 2 GROUP BY p.id, l.id HAVING sum(n.amount_principal) <> l.principal_amount - (
            SELECT coalesce(sum(a.allocated_amount), 0) FROM payment_allocation a
            WHERE a.loan_id = l.id AND a.component = 'principal' AND a.plan_id <> p.id)""",
    "a loan without lines in an active plan": """
        SELECT id FROM loan EXCEPT
        SELECT p.loan_id FROM amortisation_plan p JOIN amortisation_line n ON n.plan_id = p.id WHERE p.status = 'active'""",
    "a closed or transferred loan that owes something": """
        SELECT l.id FROM loan l
        JOIN (SELECT p.loan_id, sum(amount_principal + amount_rc_fee + amount_penalty + amount_other) AS due
              FROM amortisation_line n JOIN amortisation_plan p ON p.id = n.plan_id
              WHERE p.status = 'active' GROUP BY 1) d ON d.loan_id = l.id
        LEFT JOIN (SELECT a.loan_id, sum(allocated_amount) AS paid
                   FROM payment_allocation a LEFT JOIN amortisation_plan p ON p.id = a.plan_id
                   WHERE coalesce(p.status, 'active') = 'active' GROUP BY 1) a ON a.loan_id = l.id
        WHERE l.status IN ('closed', 'transferred') AND d.due IS DISTINCT FROM a.paid""",
    "a loan that takes over another amount, day or borrower": """
        SELECT c.id FROM loan c JOIN loan l ON l.id = c.parent_loan_id
        JOIN amortisation_plan p ON p.loan_id = l.id AND p.version = 2 JOIN amortisation_line n ON n.plan_id = p.id
        WHERE c.principal_amount <> n.amount_principal OR c.start_date <> p.effective_from OR c.borrower_party_id <> l.borrower_party_id""",
    "another amount disbursed than lent": """
        SELECT l.id FROM loan l LEFT JOIN disbursement d ON d.loan_id = l.id
        GROUP BY l.id HAVING sum(d.amount) IS DISTINCT FROM l.principal_amount""",
    "another amount approved than lent": """
        SELECT l.id FROM loan l JOIN decision d ON d.application_id = l.application_id WHERE d.approved_amount <> l.principal_amount""",
    "an allocation of cash that never came in": """
        SELECT a.id FROM payment_allocation a JOIN payment p ON p.id = a.payment_id
        WHERE p.status <> 'completed' OR p.direction <> 'inbound'""",
    "an allocation whose line, plan and loan don't belong together": """
        SELECT a.id FROM payment_allocation a
        LEFT JOIN amortisation_line n ON n.id = a.line_id LEFT JOIN amortisation_plan p ON p.id = a.plan_id
        WHERE n.plan_id <> a.plan_id OR p.loan_id <> a.loan_id""",
    "a payment in another currency than its loan": """
        SELECT p.id FROM loan l JOIN payment_allocation a ON a.loan_id = l.id JOIN payment p ON p.id = a.payment_id
        WHERE p.currency_code <> l.currency_code OR p.legal_entity_id <> l.legal_entity_id""",
    "a line in another currency than its loan": """
        SELECT n.id FROM loan l JOIN amortisation_plan p ON p.loan_id = l.id JOIN amortisation_line n ON n.plan_id = p.id
        WHERE n.currency_code <> l.currency_code""",
    "a booking whose debits aren't its credits": f"""
        SELECT coalesce(payment_id, disbursement_id, loan_id) FROM ledger_entry e GROUP BY 1 HAVING sum({SIGNED}) <> 0""",
    "a receivable that isn't what the borrower owes in principal": f"""
        WITH booked AS (SELECT e.loan_id, sum({SIGNED}) AS receivable FROM ledger_entry e
                        JOIN ledger_account c ON c.id = e.account_id WHERE c.code = '1100' GROUP BY 1),
             lent AS (SELECT loan_id, sum(amount) AS amount FROM disbursement WHERE status = 'completed' GROUP BY 1),
             paid AS (SELECT loan_id, sum(allocated_amount) AS amount FROM payment_allocation WHERE component = 'principal' GROUP BY 1)
        SELECT l.id FROM loan l LEFT JOIN booked ON booked.loan_id = l.id LEFT JOIN lent ON lent.loan_id = l.id
        LEFT JOIN paid ON paid.loan_id = l.id
        WHERE coalesce(booked.receivable, 0)
           <> CASE l.status WHEN 'written_off' THEN 0 ELSE coalesce(lent.amount, 0) - coalesce(paid.amount, 0) END""",
    "a transfer that stays in the clearing account": f"""
        SELECT c.id FROM ledger_entry e JOIN ledger_account c ON c.id = e.account_id WHERE c.code = '1190'
        GROUP BY c.id HAVING sum({SIGNED}) <> 0""",
    "a link to a loan that doesn't exist": """
        SELECT entity_id FROM document_link WHERE entity_type = 'loan' EXCEPT SELECT id FROM loan""",
    "a collectors' note of days past due that no line has": f"""
        SELECT e.id FROM collections_event e LEFT JOIN ({UNPAID}) u
          ON u.loan_id = e.loan_id AND u.due_date = e.event_at::date - e.dpd_snapshot
        WHERE u.id IS NULL""",
}


def test_no_rule_of_v1_is_broken(clean_book: Book):
    """Every CHECK, NOT NULL and unique rule of the models holds on the v0 rows."""
    assert broken_rules(clean_book.connection) == {}


@pytest.mark.parametrize(
    ("table", "a_loan"),
    [("amortisation_line", 30), ("payment", 10), ("payment_allocation", 16), ("collections_event", 2), ("ledger_entry", 27)],
)
def test_there_is_as_much_as_in_production(clean_book: Book, table: str, a_loan: int):
    """Rows a loan come within a quarter of what production has (1,500,000 lines to 50,000 loans, and so on)."""
    assert clean_book.report.rows[table] / clean_book.report.rows["loan"] == pytest.approx(a_loan, rel=0.25)


def test_seven_loans_in_ten_are_residential(clean_book: Book):
    """The mix of products, and the currency of each entity."""
    found = dict(clean_book.rows("SELECT p.code, count(*) / 1000.0 FROM loan l JOIN product p ON p.id = l.product_id GROUP BY 1"))
    assert set(found) == {"RC_D2C_001", "RC_COLLAB_001", "B2B_SME_001", "RNPL_UAE_001"}
    assert 0.65 < 1 - float(found["B2B_SME_001"]) < 0.8
    query = "SELECT DISTINCT e.country_code, e.functional_ccy, l.currency_code FROM loan l JOIN legal_entity e ON e.id = l.legal_entity_id"
    assert sorted(clean_book.rows(query)) == [("AE", "AED", "AED"), ("SG", "SGD", "SGD")]


@pytest.mark.parametrize("behaviour", PRESENT)
def test_every_behaviour_is_there(clean_book: Book, behaviour: str):
    """Whatever a figure has to cope with happens in a thousand loans."""
    assert clean_book.value(f"SELECT count(*) FROM ({PRESENT[behaviour]}) x") > 0


@pytest.mark.parametrize("nonsense", NEVER)
def test_nothing_contradicts_itself(clean_book: Book, nonsense: str):
    """Sums are exact, and what belongs together agrees."""
    assert clean_book.rows(NEVER[nonsense]) == []


def test_some_loans_are_in_default_and_some_have_cured(clean_book: Book):
    """There are loans 90 days late today, and loans that were 60 days late and owe nothing that is due."""
    late = f"SELECT loan_id FROM ({UNPAID}) u WHERE plan_status = 'active' AND unpaid > 0 AND due_date < date '{TODAY}'"
    assert clean_book.value(f"SELECT count(DISTINCT loan_id) FROM ({late} - 90) x") > 20
    cured = f"SELECT loan_id FROM ({RECEIPTS}) r WHERE value_date > due_date + 60 EXCEPT ({late})"
    assert clean_book.value(f"SELECT count(*) FROM ({cured}) x") > 10


def test_nothing_happens_after_the_business_date(clean_book: Book):
    """Payments, disbursements, events and documents are of the business date or before; loans started within four years and a bit."""
    assert clean_book.value(f"SELECT max(value_date) FROM ({RECEIPTS}) r") <= TODAY
    for table, column in (("disbursement", "disbursed_at"), ("collections_event", "event_at"), ("document", "uploaded_at")):
        assert clean_book.value(f"SELECT max({column})::date FROM {table}") <= TODAY
    first, last = clean_book.rows("SELECT min(start_date), max(start_date) FROM loan")[0]
    assert date(2021, 12, 31) < first < date(2023, 1, 1)
    assert date(2026, 6, 25) < last <= TODAY


def test_rates_cover_four_hundred_days(clean_book: Book):
    """Three pairs, one source each; central banks are closed at weekends."""
    found = {
        row[0]: row[1:] for row in clean_book.rows("SELECT source, count(*), max(as_of_date) - min(as_of_date) FROM fx_rate GROUP BY 1")
    }
    assert found == {"OpenExchange": (400, 399), "CBUAE": (286, 399), "MAS": (286, 399)}
