"""Bridges: what v0 applications write becomes what v1 accepts, by the declared repairs, and each change is noted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import psycopg2
import pytest

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.repairs import CATEGORY_BY_PREFIX, REPAIRS, VALUE_SETS, Repair, repaired_tables
from rently_db.models import Base
from rently_db.models.types import ValueSet
from tests.rules.book import ID, Book, base_row

DECLARED = [repair for repair in REPAIRS if not repair.derived]


@dataclass(frozen=True)
class Dirt:
    """What v0 writes in a column, what it becomes, and what else the row must say for the case to arise."""

    written: Any
    repaired: Any
    also: dict[str, Any]


def current(book: Book, repair: Repair) -> str:
    """The valid row's own value: repairs of append-only tables must come back to it."""
    return str(book.value(f"SELECT {repair.column} FROM {repair.table} WHERE {base_row(repair.table)}"))


def dirt(book: Book, repair: Repair) -> list[Dirt]:
    """The cases of one repair. A repair of a new kind has none, and its tests then fail."""
    if (repair.table, repair.column) in VALUE_SETS:
        clean = current(book, repair)
        if repair.name.endswith("_spelling"):
            return [
                Dirt(clean.upper(), clean, {}),
                Dirt(f" {clean.replace('_', ' - ').title()} ", clean, {}),
            ]
        if repair.name.endswith("_mapping"):
            book.execute("INSERT INTO ops.value_mapping VALUES (%s, %s, 'old_word', %s)", repair.table, repair.column, clean)
            return [Dirt("old_word", clean, {}), Dirt("Old Word", clean, {})]
    if repair.name.endswith("_case"):
        clean = current(book, repair)
        return [Dirt(clean.lower(), clean, {}), Dirt(clean.lower().capitalize(), clean, {})]
    return {
        "application_status_missing": [Dirt(None, "submitted", {})],
        "loan_status_missing": [Dirt(None, "active", {}), Dirt(" ", "active", {})],
        "amortisation_plan_status_missing": [Dirt(None, "active", {})],
        "payment_status_missing": [Dirt(None, "pending", {}), Dirt("", "pending", {})],
        "disbursement_status_missing": [Dirt(None, "pending", {})],
        "legal_entity_name_missing": [Dirt(None, "Unknown", {}), Dirt("  ", "Unknown", {})],
        "product_name_missing": [Dirt(None, "Unknown", {}), Dirt("", "Unknown", {})],
        "party_display_name_missing": [Dirt(None, "Unknown", {}), Dirt(" ", "Unknown", {})],
        "ledger_account_name_missing": [Dirt(None, "Unknown", {}), Dirt("", "Unknown", {})],
        "decision_decided_by_missing": [Dirt(None, "Unknown", {}), Dirt("", "Unknown", {})],
        "document_title_missing": [Dirt(None, "Untitled Document", {}), Dirt(" ", "Untitled Document", {})],
        "fx_rate_source_missing": [Dirt(None, "manual", {"as_of_date": "2020-01-01"}), Dirt("", "manual", {"as_of_date": "2020-01-02"})],
        "product_code_spelling": [Dirt(" rc_d2c_900 ", "RC_D2C_900", {})],
        "ledger_account_code_spelling": [Dirt(" 12a ", "12a", {})],
        "party_email_spelling": [Dirt(" Mei.Ling@Example.com ", "mei.ling@example.com", {})],
        "party_email_no_address": [Dirt("none", None, {}), Dirt("", None, {}), Dirt("A B@example.com", None, {})],
        "payment_instrument_is_default_missing": [Dirt(None, False, {})],
        "amortisation_line_amount_principal_missing": [Dirt(None, 0, {})],
        "amortisation_line_amount_rc_fee_missing": [Dirt(None, 0, {})],
        "amortisation_line_amount_penalty_missing": [Dirt(None, 0, {})],
        "amortisation_line_amount_other_missing": [Dirt(None, 0, {})],
        "collections_event_dpd_snapshot_missing": [Dirt(None, 0, {})],
        "collections_event_amount_involved_zero": [Dirt(0, None, {})],
        "decision_approved_amount_without_approval": [Dirt(5, None, {"outcome": "rejected"}), Dirt(0, None, {"outcome": "conditional"})],
    }[repair.name]


def noted(book: Book, repair: Repair, row: str, case: Dirt) -> None:
    """The repair gave the value, and the journal says what was written and what it became, open for the way back."""
    assert book.value(f"SELECT {repair.column} FROM {repair.table} WHERE id = %s", row) == case.repaired
    entries = book.rows(
        "SELECT rule, table_name, old_value, new_value, kind, state, origin FROM ops.row_journal WHERE row_id = %s AND column_name = %s",
        row,
        repair.column,
    )
    assert entries == [
        (repair.name, repair.table, {repair.column: case.written}, {repair.column: case.repaired}, "repair", "open", "write")
    ], case


@pytest.mark.parametrize("repair", DECLARED, ids=lambda repair: repair.name)
def test_a_dirty_insert_is_repaired(book: Book, repair: Repair) -> None:
    """What v0 inserts is repaired as declared and noted with the value it wrote."""
    for case in dirt(book, repair):
        book.execute("SAVEPOINT before_case")
        row = book.v0_row(repair.table, **{repair.column: case.written}, **case.also)
        noted(book, repair, row, case)
        book.execute("ROLLBACK TO SAVEPOINT before_case")


@pytest.mark.parametrize("repair", DECLARED, ids=lambda repair: repair.name)
def test_a_dirty_update_is_repaired(book: Book, repair: Repair) -> None:
    """What v0 updates is repaired as declared and noted; v0 sees one row touched, as it expects."""
    for case in dirt(book, repair):
        book.execute("SAVEPOINT before_case")
        assert book.change(repair.table, **{repair.column: case.written}, **case.also) == 1
        noted(book, repair, ID[repair.table], case)
        book.execute("ROLLBACK TO SAVEPOINT before_case")


@pytest.mark.parametrize("table", repaired_tables())
def test_a_clean_write_notes_nothing(book: Book, table: str) -> None:
    """Clean rows cost no journal: neither inserting nor changing one leaves a note."""
    row = book.v0_row(table)
    names = [column.name for column in BASELINE[table].columns]
    assert book.execute(f"UPDATE {table} SET {', '.join(f'{name} = {name}' for name in names)} WHERE id = %s", row) == 1
    assert book.journal() == []


def test_two_repairs_of_one_row_are_noted_apart(book: Book) -> None:
    """Each column that was repaired has its own note, under its own rule."""
    row = book.v0_row("payment", currency_code="sgd", direction="INBOUND", status=None)
    assert {(rule, column) for rule, _, column, _, _ in book.journal(row)} == {
        ("payment_currency_code_case", "currency_code"),
        ("payment_direction_spelling", "direction"),
        ("payment_status_missing", "status"),
    }


@pytest.mark.parametrize("table", repaired_tables())
def test_what_is_not_declared_is_refused(book: Book, table: str) -> None:
    """A bridge guesses nothing: a word it does not know stays as it is written, and the CHECK refuses it."""
    for column in (column for of, column in VALUE_SETS if of == table):
        with pytest.raises(psycopg2.errors.CheckViolation, match="stranger"):
            book.v0_row(table, **{column: "stranger"} | ({"approved_amount": None} if table == "decision" else {}))
        book.connection.rollback()


def test_value_sets_are_those_of_the_models() -> None:
    """The registry and the models know the same words for every text column of v0 with a closed set."""
    models = {
        (table.name, column.name): tuple(sorted(member.value for member in column.type.enum_class))
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, ValueSet) and table.name in BASELINE and column.name in {c.name for c in BASELINE[table.name].columns}
    }
    assert models == {key: tuple(sorted(values)) for key, values in VALUE_SETS.items()}


def test_the_migration_itself_writes_past_the_bridges(book: Book) -> None:
    """With rently.bridge off nothing is repaired: the way down must be able to give dirt back."""
    book.execute("SET LOCAL rently.bridge = 'off'")
    with book.refused("payment_currency_check"):
        book.v0_row("payment", currency_code="sgd")


@pytest.mark.parametrize(("prefix", "category", "unit"), CATEGORY_BY_PREFIX)
def test_a_product_gets_its_category_from_its_code(book: Book, prefix: str, category: str, unit: str) -> None:
    """v0 knows no categories: the prefix of the code gives category and business unit, and nothing is noted."""
    for code in (f"{prefix}_NEW", f" {prefix.lower()}_other "):
        row = book.v0_row("product", code=code)
        assert book.rows("SELECT category, business_unit FROM product WHERE id = %s", row) == [(category, unit)]
        assert [column for _, _, column, _, _ in book.journal(row) if column != "code"] == []


def test_a_product_of_unknown_code_needs_the_operator(book: Book) -> None:
    """An unknown product code is refused, naming the column that nobody can guess; the operator's mapping explains it."""
    with book.refused(None, "23502") as caught:
        book.v0_row("product", code="XYZ_1")
    assert (caught.value.diag.table_name, caught.value.diag.column_name) == ("product", "category")
    book.execute("INSERT INTO ops.value_mapping VALUES ('product', 'category', 'XYZ_1', 'b2b_sme')")
    row = book.v0_row("product", code="xyz_1")
    assert book.rows("SELECT code, category, business_unit FROM product WHERE id = %s", row) == [("XYZ_1", "b2b_sme", "commercial")]


@pytest.mark.parametrize(("country", "zone"), [("SG", "Asia/Singapore"), ("ae", "Asia/Dubai"), ("MY", None)])
def test_an_entity_gets_its_time_zone_from_its_country(book: Book, country: str, zone: str | None) -> None:
    """The business date is the entity's local date; a country without a declared zone gets none."""
    row = book.v0_row("legal_entity", country_code=country)
    assert book.value("SELECT time_zone FROM legal_entity WHERE id = %s", row) == zone


def test_a_reversal_is_dated(book: Book) -> None:
    """A payment that becomes reversed without a moment is reversed now; a given moment stays."""
    book.change("payment", status="reversed")
    assert book.value("SELECT reversed_at BETWEEN now() AND clock_timestamp() FROM payment WHERE id = %s", ID["payment"])
    other = book.variant("payment", status="reversed", reversed_at="2024-05-01Z")
    assert book.value("SELECT reversed_at = '2024-05-01Z' FROM payment WHERE id = %s", other)
