"""The shape of JSON: keys and kinds of values. A script that reads a command's --json breaks when a key is gone or says something else.

A shape is committed for each command in ``tests/cli/json``. ``{"*": shape}`` stands for an object whose keys are names of the data, which
its page of shapes says. RENTLY_SHAPES=write writes anew what differs; read what it changes: it is a change for whoever reads the output.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "json"


def shape_of(value: Any) -> Any:
    """Objects by key, lists by what their elements have in common, everything else by its kind."""
    if isinstance(value, dict):
        return {key: shape_of(item) for key, item in value.items()}
    if isinstance(value, list):
        merged: Any = None
        for item in value:
            merged = merge(merged, shape_of(item))
        return [] if merged is None else [merged]
    if value is None:
        return "null"
    return {bool: "boolean", int: "number", float: "number", str: "string"}[type(value)]


def merge(one: Any, other: Any) -> Any:
    """What both are: kinds are joined, objects must have the same keys."""
    if one is None or one == other:
        return other
    if isinstance(one, dict) and isinstance(other, dict):
        if set(one) == {"*"}:
            return {"*": _merged(one["*"], *other.values())}
        if one.keys() != other.keys():
            raise ValueError(f"objects of one list have different keys: {sorted(one.keys() ^ other.keys())}")
        return {key: merge(one[key], other[key]) for key in one}
    if isinstance(one, list) and isinstance(other, list):
        return [merge(one[0], other[0])] if one and other else one or other
    kinds = [kind for part in (one, other) for kind in (part if isinstance(part, tuple) else (part,))]
    return tuple(dict.fromkeys(kinds))


def _merged(first: Any, *others: Any) -> Any:
    for other in others:
        first = merge(first, other)
    return first


def differences(found: Any, expected: Any, where: str = "") -> list[str]:
    """In what a value's shape is not the committed one; an empty list is of every shape, and what may be null needs not be."""
    alternatives = expected["anyOf"] if isinstance(expected, dict) and set(expected) == {"anyOf"} else [expected]
    said = [_differences(found, one, where) for one in alternatives]
    return min(said, key=len) if said else []


def _differences(found: Any, expected: Any, where: str) -> list[str]:
    at = where or "the whole"
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


def _plain(shape: Any) -> Any:
    """A shape for the file: alternatives as ``anyOf``."""
    if isinstance(shape, tuple):
        return {"anyOf": [_plain(one) for one in shape]}
    if isinstance(shape, dict):
        return {key: _plain(item) for key, item in shape.items()}
    return [_plain(item) for item in shape] if isinstance(shape, list) else shape


def check(command: str, *values: Any) -> None:
    """Compare what a command printed, once or several times, with its committed shape."""
    path = FOLDER / f"{command.replace(' ', '-')}.json"
    expected = json.loads(path.read_text(encoding="utf-8")) if path.exists() else None
    said = ["no shape is committed"] if expected is None else [text for value in values for text in differences(value, expected)]
    if said and os.environ.get("RENTLY_SHAPES") == "write":
        FOLDER.mkdir(exist_ok=True)
        path.write_text(json.dumps(_plain(_merged(*map(shape_of, values))), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        return
    assert not said, f"rently-db {command} --json: {'; '.join(sorted(set(said)))}. If it is meant: RENTLY_SHAPES=write, and tell its readers"
