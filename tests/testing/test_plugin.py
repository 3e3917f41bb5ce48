"""The plugin in a service's own project: databases in milliseconds, nothing left behind, errors in one sentence."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from fnmatch import fnmatch
from importlib.metadata import entry_points
from pathlib import Path

import pytest
from sqlalchemy import URL

from rently_db.testing.databases import Databases
from tests.support.migrations import plain

pytest_plugins = ["pytester"]

Service = Callable[..., pytest.RunResult]
LeftBehind = Callable[[], set[str]]

USES_EVERYTHING = """
    from datetime import date
    from decimal import Decimal

    import pytest
    from sqlalchemy import func, select, text
    from rently_db.models import Currency, Loan, Party
    from rently_db.testing.factories import LoanFactory, PartyFactory

    DAY = text("SELECT analytics.business_date('Asia/Singapore')")

    @pytest.mark.parametrize("time", ["first", "second"])
    def test_rolled_back(rently_session, time):
        assert rently_session.scalar(select(func.count()).select_from(Loan)) == 0
        loan = LoanFactory.create_sync(principal_amount=Decimal("600.00"))
        rently_session.commit()
        assert loan.loan_number == "RL-T-000001"
        assert rently_session.scalar(DAY) == date(2026, 6, 30)

    @pytest.mark.parametrize("time", ["first", "second"])
    def test_committed(rently_committed_session, rently_engine, time):
        LoanFactory.create_sync()
        rently_committed_session.commit()
        with rently_engine.connect() as other:
            assert other.scalar(select(func.count()).select_from(Loan)) == 1
            assert other.scalar(select(Currency.name).where(Currency.code == "SGD"))

    @pytest.mark.rently_business_date("2027-01-31")
    def test_another_day(rently_session, rently_engine, rently_business_date):
        assert rently_business_date == date(2027, 1, 31)
        assert rently_session.scalar(DAY) == rently_business_date
        assert LoanFactory.build().start_date == date(2027, 1, 17)
        with rently_engine.connect() as connection:
            assert connection.scalar(DAY) == rently_business_date

    def test_sessions_of_the_code(rently_sessionmaker, rently_session):
        with rently_sessionmaker.begin() as other:
            other.add(PartyFactory.build(display_name="Ada"))
        assert rently_session.scalar(select(Party.display_name)) == "Ada"
"""


def test_pytest_finds_the_plugin_by_itself():
    """Installing rently_db[testing] is all a service has to do."""
    assert [point.value for point in entry_points(group="pytest11", name="rently_db")] == ["rently_db.testing.plugin"]


def test_a_service_tests_against_migrated_databases(service: Service, left_behind: LeftBehind):
    """Each test starts from an empty book on its business date, whatever others committed, and nothing stays on the server."""
    service(USES_EVERYTHING).assert_outcomes(passed=6)
    assert left_behind() == set()


def test_two_workers_share_what_takes_long(service: Service, left_behind: LeftBehind):
    """Under pytest-xdist the same tests pass in two processes, which take one template and leave nothing."""
    result = service(USES_EVERYTHING, "-n", "2")
    result.assert_outcomes(passed=6)
    assert left_behind() == set()


def test_the_embedded_server_is_the_default(service: Service):
    """Who names no server gets one without any configuration, in two workers too."""
    service(USES_EVERYTHING, "-n", "2", url=None).assert_outcomes(passed=6)


def test_a_server_of_pytest_postgresql_does(service: Service, server_url: URL, pytester: pytest.Pytester):
    """A project that already runs its server with pytest-postgresql names the fixture, and tests use that server."""
    pytester.makeconftest(
        f"""
        from pytest_postgresql import factories
        mine = factories.postgresql_noproc(
            host={server_url.query.get("host", server_url.host)!r}, port={server_url.port or server_url.query.get("port", 5432)!r},
            user={server_url.username!r}, password={server_url.password!r})
        """
    )
    result = service("def test_it(rently_session, mine): assert rently_session.connection().engine.url.username == mine.user",
                     "-o", "rently_server=mine", url=None)  # fmt: skip
    result.assert_outcomes(passed=1)


def test_a_failing_test_leaves_no_database(service: Service, left_behind: LeftBehind):
    """A test that fails, in the middle of a transaction, is torn down like one that passes."""
    result = service(
        """
        from sqlalchemy import text
        def test_it(rently_engine, rently_session):
            with rently_engine.begin() as connection:
                connection.execute(text("DELETE FROM party"))
                raise RuntimeError("on purpose")
        """
    )
    result.assert_outcomes(failed=1)
    assert left_behind() == set()


def test_a_session_left_open_is_named(service: Service, left_behind: LeftBehind):
    """A connection that the code forgot is an error that says which program ran which statement last; the database goes all the same."""
    result = service(
        """
        from sqlalchemy import create_engine, text
        forgotten = []
        def test_it(rently_database):
            url = rently_database.update_query_dict({"application_name": "billing"})
            connection = create_engine(url).connect()
            connection.execute(text("SELECT 42 AS answer"))
            forgotten.append(connection)
        def test_after(): forgotten.pop().invalidate()
        """
    )
    result.assert_outcomes(passed=2, errors=1)
    result.stdout.fnmatch_lines(['*billing, idle in transaction, last statement "SELECT 42 AS answer"*'])
    result.stdout.no_fnmatch_line("*Traceback*")
    assert left_behind() == set()


@pytest.mark.parametrize("workers", [(), ("-n", "2")], ids=["alone", "two workers"])
@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("postgresql://nobody:secret@127.0.0.1:9/x", "*127.0.0.1:9/x: no server answers at this address*"),
        ("mysql://me@host/x", "*the option --rently-url is mysql://me@host/x, which is not a PostgreSQL URL*"),
    ],
    ids=["nobody answers", "not PostgreSQL"],
)
def test_a_wrong_url_is_one_sentence(service: Service, url: str, sentence: str, workers: tuple[str, ...]):
    """Who mistypes the server reads what is wrong with it, once, without traceback and password."""
    result = service("def test_it(rently_session): ...\ndef test_more(rently_database): ...", *workers, url=url)
    assert result.ret != 0
    result.stdout.no_fnmatch_line("*Traceback*")
    result.stdout.no_fnmatch_line("*secret*")
    result.stdout.fnmatch_lines([sentence])
    # pytest's closing list says it again where it does not cut its lines to the screen, as when CI is set.
    said = [line for line in result.outlines if fnmatch(line, sentence) and not line.startswith("ERROR ")]
    assert len(said) == (2 if workers else 1), "once a run, or once a test that needs a database"


def test_a_wrong_business_date_is_one_sentence(service: Service):
    """A date that is none is refused with the way to write it."""
    result = service("def test_it(rently_business_date): ...", "-o", "rently_business_date=30/6/2026")
    result.stdout.fnmatch_lines(["*rently_business_date is '30/6/2026', which is no date; write it as 2026-06-30*"])


def test_the_next_run_drops_what_a_killed_one_left(server_url: URL, left_behind: LeftBehind, tmp_path: Path):
    """A run that is killed can't tidy up; the next run on that server does."""
    source = tmp_path / "test_it.py"
    source.write_text("import time\ndef test_it(rently_database):\n    print('READY', flush=True)\n    time.sleep(600)\n")
    options = ["-s", "-p", "no:cacheprovider", "--rootdir", str(tmp_path), f"--rently-url={plain(server_url)}"]
    run = subprocess.Popen([sys.executable, "-m", "pytest", *options, str(source)], stdout=subprocess.PIPE, text=True, cwd=tmp_path)
    assert run.stdout is not None
    with run.stdout:
        assert any("READY" in line for line in run.stdout)
        run.send_signal(signal.SIGKILL)
    run.wait()
    assert left_behind()
    deadline = time.monotonic() + 30
    while left_behind() and time.monotonic() < deadline:  # the server notices in a moment that the client is dead
        with Databases(server_url):
            pass
    assert left_behind() == set()


def test_a_project_that_does_not_use_the_plugin_pays_nothing(pytester: pytest.Pytester):
    """A run that needs no database imports of rently_db the plugin itself, and nothing that it would not import without it."""
    pytester.makepyfile("import sys\ndef test_it():\n    print(*sorted(sys.modules), sep='\\n', file=open('modules', 'w'))")
    imported = []
    for arguments in ((), ("-p", "no:rently_db")):
        pytester.runpytest_subprocess(*arguments).assert_outcomes(passed=1)
        imported.append(set((pytester.path / "modules").read_text().split()))
    assert imported[0] - imported[1] == {"rently_db.testing", "rently_db.testing.plugin"} | ({"rently_db"} - imported[1])


def test_the_plugin_can_be_switched_off(pytester: pytest.Pytester):
    """`-p no:rently_db` leaves no fixture and no option of it."""
    pytester.makepyfile("def test_it(request): assert not request.config.pluginmanager.has_plugin('rently_db')")
    pytester.runpytest_subprocess("-p", "no:rently_db", "-W", "error").assert_outcomes(passed=1)
