"""Money adds up: allocations, what belongs together, currencies, journals; and it is never deleted or changed."""

from __future__ import annotations

from typing import Any

import pytest

from tests.rules.book import ID, Book

WITHIN, TOGETHER, APPEND = "payment_allocation_within_payment", "payment_allocation_belongs_together", "payment_allocation_append_only"
AGREES = "payment_allocation_currency_agrees"
DUE_IN_AED = {"loan_id": ID["loan_aed"], "plan_id": ID["plan_aed"], "line_id": ID["line_aed"]}


def allocate_rows(book: Book, *rows: tuple[str, str]) -> None:
    """Allocate several (payment, amount) in one statement."""
    values = ", ".join(f"('{ID[payment]}', '{ID['loan']}', 'principal', {amount})" for payment, amount in rows)
    book.execute(f"INSERT INTO payment_allocation (payment_id, loan_id, component, allocated_amount) VALUES {values}")


def allocated(book: Book, payment: str = "payment_two") -> str:
    """What is allocated of a payment and not reversed."""
    total = "SELECT coalesce(sum(allocated_amount), 0) FROM payment_allocation WHERE payment_id = %s AND reversed_at IS NULL"
    return str(book.value(total, ID[payment]))


@pytest.mark.parametrize(("amounts", "passes"), [(["100"], True), (["100.01"], False), (["60", "40"], True), (["60", "40", "0.01"], False)])
def test_allocations_stay_within_the_payment(book: Book, amounts: list[str], passes: bool) -> None:
    """The allocations of a payment never exceed its amount, in one statement or in several; all of it may be allocated."""
    *before, last = amounts
    for amount in before:
        book.allocate(amount)
    if passes:
        book.allocate(last)
        assert allocated(book) == "100"
    else:
        with book.refused(WITHIN, "23514") as caught:
            book.allocate(last)
        assert caught.value.diag.table_name == "payment_allocation"
        assert "reverse another allocation first" in caught.value.diag.message_hint


@pytest.mark.parametrize(
    ("rows", "passes"),
    [
        ([("payment_two", "60"), ("payment_two", "40")], True),
        ([("payment_two", "60"), ("payment_two", "41")], False),
        ([("payment", "90"), ("payment_two", "100")], True),
        ([("payment", "90.01"), ("payment_two", "100")], False),
        ([("payment", "1"), ("payment_two", "100.01"), ("payment", "1")], False),
    ],
)
def test_a_statement_is_judged_as_a_whole(book: Book, rows: list[tuple[str, str]], passes: bool) -> None:
    """One statement over several rows and payments is judged per payment, with what was allocated before (10 of the first)."""
    if passes:
        allocate_rows(book, *rows)
    else:
        with book.refused(WITHIN, "23514"):
            allocate_rows(book, *rows)


def test_an_insert_of_no_rows_passes(book: Book) -> None:
    """A statement that inserts nothing has nothing to judge."""
    assert book.execute("INSERT INTO payment_allocation SELECT * FROM payment_allocation WHERE false") == 0


def test_a_reversed_allocation_frees_its_amount(book: Book) -> None:
    """Reversing an allocation frees what it took; an allocation that is written reversed takes nothing."""
    row = book.allocate("100")
    book.allocate("50", reversed_at="2024-05-01Z")
    with book.refused(WITHIN):
        book.allocate("0.01")
    assert book.change("payment_allocation", row, reversed_at="2024-05-01Z") == 1
    book.allocate("100")


def test_a_reversal_is_final(book: Book) -> None:
    """reversed_at is written once: neither another moment nor none can follow; the same moment again is no change."""
    row = book.allocate("100", reversed_at="2024-05-01Z")
    for moment in ("2024-05-02Z", None):
        with book.refused("payment_allocation_reversed_once", "23001"):
            book.change("payment_allocation", row, reversed_at=moment)
    assert book.change("payment_allocation", row, reversed_at="2024-05-01Z") == 1


def test_a_payment_shrinks_only_to_what_is_allocated(book: Book) -> None:
    """A payment may fall to what is allocated of it, not below, and may rise again."""
    book.allocate("80")
    with book.refused(WITHIN, "23514"):
        book.change("payment", ID["payment_two"], amount="79.99")
    for amount in ("80", "120"):
        assert book.change("payment", ID["payment_two"], amount=amount) == 1


@pytest.mark.parametrize(
    ("values", "constraint"),
    [
        ({"plan_id": ID["plan_old"], "line_id": None}, TOGETHER),
        ({"plan_id": None, "line_id": ID["line_old"]}, TOGETHER),
        ({"plan_id": ID["plan_old"], "line_id": ID["line_old"]}, TOGETHER),
        ({"line_id": ID["line_old"]}, TOGETHER),
        ({"line_id": ID["line_second"]}, TOGETHER),
        ({"loan_id": ID["loan_old"]}, TOGETHER),
        ({"plan_id": None, "line_id": None}, None),
        ({"plan_id": None}, None),
        ({"line_id": None}, None),
    ],
)
def test_loan_plan_and_line_belong_together(book: Book, values: dict[str, Any], constraint: str | None) -> None:
    """An allocation's plan and line are of its loan, and its line of its plan, as far as they are named."""
    if constraint is None:
        book.allocate("1", **values)
    else:
        with book.refused(constraint, "23514"):
            book.allocate("1", **values)


@pytest.mark.parametrize(
    ("table", "values", "constraint"),
    [
        ("payment_allocation", {"payment_id": ID["payment_aed"]}, AGREES),
        ("payment_allocation", DUE_IN_AED, AGREES),
        ("amortisation_line", {"currency_code": "AED"}, "amortisation_line_currency_agrees"),
        ("amortisation_line", {"plan_id": ID["plan_aed"]}, "amortisation_line_currency_agrees"),
        ("disbursement", {"currency_code": "AED"}, "disbursement_currency_agrees"),
        ("collections_event", {"currency_code": "AED"}, "collections_event_currency_agrees"),
        ("ledger_entry", {"currency_code": "AED", "disbursement_id": None}, "ledger_entry_currency_agrees"),
        ("ledger_entry", {"currency_code": "AED", "payment_id": None}, "ledger_entry_currency_agrees"),
        ("payment_allocation", DUE_IN_AED | {"payment_id": ID["payment_aed"]}, None),
        ("amortisation_line", {"plan_id": ID["plan_aed"], "currency_code": "AED"}, None),
        ("disbursement", {"loan_id": ID["loan_aed"], "currency_code": "AED"}, None),
        ("collections_event", {"currency_code": None}, None),
        ("ledger_entry", {"currency_code": "AED", "disbursement_id": None, "payment_id": ID["payment_aed"]}, None),
        ("ledger_entry", {"currency_code": "USD", "disbursement_id": None, "payment_id": None, "loan_id": None}, None),
    ],
)
def test_currencies_agree(book: Book, table: str, values: dict[str, Any], constraint: str | None) -> None:
    """An amount is in the currency of its loan, payment or disbursement; money never changes its currency unsaid."""
    if constraint is None:
        book.variant(table, **values)
    else:
        with book.refused(constraint, "23514"):
            book.variant(table, **values)


@pytest.mark.parametrize(
    ("table", "row", "values", "constraint"),
    [
        ("amortisation_line", "amortisation_line", {"currency_code": "AED"}, "amortisation_line_currency_agrees"),
        ("amortisation_line", "line_old", {"plan_id": ID["plan_aed"], "seq_no": 9}, "amortisation_line_currency_agrees"),
        ("disbursement", "disbursement", {"currency_code": "AED"}, "disbursement_currency_agrees"),
        ("collections_event", "collections_event", {"loan_id": ID["loan_aed"]}, "collections_event_currency_agrees"),
        ("loan", "loan", {"currency_code": "AED"}, "loan_currency_agrees"),
        ("loan", "loan_old", {"currency_code": "AED"}, "loan_currency_agrees"),
        ("payment", "payment", {"currency_code": "AED"}, AGREES),
        ("payment", "payment_booked", {"currency_code": "AED"}, "ledger_entry_currency_agrees"),
        ("amortisation_plan", "amortisation_plan", {"loan_id": ID["loan_old"], "status": "superseded"}, TOGETHER),
        ("amortisation_line", "amortisation_line", {"plan_id": ID["plan_old"], "seq_no": 9}, TOGETHER),
    ],
)
def test_what_money_depends_on_stays(book: Book, table: str, row: str, values: dict[str, Any], constraint: str) -> None:
    """Currency and parentage of what money was booked on can't change under it."""
    with book.refused(constraint):
        book.change(table, ID[row], **values)


def test_what_has_no_money_may_change(book: Book) -> None:
    """A loan, payment, plan or line without money may still be corrected."""
    loan = book.variant("loan", parent_loan_id=None)
    book.change("loan", loan, currency_code="USD")
    book.change("payment", ID["payment_two"], currency_code="USD")
    book.change("amortisation_line", ID["line_old"], plan_id=ID["amortisation_plan"], seq_no=9)
    book.change("amortisation_plan", ID["plan_old"], loan_id=ID["loan"], status="superseded")
    assert book.value("SELECT currency_code FROM loan WHERE id = %s", loan) == "USD"
    assert book.value("SELECT currency_code FROM payment WHERE id = %s", ID["payment_two"]) == "USD"


@pytest.mark.parametrize(
    ("table", "values"),
    [
        ("payment_allocation", {"allocated_amount": "9"}),
        ("payment_allocation", {"component": "penalty"}),
        ("payment_allocation", {"payment_id": ID["payment_two"]}),
        ("payment_allocation", {"loan_id": ID["loan_old"]}),
        ("payment_allocation", {"plan_id": None}),
        ("payment_allocation", {"line_id": None}),
        ("ledger_entry", {"amount": "11"}),
        ("ledger_entry", {"side": "credit"}),
        ("ledger_entry", {"account_id": ID["account_assets"]}),
        ("ledger_entry", {"currency_code": "AED"}),
        ("ledger_entry", {"legal_entity_id": ID["entity_ae"]}),
        ("ledger_entry", {"loan_id": None}),
        ("ledger_entry", {"payment_id": ID["payment_two"]}),
        ("ledger_entry", {"disbursement_id": None}),
        ("ledger_entry", {"journal_id": None}),
        ("ledger_entry", {"entry_date": "2020-01-01"}),
    ],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_booked_money_does_not_change(book: Book, table: str, values: dict[str, Any]) -> None:
    """What is allocated or booked is corrected by a new row, never by a change."""
    with book.refused(f"{table}_append_only", "23001"):
        book.change(table, **values)
    own = ", ".join(f"{column} = {column}" for column in values)
    assert book.execute(f"UPDATE {table} SET {own} WHERE id = %s", ID[table]) == 1, "writing the same value is no change"


@pytest.mark.parametrize("table", ["payment_allocation", "ledger_entry"])
def test_booked_money_is_not_deleted(book: Book, table: str) -> None:
    """Allocations and ledger entries are never deleted."""
    with book.refused(f"{table}_append_only", "23001"):
        book.execute(f"DELETE FROM {table} WHERE id = %s", ID[table])


@pytest.mark.parametrize(
    ("truncated", "constraint"),
    [
        ("payment_allocation", {APPEND}),
        ("ledger_entry", {"ledger_entry_append_only"}),
        ("payment CASCADE", {"payment_append_only"}),
        ("loan CASCADE", {APPEND, "ledger_entry_append_only"}),
        ("amortisation_line CASCADE", {APPEND}),
        ("party CASCADE", {APPEND, "ledger_entry_append_only", "payment_append_only"}),
    ],
)
def test_money_is_not_truncated(book: Book, truncated: str, constraint: set[str]) -> None:
    """TRUNCATE reaches money by no path, not through another table's CASCADE either."""
    with pytest.raises(Exception, match="never truncated") as caught:
        book.execute(f"TRUNCATE {truncated}")
    assert caught.value.diag.constraint_name in constraint


def planted(book: Book, table: str, **values: Any) -> str:
    """A wrong row as v0 left it, written past the triggers."""
    book.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    row = book.variant(table, **values)
    book.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    return row


@pytest.mark.parametrize(
    ("table", "wrong", "change"),
    [
        ("payment_allocation", {"allocated_amount": "5000"}, {"reversed_at": "2024-05-01Z"}),
        ("payment_allocation", {"payment_id": ID["payment_aed"], "line_id": ID["line_old"]}, {"reversed_at": "2024-05-01Z"}),
        ("amortisation_line", {"currency_code": "AED"}, {"amount_penalty": "5"}),
        ("disbursement", {"currency_code": "AED"}, {"status": "failed"}),
        ("collections_event", {"currency_code": "AED"}, {"notes": "Called again"}),
        ("ledger_entry", {"currency_code": "AED"}, {"created_at": "2024-05-01Z"}),
    ],
)
def test_what_v0_wrote_wrongly_may_be_changed_otherwise(book: Book, table: str, wrong: dict[str, Any], change: dict[str, Any]) -> None:
    """The rules judge what a statement changes: a row that was wrong before v1 takes every other change."""
    row = planted(book, table, **wrong)
    assert book.change(table, row, **change) == 1


def test_an_overallocated_payment_of_v0_may_be_changed_otherwise(book: Book) -> None:
    """A payment that v0 overallocated takes other changes and may grow; only to shrink, or to allocate more of it, is refused."""
    planted(book, "payment_allocation", payment_id=ID["payment_two"], allocated_amount="500")
    payment = ID["payment_two"]
    assert book.change("payment", payment, status="failed", provider="adyen") == 1
    assert book.change("payment", payment, amount="120") == 1
    with book.refused(WITHIN):
        book.change("payment", payment, amount="119")
    with book.refused(WITHIN):
        book.allocate("0.01")


Entry = tuple[str, str, str]


@pytest.mark.parametrize(
    ("entries", "constraint"),
    [
        ([("debit", "5", "SGD"), ("credit", "5", "SGD")], None),
        ([("debit", "5", "SGD"), ("credit", "2", "SGD"), ("credit", "3.00", "SGD")], None),
        ([("debit", "5", "SGD"), ("credit", "5", "SGD"), ("debit", "7", "AED"), ("credit", "7", "AED")], None),
        ([("debit", "5", "SGD"), ("credit", "4.99", "SGD")], "ledger_entry_journal_balances"),
        ([("debit", "5", "SGD"), ("credit", "5", "AED")], "ledger_entry_journal_balances"),
        ([("debit", "5", "SGD")], "ledger_entry_journal_balances"),
    ],
)
@pytest.mark.parametrize("journal", ["new", "late"])
def test_a_journal_balances_at_commit(book: Book, entries: list[Entry], constraint: str | None, journal: str) -> None:
    """The entries of a journal balance in each currency at commit, also those added later to one that balanced."""
    owner = book.variant("journal_entry") if journal == "new" else ID["journal_entry"]
    for side, amount, currency in entries:
        book.variant(
            "ledger_entry", journal_id=owner, side=side, amount=amount, currency_code=currency, payment_id=None, disbursement_id=None
        )
    if constraint is None:
        book.execute("SET CONSTRAINTS ALL IMMEDIATE")
    else:
        with book.refused(constraint, "23514"):
            book.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_a_journal_has_one_legal_entity(book: Book) -> None:
    """Entries of two legal entities don't share a journal, balanced or not, and a journal with entries keeps its entity."""
    journal = book.variant("journal_entry")
    loose = {"journal_id": journal, "payment_id": None, "disbursement_id": None, "loan_id": None}
    book.change("journal_entry", journal, legal_entity_id=ID["entity_ae"])
    book.variant("ledger_entry", side="debit", **loose)
    book.variant("ledger_entry", side="credit", legal_entity_id=ID["entity_ae"], **loose)
    with book.refused("ledger_entry_journal_one_entity", "23514"):
        book.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with book.refused("ledger_entry_journal_one_entity", "23514"):
        book.change("journal_entry", legal_entity_id=ID["entity_ae"])
    assert book.change("journal_entry", description="Instalment of February") == 1


def test_entries_without_a_journal_need_not_balance(book: Book) -> None:
    """v0 knows no journals: its entries stand alone."""
    book.v0_row("ledger_entry", side="credit", amount="7")
    book.execute("SET CONSTRAINTS ALL IMMEDIATE")
    assert book.value("SELECT count(*) FROM ledger_entry WHERE journal_id IS NULL") == 2
