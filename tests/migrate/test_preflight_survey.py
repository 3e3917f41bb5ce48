"""What the preflight reports besides what stops: repairs and their counts, rows without a parent, the commands that let rows pass."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import URL, NullPool

from rently_db.database import make_engine
from rently_db.migrate.mapping import read_mapping
from rently_db.migrate.preflight import Finding, Kind, survey
from rently_db.migrate.preflight.evaluate import _Survey
from rently_db.migrate.preflight.queries import row_items, suspects
from rently_db.operations.preflight.report import all_steps
from rently_db.synth.options import Dirt
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.migrations import alembic_config, downgrade, rows, run_sql, upgrade

STEPS = all_steps()
NOBODY = "00000000-0000-0000-0000-0000000000ff"


@contextmanager
def _dirty(databases: Databases, dirt: Dirt) -> Iterator[str]:
    with databases.database() as url:
        write_v0_book(url, 60, dirty=dirt)
        yield str(url.database)


@pytest.fixture(scope="module")
def repairable(databases: Databases) -> Iterator[str]:
    """Name of a v0 database with every kind of defect for which a repair is declared, to copy from."""
    with _dirty(databases, "repairable") as name:
        yield name


@pytest.fixture(scope="module")
def hopeless(databases: Databases) -> Iterator[str]:
    """Name of a v0 database with every kind of defect, to copy from."""
    with _dirty(databases, "all") as name:
        yield name


def surveyed(url: URL, *, thorough: bool = False) -> list[Finding]:
    """Everything the preflight finds."""
    with make_engine(url, poolclass=NullPool).connect() as connection:
        return survey(connection, STEPS, thorough=thorough)


def stops(url: URL, *, thorough: bool = False) -> dict[str, Finding]:
    """What would stop the migration, by the name of the rule."""
    return {finding.rule: finding for finding in surveyed(url, thorough=thorough) if not finding.automatic}


def test_repairs_are_announced_as_the_journal_will_have_them(databases: Databases, repairable: str):
    """The preflight says of each declared repair how many rows it will change: exactly those that the migration then journals."""
    with databases.database(template=repairable) as url:
        said = {finding.rule: (finding.table, finding.count) for finding in surveyed(url)}
        samples = {(finding.rule, row) for finding in surveyed(url) for row in finding.sample}
        upgrade(url)
        journal = rows(url, "SELECT rule, table_name, row_id::text FROM ops.row_journal WHERE kind IN ('repair', 'removed')")
    counts = Counter((rule, table) for rule, table, _ in journal)
    assert said == {rule: (table, count) for (rule, table), count in counts.items()}
    assert samples <= {(rule, row) for rule, _, row in journal}
    assert {"amortisation_plan_one_active", "payment_instrument_one_default", "party_role_duplicate"} <= said.keys()


def test_the_short_cut_hides_nothing(databases: Databases, hopeless: str, monkeypatch: pytest.MonkeyPatch):
    """Working out only the rows that a cheap condition picks finds the same as working out every row."""
    with databases.database(template=hopeless) as url:
        quick = surveyed(url)
        monkeypatch.setattr("rently_db.migrate.preflight.queries.may_need_repair", lambda *_: "true")
        assert surveyed(url) == quick
    assert {finding.kind for finding in quick} == {Kind.REPAIR, Kind.ROWS}


def test_few_rows_are_worked_out(databases: Databases, hopeless: str):
    """On a book with few defects hardly a row passes the cheap condition: that is why the preflight is quick."""
    with databases.database(template=hopeless) as url, make_engine(url, poolclass=NullPool).connect() as connection:
        asked = _Survey(connection, STEPS, {}, 5)
        head = suspects(asked._relations["payment_allocation"], row_items("payment_allocation", asked._rules), asked._mapping)
        picked, every = asked._execute(f"{head} SELECT (SELECT count(*) FROM suspects), (SELECT count(*) FROM public.payment_allocation)")[
            0
        ]
    assert 0 < picked <= 5
    assert every > 500


@pytest.mark.parametrize(
    ("how", "thorough"),
    [
        ("not valid", False),
        ("triggers off", False),
        ("triggers were off", True),
    ],
)
def test_rows_without_a_parent_are_found(book_database: URL, how: str, thorough: bool):
    """A payment from a payer who does not exist stops the migration, however it got past v0's foreign key."""
    orphan = f"UPDATE public.payment SET payer_party_id = '{NOBODY}' WHERE id = (SELECT min(id::text)::uuid FROM public.payment)"
    drop = "ALTER TABLE public.payment DROP CONSTRAINT payment_payer_party_id_fkey"
    add = "ALTER TABLE public.payment ADD CONSTRAINT hand_made FOREIGN KEY (payer_party_id) REFERENCES public.party (id) NOT VALID"
    off, on = ("ALTER TABLE public.payment DISABLE TRIGGER ALL", "ALTER TABLE public.payment ENABLE TRIGGER ALL")
    statements = {"not valid": (drop, orphan, add), "triggers off": (off, orphan), "triggers were off": (off, orphan, on)}[how]
    run_sql(book_database, *statements)
    (first,) = rows(book_database, "SELECT min(id::text) FROM public.payment")[0]
    finding = stops(book_database, thorough=thorough)["payment_payer_party_id_fkey"]
    assert (finding.table, finding.column, finding.count, finding.sample) == ("payment", "payer_party_id", 1, (first,))
    assert finding.mend == "payer_party_id must be the id of a row of party, or NULL"
    # PostgreSQL's own word for it is believed unless somebody doubts it.
    assert ("payment_payer_party_id_fkey" in stops(book_database)) == (not thorough)


def test_a_clean_book_has_no_row_without_a_parent(book_database: URL):
    """Looking at every foreign key of a clean book finds nothing."""
    assert stops(book_database, thorough=True) == {}


def test_the_proposed_update_mends_the_row(book_database: URL):
    """The UPDATE that a finding proposes lets the migration pass once the operator has filled in the value."""
    run_sql(book_database, "UPDATE public.payment SET amount = -1 WHERE id IN (SELECT id FROM public.payment ORDER BY id LIMIT 3)")
    finding = stops(book_database)["payment_amount_positive"]
    (update,) = finding.commands
    assert update.startswith("UPDATE public.payment SET amount = ... WHERE id IN ('")
    assert "a loan's money would go with it" in finding.note
    run_sql(book_database, update.replace("...", "1"))
    assert stops(book_database) == {}


def test_the_proposed_mapping_lets_unknown_values_pass(book_database: URL, tmp_path: Path):
    """The lines of the mapping file that the findings propose pass once the operator has filled in the meanings."""
    run_sql(
        book_database,
        f"INSERT INTO public.product (id, code, name) VALUES ('{NOBODY}', ' legacy_7', 'Old')",
        f"INSERT INTO public.party (id, kind, display_name) VALUES ('{NOBODY}', 'Sole, \"Trader\"', 'Tan')",
    )
    found = stops(book_database)
    assert set(found) == {"product.category not null", "party_kind_check"}
    meanings = {"product": "b2b_sme", "party": "corporate"}
    lines = [found["product.category not null"].mapping[0]]
    for finding in found.values():
        assert finding.commands[0] == "alembic -x mapping=FILE upgrade head"
        assert meanings[finding.table] in finding.note
        lines += [line.replace("...", meanings[finding.table]) for line in finding.mapping[1:]]
    assert list(csv.reader(lines))[1:] == [["product", "category", "LEGACY_7", "b2b_sme"], ["party", "kind", 'sole,_"trader"', "corporate"]]
    file = tmp_path / "mapping.csv"
    file.write_text("\n".join(lines))
    with make_engine(book_database, poolclass=NullPool).connect() as connection:
        told = survey(connection, STEPS, read_mapping(file))
    assert {(finding.rule, finding.kind) for finding in told} == {
        ("party_kind_mapping", Kind.REPAIR),
        ("product_code_spelling", Kind.REPAIR),
    }
    config = alembic_config(book_database)
    config.cmd_opts = type("Options", (), {"x": [f"mapping={file}"]})()
    command.upgrade(config, "head")


@pytest.mark.parametrize(
    ("damage", "rule", "quarantine"),
    [
        ("UPDATE public.fx_rate SET rate = 0 WHERE id = (SELECT min(id::text)::uuid FROM public.fx_rate)", "fx_rate_positive", True),
        (
            "UPDATE public.security_interest SET value_amount = -1 WHERE id = (SELECT min(id::text)::uuid FROM public.security_interest)",
            "security_interest_value_positive",
            True,
        ),
        (
            "UPDATE public.loan SET end_date = start_date - 1 WHERE id = (SELECT min(id::text)::uuid FROM public.loan)",
            "loan_dates_check",
            False,
        ),
        ("UPDATE public.document SET storage_url = NULL", "document.storage_url not null", False),
    ],
)
def test_quarantine_is_proposed_where_it_is_possible(book_database: URL, damage: str, rule: str, quarantine: bool):
    """Rows of leaf tables may be set aside; of others the finding says why not."""
    run_sql(book_database, damage)
    finding = stops(book_database)[rule]
    assert ("alembic -x on_violation=quarantine upgrade head" in finding.commands) is quarantine
    assert ("quarantine can't set a row of" in finding.note) is not quarantine


def test_equal_rows_that_contradict_another_all_offend(book_database: URL):
    """Two equal rates and a third for the same day: nobody can say which is right, so all three are named."""
    copy = "INSERT INTO public.fx_rate SELECT gen_random_uuid(), as_of_date, from_ccy, to_ccy, {}, source FROM one"
    if int(rows(book_database, "SHOW server_version_num")[0][0]) < 130000:
        copy = copy.replace("gen_random_uuid()", "md5(random()::text)::uuid")
    one = "WITH one AS (SELECT * FROM public.fx_rate ORDER BY id LIMIT 1) "
    run_sql(book_database, one + copy.format("rate"), one + copy.format("rate + 1"))
    assert stops(book_database)["fx_rate_as_of_date_from_ccy_to_ccy_source_key"].count == 3


def test_what_an_earlier_v1_kept_is_judged_too(v1_book: URL):
    """A rule about columns that v1 alone knows is judged on the values that the upgrade will bring back."""
    run_sql(
        v1_book, "UPDATE public.security_interest SET registration_date = '2020-01-01', expiry_date = '2030-01-01' WHERE type = 'property'"
    )
    (marked,) = rows(v1_book, "SELECT count(*) FROM public.security_interest WHERE type = 'property'")[0]
    downgrade(v1_book)
    assert stops(v1_book) == {}
    run_sql(
        v1_book,
        """UPDATE ops.row_journal SET new_value = new_value || '{"expiry_date": "2019-01-01"}'
        WHERE kind = 'kept' AND state = 'open' AND table_name = 'security_interest' AND new_value ? 'expiry_date'""",
    )
    assert stops(v1_book)["security_interest_dates_check"].count == marked > 0
