"""What PostgreSQL's own parser sees in an entity: the names it uses, the columns it gives.

Needs pglast (the extras ``cli`` and ``freeze``): for those who look and those who freeze, never for a deployment.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from pglast import ast, parse_plpgsql, parse_sql, split
from pglast.parser import ParseError
from pglast.visitors import Visitor

from rently_db.sql.catalog import KINDS, RULE_COLUMNS, Entity
from rently_db.sql.header import HeaderError

SCRIPT = "script"
"""The kind of a statement file that a revision deploys between the entities: after all that it uses and the triggers, before the views."""

_PLACEHOLDER = re.compile(r":(?:low|high|slice)\b")
_DECLARED = re.compile(r"^\s*\w+\s+(?:CONSTANT\s+)?(\w+)\.(\w+)(?:\.\w+%TYPE|%ROWTYPE)?\s*(?:\[\s*\]\s*)?(?:;|:=|NOT NULL)", re.MULTILINE)
_SCHEMA = re.compile(r"\b(analytics|ops)\.")
_ROWS = re.compile(r"((?:[(,]|^)\s*\w+ +(?:CONSTANT +)?)\w+\.\w+ *\[ *\]", re.MULTILINE)
_INNER = re.compile(r"\bpublic\.(\w+?)__in__")


@dataclass(frozen=True, slots=True)
class References:
    """The qualified names that a piece of SQL uses; ``bare`` are relations named without a schema that no CTE explains."""

    relations: frozenset[str] = frozenset()
    functions: frozenset[str] = frozenset()
    bare: frozenset[str] = frozenset()

    def __or__(self, other: References) -> References:
        return References(self.relations | other.relations, self.functions | other.functions, self.bare | other.bare)


class _Names(Visitor):
    def __init__(self) -> None:
        self.relations: set[str] = set()
        self.functions: set[str] = set()
        self.bare: set[str] = set()
        self.ctes: set[str] = set()

    def visit_RangeVar(self, ancestors: Any, node: ast.RangeVar) -> None:  # noqa: ARG002, N802
        if node.schemaname:
            self.relations.add(f"{node.schemaname}.{node.relname}")
        elif node.relname:
            self.bare.add(node.relname)

    def visit_CommonTableExpr(self, ancestors: Any, node: ast.CommonTableExpr) -> None:  # noqa: ARG002, N802
        self.ctes.add(str(node.ctename))

    def visit_FuncCall(self, ancestors: Any, node: ast.FuncCall) -> None:  # noqa: ARG002, N802
        self._function(node.funcname or ())

    def visit_CreateTrigStmt(self, ancestors: Any, node: ast.CreateTrigStmt) -> None:  # noqa: ARG002, N802
        self._function(node.funcname or ())

    def visit_TypeName(self, ancestors: Any, node: ast.TypeName) -> None:  # noqa: ARG002, N802
        # A table's or view's row type has its name.
        names = [part.sval for part in node.names or ()]
        if len(names) > 1 and names[0] != "pg_catalog":
            self.relations.add(".".join(names[:2]))

    def _function(self, parts: Iterable[Any]) -> None:
        names = [part.sval for part in parts]
        if len(names) == 2 and names[0] != "pg_catalog":
            self.functions.add(".".join(names))

    def found(self) -> References:
        return References(frozenset(self.relations), frozenset(self.functions), frozenset(self.bare - self.ctes))


def references_of(sql: str) -> References:
    """What plain SQL uses."""
    names = _Names()
    names(parse_sql(sql))
    return names.found()


def references(entity: Entity) -> References:
    """What an entity uses, its body included.

    Raises:
        HeaderError: PostgreSQL can't parse it; the message names file and line.
    """
    found = References()
    for statement in entity.statements:
        try:
            found |= references_of(_PLACEHOLDER.sub("NULL", statement) if entity.kind == SCRIPT else statement)
            if entity.kind == "function":
                found |= _body(entity.sql)
        except ParseError as error:
            # Of a body the parser knows no place in the file: there the line is that of the statement.
            position = error.args[1] if len(error.args) > 1 and isinstance(error.args[1], int) and entity.kind != "function" else 0
            raise HeaderError(f"{entity.path}:{_line_at(entity, statement, position)}: {error.args[0]}") from error
    own = {entity.qualified}
    return References(found.relations - own, found.functions - own, found.bare)


def _line_at(entity: Entity, statement: str, position: int) -> int:
    """The line of the file in which a place of one of its statements is."""
    text = entity.path.read_text(encoding="utf-8")
    return text[: max(text.find(statement), 0) + position].count("\n") + 1


def _statement(sql: str) -> Any:
    """The only statement of a text, parsed; pglast's types say of every field that it may be missing."""
    (raw,) = parse_sql(sql)
    return raw.stmt


def _body(sql: str) -> References:
    """What a function's body uses."""
    options = {option.defname: option.arg for option in _statement(sql).options}
    language = options["language"].sval
    body = options["as"][0].sval
    if language == "sql":
        return references_of(body)
    if language != "plpgsql":
        return References()
    found = References(frozenset(f"{schema}.{name}" for schema, name in _DECLARED.findall(body)))
    # The parser of plpgsql knows types of schema public only, and no arrays of rows: what they stand for here does not matter.
    readable = _ROWS.sub(r"\1text[]", sql)
    readable = _SCHEMA.sub(r"public.\1__in__", readable)
    for query, mode in _queries(parse_plpgsql(readable)):
        statement = _INNER.sub(r"\1.", query)
        # Modes of the parser: 0 is a statement, 2 an expression, from 3 on an assignment.
        expression = re.split(r":?=", statement, maxsplit=1)[1] if mode > 2 else statement
        found |= references_of(statement if mode == 0 else f"SELECT {expression}")
    # In a body a name without a schema may be a variable or a temporary table.
    return References(found.relations, found.functions)


def _queries(node: Any) -> Iterator[tuple[str, int]]:
    if isinstance(node, dict):
        if "PLpgSQL_expr" in node:
            expression = node["PLpgSQL_expr"]
            yield expression["query"], expression.get("parseMode", 0)
        for value in node.values():
            yield from _queries(value)
    elif isinstance(node, list):
        for value in node:
            yield from _queries(value)


def columns(entity: Entity) -> list[str]:
    """The columns of a table, view or materialized view, as its SQL gives them.

    Raises:
        HeaderError: a view gives ``*`` or a column without a name.
    """
    statement = _statement(entity.sql)
    if entity.kind == "table":
        return [str(item.colname) for item in statement.tableElts if isinstance(item, ast.ColumnDef)]
    query = statement.query
    while query.larg is not None:
        query = query.larg
    names = []
    for target in query.targetList:
        name = target.name
        last = target.val.fields[-1] if isinstance(target.val, ast.ColumnRef) and target.val.fields else None
        if name is None and isinstance(last, ast.String):
            name = last.sval
        if name is None:
            line = _line_at(entity, entity.sql, max(target.location or 0, 0))
            raise HeaderError(f"{entity.path}:{line}: every column of {entity.qualified} needs a name; write AS, and no *")
        names.append(name)
    return names


def check(entity: Entity) -> None:
    """Hold an entity against what the parser sees: its statements, its columns, its names.

    Raises:
        HeaderError: the header describes other columns than the SQL gives, a relation is named without its schema, a kept table uses
            what a downgrade drops, or a semicolon in the midst of a statement ends a line.
    """
    if KINDS[entity.kind].several and len(split(";\n".join(entity.statements))) != len(entity.statements):
        raise HeaderError(f"{entity.path}:1: each statement must end with a semicolon that ends its line, and no other line may end so")
    if not KINDS[entity.kind].named:
        return
    used = references(entity)
    if used.bare:
        raise HeaderError(f"{entity.path}:1: {', '.join(sorted(used.bare))}: name relations with their schema")
    if entity.kind == "rule":
        _check_rule(entity)
        return
    if entity.header.kept and used.functions:
        raise HeaderError(f"{entity.path}:1: a kept table outlives {', '.join(sorted(used.functions))}: it can't use functions of ours")
    given, described = columns(entity), [name for name, _ in entity.header.columns]
    problems = [f"has no line for column {name}" for name in given if name not in described]
    problems += [f"describes column {name}, which is not there" for name in described if name not in given]
    if problems:
        raise HeaderError(f"{entity.path}:1: the header {'; '.join(problems)}")


def _check_rule(entity: Entity) -> None:
    wanted = list(RULE_COLUMNS)
    given = columns(entity)
    if given not in (wanted, wanted[:2]):
        raise HeaderError(f"{entity.path}:1: a rule gives {', '.join(wanted[:2])}, and {wanted[2]} if rows differ; not {', '.join(given)}")
