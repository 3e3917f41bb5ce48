"""What nobody accounts for is found and named, and the accounts are shown in three ways."""

from __future__ import annotations

import json
import logging
import re

import pytest
from rich.console import Console
from sqlalchemy import URL

from rently_db.migrate.accounting import accounting_lines, accounting_table, as_json
from rently_db.migrate.baseline import BASELINE
from tests.support.accounts import accounts, differences, reported
from tests.support.migrations import run_sql, upgrade

BEHIND = "SET session_replication_role = replica; "
MIGRATION = "SET rently.origin = 'migration'; "


def one(table: str, *, repaired: bool = False) -> str:
    """A row of a table that the migration has repaired, or has not."""
    known = f"SELECT row_id FROM ops.row_journal WHERE table_name = '{table}'"
    return f"id = (SELECT id FROM {table} WHERE id {'' if repaired else 'NOT '}IN ({known}) ORDER BY id LIMIT 1)"


def entry(kind: str, table: str) -> str:
    """Write into the journal what never happened."""
    return (
        "INSERT INTO ops.row_journal (kind, rule, table_name, row_id, old_value, new_value, origin) "
        f"SELECT '{kind}', 'made_up', '{table}', id, '{{}}', '{{}}', 'migration' FROM {table} WHERE {one(table)}"
    )


UNSEEN = "fx_rate DISABLE TRIGGER tally_update; UPDATE fx_rate SET rate = rate * 2; ALTER TABLE fx_rate ENABLE TRIGGER tally_update"
NEW_RATE = (
    "INSERT INTO fx_rate (id, as_of_date, from_ccy, to_ccy, rate, source) VALUES (md5('1')::uuid, '2000-01-01', 'SGD', 'AED', 2.7, 'x')"
)
NO_WRITER = "values changed that no application and no step of the migration wrote"
NO_ENTRY = "by the migration without an entry in the journal; the first is [-0-9a-f]{36}"
NO_CHANGE = "according to the journal, but not in the table; the first is [-0-9a-f]{36}"
TAMPERINGS = {
    "a row gone": (
        f"{BEHIND}DELETE FROM loan_status_history; DELETE FROM party_role WHERE {one('party_role')}",
        r"party_role: \d+ rows expected, \d+ rows found",
    ),
    "an amount": (
        f"{BEHIND}UPDATE loan SET principal_amount = 1 WHERE {one('loan')}",
        r"loan: the sum of principal_amount \w+ should be [\d,.]+ and is [\d,.]+",
    ),
    "a text": (f"{BEHIND}UPDATE party SET phone = '1' WHERE {one('party')}", f"party: {NO_WRITER}"),
    "no trigger": (f"ALTER TABLE {UNSEEN}", f"fx_rate: {NO_WRITER}"),
    "truncated": ("TRUNCATE document_link", r"document_link: \d+ rows expected, 0 rows found"),
    "a silent repair": (f"{MIGRATION}UPDATE party SET phone = '1' WHERE {one('party')}", f"party: 1 row was changed {NO_ENTRY}"),
    "a second one": (
        f"{MIGRATION}UPDATE payment SET provider = '1' WHERE {one('payment', repaired=True)}",
        f"payment: 1 row was changed {NO_ENTRY}",
    ),
    "silent removals": (f"{MIGRATION}DELETE FROM document_link", rf"document_link: \d+ rows were taken out {NO_ENTRY}"),
    "a silent row": (f"{MIGRATION}{NEW_RATE}", f"fx_rate: 1 row was put in {NO_ENTRY}"),
    "an idle repair": (entry("repair", "product"), f"product: 1 row was changed {NO_CHANGE}"),
    "an idle removal": (entry("removed", "fx_rate"), f"fx_rate: 1 row was taken out {NO_CHANGE}"),
    "a lost journal": ("DELETE FROM ops.row_journal WHERE table_name = 'loan'", rf"loan: \d+ rows were changed {NO_ENTRY}"),
}


@pytest.mark.parametrize("tampering", TAMPERINGS)
def test_what_nobody_accounts_for_is_named(halfway: URL, tampering: str, caplog: pytest.LogCaptureFixture):
    """A row or an amount that changed behind the triggers, a repair without a journal, a journal without a repair: table and measure."""
    statements, sentence = TAMPERINGS[tampering]
    run_sql(halfway, statements)
    upgrade(halfway)
    [told] = {re.sub(r"(?<=principal_amount )\w+", "SGD", line) for line in differences(halfway)}
    assert re.fullmatch(sentence, told)
    with caplog.at_level(logging.ERROR, "rently_db.migrate"):
        assert reported(halfway)[-1] == differences(halfway)[-1]
    assert {(record.levelname, record.args) for record in caplog.records} == {("ERROR", (line,)) for line in differences(halfway)}


def test_how_accounts_are_shown(halfway: URL):
    """A table of 80 columns, lines for logs, JSON with sums as text; all of them say which table does not close."""
    run_sql(halfway, f"{BEHIND}DELETE FROM payment")
    upgrade(halfway)
    run_sql(
        halfway,
        "UPDATE ops.account SET rows_before = 98765432, rows_after = 98765432, migration_changed = 123456, applications_in = 123456",
    )
    found = [*accounts(halfway).values()]
    console = Console(width=80, record=True)
    console.print(accounting_table(found))
    shown = console.export_text().splitlines()
    assert all(len(line) <= 80 and "…" not in line for line in shown), shown
    for lines in (shown, accounting_lines(found)):
        verdicts = {line.split()[0]: line.split()[-1] for line in lines if line.split() and line.split()[0] in BASELINE}
        assert verdicts == {table: "NO" if table == "payment" else "ok" for table in BASELINE}
    by_table = {entry["table"]: entry for entry in json.loads(json.dumps(as_json(found)))}
    assert [table for table, entry in by_table.items() if not entry["closes"]] == ["payment"]
    assert {type(amount) for entry in by_table.values() for sums in entry["money"].values() for amount in sums.values()} == {str}
    assert by_table["payment"]["money"]["after"] == {}
    assert by_table["payment"]["differences"][0] == f"payment: {found[0].rows_expected:,} rows expected, 98,765,432 rows found"
