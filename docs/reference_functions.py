"""The pages of docs/reference/functions, one for each area, and docs/reference/upkeep.md: from the headers of the SQL, and the grants."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from docs.pieces import cell, code, sentence, table
from docs.reference_tables import MARK
from rently_db.sql.catalog import KINDS, Entity, argument_types, load_catalogue

AREAS = {
    "migration": "The way back, from SQL",
    "validation": "Rules: checking, reporting, exempting",
    "selftest": "Self-tests",
    "monitoring": "Monitoring: health, alerts, metrics, schedules",
    "upkeep": "Upkeep of the analytics: what is slow, bloated or missing",
    "access": "Roles and rights",
    "audit": "The audit",
    "analytics": "What the figures are computed with",
    "state": "The state of each loan, and its snapshots",
    "fx": "Exchange rates",
    "ids": "Ids",
    "guards": "Triggers that refuse",
    "history": "Triggers that record the status",
    "bridges": "Triggers that complete what v0 applications write",
    "journal": "The journal of repairs",
}
"""The folders, in the order of the index: first what people call."""

_RETURNS = re.compile(
    r"\)\s*RETURNS\s+(?P<type>TABLE\s*\(.*?\)\s*(?=LANGUAGE)|.*?)\s*LANGUAGE\s+(?P<language>\w+)\s*(?P<how>.*?)AS \$", re.DOTALL
)
_COMMENT = re.compile(r"COMMENT ON (?P<kind>TABLE|FUNCTION) ops\.(?P<name>\w+)(?:\([^)]*\))? IS\s+'(?P<text>(?:[^']|'')*)'")
_KIT = Path(__file__).resolve().parents[1] / "migrations" / "sql" / "v0"
"""What the migration itself deploys to remember and to ask; no catalogue has it."""
_GRANT = re.compile(r"GRANT EXECUTE ON FUNCTION (?P<functions>.*) TO\s+(?P<role>\w+)", re.DOTALL)
_SERVER = 10_000
_NEWEST = 999_999


@cache
def functions() -> dict[str, list[Entity]]:
    """The functions of each area, by name."""
    found: defaultdict[str, list[Entity]] = defaultdict(list)
    for entity in load_catalogue():
        if entity.kind == "function":
            found[entity.path.parent.name].append(entity)
    return {area: sorted(found[area], key=lambda entity: (entity.qualified, entity.path)) for area in sorted(found, key=list(AREAS).index)}


@cache
def executors() -> dict[str, list[str]]:
    """The roles that each function is granted to, by its name and types."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for entity in load_catalogue():
        for statement in entity.statements if entity.kind == "grant" else ():
            if granted := _GRANT.search(" ".join(statement.split())):
                for signature in re.findall(r"[\w.]+\([^)]*\)", granted["functions"]):
                    found[signature].append(granted["role"])
    return {signature: sorted(roles) for signature, roles in found.items()}


def signature(entity: Entity) -> str:
    """How a grant names the function."""
    return f"{entity.qualified}({', '.join(argument_types(entity.arguments))})"


def pages() -> dict[str, str]:
    """All pages, by file name."""
    found = {f"functions/{area}.md": "\n".join(_page(area)) + "\n" for area in functions()}
    return {**found, "functions/index.md": "\n".join(_index()) + "\n", "upkeep.md": "\n".join(_upkeep()) + "\n"}


def _index() -> Iterator[str]:
    yield from ("# Functions", "", MARK, "")
    yield "Every function of the database at head, by area. PUBLIC may call those of `public`, and none of `analytics` and `ops`;"
    yield "who may call a function stands with it. Readers of the views of `analytics` may call all of `analytics` that change nothing."
    for area, entities in functions().items():
        yield from ("", f"## [{AREAS[area]}]({area}.md)")
        yield from table(
            ("function", "does"),
            ((f"[{entity.qualified}]({area}.md#{anchor(entity)})", cell(entity.header.description)) for entity in _first(entities)),
        )


def _first(entities: list[Entity]) -> list[Entity]:
    """Of a function with a file for each range of servers the first."""
    return list({entity.qualified: entity for entity in reversed(entities)}.values())[::-1]


def anchor(entity: Entity) -> str:
    """The heading of a function, as its page has it."""
    return entity.qualified.replace(".", "")


def _page(area: str) -> Iterator[str]:
    yield from (f"# {AREAS[area]}", "", MARK)
    entities = functions()[area]
    if area == "migration":
        yield from _before_v1()
    for first in _first(entities):
        yield from _section([entity for entity in entities if entity.qualified == first.qualified])


def _section(entities: list[Entity]) -> Iterator[str]:
    """A function; one with a file for each range of servers says what differs."""
    entity = entities[0]
    found = _RETURNS.search(re.sub(r"--.*", "", entity.sql))
    assert found, entity.path
    yield from ("", f"## {entity.qualified}", "")
    if len(entities) == 1:
        yield sentence(cell(entity.header.description).replace("\\|", "|"))
    else:
        yield from (f"- {_servers(each.header.servers)}: {each.header.description}." for each in entities if each.header.servers)
    yield from _signature(entity.qualified, entity.arguments, found["type"])
    yield from table(("", ""), _facts(entities, found))


def _signature(name: str, arguments: str, returned: str) -> Iterator[str]:
    yield from ("", "```text", f"{name}({' '.join(arguments.split())})", f"returns {_returned(returned)}", "```")


def _before_v1() -> Iterator[str]:
    """The function that is there at v0 already, written by the upgrade to it."""
    text = (_KIT / "preflight.sql").read_text(encoding="utf-8")
    made = re.search(
        r"CREATE OR REPLACE FUNCTION (?P<name>ops\.\w+)\((?P<arguments>[^)]*)\)\s*RETURNS\s+(?P<type>TABLE \(.*?\n\))", text, re.DOTALL
    )
    assert made
    about = next(found["text"] for found in _COMMENT.finditer(text) if found["kind"] == "FUNCTION")
    yield from ("", f"## {made['name']}", "", sentence(about.replace("''", "'")))
    yield from _signature(made["name"], made["arguments"], made["type"])
    roles = executors()[f"{made['name']}({', '.join(argument_types(made['arguments']))})"]
    yield from table(
        ("", ""),
        (("may be called by", ", ".join(map(code, roles))), ("source", "[preflight.sql](../../../migrations/sql/v0/preflight.sql)")),
    )


def _servers(range_: tuple[int, int]) -> str:
    low, high = range_[0] // _SERVER, range_[1] // _SERVER
    return f"PostgreSQL {low} or newer" if range_[1] == _NEWEST else f"PostgreSQL {low}" if low == high else f"PostgreSQL {low} to {high}"


def _returned(type_: str) -> str:
    return " ".join(type_.split()).replace("( ", "(").replace(" )", ")")


def _facts(entities: list[Entity], found: re.Match[str]) -> Iterator[tuple[str, str]]:
    entity = entities[0]
    if found["type"].strip() == "trigger":
        triggers = [each for each in load_catalogue() if each.kind == "trigger" and f"EXECUTE FUNCTION {entity.qualified}(" in each.sql]
        yield "called by", ", ".join(code(each.qualified) for each in triggers) or "triggers that the migration or a function makes"
    else:
        yield "may be called by", _callers(entity)
    if "SECURITY DEFINER" in found["how"]:
        yield "runs as", "its owner, whoever calls it"
    yield "owner", entity.header.owner
    yield "source", ", ".join(f"[{each.file}](../../../rently_db/sql/{each.file})" for each in entities)


def _callers(entity: Entity) -> str:
    roles = executors().get(signature(entity), [])
    if entity.schema == "public":
        return "everybody"
    named = ", ".join(code(role) for role in roles) or "the owner of the tables only"
    readers = entity.schema == "analytics" and re.search(r"\b(STABLE|IMMUTABLE)\b", entity.sql)
    return f"{named}, and whoever may read a view of `analytics`" if readers else named


def _upkeep() -> Iterator[str]:
    yield from ("# Tables of analytics and ops", "", MARK, "")
    yield "Kept by triggers, functions and `rently-db run-due`; nobody else writes them. Each has a page with its columns."
    for schema in ("analytics", "ops"):
        rows = sorted((e for e in load_catalogue() if KINDS[e.kind].name == "table" and e.schema == schema), key=lambda e: e.name)
        yield from ("", f"## Schema {schema}")
        yield from table(
            ("table", "holds", "one row per", "key", "owner", "a downgrade"),
            (
                (
                    f"[{e.name}](../views/{e.name}.md)",
                    cell(e.header.description),
                    cell(e.header.grain),
                    code(", ".join(e.header.key)),
                    e.header.owner,
                    "sets it aside" if e.header.kept else "drops it",
                )
                for e in rows
            ),
        )
    yield from ("", "## What the migration remembers", "", "In schema `ops`, too, from `v0` on; a downgrade to `v0` leaves them.")
    text = "".join((_KIT / name).read_text(encoding="utf-8") for name in ("ops.sql", "preflight.sql"))
    kept = sorted((each["name"], each["text"]) for each in _COMMENT.finditer(text) if each["kind"] == "TABLE")
    yield from table(("table", "holds"), ((code(name), cell(about.replace("''", "'"))) for name, about in kept))
