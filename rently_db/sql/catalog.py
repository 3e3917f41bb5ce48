"""Load entity files. Path is identity: the folder gives an entity's kind, schema or table, the file its name.

    tables/<area>/<name>.sql      functions/<area>/<name>.sql    triggers/<table>/<name>.sql
    views/<area>/<name>.sql       matviews/<area>/<name>.sql     seeds/<area>.sql     rules/<type>/<name>.sql
    grants/<role>.sql

The same layout below ``rently_db/sql`` (what is meant today) and below ``migrations/sql/<revision>`` (what that revision deploys).
Nothing here needs a SQL parser: revisions are deployed without one. Who depends on whom says ``depends``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from rently_db.sql.header import Header, HeaderError, split_header

LIVE = Path(__file__).parent
"""The live SQL, of which ``rently-db freeze`` makes a revision's frozen copy."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of entity: its name, its folder, how COMMENT ON and DROP call it, and what its first statement looks like."""

    name: str
    folder: str
    keyword: str
    statement: re.Pattern[str]
    several: bool = False
    """More statements may follow: indexes, partitions, further inserts. Each ends with a semicolon that ends its line."""

    @property
    def relation(self) -> bool:
        """Whether it has columns, and so the long header."""
        return self.name in {"table", "view", "matview"}

    @property
    def named(self) -> bool:
        """Whether other statements can read from it: a relation, or a rule, whose columns are always the same."""
        return self.relation or self.name == "rule"


_NAMED = r"(?P<schema>\w+)\.(?P<name>\w+)"
KINDS = {
    kind.name: kind
    for kind in (
        Kind("seed", "seeds", "", re.compile(r"INSERT INTO (?P<schema>\w+)\.(?P<table>\w+)"), several=True),
        Kind("table", "tables", "TABLE", re.compile(rf"CREATE TABLE {_NAMED}\s*\("), several=True),
        Kind("function", "functions", "FUNCTION", re.compile(rf"CREATE FUNCTION {_NAMED}\((?P<arguments>(?:[^()]|\([^()]*\))*)\)")),
        Kind("view", "views", "VIEW", re.compile(rf"CREATE VIEW {_NAMED}\s+AS\s")),
        Kind("rule", "rules", "VIEW", re.compile(r"CREATE VIEW (?P<schema>ops)\.rule_(?P<name>\w+)\s+AS\s")),
        Kind("grant", "grants", "", re.compile(r"(?:GRANT|REVOKE|ALTER DEFAULT PRIVILEGES)\s"), several=True),
        Kind("matview", "matviews", "MATERIALIZED VIEW", re.compile(rf"CREATE MATERIALIZED VIEW {_NAMED}\s+AS\s"), several=True),
        Kind(
            "trigger",
            "triggers",
            "TRIGGER",
            re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (?P<name>\w+) .*? ON (?P<schema>\w+)\.(?P<table>\w+)", re.DOTALL),
        ),
    )
}
"""In the order of deployment, as far as nothing depends on what comes later."""
_FOLDERS = {kind.folder: kind for kind in KINDS.values()}
_WITHOUT_AREA = frozenset({"seed", "grant"})
"""Kinds whose files stand in their folder itself."""

_AREAS = {"ids": "public", "analytics": "analytics", "state": "analytics", "fx": "analytics"}
"""Functions are in schema ``ops``, but for these areas."""
_OPS_AREAS = frozenset({"validation", "monitoring", "audit", "access"})
"""Tables and views are in schema ``analytics``, but for these areas."""
VIEWS = frozenset({"view", "matview", "rule"})
"""Kinds that are views to PostgreSQL."""
RULE_COLUMNS = {
    "id": "The row that offends, by its id",
    "detail": "What was found",
    "severity": "fail, warning or info, where rows of one rule differ",
}
"""What a rule gives: the first two, and the third if it says so."""


@dataclass(frozen=True, slots=True)
class Entity:
    """What one file describes.

    ``kind`` is a key of ``KINDS``. ``table`` is a trigger's table, ``arguments`` a function's declared arguments. ``sql`` is the statement
    that creates it (of a seed: the first); ``more`` are the statements that follow: indexes, partitions, further inserts.
    """

    kind: str
    schema: str
    name: str
    table: str
    arguments: str
    header: Header
    sql: str
    path: Path
    more: tuple[str, ...] = field(default=())

    @property
    def statements(self) -> tuple[str, ...]:
        """All statements of the file, in order."""
        return (self.sql, *self.more)

    @property
    def file(self) -> str:
        """The path below the live or frozen folder, e.g. ``views/risk/par.sql``: the same in both."""
        depth = 2 if self.kind in _WITHOUT_AREA else 3 if self.kind in KINDS else 1
        return PurePosixPath(*self.path.parts[-depth:]).as_posix()

    @property
    def qualified(self) -> str:
        """How SQL names it; a trigger with its table, as no schema has triggers."""
        return f"{self.table}.{self.name}" if self.kind == "trigger" else f"{self.schema}.{self.name}"

    @property
    def target(self) -> str:
        """How COMMENT ON and DROP name it."""
        keyword = KINDS[self.kind].keyword
        if self.kind == "trigger":
            return f"TRIGGER {self.name} ON {self.schema}.{self.table}"
        signature = f"({', '.join(argument_types(self.arguments))})" if self.kind == "function" else ""
        return f"{keyword} {self.schema}.{self.name}{signature}"


def argument_types(arguments: str) -> Iterator[str]:
    """The types of a function's input arguments, each of which has a name: what tells overloads apart."""
    without_texts = re.sub(r"'(?:[^']|'')*'", "''", arguments)
    for argument in re.split(r",(?![^(]*\))", without_texts):
        words = re.split(r"\s+DEFAULT\s|\s*=", argument.strip(), maxsplit=1, flags=re.IGNORECASE)[0].split(None, 1)
        if words and words[0].upper() in {"IN", "INOUT", "OUT", "VARIADIC"}:
            mode, words = words[0].upper(), words[1].split(None, 1)
            if mode == "OUT":
                continue
        if words:
            yield words[1]


def load_entity(path: Path) -> Entity:
    """Read one file.

    Raises:
        HeaderError: the header is wrong, or the SQL creates something else than the path says.
    """
    flat = {KINDS[name].folder for name in _WITHOUT_AREA}
    kind = _FOLDERS.get(path.parent.name if path.parent.name in flat else path.parent.parent.name)
    if kind is None:
        raise HeaderError(f"{path}: stands in none of the folders {', '.join(f'{folder}/' for folder in _FOLDERS)}")
    text = path.read_text(encoding="utf-8")
    header, sql = split_header(text, path, relation=kind.relation, table=kind.name == "table", rule=kind.name == "rule")
    name, folder = path.name.partition(".")[0], path.parent.name
    statements = tuple(split_statements(sql)) if kind.several else (sql,)
    match = kind.statement.match(statements[0])
    line = text[: text.find(sql)].count("\n") + 1 if sql else text.count("\n") + 1
    if kind.name == "trigger":
        if match is None or (match["name"], match["table"]) != (name, folder):
            raise HeaderError(f"{path}:{line}: must create trigger {name} on {folder}, as its path says")
        return Entity(kind.name, match["schema"], name, folder, "", header, sql, path)
    if kind.name == "seed":
        if match is None:
            raise HeaderError(f"{path}:{line}: must begin with INSERT INTO <schema>.<table>")
        return Entity(kind.name, match["schema"], name, "", "", header, statements[0], path, statements[1:])
    if kind.name == "grant":
        if match is None:
            raise HeaderError(f"{path}:{line}: must begin with GRANT, REVOKE or ALTER DEFAULT PRIVILEGES")
        return Entity(kind.name, "ops", name, "", "", header, statements[0], path, statements[1:])
    schema = _schema(kind, folder)
    given = f"rule_{name}" if kind.name == "rule" else name
    if match is None or (match["schema"], match["name"]) != (schema, name):
        raise HeaderError(f"{path}:{line}: must create {kind.keyword.lower()} {schema}.{given}, as its path says")
    if header.kept and (found := re.search(r"\bREFERENCES\b", sql)):
        line += sql[: found.start()].count("\n")
        raise HeaderError(f"{path}:{line}: a kept table has no foreign keys: set aside, it would still guard the tables of v0")
    arguments = match["arguments"] if kind.name == "function" else ""
    return Entity(kind.name, schema, given, "", arguments, header, statements[0], path, statements[1:])


def _schema(kind: Kind, area: str) -> str:
    """The schema of what stands in a folder."""
    if kind.name == "function":
        return _AREAS.get(area, "ops")
    return "ops" if kind.name == "rule" or area in _OPS_AREAS else "analytics"


def split_statements(sql: str) -> Iterator[str]:
    """The statements of a file: each ends with a semicolon that ends its line, as ``parsed.check`` verifies."""
    for statement in re.split(r";[ \t]*(?=\n)", sql):
        stripped = statement.strip()
        if stripped:
            yield stripped


def load_catalogue(root: Path = LIVE) -> list[Entity]:
    """Every entity below a folder, by kind in the order of ``KINDS``, each kind by path.

    Raises:
        HeaderError: a file is wrong, or two describe the same thing.
    """
    entities = [load_entity(path) for kind in KINDS.values() for path in sorted((root / kind.folder).rglob("*.sql"))]
    seen: dict[str, Entity] = {}
    for entity in entities:
        # Tables and views share their names; a function may have a variant for each server.
        name = (
            f"relation {entity.qualified}" if KINDS[entity.kind].named else entity.file if entity.kind in _WITHOUT_AREA else entity.target
        )
        former = seen.setdefault(name, entity)
        if former is not entity and (entity.header.servers is None or entity.kind != "function"):
            raise HeaderError(f"{entity.path}:1: {former.file} describes {entity.qualified} already")
    return entities


def for_server(entities: Iterable[Entity], server_version: int) -> list[Entity]:
    """Those meant for a server of that ``server_version_num``."""
    return [e for e in entities if e.header.servers is None or e.header.servers[0] <= server_version <= e.header.servers[1]]
