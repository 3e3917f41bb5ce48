"""What every scaffold does: refuse names that won't do, render templates, write what is generated."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from alembic.util import CommandError
from mako.template import Template

from rently_db.sql.catalog import Entity, load_catalogue
from rently_db.sql.generated import write_generated
from rently_db.sql.header import HeaderError

_NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
_TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, slots=True)
class Scaffold:
    """What was written: the files to edit, those that are generated of them, and what to do next, in order."""

    edit: tuple[Path, ...]
    generated: tuple[Path, ...]
    then: tuple[str, ...]


def entities(home: Path) -> list[Entity]:
    """The live SQL of a checkout.

    Raises:
        CommandError: one of its files is wrong.
    """
    try:
        return load_catalogue(home / "rently_db" / "sql")
    except HeaderError as error:
        raise CommandError(str(error)) from error


def check_name(name: str, what: str, longest: int) -> None:
    """Refuse a name that is no name. Raises CommandError."""
    if not _NAME.fullmatch(name) or len(name) > longest:
        raise CommandError(f"{name!r} is no name for a {what}: write lower-case words joined by _, at most {longest} characters")


def check_folder(given: str, known: Iterable[str], what: str) -> None:
    """Refuse a folder that is not there: a new one needs its heading in the pages, too. Raises CommandError."""
    listed = sorted(known)
    if given not in listed:
        near = get_close_matches(given, listed, n=1)
        hint = f"did you mean {near[0]}? " if near else ""
        raise CommandError(f"there is no {what} {given!r}; {hint}known are {', '.join(listed)}")


def write(home: Path, files: Mapping[str, str], then: Iterable[str], **values: object) -> Scaffold:
    """Render templates into a checkout (path -> template), then write what is generated of the live SQL.

    Raises:
        CommandError: a file is there already; nothing is written then.
    """
    if there := [path for path in files if (home / path).exists()]:
        raise CommandError(f"{there[0]} is there already; choose another name, or remove it first")
    for path, template in files.items():
        (home / path).parent.mkdir(parents=True, exist_ok=True)
        text = Template(filename=str(_TEMPLATES / template), strict_undefined=True).render(**values)  # noqa: S702 (no page of the web)
        (home / path).write_text(text, encoding="utf-8")
    generated = write_generated(home / "rently_db" / "sql")
    return Scaffold(tuple(home / path for path in files), tuple(generated), tuple(then))
