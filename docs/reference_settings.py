"""docs/reference/settings.md: every setting with its default, as the code and the seeds have it, unit, meaning and readers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from docs.pieces import cell, code, table
from docs.reference_meanings import ARGUMENTS, DATABASE_SETTINGS, SETTINGS, VARIABLES
from docs.reference_tables import MARK
from rently_db.migrate.reference_rows import seeds_sql
from rently_db.sql.catalog import Entity, load_catalogue

_ROW = re.compile(r"\(\s*'(\w+)',\s*'((?:[^']|'')*)',\s*'\d{4}-\d\d-\d\d',\s*'((?:[^']|'')*)',\s*(true|false)\s*\)")
_TASK = re.compile(r"\(\s*'([\w -]+)',\s*'(?:[^']|'')*',\s*'([\w ]+)',\s*(?:true|false)(?:,\s*'([\w ]+)')?\s*\)")
_CONFIG = re.compile(r"\('(\w+)', '([^']*)', '([^']*)'\)")
_FIGURE = re.compile(r"\(\s*\d+,\s*'(\w+)',\s*'((?:[^']|'')*)',\s*'(\w+)'")
TARGET = "target_"


class Setting(NamedTuple):
    """A row of analytics_setting as a release seeds it."""

    value: str
    source: str
    needs_signoff: bool


@cache
def settings() -> dict[str, Setting]:
    """What releases put into analytics_setting, by key."""
    texts = [*seeds_sql(), *(sql for entity in load_catalogue() if entity.kind == "seed" for sql in entity.statements)]
    found = (row for text in texts if "INSERT INTO public.analytics_setting" in text for row in _ROW.findall(text))
    return {key: Setting(value.replace("''", "'"), source.replace("''", "'"), signoff == "true") for key, value, source, signoff in found}


@cache
def thresholds() -> dict[str, tuple[str, str]]:
    """What initialize_monitoring_system() puts into monitoring_config: key -> value, meaning."""
    return {key: (value, meaning) for key, value, meaning in _CONFIG.findall(_named("initialize_monitoring_system").sql)}


@cache
def tasks() -> dict[str, tuple[str, str]]:
    """What rently-db run-due repeats: name -> how often, at most how long."""
    statements = [sql for entity in load_catalogue() if entity.kind == "seed" for sql in entity.statements]
    rows = (row for sql in statements if "INSERT INTO analytics.due_task" in sql for row in _TASK.findall(sql))
    return {name: (every, limit) for name, every, limit in rows}


@cache
def figures() -> dict[str, list[tuple[str, str, str]]]:
    """The big figures: name -> dashboards that show it, with label and unit."""
    found: dict[str, list[tuple[str, str, str]]] = {}
    for entity in load_catalogue():
        if entity.name.startswith("figure_") and entity.kind == "view" and entity.name != "figure_all":
            for figure, label, unit in _FIGURE.findall(entity.sql):
                found.setdefault(figure, []).append((entity.name.removeprefix("figure_"), label.replace("''", "'"), unit))
    return found


def _named(name: str) -> Entity:
    return next(entity for entity in load_catalogue() if entity.name == name)


def pages() -> dict[str, str]:
    """The page, by file name."""
    return {"settings.md": "\n".join(_page()) + "\n"}


def _page() -> Iterator[str]:
    yield from ("# Settings", "", MARK, "")
    yield from ("## Environment variables",)
    yield from table(("variable", "default", "means"), ((code(name), *_shown(said)) for name, said in VARIABLES.items()))
    yield from ("", "## Arguments of alembic", "", "As `alembic -x NAME=VALUE upgrade head`.")
    yield from table(("argument", "default", "means"), ((code(name), *_shown(said)) for name, said in ARGUMENTS.items()))
    yield from ("", "## Settings of the database session", "", "Set by `SET`, `SET LOCAL` or `ALTER DATABASE ... SET`; unset by default.")
    yield from table(("setting", "values", "means"), ((code(name), *_shown(said)) for name, said in DATABASE_SETTINGS.items()))
    yield from _monitoring()
    yield from _analytics()
    yield from _targets()


def _shown(said: tuple[str, str]) -> tuple[str, str]:
    return said[0], cell(said[1])


def _monitoring() -> Iterator[str]:
    yield from (
        "",
        "## Thresholds of the monitoring",
        "",
        "Rows of `ops.monitoring_config`, which `ops.initialize_monitoring_system()` adds where they are missing.",
    )
    yield from table(("key", "default", "means"), ((code(key), value, cell(meaning)) for key, (value, meaning) in thresholds().items()))
    yield from ("", "When alerts look, and from how many rows on they are raised: [rules](../rules/index.md#alerts), `ops.alert_rules`.")
    yield from ("", "## Tasks of rently-db run-due", "", "Rows of `analytics.due_task`.")
    yield from table(
        ("task", "every", "one run at most"), ((name, every, limit or "as long as it takes") for name, (every, limit) in tasks().items())
    )


def _analytics() -> Iterator[str]:
    yield from ("", "## Settings of the figures", "")
    yield "Rows of [analytics_setting](tables/rules.md#analytics_setting), one for each period: a change ends a row and inserts the next."
    yield "A placeholder is what a release assumes until risk or finance has signed it off; figures that use one say so in `needs_signoff`."
    rows = (
        (code(key), code(settings()[key].value) if key in settings() else "not set", unit, cell(meaning), _state(key), _readers(key))
        for key, (unit, meaning) in SETTINGS.items()
    )
    yield from table(("key", "default", "unit", "means", "signed off", "read by"), rows)


def _state(key: str) -> str:
    if key not in settings():
        return ""
    return "placeholder" if settings()[key].needs_signoff else "yes"


def _readers(key: str) -> str:
    """The views, tables and functions whose SQL names the setting."""
    from docs.reference_functions import anchor

    found = []
    for entity in load_catalogue():
        if entity.kind in ("view", "matview", "function") and f"'{key}'" in entity.sql:
            area = entity.path.parent.name
            there = f"functions/{area}.md#{anchor(entity)}" if entity.kind == "function" else f"../views/{entity.name}.md"
            found.append(f"[{entity.name}]({there})")
    return ", ".join(sorted(set(found)))


def _targets() -> Iterator[str]:
    yield from ("", "## Targets of the dashboards", "")
    yield "Rows of `analytics_setting`, too: `below`, `above`, or `from` and `to`, in the unit of the figure whose name follows `target_`."
    rows = []
    for key, setting in sorted(settings().items()):
        if key.startswith(TARGET):
            (_, label, unit), *_ = shown = figures()[key.removeprefix(TARGET)]
            where = ", ".join(f"[{dashboard}](../views/figure_{dashboard}.md)" for dashboard, _, _ in shown)
            rows.append((code(key), code(setting.value), unit, cell(label), _state(key), where))
    yield from table(("key", "default", "unit", "figure", "signed off", "dashboard"), rows)
