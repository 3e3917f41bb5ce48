from __future__ import annotations

from pathlib import Path

import pytest

from rently_db.sql.catalog import KINDS, LIVE, Entity, argument_types, for_server, load_catalogue, load_entity
from rently_db.sql.header import HeaderError
from rently_db.sql.parsed import check
from tests.sql.files import write

GOOD = {
    "seeds/risk.sql": (
        "INSERT INTO public.analytics_setting (key)\nVALUES ('a') ON CONFLICT DO NOTHING;\nINSERT INTO public.fx_rate (id)\nVALUES (1);"
    ),
    "tables/state/mark.sql": (
        "CREATE TABLE analytics.mark (\n    id uuid NOT NULL PRIMARY KEY\n);\nCREATE INDEX ix_mark ON analytics.mark (id);"
    ),
    "functions/analytics/day.sql": (
        "CREATE FUNCTION analytics.day(zone text DEFAULT 'a,b') RETURNS date\nLANGUAGE sql AS $$ SELECT 1; SELECT current_date $$;"
    ),
    "functions/guards/guard.sql": "CREATE FUNCTION ops.guard() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;",
    "views/risk/par.sql": "CREATE VIEW analytics.par AS\nSELECT m.id FROM analytics.mark AS m;",
    "matviews/cache/daily.sql": (
        "CREATE MATERIALIZED VIEW analytics.daily AS\nSELECT m.id FROM analytics.mark AS m;\n"
        "CREATE UNIQUE INDEX uq_daily ON analytics.daily (id);"
    ),
    "triggers/loan/guard.sql": "CREATE TRIGGER guard BEFORE UPDATE ON public.loan\nFOR EACH ROW EXECUTE FUNCTION ops.guard();",
}


def test_path_is_identity(tmp_path: Path):
    """Kind, schema and name come from the path; what follows a table's or a materialized view's first statement belongs to it."""
    for file, sql in GOOD.items():
        write(tmp_path, file, sql)
    found = load_catalogue(tmp_path)
    assert [entity.file for entity in found] == list(GOOD)
    assert [entity.kind for entity in found] == ["seed", "table", "function", "function", "view", "matview", "trigger"]
    assert [entity.qualified for entity in found[1:]] == [
        "analytics.mark",
        "analytics.day",
        "ops.guard",
        "analytics.par",
        "analytics.daily",
        "loan.guard",
    ]
    assert [len(entity.statements) for entity in found] == [2, 2, 1, 1, 1, 2, 1]
    assert [entity.target for entity in found[1:]] == [
        "TABLE analytics.mark",
        "FUNCTION analytics.day(text)",
        "FUNCTION ops.guard()",
        "VIEW analytics.par",
        "MATERIALIZED VIEW analytics.daily",
        "TRIGGER guard ON public.loan",
    ]


@pytest.mark.parametrize(
    ("file", "sql", "message"),
    [
        (
            "views/risk/par.sql",
            "CREATE VIEW analytics.par30 AS SELECT 1 AS id;",
            r"par\.sql:8: must create view analytics\.par, as its path",
        ),
        ("views/risk/par.sql", "CREATE VIEW public.par AS SELECT 1 AS id;", r"par\.sql:8: must create view analytics\.par"),
        ("functions/fx/rate.sql", "CREATE FUNCTION ops.rate() RETURNS int AS 'x';", r"must create function analytics\.rate"),
        ("functions/guards/rate.sql", "CREATE FUNCTION analytics.rate() RETURNS int AS 'x';", r"must create function ops\.rate"),
        ("triggers/loan/a.sql", "CREATE TRIGGER a BEFORE UPDATE ON public.party EXECUTE FUNCTION f();", "must create trigger a on loan"),
        ("tables/state/mark.sql", "CREATE VIEW analytics.mark AS SELECT 1 AS id;", r"must create table analytics\.mark"),
        ("matviews/cache/a.sql", "CREATE VIEW analytics.a AS SELECT 1 AS id;", r"must create materialized view analytics\.a"),
        ("seeds/risk.sql", "UPDATE public.loan SET id = id;", r"risk\.sql:3: must begin with INSERT INTO"),
        ("odds/risk/a.sql", "SELECT 1;", "stands in none of the folders seeds/, tables/"),
    ],
)
def test_what_the_path_does_not_say_is_refused(tmp_path: Path, file: str, sql: str, message: str):
    """A file that creates something else than its path says would be looked for in vain; the error names file and line."""
    with pytest.raises(HeaderError, match=message):
        load_entity(write(tmp_path, file, sql))


def test_two_relations_of_one_name_are_refused(tmp_path: Path):
    """A table and a view can't share a name in one schema, whatever their folders."""
    write(tmp_path, "tables/state/mark.sql", GOOD["tables/state/mark.sql"])
    write(tmp_path, "views/risk/mark.sql", "CREATE VIEW analytics.mark AS SELECT 1 AS id;")
    with pytest.raises(HeaderError, match=r"views/risk/mark\.sql:1: tables/state/mark\.sql describes analytics\.mark already"):
        load_catalogue(tmp_path)


def test_a_kept_table_guards_nothing(tmp_path: Path):
    """A table that a downgrade sets aside has no foreign keys: v0 applications would run into them."""
    sql = "CREATE TABLE analytics.mark (\n    id uuid NOT NULL REFERENCES public.loan\n);"
    with pytest.raises(HeaderError, match=r"mark\.sql:10: a kept table has no foreign keys"):
        load_entity(write(tmp_path, "tables/state/mark.sql", sql, kept="yes"))


@pytest.mark.parametrize(
    ("arguments", "types"),
    [
        ("", []),
        ("a int", ["int"]),
        ("amount numeric(15, 2), OUT found boolean, VARIADIC keys uuid[]", ["numeric(15, 2)", "uuid[]"]),
        ("day date DEFAULT now()::date, zone text = 'a'", ["date", "text"]),
        ("since timestamp with time zone", ["timestamp with time zone"]),
    ],
)
def test_overloads_are_told_apart_by_the_types_of_their_arguments(arguments: str, types: list[str]):
    """COMMENT ON and DROP FUNCTION name the input types, without names, defaults and what comes back."""
    assert list(argument_types(arguments)) == types


def test_the_server_decides_among_variants():
    """Of the three ways to make an id a server gets exactly one."""
    variants = [entity for entity in load_catalogue() if entity.name == "uuidv7"]
    for version in (120022, 130000, 179999, 180001):
        assert len(for_server(variants, version)) == 1


@pytest.mark.parametrize("entity", load_catalogue(), ids=lambda entity: entity.file)
def test_every_live_file_is_what_its_header_says(entity: Entity):
    """Every column is described, none that is not there; every relation has its schema, every statement ends where it seems to."""
    check(entity)


def test_every_live_file_is_loaded():
    """No .sql file lies where nobody loads it."""
    assert set(LIVE.rglob("*.sql")) == {entity.path for entity in load_catalogue()}
    assert {entity.kind for entity in load_catalogue()} <= KINDS.keys()


@pytest.mark.parametrize(
    ("file", "sql", "message"),
    [
        ("views/risk/par.sql", "CREATE VIEW analytics.par AS SELECT 1 AS id, 2 AS more;", "has no line for column more"),
        ("views/risk/par.sql", "CREATE VIEW analytics.par AS SELECT 1 AS other;", "describes column id, which is not there"),
        ("views/risk/par.sql", "CREATE VIEW analytics.par AS\nSELECT * FROM public.loan;", r"par\.sql:9: every column of .* needs a name"),
        ("views/risk/par.sql", "CREATE VIEW analytics.par AS SELECT l.id FROM loan AS l;", "loan: name relations with their schema"),
        ("views/risk/par.sql", "CREATE VIEW analytics.par AS SELECT id FROM\n    WHERE;", r"par\.sql:9: syntax error at or near \"WHERE\""),
        (
            "tables/state/mark.sql",
            "CREATE TABLE analytics.mark (\n    id text DEFAULT 'a;\n'\n);",
            "each statement must end with a semicolon",
        ),
    ],
)
def test_what_the_parser_sees_is_held_against_the_header(tmp_path: Path, file: str, sql: str, message: str):
    """A column without a meaning, a star, a name that depends on the search path and a slip of the pen are found before they are frozen."""
    with pytest.raises(HeaderError, match=message):
        check(load_entity(write(tmp_path, file, sql)))


def test_a_kept_table_uses_nothing_that_goes(tmp_path: Path):
    """A downgrade drops our functions: a default of a table that stays can't call them."""
    sql = "CREATE TABLE analytics.mark (\n    id uuid NOT NULL DEFAULT public.uuidv7()\n);"
    with pytest.raises(HeaderError, match=r"outlives public\.uuidv7"):
        check(load_entity(write(tmp_path, "tables/state/mark.sql", sql, kept="yes")))


def test_a_live_position_is_a_position_of_the_live_state():
    """One definition stands in two views, which differ in nothing but where the state comes from."""
    maintained, live = ((LIVE / f"views/base/{name}.sql").read_text(encoding="utf-8") for name in ("loan_position", "loan_position_live"))
    maintained, live = (text[text.index("CREATE VIEW") :] for text in (maintained, live))
    assert live == maintained.replace("analytics.loan_position ", "analytics.loan_position_live ").replace(
        "FROM analytics.loan_state AS", "FROM analytics.loan_state_live AS"
    )
