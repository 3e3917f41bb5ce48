"""The accounts of v0's tables close, whoever writes meanwhile, and what nobody accounts for is found."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import Any, Literal

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.actions import Action
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.content import money_columns
from rently_db.migrate.runner import Runner
from rently_db.server import client_tool
from rently_db.synth.v0_workload import V0Application, WorkloadThread
from rently_db.testing.databases import Databases
from tests.support.accounts import TRACES, accounting, accounts, carry_out, differences, reported
from tests.support.migrations import downgrade, dump, plain, rows, run_alembic, run_sql, upgrade, v0_content

Direction = Literal["up", "down"]


@pytest.fixture(scope="module")
def adopted_template(databases: Databases, dirty_template: str) -> Iterator[str]:
    """Name of the dirty book at revision v0, to copy from."""
    with databases.database(template=dirty_template) as url:
        upgrade(url, "v0")
        yield str(url.database)


@pytest.fixture
def dirty(databases: Databases, adopted_template: str) -> Iterator[URL]:
    """The dirty book at revision v0, of this test's own."""
    with databases.database(template=adopted_template) as url:
        yield url


Rows = dict[str, dict[Any, tuple[Any, ...]]]


def by_id(url: URL) -> Rows:
    """Every row of v0's tables by table and id, v0's columns only."""
    return {table: {row[0]: row for row in found} for table, found in v0_content(url).items()}


def money(table: str, found: Sequence[tuple[Any, ...]]) -> dict[str, Decimal]:
    """Sums of money by column and currency, added up in Python."""
    names = [column.name for column in BASELINE[table].columns]
    sums: dict[str, Decimal] = {}
    for column, currency in money_columns(table):
        for row in found:
            code = row[names.index(currency)] if currency else None
            key = f"{column} {code}" if code else column
            sums[key] = sums.get(key, Decimal(0)) + (row[names.index(column)] or 0)
    return {key: amount for key, amount in sums.items() if amount}


def test_a_quiet_way_up_and_down_is_accounted_for_to_the_row(dirty: URL):
    """Rows, money, what was repaired, taken out, given back and put back: exactly what a comparison of all rows finds."""
    before = by_id(dirty)
    schema = dump(dirty)
    upgrade(dirty)
    after = by_id(dirty)
    assert differences(dirty) == []
    for table, account in accounts(dirty).items():
        old, new = before[table], after[table]
        assert (account.rows_before, account.rows_after) == (len(old), len(new))
        assert account.taken_out == account.fate("removed") == account.migration_out == len(old.keys() - new.keys())
        changed = sum(old[key] != new[key] for key in old.keys() & new.keys())
        assert account.fate("repaired") == changed > 0, table
        assert (dict(account.money_before), dict(account.money_after)) == (money(table, [*old.values()]), money(table, [*new.values()]))
        assert account.applications_in == account.applications_out == account.applications_changed == account.migration_in == 0
    downgrade(dirty)
    assert differences(dirty) == []
    for table, account in accounts(dirty).items():
        old, new = after[table], before[table]
        assert account.fate("put_back") == account.migration_in == len(new.keys() - old.keys())
        assert account.fate("given_back") == sum(old[key] != new[key] for key in old.keys() & new.keys())
    assert (by_id(dirty), dump(dirty)) == (before, schema)
    assert rows(dirty, TRACES) == [(0, 0, 0)]


def test_it_closes_while_applications_write_all_the_way(dirty: URL):
    """Two v0 applications that never pause: up and down, every row they wrote is told apart from what the migration did."""
    threads = [WorkloadThread(plain(dirty), seed=seed, pause_s=0.01) for seed in (1, 2)]
    for thread in threads:
        thread.start()
    try:
        for way in (upgrade, downgrade):
            way(dirty)
            assert differences(dirty) == [], way.__name__
            written = accounts(dirty)["payment"]
            assert written.applications_in > 0
            assert written.applications_changed > 0
            assert any(account.applications_out for account in accounts(dirty).values())
    finally:
        failed = [failure for thread in threads for failure in thread.stop().failures]
    assert failed == []


WRITES = (
    (
        "INSERT INTO payment (id, legal_entity_id, currency_code, amount, direction, status) "
        "SELECT md5(g::text)::uuid, (SELECT min(id::text)::uuid FROM legal_entity), 'SGD', 10.50, 'inbound', 'completed' "
        "FROM generate_series(1, 3) AS g"
    ),
    "DELETE FROM payment WHERE id = md5('1')::uuid",
    "UPDATE payment SET amount = 11, currency_code = 'AED' WHERE id = md5('2')::uuid",
    "UPDATE payment SET amount = 11.0 WHERE id = md5('2')::uuid",
    "UPDATE payment SET amount = amount + 0 WHERE id = md5('3')::uuid",
    "UPDATE payment SET processed_at = now() WHERE id = md5('3')::uuid",
    "UPDATE payment SET id = md5('4')::uuid WHERE id = md5('3')::uuid",
    "INSERT INTO payment SELECT * FROM payment ON CONFLICT DO NOTHING",
    "INSERT INTO payment SELECT * FROM payment WHERE id = md5('2')::uuid ON CONFLICT (id) DO UPDATE SET provider = 'again'",
    "UPDATE payment SET amount = 0.01 WHERE false",
)


def test_each_kind_of_write_counts_once(halfway: URL):
    """Rows in, out and changed, and the money they carry; a write of v1's columns alone, of nothing, or rolled back, is none."""
    run_sql(halfway, *WRITES, "BEGIN; DELETE FROM document_link; ROLLBACK")
    # v1's foreign key takes the links along.
    [(links,)] = rows(
        halfway, "SELECT count(*) FROM document_link WHERE document_id = (SELECT min(document_id::text)::uuid FROM document_link)"
    )
    run_sql(halfway, "DELETE FROM document WHERE id = (SELECT min(document_id::text)::uuid FROM document_link)")
    upgrade(halfway)
    assert differences(halfway) == []
    found = accounts(halfway)
    payment = found["payment"]
    assert (payment.applications_in, payment.applications_out, payment.applications_changed) == (3 + 1, 1 + 1, 2 + 1)
    assert payment.applications_money == {"amount SGD": Decimal("10.50"), "amount AED": Decimal(11)}
    assert found["document"].applications_out == 1
    assert found["document_link"].applications_out == links > 0
    assert rows(halfway, "SELECT count(*) FROM ops.account WHERE closed_at IS NULL") == [(0,)]


def test_a_written_value_that_is_repaired_is_the_applications(halfway: URL):
    """What v0 writes dirty and a bridge repairs counts once, as written by the application and repaired as it was written."""
    run_sql(halfway, "UPDATE party SET email = 'Some.BODY@EXAMPLE.com' WHERE id = (SELECT min(id::text)::uuid FROM party)")
    repaired = accounts(halfway)
    upgrade(halfway)
    assert differences(halfway) == []
    account = accounts(halfway)["party"]
    assert (account.applications_changed, account.fate("repaired_as_written")) == (1, 1)
    assert not repaired["party"].closed


def test_an_upgrade_that_halts_and_goes_back_closes_at_v0(dirty: URL):
    """Whoever turns round half way has one account, of the way up and back, and v0 as it was."""
    schema, content = dump(dirty), by_id(dirty)
    upgrade(dirty, "v1_backfill")
    assert reported(dirty) == ["the accounts of 20 tables are open until v1, or v0 again, is reached; until then writes are counted"]
    assert not any(account.closed or account.closes for account in accounts(dirty).values())
    downgrade(dirty)
    assert differences(dirty) == []
    for account in accounts(dirty).values():
        assert account.rows_before == account.rows_after
        assert account.fate("removed") == account.fate("put_back") == account.migration_out == account.migration_in
        assert account.fate("repaired") == account.fate("given_back")
    assert rows(dirty, "SELECT count(*) FROM ops.account") == [(20,)]
    assert (dump(dirty), by_id(dirty)) == (schema, content)
    assert rows(dirty, TRACES) == [(0, 0, 0)]


class StoppedError(Exception):
    """Stands for a kill."""


@contextmanager
def stop(monkeypatch: pytest.MonkeyPatch, revision: str, title: str) -> Iterator[None]:
    """Let the run end before the action of that title."""
    original = Runner._run

    def stopping(self: Runner, action: Action) -> None:
        if (self._revision, action.title) == (revision, title):
            raise StoppedError
        original(self, action)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, "_run", stopping)
        yield


@pytest.mark.parametrize("after", ["the same way", "back"])
@pytest.mark.parametrize(
    ("way", "revision", "title"),
    [
        ("up", "v1_expand", "account payment: count"),
        ("up", "v1_expand", "account payment: open"),
        ("up", "v1", "account payment: close"),
        ("up", "v1", "account payment: stop counting"),
        ("down", "v1", "account payment: open"),
        ("down", "v1_expand", "account payment: close"),
        ("down", "v1_expand", "account payment: stop counting"),
    ],
)
def test_a_run_that_was_killed_is_accounted_for(  # noqa: PLR0917
    dirty: URL, monkeypatch: pytest.MonkeyPatch, way: Direction, revision: str, title: str, after: str
):
    """Killed while accounts are opened or closed, the run goes on or turns round; v0 writes in between; it closes all the same."""
    schema = dump(dirty)
    there, back = (upgrade, downgrade) if way == "up" else (downgrade, upgrade)
    if way == "down":
        upgrade(dirty)
    with stop(monkeypatch, revision, title), pytest.raises(StoppedError):
        there(dirty)
    application = psycopg2.connect(plain(dirty))
    V0Application(application).round()
    application.close()
    (there if after == "the same way" else back)(dirty)
    assert rows(dirty, "SELECT table_name FROM ops.account WHERE closes IS NOT TRUE") == []
    if (way, revision, after) != ("up", "v1_expand", "back"):  # there some tables never had an account
        assert differences(dirty) == []
    assert rows(dirty, TRACES) == [(0, 0, 0)]
    if (way, after) in {("up", "back"), ("down", "the same way")}:
        assert dump(dirty) == schema


def test_transactions_under_way_count_on_one_side_only(dirty: URL):
    """Who committed before the measure is in it, who did not is counted: at the opening and at the closing."""
    do = accounting("payment")
    insert = (
        "INSERT INTO payment (id, legal_entity_id, currency_code, amount) SELECT gen_id, legal_entity_id, 'SGD', {} "
        "FROM (SELECT md5(random()::text)::uuid AS gen_id, id AS legal_entity_id FROM legal_entity LIMIT 1) AS e"
    )
    carry_out(dirty, do["count"])
    run_sql(dirty, insert.format(1))
    across = [psycopg2.connect(plain(dirty)) for _ in range(3)]
    cursors = [connection.cursor() for connection in across]
    cursors[0].execute(insert.format(2))
    carry_out(dirty, do["open"])
    across[0].commit()
    cursors[1].execute(insert.format(4) + "; SAVEPOINT s; DELETE FROM payment_allocation; ROLLBACK TO s")
    across[1].commit()
    run_sql(dirty, f"BEGIN; {insert.format(8)}; ROLLBACK")
    cursors[2].execute(insert.format(16))
    carry_out(dirty, do["close"])
    across[2].commit()
    carry_out(dirty, do["stop counting"], do["clear"])
    for connection in across:
        connection.close()
    found = rows(dirty, "SELECT applications_in, applications_money, rows_after - rows_before, closes FROM ops.account")
    assert found == [(2, {"amount SGD": 6}, 2, True)]
    assert rows(dirty, TRACES) == [(0, 0, 0)]


def test_an_amount_that_is_no_number_hides_no_other(dirty: URL):
    """v0 may hold NaN: the sums leave it out, the content sees it come and go."""
    do = accounting("loan")
    run_sql(dirty, "UPDATE loan SET principal_amount = 'NaN' WHERE id = (SELECT min(id::text)::uuid FROM loan)")
    carry_out(dirty, do["count"], do["open"])
    run_sql(dirty, "UPDATE loan SET principal_amount = 5 WHERE id = (SELECT min(id::text)::uuid FROM loan)")
    carry_out(dirty, do["close"])
    [(closes, sums)] = rows(dirty, "SELECT closes, applications_money FROM ops.account")
    assert closes
    assert [*sums.values()] == [5]


def test_opening_twice_changes_nothing(dirty: URL):
    """A script that is run again neither opens a second account nor forgets what was counted for the first."""
    do = accounting("loan")
    carry_out(dirty, do["count"], do["open"])
    run_sql(dirty, "UPDATE loan SET status = 'x'")
    carry_out(dirty, do["count"], do["open"], do["close"])
    assert rows(dirty, "SELECT applications_changed, closes FROM ops.account") == [(55, True)]


def test_whoever_may_write_a_table_is_counted(dirty: URL):
    """An application's role needs no right in schema ops, and gets none; odd session settings change nothing."""
    role = f"rently_test_accounts_{dirty.database}"
    run_sql(
        dirty,
        f"CREATE ROLE {role} LOGIN PASSWORD 'x'",
        f"GRANT SELECT, INSERT, UPDATE, DELETE ON payment, legal_entity TO {role}",
    )
    upgrade(dirty, "v1_expand")
    url = dirty.set(username=role, password="x")
    run_sql(
        url, "SET datestyle = 'SQL, DMY'; SET timezone = 'Asia/Dubai'; SET search_path = ''; UPDATE public.payment SET received_at = now()"
    )
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        run_sql(url, "SELECT FROM ops.tally")
    upgrade(dirty)
    assert differences(dirty) == []
    account = accounts(dirty)["payment"]
    assert account.applications_changed == account.rows_before
    run_sql(dirty, f"DROP OWNED BY {role}", f"DROP ROLE {role}")


def test_a_script_keeps_accounts_too(dirty: URL):
    """Where only psql may touch production, the accounts open and close as they do online."""
    for arguments in (("upgrade", "v0:head"), ("downgrade", "head:v0")):
        script = run_alembic(None, *arguments, "--sql").stdout
        command = [str(client_tool("psql")), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", "-", plain(dirty)]
        done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert "does not close" not in done.stderr
        assert differences(dirty) == []
    assert rows(dirty, TRACES) == [(0, 0, 0)]
