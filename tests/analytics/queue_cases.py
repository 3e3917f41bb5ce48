"""What a written row notes: each case is a fact about a table that figures depend on."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One written row: ``before`` prepares it, ``loans`` are the loans that must be noted, by the names of ``NAMES``."""

    fact: str
    table: str
    event: str
    write: str
    loans: tuple[str, ...]
    before: str = ""


# Two loans of one company and currency, the parties and plans around them, and ids that nothing has yet.
NAMES = """
SELECT jsonb_build_object(
    'x', x.id, 'y', y.id, 'new', '00000001-0000-4000-8000-000000000000', 'entity', x.legal_entity_id, 'product', x.product_id,
    'currency', x.currency_code, 'borrower', x.borrower_party_id,
    'other_party', (SELECT p.id FROM party AS p WHERE p.id <> x.borrower_party_id ORDER BY p.id LIMIT 1),
    'plan', (SELECT p.id FROM amortisation_plan AS p WHERE p.loan_id = x.id AND p.status = 'active'),
    'line', (SELECT l.id FROM amortisation_line AS l JOIN amortisation_plan AS p ON p.id = l.plan_id
             WHERE p.loan_id = x.id AND p.status = 'active' ORDER BY l.seq_no LIMIT 1),
    'disbursement', (SELECT d.id FROM disbursement AS d WHERE d.loan_id = x.id ORDER BY d.id LIMIT 1),
    'instrument', (SELECT d.instrument_id FROM disbursement AS d WHERE d.loan_id = x.id ORDER BY d.id LIMIT 1),
    'country', e.country_code
)
FROM loan AS x
JOIN legal_entity AS e ON e.id = x.legal_entity_id
JOIN loan AS y ON y.legal_entity_id = x.legal_entity_id AND y.currency_code = x.currency_code AND y.id > x.id
WHERE EXISTS (SELECT FROM disbursement AS d WHERE d.loan_id = x.id) AND x.status = 'active'
ORDER BY x.id, y.id LIMIT 1
"""
COPY_LOAN = """
INSERT INTO loan (id, loan_number, product_id, legal_entity_id, borrower_party_id, currency_code, principal_amount, interest_rate,
    start_date, end_date, parent_loan_id)
SELECT %(new)s, 'NEW', product_id, legal_entity_id, borrower_party_id, currency_code, principal_amount, interest_rate, start_date,
    end_date, id
FROM loan WHERE id = %(x)s
"""
PLAN = "INSERT INTO amortisation_plan (id, loan_id, version, status, effective_from) VALUES (%(new)s, %(x)s, 99, 'cancelled', '2026-06-01')"
LINE = """
INSERT INTO amortisation_line (id, plan_id, seq_no, due_date, currency_code, amount_principal)
VALUES (%(new)s, %(plan)s, 999, '2026-06-01', %(currency)s, 10)
"""
SHARED = """
INSERT INTO payment (id, legal_entity_id, currency_code, amount, direction, status, received_at)
VALUES (%(new)s, %(entity)s, %(currency)s, 100, 'inbound', 'completed', '2026-06-01');
INSERT INTO payment_allocation (id, payment_id, loan_id, component, allocated_amount) VALUES (%(new)s, %(new)s, %(x)s, 'principal', 10)
"""
SECOND = "INSERT INTO payment_allocation (payment_id, loan_id, component, allocated_amount) VALUES (%(new)s, %(y)s, 'principal', 10)"
DISBURSEMENT = """
INSERT INTO disbursement (id, loan_id, legal_entity_id, instrument_id, currency_code, amount, status)
VALUES (%(new)s, %(x)s, %(entity)s, %(instrument)s, %(currency)s, 5, 'pending')
"""
ADJUSTMENT = """
INSERT INTO loan_adjustment (id, loan_id, component, kind, amount, effective_date, reason)
VALUES (%(new)s, %(x)s, 'penalty', 'waiver', 5, '2026-06-01', 'Goodwill')
"""
TRANSFER = """
INSERT INTO loan_transfers (id, source_loan_id, target_loan_id, transfer_type, transfer_amount) VALUES
(%(new)s, %(x)s, %(y)s, 'refinance', 5)
"""
FLAG = "INSERT INTO loan_flag (id, loan_id, flag, effective_from) VALUES (%(new)s, %(x)s, 'forborne', '2026-06-01')"
STATUS = """
INSERT INTO loan_status_history (id, loan_id, status_type, status_value, effective_from, effective_through)
VALUES (%(new)s, %(x)s, 'operational_status', 'closed', '1990-01-01Z', '1990-02-01Z')
"""
EVENT = "INSERT INTO collections_event (id, loan_id, event_type, event_at) VALUES (%(new)s, %(x)s, 'write_off', '2026-06-01')"
RULE = """
INSERT INTO classification_rule (id, country_code, class, threshold_days, operator, probation_days, valid_from, valid_through, source)
VALUES (%(new)s, %(country)s, 'loss', 10, 'more_than', 0, '1990-01-01', '1990-02-01', 'test')
"""
PERFORMING_RULE = RULE.replace("'loss'", "'mine'")
SETTING = "UPDATE analytics_setting SET valid_through = '2026-06-01' WHERE key = 'non_performing_classes'"
NEXT_SETTING = """
INSERT INTO analytics_setting (id, key, value, valid_from, source)
VALUES (%(new)s, 'non_performing_classes', '["loss"]', '2026-06-01', 'test')
"""
UNDO = "UPDATE payment_allocation SET reversed_at = '2026-06-02' WHERE payment_id = %(new)s AND loan_id = %(y)s"
REMOVE = "DELETE FROM payment_allocation WHERE payment_id = %(new)s AND loan_id = %(y)s"
STAGE = "INSERT INTO loan_status_history (loan_id, status_type, status_value) VALUES (%(x)s, 'collections_stage', 'overdue')"
ALL = "SELECT id FROM loan"
OF_PRODUCT = "SELECT id FROM loan WHERE product_id = %(product)s"
OF_ENTITY = "SELECT id FROM loan WHERE legal_entity_id = %(entity)s"

CASES = (
    Case("A new loan, and the one it continues, are computed", "loan", "INSERT", COPY_LOAN, ("new", "x")),
    Case(
        "A contract amount that changes changes the loan",
        "loan",
        "UPDATE",
        "UPDATE loan SET principal_amount = principal_amount + 1 WHERE id = %(x)s",
        ("x",),
    ),
    Case("The tenancy's number is in no figure", "loan", "UPDATE", "UPDATE loan SET property_contract_id = 'P' WHERE id = %(x)s", ()),
    Case("A deleted loan leaves the figures", "loan", "DELETE", "DELETE FROM loan WHERE id = %(new)s", ("new", "x"), COPY_LOAN),
    Case("A new plan may change what is owed", "amortisation_plan", "INSERT", PLAN, ("x",)),
    Case(
        "A plan that ends changes what is owed",
        "amortisation_plan",
        "UPDATE",
        "UPDATE amortisation_plan SET effective_through = '2030-01-01' WHERE id = %(plan)s",
        ("x",),
    ),
    Case(
        "The reason of a plan is in no figure",
        "amortisation_plan",
        "UPDATE",
        "UPDATE amortisation_plan SET reason = 'said' WHERE id = %(plan)s",
        (),
    ),
    Case(
        "A plan that goes changes what is owed",
        "amortisation_plan",
        "DELETE",
        "DELETE FROM amortisation_plan WHERE id = %(new)s",
        ("x",),
        PLAN,
    ),
    Case("A new instalment is owed", "amortisation_line", "INSERT", LINE, ("x",)),
    Case(
        "An instalment that moves is owed on another day",
        "amortisation_line",
        "UPDATE",
        "UPDATE amortisation_line SET due_date = due_date + 1 WHERE id = %(line)s",
        ("x",),
    ),
    Case(
        "An instalment written as it was changes nothing",
        "amortisation_line",
        "UPDATE",
        "UPDATE amortisation_line SET due_date = due_date",
        (),
    ),
    Case(
        "An instalment that goes is not owed",
        "amortisation_line",
        "DELETE",
        "DELETE FROM amortisation_line WHERE id = %(new)s",
        ("x",),
        LINE,
    ),
    Case(
        "A reversed payment queues its loans",
        "payment",
        "UPDATE",
        "UPDATE payment SET status = 'reversed', reversed_at = '2026-06-02' WHERE id = %(new)s",
        ("x", "y"),
        f"{SHARED};{SECOND}",
    ),
    Case(
        "A bank's reference is in no figure",
        "payment",
        "UPDATE",
        "UPDATE payment SET external_reference = 'ref' WHERE id = %(new)s",
        (),
        SHARED,
    ),
    Case(
        "What is allocated to one loan is not left for the other that shares the payment",
        "payment_allocation",
        "INSERT",
        SECOND,
        ("x", "y"),
        SHARED,
    ),
    Case("A reversed allocation queues all that share the payment", "payment_allocation", "UPDATE", UNDO, ("x", "y"), f"{SHARED};{SECOND}"),
    Case(
        "An allocation that is removed by force queues all that shared the payment",
        "payment_allocation",
        "DELETE",
        REMOVE,
        ("x", "y"),
        f"{SHARED};{SECOND};ALTER TABLE payment_allocation DISABLE TRIGGER guard",
    ),
    Case("Money paid out is lent", "disbursement", "INSERT", DISBURSEMENT, ("x",)),
    Case(
        "A disbursement that fails is not lent",
        "disbursement",
        "UPDATE",
        "UPDATE disbursement SET status = 'failed' WHERE id = %(disbursement)s",
        ("x",),
    ),
    Case(
        "A disbursement that goes is not lent",
        "disbursement",
        "DELETE",
        "DELETE FROM disbursement WHERE id = %(new)s",
        ("x",),
        DISBURSEMENT,
    ),
    Case("A waiver settles", "loan_adjustment", "INSERT", ADJUSTMENT, ("x",)),
    Case(
        "A waiver of another day settles on another day",
        "loan_adjustment",
        "UPDATE",
        "UPDATE loan_adjustment SET effective_date = '2026-06-02' WHERE id = %(new)s",
        ("x",),
        ADJUSTMENT,
    ),
    Case(
        "Why something is waived is in no figure",
        "loan_adjustment",
        "UPDATE",
        "UPDATE loan_adjustment SET reason = 'Other' WHERE id = %(new)s",
        (),
        ADJUSTMENT,
    ),
    Case(
        "A waiver that goes settles nothing",
        "loan_adjustment",
        "DELETE",
        "DELETE FROM loan_adjustment WHERE id = %(new)s",
        ("x",),
        ADJUSTMENT,
    ),
    Case("A transfer concerns both loans", "loan_transfers", "INSERT", TRANSFER, ("x", "y")),
    Case(
        "A completed transfer moves a balance",
        "loan_transfers",
        "UPDATE",
        "UPDATE loan_transfers SET status = 'completed' WHERE id = %(new)s",
        ("x", "y"),
        TRANSFER,
    ),
    Case(
        "A transfer that goes moves nothing",
        "loan_transfers",
        "DELETE",
        "DELETE FROM loan_transfers WHERE id = %(new)s",
        ("x", "y"),
        TRANSFER,
    ),
    Case("A judgement counts from its day", "loan_flag", "INSERT", FLAG, ("x",)),
    Case(
        "A judgement that ends counts no more",
        "loan_flag",
        "UPDATE",
        "UPDATE loan_flag SET effective_through = '2026-06-20' WHERE id = %(new)s",
        ("x",),
        FLAG,
    ),
    Case("A judgement that goes never counted", "loan_flag", "DELETE", "DELETE FROM loan_flag WHERE id = %(new)s", ("x",), FLAG),
    Case("An operational status puts a loan on the book or off it", "loan_status_history", "INSERT", STATUS, ("x",)),
    Case("The stage of collections is in no maintained figure", "loan_status_history", "INSERT", STAGE, ()),
    Case(
        "An operational status that begins on another day changes that day",
        "loan_status_history",
        "UPDATE",
        "UPDATE loan_status_history SET effective_from = '1990-01-02Z' WHERE id = %(new)s",
        ("x",),
        STATUS,
    ),
    Case(
        "An operational status that goes was never held",
        "loan_status_history",
        "DELETE",
        "DELETE FROM loan_status_history WHERE id = %(new)s",
        ("x",),
        STATUS,
    ),
    Case("The first write-off event dates an old write-off", "collections_event", "INSERT", EVENT, ("x",)),
    Case(
        "A reminder is in no maintained figure",
        "collections_event",
        "INSERT",
        "INSERT INTO collections_event (loan_id, event_type) VALUES (%(x)s, 'reminder_sent')",
        (),
    ),
    Case(
        "A write-off event that turns into another dates nothing",
        "collections_event",
        "UPDATE",
        "UPDATE collections_event SET event_type = 'legal_notice' WHERE id = %(new)s",
        ("x",),
        EVENT,
    ),
    Case(
        "A write-off event that goes dates nothing",
        "collections_event",
        "DELETE",
        "DELETE FROM collections_event WHERE id = %(new)s",
        ("x",),
        EVENT,
    ),
    Case(
        "A product's days of grace hold for all its loans",
        "product",
        "UPDATE",
        "UPDATE product SET grace_days = 3 WHERE id = %(product)s",
        (OF_PRODUCT,),
    ),
    Case("A product's name is in no figure", "product", "UPDATE", "UPDATE product SET name = name || '!'", ()),
    Case(
        "Who joins a group of connected borrowers brings the loans",
        "party",
        "UPDATE",
        "UPDATE party SET obligor_group_id = %(other_party)s WHERE id = %(borrower)s",
        ("SELECT id FROM loan WHERE borrower_party_id = %(borrower)s",),
    ),
    Case("A borrower's telephone is in no figure", "party", "UPDATE", "UPDATE party SET phone = '1'", ()),
    Case(
        "A company's time zone dates all its money",
        "legal_entity",
        "UPDATE",
        "UPDATE legal_entity SET time_zone = 'Europe/London' WHERE id = %(entity)s",
        (OF_ENTITY,),
    ),
    Case("A company's name is in no figure", "legal_entity", "UPDATE", "UPDATE legal_entity SET name = name || '!'", ()),
    Case("A new threshold of a non-performing class concerns the country's loans", "classification_rule", "INSERT", RULE, (OF_ENTITY,)),
    Case("One of a performing class is in no state", "classification_rule", "INSERT", PERFORMING_RULE, ()),
    Case(
        "A class that becomes a non-performing one concerns the country's loans",
        "classification_rule",
        "UPDATE",
        "UPDATE classification_rule SET class = 'loss' WHERE id = %(new)s",
        (OF_ENTITY,),
        PERFORMING_RULE,
    ),
    Case(
        "A threshold that moves concerns the country's loans",
        "classification_rule",
        "UPDATE",
        "UPDATE classification_rule SET threshold_days = 11 WHERE id = %(new)s",
        (OF_ENTITY,),
        RULE,
    ),
    Case(
        "A class that goes concerns the country's loans",
        "classification_rule",
        "DELETE",
        "DELETE FROM classification_rule WHERE id = %(new)s",
        (OF_ENTITY,),
        RULE,
    ),
    Case("Which classes are non-performing concerns every loan", "analytics_setting", "INSERT", NEXT_SETTING, (ALL,), SETTING),
    Case("From when they are concerns every loan", "analytics_setting", "UPDATE", SETTING, (ALL,)),
    Case(
        "A setting that goes concerns every loan",
        "analytics_setting",
        "DELETE",
        "DELETE FROM analytics_setting WHERE key = 'non_performing_classes'",
        (ALL,),
    ),
    Case(
        "Another setting concerns no maintained figure",
        "analytics_setting",
        "UPDATE",
        "UPDATE analytics_setting SET value = '31' WHERE key = 'stage_2_days'",
        (),
    ),
    *(
        Case("Whose rows a table held that is emptied nobody knows", table, "TRUNCATE", f"TRUNCATE {table}", (ALL,))
        for table in (
            "loan_adjustment",
            "loan_transfers",
            "loan_flag",
            "loan_status_history",
            "collections_event",
            "classification_rule",
            "analytics_setting",
        )
    ),
)
