"""`rently-db rehearse`: the whole way on a clone; the original is only read, the clone goes."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import URL

from rently_db.operations import rehearse
from rently_db.operations.clones import PREFIX
from rently_db.operations.migrating import Outcome
from rently_db.operations.progress import shown
from rently_db.testing.databases import Databases
from tests.support.books import write_v0_book
from tests.support.commands import answer, ended, looked, rently_db, running, until
from tests.support.looks import nothing_changes
from tests.support.migrations import HEAD, plain, rows, run_sql


@pytest.fixture(scope="module")
def dirty_template(databases: Databases) -> Iterator[str]:
    """A small v0 book with every defect that a declared repair mends, and a table, an index and a view of somebody else."""
    with databases.database() as url:
        write_v0_book(url, 50, dirty="repairable")
        run_sql(
            url,
            "CREATE TABLE public.campaign (id integer PRIMARY KEY, name text)",
            "INSERT INTO public.campaign VALUES (1, 'spring')",
            "CREATE INDEX by_end ON public.loan (end_date)",
            "CREATE VIEW public.big_loans AS SELECT id FROM public.loan WHERE principal_amount > 100000",
        )
        yield str(url.database)


@pytest.fixture
def dirty(databases: Databases, dirty_template: str) -> Iterator[URL]:
    """A copy of that book."""
    with databases.database(template=dirty_template) as url:
        yield url


def clones(server: URL) -> list[str]:
    """The clones on a server."""
    return [name for (name,) in rows(server, f"SELECT datname FROM pg_database WHERE datname LIKE '{PREFIX}%'")]


def test_a_dirty_book_goes_the_whole_way_and_the_original_is_only_read(dirty: URL):
    """On a server of our own: up, down, byte for byte the original, up again; what repairs change is reported; the verdict is good."""
    with nothing_changes(dirty):
        found = answer(dirty, "rehearse")
    assert (found["verdict"], found["reason"]) == ("good", None)
    assert [(leg["direction"], leg["from"], leg["to"]) for leg in found["legs"]] == [
        ("up", None, HEAD),
        ("down", HEAD, "v0"),
        ("up", "v0", HEAD),
    ]
    assert all(leg["revisions"] and all(account["closes"] for account in leg["accounts"]) for leg in found["legs"])
    assert {finding["automatic"] for finding in found["findings"] if finding["kind"] != "advice"} == {True}
    assert found["rows"] == sum(account["rows"]["before"] for account in found["legs"][0]["accounts"]) + 1  # the campaign
    assert any("rows of 21 tables and the schema are byte for byte the original" in sentence for sentence in found["proven"])
    assert found["longest_lock"]["seconds"] == max(leg["longest_lock"]["seconds"] for leg in found["legs"])


def test_rows_that_nothing_mends_are_the_verdict(dirty: URL, server_url: URL):
    """A negative payment ends the rehearsal: not good, the rule is named, exit code 1, for people and for programs; no clone is left."""
    run_sql(dirty, "UPDATE public.payment SET amount = -5 WHERE id = (SELECT min(id::text)::uuid FROM public.payment)")
    found = answer(dirty, "rehearse", "--on", plain(server_url), code=1)
    assert found["verdict"] == "not good"
    assert "payment_amount_positive" in found["reason"]
    assert found["legs"] == []
    said = rently_db(dirty, "rehearse", "--on", plain(server_url))
    assert said.code == 1
    assert "NOT GOOD: " in said.stdout
    assert clones(server_url) == []


Harm = tuple[int, Callable[[URL], None]]
"""After which way something goes wrong, and what."""


def _a_row_is_lost(url: URL) -> None:
    run_sql(
        url,
        "SET session_replication_role = replica; UPDATE public.party SET display_name = 'nobody' WHERE display_name <> 'nobody'",
    )


def _a_comment_is_lost(url: URL) -> None:
    run_sql(url, "COMMENT ON TABLE public.loan IS 'other'")


def _a_rule_is_lost(url: URL) -> None:
    run_sql(url, "ALTER TABLE public.loan DROP CONSTRAINT loan_dates_check")


@pytest.mark.parametrize(
    ("harm", "reason"),
    [
        ((1, _a_rule_is_lost), "the schema is not that of the models: - constraint loan_dates_check on loan"),
        ((2, _a_row_is_lost), "after the downgrade rows differ: party: the content of its rows differs"),
        ((2, _a_comment_is_lost), "after the downgrade the schema differs: +-- Name: TABLE loan; Type: COMMENT"),
    ],
)
def test_harm_on_any_way_is_found(dirty: URL, server_url: URL, monkeypatch: pytest.MonkeyPatch, harm: Harm, reason: str):
    """A migration that loses a rule on the way up, or a value or a comment on the way down, does not get a good verdict."""
    genuine, legs = rehearse.carry_out, []
    leg, do = harm

    def harmful(url: URL, *arguments: object, **options: object) -> Outcome:
        outcome = genuine(url, *arguments, **options)  # type: ignore[arg-type]
        legs.append(outcome)
        if len(legs) == leg:
            do(url)
        return outcome

    monkeypatch.setattr(rehearse, "carry_out", harmful)
    found = rehearse.Rehearser({}, {}, lambda _: None, shown).run(dirty, on=server_url)
    assert not found.good
    assert reason in " ".join((found.reason or "").split())
    assert len(found.legs) == leg
    assert clones(server_url) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM], ids=["SIGINT", "SIGTERM"])
def test_stopped_it_leaves_nothing_behind(dirty: URL, server_url: URL, number: signal.Signals):
    """Ctrl-C or SIGTERM in the middle of a way: exit code 3, and the clone is gone."""
    with running(dirty, "rehearse", "--on", plain(server_url), "--json") as process:

        def at_work() -> bool | None:
            names = clones(server_url)
            if not names:
                return None
            return True if rows(server_url.set(database=names[0]), "SELECT to_regclass('ops.migration_step') IS NOT NULL")[0][0] else None

        until(at_work, "a rehearsal that migrates its clone")
        process.send_signal(number)
        said = ended(process)
    assert said.code == 3
    assert "stopped; the clone is dropped" in said.stderr
    assert said.stdout == ""
    assert clones(server_url) == []


def test_a_clone_that_is_kept_is_there_at_v1_to_look_at(dirty: URL, server_url: URL):
    """With --keep the report names the clone's URL, and it is at v1."""
    found = answer(dirty, "rehearse", "--keep", "--on", plain(server_url))
    (name,) = clones(server_url)
    try:
        assert name in found["clone"]
        assert looked(server_url.set(database=name))["revision"] == HEAD
    finally:
        run_sql(server_url, f"DROP DATABASE {name}")


def test_a_database_beyond_v0_is_refused(head_database: URL, server_url: URL):
    """A rehearsal begins at v0; of a database at v1 there is nothing to rehearse."""
    said = rently_db(head_database, "rehearse", "--on", plain(server_url))
    assert said.code == 2
    assert f"is at {HEAD}; a rehearsal begins at v0" in said.stderr
    assert clones(server_url) == []


def test_a_server_that_is_not_there_is_exit_code_2(dirty: URL):
    """One sentence, without the password."""
    said = rently_db(dirty, "rehearse", "--on", "postgresql://u:geheim@127.0.0.1:1/none")
    assert said.code == 2
    assert "no server answers" in said.stderr
    assert "geheim" not in said.text
