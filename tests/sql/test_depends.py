from __future__ import annotations

from pathlib import Path

import pytest

from rently_db.sql.catalog import Entity, load_catalogue
from rently_db.sql.depends import Graph
from rently_db.sql.header import HeaderError
from tests.sql.files import write

TABLE = "CREATE TABLE analytics.{} (\n    id uuid NOT NULL PRIMARY KEY\n);"

PLPGSQL = (
    "CREATE FUNCTION analytics.{name}({arguments}) RETURNS {returns}\n"
    "LANGUAGE plpgsql AS $$\nDECLARE\n    {declare}\nBEGIN\n    {body}\nEND\n$$;"
)


def names(entities: list[Entity]) -> list[str]:
    """Their names."""
    return [entity.name for entity in entities]


def graph(root: Path) -> Graph:
    """The dependencies of what stands below a folder."""
    return Graph.of(load_catalogue(root))


def named(of: Graph, name: str) -> Entity:
    """The entity of that name."""
    return next(entity for entity in of.entities if entity.name == name)


@pytest.fixture
def layers(tmp_path: Path) -> Path:
    """A table, functions in both languages, views over views, a materialized view and a trigger; names against the order."""
    write(tmp_path, "tables/state/mark.sql", TABLE.format("mark"))
    write(
        tmp_path,
        "functions/analytics/aa.sql",
        "CREATE FUNCTION analytics.aa() RETURNS SETOF analytics.zz LANGUAGE sql AS $$ SELECT NULL, 1 $$;",
    )
    write(
        tmp_path,
        "functions/analytics/bb.sql",
        PLPGSQL.format(
            name="bb",
            arguments="marks analytics.mark[]",
            returns="SETOF analytics.mark",
            declare="one analytics.mark;",
            body="one := (SELECT m FROM analytics.yy AS m);\n    PERFORM analytics.cc(1);\n    RETURN NEXT one;",
        ),
    )
    trigger = PLPGSQL.format(name="ee", arguments="", returns="trigger", declare="n int;", body="n := analytics.cc(1);\n    RETURN NEW;")
    write(tmp_path, "functions/analytics/ee.sql", trigger)
    write(tmp_path, "functions/analytics/cc.sql", "CREATE FUNCTION analytics.cc(a int) RETURNS int LANGUAGE sql AS $$ SELECT a $$;")
    write(
        tmp_path,
        "views/risk/yy.sql",
        "CREATE VIEW analytics.yy AS\nWITH mark AS (SELECT m.id FROM analytics.mark AS m)\nSELECT mark.id FROM mark;",
    )
    write(
        tmp_path, "views/risk/zz.sql", "CREATE VIEW analytics.zz AS\nSELECT y.id, analytics.cc(1) AS n FROM analytics.yy AS y;", "id", "n"
    )
    write(tmp_path, "views/risk/xx.sql", "CREATE VIEW analytics.xx AS\nSELECT a.id FROM analytics.aa() AS a, public.loan AS l;")
    write(tmp_path, "matviews/cache/daily.sql", "CREATE MATERIALIZED VIEW analytics.daily AS\nSELECT x.id FROM analytics.xx AS x;")
    write(
        tmp_path,
        "triggers/mark/note.sql",
        "CREATE TRIGGER note BEFORE UPDATE ON analytics.mark\nFOR EACH ROW EXECUTE FUNCTION analytics.ee();",
    )
    return tmp_path


def test_everything_comes_after_what_it_uses(layers: Path):
    """Row types, bodies in both languages, conditions of triggers: each counts; else the order is by kind and path, the same each time."""
    found = graph(layers)
    assert names(found.order()) == ["mark", "cc", "ee", "note", "yy", "bb", "zz", "aa", "xx", "daily"]
    assert found.order() == Graph.of(reversed(found.entities)).order()


def test_upstream_and_downstream_are_exact(layers: Path):
    """Who changes a view sees what it stands on and what stands on it; a CTE of a table's name is not the table."""
    found = graph(layers)
    assert names(found.upstream(named(found, "bb"))) == ["mark", "cc", "yy"]
    assert names(found.downstream(named(found, "yy"))) == ["bb", "zz"]
    assert names(found.downstream(named(found, "cc"))) == ["bb", "ee", "zz"]
    assert names(found.upstream(named(found, "note"))) == ["mark", "ee"]
    assert found.outside(named(found, "xx")) == ["public.loan"]
    assert named(found, "yy") not in found.upstream(named(found, "yy"))


def test_what_changes_together_stands_together(layers: Path):
    """Views that a revision changes at once are neighbours in its order, even where others would come between them."""
    found = graph(layers)
    together = [named(found, name).file for name in ("yy", "zz")]
    order = names(found.order(together=together))
    assert order.index("zz") == order.index("yy") + 1
    assert order.index("cc") < order.index("yy") < order.index("bb")
    with pytest.raises(HeaderError, match="make two revisions"):
        found.order(together=[named(found, name).file for name in ("yy", "daily")])


def test_a_circle_is_refused_with_its_files(tmp_path: Path):
    """What uses itself in a roundabout way can't be created; the error says which files to look at."""
    write(tmp_path, "views/risk/a.sql", "CREATE VIEW analytics.a AS SELECT b.id FROM analytics.b AS b;")
    write(tmp_path, "views/risk/b.sql", "CREATE VIEW analytics.b AS SELECT f.id FROM analytics.f() AS f;")
    body = "CREATE FUNCTION analytics.f() RETURNS TABLE (id uuid)\nLANGUAGE sql AS $$ SELECT a.id FROM analytics.a AS a $$;"
    write(tmp_path, "functions/analytics/f.sql", body)
    write(tmp_path, "views/risk/top.sql", "CREATE VIEW analytics.top AS SELECT a.id FROM analytics.a AS a;")
    with pytest.raises(HeaderError, match=r"circle: .*\.sql -> .*\.sql -> .*\.sql -> ") as error:
        graph(tmp_path).order()
    assert all(f"{name}.sql" in str(error.value) for name in "abf")
    assert "top.sql" not in str(error.value)


def test_a_function_that_calls_itself_is_no_circle(tmp_path: Path):
    """Recursion is the function's own business."""
    write(
        tmp_path,
        "functions/analytics/f.sql",
        "CREATE FUNCTION analytics.f(n int) RETURNS int\nLANGUAGE sql AS $$ SELECT CASE WHEN n > 0 THEN analytics.f(n - 1) END $$;",
    )
    assert names(graph(tmp_path).order()) == ["f"]


def test_a_slip_of_the_pen_is_found_with_its_line(tmp_path: Path):
    """SQL that PostgreSQL can't parse stops here, not at the deployment."""
    write(tmp_path, "views/risk/a.sql", "CREATE VIEW analytics.a AS\nSELECT l.id\nFORM public.loan AS l;")
    with pytest.raises(HeaderError, match=r"a\.sql:10: syntax error"):
        graph(tmp_path)


def test_the_live_sql_has_an_order():
    """Functions, tables, views and triggers of today can be created one after the other, each once."""
    live = load_catalogue()
    found = Graph.of(live)
    ordered = found.order()
    assert sorted(entity.file for entity in ordered) == sorted(entity.file for entity in live)
    place = {entity.file: number for number, entity in enumerate(ordered)}
    assert all(place[used.file] < place[entity.file] for entity in live for used in found.upstream(entity))
