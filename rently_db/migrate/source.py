"""Steps as the Python source of a revision: each step is a dataclass, and is written as the call that makes it."""

from __future__ import annotations

import dataclasses
import importlib.util
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator

from rently_db.migrate.steps import Step

_INDENT = " " * 12
_WIDTH = 116
"""Of a line of SQL; with the indentation of its place it stays below the house's 140."""


def source(value: object) -> str:
    """The Python expression that gives this step, part, tuple or text."""
    if isinstance(value, str):
        return _text(value)
    if isinstance(value, tuple):
        return f"({''.join(f'{source(item)}, ' for item in value)})"
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        given = list(_arguments(value))
        if len(given) == 1 and given[0].startswith('("') and isinstance(getattr(value, dataclasses.fields(value)[0].name), str):
            given = [given[0].removeprefix("(").removesuffix(")")]  # the pieces of a text that is the only argument need no brackets
        return f"{type(value).__name__}({', '.join(given)})"
    return repr(value)


def _arguments(value: object) -> Iterator[str]:
    """The fields: by position, from the first on that is left out, or true or false, by name."""
    by_name = False
    for field in dataclasses.fields(value):  # type: ignore[arg-type]  # a dataclass, as the caller saw
        given = getattr(value, field.name)
        if field.default is not dataclasses.MISSING and given == field.default:
            by_name = True
            continue
        by_name = by_name or isinstance(given, bool)
        yield f"{field.name}={source(given)}" if by_name else source(given)


def _text(text: str) -> str:
    quoted = json.dumps(text, ensure_ascii=False)
    if _may_be_laid_out(text):
        lines = "\n".join(_INDENT + line for one in text.splitlines() for line in _wrapped(one))
        escaped = lines.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
        return f'"""\n{escaped}\n{_INDENT}"""'
    if len(quoted) <= _WIDTH:
        return quoted
    # Words are never split: what is joined again is the same text.
    pieces: list[str] = []
    for word in text.split(" "):
        if pieces and len(json.dumps(f"{pieces[-1]} {word} ", ensure_ascii=False)) <= _WIDTH:
            pieces[-1] += f" {word}"
        else:
            pieces.append(word)
    if len(pieces) == 1:
        return quoted
    joined = "\n".join(
        json.dumps(piece + (" " if number < len(pieces) else ""), ensure_ascii=False) for number, piece in enumerate(pieces, 1)
    )
    return f"({joined})"


def _may_be_laid_out(text: str) -> bool:
    """Whether its line breaks are those of SQL, and mean nothing: not those of a comment, or within a literal."""
    return text.startswith("CREATE TABLE ") and all(line.count("'") % 2 == 0 for line in text.splitlines())


def _wrapped(line: str) -> Iterator[str]:
    """A line of SQL in lines, broken at blanks outside of literals."""
    indent = " " * (len(line) - len(line.lstrip()))
    current = ""
    for word in _words(line.strip()):
        if current and len(indent) + len(current) + len(word) + 1 > _WIDTH:
            yield indent + current
            indent, current = indent if indent.startswith("        ") else f"{indent}    ", word
        else:
            current = f"{current} {word}" if current else word
    yield indent + current


def _words(line: str) -> Iterator[str]:
    """Split at blanks; a literal stays one word."""
    word = ""
    for piece in line.split(" "):
        word = f"{word} {piece}" if word else piece
        if word.count("'") % 2 == 0:
            yield word
            word = ""
    if word:
        yield word


def names(steps: Iterable[object]) -> set[str]:
    """The classes that the source names."""
    found: set[str] = set()
    for step in steps:
        if isinstance(step, tuple):
            found |= names(step)
        elif dataclasses.is_dataclass(step):
            found.add(type(step).__name__)
            found |= names(getattr(step, field.name) for field in dataclasses.fields(step))
    return found


def listed(steps: Iterable[Step], indent: str = "        ") -> str:
    """The steps as lines of a list."""
    return "".join(f"{indent}{source(step)},\n" for step in steps)


def formatted(text: str) -> str:
    """The source as ``ruff format`` has it, if ruff is installed, as it is in a development environment."""
    if importlib.util.find_spec("ruff") is None:
        return text
    command = [sys.executable, "-m", "ruff", "format", "--stdin-filename", "revision.py", "-"]
    return subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
