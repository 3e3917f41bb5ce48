"""A view, a function and a column that belong together come in one revision, each after what it uses."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import URL

from tests.support.migrations import ROOT, plain, rows, run_sql

LEFT_OUT = shutil.ignore_patterns(".*", "__pycache__", "*.png")
COLUMN = '    region: Mapped[str | None] = mapped_column(sort_order=99, comment="Region of the property.")\n'
FUNCTION = """\
-- owner: platform
-- description: A region as it is printed; NULL where none is known
CREATE FUNCTION analytics.region_name(region text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $function$
SELECT initcap(region)
$function$;
"""


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the checkout in which a loan has a region, the view of balances shows it by a new function, and a new view counts."""
    home = tmp_path_factory.mktemp("region") / "checkout"
    shutil.copytree(ROOT, home, ignore=LEFT_OUT)
    model, view = home / "rently_db/models/loan.py", home / "rently_db/sql/views/portfolio/v_loan_balance.sql"
    at = '    business_key = "loan_number"\n\n'
    text = model.read_text(encoding="utf-8")
    assert at in text
    model.write_text(text.replace(at, at + COLUMN), encoding="utf-8")
    text = view.read_text(encoding="utf-8").replace("CREATE VIEW", "-- column region: Region of the property\nCREATE VIEW")
    look_up = "(SELECT analytics.region_name(l.region) FROM public.loan AS l WHERE l.id = p.loan_id) AS region"
    view.write_text(text.replace("    p.business_date\nFROM", f"    p.business_date,\n    {look_up}\nFROM"), encoding="utf-8")
    (home / "rently_db/sql/functions/analytics/region_name.sql").write_text(FUNCTION, encoding="utf-8")
    return home


def run(home: Path, *arguments: str, url: URL | None = None, code: int = 0) -> str:
    """A command in the checkout, which ends with that exit code; what it printed, where it fails what it complained of."""
    environment = {**os.environ, "PYTHONPATH": str(home), "RENTLY_CACHE": str(home.parent / "cache")}
    if url is not None:
        environment["RENTLY_DATABASE_URL"] = plain(url)
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=home, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stderr if code else done.stdout


def test_what_belongs_together_comes_in_one_revision(checkout: Path, server_url: URL, v1_book: URL):
    """Column, then function, then the views that read them; the database is as the models and files say, up, down and up again."""
    run(checkout, "rently_db", "new", "view", "v_loans_by_currency", "--area", "portfolio")
    made = ("rently_db", "new", "revision", "v1_region", "-m", "Region of a loan", "--scratch-url", plain(server_url))
    assert "migrations/versions/v1_region.py" in run(checkout, *made)
    said = (checkout / "migrations/versions/v1_region.py").read_text(encoding="utf-8")
    order = [said.index(word) for word in ("AddColumns(", 'ChangeComments("loan"', "*run.deployed(FROZEN)", "ops.apply_access()")]
    assert order == sorted(order)
    listed = (checkout / "migrations/sql/v1_region/MANIFEST").read_text(encoding="utf-8")
    places = [listed.index(name) for name in ("functions/analytics/region_name.sql", "views/portfolio/v_loan_balance.sql")]
    assert places == sorted(places)
    assert "former/views/portfolio/v_loan_balance.sql" in listed
    assert "DROP COLUMN IF EXISTS region" in (checkout / "migrations/sql/v1_region/rollback.sql").read_text(encoding="utf-8")
    run(checkout, "ruff", "check", "migrations", "rently_db")
    balance = "SELECT count(*) FILTER (WHERE region = 'North'), count(*) FROM analytics.v_loan_balance"
    before = rows(v1_book, "SELECT sum(principal_outstanding) FROM analytics.v_loan_balance")
    run(checkout, "alembic", "upgrade", "head", url=v1_book)
    run_sql(v1_book, "UPDATE loan SET region = 'north' WHERE id = (SELECT id FROM loan ORDER BY id LIMIT 1)")
    assert rows(v1_book, balance) == [(1, 60)]
    assert rows(v1_book, "SELECT sum(loan_count) > 0 FROM analytics.v_loans_by_currency") == [(True,)]
    run(checkout, "alembic", "check", url=v1_book)
    run(checkout, "alembic", "downgrade", "-1", url=v1_book)
    assert rows(v1_book, "SELECT to_regclass('analytics.v_loans_by_currency')") == [(None,)]
    assert rows(v1_book, "SELECT sum(principal_outstanding) FROM analytics.v_loan_balance") == before
    run(checkout, "alembic", "upgrade", "head", url=v1_book)
    assert rows(v1_book, balance) == [(1, 60)]


ALTER = """\
--: data alter
ALTER TABLE analytics.refresh_log ADD COLUMN IF NOT EXISTS host text

--: back alter analytics.refresh_log
ALTER TABLE analytics.refresh_log DROP COLUMN IF EXISTS host
"""


def test_a_changed_table_waits_for_its_alter_table(checkout: Path, server_url: URL, v1_book: URL):
    """Until somebody has written how the table is altered nothing is frozen; then the same command goes on, and the revision runs."""
    table = checkout / "rently_db/sql/tables/analytics/refresh_log.sql"
    text = table.read_text(encoding="utf-8").replace("    error text\n", "    error text,\n    host text\n")
    table.write_text(text.replace("CREATE TABLE", "-- column host: Host that asked for it\nCREATE TABLE"), encoding="utf-8")
    made = ("rently_db", "new", "revision", "v1_host", "-m", "Host of a refresh", "--scratch-url", plain(server_url))
    folder = checkout / "migrations/sql/v1_host"
    said = run(checkout, *made, code=2)
    assert f"tables/analytics/refresh_log.sql changed: write its ALTER TABLE into {folder}/alter.sql, below a line '--: data alter'" in said
    assert not folder.exists()
    folder.mkdir()
    (folder / "alter.sql").write_text(ALTER, encoding="utf-8")
    run(checkout, *made)
    there = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'analytics.refresh_log'::regclass AND attname = 'host' AND NOT attisdropped"
    run(checkout, "alembic", "upgrade", "head", url=v1_book)
    assert rows(v1_book, there) == [(1,)]
    run(checkout, "alembic", "downgrade", "-1", url=v1_book)
    assert rows(v1_book, there) == [(0,)]
