"""Dashboards: what each shows, to whom, and which question each panel answers; and the bundle that brings them into Apache Superset."""

from __future__ import annotations

from rently_db.dashboards.definitions import DASHBOARDS
from rently_db.dashboards.model import Audience, Dashboard, Panel

__all__ = ["DASHBOARDS", "Audience", "Dashboard", "Panel"]
