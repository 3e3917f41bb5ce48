"""The declared repairs: how a value that v0 wrote becomes one that v1 accepts.

One registry serves four readers. Bridge triggers repair what v0 applications write (``bridges.py`` renders them), the backfill lets the
same triggers repair what is there, the preflight evaluates v1's rules on repaired values to see what would still break, and the docs
list them. A repair changes a value only where its condition says so; every change is journalled, and a downgrade gives the old value
back. What is not declared here is never changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAPPING = "{mapping}"
"""Stands in a repair for the relation that holds the operator's mappings (``ops.value_mapping``)."""

_EMAIL = r"'^[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}$'"


@dataclass(frozen=True, slots=True)
class Repair:
    """One declared repair of one column.

    ``when`` and ``then`` are SQL with ``{c}`` for the column's value and ``{row}`` for the row. A ``derived`` value fills a column that
    v0 does not have: it is not journalled, because a fresh upgrade derives it again.
    """

    name: str
    table: str
    column: str
    when: str
    then: str
    why: str
    derived: bool = False
    hint: str = ""
    """A condition without sub-selects that holds wherever ``when`` does: what a trigger asks before its function is called."""

    def condition(self, c: str, row: str, mapping: str = "ops.value_mapping") -> str:
        """``when`` for a column value, a row and a mapping relation."""
        return _fill(self.when, c, row, mapping)

    def value(self, c: str, row: str, mapping: str = "ops.value_mapping") -> str:
        """``then`` likewise."""
        return _fill(self.then, c, row, mapping)


def _fill(text: str, c: str, row: str, mapping: str) -> str:
    # Not str.format: regular expressions have braces of their own.
    return text.replace("{c}", c).replace("{row}", row).replace(MAPPING, mapping)


VALUE_SETS: dict[tuple[str, str], tuple[str, ...]] = {
    ("party", "kind"): ("individual", "corporate", "agent", "broker", "landlord", "guarantor"),
    ("party_role", "role"): ("borrower", "guarantor", "broker", "landlord", "agent"),
    ("payment_instrument", "instrument_type"): ("bank_account", "credit_card", "debit_card", "e_wallet"),
    ("application", "status"): ("submitted", "under_review", "approved", "rejected", "withdrawn"),
    ("decision", "outcome"): ("approved", "rejected", "conditional"),
    ("loan", "status"): ("active", "closed", "written_off", "transferred"),
    ("amortisation_plan", "status"): ("active", "superseded", "cancelled"),
    ("payment", "direction"): ("inbound", "outbound"),
    ("payment", "status"): ("pending", "processing", "completed", "failed", "cancelled", "reversed"),
    ("disbursement", "status"): ("pending", "processing", "completed", "failed", "cancelled"),
    ("payment_allocation", "component"): ("principal", "rc_fee", "penalty", "interest", "other"),
    ("collections_event", "event_type"): (
        "first_overdue",
        "reminder_sent",
        "call_attempt",
        "call_successful",
        "payment_arrangement",
        "legal_notice",
        "lawyer_letter",
        "court_filing",
        "asset_recovery",
        "write_off",
        "settlement_offer",
        "settlement_accepted",
    ),
    ("ledger_account", "type"): ("asset", "liability", "equity", "revenue", "expense"),
    ("ledger_entry", "side"): ("debit", "credit"),
    ("security_interest", "type"): ("property", "vehicle", "deposit", "guarantee", "other"),
    ("document", "kind"): (
        "application_form",
        "identity_document",
        "income_proof",
        "lease_agreement",
        "property_valuation",
        "legal_notice",
        "court_document",
        "payment_receipt",
        "contract",
        "correspondence",
        "other",
    ),
    ("document_link", "entity_type"): (
        "application",
        "loan",
        "party",
        "payment",
        "disbursement",
        "collections_event",
        "security_interest",
    ),
}
"""The text columns of v0 with a closed set of values in v1 (a test compares them with the models)."""

_STATUS_DEFAULTS = {
    "application": "submitted",
    "loan": "active",
    "amortisation_plan": "active",
    "payment": "pending",
    "disbursement": "pending",
}
_CURRENCIES = (
    ("legal_entity", "functional_ccy"),
    ("payment_instrument", "currency_code"),
    ("application", "requested_currency"),
    ("decision", "approved_currency"),
    ("loan", "currency_code"),
    ("amortisation_line", "currency_code"),
    ("payment", "currency_code"),
    ("disbursement", "currency_code"),
    ("collections_event", "currency_code"),
    ("ledger_entry", "currency_code"),
    ("security_interest", "value_ccy"),
    ("fx_rate", "from_ccy"),
    ("fx_rate", "to_ccy"),
    ("legal_entity", "country_code"),
)
_NAMES = {
    ("legal_entity", "name"): "Unknown",
    ("product", "name"): "Unknown",
    ("party", "display_name"): "Unknown",
    ("ledger_account", "name"): "Unknown",
    ("decision", "decided_by"): "Unknown",
    ("document", "title"): "Untitled Document",
    ("fx_rate", "source"): "manual",
}
_LINE_AMOUNTS = ("amount_principal", "amount_rc_fee", "amount_penalty", "amount_other")

CATEGORY_BY_PREFIX: tuple[tuple[str, str, str], ...] = (
    ("RC_D2C", "rently_care_d2c", "residential"),
    ("RCAR_D2C", "rently_care_d2c", "residential"),
    ("RC_COLLAB", "rently_care_collaborative", "residential"),
    ("RCAR_COLLAB", "rently_care_collaborative", "residential"),
    ("B2B_SME", "b2b_sme", "commercial"),
    ("RNPL_UAE", "rnpl_uae", "residential"),
)
"""Product code prefix, category, business unit. A code that starts with none of these needs the operator's mapping."""


def quoted(values: tuple[str, ...]) -> str:
    """A list of string literals, for IN."""
    return ", ".join(f"'{value}'" for value in values)


def _value_sets() -> Iterator[Repair]:
    for (table, column), values in VALUE_SETS.items():
        unknown = f"{{c}} NOT IN ({quoted(values)})"
        tidy = r"regexp_replace(lower(btrim({c})), '[\s-]+', '_', 'g')"
        yield Repair(
            f"{table}_{column}_spelling",
            table,
            column,
            # The first half is cheap and settles the usual row; the regular expression is for the others.
            f"{unknown} AND {{c}} IS DISTINCT FROM nullif({tidy}, '')",
            f"nullif({tidy}, '')",
            "Case, blanks around and inside, and an empty text for no value",
            hint=unknown,
        )
        lookup = (
            f"(SELECT m.to_value FROM {MAPPING} m WHERE m.table_name = '{table}' AND m.column_name = '{column}' AND m.from_value = {{c}})"
        )
        yield Repair(
            f"{table}_{column}_mapping",
            table,
            column,
            f"{unknown} AND {lookup} IS NOT NULL",
            lookup,
            "A spelling that the operator's mapping file explains",
            hint=unknown,
        )
        if column == "status":
            yield Repair(
                f"{table}_status_missing",
                table,
                column,
                "{c} IS NULL",
                f"'{_STATUS_DEFAULTS[table]}'",
                "No status means the first one",
            )


def _declare() -> Iterator[Repair]:
    yield from _value_sets()
    for table, column in _CURRENCIES:
        yield Repair(f"{table}_{column}_case", table, column, "{c} <> upper({c})", "upper({c})", "ISO codes are written in capitals")
    for (table, column), name in _NAMES.items():
        yield Repair(
            f"{table}_{column}_missing",
            table,
            column,
            "nullif(btrim({c}), '') IS NULL",
            f"'{name}'",
            "A name that is missing or blank is said to be so",
        )
    for table, column, tidy in (("product", "code", "upper(btrim({c}))"), ("ledger_account", "code", "btrim({c})")):
        yield Repair(f"{table}_{column}_spelling", table, column, f"{{c}} <> {tidy}", tidy, "Blanks around a code, and its case")
    yield Repair("party_email_spelling", "party", "email", "{c} <> lower(btrim({c}))", "lower(btrim({c}))", "Case and blanks around")
    yield Repair(
        "party_email_no_address", "party", "email", f"{{c}} IS NOT NULL AND {{c}} !~* {_EMAIL}", "NULL", "A text that is no e-mail address"
    )
    yield Repair(
        "payment_instrument_is_default_missing", "payment_instrument", "is_default", "{c} IS NULL", "false", "Nobody chose it as default"
    )
    for column in _LINE_AMOUNTS:
        yield Repair(
            f"amortisation_line_{column}_missing", "amortisation_line", column, "{c} IS NULL", "0", "No amount of a component is none due"
        )
    yield Repair(
        "collections_event_dpd_snapshot_missing", "collections_event", "dpd_snapshot", "{c} IS NULL", "0", "No days past due noted"
    )
    yield Repair(
        "collections_event_amount_involved_zero",
        "collections_event",
        "amount_involved",
        "{c} = 0",
        "NULL",
        "Zero was written for: no amount involved",
    )
    yield Repair(
        "decision_approved_amount_without_approval",
        "decision",
        "approved_amount",
        "{c} IS NOT NULL AND {row}.outcome <> 'approved'",
        "NULL",
        "Only an approval approves an amount",
    )
    yield from _derivations()


def _derivations() -> Iterator[Repair]:
    for column, position in (("category", 1), ("business_unit", 2)):
        cases = " ".join(f"WHEN starts_with({{row}}.code, '{rule[0]}') THEN '{rule[position]}'" for rule in CATEGORY_BY_PREFIX)
        unit = "" if column == "category" else f" {_unit_of_category()}"
        mapped = (
            f"(SELECT m.to_value FROM {MAPPING} m WHERE m.table_name = 'product' AND m.column_name = 'category' "
            "AND m.from_value = {row}.code)"
        )
        fallback = mapped if column == "category" else f"CASE {mapped}{unit} END"
        yield Repair(
            f"product_{column}_from_code",
            "product",
            column,
            "{c} IS NULL",
            f"CASE {cases} ELSE {fallback} END",
            "v0 has no categories: the code's prefix, or the operator's mapping of the code, gives it",
            derived=True,
        )
    yield Repair(
        "legal_entity_time_zone_from_country",
        "legal_entity",
        "time_zone",
        "{c} IS NULL AND {row}.country_code IN ('SG', 'AE')",
        "CASE {row}.country_code WHEN 'SG' THEN 'Asia/Singapore' WHEN 'AE' THEN 'Asia/Dubai' END",
        "The business date of an entity is its local date",
        derived=True,
    )


def _unit_of_category() -> str:
    units = {category: unit for _, category, unit in CATEGORY_BY_PREFIX}
    return " ".join(f"WHEN '{category}' THEN '{unit}'" for category, unit in units.items())


REPAIRS: tuple[Repair, ...] = tuple(_declare())
"""Every single-row repair, in the order in which those of one column apply."""


def repairs_of(table: str) -> tuple[Repair, ...]:
    """The repairs of one table, in order."""
    return tuple(repair for repair in REPAIRS if repair.table == table)


def needs_repair(table: str, row: str, *, mapping: str = "ops.value_mapping") -> str:
    """The condition under which any repair or derivation of the table would change the row called ``row``."""
    return "\n       OR ".join(f"({repair.condition(f'{row}.{repair.column}', row, mapping)})" for repair in repairs_of(table))


def may_need_repair(table: str, row: str) -> str:
    """A condition without sub-selects that holds for every row that ``needs_repair``, and for few others."""
    hints = dict.fromkeys(f"({_fill(repair.hint or repair.when, f'{row}.{repair.column}', row, '')})" for repair in repairs_of(table))
    return "\n    OR ".join(hints)


def repaired_tables() -> tuple[str, ...]:
    """The tables with at least one repair, in the order of the registry."""
    return tuple(dict.fromkeys(repair.table for repair in REPAIRS))
