"""Stopped while the analytics or the operations are deployed or taken away: both ways go on from there, and all of it is undone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from rently_db.testing.databases import Databases
from tests.support.books import Book, books, go
from tests.support.migrations import downgrade
from tests.support.stops import is_stopped, stop

TURNS = [("v1_analytics", 40), ("v1_analytics", 250), ("v1_ops", 40), ("v1_ops", 200)]


@pytest.fixture(scope="module")
def book(databases: Databases) -> Iterator[Book]:
    """The book, before and after an undisturbed upgrade to head."""
    with books(databases) as made:
        yield made


@pytest.mark.parametrize(("revision", "after"), TURNS)
def test_a_stopped_upgrade_can_be_rolled_back(book: Book, monkeypatch: pytest.MonkeyPatch, revision: str, after: int):
    """Whoever gives up while views or rights are deployed gets back the database that was there before, schema and rows."""
    with book.before("up") as url:
        with stop(monkeypatch, after, revision=revision):
            assert is_stopped(url, "up")
        downgrade(url)
        book.check(url, "down")


@pytest.mark.parametrize(("revision", "after"), TURNS)
def test_a_stopped_rollback_can_be_taken_up_again(book: Book, monkeypatch: pytest.MonkeyPatch, revision: str, after: int):
    """Whoever thinks better of a rollback half way gets head back, and can still roll back to what v0 was."""
    with book.before("down") as url:
        with stop(monkeypatch, after, revision=revision):
            assert is_stopped(url, "down")
        for direction in ("up", "down"):
            go(url, direction)
            book.check(url, direction)
