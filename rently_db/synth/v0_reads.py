"""The questions that v0 applications ask beyond reading a row by its id."""

from __future__ import annotations

READS: tuple[tuple[str, str, str, str], ...] = (
    ("product_by_code", "product", "the catalogue", "SELECT id, code, name, description FROM product WHERE code = %(code)s"),
    (
        "default_instrument",
        "payment_instrument",
        "where a party pays from",
        """SELECT id, instrument_type, bank_name, account_name, account_number, provider_ref FROM payment_instrument
           WHERE party_id = %(party_id)s AND currency_code = %(currency_code)s AND is_default""",
    ),
    (
        "application_by_number",
        "application",
        "the application with what it is for and who asks",
        """SELECT a.*, p.code, p.name AS product_name, e.name AS entity_name, x.display_name, x.email FROM application a
           JOIN product p ON p.id = a.product_id JOIN legal_entity e ON e.id = a.legal_entity_id JOIN party x ON x.id = a.applicant_party_id
           WHERE a.application_number = %(application_number)s""",
    ),
    (
        "decisions_of_application",
        "decision",
        "what was decided",
        "SELECT id, outcome, approved_amount, approved_currency, decided_by FROM decision WHERE application_id = %(application_id)s",
    ),
    ("loan_by_number", "loan", "the loan a customer names", "SELECT * FROM loan WHERE loan_number = %(loan_number)s"),
    (
        "loan_overview",
        "loan",
        "the head of a loan's page",
        """SELECT l.id, l.loan_number, l.status, l.currency_code, l.principal_amount, l.rc_fee_rate, l.interest_rate,
           l.start_date, l.end_date, l.property_contract_id, b.display_name AS borrower, b.email, p.code AS product, e.name AS entity,
           a.application_number FROM loan l
           JOIN party b ON b.id = l.borrower_party_id JOIN product p ON p.id = l.product_id JOIN legal_entity e ON e.id = l.legal_entity_id
           LEFT JOIN application a ON a.id = l.application_id WHERE l.id = %(id)s""",
    ),
    ("lock_loan", "loan", "before a loan is changed", "SELECT id, status FROM loan WHERE id = %(id)s FOR UPDATE"),
    (
        "parties_of_loan",
        "party_role",
        "who takes part",
        "SELECT r.role, x.* FROM party_role r JOIN party x ON x.id = r.party_id WHERE r.loan_id = %(loan_id)s ORDER BY r.role",
    ),
    (
        "active_plan",
        "amortisation_plan",
        "the plan in force",
        """SELECT id, version, effective_from, effective_through FROM amortisation_plan WHERE loan_id = %(loan_id)s AND status = 'active'
           ORDER BY version DESC LIMIT 1""",
    ),
    (
        "schedule_of_plan",
        "amortisation_line",
        "what is due when, and how much of it is paid",
        """SELECT n.id, n.seq_no, n.due_date, n.currency_code,
           n.amount_principal + n.amount_rc_fee + n.amount_penalty + n.amount_other AS due,
           coalesce(sum(a.allocated_amount), 0) AS paid FROM amortisation_line n LEFT JOIN payment_allocation a ON a.line_id = n.id
           WHERE n.plan_id = %(plan_id)s GROUP BY n.id ORDER BY n.seq_no""",
    ),
    (
        "overdue_lines",
        "amortisation_line",
        "what a reminder names",
        """SELECT l.loan_number, n.seq_no, n.due_date, n.amount_principal, n.amount_rc_fee FROM amortisation_line n
           JOIN amortisation_plan p ON p.id = n.plan_id AND p.status = 'active' JOIN loan l ON l.id = p.loan_id
           WHERE n.plan_id = %(plan_id)s AND n.due_date < %(due_date)s ORDER BY n.due_date""",
    ),
    ("lock_payment", "payment", "before a payment is allocated", "SELECT id, amount, status FROM payment WHERE id = %(id)s FOR UPDATE"),
    (
        "payments_since",
        "payment",
        "a payer's payments since a moment, which is a naive UTC datetime",
        """SELECT id, amount, currency_code, received_at, status FROM payment
           WHERE payer_party_id = %(payer_party_id)s AND received_at >= %(received_at)s ORDER BY received_at""",
    ),
    (
        "unallocated_of_payment",
        "payment",
        "what is left of a payment",
        """SELECT p.id, p.amount - coalesce(sum(a.allocated_amount), 0) AS unallocated FROM payment p
           LEFT JOIN payment_allocation a ON a.payment_id = p.id WHERE p.id = %(id)s GROUP BY p.id""",
    ),
    (
        "allocations_of_payment",
        "payment_allocation",
        "what a payment was used for",
        """SELECT a.*, n.seq_no, n.due_date FROM payment_allocation a LEFT JOIN amortisation_line n ON n.id = a.line_id
           WHERE a.payment_id = %(payment_id)s""",
    ),
    (
        "paid_of_loan",
        "payment_allocation",
        "what was paid of a loan, by component",
        """SELECT component, sum(allocated_amount) AS paid FROM payment_allocation WHERE loan_id = %(loan_id)s
           GROUP BY component ORDER BY component""",
    ),
    (
        "disbursements_of_loan",
        "disbursement",
        "what was paid out, and to whom",
        """SELECT d.id, d.amount, d.currency_code, d.disbursed_at, d.status, i.bank_name, i.account_number FROM disbursement d
           JOIN payment_instrument i ON i.id = d.instrument_id WHERE d.loan_id = %(loan_id)s""",
    ),
    (
        "events_of_loan",
        "collections_event",
        "a loan's history in collections",
        """SELECT c.id, c.event_type, c.event_at, c.dpd_snapshot, c.amount_involved, c.currency_code, x.display_name AS actor
           FROM collections_event c LEFT JOIN party x ON x.id = c.actor_party_id WHERE c.loan_id = %(loan_id)s ORDER BY c.event_at DESC""",
    ),
    (
        "trial_balance",
        "ledger_account",
        "the accounts of an entity with their balances",
        """SELECT a.code, a.name, a.type, e.currency_code, sum(CASE e.side WHEN 'debit' THEN e.amount ELSE -e.amount END) AS balance
           FROM ledger_account a LEFT JOIN ledger_entry e ON e.account_id = a.id WHERE a.legal_entity_id = %(legal_entity_id)s
           GROUP BY a.code, a.name, a.type, e.currency_code ORDER BY a.code""",
    ),
    (
        "entries_of_loan",
        "ledger_entry",
        "what was booked for a loan",
        """SELECT a.code, e.side, e.amount, e.currency_code, e.payment_id, e.disbursement_id FROM ledger_entry e
           JOIN ledger_account a ON a.id = e.account_id WHERE e.loan_id = %(loan_id)s""",
    ),
    (
        "security_of_loan",
        "security_interest",
        "what secures a loan",
        "SELECT type, description, value_amount, value_ccy FROM security_interest WHERE loan_id = %(loan_id)s",
    ),
    (
        "documents_of_entity",
        "document_link",
        "the documents of an application, a loan, a party ...",
        """SELECT k.role, d.* FROM document_link k JOIN document d ON d.id = k.document_id
           WHERE k.entity_type = %(entity_type)s AND k.entity_id = %(entity_id)s ORDER BY d.uploaded_at""",
    ),
    (
        "rate_on_day",
        "fx_rate",
        "the latest rate up to a day",
        """SELECT rate, source, as_of_date FROM fx_rate WHERE from_ccy = %(from_ccy)s AND to_ccy = %(to_ccy)s
           AND as_of_date <= %(as_of_date)s ORDER BY as_of_date DESC LIMIT 1""",
    ),
)
"""Name, table, what for, SQL; line breaks don't count."""
