from __future__ import annotations

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg2 import errors
from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import make_engine
from rently_db.migrate.preflight import Finding, preflight
from rently_db.migrate.steps import Step
from rently_db.packaged import revisions
from rently_db.synth.options import Dirt, PlantedDefect
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.looks import nothing_changes
from tests.support.migrations import ROOT, alembic_config, downgrade, dump, rows, run_sql, upgrade, v0_content

NOT_POSITIVE = ("_positive", "_non_negative", "decision_approved_amount_check")
RULES: dict[str, tuple[str, ...]] = {
    "amount is negative": NOT_POSITIVE,
    "amount has three decimals": ("_is_money",),
    "amount is not a number": ("payment_amount_is_money",),
    "payment without an amount": ("payment.amount not null",),
    "currency is unknown": ("_currency_code_fkey",),
    "end before start": ("_dates_check",),
    "rate is negative": ("loan_interest_rate_is_rate",),
    "rate has five decimals": ("loan_interest_rate_is_rate",),
    "product code without a known prefix": ("product.category not null",),
    "loan number is NULL": ("loan.loan_number not null",),
    "tenor is zero": ("application_tenor_positive",),
    "value is unknown": ("party_kind_check", "loan_status_check"),
    "rate of a currency to itself": ("fx_rate_currencies_different",),
    "exchange rate is zero": ("fx_rate_positive",),
    "two rates for one day": ("fx_rate_as_of_date_from_ccy_to_ccy_source_key",),
    "payment reference used twice": ("one_payment_per_reference",),
    "plan version used twice": ("amortisation_plan_loan_id_version_key",),
    "line number used twice": ("amortisation_line_plan_id_seq_no_key",),
    "ledger account code used twice": ("ledger_account_legal_entity_id_code_key",),
    "ledger entry without any evidence of its date": ("ledger_entry.entry_date not null",),
}
"""What is wrong with a row -> how the name of the rule that finds it ends."""


@dataclass(frozen=True)
class DirtyBook:
    """A v0 database with defects, as a template, and the list of them."""

    name: str
    planted: list[PlantedDefect]


@contextmanager
def _dirty(databases: Databases, dirty: Dirt) -> Iterator[DirtyBook]:
    with databases.database() as url:
        report = write_v0_book(url, 60, dirty=dirty)
        yield DirtyBook(str(url.database), report.planted)


@pytest.fixture(scope="module")
def hopeless(databases: Databases) -> Iterator[DirtyBook]:
    """A book with every kind of defect, those included that nothing mends."""
    with _dirty(databases, "all") as book:
        yield book


@pytest.fixture(scope="module")
def repairable(databases: Databases) -> Iterator[DirtyBook]:
    """A book with every kind of defect for which a repair is declared."""
    with _dirty(databases, "repairable") as book:
        yield book


@pytest.fixture(scope="session")
def steps() -> list[Step]:
    """Every step of the chain."""
    script = ScriptDirectory(str(ROOT / "migrations"))
    return [step for revision in revisions() for step in script.get_revision(revision).module.steps()]


def findings(url: URL, steps: list[Step], mapping: dict[tuple[str, str, str], str] | None = None) -> list[Finding]:
    """What the preflight finds."""
    with make_engine(url, poolclass=NullPool).connect() as connection:
        return preflight(connection, steps, mapping)


def test_every_defect_that_nothing_mends_is_found(databases: Databases, hopeless: DirtyBook, steps: list[Step]):
    """Each planted defect is reported with its table, the rule it breaks and the id of its row; nothing else is."""
    with databases.database(template=hopeless.name) as url:
        found = findings(url, steps)
    hopeless_rows = [defect for defect in hopeless.planted if defect.expected == "stops"]
    for defect in hopeless_rows:
        rules = [finding.rule for finding in found if finding.table == defect.table and defect.row_id in finding.sample]
        assert any(rule.endswith(RULES[defect.defect]) for rule in rules), defect
    assert {defect.defect for defect in hopeless_rows} == set(RULES)
    planted = {(defect.table, defect.row_id) for defect in hopeless_rows}
    assert not [finding for finding in found if not planted & {(finding.table, row) for row in finding.sample}]


def test_what_nothing_mends_stops_the_upgrade_before_it_begins(databases: Databases, hopeless: DirtyBook, steps: list[Step]):
    """The upgrade prints every finding, each with its row, and has changed nothing."""
    with databases.database(template=hopeless.name) as url, nothing_changes(url):
        with pytest.raises(CommandError) as refused:
            upgrade(url)
        for finding in findings(url, steps):
            assert finding.sentence() in str(refused.value)


def test_findings_count_and_show_a_sample(book_database: URL, steps: list[Step]):
    """A rule that many rows break is one finding: how many, five ids, and what v1 requires."""
    run_sql(book_database, "UPDATE public.payment SET amount = -amount")
    (count,) = rows(book_database, "SELECT count(*) FROM public.payment")[0]
    (finding,) = [finding for finding in findings(book_database, steps) if finding.rule == "payment_amount_positive"]
    assert (finding.count, len(finding.sample)) == (count, 5)
    assert f"payment: {count} rows break payment_amount_positive (id " in finding.sentence()
    assert "v1 requires (amount > 0)" in finding.sentence()


def test_declared_repairs_mend_the_rest_and_give_it_back(databases: Databases, repairable: DirtyBook, steps: list[Step]):
    """A book with repairable defects only has no finding; each defect is repaired with a journal entry, and a rollback gives it back."""
    with databases.database(template=repairable.name) as url:
        assert findings(url, steps) == []
        schema, content = dump(url), v0_content(url)
        upgrade(url)
        for defect in repairable.planted:
            assert _journalled(url, defect), defect
        downgrade(url)
        assert v0_content(url) == content
        assert dump(url) == schema
        assert rows(url, "SELECT DISTINCT state FROM ops.row_journal WHERE kind IN ('repair', 'removed')") == [("given_back",)]


def _journalled(url: URL, defect: PlantedDefect) -> bool:
    """Whether the journal holds the old value of the defect, or the whole row where the row is the defect."""
    was = (
        "true"
        if defect.column == "*"
        else f"j.old_value ? '{defect.column}' AND j.old_value ->> '{defect.column}' IS NOT DISTINCT FROM t.v"
    )
    value = "NULL" if defect.value is None else f"$v${defect.value}$v$"
    query = (
        f"SELECT EXISTS (SELECT FROM ops.row_journal AS j, (SELECT {value}::text AS v) AS t WHERE j.table_name = '{defect.table}'"
        f" AND j.row_id = '{defect.row_id}' AND j.kind IN ('repair', 'removed') AND {was})"
    )
    return bool(rows(url, query)[0][0])


def test_repairs_change_no_other_row(databases: Databases, repairable: DirtyBook):
    """The journal names the planted rows and no others: a clean row is never touched."""
    with databases.database(template=repairable.name) as url:
        upgrade(url)
        touched = set(rows(url, "SELECT DISTINCT table_name, row_id::text FROM ops.row_journal"))
    assert touched == {(defect.table, defect.row_id) for defect in repairable.planted}


def test_the_preflight_can_not_write(book_database: URL, steps: list[Step]):
    """PostgreSQL itself keeps the preflight from changing anything: its transaction is READ ONLY."""
    with make_engine(book_database, poolclass=NullPool).connect() as connection:
        preflight(connection, steps)
        assert connection.scalar(text("SHOW transaction_read_only")) == "on"
        with pytest.raises(DBAPIError) as refused:
            connection.execute(text("DELETE FROM public.fx_rate"))
        assert isinstance(refused.value.orig, errors.ReadOnlySqlTransaction)


def mapped_upgrade(url: URL, file: Path) -> None:
    """``alembic -x mapping=FILE upgrade head``."""
    config = alembic_config(url)
    config.cmd_opts = type("Options", (), {"x": [f"mapping={file}"]})()
    command.upgrade(config, "head")


def test_a_mapping_file_says_what_unknown_values_mean(book_database: URL, tmp_path: Path):
    """An unknown product code and an unknown kind of party pass once the operator has said what they are; a rollback gives them back."""
    run_sql(
        book_database,
        "INSERT INTO public.product (id, code, name) VALUES ('00000000-0000-0000-0000-0000000000aa', ' legacy_7', 'Old')",
        "INSERT INTO public.party (id, kind, display_name) VALUES ('00000000-0000-0000-0000-0000000000bb', 'Sole Trader', 'Tan')",
    )
    content = v0_content(book_database)
    with pytest.raises(CommandError, match=r"product\.category not null(.|\n)*party_kind_check"):
        upgrade(book_database)
    file = tmp_path / "mapping.csv"
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(
            [
                ["table", "column", "from", "to"],
                ["product", "category", "Legacy_7", "b2b_sme"],
                ["party", "kind", "Sole Trader", "corporate"],
            ]
        )
    mapped_upgrade(book_database, file)
    assert rows(book_database, "SELECT category, business_unit FROM public.product WHERE code = 'LEGACY_7'") == [("b2b_sme", "commercial")]
    assert rows(book_database, "SELECT kind FROM public.party WHERE display_name = 'Tan'") == [("corporate",)]
    downgrade(book_database)
    assert v0_content(book_database) == content


HEAD = "table,column,from,to\n"
MALFORMED = {
    "empty": ("", ":1: a mapping file begins with the line table,column,from,to"),
    "without a head": ("party,kind,alien,agent\n", ":1: a mapping file begins with the line table,column,from,to"),
    "semicolons": ("table;column;from;to\n", ":1: a mapping file begins"),
    "a field too few": (
        HEAD + "party,kind,alien,agent\n\nparty,kind,alien\n",
        ":4: a line has four fields (table,column,from,to), this one has 3",
    ),
    "a field too many": (HEAD + "party,kind,a,b,agent\n", ":2: a line has four fields"),
    "an unknown column": (HEAD + "party,email,a,b\n", ":2: party.email can't be mapped"),
    "an unknown target": (
        HEAD + "party,kind,alien,martian\n",
        ":2: 'martian' is no value of party.kind; choose one of individual, corporate",
    ),
    "an unknown category": (HEAD + "product,category,LEGACY_7,loans\n", ":2: 'loans' is no value of product.category"),
    "two meanings": (HEAD + "party,kind,alien,agent\nparty,kind,ALIEN,broker\n", ":3: 'ALIEN' of party.kind is mapped to 'broker' here"),
    "an open quote": (HEAD + 'party,kind,"alien,agent\n', ":2: "),
    "not UTF-8": (HEAD.encode() + b"party,kind,\xe9,agent\n", "is not UTF-8"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_mapping_file_is_refused_with_its_line(book_database: URL, tmp_path: Path, name: str):
    """A mapping that would have no effect is an error with file and line, before anything changes."""
    content, expected = MALFORMED[name]
    file = tmp_path / "mapping.csv"
    file.write_bytes(content if isinstance(content, bytes) else content.encode())
    with nothing_changes(book_database), pytest.raises(CommandError) as refused:
        mapped_upgrade(book_database, file)
    assert expected in str(refused.value)
    assert str(file) in str(refused.value)


def test_a_missing_mapping_file_is_refused(book_database: URL, tmp_path: Path):
    """A path that leads nowhere is said before anything changes."""
    with nothing_changes(book_database), pytest.raises(CommandError, match=r"none\.csv can't be read"):
        mapped_upgrade(book_database, tmp_path / "none.csv")
