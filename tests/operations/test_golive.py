"""`rently-db golive` says yes to a database that is ready, and names what is not: each criterion is broken once for real."""

from __future__ import annotations

import json
import shutil
import socket
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import URL, NullPool, make_url

from rently_db.cli.exit_codes import ExitCode
from rently_db.database import make_engine
from rently_db.migrate.content import Content, all_tables, measure
from rently_db.migrate.deployment import Deployment
from rently_db.operations.backup import backup, verify
from rently_db.operations.backup.manifest import manifest_path
from rently_db.operations.backup.proof import proof_path, read_proof
from rently_db.operations.drift import reference
from rently_db.operations.golive import Criterion, GoLive, Options, Verdict, look, measuring
from rently_db.operations.golive.sheet import SIGNERS
from rently_db.operations.status import read_status
from rently_db.testing.databases import Databases
from tests.operations.golive_breaks import BREAKS, OTHERS
from tests.support.commands import answer, rently_db
from tests.support.migrations import HEAD, chain, downgrade, plain, run_sql

CRITERIA = [
    "revision",
    "in_force",
    "drift",
    "self_tests",
    "validation",
    "accounts",
    "query_times",
    "freshness",
    "alerts",
    "schedules",
    "incidents",
    "permissions",
    "backup",
]


@pytest.fixture(scope="module", autouse=True)
def kept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A cache of this module's own: what the revision makes is made once for all its tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(reference.CACHE_VARIABLE, str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(scope="module")
def ready(databases: Databases, v1_book_template: str) -> Iterator[URL]:
    """The book at head, kept up to date by rently-db run-due."""
    with databases.database(template=v1_book_template) as url:
        assert rently_db(url, "run-due", "--once").code == ExitCode.DONE
        yield url


@pytest.fixture(scope="module")
def proven(ready: URL, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, restored and compared."""
    file = tmp_path_factory.mktemp("backup") / "rently.dump"
    backup(ready, file)
    assert verify(file).complete
    return file


@pytest.fixture
def copy(databases: Databases, ready: URL) -> Iterator[URL]:
    """A copy of the database that is ready, to be broken."""
    with databases.database(template=str(ready.database)) as url:
        yield url


@pytest.fixture
def options(server_url: URL) -> Options:
    """What drift compares with is made on the test's own server."""
    return Options(scratch=server_url)


def measured(url: URL, options: Options, name: str) -> Criterion:
    """One criterion, measured as all are."""
    questions = measuring._Look(url, options, read_status(url), lambda *_: None).questions()
    return next(measuring._measured(question) for question in questions if question.name == name)


def test_a_database_that_is_ready_passes(ready: URL, proven: Path, server_url: URL, tmp_path: Path):
    """Every criterion is met, the exit code is 0, and the sheet has evidence for each and a line for whoever signs."""
    file = tmp_path / "golive.md"
    said = rently_db(ready, "golive", "--backup", str(proven), "--scratch-url", plain(server_url), "--out", str(file))
    assert said.code == ExitCode.DONE, said.text
    assert "technically ready: yes. 13 of 13 criteria are met." in said.stdout
    sheet = file.read_text(encoding="utf-8")
    for number, name in enumerate(CRITERIA, 1):
        assert f"## {number}. {name.capitalize().replace('_', '-' if name == 'self_tests' else ' ')}: met" in sheet
    for evidence in (
        "54 of 54 pass",
        "80 of 80 checks pass",
        "77 of 77 dashboard views in less than 3 s",
        "9 of 9 alert rules",
    ):
        assert evidence in sheet
    assert all(f"\n    {signer} " in sheet for signer in SIGNERS)
    assert max(map(len, sheet.splitlines())) <= 80


def content(url: URL) -> dict[str, Content]:
    """What every table holds."""
    with make_engine(url, poolclass=NullPool).connect() as connection:
        return measure(connection, all_tables(connection))


def test_it_changes_nothing_but_the_log(ready: URL, options: Options):
    """Besides a run of validations, the database holds after it what it held before, to the last row."""
    before = content(ready)
    look(ready, options)
    changed = {table for table, held in content(ready).items() if before[table] != held}
    assert changed == {"ops.validation_run", "ops.data_validation_log"}


@pytest.fixture(scope="module", params=[BREAKS, OTHERS], ids=["first", "second"])
def broken(
    request: pytest.FixtureRequest, databases: Databases, ready: URL, server_url: URL
) -> Iterator[tuple[dict[str, tuple[str, tuple[str, ...], str]], GoLive]]:
    """What was broken in a copy of the database that is ready, and what was measured in it."""
    with databases.database(template=str(ready.database)) as url:
        for _, statements, _ in request.param.values():
            run_sql(url, *statements)
        yield request.param, look(url, Options(scratch=server_url))


def test_what_is_broken_is_named(broken: tuple[dict[str, tuple[str, tuple[str, ...], str]], GoLive]):
    """Each criterion that was broken is not met, its evidence says what was found, and a command to mend it stands below."""
    breaks, found = broken
    criteria = {one.criterion: one for one in found.criteria}
    for name, (criterion, _, said) in breaks.items():
        assert criteria[criterion].verdict is Verdict.NOT_MET, name
        assert said in "\n".join(criteria[criterion].evidence), name
        assert criteria[criterion].commands, name
    assert not found.met


def test_several_things_at_once_are_each_named_and_the_exit_code_is_1(copy: URL, server_url: URL):
    """A sheet names all that is not met in one sentence at its top; without a backup it says no, whatever else is good."""
    run_sql(copy, "DROP INDEX analytics.ix_refresh_log_started_at", "UPDATE analytics.due_task SET last_run = NULL")
    found = answer(copy, "golive", "--scratch-url", plain(server_url), code=ExitCode.FINDINGS)
    verdicts = {one["criterion"]: one["verdict"] for one in found["criteria"]}
    assert list(verdicts) == CRITERIA
    assert {name for name, verdict in verdicts.items() if verdict == "not met"} == {"drift", "schedules"}
    assert {name for name, verdict in verdicts.items() if verdict == "not shown"} == {"backup"}
    assert found["met"] is False


def test_a_database_that_is_not_at_head_is_measured_no_further(copy: URL, options: Options):
    """One revision below head nothing else is shown, and migrating is the mend."""
    downgrade(copy, chain()[-2])
    found = look(copy, options)
    first, *others = found.criteria
    assert (first.verdict, first.commands) == (Verdict.NOT_MET, ("rently-db migrate",))
    assert HEAD in first.evidence[0]
    assert {one.verdict for one in others} == {Verdict.NOT_SHOWN}


def test_a_database_that_is_ahead_is_no_case_for_a_migration(copy: URL, options: Options):
    """What a newer release has made is measured by that release; nobody is told to migrate it with this one."""
    run_sql(copy, "UPDATE ops.alembic_version SET version_num = 'v2_rates'")
    found = look(copy, options)
    assert found.criteria[0].evidence[0].startswith("the database is at v2_rates, which this release does not know")
    assert found.criteria[0].evidence[1] == "at v2_rates, which this release does not know; nothing is under way"
    assert {command for one in found.criteria for command in one.commands} == {"pip install --upgrade rently-db"}


def test_no_incident_is_shown_by_rules_that_were_never_asked(copy: URL, options: Options):
    """Silence of alerts that nobody evaluates is no evidence."""
    run_sql(copy, "DELETE FROM ops.alert_state")
    found = measured(copy, options, "incidents")
    assert (found.verdict, found.commands) == (Verdict.NOT_SHOWN, ("rently-db run-due --once",))


@pytest.mark.parametrize(
    ("url", "server"),
    [
        ("postgresql://u@db.example:6432/rently", "db.example:6432"),
        ("postgresql://u@db.example/rently", "db.example:5432"),
        ("postgresql://u@/rently?host=db.example&port=6432", "db.example:6432"),
        ("postgresql://u@/rently?host=/var/run/postgresql", f"this machine, {socket.gethostname()}"),
        ("postgresql:///rently", f"this machine, {socket.gethostname()}"),
    ],
)
def test_the_sheet_names_the_server(url: str, server: str):
    """Whoever signs on paper reads which server was measured, however the URL is written."""
    assert measuring._server(make_url(url)) == server


def test_a_sheet_that_can_not_be_written_is_printed(empty_database: URL):
    """What was measured is not lost, and a sheet of a database that was never migrated does not speak of results in its log."""
    said = rently_db(empty_database, "golive", "--out", "/proc/golive.md")
    assert said.code == ExitCode.USAGE
    assert "/proc/golive.md can't be written" in said.stderr
    assert said.stdout.startswith(f"# Go-live of {empty_database.database}\n")
    words = " ".join(said.stdout.split())
    assert "at no revision. Nothing was changed. **Technically" in words


def test_whoever_stops_it_while_a_scratch_database_is_made_stops_all_of_it(
    ready: URL, options: Options, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Ctrl-C in the midst of a migration is a sentence there; here it is no finding after which the rest is measured."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setenv(reference.CACHE_VARIABLE, str(tmp_path))
    monkeypatch.setattr(Deployment, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        measured(ready, options, "drift")


def test_who_may_not_measure_shows_nothing(copy: URL, options: Options):
    """A role without the right to run self-tests and validations gets no verdict on them, and learns which role may."""
    name = f"{copy.database}_guest"
    run_sql(copy, f"CREATE ROLE {name} LOGIN PASSWORD 'x' IN ROLE rently_readonly")
    try:
        found = measured(copy.set(username=name, password="x"), options, "self_tests")
        assert found.verdict is Verdict.NOT_SHOWN
        assert "permission denied" in found.evidence[0]
        assert "rently_ops" in found.commands[0]
    finally:
        run_sql(copy, f"DROP ROLE {name}")


@pytest.fixture
def file(proven: Path, tmp_path: Path) -> Path:
    """A copy of the proven backup, to be spoilt."""
    for path in (proven, manifest_path(proven), proof_path(proven)):
        shutil.copy(path, tmp_path / path.name)
    return tmp_path / proven.name


def test_a_backup_that_was_never_restored_shows_nothing(ready: URL, options: Options, file: Path):
    """A file alone is a hope; verified now, it is a backup."""
    proof_path(file).unlink()
    found = measured(ready, replace(options, backup=file), "backup")
    assert (found.verdict, found.evidence[0]) == (Verdict.NOT_SHOWN, "it was never restored and compared")
    assert found.commands == (f"rently-db backup verify {file}",)
    assert measured(ready, replace(options, backup=file, verify_backup=True), "backup").verdict is Verdict.MET


def test_a_missing_backup_shows_nothing(ready: URL, options: Options, tmp_path: Path):
    """A name with nothing behind it is told, and no error."""
    found = measured(ready, replace(options, backup=tmp_path / "gone.dump"), "backup")
    assert found.verdict is Verdict.NOT_SHOWN
    assert "there is no backup file" in found.evidence[0]
    assert found.commands[0] == f"rently-db backup {tmp_path / 'gone.dump'}"


def test_a_backup_that_was_damaged_after_its_proof_is_found_out(ready: URL, options: Options, file: Path):
    """One bit that a disk lost since the verification makes the backup none."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    found = measured(ready, replace(options, backup=file), "backup")
    assert found.verdict is Verdict.NOT_MET
    assert "its SHA-256 differs" in found.evidence[0]


def test_a_backup_that_restored_as_something_else_is_none(ready: URL, options: Options, file: Path):
    """A verification that found a difference is no proof, and the table is named."""
    record = json.loads(manifest_path(file).read_text(encoding="utf-8"))
    next(table for table in record["tables"] if table["name"] == "payment")["rows"] += 1
    manifest_path(file).write_text(json.dumps(record), encoding="utf-8")
    found = measured(ready, replace(options, backup=file, verify_backup=True), "backup")
    assert found.verdict is Verdict.NOT_MET
    assert "restored, it was not what was backed up" in found.evidence[0]
    assert any(sentence.startswith("payment") for sentence in found.evidence)


def test_an_old_backup_is_not_good_enough(ready: URL, options: Options, proven: Path):
    """What was written since then would be lost."""
    found = measured(ready, replace(options, backup=proven, backup_hours=0.0001), "backup")
    assert found.verdict is Verdict.NOT_MET
    assert "hours old, and may be 0.0001" in found.evidence[0]


def test_the_backup_of_another_database_is_not_good_enough(copy: URL, options: Options, file: Path):
    """Neither that of a database with another name, nor that of one of the same name that was migrated at another time."""
    found = measured(copy, replace(options, backup=file), "backup")
    assert found.verdict is Verdict.NOT_MET
    assert f"and this one is {copy.database}" in found.evidence[0]
    record = json.loads(manifest_path(file).read_text(encoding="utf-8"))
    manifest_path(file).write_text(json.dumps(record | {"database": copy.database}), encoding="utf-8")
    assert measured(copy, replace(options, backup=file), "backup").verdict is Verdict.MET
    run_sql(copy, "UPDATE ops.migration_run SET started_at = started_at - interval '1 second'")
    found = measured(copy, replace(options, backup=file), "backup")
    assert found.verdict is Verdict.NOT_MET
    assert f"another database named {copy.database}" in found.evidence[0]


def test_a_backup_from_before_the_migration_is_not_good_enough(ready: URL, options: Options, book_database: URL, tmp_path: Path):
    """The backup of v0 is for the way back; what v1 has written since is not in it."""
    file = tmp_path / "before.dump"
    backup(book_database, file)
    record = json.loads(manifest_path(file).read_text(encoding="utf-8"))
    manifest_path(file).write_text(json.dumps(record | {"database": ready.database}), encoding="utf-8")
    found = measured(ready, replace(options, backup=file), "backup")
    assert found.verdict is Verdict.NOT_MET
    assert found.evidence[0] == f"it was taken at no revision: what was written at {HEAD} is not in it"


def test_a_damaged_file_is_proven_no_more(file: Path):
    """Who verifies a file that turns out to be damaged leaves no proof of better days beside it."""
    proof = read_proof(file)
    assert proof is not None
    assert proof.ok
    file.write_bytes(file.read_bytes()[:-1])
    assert rently_db(None, "backup", "verify", str(file)).code == ExitCode.FINDINGS
    assert read_proof(file) is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--verify-backup",), "--verify-backup needs --backup FILE"),
        (("--out", "README.md"), "README.md exists and may be signed"),
        (("--out", "nowhere/golive.md"), "there is no directory nowhere"),
        (("--scratch-url", "mysql://h/d"), "the option --scratch-url is mysql://h/d"),
    ],
)
def test_a_wrong_call_is_told_before_anything_is_measured(arguments: tuple[str, ...], said: str):
    """A signed sheet is never written over, and a wrong option costs no minutes."""
    outcome = rently_db("postgresql://u@127.0.0.1:1/d", "golive", *arguments)
    assert outcome.code == ExitCode.USAGE
    assert said in outcome.stderr
    assert len(outcome.stderr.splitlines()) == 1
