"""Entity files for tests, in a folder of their own."""

from __future__ import annotations

from pathlib import Path

RELATION = "-- owner: risk\n-- tier: T1\n-- grain: loan\n-- key: id\n-- refresh: live\n-- description: About {name}\n"


def relation_header(name: str, *columns: str, **more: str) -> str:
    """The header of a table, view or materialized view with these columns (``id`` without any)."""
    lines = [f"-- {key}: {value}\n" for key, value in more.items()]
    return RELATION.format(name=name) + "".join([*lines, *(f"-- column {column}: What {column} is\n" for column in columns or ("id",))])


def write(root: Path, file: str, sql: str, *columns: str, **more: str) -> Path:
    """Write an entity file with the header that its folder asks for; its path."""
    path = root / file
    path.parent.mkdir(parents=True, exist_ok=True)
    kind = file.partition("/")[0]
    short = "-- owner: platform\n-- description: About it\n"
    header = relation_header(path.stem, *columns, **more) if kind in ("tables", "views", "matviews") else short
    path.write_text(f"{header}{sql}\n", encoding="utf-8")
    return path
