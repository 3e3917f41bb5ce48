"""`ops.run_pre_migration_validation()`: from SQL the same as the preflight finds, at revision v0, and nothing is written."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg2
import pytest
from sqlalchemy import URL, NullPool

from rently_db.database import make_engine
from rently_db.migrate.preflight import Finding, Kind
from rently_db.migrate.preflight.advice import advisors
from rently_db.operations.preflight import check
from rently_db.operations.preflight.report import all_steps
from rently_db.sql.catalog import load_catalogue
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.migrations import HEAD, downgrade, run_sql, upgrade

NOBODY = "00000000-0000-0000-0000-0000000000ff"
Row = tuple[str, str, str | None, str, int, list[str], str, bool, str]


@pytest.fixture(scope="module")
def dirty(databases: Databases) -> Iterator[str]:
    """Name of a database at revision v0 with every kind of defect, to copy from."""
    with databases.database() as url:
        write_v0_book(url, 60, dirty="all")
        upgrade(url, "v0")
        yield str(url.database)


@pytest.fixture(scope="module")
def adopted(databases: Databases, book_template: str) -> Iterator[str]:
    """Name of a clean book at revision v0, to copy from."""
    with databases.database(template=book_template) as url:
        upgrade(url, "v0")
        yield str(url.database)


def asked(url: URL, arguments: str = "") -> list[Row]:
    """What the function says, in a transaction that can't write."""
    connection = psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        connection.set_session(readonly=True)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT * FROM ops.run_pre_migration_validation({arguments})")
            return cursor.fetchall()
    finally:
        connection.close()


def surveyed(url: URL, *, thorough: bool = False) -> list[Finding]:
    """What the command says."""
    engine = make_engine(url, poolclass=NullPool)
    return check(engine, thorough=thorough).findings


def as_rows(findings: list[Finding]) -> list[Row]:
    """Findings as the function gives them."""
    severity = {Kind.ROWS: "FAIL", Kind.SCHEMA: "FAIL", Kind.REPAIR: "INFO", Kind.ADVICE: "WARNING"}
    return [
        (f.kind.value, f.table, f.column or None, f.rule, f.count, list(f.sample), f.mend, f.automatic, severity[f.kind]) for f in findings
    ]


def test_sql_says_what_the_command_says(databases: Databases, dirty: str):
    """A DBA with psql alone sees the same rules, counts, ids and repairs as `rently-db preflight`: of everything that can be wrong."""
    with databases.database(template=dirty) as url:
        expected = surveyed(url)
        assert asked(url) == as_rows(expected)
    assert {finding.kind for finding in expected} == {Kind.ROWS, Kind.REPAIR, Kind.ADVICE}
    assert len(expected) > 50


def test_a_clean_book_would_not_stop(databases: Databases, adopted: str):
    """On a book without defects nothing fails, and the command agrees with what else is said."""
    with databases.database(template=adopted) as url:
        found = asked(url)
        assert found == as_rows(surveyed(url))
    assert [row for row in found if row[-1] == "FAIL"] == []


def test_advice_does_not_stop(databases: Databases, adopted: str):
    """A payment of two millions breaks no constraint of v1: it is told as advice, and the migration would go on."""
    with databases.database(template=adopted) as url:
        run_sql(url, "UPDATE public.payment SET amount = 2000000 WHERE id = (SELECT min(id::text)::uuid FROM public.payment)")
        (row,) = [row for row in asked(url) if row[3] == "payment_amount_range"]
        assert (row[0], row[4], row[7], row[8]) == ("advice", 1, False, "WARNING")
        assert not check(make_engine(url, poolclass=NullPool)).stops


def test_every_rule_with_tag_preflight_reads_v0(databases: Databases, adopted: str):
    """Each rule with tag preflight is asked before the migration, where neither its view nor a column of v1 is there."""
    tagged = {e.name for e in load_catalogue() if e.header.rule is not None and "preflight" in e.header.rule.tags}
    assert {rule.name for rule in advisors(all_steps())} == tagged
    with databases.database(template=adopted) as url:
        assert [row for row in asked(url) if row[0] == "schema"] == []


def test_foreign_keys_are_believed_unless_somebody_doubts_them(databases: Databases, adopted: str):
    """Rows that lost their parent while triggers were off are found when the caller asks for it, and otherwise where no key is valid."""
    with databases.database(template=adopted) as url:
        run_sql(
            url,
            "ALTER TABLE public.party_role DISABLE TRIGGER ALL",
            f"UPDATE public.party_role SET party_id = '{NOBODY}'",
            "ALTER TABLE public.party_role ENABLE TRIGGER ALL",
        )
        assert "party_role_party_id_fkey" not in {row[3] for row in asked(url)}
        assert asked(url, "thorough => true") == as_rows(surveyed(url, thorough=True))
        assert "party_role_party_id_fkey" in {row[3] for row in asked(url, "thorough => true")}
        run_sql(url, "ALTER TABLE public.party_role DISABLE TRIGGER ALL")
        assert "party_role_party_id_fkey" in {row[3] for row in asked(url)}


def test_a_table_that_can_not_be_read_is_said(databases: Databases, adopted: str):
    """A column that was dropped after the adoption fails by name, and the rows of other tables are checked all the same."""
    with databases.database(template=adopted) as url:
        run_sql(url, "ALTER TABLE public.fx_rate DROP COLUMN source", "UPDATE public.loan SET principal_amount = -1")
        found = asked(url)
    assert {(row[1], row[8]) for row in found if row[0] == "schema"} == {("fx_rate", "FAIL")}
    assert "source does not exist" in next(row[6] for row in found if row[0] == "schema")
    assert "loan_amounts_positive" in {row[3] for row in found}


def test_what_an_earlier_v1_left_counts(databases: Databases, v1_book_template: str):
    """Back at v0 the function knows the operator's mapping, and a currency that v1 had besides those of the standard."""
    with databases.database(template=v1_book_template) as url:
        run_sql(url, "INSERT INTO public.currency (code, name, minor_units) VALUES ('XQA', 'Ours', 2)")
        downgrade(url)
        run_sql(
            url,
            "UPDATE public.payment SET status = 'gone' WHERE id = (SELECT min(id::text)::uuid FROM public.payment)",
            "UPDATE public.payment_instrument SET currency_code = 'XQA' WHERE id = (SELECT id FROM public.payment_instrument LIMIT 1)",
            "INSERT INTO ops.value_mapping VALUES ('payment', 'status', 'gone', 'failed')",
        )
        found = asked(url)
        assert found == as_rows(surveyed(url))
        assert "payment_status_mapping" in {row[3] for row in found}
        assert not any("currency" in row[3] for row in found if row[0] == "rows")
        run_sql(url, "DELETE FROM ops.value_mapping", "DELETE FROM rently_v1_kept.currency WHERE code = 'XQA'")
        assert {"payment_status_check", "payment_instrument_currency_code_fkey"} <= {row[3] for row in asked(url) if row[8] == "FAIL"}


def test_at_head_there_is_nothing_to_check(v1_book: URL):
    """After the migration the function names the one that takes over, and fails nothing."""
    (row,) = asked(v1_book)
    assert (row[0], row[4], row[8]) == ("nothing to check", 0, "INFO")
    assert row[6] == f"the database is at {HEAD}: there is nothing to check before a migration; ops.run_all_validations() checks it now"


def test_on_the_way_the_upgrade_goes_on(databases: Databases, adopted: str):
    """Between two revisions the rows have been checked already; the function names the command that goes on."""
    with databases.database(template=adopted) as url:
        upgrade(url, "v1_expand")
        (row,) = asked(url)
    assert row[6].endswith("run alembic upgrade head")


def test_a_v0_adopted_by_an_earlier_release_gets_it(databases: Databases, adopted: str):
    """Where v0 was adopted before there was such a function, `alembic upgrade v0` brings it, and changes nothing else."""
    with databases.database(template=adopted) as url:
        before = asked(url)
        run_sql(url, "DROP FUNCTION ops.run_pre_migration_validation(boolean)", "DROP TABLE ops.pre_migration_question")
        upgrade(url, "v0")
        assert asked(url) == before


def test_nobody_else_may_ask(databases: Databases, adopted: str):
    """The function reads every table with its owner's rights: PUBLIC may neither call it nor see what it asks."""
    with databases.database(template=adopted) as url:
        role = f"nobody_{url.database}"
        run_sql(url, f"CREATE ROLE {role} LOGIN", f"GRANT USAGE ON SCHEMA ops TO {role}")
        try:
            for query in ("SELECT * FROM ops.run_pre_migration_validation()", "SELECT * FROM ops.pre_migration_question"):
                with pytest.raises(psycopg2.errors.InsufficientPrivilege):
                    run_sql(url.set(username=role), query)
        finally:
            run_sql(url, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
