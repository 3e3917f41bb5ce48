"""Take a generated SQL script apart, the statements inside DO blocks included, for a linter that can't see into them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pglast
from pglast import ast
from pglast.parser import ParseError, parse_plpgsql_json

_UNKNOWN = ("NULL", "CHECK (true)", "FOREIGN KEY (id) REFERENCES public.loan", " ALTER COLUMN id DROP DEFAULT", "")
"""What may stand for a piece of a dynamic statement that is only known when it runs; the first that gives a statement is taken."""


def statements(script: str) -> list[str]:
    """The statements of a psql script, in order; what is in a DO block stands by itself where the block stood.

    Raises:
        ValueError: a dynamic statement in a DO block can't be read.
    """
    without_psql = "\n".join("" if line.startswith("\\") else line for line in script.splitlines())
    return [part.strip() for whole in pglast.split(without_psql, with_parser=False) for part in _unpacked(whole)]


def _unpacked(statement: str) -> Iterator[str]:
    if not re.search(r"^DO\b", statement, re.MULTILINE):
        yield statement
        return
    for kind, node in _nodes(json.loads(parse_plpgsql_json(statement))):
        if kind == "PLpgSQL_stmt_execsql":
            yield node["sqlstmt"]["PLpgSQL_expr"]["query"]
        elif kind == "PLpgSQL_stmt_dynexecute":
            yield _readable(node["query"]["PLpgSQL_expr"]["query"])


def _nodes(tree: Any) -> Iterator[tuple[str, Any]]:
    """Every node of a block, outermost first, in the order of the text."""
    if isinstance(tree, dict):
        for kind, node in tree.items():
            yield kind, node
            yield from _nodes(node)
    elif isinstance(tree, list):
        for node in tree:
            yield from _nodes(node)


def _readable(expression: str) -> str:
    """The statement that a dynamic one amounts to, with something harmless for the pieces known only when it runs."""
    value = pglast.parse_sql(f"SELECT {expression}")[0].stmt.targetList[0].val
    pieces = _pieces(value)
    for unknown in _UNKNOWN:
        text = "".join(unknown if piece is None else piece for piece in pieces)
        try:
            pglast.parse_sql(text)
        except ParseError:
            continue
        return text
    raise ValueError(f"this dynamic statement can't be read: {expression}")


def _pieces(value: Any) -> list[str | None]:
    """The text of an expression, None for what is not known."""
    if isinstance(value, ast.A_Const) and isinstance(value.val, ast.String):
        return [value.val.sval]
    if isinstance(value, ast.A_Expr) and value.name[0].sval == "||":
        return [*_pieces(value.lexpr), *_pieces(value.rexpr)]
    if isinstance(value, ast.FuncCall) and value.funcname[-1].sval == "format":
        return [re.sub(r"%[ILs]", "name", str(piece)) for piece in _pieces(value.args[0])]
    return [None]
