"""The statements to try: from pg_stat_statements or from a file, as PREPARE takes them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.util import CommandError
from sqlalchemy import Connection

from rently_db.migrate.baseline import BASELINE
from rently_db.operations.statements import busiest

_PREPARABLE = frozenset({"SelectStmt", "InsertStmt", "UpdateStmt", "DeleteStmt", "MergeStmt"})
# pg_stat_statements writes the constant of date '2026-01-01' as date $1, which is no SQL.
_TYPED_CONSTANT = re.compile(r"\b(date|time|timestamp|timestamptz|interval|numeric|uuid|jsonb?)\s+(\$\d+)", re.IGNORECASE)
# What drivers write for a parameter; a colon after a colon is a cast.
_DRIVERS = re.compile(r"%\((?P<percent>\w+)\)s|(?P<next>%s)|(?<![:\w]):(?P<colon>[a-z_]\w*)")
_OF_SESSIONS = re.compile(r"(savepoint|release|rollback|set|reset|prepare|deallocate|fetch|close)\b", re.IGNORECASE)
_TABLES = re.compile(rf"\b({'|'.join(BASELINE)})\b", re.IGNORECASE)
_LITERAL = re.compile(r"('(?:[^']|'')*')")


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement of an application.

    ``sql`` is what is prepared, None if ``problem`` says why nothing can be. ``copied`` and ``inserted`` are the tables that it copies
    into (or out of) or inserts into without a list of columns, so that columns that v1 adds concern it.
    """

    text: str
    sql: str | None
    problem: str = ""
    inserted: str | None = None
    copied: str | None = None
    copies_in: bool = False


def read_statements(connection: Connection, limit: int) -> list[Statement]:
    """The busiest statements of pg_stat_statements that name a table of v0; what looks at catalogues, as monitoring does, is left out.

    Raises:
        CommandError: pg_stat_statements is not at work, or counted nothing that could be tried.
    """
    counted, missing = busiest(connection, limit)
    if missing:
        raise CommandError(f"{missing} Or give the statements in a file: --statements FILE")
    queries = [statement.query for statement in counted if _TABLES.search(statement.query)]
    return _of(queries, "pg_stat_statements holds no statement that reads or writes rows of v0's tables")


def read_file(path: Path) -> list[Statement]:
    """The statements of a file, UTF-8: separated by semicolons, or without any, one a line.

    Parameters are written $1, %s, %(name)s or :name.

    Raises:
        CommandError: the file can't be read, or holds no statement that could be tried.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise CommandError(f"the file of statements {path} can't be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CommandError(f"the file of statements {path} is not UTF-8: save it as UTF-8") from error
    return _of(_split(text), f"the file {path} holds no statement that reads or writes rows")


def _of(texts: list[str], none: str) -> list[Statement]:
    statements = [statement for text in texts for statement in [understand(text)] if statement is not None]
    if not statements:
        raise CommandError(f"{none}; give statements in a file: --statements FILE")
    return list(dict.fromkeys(statements))


def _split(text: str) -> list[str]:
    pglast = _pglast()
    without_comments = re.sub(r"--[^\n]*", "", text)
    if ";" not in without_comments:
        return [line.strip() for line in without_comments.splitlines() if line.strip()]
    try:
        # The scanner alone: a statement with a syntax error must not hide the others.
        tokens = pglast.parser.scan(text)
    except pglast.Error as error:
        raise CommandError(
            f"the statements can't be told apart: {error.args[0]}; end each with a semicolon, or write one a line"
        ) from error
    parts: list[list[Any]] = [[]]
    for token in tokens:
        if token.name == "ASCII_59":
            parts.append([])
        elif token.name not in {"SQL_COMMENT", "C_COMMENT"}:
            parts[-1].append(token)
    return [text[part[0].start : part[-1].end + 1] for part in parts if part]


def understand(text: str) -> Statement | None:
    """A statement as it can be prepared; None for one that neither reads nor writes rows."""
    pglast = _pglast()
    shown = " ".join(re.sub(r"^\s*--.*$", "", text, flags=re.MULTILINE).split())
    sql = _TYPED_CONSTANT.sub(r"\2::\1", _numbered(text.strip().rstrip("; \n")))
    try:
        parsed = pglast.parse_sql(sql)
    except pglast.Error as error:
        # pg_stat_statements writes SAVEPOINT $1, which is no SQL, and none of our business.
        return None if _OF_SESSIONS.match(shown) else Statement(shown, None, f"not valid SQL by itself: {error.args[0]}")
    if len(parsed) != 1:
        return Statement(shown, None, f"{len(parsed)} statements in one") if parsed else None
    node = parsed[0].stmt
    kind = type(node).__name__
    if kind == "DeclareCursorStmt":
        node, sql = node.query, _printed(node.query)
        kind = type(node).__name__
    if kind == "CopyStmt" and node.relation is not None and node.attlist is None:
        return Statement(shown, None, copied=node.relation.relname, copies_in=bool(node.is_from))
    if kind not in _PREPARABLE or (kind == "SelectStmt" and node.intoClause is not None):
        return None
    inserted = node.relation.relname if kind == "InsertStmt" and node.cols is None and node.selectStmt is not None else None
    return Statement(shown, sql, inserted=inserted)


def _numbered(sql: str) -> str:
    """The drivers' parameters as $1, $2, outside of literals."""
    if re.search(r"\$\d", sql):
        return sql
    names: dict[str, int] = {}

    def number(match: re.Match[str]) -> str:
        name = match["percent"] or match["colon"] or f"%{len(names)}"
        return f"${names.setdefault(name, len(names) + 1)}"

    parts = _LITERAL.split(sql)
    parts[::2] = [_DRIVERS.sub(number, part) for part in parts[::2]]
    return "".join(parts).replace("%%", "%") if names else sql


def _printed(node: Any) -> str:
    from pglast.stream import RawStream

    return str(RawStream()(node))


def _pglast() -> Any:
    try:
        import pglast
    except ModuleNotFoundError as error:
        raise CommandError("compat takes statements apart with pglast; run: pip install 'rently-db[freeze]'") from error
    return pglast
