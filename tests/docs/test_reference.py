"""docs/reference says what the code says, and what the code says of the database is so."""

import importlib
import json
import re

import psycopg2
import pytest
from sqlalchemy import URL

from docs.reference import CALLS, GUIDE, PAGES, pages
from docs.reference_commands import CODES, commands
from docs.reference_functions import executors, functions, signature
from docs.reference_meanings import ARGUMENTS, DATABASE_SETTINGS, SETTINGS, VARIABLES
from docs.reference_settings import TARGET, figures, settings, tasks, thresholds
from docs.reference_tables import models
from rently_db.cli.exit_codes import ExitCode
from rently_db.migrate import arguments
from rently_db.models import Base
from rently_db.sql.catalog import LIVE
from tests.support.migrations import ROOT, plain

COMMAND = "run make docs-reference"
CURRENT = pages()


def rows(url: URL, sql: str, *given: object) -> list[tuple[object, ...]]:
    """What a query gives."""
    connection = psycopg2.connect(plain(url))
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, given or None)
            return cursor.fetchall()
    finally:
        connection.close()


def test_the_reference_is_current() -> None:
    """Who changes a model, a function, a command or a setting writes the reference anew; nothing outlives what it describes."""
    written = {path.relative_to(PAGES).as_posix(): path.read_text(encoding="utf-8") for path in PAGES.rglob("*.md")}
    own = {name for name in written if name.startswith("python/")}
    assert {name: text for name, text in written.items() if name not in own} == CURRENT, COMMAND


def test_every_table_of_the_models_has_its_section() -> None:
    """A developer finds each table, and each of its columns, under its name."""
    for module, classes in models().items():
        sections = dict(re.findall(r"^## (\w+)$(.*?)(?=^## |\Z)", CURRENT[f"tables/{module}.md"], re.DOTALL | re.MULTILINE))
        assert set(sections) == {class_.__tablename__ for class_ in classes}
        for class_ in classes:
            assert [
                name
                for name in class_.__table__.columns.keys()  # noqa: SIM118 (a collection of columns is no dict)
                if f"| `{class_.__table__.columns[name].name}` |" not in sections[class_.__tablename__]
            ] == []
    assert {class_.__tablename__ for classes in models().values() for class_ in classes} == {
        table.name for table in Base.metadata.sorted_tables
    }


def test_every_function_of_a_database_is_listed(head_database: URL) -> None:
    """Whoever meets a function of ours in a live database finds it in the reference, with the arguments that it has there."""
    ours = rows(
        head_database,
        "SELECT p.oid::regprocedure::text, n.nspname || '.' || p.proname FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace"
        " WHERE n.nspname IN ('public', 'analytics', 'ops')"
        " AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.objid = p.oid AND d.deptype = 'e')",
    )
    text = "".join(page for name, page in CURRENT.items() if name.startswith("functions/"))
    assert len(ours) > 100
    assert [name for _, name in ours if f"\n## {name}\n" not in text] == []
    assert set(re.findall(r"^## ((?:public|analytics|ops)\.\w+)$", text, re.MULTILINE)) == {str(name) for _, name in ours}


@pytest.mark.parametrize("role", ["rently_ops", "rently_owner", "rently_monitor", "rently_app"])
def test_who_may_call_a_function_is_so_in_the_database(head_database: URL, role: str) -> None:
    """An operator who reads that his role may call a function is not refused, and no role may more of ops than the reference says."""
    listed = {sign for entities in functions().values() for sign in map(signature, entities) if sign.startswith("ops.")}
    allowed = {sign for sign in listed if role in executors().get(sign, [])}
    found = rows(
        head_database,
        "SELECT f.sign, has_function_privilege(%s, f.sign, 'EXECUTE') FROM unnest(%s::text[]) AS f (sign)",
        role,
        sorted(listed),
    )
    assert {sign for sign, may in found if may} == allowed


def test_defaults_of_settings_are_those_of_a_database(head_database: URL) -> None:
    """What the reference calls the default is what a release puts into analytics_setting, signed off or not, and nothing is left out."""
    found = rows(head_database, "SELECT key, value::text, source, needs_signoff FROM public.analytics_setting")
    there = {key: (json.loads(str(value)), source, needs_signoff) for key, value, source, needs_signoff in found}
    assert there == {key: (json.loads(said.value), said.source, said.needs_signoff) for key, said in settings().items()}


def test_thresholds_and_tasks_are_those_of_a_database(head_database: URL) -> None:
    """An operator finds each threshold of the monitoring and each task of run-due with the value that a new database has."""
    found = rows(head_database, "SELECT key, value::text, description FROM ops.monitoring_config")
    assert {key: (value, meaning) for key, value, meaning in found} == thresholds()
    due = rows(head_database, "SELECT name, every, time_limit, %s::interval[], %s::interval[] FROM analytics.due_task", *_intervals())
    names = list(tasks())
    assert {name: (every, limit) for name, every, limit, _, _ in due} == {
        name: (due[0][3][place], due[0][4][place])  # type: ignore[index]
        for place, name in enumerate(names)
    }


def _intervals() -> tuple[list[str], list[str | None]]:
    return [every for every, _ in tasks().values()], [limit or None for _, limit in tasks().values()]


def test_every_setting_is_explained_and_read() -> None:
    """A setting that nothing reads would be changed in vain; one without a meaning would not be changed at all."""
    sql = {path: path.read_text(encoding="utf-8") for path in LIVE.rglob("*.sql") if "seeds" not in path.parts}
    named = {key for text in sql.values() for key in re.findall(r"analytics\.setting(?:_number|_text)?\('(\w+)'\)", text)}
    assert set(SETTINGS) >= named
    assert set(SETTINGS) >= {key for key in settings() if not key.startswith(TARGET)}
    assert [key for key in SETTINGS if not any(f"'{key}'" in text for text in sql.values())] == []
    assert [key for key in settings() if key.startswith(TARGET) and key.removeprefix(TARGET) not in figures()] == []


def test_every_variable_and_argument_is_explained() -> None:
    """Every RENTLY_ variable that the code or the tests read, and every -x argument, is in the reference, and nothing else is."""
    code = "\n".join(
        path.read_text(encoding="utf-8") for folder in ("rently_db", "tests", "benchmarks") for path in (ROOT / folder).rglob("*.py")
    )
    assert set(re.findall(r'"(RENTLY_[A-Z_]+[A-Z])"', code)) == set(VARIABLES)
    assert set(arguments._ARGUMENTS) == set(ARGUMENTS)


def test_every_setting_of_a_session_is_explained() -> None:
    """Every setting rently.* that SQL or the migration reads or sets is in the reference."""
    paths = [*LIVE.rglob("*.sql"), *(ROOT / "rently_db").rglob("*.py")]
    code = "\n".join(path.read_text(encoding="utf-8") for path in paths)
    found = set(re.findall(r"(?:current_setting\(|set_config\(|SET LOCAL |[\"(])'?(rently\.[a-z_]+)\b", code))
    assert found - {"rently.collector", "rently.zip"} == set(DATABASE_SETTINGS)


def test_every_command_and_exit_code_has_its_place() -> None:
    """What `rently-db --help` lists has a page, with all its options; each exit code a meaning."""
    assert {f"commands/{name}.md" for name in commands()} == {
        name for name in CURRENT if name.startswith("commands/") and "index" not in name
    }
    assert set(CODES) == set(ExitCode)
    assert "`--quarantine-limit N`" in CURRENT["commands/migrate.md"]
    assert "## rently-db backup verify" in CURRENT["commands/backup.md"]


def test_each_call_of_the_deployment_guide_leads_somewhere() -> None:
    """A deploy engineer who knows the guide finds for each of its calls the function, or the command that does it."""
    known = {entity.name for entities in functions().values() for entity in entities} | {"run_pre_migration_validation"}
    assert [call for _, call, command, _ in GUIDE if call not in known and not command] == []
    assert {command for _, _, command, _ in GUIDE if command} <= set(commands())
    assert set(CALLS) <= known


@pytest.mark.parametrize(
    "module", ["rently_db.models", "rently_db.database", "rently_db.sessions", "rently_db.lending", "rently_db.testing"]
)
def test_what_a_service_imports_has_its_page(module: str) -> None:
    """A backend developer finds each module that is meant for him among the pages on Python, and in their list."""
    folder = PAGES / "python"
    assert any(f"::: {module}" in path.read_text(encoding="utf-8") for path in folder.glob("*.md"))
    assert module in (folder / "index.md").read_text(encoding="utf-8")


def test_what_a_page_on_python_names_is_there() -> None:
    """A module that was renamed takes its page with it, and so do the members that the page chooses."""
    for path in (PAGES / "python").glob("*.md"):
        for name, members in re.findall(
            r"^::: (\S+)$(?:\n    options:\n      members: \[([^\]]*)\])?", path.read_text(encoding="utf-8"), re.MULTILINE
        ):
            found = importlib.import_module(name)
            assert [member for member in re.findall(r"\w+", members) if not hasattr(found, member)] == []
