"""The bundle that Superset imports: one YAML file for the connection, each dataset, chart and dashboard.

It is made of the definitions alone, byte for byte the same in every run. No password stands in it, and no SQL: a dataset is a view, a
measure a column and an aggregate.
"""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any

from rently_db.dashboards import DASHBOARDS, cards
from rently_db.dashboards.charts import TIMES, drawn
from rently_db.dashboards.columns import written
from rently_db.dashboards.ids import chart_uuid, dashboard_uuid, database_uuid, dataset_uuid, filter_id
from rently_db.dashboards.model import Dashboard, Filter, Panel
from rently_db.sql.catalog import Entity, load_catalogue

__all__ = ["bundle", "chart_uuid", "dashboard_uuid", "database_uuid", "dataset_uuid", "zipped"]

VERSION = "1.0.0"
SCHEMA = "analytics"
_URI = "postgresql+psycopg2://rently_superset:XXXXXXXXXX@localhost:5432/rently"
"""A placeholder: the import puts the real address in its place, and keeps the password apart."""
_TIER_SECONDS = {"T0": 30, "T1": 60, "T2": 300, "T3": 3600}
"""How long Superset may show an answer again."""
_UNIT = 8
"""Pixels of a unit of height."""


def bundle() -> dict[str, bytes]:
    """Every file by its path in the bundle."""
    views = {panel.view: None for dashboard in DASHBOARDS for panel in dashboard.panels} | {
        each.view: None for dashboard in DASHBOARDS for each in dashboard.filters
    }
    entities = {entity.name: entity for entity in load_catalogue() if entity.schema == SCHEMA}
    files: dict[str, Any] = {
        "metadata.yaml": {"version": VERSION, "type": "assets", "timestamp": "2026-01-01T00:00:00+00:00"},
        "databases/rently.yaml": _database(),
    }
    for view in sorted(views):
        files[f"datasets/rently/{view}.yaml"] = _dataset(entities[view])
    for dashboard in DASHBOARDS:
        for panel in dashboard.panels:
            tier = entities[panel.view].header.tier
            files[f"charts/{dashboard.key}_{panel.key}.yaml"] = _chart(dashboard, panel, _TIER_SECONDS[tier])
        files[f"dashboards/{dashboard.key}.yaml"] = _dashboard(dashboard)
    return {path: _yaml(content) for path, content in files.items()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    """The files in one archive below one folder, as Superset wants them; the same files give the same bytes."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as written_to:
        for name in sorted(files):
            written_to.writestr(zipfile.ZipInfo(f"rently/{name}", date_time=(1980, 1, 1, 0, 0, 0)), files[name], zipfile.ZIP_DEFLATED)
    return archive.getvalue()


def _yaml(content: dict[str, Any]) -> bytes:
    import yaml

    text: str = yaml.safe_dump(content, sort_keys=False, allow_unicode=True, width=1000)
    return text.encode()


def _database() -> dict[str, Any]:
    return {
        "database_name": "Rently lending",
        "sqlalchemy_uri": _URI,
        "cache_timeout": None,
        "expose_in_sqllab": False,
        "allow_run_async": False,
        "allow_ctas": False,
        "allow_cvas": False,
        "allow_dml": False,
        "allow_csv_upload": False,
        "impersonate_user": False,
        "extra": {"engine_params": {}, "metadata_params": {}, "allows_virtual_table_explore": False, "disable_data_preview": True},
        "uuid": database_uuid(),
        "version": VERSION,
    }


_WORDS = {
    "avg": "average",
    "ccy": "currency",
    "ce": "collection efficiency",
    "cnl": "net loss",
    "dpd": "DPD",
    "fn": "in functional currency",
    "fx": "FX",
    "glp": "outstanding",
    "ltv": "lifetime value",
    "mtd": "this month",
    "npl": "NPL",
    "par30": "PAR30",
    "par60": "PAR60",
    "par90": "PAR90",
    "vol": "volatility",
}
"""How tables spell short names."""


def heading(column: str) -> str:
    """A column's name as the head of a table has it: days_in_legal, Days in legal."""
    words = column.removesuffix("_pct").replace("_", " ")
    words = " ".join(_WORDS.get(word, word) for word in words.split())
    return f"{words[:1].upper()}{words[1:]}{', %' if column.endswith('_pct') else ''}"


def _dataset(entity: Entity) -> dict[str, Any]:
    meanings = dict(entity.header.columns)
    columns = [
        {
            "column_name": name,
            "verbose_name": heading(name),
            "is_dttm": type_ in TIMES,
            "is_active": True,
            "type": type_.upper(),
            "groupby": True,
            "filterable": True,
            "description": meanings.get(name),
        }
        for name, type_ in written()[entity.name].items()
    ]
    return {
        "table_name": entity.name,
        "main_dttm_col": None,
        "description": entity.header.description,
        "schema": SCHEMA,
        "filter_select_enabled": True,
        "cache_timeout": _TIER_SECONDS[entity.header.tier],
        "uuid": dataset_uuid(entity.name),
        "metrics": [],
        "columns": columns,
        "version": VERSION,
        "database_uuid": database_uuid(),
    }


def _chart(dashboard: Dashboard, panel: Panel, seconds: int) -> dict[str, Any]:
    chart = drawn(dashboard, panel, written()[panel.view])
    params = {"datasource": "0__table", **chart.params}
    context = {
        "datasource": {"id": 0, "type": "table"},
        "force": False,
        "queries": [chart.query],
        "form_data": params,
        "result_format": "json",
        "result_type": "full",
    }
    return {
        "slice_name": panel.title,
        "description": panel.answers,
        "certified_by": None,
        "certification_details": None,
        "viz_type": chart.viz_type,
        "params": params,
        "query_context": json.dumps(context, ensure_ascii=False),
        "cache_timeout": seconds,
        "uuid": chart_uuid(dashboard.key, panel.key),
        "version": VERSION,
        "dataset_uuid": dataset_uuid(panel.view),
    }


def _dashboard(dashboard: Dashboard) -> dict[str, Any]:
    numbers = {panel.key: number for number, panel in enumerate(dashboard.panels, 1)}
    return {
        "dashboard_title": dashboard.title,
        "description": dashboard.summary,
        "css": cards.STYLE,
        "slug": dashboard.key,
        "certified_by": None,
        "certification_details": None,
        "published": True,
        "uuid": dashboard_uuid(dashboard.key),
        "position": _position(dashboard, numbers),
        "metadata": {
            "color_scheme": "supersetColors",
            "label_colors": {},
            "shared_label_colors": [],
            "cross_filters_enabled": True,
            "refresh_frequency": dashboard.refresh_seconds,
            "timed_refresh_immune_slices": [],
            "expanded_slices": {},
            "chart_configuration": {},
            "global_chart_configuration": {"scope": {"rootPath": ["ROOT_ID"], "excluded": []}, "chartsInScope": []},
            "native_filter_configuration": [
                _filter(dashboard, each, sorted(numbers[panel.key] for panel in dashboard.panels if panel.all_companies))
                for each in dashboard.filters
            ],
        },
        "version": VERSION,
    }


def _filter(dashboard: Dashboard, given: Filter, excluded: list[int]) -> dict[str, Any]:
    return {
        "id": filter_id(dashboard.key, given.key),
        "name": given.name,
        "type": "NATIVE_FILTER",
        "filterType": "filter_select",
        "targets": [{"datasetUuid": dataset_uuid(given.view), "column": {"name": given.column}}],
        "controlValues": {
            "enableEmptyFilter": True,
            "defaultToFirstItem": True,
            "multiSelect": False,
            "searchAllOptions": False,
            "inverseSelection": False,
            "sortAscending": True,
        },
        "requiredFirst": True,
        "defaultDataMask": {"extraFormData": {}, "filterState": {}, "ownState": {}},
        "cascadeParentIds": [],
        "scope": {"rootPath": ["ROOT_ID"], "excluded": excluded},
        "description": given.about,
        "chartsInScope": [],
        "tabsInScope": [],
    }


def _position(dashboard: Dashboard, numbers: dict[str, int]) -> dict[str, Any]:
    blocks: list[str] = []
    position: dict[str, Any] = {
        "DASHBOARD_VERSION_KEY": "v2",
        "ROOT_ID": {"type": "ROOT", "id": "ROOT_ID", "children": ["GRID_ID"]},
        "GRID_ID": {"type": "GRID", "id": "GRID_ID", "children": blocks, "parents": ["ROOT_ID"]},
        "HEADER_ID": {"type": "HEADER", "id": "HEADER_ID", "meta": {"text": dashboard.title}},
    }
    for place, row in enumerate(dashboard.rows):
        if row.title:
            head = f"HEADER-{place}"
            meta = {"text": row.title, "headerSize": "SMALL_HEADER", "background": "BACKGROUND_TRANSPARENT"}
            position[head] = {"type": "HEADER", "id": head, "children": [], "parents": ["ROOT_ID", "GRID_ID"], "meta": meta}
            blocks.append(head)
        name = f"ROW-{place}"
        blocks.append(name)
        charts = [f"CHART-{panel.key}" for panel in row.panels]
        position[name] = {
            "type": "ROW",
            "id": name,
            "children": charts,
            "parents": ["ROOT_ID", "GRID_ID"],
            "meta": {"background": "BACKGROUND_TRANSPARENT"},
        }
        position |= dict(_placed(dashboard, row.panels, name, numbers))
    return position


def _placed(dashboard: Dashboard, panels: Iterable[Panel], row: str, numbers: dict[str, int]) -> Iterable[tuple[str, Any]]:
    for panel in panels:
        name = f"CHART-{panel.key}"
        yield (
            name,
            {
                "type": "CHART",
                "id": name,
                "children": [],
                "parents": ["ROOT_ID", "GRID_ID", row],
                "meta": {
                    "uuid": chart_uuid(dashboard.key, panel.key),
                    # A number that is unique in here: the import puts the chart's id in its place, and in the filter's scope.
                    "chartId": numbers[panel.key],
                    "width": panel.width,
                    "height": round(panel.height * 10 / _UNIT),
                    "sliceName": panel.title,
                },
            },
        )
