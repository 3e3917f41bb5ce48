from __future__ import annotations

import os
import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import pytest
from sqlalchemy import URL

from rently_db.database import parse_url
from rently_db.server import Server, installed_server
from rently_db.testing.databases import Databases
from tests.support.books import Expected, found, go, leftovers, write_book
from tests.support.kills import Deployments, deployments, kill_server, wait_until_gone
from tests.support.migrations import dump, run_sql, v0_content

KILLS = int(os.environ.get("RENTLY_KILLS", "30"))
"""How many kills at random moments; from 100 on, every commit is tried too, on both of its sides (`make test-kills`), else some."""
SEED = int(os.environ.get("RENTLY_KILL_SEED", "20261"))
"""Decides the random moments; printed, so that a failure can be had again."""
ALL_SIDES = 100

Undisturbed = dict[str, Expected]
"""Direction -> what a run leaves that nobody kills."""


@pytest.fixture(scope="module")
def alembic() -> Iterator[Deployments]:
    """Runs ``alembic`` in processes that can be killed cheaply."""
    with deployments() as runs:
        yield runs


def undisturbed(url: URL) -> Undisturbed:
    """Take a v0 database up and down in peace."""
    expected = {}
    for direction in ("up", "down"):
        go(url, direction)
        expected[direction] = found(url, direction)
    return expected


def compare(url: URL, direction: str, expected: Expected) -> None:
    """Assert that a database is what a run in peace leaves: schema, version, rows, journal, accounts, and no litter."""
    now = found(url, direction)
    assert now.state == expected.state
    for name, remembered in expected.memory.items():
        assert now.memory[name] == remembered, name
    assert now.memory.keys() == expected.memory.keys()
    assert leftovers(url) == []


@pytest.fixture(scope="module")
def small(databases: Databases) -> Iterator[tuple[str, str, Undisturbed]]:
    """A small book as v0 and at head, and what runs in peace make of it."""
    with databases.database() as v0:
        write_book(v0, 60)
        with databases.database(template=v0.database) as head, databases.database(template=v0.database) as url:
            go(head, "up")
            yield str(v0.database), str(head.database), undisturbed(url)


@pytest.mark.parametrize("direction", ["up", "down"])
def test_killed_at_boundaries_it_arrives(databases: Databases, alembic: Deployments, small: tuple[str, str, Undisturbed], direction: str):
    """Killed at commit after commit of the way, the same command goes on each time, and the end is that of a run in peace."""
    v0, head, expected = small
    passed: list[str] = []
    with databases.database(template=v0 if direction == "up" else head) as url:
        while (end := alembic.run(url, direction, how="boundary", passed=passed, sides=2 if KILLS >= ALL_SIDES else 1)).killed:
            assert end.died not in passed, "it made no progress"
            passed.append(str(end.died))
            wait_until_gone(url)
        assert end.code == 0, end.text
        compare(url, direction, expected[direction])
    print(f"{len(passed)} kills on the way {direction}")
    assert len(passed) > 100


@dataclass(frozen=True)
class Site:
    """A server to kill, and a bigger book on it."""

    server: Server
    undisturbed: Undisturbed
    work: dict[str, list[tuple[str, float]]]
    """Direction -> the long statements in their order, with their seconds."""

    def url(self, name: str) -> URL:
        """The URL of a database."""
        return parse_url(self.server.url(name))

    def copy(self) -> URL:
        """The book as v0 again, in the database that is killed."""
        run_sql(self.url("postgres"), "DROP DATABASE IF EXISTS victim", "CREATE DATABASE victim TEMPLATE book", "CHECKPOINT")
        return self.url("victim")


@pytest.fixture(scope="module")
def site(alembic: Deployments) -> Iterator[Site]:
    """A server of our own with a book of 500 loans, and how a run in peace goes there."""
    version = os.environ.get("RENTLY_TEST_PG")
    with Server(installed_server(version) if version else None) as server:
        site = Site(server, {}, {})
        run_sql(site.url("postgres"), "CREATE DATABASE book")
        write_book(site.url("book"), 500)
        url = site.copy()
        for direction in ("up", "down"):
            end = alembic.run(url, direction, how="measure")
            assert end.code == 0, end.text
            site.work[direction] = end.statements
            site.undisturbed[direction] = found(url, direction)
        assert (dump(url), repr(v0_content(url))) == (dump(site.url("book")), repr(v0_content(site.url("book"))))
        yield site


def moments(work: list[tuple[str, float]], chance: random.Random, count: int) -> list[tuple[str, float]]:
    """Moments spread evenly over the time that long statements take, in order: (statement, seconds from its beginning)."""
    total = sum(seconds for _, seconds in work)
    chosen = []
    left = sorted(chance.uniform(0, total) for _ in range(count))
    begun = 0.0
    for statement, seconds in work:
        inside = [moment - begun for moment in left if begun <= moment < begun + seconds]
        chosen += [(statement, moment) for moment in inside]
        begun += seconds
    return chosen


def test_killed_at_random_moments_it_arrives(alembic: Deployments, site: Site):
    """Client or server, killed in the midst of batches, index builds and validations: the same command goes on, and nothing is lost."""
    print(f"RENTLY_KILL_SEED={SEED}")
    chance = random.Random(SEED)
    kills = {"client": 0, "server": 0}
    while sum(kills.values()) < KILLS:
        url = site.copy()
        for direction in ("up", "down"):
            for statement, after in moments(site.work[direction], chance, max(KILLS // 2, 10)):
                who = chance.choice(["client", "client", "server"])
                kill = partial(kill_server, site.server) if who == "server" else None
                end = alembic.run(url, direction, how="within", statement=statement, after=after, kill_server=kill)
                if end.died is None:
                    assert end.code == 0, end.text
                    break  # arrived: the statement had been done before
                kills[who] += 1
                if who == "server":
                    site.server.start()
                    assert end.code == 255, end.text
                    assert "Traceback" not in end.text
                    assert end.text.count("FAILED:") == 1
                else:
                    assert end.killed
            end = alembic.run(url, direction)
            assert end.code == 0, end.text
            compare(url, direction, site.undisturbed[direction])
    print(f"{kills['client']} clients and {kills['server']} servers killed")
