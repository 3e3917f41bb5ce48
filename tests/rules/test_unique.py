"""Every unique rule and exclusion with a row it refuses and its nearest neighbour that passes; every NOT NULL."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import pytest

from rently_db.models import Base
from tests.rules.book import ID, LATER, Book, base_row

Values = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One rule: changes of the table's valid row that collide, and neighbours that don't."""

    table: str
    rule: str
    collides: Values
    passing: list[Values]
    first: list[str] = field(default_factory=list)  # statements that clear the way to this very rule

    def __str__(self) -> str:
        return self.rule


_NO_BRIDGE = "SET LOCAL rently.bridge = 'off'"
_ROLE = {"loan_id": ID["loan"], "effective_from": "2025-01-01"}
_FORMER_ROLE = {"loan_id": ID["loan"], "effective_from": "2024-01-01", "effective_through": "2024-06-01"}
_OVERDUE = {"effective_from": "2024-03-31 23:59:59Z", "effective_through": "2024-05-01Z"}

CASES = [
    Case("application", "application_application_number_key", {"application_number": "A-1"}, [{"application_number": "a-1"}]),
    Case("product", "product_code_key", {"code": "RC_D2C_001"}, [{"code": "RC_D2C_0012"}]),
    Case("loan", "loan_loan_number_key", {"loan_number": "L-1"}, [{"loan_number": "l-1"}]),
    Case(
        "party_role",
        "party_role_party_id_loan_id_role_effective_from_key",
        _FORMER_ROLE,
        [_FORMER_ROLE | {"effective_from": "2024-01-02"}, _FORMER_ROLE | {"effective_from": None}],
    ),
    Case(
        "party_role",
        "one_current_party_role",
        _ROLE,
        [
            _ROLE | {"role": "guarantor"},
            _ROLE | {"party_id": ID["staff"]},
            _ROLE | {"loan_id": ID["loan_aed"]},
            _ROLE | {"effective_through": "2026-01-01"},
        ],
    ),
    Case(
        "ops.account",
        "account_open",
        {"closed_at": None},
        [{"closed_at": "2026-01-01Z"}, {"closed_at": None, "table_name": "payment"}],
        first=["UPDATE ops.account SET closed_at = NULL WHERE table_name = 'loan'"],
    ),
    Case("amortisation_plan", "amortisation_plan_loan_id_version_key", {"version": 2}, [{"version": 3}]),
    Case(
        "amortisation_plan",
        "one_active_plan_per_loan",
        {"status": "active"},
        [{"status": "superseded"}, {"status": "cancelled"}],
        [_NO_BRIDGE],
    ),
    Case("amortisation_line", "amortisation_line_plan_id_seq_no_key", {"seq_no": 1}, [{"seq_no": 2}]),
    Case(
        "payment",
        "one_payment_per_reference",
        {"external_reference": "pi_1"},
        [
            {"external_reference": "PI_1"},
            {"external_reference": "pi_1", "provider": "adyen"},
            {"external_reference": "pi_1", "provider": None},
            {"external_reference": None},
        ],
    ),
    Case(
        "ledger_account",
        "ledger_account_legal_entity_id_code_key",
        {"code": "1100"},
        [{"code": "1100", "legal_entity_id": ID["entity_ae"]}],
    ),
    Case(
        "document_link",
        "document_link_document_id_entity_type_entity_id_key",
        {"entity_id": ID["loan"]},
        [{"entity_id": ID["loan"], "entity_type": "party"}, {"entity_id": ID["loan_aed"]}],
    ),
    Case(
        "fx_rate",
        "fx_rate_as_of_date_from_ccy_to_ccy_source_key",
        {"source": "mas", "rate": "0.4"},
        [{"source": "mas", "as_of_date": "2024-01-02"}, {"source": "ecb"}, {"source": "mas", "from_ccy": "SGD", "to_ccy": "AED"}],
    ),
    Case(
        "payment_instrument",
        "one_default_instrument",
        {"is_default": True},
        [
            {"is_default": False},
            {"is_default": True, "is_active": False},
            {"is_default": True, "party_id": ID["staff"]},
            {"is_default": True, "currency_code": "USD"},
        ],
        [_NO_BRIDGE],
    ),
    Case(
        "loan_status_history",
        "loan_status_history_no_overlap",
        _OVERDUE,
        [
            _OVERDUE | {"effective_from": "2024-04-01Z"},
            _OVERDUE | {"loan_id": ID["loan_aed"]},
            _OVERDUE | {"status_type": "risk_level", "status_value": "risk"},
        ],
    ),
    Case(
        "loan_status_history",
        "one_open_status_per_type",
        {"status_type": "operational_status", "status_value": "closed", "effective_from": "2030-01-01Z", "effective_through": None},
        [{"status_type": "risk_level", "status_value": "risk", "effective_through": None}],
        # The exclusion refuses the same rows; the index is what finds the open status fast.
        [_NO_BRIDGE, "ALTER TABLE loan_status_history DROP CONSTRAINT loan_status_history_no_overlap"],
    ),
    Case(
        "analytics_setting",
        "analytics_setting_no_overlap",
        {"key": "rules_test", "valid_from": "2023-12-01"},
        [{"key": "rules_test", "valid_from": "2023-12-01", "valid_through": "2024-01-01"}],
    ),
    Case(
        "classification_rule",
        "classification_rule_no_overlap",
        {"class": "rules_test", "valid_from": "2025-01-01"},
        [
            {"class": "rules_test", "valid_from": "2023-12-01", "valid_through": "2024-01-01"},
            {"class": "rules_test", "country_code": "AE"},
        ],
    ),
    Case(
        "dpd_bucket",
        "dpd_bucket_no_overlap",
        {"scheme": "rules_test", "days": "[30,60)"},
        [{"scheme": "rules_test", "days": "[31,61)"}, {"scheme": "rules_test", "valid_from": "2023-01-01", "valid_through": "2024-01-01"}],
    ),
    Case(
        "provision_rate",
        "provision_rate_no_overlap",
        {"class": "rules_test", "valid_from": "2025-01-01"},
        [{"class": "rules_test", "product_category": None}, {"class": "rules_test", "country_code": "AE"}],
    ),
    Case(
        "product_limit",
        "product_limit_no_overlap",
        {"valid_from": "2025-01-01", "valid_through": None},
        [
            {"valid_from": "2025-01-01", "country_code": "AE", "valid_through": None},
            {"valid_from": "2025-01-01", "product_id": ID["product_ae"], "valid_through": None},
            {"valid_from": "2025-01-01", "product_id": None, "product_category": "rently_care_d2c", "valid_through": None},
        ],
    ),
    Case(
        "status_transition",
        "status_transition_no_overlap",
        {"entity": "rules_test", "valid_from": "2025-01-01"},
        [{"entity": "rules_test", "from": "risk", "to": "normal"}, {"entity": "rules_test", "from": None}],
    ),
]

NULL_REPAIRED: dict[tuple[str, str], Any] = {
    ("legal_entity", "name"): "Unknown",
    ("product", "name"): "Unknown",
    ("product", "category"): "rently_care_d2c",
    ("product", "business_unit"): "residential",
    ("party", "display_name"): "Unknown",
    ("application", "status"): "submitted",
    ("decision", "decided_by"): "Unknown",
    ("loan", "status"): "active",
    ("amortisation_plan", "status"): "active",
    ("amortisation_line", "amount_principal"): 0,
    ("amortisation_line", "amount_rc_fee"): 0,
    ("amortisation_line", "amount_penalty"): 0,
    ("amortisation_line", "amount_other"): 0,
    ("payment", "status"): "pending",
    ("disbursement", "status"): "pending",
    ("collections_event", "dpd_snapshot"): 0,
    ("ledger_account", "name"): "Unknown",
    ("document", "title"): "Untitled Document",
    ("fx_rate", "source"): "manual",
}
"""The NULLs that v0 writes where v1 demands a value, and what a bridge makes of them. Every other NULL is refused."""

_NOT_NULL = f"""
SELECT CASE WHEN n.nspname = 'ops' THEN 'ops.' ELSE '' END || c.relname, a.attname, a.atthasdef OR a.attidentity <> ''
FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE a.attnotnull AND NOT a.attisdropped AND a.attnum > 0 AND c.relkind = 'r' AND n.nspname IN ('public', 'ops')
    AND NOT c.relispartition AND c.relname NOT IN ({LATER})
ORDER BY 1, a.attnum
"""
_UNIQUE = f"""
SELECT CASE WHEN n.nspname = 'ops' THEN 'ops.' ELSE '' END || t.relname, i.relname, x.indisprimary,
    ARRAY(SELECT a.attname::text FROM pg_attribute a WHERE a.attrelid = t.oid AND a.attnum = ANY (x.indkey))
FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid JOIN pg_namespace n ON n.oid = t.relnamespace
WHERE (x.indisunique OR x.indisexclusion) AND n.nspname IN ('public', 'ops')
    AND NOT t.relispartition AND t.relname NOT IN ({LATER})
ORDER BY 1, 2
"""


@pytest.mark.parametrize("case", CASES, ids=str)
def test_one_of_a_kind(book: Book, case: Case) -> None:
    """A second row of what there may be once is refused by the rule's name; its nearest neighbours are let in."""
    for statement in case.first:
        book.execute(statement)
    with book.refused(case.rule, "23P01" if case.rule.endswith("no_overlap") else "23505"):
        book.variant(case.table, **case.collides)
    for values in case.passing:
        book.execute("SAVEPOINT before_passing")
        book.variant(case.table, **values)
        book.execute("ROLLBACK TO SAVEPOINT before_passing")


def test_a_webhook_without_provider_is_one_payment_too(book: Book) -> None:
    """A bank file names no provider; the same reference twice is one payment all the same."""
    book.variant("payment", provider=None, external_reference="FT1")
    with book.refused("one_payment_per_reference", "23505"):
        book.variant("payment", provider=None, external_reference="FT1")


def test_every_unique_rule_has_a_case(book: Book) -> None:
    """A unique rule that comes without a row it refuses is not known to work."""
    rules = [(table, rule) for table, rule, primary, _ in book.rows(_UNIQUE) if not primary]
    assert sorted(rules) == sorted((case.table, case.rule) for case in CASES)


def test_every_key_is_unique(book: Book) -> None:
    """No table of the database takes a second row with the same primary key."""
    keys = [(table, rule, columns) for table, rule, primary, columns in book.rows(_UNIQUE) if primary]
    assert len(keys) > 35
    for table, rule, columns in keys:
        same = dict(zip(columns, book.rows(f"SELECT {', '.join(columns)} FROM {table} WHERE {base_row(table)}")[0], strict=True))
        with book.refused(rule, "23505"):
            book.variant(table, **same)


def test_null_is_refused_or_repaired(book: Book) -> None:
    """Where v1 demands a value, a NULL is refused by the column's name, or becomes what the declared repair says."""
    columns = book.rows(_NOT_NULL)
    demanded = {(table.name, column.name) for table in Base.metadata.tables.values() for column in table.columns if not column.nullable}
    assert {(table, column) for table, column, _ in columns if not table.startswith("ops.")} == demanded
    assert NULL_REPAIRED.keys() <= demanded
    for table, column, _ in columns:
        repaired = NULL_REPAIRED.get((table, column))
        if repaired is None:
            with book.refused(None, "23502") as caught:
                book.variant(table, **{column: None})
            assert caught.value.diag.column_name == column
        else:
            row = book.variant(table, **{column: None})
            assert book.value(f"SELECT {column} FROM {table} WHERE id = %s", row) == repaired, (table, column)


def test_what_has_a_default_need_not_be_named(book: Book) -> None:
    """A column with a default gets it in a row that does not name the column; any other NOT NULL column must be named."""
    for table, column, default in book.rows(_NOT_NULL):
        repaired = (table, column) in NULL_REPAIRED
        if default or repaired:
            book.execute("SAVEPOINT before_passing")
            # A status that begins now can't have ended in the past.
            book.without(table, column, **({"effective_through": None} if column == "effective_from" else {}))
            book.execute("ROLLBACK TO SAVEPOINT before_passing")
        else:
            with book.refused(None, "23502"):
                book.without(table, column)
