"""Squawk (https://squawkhq.com) reads the SQL that the migration runs, and finds what would block a live database."""

from __future__ import annotations

import bisect
import json
import re
import subprocess
import sysconfig
import tomllib
from functools import cache
from pathlib import Path

import pytest

from rently_db.migrate.baseline import BASELINE
from tests.support.migrations import ROOT, run_alembic
from tests.support.scripts import statements

SQUAWK = Path(sysconfig.get_path("scripts")) / "squawk"
CONFIG = ROOT / ".squawk.toml"
EXCLUDED = tomllib.loads(CONFIG.read_text(encoding="utf-8"))["excluded_rules"]
WAYS = {"up": ("upgrade", "head"), "down": ("downgrade", "head:v0")}

_NAME = re.compile(r"\b(?:ON|TABLE)\s+(?:IF\s+(?:NOT\s+)?EXISTS\s+)?((?:public|ops|analytics)\.\w+)", re.IGNORECASE)
_ABOUT_ROWS = {"constraint-missing-not-valid", "require-concurrent-index-creation"}
"""Rules about what happens to the rows and users of a table; a table that the same script has just made has neither."""


@cache
def script(way: str) -> tuple[str, ...]:
    """The statements of the upgrade to head, or of the downgrade to v0, as ``alembic --sql`` prints them."""
    outcome = run_alembic(None, *WAYS[way], "--sql")
    assert outcome.code == 0, outcome.stderr
    return tuple(statements(outcome.stdout))


def findings(sql: list[str], tmp_path: Path, *arguments: str) -> list[tuple[str, str]]:
    """What squawk says, as pairs of rule and statement."""
    starts, lines = [], 0
    for statement in sql:
        starts.append(lines)
        lines += statement.count("\n") + 1
    file = tmp_path / "script.sql"
    file.write_text("".join(f"{statement};\n" for statement in sql), encoding="utf-8")
    done = subprocess.run(
        [SQUAWK, *(arguments or ("--config", CONFIG)), "--reporter=json", file], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert done.returncode in (0, 1), done.stderr
    made: set[str] = set()
    ours = []
    for statement in sql:
        made |= {
            name[1]
            for name in re.finditer(r"CREATE (?:TABLE|MATERIALIZED VIEW) (?:IF NOT EXISTS )?((?:public|ops|analytics)\.\w+)", statement)
        }
        named = _NAME.search(statement)
        ours.append(named is not None and named[1] in made and named[1].removeprefix("public.") not in BASELINE)
    found = []
    for finding in json.loads(done.stdout):
        number = bisect.bisect_right(starts, finding["line"]) - 1
        if not (finding["rule_name"] in _ABOUT_ROWS and ours[number]):
            found.append((finding["rule_name"], sql[number]))
    return found


@pytest.mark.parametrize("way", WAYS)
def test_nothing_in_the_generated_sql_blocks_a_live_database(way: str, tmp_path: Path):
    """Squawk finds nothing in the scripts but what the configuration excludes, with its reason."""
    found = findings(list(script(way)), tmp_path)
    assert not found, "\n".join(f"{rule}: {statement[:200]}" for rule, statement in found)


PLANTED = {
    "CREATE INDEX ix_planted ON public.payment (status)": "require-concurrent-index-creation",
    "CREATE UNIQUE INDEX uq_planted ON public.loan (loan_number)": "require-concurrent-index-creation",
    "ALTER TABLE public.loan ADD CONSTRAINT planted CHECK (principal_amount > 0)": "constraint-missing-not-valid",
    "ALTER TABLE public.loan ADD CONSTRAINT planted FOREIGN KEY (product_id) REFERENCES public.product": "adding-foreign-key-constraint",
    "ALTER TABLE public.loan ADD CONSTRAINT planted UNIQUE (loan_number)": "disallowed-unique-constraint",
    "ALTER TABLE public.loan ALTER COLUMN borrower_party_id SET NOT NULL": "adding-not-nullable-field",
    "ALTER TABLE public.loan ADD COLUMN planted timestamptz DEFAULT clock_timestamp()": "adding-field-with-default",
    "ALTER TABLE public.loan ADD COLUMN planted text NOT NULL": "adding-required-field",
    "ALTER TABLE public.loan ALTER COLUMN status TYPE varchar(20)": "changing-column-type",
    "ALTER TABLE public.loan RENAME COLUMN status TO state": "renaming-column",
}


@pytest.mark.parametrize("where", ["alone", "in a DO block", "in a dynamic statement"])
@pytest.mark.parametrize(("bad", "rule"), PLANTED.items(), ids=[f"{rule}-{number}" for number, rule in enumerate(PLANTED.values())])
def test_a_statement_that_would_block_is_found(bad: str, rule: str, where: str, tmp_path: Path):
    """A statement that holds a table of v0 for long is found wherever in the script it hides."""
    planted = {
        "alone": bad,
        "in a DO block": f"DO $do$\nBEGIN\n  IF true THEN\n    {bad};\n  END IF;\nEND\n$do$",
        "in a dynamic statement": f"DO $do$\nBEGIN\n  EXECUTE '{bad.replace(chr(39), chr(39) * 2)}';\nEND\n$do$",
    }[where]
    # Between a few of the real statements: what stands around it must not hide it.
    around = list(script("up")[-20:])
    found = findings([*around[:10], *statements(f"{planted};"), *around[10:]], tmp_path)
    assert rule in {name for name, statement in found if statement == bad}


def test_statements_in_blocks_are_read():
    """What a DO block creates, drops or puts together at run time is among the statements that squawk reads."""
    up, down = "\n".join(script("up")), "\n".join(script("down"))
    assert "CREATE TABLE public.loan_status_history" in up
    assert "CREATE EXTENSION btree_gist" in up
    assert re.search(r"ALTER TABLE public\.payment ADD CONSTRAINT payment_\w+__v0 .* NOT VALID", down)
    assert not re.search(r"^DO\b", up + down, re.MULTILINE)


def test_no_table_with_rows_of_the_book_is_dropped():
    """Only tables that are computed from others are dropped, and those of ops that hold what a release deploys; the rest is set aside."""
    dropped = set(re.findall(r"DROP TABLE (?:IF EXISTS )?([\w.]+)", "\n".join(script("up") + script("down"))))
    assert {name for name in dropped if not name.startswith(("analytics.", "pg_temp."))} == {
        "ops.access_change",  # turned back before
        "ops.access_grant",
        "ops.alert_state",  # the next evaluation
        "ops.rollback_script",
    }


def test_every_exclusion_has_its_reason_and_its_use(tmp_path: Path):
    """A rule is left out of the configuration only with a reason beside it, and only while it would find something."""
    for rule in EXCLUDED:
        assert re.search(rf'^    "{rule}",  # \w.{{20,}}$', CONFIG.read_text(encoding="utf-8"), re.MULTILINE), rule
    without = [finding for way in WAYS for finding in findings(list(script(way)), tmp_path, "--pg-version=12.0")]
    assert {rule for rule, _ in without} == set(EXCLUDED)
