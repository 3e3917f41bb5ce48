"""A page of Superset in headless Chromium: whether every panel is painted, and what went wrong meanwhile."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request

CHROMIUM = os.environ.get("RENTLY_CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
WIDTH = 1600
PAINT_SECONDS = 60.0

_PIXEL = "scarf.sh"
"""Superset's telemetry: built into its page's script, and stopped by our content security policy, which the console reports."""
_STILL_SECONDS = 1.2
"""Lines and bars move for about a second after they appear."""
_PANELS = """
() => [...document.querySelectorAll('.dashboard-component-chart-holder')].map(holder => {
  const text = holder.innerText;
  const wrong = ['Data error', 'Unexpected error', 'Database error', 'No results were returned', 'There was an issue', 'Missing URL',
    'Sorry, there appears to be no data', 'Network error', 'Invalid', 'An error occurred', 'could not be loaded', 'unsupported'];
  const canvases = [...holder.querySelectorAll('canvas')];
  const inked = canvas => {
    const area = canvas.width && canvas.height && canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data;
    return !!area && area.some(value => value !== 0);
  };
  const title = holder.querySelector('[data-test="editable-title-input"], .header-title, [data-test="slice-header"]');
  const body = holder.querySelector('.slice_container, .chart-container');
  const shows = canvases.length ? canvases.some(inked) : !!body && (body.innerText.trim() !== '' || !!body.querySelector('svg, img'));
  return {
    title: (title ? title.innerText : text).split('\\n')[0].trim(),
    loading: !!holder.querySelector('.loading, [data-test="loading-indicator"]'),
    wrong: wrong.find(each => text.includes(each)) || (holder.querySelector('[role=alert]') ? 'an alert' : null),
    painted: shows,
  };
})
"""


@dataclass(slots=True)
class Seen:
    """What was seen of one dashboard."""

    seconds: float = 0.0
    """Until the last panel was painted."""
    panels: list[dict[str, object]] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    """Errors in the console, answers with an error, requests to other hosts."""

    @property
    def titles(self) -> list[str]:
        """The panels' titles."""
        return sorted(str(panel["title"]) for panel in self.panels)

    @property
    def wrong(self) -> list[str]:
        """Panels that are not painted or show an error, each with what is wrong."""
        return [f"{panel['title']}: {panel['wrong'] or 'not painted'}" for panel in self.panels if panel["wrong"] or not panel["painted"]]


@contextmanager
def chromium() -> Iterator[Browser]:
    """A headless Chromium."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def logged_in(browser: Browser, url: str, username: str, password: str) -> Iterator[Page]:
    """A page of a person who has logged in."""
    context = browser.new_context(viewport={"width": WIDTH, "height": 1000}, timezone_id="UTC", locale="en-GB")
    try:
        page = context.new_page()
        page.goto(f"{url}/login/")
        page.fill("#username", username)
        page.fill("#password", password)
        page.press("#password", "Enter")
        page.wait_for_url(lambda address: "/login" not in address)
        yield page
    finally:
        context.close()


def look(page: Page, url: str, slug: str) -> Seen:
    """Open a dashboard, and wait until each of its panels is painted or has failed; the page is then as high as its content."""
    seen = Seen()
    own = urlsplit(url).netloc

    def say(message: ConsoleMessage) -> None:
        if message.type == "error" and _PIXEL not in message.text:
            seen.complaints.append(f"console: {message.text[:300]}")

    def left(request: Request) -> None:
        if urlsplit(request.url).netloc not in {own, ""} and request.failure != "csp":
            seen.complaints.append(f"asked {request.url[:200]}")

    listeners = {
        "console": say,
        "pageerror": lambda problem: seen.complaints.append(f"script: {str(problem)[:300]}"),
        "requestfinished": left,
        "requestfailed": left,
        "response": lambda answer: seen.complaints.append(f"{answer.status} {answer.url[:200]}") if answer.status >= 400 else None,
    }
    for event, listener in listeners.items():
        page.on(event, listener)  # type: ignore[call-overload] # its overloads know literals only
    began = time.monotonic()
    try:
        page.goto(f"{url}/superset/dashboard/{slug}/")
        page.wait_for_selector(".dashboard-component-chart-holder", timeout=PAINT_SECONDS * 1000)
        _wait_for_panels(page, seen, began)
        height = int(page.evaluate("() => document.documentElement.scrollHeight"))
        page.set_viewport_size({"width": WIDTH, "height": max(1000, height)})  # panels further down are painted when they come into view
        _wait_for_panels(page, seen, began)
        page.wait_for_timeout(_STILL_SECONDS * 1000)
    finally:
        for event, listener in listeners.items():
            page.remove_listener(event, listener)
        page.set_viewport_size({"width": WIDTH, "height": max(1000, int(page.evaluate("() => document.documentElement.scrollHeight")))})
    return seen


def _wait_for_panels(page: Page, seen: Seen, began: float) -> None:
    while True:
        seen.panels = page.evaluate(_PANELS)
        seen.seconds = time.monotonic() - began
        settled = all(not panel["loading"] and (panel["painted"] or panel["wrong"]) for panel in seen.panels)
        if (seen.panels and settled) or seen.seconds > PAINT_SECONDS:
            return
        page.wait_for_timeout(100)
