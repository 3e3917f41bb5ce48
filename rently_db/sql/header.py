"""The header of an entity's file: ``-- key: value`` lines above the SQL. It is the entity's row in the catalogue.

A value may go on in lines that begin with ``--`` and at least three spaces.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"-- (?P<key>[a-z]+|column [a-z_][a-z0-9_]*): (?P<value>\S.*)")
_CONTINUED = re.compile(r"-- {3,}(?P<value>\S.*)")
_REQUIRED = ("owner", "description")
_KNOWN = frozenset({*_REQUIRED, "servers", "generated"})
_RELATION = ("tier", "grain", "key", "refresh")
"""What a table, view or materialized view says besides, with a line for each of its columns."""
_RELATION_MAY = ("personal",)
_RULE = ("severity", "tags", "table", "protects", "mend")
"""What a rule says besides."""
_ALERT = ("alert", "ends", "urgency", "first", "second", "third", "call")
"""What a rule of tag alert says besides: docs/on-call.md is made of it."""
_RULE_MAY = ("column", "constraint", "exempt", "above", "every", *_ALERT)
_COMMAND = ("rently-db ", "SELECT ")
"""How what somebody on call is told to run begins."""
_COLUMN = "column "
_SERVERS = re.compile(r"(?P<low>\d{6})?-(?P<high>\d{6})?")
_VALUES: dict[str, tuple[str, ...]] = {
    "tier": ("T0", "T1", "T2", "T3"),
    "refresh": ("live", "minute", "quarter_hour", "daily"),
    "owner": ("platform", "risk", "finance", "collections", "portfolio", "product", "data_science", "compliance", "treasury"),
    "kept": ("yes", "no"),
    "severity": ("fail", "warning", "info"),
    "alert": ("critical", "high", "medium", "low"),
}
TAGS = ("preflight", "validation", "selftest", "alert", "quality", "critical")
"""What rules are chosen by: asked before a migration, by run_all_validations, by run_all_tests, by the alerts, counted as a metric of
quality, and listed by check_critical_data_issues.

``preflight`` is for rules that read nothing but v0's tables and columns, and that ask more than v1's constraints and declared repairs do:
those are judged before a migration anyhow, from the revisions themselves, and stop it. What a rule finds then is advice, and stops nothing.
"""


class HeaderError(ValueError):
    """A file's header is missing something or says something unknown; the message names file and line."""


@dataclass(frozen=True, slots=True)
class RuleHeader:
    """What the header of a rule says: what an offender means, where it is, how to mend it, and who asks."""

    severity: str
    """fail, warning or info: what a row of the rule is, unless its own column ``severity`` says otherwise."""
    tags: tuple[str, ...]
    table: str
    """The table whose rows offend; its schema only if that is not public."""
    column: str
    protects: str
    mend: str
    alert: str = ""
    """The severity of its incident, if it has tag alert."""
    above: int = 0
    """How many rows are no incident yet."""
    every: str = ""
    """How often the alert asks, as an interval; empty: every minute."""
    constraint: tuple[str, ...] = ()
    """Constraints and unique indexes by name, and triggers as ``table.trigger``, that refuse in v1 what the rule looks for."""
    exempt: str = ""
    """Of a rule of validations: whether an exemption is sensible, as ``yes: when`` or ``no: why``."""
    ends: str = ""
    """Of an alert: what ends its condition."""
    urgency: str = ""
    """Of an alert: how soon somebody must look, and why."""
    commands: tuple[str, ...] = ()
    """Of an alert: the first three commands of whoever is on call, each a query or one of rently-db."""
    call: str = ""
    """Of an alert: whom to call next, and for what."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says.

    ``servers`` is the range of ``server_version_num`` the file is for, both ends inclusive, or None for every server. From ``tier`` on
    the fields are those of tables, views and materialized views; ``columns`` pairs each column with its meaning, in their order.
    """

    owner: str
    description: str
    servers: tuple[int, int] | None = None
    tier: str = ""
    grain: str = ""
    key: tuple[str, ...] = ()
    refresh: str = ""
    columns: tuple[tuple[str, str], ...] = ()
    kept: bool = False
    """Of a table: a downgrade sets it aside with its rows, and the next upgrade takes it back."""
    rule: RuleHeader | None = None
    """Of a rule."""
    personal: tuple[str, ...] = ()
    """Columns that say who somebody is or how to reach him: not for analysts."""


def split_header(text: str, where: Path, *, relation: bool = False, table: bool = False, rule: bool = False) -> tuple[Header, str]:
    """The header and the SQL below it, without the final semicolon.

    ``relation`` asks for all that a table, view or materialized view must say; a ``table`` may say ``kept`` as well; ``rule`` asks for
    what a rule must say.

    Raises:
        HeaderError: a key is missing, unknown or malformed.
    """
    demanded = (*_REQUIRED, *(_RELATION if relation else ()), *(_RULE if rule else ()))
    known = _KNOWN.union(demanded, _RELATION_MAY if relation else (), {"kept"} if table else (), _RULE_MAY if rule else ())
    values: dict[str, str] = {}
    at: dict[str, int] = {}
    lines = text.splitlines()
    key, body = "", len(lines)
    for number, line in enumerate(lines):
        if not line.startswith("-- "):
            body = number
            break
        more = _CONTINUED.fullmatch(line)
        if more is not None and key:
            values[key] += f" {more['value']}"
            continue
        match = _LINE.fullmatch(line)
        key = match["key"] if match is not None else ""
        if match is None or not (key in known or (relation and key.startswith(_COLUMN))):
            listed = ", ".join([*sorted(known), *(["column <name>"] if relation else [])])
            raise HeaderError(f"{where}:{number + 1}: {line!r} is no header line; known keys are {listed}")
        if key in values:
            raise HeaderError(f"{where}:{number + 1}: {key} is said twice")
        values[key], at[key] = match["value"], number + 1
    missing = [name for name in demanded if name not in values]
    if missing:
        raise HeaderError(f"{where}:1: the header lacks {', '.join(missing)}; write it as '-- {missing[0]}: ...' above the SQL")
    if relation or rule:
        _check(values, at, where, relation=relation)
    columns = tuple((name.removeprefix(_COLUMN), meaning) for name, meaning in values.items() if name.startswith(_COLUMN))
    header = Header(
        owner=values["owner"],
        description=values["description"],
        servers=_read_servers(values["servers"], where, at["servers"]) if "servers" in values else None,
        tier=values.get("tier", ""),
        grain=values.get("grain", ""),
        key=tuple(name.strip() for name in values["key"].split(",")) if "key" in values else (),
        refresh=values.get("refresh", ""),
        columns=columns,
        kept=values.get("kept") == "yes",
        rule=_read_rule(values, at, where) if rule else None,
        personal=tuple(name.strip() for name in values["personal"].split(",")) if "personal" in values else (),
    )
    for key, names in (("key", header.key), ("personal", header.personal)):
        unknown = [name for name in names if name not in dict(columns)]
        if relation and unknown:
            raise HeaderError(f"{where}:{at[key]}: {key} names {', '.join(unknown)}, which no '-- column' line describes")
    return header, "\n".join(lines[body:]).strip().removesuffix(";")


def _check(values: dict[str, str], at: dict[str, int], where: Path, *, relation: bool) -> None:
    """Refuse values that mean nothing, and a relation without columns."""
    if relation and not any(key.startswith(_COLUMN) for key in values):
        raise HeaderError(f"{where}:1: the header describes no column; write '-- column <name>: <meaning with unit>' for each")
    for key, allowed in _VALUES.items():
        if key in values and values[key] not in allowed:
            raise HeaderError(f"{where}:{at[key]}: {key} is {values[key]!r}; it is one of {', '.join(allowed)}")


def _read_rule(values: dict[str, str], at: dict[str, int], where: Path) -> RuleHeader:
    tags = tuple(tag.strip() for tag in values["tags"].split(","))
    if unknown := [tag for tag in tags if tag not in TAGS]:
        raise HeaderError(f"{where}:{at['tags']}: tag {unknown[0]!r} is unknown; there are {', '.join(TAGS)}")
    if "alert" in tags and (missing := [key for key in _ALERT if key not in values]):
        raise HeaderError(f"{where}:{at['tags']}: a rule of tag alert says what to do when it is raised; it lacks {', '.join(missing)}")
    if "alert" not in tags and (found := [key for key in _ALERT if key in values]):
        raise HeaderError(f"{where}:{at[found[0]]}: {found[0]} is said of rules of tag alert only")
    if ("validation" in tags) != values.get("exempt", "").startswith(("yes: ", "no: ")):
        raise HeaderError(
            f"{where}:{at['tags']}: tag validation and a line '-- exempt: yes: <when>' or '-- exempt: no: <why>' belong together"
        )
    for key in ("first", "second", "third"):
        if key in values and (not values[key].startswith(_COMMAND) or re.search(r'["$`\\]', values[key])):
            raise HeaderError(f"{where}:{at[key]}: {key} is a query or a command of rently-db, without double quotes, $, ` and \\")
    above = values.get("above", "0")
    if not above.isdecimal():
        raise HeaderError(f"{where}:{at['above']}: above is {above!r}; it is the number of rows that are no incident yet")
    return RuleHeader(
        severity=values["severity"],
        tags=tags,
        table=values["table"],
        column=values.get("column", ""),
        protects=values["protects"],
        mend=values["mend"],
        alert=values.get("alert", ""),
        above=int(above),
        every=values.get("every", ""),
        constraint=tuple(name.strip() for name in values["constraint"].split(",")) if "constraint" in values else (),
        exempt=values.get("exempt", ""),
        ends=values.get("ends", ""),
        urgency=values.get("urgency", ""),
        commands=tuple(values[key] for key in ("first", "second", "third") if key in values),
        call=values.get("call", ""),
    )


def _read_servers(value: str, where: Path, line: int) -> tuple[int, int]:
    match = _SERVERS.fullmatch(value)
    if match is None:
        raise HeaderError(f"{where}:{line}: servers must read like 130000-179999 or 180000-, not {value!r}")
    return int(match["low"] or 0), int(match["high"] or 999999)
