"""Load entity files. Path is identity: the folder gives a function's area or a trigger's table, the file its name."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from rently_db.sql.header import Header, HeaderError, split_header

LIVE = Path(__file__).parent
"""The live SQL, of which ``freeze`` makes a revision's frozen copy."""

_AREA_SCHEMA = {"ids": "public"}
"""Functions are in schema ``ops``, but for these areas."""

_FUNCTION = re.compile(r"CREATE FUNCTION (?P<schema>\w+)\.(?P<name>\w+)\((?P<arguments>[^)]*)\)")
_TRIGGER = re.compile(r"CREATE (?:CONSTRAINT )?TRIGGER (?P<name>\w+) .*? ON (?P<schema>\w+)\.(?P<table>\w+)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Entity:
    """A function or trigger as its file describes it. For a function ``table`` is empty and ``arguments`` its declared arguments."""

    kind: str
    schema: str
    name: str
    table: str
    arguments: str
    header: Header
    sql: str
    path: Path

    @property
    def target(self) -> str:
        """How COMMENT ON and DROP name it."""
        if self.kind == "trigger":
            return f"TRIGGER {self.name} ON {self.schema}.{self.table}"
        types = ", ".join(argument.strip().split(" ", 1)[1] for argument in self.arguments.split(",") if argument.strip())
        return f"FUNCTION {self.schema}.{self.name}({types})"


def load_entity(path: Path) -> Entity:
    """Read one file.

    Raises:
        HeaderError: the header is wrong, or the SQL creates something else than the path says.
    """
    header, sql = split_header(path.read_text(encoding="utf-8"), path)
    name, folder = path.name.partition(".")[0], path.parent.name
    if path.parent.parent.name == "triggers":
        match = _TRIGGER.match(sql)
        if match is None or (match["name"], match["table"]) != (name, folder):
            raise HeaderError(f"{path}: must create trigger {name} on {folder}, as its path says")
        return Entity("trigger", match["schema"], name, folder, "", header, sql, path)
    match = _FUNCTION.match(sql)
    schema = _AREA_SCHEMA.get(folder, "ops")
    if match is None or (match["schema"], match["name"]) != (schema, name):
        raise HeaderError(f"{path}: must create function {schema}.{name}, as its path says")
    return Entity("function", schema, name, "", match["arguments"], header, sql, path)


def load_catalogue(root: Path = LIVE) -> list[Entity]:
    """Every entity below a folder, functions before the triggers that call them, each kind by path."""
    files = [*sorted((root / "functions").rglob("*.sql")), *sorted((root / "triggers").rglob("*.sql"))]
    return [load_entity(path) for path in files]


def for_server(entities: list[Entity], server_version: int) -> list[Entity]:
    """Those meant for a server of that ``server_version_num``."""
    return [e for e in entities if e.header.servers is None or e.header.servers[0] <= server_version <= e.header.servers[1]]
