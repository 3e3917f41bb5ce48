"""A clean book of 60 loans at head on 30 June 2026, as the tests of the maintained state have it."""

from tests.analytics.live_book import live, live_template, live_url, own_url

__all__ = ["live", "live_template", "live_url", "own_url"]
