"""What the house asks of every file. A message says what was found, where, and how to mend it.

Others hold the rest: ruff (docstrings, imports, complexity), ``tests/models`` (a comment on every table and column, money's checks),
``tests/sql`` (headers of SQL, a meaning for every column).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import CheckConstraint, ForeignKeyConstraint, UniqueConstraint

from rently_db.models.base import NAMING_CONVENTION, metadata
from rently_db.sql.catalog import Entity, load_catalogue
from tests.house.source import PACKAGE, PYTHON, ROOT, imports, module, shown, tree
from tests.models.test_models import PINNED_CHECKS, name_of

LONGEST_FILE = 400
LONGEST_SQL = {"view": 150, "matview": 150, "function": 150, "rule": 100}
LONGER = {
    "functions/monitoring/get_system_health_overview.sql": "eight areas of one table of health, each a few lines",
    "views/base/loan_state_live.sql": "all columns of a loan's state once maintained and once computed, in one order",
    "views/collections/v_collections_worklist.sql": "a collector's row: forty columns, most of them a look-up each",
    "rules/data_quality/currency_code_known.sql": "one branch for each column that holds a currency",
}
"""SQL file -> why it is longer than the house allows."""

MONEY = r"(?:amount|principal|balance|outstanding|money|cash|fee|penalty|interest_due|price|limit_amount)"
"""Names under which money goes."""

LAYERS: dict[str, tuple[str, ...]] = {
    "rently_db.models": ("rently_db.models",),
    "rently_db.sql": ("rently_db.sql", "rently_db.models", "rently_db.migrate", "rently_db.packaged"),
}
"""Package -> what of the project it may import."""
ABOVE = {
    "rently_db.migrate": ("rently_db.cli", "rently_db.operations", "rently_db.synth", "rently_db.demo", "rently_db.dashboards"),
    "rently_db.operations": ("rently_db.cli", "rently_db.demo"),
    "rently_db.lending": ("rently_db.cli", "rently_db.operations", "rently_db.migrate", "rently_db.synth"),
}
"""Package -> what stands above it, and is not imported by it."""


@pytest.mark.parametrize("path", PYTHON, ids=shown)
def test_a_file_can_be_read_in_one_go(path: Path):
    """No module is longer than 400 lines: a reader keeps it in mind as a whole."""
    lines = len(path.read_text(encoding="utf-8").splitlines())
    assert lines <= LONGEST_FILE, f"{shown(path)} has {lines} lines, {LONGEST_FILE} are allowed: divide it by what it is about"


def handwritten(entity: Entity) -> bool:
    """Whether somebody reads it who may change it."""
    return entity.kind in LONGEST_SQL and "-- generated:" not in entity.path.read_text(encoding="utf-8")


@pytest.mark.parametrize("entity", [entity for entity in load_catalogue() if handwritten(entity)], ids=lambda entity: entity.file)
def test_a_view_or_function_is_short(entity: Entity):
    """A definition of a figure stays as long as somebody can check: 150 lines below the header, a rule 100."""
    lines = sum(len(statement.splitlines()) for statement in entity.statements)
    most = LONGEST_SQL[entity.kind]
    assert lines <= most or entity.file in LONGER, (
        f"{shown(entity.path)}: {lines} lines of SQL, {most} are allowed for a {entity.kind}: let a view of its own compute a part of it"
    )


def floats(path: Path) -> Iterator[tuple[int, str]]:
    """Where a file makes a float of money: lines, and what stands there."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "float":
            text = ", ".join(ast.unparse(argument) for argument in node.args)
            if re.search(rf"\b\w*{MONEY}\w*\b", text):
                yield node.lineno, f"float({text})"
        elif isinstance(node, ast.arg | ast.AnnAssign) and node.annotation is not None:
            name = node.arg if isinstance(node, ast.arg) else ast.unparse(node.target)
            if re.search(MONEY, name) and re.search(r"\bfloat\b", ast.unparse(node.annotation)):
                yield node.lineno, f"{name}: {ast.unparse(node.annotation)}"


@pytest.mark.parametrize("path", [path for path in PYTHON if path.is_relative_to(PACKAGE)], ids=shown)
def test_money_is_no_float_in_python(path: Path):
    """0.1 + 0.2 is not 0.3: an amount is a Decimal from where it is read to where it is written."""
    found = [f"{shown(path, line)}: {text}; take decimal.Decimal" for line, text in floats(path)]
    assert found == []


def test_money_is_no_float_in_sql():
    """In SQL an amount is numeric: no view or function makes a double precision of it."""
    found = []
    for path in sorted((PACKAGE / "sql").rglob("*.sql")):
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if re.search(rf"\b\w*{MONEY}\w*(?:::|\s+)(?:double precision|float8|float4|real)\b", line):
                found.append(f"{shown(path, number)}: {line.strip()}; let it be numeric")
    assert found == []


def test_constraints_have_the_names_of_the_convention():
    """Whoever reads an error knows table and column from the constraint's name; only the contract's names are their own."""
    pinned = {line.partition(":")[0] for line in PINNED_CHECKS}
    found = []
    for table in metadata.tables.values():
        for constraint in table.constraints:
            columns = "_".join(column.name for column in constraint.columns) if hasattr(constraint, "columns") else ""
            name = name_of(constraint)
            wanted = name
            if isinstance(constraint, UniqueConstraint | ForeignKeyConstraint):
                form = NAMING_CONVENTION["uq" if isinstance(constraint, UniqueConstraint) else "fk"]
                wanted = form.replace("%(table_name)s", table.name).replace("%(column_0_N_name)s", columns)
            elif isinstance(constraint, CheckConstraint) and name not in pinned and not name.startswith(f"{table.name}_"):
                wanted = f"{table.name}_..."
            if name != wanted:
                found.append(f"{name} on {table.name}: the convention names it {wanted}; leave its name to the convention")
    assert found == []


def test_indexes_begin_as_the_convention_says():
    """An index of columns is found by its table's name; one that is a rule (one of a kind) says the rule."""
    found = [
        f"{index.name} on {table.name}: write Index(None, ...), which makes it ix_{table.name}_...; only what is unique says its rule"
        for table in metadata.tables.values()
        for index in table.indexes
        if not index.unique and not str(index.name).startswith(f"ix_{table.name}_")
    ]
    assert found == []


def test_layers_import_downwards():
    """Models know nothing of migrations, SQL nothing of commands: each layer can be used and read without what stands above it."""
    found = []
    for path in PYTHON:
        name = module(path)
        for package, allowed in LAYERS.items():
            if name.startswith(package):
                found += [
                    f"{shown(path, line)}: {package} imports {imported}; it may import {', '.join(allowed)}"
                    for imported, line in imports(path)
                    if imported.startswith("rently_db") and not imported.startswith(allowed)
                ]
        for package, above in ABOVE.items():
            if name.startswith(package):
                found += [
                    f"{shown(path, line)}: {package} imports {imported}, which stands above it; move what both need below"
                    for imported, line in imports(path)
                    if imported.startswith(above)
                ]
        if name.startswith("rently_db"):
            found += [
                f"{shown(path, line)}: the package imports {imported}, which is not installed with it"
                for imported, line in imports(path)
                if imported.split(".")[0] in ("tests", "docs", "benchmarks")
            ]
    assert found == []


QUERY = re.compile(r"\s*(SELECT\s.+\sFROM\s|SELECT \w+\.\w+\(|INSERT INTO|UPDATE \w+ SET|DELETE FROM|CREATE |ALTER |DROP )", re.DOTALL)
"""How SQL begins."""


def test_commands_hold_no_sql():
    """A command parses, calls and prints: what it asks the database stands where it can be used without a command line."""
    found = [
        f"{shown(path, node.lineno)}: {node.value[:60]!r}; move the query to rently_db/operations"
        for path in sorted((PACKAGE / "cli").rglob("*.py"))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and QUERY.match(node.value)
    ]
    assert found == []


def test_every_test_says_its_fact_and_asserts_it():
    """A test's one-sentence docstring is the fact; a test without it, or without an assertion, holds nothing."""
    found = []
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        helpers = {node.name: node for node in ast.walk(tree(path)) if isinstance(node, ast.FunctionDef)}
        for node in ast.walk(tree(path)):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                if not ast.get_docstring(node):
                    found.append(f"{shown(path, node.lineno)}: {node.name} has no docstring; say in one sentence which fact it holds")
                if not asserts(node, helpers, set()):
                    found.append(f"{shown(path, node.lineno)}: {node.name} asserts nothing; assert the fact of its docstring")
    assert found == []


REFUSES = re.compile(r"raises|warns|assert|refuse|expect|require_|fnmatch_lines|^check$|test_single_head|test_model_definitions")
"""Names of what fails by itself if something is not as it should be: of pytest and its plugins, and of the house's helpers."""


def asserts(node: ast.FunctionDef, helpers: dict[str, ast.FunctionDef], seen: set[str]) -> bool:
    """Whether a test asserts, itself or by a helper of its module."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Assert):
            return True
        if isinstance(inner, ast.Call):
            name = ast.unparse(inner.func).rpartition(".")[2]
            handed_over = [argument.id for argument in inner.args if isinstance(argument, ast.Name)]
            if REFUSES.search(name) or "require_schema" in handed_over:
                return True
            if name in helpers and name not in seen:
                seen.add(name)
                if asserts(helpers[name], helpers, seen):
                    return True
    return False
