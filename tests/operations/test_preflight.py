"""`rently-db preflight`: its report, its exit codes, the baseline file; that it writes nothing."""

from __future__ import annotations

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from alembic.util import CommandError
from sqlalchemy import URL
from typer.testing import CliRunner, Result

from rently_db.cli import app
from rently_db.cli.exit_codes import ExitCode
from tests.support.looks import nothing_changes
from tests.support.migrations import HEAD, plain, rows, run_sql, upgrade

BAD_LOAN = "UPDATE public.loan SET principal_amount = -1 WHERE id = (SELECT min(id::text)::uuid FROM public.loan)"
LOUD = "UPDATE public.party SET email = upper(email)"


def run(url: URL, *arguments: str) -> Result:
    """`rently-db preflight URL ...` in this process; errors of the user are raised as they are."""
    return CliRunner().invoke(app, ["preflight", plain(url), *arguments], catch_exceptions=False)


def report(url: URL, *arguments: str) -> dict[str, Any]:
    """What ``--json`` prints: JSON alone."""
    return json.loads(run(url, "--json", *arguments).stdout)


def test_a_clean_book_may_be_migrated(book_database: URL):
    """Nothing found, nothing changed, exit code 0."""
    with nothing_changes(book_database):
        result = run(book_database)
    assert result.exit_code == ExitCode.DONE
    assert "the migration would not stop" in result.stdout


def test_repairs_alone_do_not_stop(book_database: URL):
    """Rows that declared repairs change are listed with their number, and the exit code is 0."""
    run_sql(book_database, LOUD)
    (loud,) = rows(book_database, "SELECT count(*) FROM public.party WHERE email IS NOT NULL")[0]
    with nothing_changes(book_database):
        result = run(book_database)
    assert result.exit_code == ExitCode.DONE
    assert "party_email_spelling" in result.stdout
    assert f"it repairs {loud} values" in result.stdout
    assert max(map(len, result.stdout.splitlines())) <= 80


def test_what_nothing_mends_is_exit_code_1(book_database: URL):
    """A loan without a positive principal stops the migration; the report says which, what v1 requires and what to run."""
    run_sql(book_database, BAD_LOAN)
    (loan,) = rows(book_database, "SELECT id::text FROM public.loan WHERE principal_amount < 0")[0]
    with nothing_changes(book_database):
        result = run(book_database)
    assert result.exit_code == ExitCode.FINDINGS
    assert f"loan: 1 row breaks loan_amounts_positive (id {loan}); v1 requires (principal_amount > 0)" in result.stdout
    assert f"UPDATE public.loan SET principal_amount = ... WHERE id IN ('{loan}');" in result.stdout
    assert result.stdout.endswith("the migration would stop: 1 finding\n")


def test_the_json_report_has_a_stable_shape(book_database: URL):
    """Scripts read every finding by the same names, those that stop first."""
    run_sql(book_database, BAD_LOAN, LOUD, "CREATE VIEW public.mine AS SELECT 1 AS x")
    found = report(book_database)
    assert list(found) == ["revision", "would_stop", "nothing_to_check", "findings", "kept_besides_v0"]
    assert (found["revision"], found["would_stop"], found["nothing_to_check"]) == (None, True, None)
    assert found["kept_besides_v0"] == ["view mine"]
    keys = ["kind", "table", "column", "rule", "count", "sample", "repair", "automatic", "commands", "mapping", "note"]
    assert all(list(finding) == keys for finding in found["findings"])
    said = [(finding["kind"], finding["column"], finding["automatic"]) for finding in found["findings"]]
    assert said == [("rows", "principal_amount", False), ("repair", "email", True)]


@pytest.mark.parametrize(
    ("damage", "table", "column", "sentence"),
    [
        ("ALTER TABLE public.fx_rate DROP COLUMN source", "fx_rate", "source", "fx_rate.source text is missing"),
        ("DROP TABLE public.document_link", "document_link", None, "table document_link is missing"),
        ("ALTER TABLE public.decision ALTER outcome TYPE varchar(20)", "decision", "outcome", "decision.outcome is character varying(20)"),
        (
            "ALTER TABLE public.loan DROP CONSTRAINT loan_borrower_party_id_fkey",
            "loan",
            "borrower_party_id",
            "the foreign key loan.borrower_party_id -> party is missing",
        ),
        ("ALTER TABLE public.party ADD COLUMN created_at date", "party", "created_at", "column party.created_at is there"),
        ("CREATE TABLE public.loan_flag (id integer)", None, None, "table loan_flag is there"),
    ],
)
def test_conflicts_of_the_schema_are_findings_beside_the_rows(
    book_database: URL, damage: str, table: str | None, column: str | None, sentence: str
):
    """What is not as v0 has it is reported with the command that mends it, and the rows of the other tables are checked all the same."""
    run_sql(book_database, damage, BAD_LOAN)
    with_rows = report(book_database)["findings"]
    assert [finding["kind"] for finding in with_rows] == ["schema", "rows"]
    conflict = with_rows[0]
    assert (conflict["table"], conflict["column"]) == (table, column)
    assert conflict["repair"].startswith(sentence)
    (command,) = conflict["commands"]
    assert command in conflict["repair"]
    assert run(book_database).exit_code == ExitCode.FINDINGS


def test_missing_rights_are_findings_with_the_grant(book_database: URL):
    """A role that may neither read a table nor own it learns what its administrator must run; the rows it may read are checked."""
    role = f"reader_{book_database.database}"
    run_sql(
        book_database,
        BAD_LOAN,
        f"CREATE ROLE {role} LOGIN",
        f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}",
        f"REVOKE SELECT ON public.fx_rate FROM {role}",
    )
    try:
        found = report(book_database.set(username=role))["findings"]
    finally:
        run_sql(book_database, f"DROP OWNED BY {role}", f"DROP ROLE {role}")
    commands = {command for finding in found if finding["rule"] == "rights" for command in finding["commands"]}
    owner = rows(book_database, "SELECT pg_get_userbyid(relowner) FROM pg_class WHERE oid = 'public.loan'::regclass")[0][0]
    assert commands == {
        f"GRANT CREATE ON DATABASE {book_database.database} TO {role};",
        f"GRANT SELECT ON public.fx_rate TO {role};",
        f"GRANT {owner} TO {role};",
    }
    assert [finding["rule"] for finding in found if finding["kind"] == "rows"] == ["loan_amounts_positive"]


def test_at_head_there_is_nothing_to_check(v1_book: URL):
    """After the migration the preflight says so, and that is no failure."""
    result = run(v1_book)
    assert result.exit_code == ExitCode.DONE
    assert result.stdout == f"the database is at {HEAD}, the newest revision: there is nothing to check\n"
    assert report(v1_book)["nothing_to_check"] in result.stdout


def test_half_way_the_upgrade_goes_on(book_database: URL):
    """Between two revisions the rows have been checked; the report names the command that goes on."""
    upgrade(book_database, "v1_bridges")
    assert "run alembic upgrade head" in run(book_database).stdout.replace("\n", " ")


def test_an_adopted_v0_is_checked(book_database: URL):
    """At revision v0 nothing but the records of the migration is new: the rows are checked."""
    upgrade(book_database, "v0")
    run_sql(book_database, BAD_LOAN)
    found = report(book_database)
    assert (found["revision"], found["would_stop"]) == ("v0", True)


def test_an_empty_database_has_nothing_to_check(empty_database: URL):
    """Whoever starts from nothing is not held up."""
    result = run(empty_database)
    assert result.exit_code == ExitCode.DONE
    assert "there is nothing to check" in result.stdout.replace("\n", " ")


def test_the_wrong_database_is_an_error_of_use(empty_database: URL):
    """A database without any table of Rently's is no finding but a mistake."""
    run_sql(empty_database, "CREATE TABLE public.recipes (id integer)")
    with pytest.raises(CommandError, match=r"none of them Rently's: this looks like the wrong database"):
        run(empty_database)


def test_the_mapping_file_counts(book_database: URL, tmp_path: Path):
    """What the operator says of unknown values is a repair then, and stops nothing."""
    run_sql(book_database, "UPDATE public.party SET kind = 'alien' WHERE id = (SELECT min(id::text)::uuid FROM public.party)")
    assert [finding["rule"] for finding in report(book_database)["findings"]] == ["party_kind_check"]
    file = tmp_path / "mapping.csv"
    file.write_text("table,column,from,to\nparty,kind,alien,agent\n")
    found = report(book_database, "--mapping", str(file))
    assert [(finding["rule"], finding["automatic"]) for finding in found["findings"]] == [("party_kind_mapping", True)]


def test_doubt_finds_what_the_catalogue_vouches_for(book_database: URL):
    """--thorough looks behind foreign keys that are marked valid."""
    orphan = "UPDATE public.party_role SET party_id = '00000000-0000-0000-0000-0000000000ff'"
    run_sql(book_database, "ALTER TABLE public.party_role DISABLE TRIGGER ALL", orphan, "ALTER TABLE public.party_role ENABLE TRIGGER ALL")
    assert "party_role_party_id_fkey" not in {finding["rule"] for finding in report(book_database)["findings"]}
    assert "party_role_party_id_fkey" in {finding["rule"] for finding in report(book_database, "--thorough")["findings"]}


def test_the_baseline_keeps_rows_money_and_digests(book_database: URL, tmp_path: Path):
    """The file holds what every table held, amounts exactly, so that it can be compared later; the database is not changed."""
    file = tmp_path / "before.json"
    with nothing_changes(book_database):
        assert run(book_database, "--baseline", str(file)).exit_code == ExitCode.DONE
    kept = json.loads(file.read_text())
    sums = rows(book_database, "SELECT currency_code, sum(principal_amount) FROM public.loan GROUP BY 1 ORDER BY 1")
    loan = kept["tables"]["loan"]
    assert loan["rows"] == 60
    money = {item["currency"]: Decimal(item["sum"]) for item in loan["money"] if item["column"] == "principal_amount"}
    assert money == dict(sums)
    assert len(kept["tables"]) == 20
    assert kept["statements"] is None
    assert "CREATE EXTENSION pg_stat_statements" in kept["statements_missing"]
    run_sql(book_database, "UPDATE public.loan SET property_contract_id = 'other' WHERE id = (SELECT min(id::text)::uuid FROM public.loan)")
    run(book_database, "--baseline", str(file))
    assert json.loads(file.read_text())["tables"]["loan"]["digest"] != loan["digest"]


def test_a_baseline_that_can_not_be_written_is_an_error_of_use(book_database: URL, tmp_path: Path):
    """A folder that is not there is said with the option's name."""
    with pytest.raises(CommandError, match=r"can't be written.*--baseline"):
        run(book_database, "--baseline", str(tmp_path / "none" / "before.json"))
