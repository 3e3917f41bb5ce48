"""How Superset draws a panel: chart type, the controls that its browser page reads (``params``), and the query that its API runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid5

from rently_db.dashboards import cards
from rently_db.dashboards.drawers import DRAWERS, metric
from rently_db.dashboards.ids import NAMESPACE
from rently_db.dashboards.model import Dashboard, Figures, Measure, Panel, Total, Where

TIMES = frozenset({"date", "timestamp with time zone", "timestamp without time zone"})
NUMBERS = frozenset({"numeric", "integer", "bigint"})
_WHOLE_PAGE = 12
_OPERATORS = {
    "==": "EQUALS",
    "!=": "NOT_EQUALS",
    "<": "LESS_THAN",
    "<=": "LESS_THAN_OR_EQUAL",
    ">": "GREATER_THAN",
    ">=": "GREATER_THAN_OR_EQUAL",
    "IN": "IN",
    "IS NULL": "IS_NULL",
    "IS NOT NULL": "IS_NOT_NULL",
    "IS TRUE": "IS_TRUE",
    "IS FALSE": "IS_FALSE",
}


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart: its type, its controls, and its queries without datasource."""

    viz_type: str
    params: dict[str, Any]
    query: dict[str, Any]


def drawn(dashboard: Dashboard, panel: Panel, types: Mapping[str, str]) -> Drawn:
    """Chart type, controls and query of a panel; ``types`` are those of its view's columns (:mod:`rently_db.dashboards.columns`).

    :raises TypeError: nobody has said how this kind of chart is drawn.
    """
    draw = DRAWERS.get(type(panel.chart))
    if draw is None:
        raise TypeError(f"panel {dashboard.key}.{panel.key}: nothing draws {type(panel.chart).__name__}")
    where = conditions(dashboard, panel)
    viz_type, controls, query = draw(panel.chart)
    if isinstance(panel.chart, Figures):
        controls["handlebarsTemplate"] = cards.template(dashboard.key, panel.chart.loans)
    params = {"viz_type": viz_type, "adhoc_filters": [_adhoc_filter(each) for each in where], **controls, "extra_form_data": {}}
    axis = params.get("x_axis")
    if axis:
        is_time = types.get(axis, "") in TIMES
        is_text = types.get(axis) == "text"
        params |= (
            {"time_grain_sqla": "P1D"} if is_time else {"xAxisForceCategorical": is_text, "xAxisLabelInterval": "0" if is_text else "auto"}
        )
    if viz_type == "table":
        # A search box takes a row of the panel; a narrow one has none to spare.
        params["include_search"] = panel.width == _WHOLE_PAGE
        params["column_config"] = {name: _column(types[name]) for name in query["columns"] if types.get(name) in NUMBERS}
    return Drawn(viz_type, params, _query(where, **query))


def conditions(dashboard: Dashboard, panel: Panel) -> list[Where]:
    """The conditions on a panel's rows; of the cards also the dashboard that they are for."""
    return [*panel.where, *([Where("dashboard", "==", dashboard.key)] if isinstance(panel.chart, Figures) else [])]


def _column(type_: str) -> dict[str, Any]:
    return {"d3NumberFormat": ",.2f" if type_.startswith("numeric") else ",d", "horizontalAlign": "right"}


def columns_read(dashboard: Dashboard, panel: Panel) -> dict[str, str]:
    """Every column of the view that the panel reads, and what it has to be: ``number``, or ``any``."""
    query = drawn(dashboard, panel, {}).query
    found = dict.fromkeys(query["columns"], "any")
    for each in query["metrics"] or ():
        found[each["column"]["column_name"]] = "any" if each["aggregate"] == Total.COUNT else "number"
    found |= {each["col"]: found.get(each["col"], "any") for each in query["filters"]}
    for name, _ in query["orderby"]:
        if isinstance(name, str):
            found.setdefault(name, "any")
    return found


def _adhoc_filter(where: Where) -> dict[str, Any]:
    value = list(where.value) if isinstance(where.value, tuple) else where.value
    return {
        "clause": "WHERE",
        "expressionType": "SIMPLE",
        "subject": where.column,
        "operator": where.operator,
        "operatorId": _OPERATORS[where.operator],
        **({} if value is None else {"comparator": value}),
        "filterOptionName": f"filter_{uuid5(NAMESPACE, f'{where.column} {where.operator} {where.value}').hex[:12]}",
    }


def _query(
    where: Sequence[Where],
    *,
    columns: Sequence[str] = (),
    measures: Sequence[Measure] = (),
    orderby: Sequence[tuple[Any, bool]] = (),
    limit: int = 1000,
) -> dict[str, Any]:
    filters = [
        {
            "col": each.column,
            "op": each.operator,
            **({} if each.value is None else {"val": list(each.value) if isinstance(each.value, tuple) else each.value}),
        }
        for each in where
    ]
    return {
        "filters": filters,
        "extras": {"having": "", "where": ""},
        "applied_time_extras": {},
        "columns": list(columns),
        # An empty list would make Superset group by every column.
        "metrics": [metric(measure) for measure in measures] or None,
        "orderby": [list(each) for each in orderby],
        "annotation_layers": [],
        "row_limit": limit,
        "series_limit": 0,
        "order_desc": True,
        "url_params": {},
        "custom_params": {},
        "custom_form_data": {},
    }
