"""The controls of each kind of chart in Superset, and what its query asks for. Nothing here knows a dashboard."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any
from uuid import uuid5

from rently_db.dashboards import cards
from rently_db.dashboards.ids import NAMESPACE
from rently_db.dashboards.model import (
    Bar,
    BigNumber,
    Bubble,
    Figures,
    Flag,
    Funnel,
    Gauge,
    HeatMap,
    Line,
    Measure,
    Pie,
    Pivot,
    Radar,
    Table,
    Total,
    Unit,
    Waterfall,
)

FORMATS = {Unit.COUNT: ",d", Unit.PERCENT: ",.1f", Unit.MONEY: ".3~s", Unit.DAYS: ",.1f", Unit.NUMBER: ",.2f"}
"""d3 formats. Money is shortened (10.8M): exact amounts are the tables' business."""
COLOURS = {"good": "#ACE1C4", "warn": "#FDE380", "bad": "#EFA1AA"}
_GREEN, _ORANGE, _RED = 3, 4, 6
"""Places in the colour scheme."""
SCHEME = "supersetColors"
_ORDER = "order"
"""Label of the measure that only orders the values of an axis."""


def metric(measure: Measure) -> dict[str, Any]:
    """A measure as Superset's simple metric: a column and an aggregate, no SQL."""
    name = f"{measure.total.value}({measure.column}) {measure.label}"
    return {
        "expressionType": "SIMPLE",
        "column": {"column_name": measure.column},
        "aggregate": measure.total.value,
        "label": measure.label,
        "hasCustomLabel": True,
        "optionName": f"metric_{uuid5(NAMESPACE, name).hex[:12]}",
    }


Parts = tuple[str, dict[str, Any], dict[str, Any]]


def _figures(_: Figures) -> Parts:
    controls = {
        "query_mode": "raw",
        "all_columns": list(cards.COLUMNS),
        "order_by_cols": ['["legal_entity_name", true]', '["sort", true]'],
        "row_limit": 100,
        "server_pagination": False,
        "include_time": False,
    }
    return "handlebars", controls, {"columns": cards.COLUMNS, "orderby": [("legal_entity_name", True), ("sort", True)], "limit": 100}


def _big_number(chart: BigNumber) -> Parts:
    controls = {
        "metric": metric(chart.measure),
        "y_axis_format": FORMATS[chart.measure.unit],
        "subtitle": chart.measure.label,
        "header_font_size": 0.4,
        "subtitle_font_size": 0.125,
        "conditional_formatting": [],
    }
    return "big_number_total", controls, {"measures": [chart.measure], "limit": 1}


def _gauge(chart: Gauge) -> Parts:
    controls = {
        "groupby": [],
        "metric": metric(chart.measure),
        "row_limit": 1,
        "min_val": 0,
        "max_val": chart.maximum,
        "start_angle": 225,
        "end_angle": -45,
        "color_scheme": SCHEME,
        "font_size": 12,
        # The numbers around the dial stand outside it: the longer they are, the smaller it is.
        "number_format": ",.0f",
        "value_formatter": "{value} %" if chart.measure.unit is Unit.PERCENT else "{value}",
        "show_pointer": True,
        "animation": False,
        "show_axis_tick": False,
        "show_split_line": False,
        "split_number": 2,
        "show_progress": False,
        "overlap": False,
        "round_cap": False,
    }
    if chart.limit is not None:
        bounds = (0.8 * chart.limit, chart.limit, chart.maximum)
        controls |= {
            "intervals": ",".join(f"{bound:g}" for bound in bounds),
            "interval_color_indices": ",".join(map(str, (_GREEN, _ORANGE, _RED))),
        }
    return "gauge_chart", controls, {"measures": [chart.measure], "limit": 1}


def _pie(chart: Pie) -> Parts:
    controls = {
        "groupby": [chart.by],
        "metric": metric(chart.measure),
        "row_limit": 12,
        "sort_by_metric": True,
        "color_scheme": SCHEME,
        "show_labels_threshold": 4,
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "top",
        "label_type": "percent",
        "number_format": FORMATS[chart.measure.unit],
        "date_format": "smart_date",
        "show_labels": True,
        "labels_outside": True,
        "label_line": True,
        "outerRadius": 70,
        "donut": True,
        "innerRadius": 40,
    }
    return "pie", controls, {"columns": [chart.by], "measures": [chart.measure], "orderby": _largest(chart.measure), "limit": 12}


def _largest(measure: Measure) -> list[tuple[Any, bool]]:
    return [(metric(measure), False)]


def _series(x: str, measures: Sequence[Measure], by: str | None) -> dict[str, Any]:
    """The controls that line and bar share."""
    return {
        "x_axis": x,
        "time_grain_sqla": None,
        "metrics": [metric(measure) for measure in measures],
        "groupby": [by] if by else [],
        "row_limit": 5000,
        "truncate_metric": True,
        "show_empty_columns": True,
        "comparison_type": "values",
        "annotation_layers": [],
        "color_scheme": SCHEME,
        "x_axis_time_format": "%b %Y",
        "xAxisLabelRotation": 0,
        "y_axis_format": FORMATS[measures[0].unit],
        "y_axis_bounds": [None, None],
        "truncateYAxis": False,
        "show_legend": by is not None or len(measures) > 1,
        "legendType": "scroll",
        "legendOrientation": "top",
        "rich_tooltip": True,
        "tooltipTimeFormat": "%d %b %Y",
        "only_total": True,
    }


def _line(chart: Line) -> Parts:
    controls = _series(chart.x, chart.measures, chart.by) | {
        "x_axis_sort_asc": True,
        "seriesType": "line",
        "markerEnabled": True,
        "markerSize": 5,
        "opacity": 0.2,
        "zoomable": False,
        "truncateYAxis": not chart.from_zero,
        "minorTicks": False,
    }
    columns = [chart.x, *([chart.by] if chart.by else [])]
    return (
        "echarts_timeseries_line",
        controls,
        {"columns": columns, "measures": chart.measures, "orderby": [(chart.x, True)], "limit": 5000},
    )


def _bar(chart: Bar) -> Parts:
    order = Measure(chart.sort, _ORDER, total=Total.MIN) if chart.sort else None
    limit = chart.limit or 5000
    controls = _series(chart.x, chart.measures, chart.by) | {
        "orientation": "horizontal" if chart.horizontal else "vertical",
        "stack": "Stack" if chart.stacked and (chart.by or len(chart.measures) > 1) else None,
        "row_limit": limit,
        "show_value": False,
        "order_desc": True,
        "x_axis_title": "",
        "y_axis_title": "",
    }
    if order:
        controls |= {"timeseries_limit_metric": metric(order), "x_axis_sort": _ORDER, "x_axis_sort_asc": True, "order_desc": False}
        orderby: list[tuple[Any, bool]] = [(metric(order), True)]
    elif chart.limit:
        controls |= {"x_axis_sort": chart.measures[0].label, "x_axis_sort_asc": chart.horizontal}
        orderby = _largest(chart.measures[0])
    else:
        controls |= {"x_axis_sort_asc": True}
        orderby = [(chart.x, True)]
    columns = [chart.x, *([chart.by] if chart.by else [])]
    measures = [*chart.measures, *([order] if order else [])]
    return "echarts_timeseries_bar", controls, {"columns": columns, "measures": measures, "orderby": orderby, "limit": limit}


def _heat_map(chart: HeatMap) -> Parts:
    controls = {
        "x_axis": chart.x,
        "time_grain_sqla": None,
        "groupby": chart.y,
        "metric": metric(chart.measure),
        "row_limit": 1000,
        "sort_x_axis": "alpha_asc",
        "sort_y_axis": "alpha_asc",
        "normalize_across": "heatmap",
        "legend_type": "continuous",
        "linear_color_scheme": "schemeYlOrBr",
        "xscale_interval": 1,
        "yscale_interval": 1,
        "left_margin": "auto",
        "bottom_margin": 48,
        "value_bounds": [None, None],
        "y_axis_format": FORMATS[chart.measure.unit],
        "x_axis_time_format": "%b %Y",
        "show_legend": False,
        "show_percentage": False,
        "show_values": True,
        "normalized": False,
    }
    return "heatmap_v2", controls, {"columns": [chart.x, chart.y], "measures": [chart.measure], "orderby": [(chart.x, True)]}


def _waterfall(chart: Waterfall) -> Parts:
    controls: dict[str, Any] = {
        "x_axis": chart.x,
        "time_grain_sqla": None,
        "groupby": [],
        "metric": metric(chart.measure),
        "row_limit": 100,
        "show_value": True,
        "show_legend": True,
        "increase_color": {"r": 90, "g": 193, "b": 137, "a": 1},
        "decrease_color": {"r": 224, "g": 67, "b": 85, "a": 1},
        "total_color": {"r": 102, "g": 102, "b": 102, "a": 1},
        "show_total": True,
        "x_ticks_layout": "auto",
        "x_axis_time_format": "%b %Y",
        "y_axis_format": FORMATS[chart.measure.unit],
    }
    return "waterfall", controls, {"columns": [chart.x], "measures": [chart.measure], "orderby": [(chart.x, True)], "limit": 100}


def _funnel(chart: Funnel) -> Parts:
    controls = {
        "groupby": [chart.by],
        "metric": metric(chart.measure),
        "row_limit": 10,
        "sort_by_metric": True,
        "percent_calculation_type": "first_step",
        "color_scheme": SCHEME,
        "show_legend": False,
        "legendOrientation": "top",
        "tooltip_label_type": 5,
        "label_type": 5,
        "number_format": FORMATS[chart.measure.unit],
        "show_labels": True,
        "show_tooltip_labels": True,
    }
    return "funnel", controls, {"columns": [chart.by], "measures": [chart.measure], "orderby": _largest(chart.measure), "limit": 10}


def _radar(chart: Radar) -> Parts:
    controls: dict[str, Any] = {
        "groupby": [chart.by],
        "metrics": [metric(measure) for measure in chart.measures],
        "row_limit": 10,
        "color_scheme": SCHEME,
        "show_legend": True,
        "legendType": "scroll",
        "legendOrientation": "right",
        "show_labels": False,
        "label_type": "value",
        "label_position": "top",
        "number_format": FORMATS[chart.measures[0].unit],
        "date_format": "smart_date",
        # Without a maximum each axis would have its own scale, and the shape would say nothing.
        "column_config": {measure.label: {"radarMetricMaxValue": chart.maximum} for measure in chart.measures} if chart.maximum else {},
        "is_circle": False,
    }
    return "radar", controls, {"columns": [chart.by], "measures": chart.measures, "limit": 10}


def _bubble(chart: Bubble) -> Parts:
    controls = {
        "entity": chart.by,
        "series": chart.colour,
        "x": metric(chart.x),
        "y": metric(chart.y),
        "size": metric(chart.size),
        "row_limit": chart.limit,
        "order_desc": True,
        "orderby": metric(chart.size),
        "color_scheme": SCHEME,
        "show_legend": chart.colour is not None,
        "legendType": "scroll",
        "legendOrientation": "top",
        "max_bubble_size": "10",
        "tooltipSizeFormat": FORMATS[chart.size.unit],
        "opacity": 0.6,
        "x_axis_label": chart.x.label,
        "x_axis_title_margin": 30,
        "xAxisFormat": FORMATS[chart.x.unit],
        "y_axis_label": chart.y.label,
        "y_axis_title_margin": 40,
        "y_axis_format": FORMATS[chart.y.unit],
        "truncateXAxis": False,
        "truncateYAxis": False,
    }
    columns = [chart.by, *([chart.colour] if chart.colour else [])]
    query = {"columns": columns, "measures": [chart.x, chart.y, chart.size], "orderby": _largest(chart.size), "limit": chart.limit}
    return "bubble_v2", controls, query


def _table(chart: Table) -> Parts:
    order = [(name.removeprefix("-"), not name.startswith("-")) for name in chart.order]
    controls = {
        "query_mode": "raw",
        "groupby": [],
        "all_columns": list(chart.columns),
        "percent_metrics": [],
        "order_by_cols": [f'["{name}", {str(ascending).lower()}]' for name, ascending in order],
        "row_limit": chart.limit,
        "table_timestamp_format": "%Y-%m-%d",
        "page_length": 0,
        "show_cell_bars": False,
        "color_pn": False,
        "allow_render_html": False,
        "conditional_formatting": [_flag(flag) for flag in chart.flags],
        "column_config": {},
    }
    return "table", controls, {"columns": chart.columns, "orderby": order, "limit": chart.limit}


def _flag(flag: Flag) -> dict[str, Any]:
    operator = "=" if isinstance(flag.value, str) else "≥"
    return {
        "column": flag.column,
        "operator": operator,
        "targetValue": flag.value,
        "colorScheme": COLOURS[flag.colour],
        "useGradient": False,
    }


def _pivot(chart: Pivot) -> Parts:
    controls = {
        "groupbyColumns": list(chart.columns),
        "groupbyRows": list(chart.rows),
        "time_grain_sqla": None,
        "metrics": [metric(chart.measure)],
        "metricsLayout": "COLUMNS",
        "row_limit": 1000,
        "order_desc": True,
        "aggregateFunction": "Sum",
        "rowTotals": True,
        "colTotals": True,
        "valueFormat": FORMATS[chart.measure.unit],
        "date_format": "%b %Y",
        "rowOrder": "key_a_to_z",
        "colOrder": "key_a_to_z",
    }
    return "pivot_table_v2", controls, {"columns": [*chart.rows, *chart.columns], "measures": [chart.measure]}


DRAWERS: Mapping[type, Callable[[Any], Parts]] = {
    Figures: _figures,
    BigNumber: _big_number,
    Gauge: _gauge,
    Pie: _pie,
    Line: _line,
    Bar: _bar,
    HeatMap: _heat_map,
    Waterfall: _waterfall,
    Funnel: _funnel,
    Radar: _radar,
    Bubble: _bubble,
    Table: _table,
    Pivot: _pivot,
}
"""Chart -> its type in Superset, its controls, and the parts of its query."""
