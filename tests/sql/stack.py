"""A stack of views with everything people hang on views, and a reader who looks at all of it the whole time."""

from __future__ import annotations

import re
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import psycopg2
from sqlalchemy import URL

from rently_db.dumping import pg_dump_for
from rently_db.migrate.actions import Action
from rently_db.migrate.budget import Budget, Tally
from rently_db.migrate.runner import Runner
from rently_db.migrate.steps.base import Step
from rently_db.sql.catalog import Entity
from rently_db.sql.header import Header
from tests.support.migrations import ROOT, connect, plain, run_sql

REVISION = "v9_views"
ROLES = ("rently_test_analyst", "rently_test_bi")
VIEWS = ("analytics.base", "analytics.totals", "analytics.dashboard", "bi.theirs")


def view(name: str, query: str, *, columns: tuple[tuple[str, str], ...] = (), says: str = "") -> Entity:
    """A view of schema analytics as its file would describe it."""
    header = Header("risk", says or f"what {name} shows", columns=columns)
    return Entity("view", "analytics", name, "", "", header, f"CREATE VIEW analytics.{name} AS {query}", Path(f"views/risk/{name}.sql"))


def matview(name: str, query: str, *indexes: str, columns: tuple[tuple[str, str], ...] = ()) -> Entity:
    """A materialized view of schema analytics as its file would describe it."""
    header = Header("risk", f"what {name} shows", columns=columns)
    sql = f"CREATE MATERIALIZED VIEW analytics.{name} AS {query}"
    return Entity("matview", "analytics", name, "", "", header, sql, Path(f"matviews/risk/{name}.sql"), indexes)


BASE = view("base", "SELECT id, region, amount, note FROM public.deal", columns=(("region", "where the deal was made"),))
TOTALS = matview(
    "totals",
    "SELECT region, sum(amount) AS amount, count(*) AS deals FROM analytics.base GROUP BY region",
    "CREATE UNIQUE INDEX totals_region ON analytics.totals (region)",
    "CREATE INDEX totals_deals ON analytics.totals (deals)",
)
DASHBOARD = view("dashboard", "SELECT region, amount, amount / deals AS mean FROM analytics.totals")

_MAKE = (
    "CREATE SCHEMA analytics",
    "CREATE SCHEMA bi",
    "CREATE TABLE public.deal (id integer PRIMARY KEY, region varchar(10) NOT NULL, amount numeric(12,2) NOT NULL, note text)",
    "INSERT INTO public.deal SELECT g, 'r' || g % 7, g, 'deal ' || g FROM generate_series(1, 700) AS g",
)
_HANG_ON = (
    f"GRANT USAGE ON SCHEMA analytics TO {', '.join(ROLES)}",
    f"GRANT USAGE, CREATE ON SCHEMA bi TO {ROLES[1]}",
    "ALTER VIEW analytics.base SET (security_barrier = true)",
    "ALTER VIEW analytics.base ALTER COLUMN region SET DEFAULT 'none'",
    f"GRANT SELECT ON analytics.base, analytics.totals TO {ROLES[1]} WITH GRANT OPTION",
    f"GRANT SELECT (id, region), INSERT (region) ON analytics.base TO {ROLES[0]}",
    "CREATE FUNCTION bi.refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
    "CREATE TRIGGER guard INSTEAD OF INSERT ON analytics.base FOR EACH ROW EXECUTE FUNCTION bi.refuse()",
    "COMMENT ON TRIGGER guard ON analytics.base IS 'nobody writes here'",
    "CREATE RULE silent AS ON DELETE TO analytics.base DO INSTEAD NOTHING",
    "COMMENT ON RULE silent ON analytics.base IS 'nor deletes'",
    "CREATE INDEX totals_by_hand ON analytics.totals (amount) WHERE deals > 1",
    "COMMENT ON INDEX analytics.totals_by_hand IS 'a DBA''s'",
    "ALTER MATERIALIZED VIEW analytics.totals SET (fillfactor = 70, autovacuum_enabled = false)",
    "ALTER MATERIALIZED VIEW analytics.totals CLUSTER ON totals_region",
    "ALTER MATERIALIZED VIEW analytics.totals ALTER COLUMN amount SET STATISTICS 500",
    "ALTER MATERIALIZED VIEW analytics.totals ALTER COLUMN region SET (n_distinct = 7)",
    "CREATE STATISTICS analytics.of_totals ON region, amount FROM analytics.totals",
    f"GRANT SELECT ON analytics.dashboard TO {ROLES[0]}, PUBLIC",
    "COMMENT ON COLUMN analytics.dashboard.mean IS 'by hand: SGD'",
    f"GRANT SELECT ON analytics.base TO {ROLES[0]} GRANTED BY CURRENT_USER",
    f"SET ROLE {ROLES[1]}",
    "CREATE VIEW bi.theirs AS SELECT b.id, b.region AS place, t.amount FROM analytics.base AS b JOIN analytics.totals AS t USING (region)",
    "COMMENT ON VIEW bi.theirs IS 'of another team'",
    f"GRANT SELECT ON analytics.totals, bi.theirs TO {ROLES[0]}",
    "RESET ROLE",
)


def build(url: URL) -> None:
    """The stack: a view on a table, a materialized view on it, a view on that, and one of somebody else's on both."""
    run_sql(url, (ROOT / "migrations" / "sql" / "v0" / "ops.sql").read_text(encoding="utf-8"))
    roles = [f"DO $$ BEGIN CREATE ROLE {role}; EXCEPTION WHEN duplicate_object THEN NULL; END $$" for role in ROLES]
    made = [statement for entity in (BASE, TOTALS, DASHBOARD) for statement in (entity.sql, *entity.more)]
    said = [
        *(f"COMMENT ON {entity.target} IS '{entity.header.description}'" for entity in (BASE, TOTALS, DASHBOARD)),
        "COMMENT ON COLUMN analytics.base.region IS 'where the deal was made'",
    ]
    hung = [statement.replace(" GRANTED BY CURRENT_USER", "") for statement in _HANG_ON]
    run_sql(url, *roles, *_MAKE, *made, *said, ";\n".join(hung))


def structure(url: URL) -> list[str]:
    """Everything pg_dump says of both schemas, its lines sorted: it is PostgreSQL's own account, and not ours."""
    command = [str(pg_dump_for(url)), "--schema-only", "--schema=analytics", "--schema=bi", plain(url)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    text = re.sub(r"\n    (?=\S)", " ", done.stdout)
    return sorted(line for line in text.splitlines() if line and not line.startswith(("\\restrict", "\\unrestrict", "--")))


def gone_and_come(before: list[str], after: list[str]) -> tuple[set[str], set[str]]:
    """The lines that only one of the two has."""
    return set(before) - set(after), set(after) - set(before)


def run(url: URL, step: Step, direction: str, *, stop_after: int | None = None, budget: Budget | None = None) -> Tally:
    """Carry out a step as a revision does; ``stop_after`` as if killed after so many of its actions."""
    actions: list[Action] = step.up() if direction == "up" else step.down()
    return run_actions(url, actions[:stop_after], direction, budget)


def run_actions(url: URL, actions: list[Action], direction: str, budget: Budget | None = None) -> Tally:
    """Carry out some actions as the runner does."""
    connection = connect(url)
    try:
        return Runner(connection, REVISION, direction, budget or Budget()).run(actions)
    finally:
        connection.close()


class Reader(threading.Thread):
    """Reads every view again and again until told to stop; whatever goes wrong is in ``failures``."""

    def __init__(self, url: URL, views: tuple[str, ...] = VIEWS) -> None:
        super().__init__(name="reader", daemon=True)
        self._url = plain(url)
        self._views = views
        self._ending = threading.Event()
        self.failures: list[str] = []
        self.empty: list[str] = []
        self.rounds = 0

    def run(self) -> None:
        """Read; called by ``start``."""
        connection = psycopg2.connect(self._url)
        connection.autocommit = True
        with connection.cursor() as cursor:
            while not self._ending.is_set():
                for name in self._views:
                    try:
                        cursor.execute(f"SELECT count(*) FROM {name}")
                        if cursor.fetchone() == (0,):
                            self.empty.append(name)
                    except psycopg2.Error as error:
                        self.failures.append(f"{name}: {error}")
                self.rounds += 1
        connection.close()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *problem: object) -> None:
        self._ending.set()
        self.join(30)


@contextmanager
def undisturbed(url: URL) -> Iterator[Reader]:
    """A reader at work throughout the block, who saw no error and never an empty view."""
    with Reader(url) as reader:
        yield reader
        seen = reader.rounds
        while reader.rounds < seen + 2 and reader.is_alive():
            pass
    assert reader.failures == []
    assert reader.empty == []
    assert reader.rounds > 2
