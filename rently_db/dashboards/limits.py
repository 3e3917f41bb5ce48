"""Gauges that say how much of a limit a big figure has used up."""

from __future__ import annotations

from collections.abc import Mapping

from rently_db.dashboards.model import Gauge, Measure, Panel, Total, Unit, Where


def limit_gauges(dashboard: str, limits: Mapping[str, str], *, answers: str, covers: str) -> tuple[Panel, ...]:
    """A gauge for each of a dashboard's figures that has a limit: names and titles of the figures."""
    return tuple(
        Panel(
            key=f"limit_{figure}",
            title=f"{title}, % of its limit",
            answers=f"{answers} Over 100 it is missed.",
            view="dashboard_figure",
            chart=Gauge(Measure("limit_used_pct", "of the limit", Unit.PERCENT, Total.MAX), maximum=300),
            where=(Where("dashboard", "==", dashboard), Where("figure", "==", figure)),
            covers=(covers,),
            height=28,
        )
        for figure, title in limits.items()
    )
