"""What rently_db depends on: declared, bounded, locked with hashes, licensed as we allow, and imported only where it is there."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from sqlalchemy import URL

from docs import licences
from rently_db.database import ENVIRONMENT_VARIABLE
from tests.support.migrations import ROOT, plain, rows

LOCKS = sorted((ROOT / "requirements").glob("*.lock"))
LOCKED_EXTRAS = {"dev": ("dev",), "deploy": ("cli", "dashboards")}
"""Which extras a lock is of."""
EXTRAS = sorted(licences.PYPROJECT["project"]["optional-dependencies"])

ROOMS = {
    "rently_db/": (),
    "rently_db/cli/": ("cli",),
    "rently_db/dashboards/": ("dashboards",),
    "rently_db/demo/": ("cli",),
    "rently_db/operations/": ("cli",),
    "rently_db/sql/parsed.py": ("freeze",),
    "rently_db/testing/": ("testing",),
    "benchmarks/": ("dev",),
    "docs/": ("dev",),
    "migrations/": (),
    "tests/": ("dev",),
}
"""Which extras a module may count on when it is imported, besides what every installation has; the longest entry decides."""
SUPERSET = ("rently_db/dashboards/superset/config.py", {"flask", "superset"})
"""Superset's own settings run in its environment, not in ours."""


def locked(lock: Path) -> list[tuple[Requirement, list[str]]]:
    """The requirements of a lock and their hashes."""
    entries = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", lock.read_text(encoding="utf-8"), flags=re.MULTILINE).strip())
    parted = [entry.replace("\\\n", " ").split("--hash=") for entry in entries]
    return [(Requirement(requirement.strip()), [each.strip() for each in hashes]) for requirement, *hashes in parted]


def asked_for() -> Iterator[tuple[str, Requirement]]:
    """Every direct dependency, and the lock that must hold it."""
    for extra in ("", *EXTRAS):
        for requirement in licences.direct(extra):
            if requirement.name != licences.PROJECT:
                yield "dev", requirement
    for requirement in licences.PYPROJECT["dependency-groups"]["audit"]:
        yield "audit", Requirement(requirement)


@pytest.mark.parametrize("lock", LOCKS, ids=lambda lock: lock.stem)
def test_a_lock_names_versions_by_their_content(lock: Path):
    """Whoever serves a package can't serve another one in its place: each has one version and its SHA-256 hashes, and no address."""
    entries = locked(lock)
    assert len(entries) > 20
    for requirement, hashes in entries:
        assert re.fullmatch(r"==[^,*]+", str(requirement.specifier)), requirement
        assert requirement.url is None
        assert hashes
        assert all(re.fullmatch(r"sha256:[0-9a-f]{64}", each) for each in hashes), requirement
    assert not re.search(r"https?:|file:|^\s*-(?!-hash)", lock.read_text(encoding="utf-8"), re.MULTILINE)


def test_a_dependency_is_bounded():
    """Each direct dependency has the lowest version that is tried and an upper bound: no release that nobody has seen gets in."""
    for _, requirement in asked_for():
        operators = {each.operator for each in requirement.specifier}
        assert operators in ({">=", "<"}, {"=="}), f"{requirement}: give it a lower and an upper bound"


def test_a_lock_fits_what_is_asked_for():
    """Each direct dependency of pyproject.toml is locked, at a version within its bounds, extras included."""
    pinned = {lock.stem: {canonicalize_name(each.name): each.specifier for each, _ in locked(lock)} for lock in LOCKS}
    for lock, requirement in asked_for():
        version = str(pinned[lock].get(canonicalize_name(requirement.name), "")).removeprefix("==")
        assert version, f"{requirement.name} is not in requirements/{lock}.lock; run make lock"
        assert requirement.specifier.contains(version), f"{requirement} is locked at {version}; run make lock"


@pytest.mark.parametrize("lock", sorted(LOCKED_EXTRAS))
def test_a_lock_is_complete_and_holds_nothing_else(lock: str):
    """On this machine a lock installs exactly what the extras bring along, so pip resolves nothing on its own and nothing is left over."""
    entries = [each for each, _ in locked(ROOT / "requirements" / f"{lock}.lock")]
    here = {canonicalize_name(each.name) for each in entries if each.marker is None or each.marker.evaluate()}
    assert here == set().union(*(licences.brought_by(extra) for extra in LOCKED_EXTRAS[lock]))


def test_production_gets_the_versions_that_were_tested():
    """What deploy.lock installs has the version, and the hashes, with which the tests run."""
    tested, deployed = (
        {(each.name, str(each.specifier)): hashes for each, hashes in locked(ROOT / "requirements" / f"{lock}.lock")}
        for lock in ("dev", "deploy")
    )
    assert deployed.items() <= tested.items()


@pytest.mark.parametrize("extra", licences.EXTRAS)
def test_no_licence_enters_unseen(extra: str):
    """All that rently_db brings into an environment comes under a licence that somebody decided on."""
    found = {name: licences.licence(name) for name in licences.brought_by(extra)}
    assert {name: licence for name, licence in found.items() if not licences.allowed(name, licence)} == {}


@pytest.mark.parametrize(
    ("name", "licence", "may"),
    [
        ("sqlalchemy", "MIT", True),
        ("sqlalchemy", "GPL-3.0-or-later", False),
        ("sqlalchemy", "MIT AND GPL-3.0-or-later", False),
        ("sqlalchemy", "MIT OR GPL-3.0-or-later", True),
        ("psycopg2-binary", "LGPL", True),
        ("psycopg2-binary", "AGPL-3.0-only", False),
    ],
)
def test_a_licence_is_judged_by_what_it_asks(name: str, licence: str, may: bool):
    """Of licences joined by AND all must be allowed, of those joined by OR one; an exception is one package's."""
    assert licences.allowed(name, licence) is may


def test_the_page_of_licences_is_current():
    """docs/licences.md lists what is installed with rently_db and its extras."""
    assert licences.PAGE.read_text(encoding="utf-8") == licences.page(), "run make docs-licences"


def imports(path: Path) -> Iterator[tuple[str, bool]]:
    """Top-level packages that a module imports, and whether at once (not in a function, not for type checkers alone)."""

    def walk(node: ast.AST, at_once: bool) -> Iterator[tuple[str, bool]]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                yield from ((alias.name.partition(".")[0], at_once) for alias in child.names)
            elif isinstance(child, ast.ImportFrom) and not child.level:
                yield (child.module or "").partition(".")[0], at_once
            later = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef) or (
                isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
            )
            yield from walk(child, at_once and not later)

    return walk(ast.parse(path.read_text(encoding="utf-8")), at_once=True)


def test_an_import_is_of_a_declared_dependency():
    """A module imports at once what is surely there, within a function what some extra brings, never what only another asked for."""
    distributions = packages_distributions()
    ours = {room.partition("/")[0] for room in ROOMS}
    names = {extra: {canonicalize_name(each.name) for each in licences.direct(extra)} for extra in ("", *EXTRAS)}
    names["dev"] |= set().union(*names.values())
    declared = {room: names[""].union(*(names[extra] for extra in extras)) for room, extras in ROOMS.items()}
    offences = []
    for path in sorted(path for folder in ours for path in (ROOT / folder).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        room = max((room for room in ROOMS if place.startswith(room)), key=len)
        for package, at_once in imports(path):
            if package in sys.stdlib_module_names | ours or (place == SUPERSET[0] and package in SUPERSET[1]):
                continue
            known = {canonicalize_name(each) for each in distributions.get(package, [package])}
            if not known & (declared[room] if at_once else names["dev"]):
                offences.append(f"{place} imports {package}")
    assert not offences, "\n".join([*offences, "declare them in pyproject.toml, in the extra of the room; then make lock"])


def test_the_base_alone_deploys(book_database: URL):
    """A release pipeline that installs rently_db without extras goes up and back: nothing on that way needs what an extra brings."""
    present = licences.brought_by("") | {licences.PROJECT}
    absent = [name for name, sources in packages_distributions().items() if present.isdisjoint(map(canonicalize_name, sources))]
    assert {"rich", "typer", "pglast", "yaml", "pytest"} <= set(absent)
    code = f"""
import sys
from alembic.config import main

sys.modules.update(dict.fromkeys({absent!r}))
main(["upgrade", "head"])
main(["downgrade", "v0"])
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env={ENVIRONMENT_VARIABLE: plain(book_database), "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert rows(book_database, "SELECT version_num FROM ops.alembic_version") == [("v0",)]
