"""The project's files as tests of the house look at them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.support.migrations import ROOT

PACKAGE = ROOT / "rently_db"
PYTHON = sorted(
    path
    for folder in ("rently_db", "docs", "benchmarks", "tests", "migrations")
    for path in (ROOT / folder).rglob("*.py")
    if path.is_file()
)


def shown(path: Path, line: int = 1) -> str:
    """Where something stands, as an editor takes it."""
    return f"{path.relative_to(ROOT).as_posix()}:{line}"


@cache
def tree(path: Path) -> ast.Module:
    """The syntax tree of a file."""
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def module(path: Path) -> str:
    """The dotted name of a file of the package."""
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, inside of functions too, with the line; not what only a type checker reads."""
    for node in _run(tree(path)):
        if isinstance(node, ast.Import):
            yield from ((alias.name, node.lineno) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            package = module(path).split(".") if path.name == "__init__.py" else module(path).split(".")[:-1]
            base = ".".join(package[: len(package) - node.level + 1]) if node.level else ""
            yield ".".join(part for part in (base, node.module or "") if part), node.lineno


def _run(node: ast.AST) -> Iterator[ast.AST]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.If) and "TYPE_CHECKING" in ast.dump(child.test):
            continue
        yield child
        yield from _run(child)
