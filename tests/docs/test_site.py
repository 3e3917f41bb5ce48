"""The site as its reader has it, in a real browser: pages load, diagrams are drawn, search finds, and no other host is asked."""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest

from docs import hooks
from tests.support.migrations import ROOT
from tests.support.pages import CHROMIUM, chromium

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

browsing = pytest.mark.skipif(not Path(CHROMIUM).exists(), reason=f"needs {CHROMIUM}: apt-get install chromium, or set RENTLY_CHROMIUM")

DESKTOP, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
TYPICAL = (
    "index.html",
    "readme.html",
    "deploy.html",
    "operations.html",
    "analytics.html",
    "benchmarks.html",
    "dashboards.html",
    "how-to/change-a-view.html",
    "project/changelog.html",
    "reference/index.html",
    "reference/settings.html",
    "reference/commands/migrate.html",
    "reference/functions/monitoring.html",
    "reference/python/models.html",
    "reference/tables/index.html",
    "reference/tables/loan.html",
    "rules/index.html",
    "rules/trial_balance.html",
    "views/index.html",
    "views/v_dpd_analysis.html",
)
"""One page of each kind, for what takes a while to look at."""

_OPEN_SHADOWS = """
const attach = Element.prototype.attachShadow
Element.prototype.attachShadow = function (said) { return attach.call(this, { ...said, mode: 'open' }) }
"""
"""Material draws diagrams where no script can look; this lets us in."""
_DRAWN = """
() => [...document.querySelectorAll('.mermaid')].map(each => {
  const drawn = each.shadowRoot?.querySelector('svg')
  const width = drawn?.getBoundingClientRect().width
  return width > 50 && drawn.querySelectorAll('g').length > 3 && !/Syntax error/.test(drawn.textContent)
})
"""


class _Quiet(SimpleHTTPRequestHandler):
    """Serves files and prints nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the library)
        """Nobody reads it."""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built anew. A link that leads nowhere, or a page that no menu has, would stop it."""
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]  # --quiet would hide warnings from --strict
    done = subprocess.run(
        command,
        cwd=ROOT,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout
    return folder


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """Where the site is served."""
    with ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Quiet, directory=str(site))) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """One Chromium for all pages."""
    with chromium() as found:
        yield found


@contextmanager
def reading(browser: Browser, size: dict[str, int], complaints: list[str]) -> Iterator[Page]:
    """A window of that size, which notes errors of the console and requests that leave this machine."""
    page = browser.new_page(viewport=size)  # type: ignore[arg-type]
    page.add_init_script(_OPEN_SHADOWS)
    page.on("console", lambda said: complaints.append(f"{page.url}: {said.text}") if said.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
    # The next page is opened before this one's search has been fetched: that is no failure.
    page.on(
        "requestfailed",
        lambda request: None if "ABORTED" in str(request.failure) else complaints.append(f"{request.url} {request.failure}"),
    )
    page.on("request", lambda request: None if _local(request.url) else complaints.append(f"{page.url} asks {request.url}"))
    try:
        yield page
    finally:
        page.close()


def _local(url: str) -> bool:
    return url.startswith(("data:", "blob:", "file:")) or urlsplit(url).hostname == "127.0.0.1"


def pages(site: Path) -> list[str]:
    """Every page of the site, but of the 300 generated ones of views and rules, which are of one make, every tenth."""
    listed = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html") if "source" not in path.relative_to(site).parts)
    alike = [name for name in listed if name.startswith(("views/", "rules/"))]
    return [name for name in listed if name not in alike or name.endswith("/index.html")] + alike[::10]


def test_every_page_of_the_checkout_is_on_the_site(site: Path) -> None:
    """A page that somebody writes has its place on the site without anybody's doing more than naming its folder."""
    written = [*(ROOT / "docs").rglob("*.md"), *(ROOT / name for name in hooks.TOP if (ROOT / name).exists())]
    assert [path.name for path in written if not (site / hooks.site_uri(path)).with_suffix(".html").exists()] == []
    assert len(written) > 400


def test_no_page_names_another_host_to_load_from(site: Path) -> None:
    """The site reads on a machine without a network: scripts, styles, fonts and pictures are its own."""
    loads = re.compile(
        r"<(?:script|img|iframe)[^>]*\bsrc=\"(https?:[^\"]+)|<link[^>]*rel=\"(?:stylesheet|preconnect|preload)\"[^>]*href=\"(https?:[^\"]+)|@import"
    )
    found = {path.name: hits for path in site.rglob("*.html") if (hits := loads.findall(path.read_text(encoding="utf-8")))}
    assert found == {}


@browsing
def test_every_page_loads(browser: Browser, site: Path, address: str) -> None:
    """A page loads without an error in the console, asks no other host for anything, and draws each of its diagrams."""
    complaints: list[str] = []
    undrawn, diagrams = [], 0
    with reading(browser, DESKTOP, complaints) as page:
        for name in pages(site):
            page.goto(f"{address}{name}")
            if "mermaid.min.js" in (site / name).read_text(encoding="utf-8"):
                page.wait_for_function("() => !document.querySelector('pre.mermaid')")
                drawn = page.evaluate(_DRAWN)
                diagrams += len(drawn)
                undrawn += [] if drawn and all(drawn) else [name]
    assert complaints == []
    assert undrawn == []
    assert diagrams >= 12


@browsing
@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_nothing_sticks_out_of_a_page(browser: Browser, address: str, size: dict[str, int]) -> None:
    """On a desk and on a phone a page is read by scrolling down; only tables, code and diagrams scroll sideways, within themselves."""
    complaints: list[str] = []
    with reading(browser, size, complaints) as page:
        wide = {}
        for name in TYPICAL:
            page.goto(f"{address}{name}")
            page.wait_for_function("() => !document.querySelector('pre.mermaid')")
            if (width := page.evaluate("document.documentElement.scrollWidth")) > size["width"]:
                wide[name] = width
    assert wide == {}
    assert complaints == []


@browsing
@pytest.mark.parametrize("by", ["a server", "its files"])
def test_search_finds_days_past_due(browser: Browser, site: Path, address: str, by: str) -> None:
    """Whoever looks for "days past due" is led to its definition, on a server as well as from a folder without one."""
    complaints: list[str] = []
    with reading(browser, DESKTOP, complaints) as page:
        page.goto(f"{address}index.html" if by == "a server" else (site / "index.html").as_uri())
        page.get_by_role("textbox", name="Search").click()
        page.keyboard.type("days past due")
        page.wait_for_selector(".md-search-result__link", timeout=20_000)
        found = page.eval_on_selector_all(".md-search-result__link", "links => links.map(link => new URL(link.href).pathname)")
    assert any("analytics" in path or "dpd" in path for path in found)
    assert complaints == []
