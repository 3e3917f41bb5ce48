"""The header of an entity's file: ``-- key: value`` lines above the SQL. It is the entity's row in the catalogue."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"-- (?P<key>[a-z]+): (?P<value>.+)")
_REQUIRED = ("owner", "description")
_KNOWN = frozenset({*_REQUIRED, "servers", "generated"})
_SERVERS = re.compile(r"(?P<low>\d{6})?-(?P<high>\d{6})?")


class HeaderError(ValueError):
    """A file's header is missing something or says something unknown; the message names file and line."""


@dataclass(frozen=True, slots=True)
class Header:
    """What the header says.

    ``servers`` is the range of ``server_version_num`` the file is for, both ends inclusive, or None for every server.
    """

    owner: str
    description: str
    servers: tuple[int, int] | None = None


def split_header(text: str, where: Path) -> tuple[Header, str]:
    """The header and the SQL below it, without the final semicolon.

    Raises:
        HeaderError: a key is missing, unknown or malformed.
    """
    values: dict[str, str] = {}
    lines = text.splitlines()
    number = 0
    for number, line in enumerate(lines):
        if not line.startswith("-- "):
            break
        match = _LINE.fullmatch(line)
        if match is None or match["key"] not in _KNOWN:
            raise HeaderError(f"{where}:{number + 1}: {line!r} is no header line; known keys are {', '.join(sorted(_KNOWN))}")
        values[match["key"]] = match["value"]
    missing = [key for key in _REQUIRED if key not in values]
    if missing:
        raise HeaderError(f"{where}:1: the header lacks {', '.join(missing)}; write it as '-- {missing[0]}: ...' above the SQL")
    servers = _read_servers(values["servers"], where) if "servers" in values else None
    sql = "\n".join(lines[number:]).strip().removesuffix(";")
    return Header(values["owner"], values["description"], servers), sql


def _read_servers(value: str, where: Path) -> tuple[int, int]:
    match = _SERVERS.fullmatch(value)
    if match is None:
        raise HeaderError(f"{where}: servers must read like 130000-179999 or 180000-, not {value!r}")
    return int(match["low"] or 0), int(match["high"] or 999999)
