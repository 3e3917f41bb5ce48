"""``python -m benchmarks.dashboards``: see docs/benchmarks.md."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import psycopg2
from sqlalchemy import URL

from benchmarks.command import Say, conduct, options
from benchmarks.dashboards.readers import Readers
from benchmarks.dashboards.report import Opened, Result, current_page, print_result
from benchmarks.places import SETTINGS, machine
from rently_db.dashboards import DASHBOARDS, Dashboard
from rently_db.dashboards.check import statement
from rently_db.dashboards.demo import demo_database
from rently_db.dashboards.superset import Running, serving
from rently_db.dashboards.superset.environment import SupersetError
from rently_db.database import create_database_if_missing, make_engine, parse_url
from rently_db.server import Server
from tests.support.pages import chromium, logged_in, look

if TYPE_CHECKING:
    from playwright.sync_api import Page

_DATABASE = "rently_dashboards"


def _arguments(given: Sequence[str] | None) -> argparse.Namespace:
    parser = options(
        "dashboards",
        run.__doc__,
        loans=600,
        book="size of the demonstration's book",
        url="a database at head instead, with its business date set; its superuser",
    )
    parser.add_argument("--readers", type=int, default=50, help="pages open at once (50)")
    parser.add_argument("--visits", type=int, default=5, help="visits to each dashboard (5)")
    parser.add_argument("--beside", default="", help="what else the machine does meanwhile, for the record")
    return parser.parse_args(given)


def _visits(page: Page, running: Running, dashboard: Dashboard, visits: int) -> tuple[float, ...]:
    took = []
    for _ in range(visits):
        seen = look(page, running.url, dashboard.key)
        # A book may well have no lease that ended: a panel that says so is painted.
        if wrong := [each for each in seen.wrong if not each.endswith("No results were returned")]:
            raise SupersetError(f"{dashboard.key}: {'; '.join(wrong)}")
        took.append(round(seen.seconds, 2))
    return tuple(took)


def _slowest(url: URL, dashboard: Dashboard) -> tuple[str, float]:
    """The slowest query of a dashboard without Superset, best of three, in milliseconds."""
    engine = make_engine(url)
    found: list[tuple[float, str]] = []
    with engine.connect() as connection:
        for panel in dashboard.panels:
            sql, values = statement(dashboard, panel)
            took = []
            for _ in range(3):
                began = time.monotonic()
                connection.execute(sql, values).all()
                took.append(time.monotonic() - began)
            found.append((min(took), panel.key))
    engine.dispose()
    seconds, key = max(found)
    return key, round(seconds * 1000, 1)


def run(url: URL, *, readers: int, visits: int, beside: str, say: Callable[[str], None]) -> Result:
    """Open each dashboard in Chromium: with an empty cache, then warm, alone and while readers keep pages open that refresh each minute."""
    connection = psycopg2.connect(url.set(drivername="postgresql").render_as_string(hide_password=False))
    try:
        facts = machine(connection)
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM public.loan")
            [(loans,)] = cursor.fetchall()
    finally:
        connection.close()
    say("queries without Superset")
    slowest = {dashboard.key: _slowest(url, dashboard) for dashboard in DASHBOARDS}
    taken_at = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
    with serving(url) as running, chromium() as browser:
        login = running.login("executive")
        with logged_in(browser, running.url, login.username, login.password) as page:
            say("first visits, then alone")
            first = {dashboard.key: _visits(page, running, dashboard, 1)[0] for dashboard in DASHBOARDS}
            alone = {dashboard.key: _visits(page, running, dashboard, visits) for dashboard in DASHBOARDS}
            say(f"among {readers} readers")
            with Readers(running, readers) as others:
                time.sleep(60)  # each has opened its page
                crowded = {dashboard.key: _visits(page, running, dashboard, visits) for dashboard in DASHBOARDS}
                load = others.load()
    opened = tuple(
        Opened(d.title, d.tier, len(d.panels), d.opens_in_seconds, first[d.key], alone[d.key], crowded[d.key], *slowest[d.key])
        for d in DASHBOARDS
    )
    return Result(loans, taken_at, facts, opened, load, beside)


@contextmanager
def _book(arguments: argparse.Namespace, say: Callable[[str], None]) -> Iterator[URL]:
    if arguments.url:
        yield parse_url(arguments.url)
        return
    with Server(settings=SETTINGS) as server:
        create_database_if_missing(parse_url(server.url()), _DATABASE)
        url = parse_url(server.url(_DATABASE))
        say(f"the demonstration's book with {arguments.loans:,} loans")
        demo_database(url, loans=arguments.loans)
        yield url


def main(given: Sequence[str] | None = None) -> int:
    """Measure, print, write; 0, or 1 if a query of a reader failed, 2 if nothing could be measured."""
    arguments = _arguments(given)

    def measure(say: Say) -> Result:
        with _book(arguments, say) as url:
            return run(url, readers=arguments.readers, visits=arguments.visits, beside=arguments.beside, say=say)

    return conduct(
        "dashboards",
        arguments,
        measure,
        show=print_result,
        page=current_page,
        is_good=lambda result: not result.load.failures,
        problems=(SupersetError,),
    )


if __name__ == "__main__":
    sys.exit(main())
