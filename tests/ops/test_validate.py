"""`rently-db validate`: rule by rule, with exit codes, JSON and JUnit."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as ET

from sqlalchemy import URL

from tests.ops.test_rules import VALIDATIONS
from tests.support.commands import rently_db
from tests.support.migrations import rows, run_sql


def test_a_clean_book_is_exit_code_0(own_url: URL) -> None:
    """Every rule is checked, the run is kept, and what only informs is told without failing."""
    said = rently_db(own_url, "validate", "--json")
    assert said.code == 0, said.text
    told = json.loads(said.stdout)
    assert (told["total"], told["failed"], told["warnings"]) == (len(VALIDATIONS), 0, 0)
    assert told["passed"] + told["infos"] == told["total"]
    assert rows(own_url, "SELECT id, total_checks, finished_at IS NULL FROM ops.validation_run") == [(told["run"], told["total"], False)]
    assert {check["rule"] for check in told["checks"]} == set(VALIDATIONS)


def test_a_rule_that_fails_is_exit_code_1_and_names_its_rows(own_url: URL, tmp_path: Path) -> None:
    """The rows, what was found in them and the mend are told; --junit says the same to a CI server."""
    run_sql(own_url, "UPDATE loan SET interest_rate = 7 WHERE id IN (SELECT id FROM loan ORDER BY id LIMIT 7)")
    report = tmp_path / "rules.xml"
    said = rently_db(own_url, "validate", "--rule", "interest_rate_range", "--rule", "trial_balance", "--junit", str(report))
    assert said.code == 1
    assert "FAIL interest_rate_range: 7 rows" in said.stdout
    assert "7 a year" in said.stdout
    assert "and 2 more" in said.stdout
    assert "2 rules, 1 pass, 1 fail" in said.stdout
    suite = ET.parse(report).getroot()[0]
    assert (suite.get("tests"), suite.get("failures"), suite.get("errors")) == ("2", "1", "0")
    cases = {case.get("name"): case.find("failure") for case in suite}
    assert cases["trial_balance"] is None
    failure = cases["interest_rate_range"]
    assert failure is not None
    assert (failure.text or "").count("7 a year") == 7


def test_each_rule_has_its_own_time(own_url: URL) -> None:
    """A rule that runs for ever is stopped at its limit, and those after it are checked all the same."""
    run_sql(own_url, "CREATE OR REPLACE VIEW ops.rule_email_format AS SELECT pg_sleep(60)::text AS id, 'x' AS detail")
    said = rently_db(own_url, "validate", "--tag", "quality", "--limit", "1", "--json")
    assert said.code == 1
    told = {check["rule"]: check for check in json.loads(said.stdout)["checks"]}
    assert told["email_format"]["status"] == "FAIL"
    assert told["email_format"]["details"]["stopped"] is True
    assert told["loan_number_uniqueness"]["status"] == "PASS"
    assert told["payment_amount_range"]["status"] == "PASS"


def test_wrong_names_are_one_sentence(own_url: URL, book_database: URL) -> None:
    """An unknown rule or tag names those there are; a database without the rules names the command that brings them."""
    unknown = rently_db(own_url, "validate", "--rule", "email_fromat")
    assert unknown.code == 2
    assert "there is no rule 'email_fromat'; there are" in unknown.stderr
    tag = rently_db(own_url, "validate", "--tag", "typo")
    assert (tag.code, "no rule has tag 'typo'; there are alert, critical" in tag.stderr) == (2, True)
    v0 = rently_db(book_database, "validate")
    assert v0.code == 2
    assert "run rently-db migrate" in v0.stderr
    for said in (unknown, tag, v0):
        assert "Traceback" not in said.stderr
