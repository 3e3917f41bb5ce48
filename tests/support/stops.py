"""Deployments that are stopped inside this process, as a kill would stop them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import URL

from rently_db.migrate.runner import Runner
from tests.support.books import go


class StoppedError(Exception):
    """Stands for a kill: the run ends here, and nothing after it happens."""


@contextmanager
def stop(monkeypatch: pytest.MonkeyPatch, after: int, *, revision: str | None = None, method: str = "_run") -> Iterator[None]:
    """Let the runner end after so many calls of a method (of one revision)."""
    original, count = getattr(Runner, method), 0

    def counted(self: Runner, *arguments: Any, **options: Any) -> Any:
        nonlocal count
        if revision is None or self._revision == revision:
            count += 1
            if count == after + 1:
                raise StoppedError
        return original(self, *arguments, **options)

    with monkeypatch.context() as patch:
        patch.setattr(Runner, method, counted)
        yield


def is_stopped(url: URL, direction: str) -> bool:
    """Run the command; whether it was stopped, or came to its end before."""
    try:
        go(url, direction)
    except StoppedError:
        return True
    return False
