"""The shape of JSON: keys and kinds of values. A script that reads a command's --json breaks when a key is gone or says something else.

A shape is committed for each command in ``tests/cli/json``: objects by key, lists by what their elements have in common, the kinds of
values. ``{"anyOf": [...]}`` is one of several, ``{"*": shape}`` an object whose keys are names of the data, ``null`` what was never seen
otherwise; any value may be null. A library of JSON Schema would say no more, and its schemas can't be written from what is printed.

RENTLY_SHAPES=write writes them anew; read what it changes: it is a change for whoever reads the output.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "json"
_NAMES = re.compile(r"\.money\.\w+$")
"""Sums of money: their keys are columns and currencies."""


def shape_of(value: Any, where: str = "") -> Any:
    """The shape of a value that was printed; ``where`` it stands says whether the keys of an object are names of the data."""
    if isinstance(value, dict):
        if _NAMES.search(where):
            return {"*": merged(shape_of(item) for item in value.values()) if value else "null"}
        return {key: shape_of(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [merged(shape_of(item, f"{where}[]") for item in value)] if value else []
    return "null" if value is None else {bool: "boolean", int: "number", float: "number", str: "string"}[type(value)]


def merged(shapes: Iterable[Any]) -> Any:
    """One shape for several values: what is not of one kind becomes ``{"anyOf": [...]}``."""
    kinds: list[Any] = []
    for shape in shapes:
        for one in _alternatives(shape):
            same = next((number for number, other in enumerate(kinds) if _joins(one, other)), None)
            if same is None:
                kinds.append(one)
            elif isinstance(one, dict):
                kinds[same] = {key: merged((kinds[same][key], one[key])) for key in one}
            elif isinstance(one, list):
                kinds[same] = [merged((*kinds[same], *one))] if kinds[same] or one else []
    known = [kind for kind in kinds if kind != "null"]
    return {"anyOf": known} if len(known) > 1 else known[0] if known else "null"


def _alternatives(shape: Any) -> list[Any]:
    return list(shape["anyOf"]) if isinstance(shape, dict) and set(shape) == {"anyOf"} else [shape]


def _joins(one: Any, other: Any) -> bool:
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys()
    return one == other or (isinstance(one, list) and isinstance(other, list))


def differences(found: Any, expected: Any, where: str = "") -> list[str]:
    """In what a value's shape is not the committed one; an empty list is of every shape."""
    return min((_differences(found, one, where) for one in reversed(_alternatives(expected))), key=len)


def _differences(found: Any, expected: Any, where: str) -> list[str]:
    at = where or "the whole"
    if found is None or expected == "null":
        return []
    if isinstance(expected, dict) and isinstance(found, dict):
        if set(expected) == {"*"}:
            return [text for key, item in found.items() for text in differences(item, expected["*"], f"{where}.{key}")]
        said = [f"{at} lacks {key}" for key in expected.keys() - found.keys()]
        said += [f"{at} has {key}, which is new" for key in found.keys() - expected.keys()]
        return said + [text for key in expected.keys() & found.keys() for text in differences(found[key], expected[key], f"{where}.{key}")]
    if isinstance(expected, list) and isinstance(found, list):
        return [text for item in found for text in differences(item, expected[0], f"{where}[]")] if expected else []
    if isinstance(expected, str) and not isinstance(found, dict | list):
        return [] if shape_of(found) == expected else [f"{at} is {shape_of(found)}, not {expected}"]
    return [f"{at} is {type(found).__name__}, not {json.dumps(expected)[:60]}"]


def check(command: str, *values: Any) -> None:
    """Compare what a command printed, once or several times, with its committed shape."""
    path = FOLDER / f"{command.replace(' ', '-')}.json"
    expected = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    said = ["no shape is committed"] if expected is None else [text for value in values for text in differences(value, expected)]
    if os.environ.get("RENTLY_SHAPES") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(json.dumps(merged(map(shape_of, values)), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    assert not said, (
        f"rently-db {command} --json: {'; '.join(sorted(set(said)))}. If it is meant: RENTLY_SHAPES=write, and tell its readers"
    )
