"""Every CHECK of the database with values it must refuse and boundary values it must let pass."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.rules.book import ID, LATER, Book

Values = dict[str, Any]

LARGEST, SMALLEST = "9999999999999.99", "0.01"


@dataclass(frozen=True)
class Case:
    """One CHECK: rows it refuses and rows it lets pass, as changes of the table's valid row."""

    table: str
    constraint: str
    refused: tuple[Values, ...]
    passing: tuple[Values, ...]
    without_trigger: str | None = None  # a bridge that would mend every wrong value

    def __str__(self) -> str:
        return self.constraint


def _column(
    table: str, name: str, column: str, refused: Iterable[Any], passing: Iterable[Any], *, also: Values | None = None, **more: Any
) -> Case:
    also = also or {}
    return Case(
        table,
        f"{table.removeprefix('ops.')}_{name}",
        tuple(also | {column: v} for v in refused),
        tuple(also | {column: v} for v in passing),
        **more,
    )


def one_of(table: str, name: str, column: str, values: str) -> Case:
    """A closed set: every member passes; neither a stranger nor another spelling that no bridge mends does."""
    return _column(table, name, column, ["stranger", f"{values.split(maxsplit=1)[0]}?"], values.split())


def money(table: str, *columns: str, also: Values | None = None) -> list[Case]:
    """Two places and less than ten trillion, and a number."""
    return [
        _column(table, f"{c}_is_money", c, ["1.001", "10000000000000", "NaN"], [SMALLEST, "1.010000", LARGEST], also=also) for c in columns
    ]


def rate(table: str, *columns: str, largest: str = "9.9999") -> list[Case]:
    """A fraction with four places, not negative, below ten (where it is below one, another CHECK says so first)."""
    refused = ["0.00001", "-0.0001", *(["10", "NaN"] if largest == "9.9999" else [])]
    return [_column(table, f"{c}_is_rate", c, refused, ["0", "0.0001", "0.05000", largest]) for c in columns]


def positive(table: str, name: str, column: str, *, smallest: str = SMALLEST, nullable: bool = False, zero: bool = True) -> Case:
    """More than zero. ``zero`` is False where a bridge reads zero as no amount."""
    return _column(table, name, column, ["-0.01" if smallest == SMALLEST else "-1"] + ["0"] * zero, [smallest] + [None] * nullable)


def not_negative(table: str, name: str, column: str) -> Case:
    """Zero or more."""
    return _column(table, name, column, [-1], [0, 1])


def in_order(table: str, name: str, first: str, last: str, **also: Any) -> Case:
    """The end is after the beginning, or open."""
    return Case(
        table,
        f"{table}_{name}",
        tuple(also | {first: "2020-01-02", last: end} for end in ("2020-01-02", "2020-01-01")),
        tuple(also | {first: "2020-01-02", last: end} for end in ("2020-01-03", None)),
    )


def code(table: str, name: str, column: str, passing: Iterable[Any], *, also: Values | None = None) -> Case:
    """Capital letters: digits and missing letters are refused; small letters are the bridge's business."""
    return _column(table, name, column, ["S1", "S"], passing, also=also)


def name(table: str, constraint: str, column: str) -> Case:
    """A machine's name: small letters, digits and underscores, a letter first."""
    return _column(table, constraint, column, ["Upper", "1st", "two words", ""], ["a", "a_1"])


_AED_LOAN = {"loan_id": ID["loan_aed"]}
_AED_LINE = {"plan_id": ID["plan_aed"]}
_CATEGORIES = "rently_care_d2c rently_care_collaborative b2b_sme rnpl_uae"
_COMPONENTS = "principal rc_fee penalty other interest"
_NO_PRODUCT = {"product_id": None}
_LOOSE = {"loan_id": None, "payment_id": None, "disbursement_id": None}
_RULES = ("analytics_setting", "classification_rule", "dpd_bucket", "provision_rate", "status_transition")

CASES: list[Case] = [
    code("legal_entity", "country_code_check", "country_code", ["MY"]),
    code("legal_entity", "functional_ccy_check", "functional_ccy", ["AED"]),
    one_of("product", "business_unit_check", "business_unit", "residential commercial"),
    one_of("product", "category_check", "category", _CATEGORIES),
    not_negative("product", "grace_days_non_negative", "grace_days"),
    *money("product", "tolerance_amount"),
    _column("product", "tolerance_amount_non_negative", "tolerance_amount", ["-0.01"], ["0"]),
    *rate("product", "tolerance_pct"),
    _column(
        "party",
        "email_check",
        "email",
        ["mei", "mei@example", "mei ling@example.com"],
        ["M.L+1@ex-ample.co", None],
        without_trigger="bridge",
    ),
    one_of("party", "kind_check", "kind", "individual corporate agent broker landlord guarantor"),
    code("payment_instrument", "currency_check", "currency_code", ["AED"]),
    one_of("payment_instrument", "type_check", "instrument_type", "bank_account credit_card debit_card e_wallet"),
    positive("application", "amount_positive", "requested_amount"),
    code("application", "currency_check", "requested_currency", ["AED"]),
    *money("application", "requested_amount"),
    one_of("application", "status_check", "status", "submitted under_review approved rejected withdrawn"),
    positive("application", "tenor_positive", "tenor_months", smallest="1"),
    Case(
        "decision",
        "decision_approved_amount_check",
        ({"approved_amount": 0}, {"approved_amount": -1}),
        (
            {"approved_amount": SMALLEST},
            {"outcome": "rejected", "approved_amount": None},
            {"outcome": "conditional", "approved_amount": None},
        ),
    ),
    *money("decision", "approved_amount"),
    code("decision", "approved_currency_check", "approved_currency", ["AED", None]),
    Case(
        "decision",
        "decision_outcome_check",
        ({"outcome": "stranger", "approved_amount": None},),
        ({"outcome": "approved"}, *({"outcome": o, "approved_amount": None} for o in ("rejected", "conditional"))),
    ),
    positive("loan", "amounts_positive", "principal_amount"),
    code("loan", "currency_check", "currency_code", ["AED"]),
    Case(
        "loan",
        "loan_dates_check",
        ({"start_date": "2024-01-01", "end_date": "2024-01-01"},),
        ({"start_date": "2024-01-01", "end_date": "2024-01-02"},),
    ),
    _column("loan", "installment_period_check", "installment_period", ["1", "/12", "1/12 ", "a/b"], ["1/12", "12/1", None]),
    *rate("loan", "interest_rate", "rc_fee_rate"),
    in_order("loan", "lease_dates_check", "lease_start_date", "lease_end_date"),
    *money("loan", "principal_amount"),
    one_of("loan", "status_check", "status", "active closed written_off transferred"),
    one_of("party_role", "check", "role", "borrower guarantor broker landlord agent"),
    in_order("party_role", "dates_check", "effective_from", "effective_through", role="guarantor"),
    in_order("amortisation_plan", "dates_check", "effective_from", "effective_through"),
    one_of("amortisation_plan", "status_check", "status", "active superseded cancelled"),
    positive("amortisation_plan", "version_positive", "version", smallest="99"),
    *money("amortisation_line", *(f"amount_{c}" for c in _COMPONENTS.split())),
    Case(
        "amortisation_line",
        "amortisation_line_amounts_non_negative",
        tuple({f"amount_{c}": "-0.01"} for c in _COMPONENTS.split()),
        (dict.fromkeys([f"amount_{c}" for c in _COMPONENTS.split()], 0),),
    ),
    code("amortisation_line", "currency_check", "currency_code", ["AED"], also=_AED_LINE),
    positive("amortisation_line", "seq_positive", "seq_no", smallest="2"),
    *money("payment", "amount"),
    positive("payment", "amount_positive", "amount"),
    code("payment", "currency_check", "currency_code", ["AED"]),
    one_of("payment", "direction_check", "direction", "inbound outbound"),
    Case(
        "payment",
        "payment_reversed_is_dated",
        ({"status": "reversed", "reversed_at": None},),
        ({"status": "reversed", "reversed_at": "2024-01-01Z"}, {"status": "completed", "reversed_at": None}),
        without_trigger="bridge_reversal",
    ),
    one_of("payment", "status_check", "status", "pending processing completed failed cancelled reversed"),
    *money("disbursement", "amount"),
    positive("disbursement", "amount_positive", "amount"),
    code("disbursement", "currency_check", "currency_code", ["AED"], also=_AED_LOAN),
    one_of("disbursement", "status_check", "status", "pending processing completed failed cancelled"),
    Case(
        "payment_allocation",
        "payment_allocation_allocated_amount_is_money",
        tuple({"allocated_amount": a} for a in ("1.001", "10000000000000", "NaN")),
        ({"allocated_amount": SMALLEST}, {"allocated_amount": "1.010000"}, {"allocated_amount": LARGEST, "reversed_at": "2024-01-01Z"}),
    ),
    positive("payment_allocation", "amount_positive", "allocated_amount"),
    one_of("payment_allocation", "component_check", "component", _COMPONENTS),
    *money("collections_event", "amount_involved"),
    positive("collections_event", "amount_positive", "amount_involved", nullable=True, zero=False),
    not_negative("collections_event", "consecutive_non_negative", "consecutive_missed_payments"),
    code("collections_event", "currency_check", "currency_code", ["AED", None], also=_AED_LOAN),
    not_negative("collections_event", "dpd_non_negative", "dpd_snapshot"),
    one_of("collections_event", "resolution_check", "resolution_status", "pending in_progress resolved escalated closed"),
    one_of(
        "collections_event",
        "type_check",
        "event_type",
        "first_overdue reminder_sent call_attempt call_successful payment_arrangement legal_notice lawyer_letter court_filing "
        "asset_recovery write_off settlement_offer settlement_accepted",
    ),
    one_of("ledger_account", "type_check", "type", "asset liability equity revenue expense"),
    *money("ledger_entry", "amount"),
    positive("ledger_entry", "amount_positive", "amount"),
    code("ledger_entry", "currency_check", "currency_code", ["AED"], also=_LOOSE),
    one_of("ledger_entry", "side_check", "side", "debit credit"),
    code("security_interest", "currency_check", "value_ccy", ["AED", None]),
    in_order("security_interest", "dates_check", "registration_date", "expiry_date"),
    _column("security_interest", "haircut_at_most_all", "haircut_pct", ["1.0001"], ["1", None]),
    *rate("security_interest", "haircut_pct", largest="1"),
    one_of("security_interest", "status_check", "status", "active released expired enforced"),
    one_of("security_interest", "type_check", "type", "property vehicle deposit guarantee other"),
    *money("security_interest", "value_amount"),
    positive("security_interest", "value_positive", "value_amount", nullable=True),
    positive("document", "file_size_positive", "file_size_bytes", smallest="1", nullable=True),
    one_of(
        "document",
        "kind_check",
        "kind",
        "application_form identity_document income_proof lease_agreement property_valuation legal_notice court_document payment_receipt "
        "contract correspondence other",
    ),
    one_of(
        "document_link",
        "entity_type_check",
        "entity_type",
        "application loan party payment disbursement collections_event security_interest",
    ),
    _column("fx_rate", "currencies_different", "to_ccy", ["AED"], ["SGD"]),
    code("fx_rate", "from_ccy_check", "from_ccy", ["USD"]),
    _column("fx_rate", "positive", "rate", ["0", "-1", "1000000000000", "NaN"], ["0.000000000001", "999999999999.999999"]),
    code("fx_rate", "to_ccy_check", "to_ccy", ["USD"]),
    *(in_order(table, "dates_check", "valid_from", "valid_through") for table in _RULES),
    in_order("product_limit", "dates_check", "valid_from", "valid_through", country_code="AE"),
    name("analytics_setting", "key_check", "key"),
    name("classification_rule", "class_check", "class"),
    code("classification_rule", "country_code_check", "country_code", ["AE"]),
    one_of("classification_rule", "operator_check", "operator", "more_than or_more"),
    not_negative("classification_rule", "probation_days_non_negative", "probation_days"),
    not_negative("classification_rule", "threshold_days_non_negative", "threshold_days"),
    code("currency", "code_check", "code", ["ZZZ"]),
    _column("currency", "minor_units_check", "minor_units", [-1, 5], [0, 4]),
    _column("dpd_bucket", "days_check", "days", ["empty", "(,5)", "[-1,5)"], ["[0,1)", "[90,)"]),
    name("dpd_bucket", "scheme_check", "scheme"),
    not_negative("dpd_bucket", "sort_non_negative", "sort"),
    name("provision_rate", "class_check", "class"),
    code("provision_rate", "country_code_check", "country_code", ["AE"]),
    one_of("provision_rate", "product_category_check", "product_category", _CATEGORIES),
    _column("provision_rate", "rate_at_most_all", "rate", ["1.0001"], ["1"]),
    *rate("provision_rate", "rate", largest="1"),
    not_negative("status_value", "sort_non_negative", "sort"),
    name("status_value", "status_type_check", "status_type"),
    name("status_value", "status_value_check", "status_value"),
    Case(
        "product_limit",
        "product_limit_amounts_check",
        ({"min_amount": "-0.01"}, {"min_amount": None, "max_amount": 0}),
        ({"min_amount": 0, "max_amount": SMALLEST}, {"min_amount": None, "max_amount": None}),
    ),
    Case(
        "product_limit",
        "product_limit_amounts_in_order",
        ({"min_amount": "2", "max_amount": "1.99"},),
        ({"min_amount": "2", "max_amount": "2"}, {"min_amount": None}, {"max_amount": None}),
    ),
    code("product_limit", "country_code_check", "country_code", ["AE"]),
    *money("product_limit", "max_amount", also={"min_amount": 0}),
    *money("product_limit", "min_amount", also={"max_amount": None}),
    *rate("product_limit", "max_rate", "max_total_fee_pct"),
    positive("product_limit", "max_tenor_months_positive", "max_tenor_months", smallest="1", nullable=True),
    Case(
        "product_limit",
        "product_limit_one_subject",
        ({"product_id": None, "product_category": None}, {"product_category": "rnpl_uae"}),
        ({"product_category": None}, {"product_id": None, "product_category": "rnpl_uae"}),
    ),
    _column("product_limit", "product_category_check", "product_category", ["stranger"], _CATEGORIES.split(), also=_NO_PRODUCT),
    *(name("status_transition", f"{column}_check", column) for column in ("entity", "from")),
    Case("status_transition", "status_transition_status_type_check", ({"status_type": "Risk"},), ({"status_type": "risk_level"},)),
    Case("status_transition", "status_transition_to_check", ({"to": "Risk"}, {"to": ""}), ({"from": None, "to": "normal"},)),
    Case("status_transition", "status_transition_values_different", ({"from": "risk", "to": "risk"},), ({"from": None, "to": "risk"},)),
    in_order("loan_flag", "dates_check", "effective_from", "effective_through"),
    one_of("loan_flag", "flag_check", "flag", "forborne unlikely_to_pay significant_increase payment_pause"),
    in_order("loan_status_history", "dates_check", "effective_from", "effective_through", **_AED_LOAN),
    Case(
        "loan_status_history",
        "loan_status_history_type_check",
        ({"status_type": "stranger"},),
        (
            {"status_type": "risk_level", "status_value": "normal"},
            {"status_type": "collections_stage", "status_value": "current"},
            {"status_type": "legal_action", "status_value": "none"},
            {"status_type": "operational_status", "status_value": "active"},
        ),
    ),
    positive("loan_transfers", "amount_positive", "transfer_amount"),
    one_of("loan_transfers", "status_check", "status", "pending approved processing completed cancelled rejected"),
    *money("loan_transfers", "transfer_amount"),
    one_of("loan_transfers", "type_check", "transfer_type", "apartment_change lease_renewal refinance consolidation"),
    *money("payment_disputes", "actual_amount", "expected_amount"),
    Case(
        "payment_disputes",
        "payment_disputes_amounts_positive",
        ({"expected_amount": 0}, {"actual_amount": 0}, {"actual_amount": "-0.01"}),
        ({"expected_amount": SMALLEST, "actual_amount": SMALLEST}, {"expected_amount": None, "actual_amount": None}),
    ),
    one_of("payment_disputes", "priority_check", "priority", "low medium high critical"),
    one_of("payment_disputes", "status_check", "status", "open investigating resolved closed escalated"),
    one_of(
        "payment_disputes",
        "type_check",
        "dispute_type",
        "amount_mismatch timing_issue allocation_error unauthorized_payment duplicate_payment",
    ),
    *money("loan_adjustment", "amount"),
    positive("loan_adjustment", "amount_positive", "amount"),
    one_of("loan_adjustment", "component_check", "component", _COMPONENTS),
    one_of("loan_adjustment", "kind_check", "kind", "waiver write_off refund transfer"),
    one_of("ops.migration_step", "direction_check", "direction", "up down"),
    one_of("ops.migration_step", "state_check", "state", "running done undone"),
    one_of("ops.migration_run", "direction_check", "direction", "up down"),
    one_of("ops.migration_run", "state_check", "state", "running done failed"),
    one_of("ops.tally", "origin_check", "origin", "application migration"),
    one_of("ops.v0_object", "kind_check", "kind", "extension column foreign_key key comment"),
    one_of("ops.row_journal", "kind_check", "kind", "repair removed quarantined mapped kept"),
    one_of("ops.row_journal", "state_check", "state", "open given_back restored reported"),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_check_refuses_and_lets_pass(book: Book, case: Case) -> None:
    """Each CHECK refuses a wrong value by its own name, and lets the nearest right one pass."""
    if case.without_trigger:
        book.execute(f"ALTER TABLE {case.table} DISABLE TRIGGER {case.without_trigger}")
    for values in case.refused:
        with book.refused(case.constraint, "23514"):
            book.variant(case.table, **values)
    for values in case.passing:
        book.execute("SAVEPOINT before_passing")
        book.variant(case.table, **values)
        book.execute("ROLLBACK TO SAVEPOINT before_passing")


def test_every_check_has_a_case(book: Book) -> None:
    """A CHECK that comes without a row it refuses and a row it lets pass is not known to work."""
    catalogue = book.rows(
        "SELECT CASE WHEN n.nspname = 'ops' THEN 'ops.' ELSE '' END || c.relname, k.conname, k.convalidated"
        " FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace"
        f" WHERE k.contype = 'c' AND n.nspname IN ('public', 'ops') AND NOT c.relispartition AND c.relname NOT IN ({LATER})"
    )
    assert sorted((table, constraint) for table, constraint, _ in catalogue) == sorted((case.table, case.constraint) for case in CASES)
    assert all(case.refused and case.passing for case in CASES)
    assert [row for row in catalogue if not row[2]] == [], "a CHECK that was never validated"
