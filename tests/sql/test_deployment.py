"""What a frozen folder deploys is there afterwards, and gone again on the way down."""

from __future__ import annotations

import subprocess
from pathlib import Path

import psycopg2
import pytest
from sqlalchemy import URL

from rently_db.migrate.frozen import read_manifest
from rently_db.migrate.runner import StepError
from rently_db.server import client_tool
from tests.sql.files import write
from tests.sql.project import Project, remember
from tests.support.looks import whole_dump
from tests.support.migrations import plain, rows, run_sql

SHARE = "CREATE FUNCTION analytics.share(part numeric) RETURNS numeric LANGUAGE sql AS $$ SELECT part / {} $$;"
YEAR = "PARTITION OF analytics.mark FOR VALUES FROM ('2026-01-01') TO ('2027-01-01')"
FILES = {
    "seeds/risk.sql": "INSERT INTO public.setting (key)\nVALUES ('a'), ('b') ON CONFLICT DO NOTHING;",
    "tables/state/mark.sql": (
        "CREATE TABLE analytics.mark (\n    id integer NOT NULL,\n    day date NOT NULL,\n    PRIMARY KEY (id, day)\n) "
        "PARTITION BY RANGE (day);\n"
        "CREATE INDEX ix_mark_day ON analytics.mark (day);"
    ),
    "tables/state/queue.sql": "CREATE TABLE analytics.queue (\n    id integer NOT NULL PRIMARY KEY\n);",
    "functions/analytics/note.sql": (
        "CREATE FUNCTION analytics.note() RETURNS trigger LANGUAGE plpgsql AS $$\n"
        "BEGIN\n    INSERT INTO analytics.queue VALUES (NEW.id) ON CONFLICT DO NOTHING;\n    RETURN NULL;\nEND\n$$;"
    ),
    "functions/analytics/share.sql": SHARE.format(100),
    "views/risk/late.sql": (
        "CREATE VIEW analytics.late AS\nSELECT m.id, analytics.share(m.id) AS part, m.day::text || ' :x' AS day FROM analytics.mark AS m;"
    ),
    "matviews/cache/daily.sql": (
        "CREATE MATERIALIZED VIEW analytics.daily AS\nSELECT l.id FROM analytics.late AS l;\n"
        "CREATE UNIQUE INDEX uq_daily ON analytics.daily (id);"
    ),
    "triggers/loan/note.sql": "CREATE TRIGGER note AFTER INSERT ON public.loan\nFOR EACH ROW EXECUTE FUNCTION analytics.note();",
}
COLUMNS = {"tables/state/mark.sql": ("id", "day"), "views/risk/late.sql": ("id", "part", "day")}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """One entity of each kind, frozen."""
    made = Project(tmp_path)
    for file, sql in FILES.items():
        more = {"kept": "yes"} if file == "tables/state/mark.sql" else {}
        write(made.live, file, sql, *COLUMNS.get(file, ()), **more)
    made.freeze("r1")
    return made


@pytest.fixture
def database(empty_database: URL) -> URL:
    """A database with a loan table, as the migration finds it."""
    remember(empty_database)
    run_sql(
        empty_database,
        "CREATE TABLE public.loan (id integer PRIMARY KEY)",
        "CREATE TABLE public.setting (key text PRIMARY KEY)",
        "INSERT INTO public.setting VALUES ('a')",
    )
    return empty_database


def analytics(url: URL) -> set[tuple[str, str]]:
    """Kind and name of what is in schema analytics: relations without indexes, and functions."""
    return set(
        rows(
            url,
            "SELECT c.relkind::text, c.relname::text FROM pg_class AS c WHERE c.relnamespace = to_regnamespace('analytics') "
            "AND c.relkind NOT IN ('i', 'I') "
            "UNION ALL SELECT 'function', p.proname FROM pg_proc AS p WHERE p.pronamespace = to_regnamespace('analytics')",
        )
    )


def test_each_kind_is_there_and_works(project: Project, database: URL):
    """Rows are seeded, the trigger notes a loan, the view computes, the materialized view can be refreshed concurrently."""
    project.go(database, "r1", "up")
    assert analytics(database) == {
        ("p", "mark"),
        ("r", "queue"),
        ("function", "note"),
        ("function", "share"),
        ("v", "late"),
        ("m", "daily"),
    }
    run_sql(
        database,
        f"CREATE TABLE analytics.mark_2026 {YEAR}",
        "INSERT INTO analytics.mark VALUES (5, '2026-03-01')",
        "INSERT INTO public.loan VALUES (7)",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY analytics.daily",
    )
    assert rows(database, "SELECT id, part, day FROM analytics.late") == [(5, rows(database, "SELECT 0.05")[0][0], "2026-03-01 :x")]
    assert rows(database, "SELECT id FROM analytics.daily") == [(5,)]
    assert rows(database, "SELECT id FROM analytics.queue") == [(7,)]
    assert rows(database, "SELECT key FROM public.setting ORDER BY 1") == [("a",), ("b",)]


def test_everything_says_what_it_means(project: Project, database: URL):
    """Descriptions of the header are comments in the database, on each object and each column."""
    project.go(database, "r1", "up")
    assert rows(
        database,
        "SELECT obj_description('analytics.late'::regclass), obj_description('analytics.daily'::regclass), "
        "obj_description('analytics.mark'::regclass), obj_description('analytics.share(numeric)'::regprocedure), "
        "obj_description('analytics'::regnamespace)",
    ) == [("About late", "About daily", "About mark", "About it", "Figures of a test")]
    described = rows(
        database,
        "SELECT a.attrelid::regclass::text, a.attname::text FROM pg_attribute AS a INNER JOIN pg_class AS c ON c.oid = a.attrelid "
        "WHERE c.relnamespace = 'analytics'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm') AND a.attnum > 0 "
        "AND col_description(a.attrelid, a.attnum) IS NULL",
    )
    assert described == []
    assert rows(database, "SELECT col_description('analytics.late'::regclass, 2)") == [("What part is",)]


def test_going_down_leaves_nothing_but_what_is_kept(project: Project, database: URL):
    """The schema is gone, no trigger is left on other people's tables; a kept table waits aside with its partitions and its rows."""
    before = whole_dump(database)
    project.go(database, "r1", "up")
    run_sql(
        database,
        f"CREATE TABLE analytics.mark_2026 {YEAR} PARTITION BY RANGE (day)",
        "CREATE TABLE analytics.mark_march PARTITION OF analytics.mark_2026 FOR VALUES FROM ('2026-03-01') TO ('2026-04-01')",
        "INSERT INTO analytics.mark VALUES (5, '2026-03-01')",
        "INSERT INTO analytics.queue VALUES (1)",
    )
    for _ in range(2):
        project.go(database, "r1", "down")
        assert whole_dump(database) == before
        assert rows(database, "SELECT * FROM rently_v1_kept.mark_march") == rows(database, "SELECT * FROM rently_v1_kept.mark") != []
        project.go(database, "r1", "up")
        assert rows(database, "SELECT id FROM analytics.mark") == rows(database, "SELECT id FROM analytics.mark_march") == [(5,)]
        assert rows(database, "SELECT to_regclass('analytics.ix_mark_day') IS NOT NULL") == [(True,)]
        assert rows(database, "SELECT count(*) FROM pg_class WHERE relnamespace = 'rently_v1_kept'::regnamespace") == [(0,)]
        assert rows(database, "SELECT id FROM analytics.queue") == [], "what is not kept begins anew"


def test_a_seed_does_not_come_back_by_itself(project: Project, database: URL):
    """What the owner changed stays: a row that is there is left alone, and the way down takes none away."""
    project.go(database, "r1", "up")
    project.go(database, "r1", "down")
    assert rows(database, "SELECT key FROM public.setting ORDER BY 1") == [("a",), ("b",)]


@pytest.mark.parametrize("direction", ["up", "down"])
def test_a_run_killed_after_any_step_goes_on(project: Project, database: URL, direction: str):
    """Wherever a deployment is stopped, the same command goes on; what is there already is not locked again."""
    empty = whole_dump(database)
    project.go(database, "r1", "up")
    run_sql(database, f"CREATE TABLE analytics.mark_2026 {YEAR}")
    full = whole_dump(database)
    if direction == "up":
        project.go(database, "r1", "down")
    actions = project.go(database, "r1", direction).actions
    other = "down" if direction == "up" else "up"
    for stop in range(1, actions):
        project.go(database, "r1", other)
        project.go(database, "r1", direction, stop_after=stop)
        rest = project.go(database, "r1", direction)
        assert rest.done <= actions
        assert whole_dump(database) == (full if direction == "up" else empty), stop


def test_a_view_of_somebody_else_is_not_dropped(project: Project, database: URL):
    """Nothing is dropped with what depends on it: the way down stops, and says who is in the way."""
    project.go(database, "r1", "up")
    run_sql(database, "CREATE VIEW public.theirs AS SELECT id FROM analytics.late")
    with pytest.raises(StepError, match="late"):
        project.go(database, "r1", "down")
    assert rows(database, "SELECT to_regclass('public.theirs') IS NOT NULL") == [(True,)]
    run_sql(database, "DROP VIEW public.theirs")
    project.go(database, "r1", "down")


def test_a_schema_that_was_there_stays(project: Project, database: URL):
    """A schema that people made, and what they keep in it, is not ours to drop."""
    run_sql(database, "CREATE SCHEMA analytics", "COMMENT ON SCHEMA analytics IS 'ours'", "CREATE TABLE analytics.theirs ()")
    before = whole_dump(database)
    project.go(database, "r1", "up")
    project.go(database, "r1", "down")
    assert whole_dump(database) == before


def test_what_people_put_into_our_schema_keeps_it(project: Project, database: URL):
    """A table that somebody made in our schema meanwhile is not dropped with it."""
    project.go(database, "r1", "up")
    run_sql(database, "CREATE TABLE analytics.theirs ()")
    project.go(database, "r1", "down")
    assert analytics(database) == {("r", "theirs")}


def test_the_script_does_the_same(project: Project, database: URL):
    """What is printed for psql makes the same schema and takes it back, kept tables included."""
    before = whole_dump(database)
    project.go(database, "r1", "up")
    online = whole_dump(database)
    project.go(database, "r1", "down")
    for direction, expected in (("up", online), ("down", before), ("up", online)):
        command = [str(client_tool("psql")), "--no-psqlrc", "--quiet", "--set", "ON_ERROR_STOP=1", plain(database)]
        done = subprocess.run(command, input=project.printed("r1", direction), capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert whole_dump(database) == expected


def test_triggers_are_the_first_to_go(project: Project, database: URL):
    """From the first step of the way down nobody's writing meets a function or table that is about to go."""
    project.go(database, "r1", "up")
    project.go(database, "r1", "down", stop_after=1)
    assert rows(database, "SELECT count(*) FROM pg_trigger WHERE tgname = 'note'") == [(0,)]
    assert ("m", "daily") in analytics(database)


def test_what_is_written_while_rows_are_filled_is_noted(project: Project, database: URL):
    """The trigger is there before the statements that fill what it keeps up to date."""
    fill = "--: data fill\nINSERT INTO analytics.queue SELECT l.id FROM public.loan AS l WHERE analytics.share(l.id) > 0;\n"
    (project.folder("r1") / "fill.sql").write_text(fill, encoding="utf-8")
    project.freeze("r1", again=True)
    run_sql(database, "INSERT INTO public.loan VALUES (1)")
    order = list(read_manifest(project.folder("r1")))
    project.go(database, "r1", "up", stop_after=1 + order.index("fill.sql"))
    assert rows(database, "SELECT id FROM analytics.queue") == []
    run_sql(database, "INSERT INTO public.loan VALUES (2)")
    assert rows(database, "SELECT id FROM analytics.queue") == [(2,)]
    run_sql(database, "DELETE FROM analytics.queue")
    project.go(database, "r1", "up")
    assert rows(database, "SELECT id FROM analytics.queue ORDER BY 1") == [(1,), (2,)]
    # The views that are filled next know how many rows there are.
    assert rows(database, "SELECT reltuples::integer FROM pg_class WHERE oid = 'analytics.queue'::regclass") == [(2,)]


CHANGES = {
    "functions/analytics/share.sql": SHARE.format(10),
    "functions/analytics/note.sql": FILES["functions/analytics/note.sql"].replace("NEW.id)", "NEW.id + 1)"),
    "views/risk/late.sql": (
        "CREATE VIEW analytics.late AS\nSELECT m.id, analytics.share(m.id) AS part, analytics.fee(m.id) AS fee FROM analytics.mark AS m;"
    ),
    "functions/analytics/fee.sql": "CREATE FUNCTION analytics.fee(of integer) RETURNS numeric LANGUAGE sql AS $$ SELECT 1.5 $$;",
    "triggers/loan/note.sql": "CREATE TRIGGER note AFTER INSERT OR UPDATE ON public.loan\nFOR EACH ROW EXECUTE FUNCTION analytics.note();",
}


def test_a_changed_entity_comes_and_goes_back(project: Project, database: URL):
    """Functions, triggers and views change in place, what is gone is dropped; the way down gives the former text and objects back."""
    project.go(database, "r1", "up")
    before = whole_dump(database)
    for file, sql in CHANGES.items():
        write(project.live, file, sql, *(("id", "part", "fee") if file.startswith("views") else ()))
    (project.live / "tables/state/queue.sql").unlink()
    write(project.live, "functions/analytics/note.sql", FILES["functions/analytics/note.sql"].replace("analytics.queue", "public.loan"))
    frozen = project.freeze("r2")
    assert set(frozen.changed) == CHANGES.keys() - {"functions/analytics/fee.sql"}
    assert frozen.dropped == ("tables/state/queue.sql",)
    for _ in range(2):
        project.go(database, "r2", "up")
        after = whole_dump(database)
        assert "fee" in after
        assert "AFTER INSERT OR UPDATE ON public.loan" in after
        assert "analytics.queue" not in after
        assert "part / (10)" in after or "part / 10 " in after
        project.go(database, "r2", "down")
        assert whole_dump(database) == before


def test_a_function_may_give_back_something_else(project: Project, database: URL):
    """What CREATE OR REPLACE refuses is dropped and created, in one step."""
    project.go(database, "r1", "up")
    before = whole_dump(database)
    run_sql(database, "DROP MATERIALIZED VIEW analytics.daily", "DROP VIEW analytics.late")
    without = whole_dump(database)
    write(
        project.live,
        "functions/analytics/share.sql",
        "CREATE FUNCTION analytics.share(part numeric) RETURNS text LANGUAGE sql AS $$ SELECT part::text $$;",
    )
    project.freeze("r2")
    project.go(database, "r2", "up")
    assert rows(database, "SELECT analytics.share(1)") == [("1",)]
    project.go(database, "r2", "down")
    assert whole_dump(database) == without != before


def test_a_unique_key_that_does_not_hold_stops_the_deployment(project: Project, database: URL):
    """A materialized view whose key is not one is not deployed at all: it could never be refreshed concurrently."""
    write(
        project.live,
        "matviews/cache/daily.sql",
        "CREATE MATERIALIZED VIEW analytics.daily AS\nSELECT s.id FROM (VALUES (1), (1)) AS s (id);\n"
        "CREATE UNIQUE INDEX uq_daily ON analytics.daily (id);",
    )
    project.freeze("r1", again=True)
    with pytest.raises(StepError, match="uq_daily"):
        project.go(database, "r1", "up")
    with pytest.raises(psycopg2.errors.UndefinedTable):
        run_sql(database, "REFRESH MATERIALIZED VIEW analytics.daily")
