"""Views change under readers, and whatever hangs on them is as before."""

import subprocess
import threading

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.budget import Budget
from rently_db.migrate.printer import as_script
from rently_db.migrate.runner import StepError
from rently_db.migrate.steps.views import ChangeViews
from rently_db.server import client_tool
from rently_db.sql.catalog import Entity
from rently_db.testing.databases import Databases
from tests.sql.stack import BASE, DASHBOARD, REVISION, TOTALS, gone_and_come, matview, run, run_actions, structure, undisturbed, view
from tests.support.commands import until
from tests.support.migrations import plain, rows, run_sql


def oid(url: URL, name: str) -> int:
    """Which relation has that name now."""
    return int(rows(url, f"SELECT '{name}'::regclass::oid")[0][0])


def nothing_left(url: URL) -> bool:
    """Whether no schema of a change is left."""
    return rows(url, "SELECT nspname FROM pg_namespace WHERE nspname LIKE 'rently%'") == []


def select(query: str) -> Entity:
    """The view at the bottom with another query."""
    return view("base", f"SELECT {query} FROM public.deal", columns=BASE.header.columns)


CHANGES: dict[str, ChangeViews] = {
    "a column more": ChangeViews(REVISION, (BASE,), (select("id, region, amount, note, amount * 2 AS twice"),)),
    "another query": ChangeViews(REVISION, (BASE,), (select("id, region, amount, upper(note) AS note"),)),
    "an unused column gone": ChangeViews(REVISION, (BASE,), (select("id, region, amount"),)),
    "an unused column under another name": ChangeViews(REVISION, (BASE,), (select("id, region, amount, note AS remark"),)),
    "a column of another type": ChangeViews(REVISION, (BASE,), (select("id, region, amount::numeric(14,4) AS amount, note"),)),
    "columns in another order": ChangeViews(REVISION, (BASE,), (select("note, amount, region, id"),)),
    "a used column under another name": ChangeViews(
        REVISION,
        (BASE,),
        (view("base", "SELECT id, region AS area, amount, note FROM public.deal", columns=(("area", "where the deal was made"),)),),
        {"analytics.base": {"region": "area"}},
    ),
    "three views at once": ChangeViews(
        REVISION,
        (BASE, TOTALS, DASHBOARD),
        (
            select("id, region, amount AS value, note, amount"),
            matview("totals", "SELECT region, sum(value) AS amount, count(id) AS deals FROM analytics.base GROUP BY 1", *TOTALS.more),
            view("dashboard", "SELECT region, amount, amount / deals AS mean, deals FROM analytics.totals"),
        ),
    ),
    "a materialized view": ChangeViews(
        REVISION,
        (TOTALS,),
        (
            matview(
                "totals",
                "SELECT region, sum(amount) AS amount, count(*) AS deals, max(amount) AS top FROM analytics.base WHERE id > 7 GROUP BY 1",
                "CREATE UNIQUE INDEX totals_region ON analytics.totals (region)",
                "CREATE UNIQUE INDEX totals_key ON analytics.totals (region, deals)",
                columns=(("top", "the greatest"),),
            ),
        ),
    ),
    "a view that becomes materialized": ChangeViews(
        REVISION,
        (DASHBOARD,),
        (
            matview(
                "dashboard",
                "SELECT region, amount, amount / deals AS mean FROM analytics.totals",
                "CREATE UNIQUE INDEX dashboard_region ON analytics.dashboard (region)",
            ),
        ),
    ),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_change_up_and_down_disturbs_no_reader_and_loses_nothing(stack: URL, change: ChangeViews):
    """Whatever changes in a view, those who read the stack see no error and no empty view, and going back restores it to the letter."""
    before = structure(stack)
    with undisturbed(stack):
        run(stack, change, "up")
        after = structure(stack)
        assert nothing_left(stack)
        run(stack, change, "down")
    assert after != before
    assert structure(stack) == before
    assert nothing_left(stack)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_grants_owners_and_what_others_made_stay(stack: URL, change: ChangeViews):
    """After the way up too, every grant, owner, option and index by hand is there, and the view of the other team reads as before."""
    kept = ("GRANT ", "ALTER ", "CREATE INDEX totals_by_hand", "CREATE TRIGGER", "CREATE RULE", "CREATE STATISTICS", "COMMENT ON TRIGGER")
    before = structure(stack)
    run(stack, change, "up")
    gone, _ = gone_and_come(before, structure(stack))
    renamed = {"GRANT SELECT(region)", "ALTER VIEW analytics.base ALTER COLUMN note", "GRANT INSERT(note)", "CREATE TRIGGER", "ALTER TABLE"}
    lost = {line for line in gone if line.startswith(kept) and not (line.startswith(tuple(renamed)) and "base" in line)}
    # What belongs to a column goes with it alone; what else is lost is lost.
    assert {line for line in lost if "analytics.dashboard OWNER" not in line} == set()
    assert rows(stack, "SELECT count(*), count(place), sum(amount) > 0 FROM bi.theirs") in ([(700, 700, True)], [(693, 693, True)])
    assert rows(stack, "SELECT relowner::regrole::text FROM pg_class WHERE oid = 'bi.theirs'::regclass") == [("rently_test_bi",)]


def test_a_compatible_change_keeps_the_view_itself(stack: URL):
    """A view that only gets a column more is replaced in place: the same object, and nothing above it is touched."""
    names = ("analytics.base", "analytics.totals", "analytics.dashboard", "bi.theirs")
    before = [oid(stack, name) for name in names]
    gone, come = structure(stack), []
    run(stack, CHANGES["a column more"], "up")
    assert [oid(stack, name) for name in names] == before
    gone, come = gone_and_come(gone, structure(stack))
    assert all("base" in line or "amount" in line for line in gone | come), (gone, come)
    assert rows(stack, "SELECT reloptions FROM pg_class WHERE oid = 'analytics.base'::regclass") == [(["security_barrier=true"],)]


def test_a_materialized_view_is_filled_and_indexed_before_anybody_sees_it(stack: URL):
    """The new rows, the new index under its own name and the DBA's index are all there at once; the index that the file gave up is not."""
    run(stack, CHANGES["a materialized view"], "up")
    indexes = "SELECT indexrelid::regclass::text FROM pg_index WHERE indrelid = 'analytics.totals'::regclass AND indisvalid ORDER BY 1"
    assert rows(stack, indexes) == [("analytics.totals_by_hand",), ("analytics.totals_key",), ("analytics.totals_region",)]
    assert rows(stack, "SELECT count(*), min(top) FROM analytics.totals") == [(7, 694)]
    assert rows(stack, "SELECT col_description('analytics.totals'::regclass, 4)") == [("the greatest",)]
    analysed = "SELECT reltuples::integer FROM pg_class WHERE oid = 'analytics.totals'::regclass"
    assert rows(stack, analysed) == [(7,)]
    run_sql(stack, "REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.totals")


def test_an_old_transaction_sees_the_rows_of_the_new_materialized_view(stack: URL):
    """A report that began before the swap, and comes to the view after it, finds rows there and not an empty view."""
    connection = psycopg2.connect(plain(stack))
    connection.set_session(isolation_level="REPEATABLE READ")
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM public.deal")
        run(stack, CHANGES["a materialized view"], "up")
        cursor.execute("SELECT count(*) FROM analytics.totals")
        assert cursor.fetchone() == (7,)
    connection.close()


def test_a_materialized_view_that_nobody_filled_stays_so(stack: URL):
    """A view that waits for its first refresh is not filled by the way."""
    run_sql(stack, "REFRESH MATERIALIZED VIEW analytics.totals WITH NO DATA")
    before = structure(stack)
    run(stack, CHANGES["a materialized view"], "up")
    assert rows(stack, "SELECT relispopulated FROM pg_class WHERE oid = 'analytics.totals'::regclass") == [(False,)]
    run(stack, CHANGES["a materialized view"], "down")
    assert structure(stack) == before


def test_a_column_that_others_use_does_not_go(stack: URL):
    """Where a view of somebody else reads the column, the change names that view and leaves everything as it was."""
    run_sql(stack, "CREATE VIEW bi.notes AS SELECT note FROM analytics.base")
    before = structure(stack)
    with pytest.raises(
        StepError, match=r"bi\.notes can not be made again: column .*note.* does not exist.*have its owner change or drop it"
    ):
        run(stack, CHANGES["an unused column gone"], "up")
    assert structure(stack) == before
    assert nothing_left(stack)


def test_a_function_that_gives_rows_of_the_view_stops_the_change(stack: URL):
    """What can't be made again, a function of the view's row type, is not dropped with it."""
    run_sql(stack, "CREATE FUNCTION bi.all() RETURNS SETOF analytics.base LANGUAGE sql AS 'SELECT * FROM analytics.base'")
    before = structure(stack)
    with pytest.raises(StepError, match=r"cannot drop view analytics\.base .*function bi\.\"?all\"?\(\) depends on type"):
        run(stack, CHANGES["an unused column gone"], "up")
    assert structure(stack) == before


def test_default_privileges_give_away_nothing(stack: URL):
    """Somebody's ALTER DEFAULT PRIVILEGES does not open views that were closed, only because they were made again."""
    run_sql(stack, "ALTER DEFAULT PRIVILEGES IN SCHEMA analytics, bi GRANT ALL ON TABLES TO PUBLIC")
    granted = "SELECT has_table_privilege('rently_test_analyst', 'analytics.base', 'DELETE')"
    before = structure(stack)
    run(stack, CHANGES["a column of another type"], "up")
    assert rows(stack, granted) == [(False,)]
    run(stack, CHANGES["a column of another type"], "down")
    gone, come = gone_and_come(before, structure(stack))
    # Where nothing had been granted, PostgreSQL now says so in so many words.
    assert gone == set()
    assert not [line for line in come if line.startswith("GRANT") and "PUBLIC" in line]


def test_what_does_not_come_back_rolls_the_change_back(stack: URL):
    """If the stack is not as it was when all is done (here, somebody's event trigger meddles), nothing of the change stays."""
    run_sql(
        stack,
        "ALTER VIEW analytics.dashboard SET (security_barrier)",
        "CREATE FUNCTION bi.meddle() RETURNS event_trigger LANGUAGE plpgsql AS "
        "$$BEGIN ALTER VIEW analytics.dashboard RESET (security_barrier); END$$",
        "CREATE EVENT TRIGGER meddle ON ddl_command_end WHEN TAG IN ('COMMENT') EXECUTE FUNCTION bi.meddle()",
    )
    before = structure(stack)
    change = ChangeViews(
        REVISION, (DASHBOARD,), (view("dashboard", "SELECT amount, region, amount / deals AS mean FROM analytics.totals"),)
    )
    problem = r"analytics\.dashboard did not come out of the change as it should: option security_barrier should be"
    with pytest.raises(StepError, match=problem):
        run(stack, change, "up")
    assert structure(stack) == before


@pytest.mark.parametrize("stopped_after", [1, 2])
@pytest.mark.parametrize("then", ["up", "down"])
def test_a_killed_change_goes_on_either_way(stack: URL, stopped_after: int, then: str):
    """A run killed after building, or after filling, leaves the old view at work; the next one ends the change, or takes it back."""
    change, before = CHANGES["a materialized view"], structure(stack)
    run(stack, change, "up", stop_after=stopped_after)
    assert structure(stack) == before
    assert not nothing_left(stack)
    run(stack, change, then)
    if then == "up":
        run(stack, change, "down")
    assert structure(stack) == before
    assert nothing_left(stack)


def test_the_same_command_again_changes_nothing(stack: URL):
    """A run that was killed after its last action, before the version was written, finds all done."""
    change = CHANGES["a materialized view"]
    run(stack, change, "up")
    before = oid(stack, "analytics.totals")
    tally = run(stack, change, "up")
    assert (tally.done, tally.skipped) == (0, 3)
    assert oid(stack, "analytics.totals") == before


def test_a_view_made_meanwhile_is_not_lost(stack: URL):
    """Somebody puts a view on top while the new one is filled: the swap stops, and the same command builds again, with that view."""
    change = CHANGES["a materialized view"]
    run(stack, change, "up", stop_after=2)
    run_sql(stack, "CREATE VIEW bi.late AS SELECT deals FROM analytics.totals")
    with pytest.raises(StepError, match=r"somebody changed a view above analytics\.totals, or made one"):
        run_actions(stack, change.up()[2:], "up")
    run(stack, change, "up")
    assert rows(stack, "SELECT count(*) FROM bi.late") == [(7,)]
    assert rows(stack, "SELECT count(top) FROM analytics.totals") == [(7,)]


def test_a_grant_made_meanwhile_is_kept(stack: URL):
    """What is granted while the new materialized view is filled is granted on it too, what is revoked is not."""
    change = CHANGES["a materialized view"]
    run(stack, change, "up", stop_after=2)
    run_sql(
        stack,
        "GRANT SELECT (deals) ON analytics.totals TO PUBLIC",
        "REVOKE SELECT ON analytics.dashboard FROM PUBLIC",
        "COMMENT ON VIEW analytics.dashboard IS 'meanwhile'",
    )
    run(stack, change, "up")
    assert rows(stack, "SELECT obj_description('analytics.dashboard'::regclass)") == [("meanwhile",)]
    assert rows(stack, "SELECT has_column_privilege('rently_test_analyst', 'analytics.totals', 'deals', 'SELECT')") == [(True,)]
    public = "SELECT count(*) FROM pg_class, aclexplode(relacl) AS a WHERE oid = 'analytics.dashboard'::regclass AND a.grantee = 0"
    assert rows(stack, public) == [(0,)]


def _given_up_once(url: URL) -> None:
    """Wait until somebody has waited for the view alone, and does not any more: the try is over."""
    waiting = """
        SELECT a.pid, a.xact_start FROM pg_locks AS l INNER JOIN pg_stat_activity AS a ON a.pid = l.pid
        WHERE NOT l.granted AND l.mode = 'AccessExclusiveLock' AND a.datname = current_database()
    """
    first = until(lambda: rows(url, waiting) or None, "the change to wait for the report")
    until(lambda: rows(url, waiting) != first or None, "the change to give up for a while")


def test_a_long_report_makes_the_change_wait_and_not_the_readers(stack: URL):
    """A transaction that holds the view makes the change try again later; meanwhile others go on reading."""
    holder = psycopg2.connect(plain(stack))
    with holder.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM bi.theirs")
    release = threading.Thread(target=lambda: (_given_up_once(stack), holder.rollback()))
    with undisturbed(stack):
        release.start()
        tally = run(stack, CHANGES["an unused column gone"], "up", budget=Budget(lock_seconds=0.4))
    release.join()
    holder.close()
    assert tally.retries > 0


def test_a_script_for_psql_makes_the_same(databases: Databases, stack_template: str, stack: URL):
    """Where only psql may touch production, the change comes out as it does online."""
    change = CHANGES["three views at once"]
    run(stack, change, "up")
    with databases.database(template=stack_template) as printed:
        for direction in ("up", "down"):
            script = as_script(REVISION, direction, change.up() if direction == "up" else change.down(), Budget())
            command = [str(client_tool("psql")), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", "--file", "-", plain(printed)]
            done = subprocess.run(command, input=script, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            if direction == "up":
                assert structure(printed) == structure(stack)
        run(stack, change, "down")
        assert structure(printed) == structure(stack)
