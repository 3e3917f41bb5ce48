"""Types with a size: which change of one is a change of the catalogue alone, and which values fit on the way back."""

from __future__ import annotations

import re

from rently_db.migrate.actions import identifier

_SIZED = re.compile(r"(?P<name>character varying|numeric|bit varying)\((?P<size>\d+)(?:,(?P<scale>\d+))?\)")


def widens(former: str, latter: str) -> bool:
    """Whether PostgreSQL changes the type in the catalogue alone, and no value can be lost."""
    one, other = _SIZED.fullmatch(former), _SIZED.fullmatch(latter)
    if one is None:
        return (former, latter) in {("character varying", "text"), ("text", "character varying")}
    if other is None:
        return latter in ({"text", "character varying"} if one["name"] == "character varying" else {one["name"]})
    return one["name"] == other["name"] and one["scale"] == other["scale"] and int(other["size"]) > int(one["size"])


def fits(column: str, kind: str) -> str | None:
    """The condition that a value has in a column of that type as it is, neither cut nor rounded; None: every value does."""
    sized, name = _SIZED.fullmatch(kind), identifier(column)
    if sized is None:
        return None
    if sized["name"] != "numeric":
        return f"length({name}) <= {sized['size']}"
    scale = int(sized["scale"] or 0)
    return f"{name} = round({name}, {scale}) AND abs({name}) < 1e{int(sized['size']) - scale}"
