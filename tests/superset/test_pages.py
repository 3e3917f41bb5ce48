from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import URL

from benchmarks.dashboards.readers import Readers
from rently_db.dashboards import DASHBOARDS, Audience, Dashboard
from rently_db.dashboards.superset import Running
from rently_db.dashboards.superset.environment import base_dir
from tests.support.pages import CHROMIUM, chromium, logged_in, look
from tests.support.superset import Bundled, renamed

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}: apt-get install chromium, or set RENTLY_CHROMIUM")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all pages."""
    with chromium() as found:
        yield found


@pytest.fixture(scope="module")
def pictures() -> Path:
    """Where the pictures go."""
    folder = Path(os.environ.get("RENTLY_SCREENSHOTS") or base_dir() / "screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@pytest.fixture(scope="module")
def administrator(browser: Browser, running: Running) -> Iterator[Page]:
    """A page of the administrator's."""
    with logged_in(browser, running.url, "admin", running.login("admin").password) as page:
        yield page


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.key)
def test_every_panel_is_painted(administrator: Page, running: Running, bundled: Bundled, pictures: Path, dashboard: Dashboard):
    """All panels are there and painted; no error stands on the page or in the console, and no other host is asked for anything."""
    seen = look(administrator, running.url, dashboard.key)
    administrator.screenshot(path=pictures / f"{dashboard.number:02}-{dashboard.key}.png", full_page=True)
    print(f"{dashboard.key}: {len(seen.panels)} panels painted in {seen.seconds:.1f} s")
    assert seen.wrong == []
    assert seen.titles == bundled.titles(dashboard.key)
    assert seen.complaints == []


def test_cards_are_painted_in_their_style(administrator: Page, running: Running, bundled: Bundled):
    """Class names get through Superset's cleaning of markup, and the dashboard's style sheet reaches them."""
    slug = next(slug for slug in bundled.dashboards for each in bundled.panels(slug) if each["viz_type"] == "handlebars")
    look(administrator, running.url, slug)
    script = "cards => cards.map(card => [getComputedStyle(card).borderLeftWidth, card.innerText.trim()])"
    cards = administrator.eval_on_selector_all(".slice_container :is(.rently-card, .card)", script)
    assert cards
    assert [words for width, words in cards if width == "0px" or not words] == []


@pytest.mark.parametrize("dashboard", DASHBOARDS, ids=lambda dashboard: dashboard.key)
def test_every_panel_is_painted_for_its_readers(browser: Browser, running: Running, pictures: Path, dashboard: Dashboard):
    """A reader who may do nothing else sees the same page: nothing on it asks for a right that readers lack."""
    audience = next((each for each in dashboard.roles if each != Audience.EXECUTIVE), Audience.EXECUTIVE)
    username = next(login.username for login in running.logins if login.username.rstrip("12") == audience.value)
    with logged_in(browser, running.url, username, running.login(username).password) as page:
        seen = look(page, running.url, dashboard.key)
        page.screenshot(path=pictures / f"{dashboard.number:02}-{dashboard.key}-{username}.png", full_page=True)
    assert seen.wrong == []
    assert seen.complaints == []


def test_collections_see_their_company_on_the_page(browser: Browser, running: Running, pictures: Path):
    """Every panel of the page of collections is painted for each of the two companies."""
    dashboard = next(each for each in DASHBOARDS if Audience.COLLECTIONS in each.roles)
    for username in ("collections1", "collections2"):
        with logged_in(browser, running.url, username, running.login(username).password) as page:
            seen = look(page, running.url, dashboard.key)
            page.screenshot(path=pictures / f"{dashboard.number:02}-{dashboard.key}-{username}.png", full_page=True)
        assert seen.wrong == [], username


def test_a_dashboard_of_others_is_not_shown(browser: Browser, running: Running):
    """Who has no business with a dashboard gets no panel of it, not even empty ones."""
    dashboard, username = next(
        (each, login.username)
        for each in DASHBOARDS
        for login in running.logins
        if login.username != "admin" and login.username.rstrip("12") not in {audience.value for audience in each.roles}
    )
    with logged_in(browser, running.url, username, running.login(username).password) as page:
        answer = page.goto(f"{running.url}/superset/dashboard/{dashboard.key}/")
        page.wait_for_timeout(2000)
        assert page.query_selector(".dashboard-component-chart-holder") is None
        assert answer is None or answer.status != 500


def test_a_broken_panel_is_seen(administrator: Page, running: Running, demonstration: URL, bundled: Bundled):
    """What these tests look at does show an error: after a column got another name, the panels that read it say so."""
    slug, chart = next((slug, each) for slug in bundled.dashboards for each in bundled.panels(slug) if each["viz_type"] == "table")
    number = bundled.panels(slug).index(chart)
    with renamed(demonstration, bundled.dataset(chart)["table_name"], chart["params"]["all_columns"][0]):
        shutil.rmtree(running.superset.home / "cache")  # else the answer of a minute ago is shown again
        seen = look(administrator, running.url, slug)
    assert seen.panels[number]["wrong"], seen.panels[number]
    assert seen.complaints != []


def test_the_link_of_the_cards_leads_to_the_loans(administrator: Page, running: Running):
    """From a figure to what it is made of: the link below the cards brings the list of loans into view."""
    look(administrator, running.url, "collections")
    administrator.set_viewport_size({"width": 1600, "height": 700})
    script = '() => document.querySelector(\'[id="CHART-worklist"], #CHART-worklist, [data-test-chart-name^="Worklist"]\')'
    seen = f"() => {{ const box = ({script})()?.getBoundingClientRect(); return !!box && box.top < innerHeight && box.bottom > 0; }}"
    assert administrator.evaluate(seen) is False
    administrator.click(".rently-more a")
    administrator.wait_for_function(seen, timeout=10_000)


def test_readers_with_open_pages_are_served(running: Running):
    """What the benchmark asks is what Superset answers: every query of every reader, with the filter on a company."""
    with Readers(running, 4, every=4.0) as readers:
        time.sleep(12)
        load = readers.load()
    assert load.failures == 0
    assert load.queries > 30
    assert 0 < load.median_ms <= load.p95_ms <= load.worst_ms
