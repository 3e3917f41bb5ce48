"""Two sessions at once, in threads, for rules that only a race can break."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
from psycopg2 import extensions
from sqlalchemy import URL

from tests.rules.book import Book
from tests.support.migrations import plain

TIMEOUT = 20


@contextmanager
def session(url: URL, isolation: int = extensions.ISOLATION_LEVEL_READ_COMMITTED) -> Iterator[Book]:
    """The book through a connection of its own; what is not committed is rolled back."""
    connection = psycopg2.connect(plain(url), options="-c statement_timeout=15s -c deadlock_timeout=200ms")
    connection.set_session(isolation_level=isolation)
    try:
        yield Book(connection)
    finally:
        connection.close()


def outcome(work: Callable[[], object]) -> str | None:
    """Do the work; None if it went well, else the name of the constraint (or the SQLSTATE) that refused it."""
    try:
        work()
    except psycopg2.Error as problem:
        return problem.diag.constraint_name or problem.pgcode or repr(problem)
    return None


def race(url: URL, *works: Callable[[Book], object], isolation: int = extensions.ISOLATION_LEVEL_READ_COMMITTED) -> list[str | None]:
    """Each work in a session and thread of its own, all let go at once, each committed; their outcomes in order."""
    barrier = threading.Barrier(len(works), timeout=TIMEOUT)

    def run(work: Callable[[Book], object]) -> str | None:
        with session(url, isolation) as book:
            book.value("SELECT count(*) FROM payment_allocation")  # a snapshot, where the isolation level keeps one
            barrier.wait()
            return outcome(lambda: (work(book), book.connection.commit()))

    with ThreadPoolExecutor(len(works)) as pool:
        return [done.result(TIMEOUT) for done in [pool.submit(run, work) for work in works]]


@contextmanager
def waiting(book: Book, work: Callable[[], object], observer: Book) -> Iterator[Future[str | None]]:
    """The work in a thread, once it waits for a lock; after the block (which frees the lock) its outcome is there."""
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(outcome, work)
        deadline = time.monotonic() + TIMEOUT
        while not observer.value("SELECT cardinality(pg_blocking_pids(%s)) > 0", book.connection.get_backend_pid()):
            assert not done.done(), f"it did not wait: {done.result()}"
            assert time.monotonic() < deadline, "it neither waited nor ended"
            time.sleep(0.01)
        yield done
