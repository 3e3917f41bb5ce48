"""Autogenerate sees every function, trigger and view, in time that grows with their number and not with its square."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import produce_migrations, render_python_code
from alembic.autogenerate.api import AutogenContext
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.operations.ops import MigrateOperation, UpgradeOps
from alembic_utils.replaceable_entity import compare_registered_entities, registry
from sqlalchemy import URL, Connection, MetaData, event

from rently_db.database import ENVIRONMENT_VARIABLE, make_engine
from rently_db.migrate import entity_diff
from rently_db.migrate.autogenerate import PLUGIN, include_name, register
from rently_db.sql.catalog import Entity
from rently_db.sql.header import Header
from tests.sql.stack import matview, view
from tests.support.migrations import ROOT, plain, rows, run_sql

ROUND = Entity(
    "function",
    "analytics",
    "rounded",
    "",
    "amount numeric",
    Header("risk", "rounds"),
    "CREATE FUNCTION analytics.rounded(amount numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS $f$ SELECT round(amount, 2) $f$",
    Path("functions/analytics/rounded.sql"),
)
STAMP = Entity(
    "function",
    "ops",
    "stamp",
    "",
    "",
    Header("platform", "stamps"),
    "CREATE FUNCTION ops.stamp() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN NEW.note := 'x: y'; RETURN NEW; END $f$",
    Path("functions/upkeep/stamp.sql"),
)
TRIGGER = Entity(
    "trigger",
    "public",
    "stamp",
    "deal",
    "",
    Header("platform", "stamps"),
    "CREATE TRIGGER stamp BEFORE INSERT ON public.deal FOR EACH ROW EXECUTE FUNCTION ops.stamp()",
    Path("triggers/deal/stamp.sql"),
)
BASE = view("base", "SELECT d.id, analytics.rounded(d.amount) AS amount, 'a:b'::text AS pair FROM public.deal AS d")
TOTAL = matview("total", "SELECT sum(b.amount) AS amount FROM analytics.base AS b")
TOP = view("a_top", "SELECT t.amount FROM analytics.total AS t")
ALL = [TOP, TOTAL, BASE, ROUND, STAMP, TRIGGER]


def chain(length: int) -> list[Entity]:
    """Views that stand on each other, the uppermost first by name."""
    first = view(f"v{length:03}", "SELECT d.id, d.amount FROM public.deal AS d")
    rest = [view(f"v{n:03}", f"SELECT below.id, below.amount + 1 AS amount FROM analytics.v{n + 1:03} AS below") for n in range(1, length)]
    return [*rest, first]


@pytest.fixture
def shop(empty_database: URL) -> URL:
    """A database with one table, and nothing of ours but the schemas."""
    run_sql(
        empty_database,
        "CREATE SCHEMA analytics",
        "CREATE SCHEMA ops",
        "CREATE TABLE public.deal (id integer PRIMARY KEY, amount numeric NOT NULL, note text)",
    )
    return empty_database


@contextmanager
def connected(url: URL) -> Iterator[Connection]:
    """A connection of SQLAlchemy's."""
    engine = make_engine(url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


def configured(connection: Connection, plugins: list[str]) -> MigrationContext:
    """Alembic on that connection, with some of its comparisons."""
    opts = {"autogenerate_plugins": plugins, "include_name": include_name, "include_schemas": False, "target_metadata": MetaData()}
    return MigrationContext.configure(connection, opts=opts)


def proposed(connection: Connection, monkeypatch: pytest.MonkeyPatch, entities: list[Entity]) -> tuple[list[MigrateOperation], Any]:
    """What `alembic revision --autogenerate` would write for these entities; the tables are not its business here."""
    monkeypatch.setattr(entity_diff, "load_catalogue", lambda: list(entities))
    register(registry, connection)
    script = produce_migrations(configured(connection, ["alembic.autogenerate.schemas", PLUGIN]), MetaData())
    assert script.upgrade_ops is not None
    return list(script.upgrade_ops.ops), script


def said(operations: list[MigrateOperation]) -> list[tuple[str, str]]:
    """What is to be done with what."""
    return [operation.to_diff_tuple()[:2] for operation in operations]


def do(connection: Connection, operations: list[MigrateOperation]) -> None:
    """Carry the operations out, as a revision would."""
    run = Operations(MigrationContext.configure(connection))
    for operation in operations:
        run.invoke(operation)
    connection.commit()


def test_what_is_new_comes_in_the_order_in_which_it_can_be_made(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """All kinds of entities, handed over in the wrong order, are proposed so that the revision works, and afterwards nothing differs."""
    with connected(shop) as connection:
        operations, _ = proposed(connection, monkeypatch, ALL)
        assert len(operations) == len(ALL)
        assert {word for word, _ in said(operations)} == {"create_entity"}
        do(connection, operations)
        assert said(proposed(connection, monkeypatch, ALL)[0]) == []


def test_a_chain_of_120_views_is_solved_without_trial(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """Each view costs a few statements, whatever stands below it: alembic-utils makes all that is below anew for each."""
    counts = []
    for length in (40, 120):
        with connected(shop) as connection:
            statements: list[str] = []
            event.listen(connection, "before_cursor_execute", lambda *arguments, said=statements: said.append(arguments[2]))
            operations, _ = proposed(connection, monkeypatch, chain(length))
            assert [identity for _, identity in said(operations)] == [f"PGView: analytics.v{n:03}" for n in range(length, 0, -1)]
            counts.append(len(statements))
    assert counts[1] - counts[0] <= 80 * 4, counts


def test_a_changed_chain_is_proposed_whole_where_it_differs(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """Of a hundred deployed views the one that changed is proposed, with the text to go back to; its neighbours are not."""
    with connected(shop) as connection:
        do(connection, proposed(connection, monkeypatch, chain(100))[0])
        changed = [
            entity if entity.name != "v050" else view("v050", "SELECT b.id, b.amount + 5 AS amount FROM analytics.v051 AS b")
            for entity in chain(100)
        ]
        operations, script = proposed(connection, monkeypatch, changed)
        assert said(operations) == [("replace_or_revert_entity", "PGView: analytics.v050")]
        assert "amount + 5" in render_python_code(script.upgrade_ops)
        back = render_python_code(script.downgrade_ops)
        # Before PostgreSQL 16 a printed query names its table with each column.
        assert "amount + (1)::numeric" in back or "amount + 1" in back, back


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (
            "CREATE OR REPLACE VIEW analytics.a_top AS SELECT t.amount + 1 AS amount FROM analytics.total AS t",
            ("replace_or_revert_entity", "PGView: analytics.a_top"),
        ),
        ("DROP VIEW analytics.a_top", ("create_entity", "PGView: analytics.a_top")),
        (
            "DROP MATERIALIZED VIEW analytics.total CASCADE; CREATE VIEW analytics.a_top AS SELECT 1::numeric AS amount",
            ("create_entity", "PGMaterializedView: analytics.total"),
        ),
        (
            "CREATE OR REPLACE FUNCTION analytics.rounded(amount numeric) RETURNS numeric LANGUAGE sql AS 'SELECT 1.0'",
            ("replace_or_revert_entity", "PGFunction: analytics.rounded(amount numeric)"),
        ),
        ("CREATE VIEW analytics.by_hand AS SELECT 1 AS one", ("drop_entity", "PGView: analytics.by_hand")),
        ("CREATE FUNCTION ops.by_hand() RETURNS int LANGUAGE sql AS 'SELECT 1'", ("drop_entity", "PGFunction: ops.by_hand()")),
        ("DROP TRIGGER stamp ON public.deal", ("create_entity", "PGTrigger: public.stamp False public.deal")),
    ],
    ids=["view changed", "view dropped", "matview dropped", "function changed", "view added", "function added", "trigger dropped"],
)
def test_what_was_changed_by_hand_is_proposed(shop: URL, monkeypatch: pytest.MonkeyPatch, change: str, expected: tuple[str, str]):
    """Whatever somebody changed by hand is found, and brought back by what is proposed."""
    with connected(shop) as connection:
        do(connection, proposed(connection, monkeypatch, ALL)[0])
    run_sql(shop, *change.split("; "))
    with connected(shop) as connection:
        operations, _ = proposed(connection, monkeypatch, ALL)
        assert expected in said(operations)
        assert len(operations) <= 2


def test_what_others_made_is_not_ours_to_drop(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """Views of others in public, and our tables in analytics, which are SQL files and no models, are never proposed to be dropped."""
    run_sql(
        shop,
        "CREATE VIEW public.theirs AS SELECT 1 AS one",
        "CREATE MATERIALIZED VIEW public.theirs_too AS SELECT 1 AS one",
        "CREATE TABLE analytics.state (id integer)",
    )
    with connected(shop) as connection:
        assert said(proposed(connection, monkeypatch, [])[0]) == []
        metadata = MetaData()
        metadata.reflect(connection, only=["deal"])
        script = produce_migrations(configured(connection, ["alembic.autogenerate.*"]), metadata)
    assert script.upgrade_ops is not None
    assert said(script.upgrade_ops.ops) == []


def test_looking_changes_nothing(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """What the comparison makes and drops is gone afterwards, and a view on our views is still there."""
    with connected(shop) as connection:
        do(connection, proposed(connection, monkeypatch, ALL)[0])
    run_sql(shop, "CREATE VIEW public.theirs AS SELECT amount FROM analytics.a_top")
    catalogue = "SELECT oid, xmin::text, relname FROM pg_class WHERE relnamespace::regnamespace::text IN ('public', 'analytics') ORDER BY 1"
    before = rows(shop, catalogue)
    with connected(shop) as connection:
        proposed(connection, monkeypatch, ALL)
        connection.commit()
    assert rows(shop, catalogue) == before


def test_a_view_on_a_column_to_come_is_proposed(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """The model gets a column and a view shows it, in one revision: what can't be made on today's database is proposed, no error."""
    with connected(shop) as connection:
        do(connection, proposed(connection, monkeypatch, ALL)[0])
        later = [view("base", "SELECT d.id, d.amount, d.to_come FROM public.deal AS d") if entity is BASE else entity for entity in ALL]
        assert ("replace_or_revert_entity", "PGView: analytics.base") in said(proposed(connection, monkeypatch, later)[0])


def test_alembic_utils_own_comparison_has_nothing_to_do(shop: URL, monkeypatch: pytest.MonkeyPatch):
    """The version we pin compares nothing and drops nothing when its registry is empty: that is how ours takes its place."""
    assert version("alembic-utils").startswith("0.8."), "read its compare_registered_entities again"
    with connected(shop) as connection:
        do(connection, proposed(connection, monkeypatch, ALL)[0])
        assert registry.entities() == []
        operations = UpgradeOps([])
        compare_registered_entities(AutogenContext(configured(connection, []), MetaData()), operations, [None])
    assert operations.ops == []


def without_a_parser(url: URL, code: str) -> subprocess.CompletedProcess[str]:
    """Python where pglast is not installed."""
    return subprocess.run(
        [sys.executable, "-c", f"import sys; sys.modules['pglast'] = None; {code}"],
        cwd=ROOT,
        env={**os.environ, ENVIRONMENT_VARIABLE: plain(url)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_looking_at_the_version_needs_no_parser(shop: URL):
    """`alembic current` works where no SQL parser is installed, as a deployment does."""
    done = without_a_parser(shop, "from alembic.config import main; main(['current'])")
    assert done.returncode == 0, done.stderr


def test_a_comparison_without_a_parser_says_what_to_install(shop: URL):
    """Who compares views without the parser reads the command that installs it."""
    done = without_a_parser(shop, "from rently_db.migrate.autogenerate import compare_entities; compare_entities(None, None, None)")
    assert "CommandError: comparing views needs pglast; run: pip install 'rently-db[freeze]'" in done.stderr
