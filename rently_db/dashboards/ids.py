"""Ids of what is imported into Superset: made of stable keys, so that a second import finds what the first one made."""

from __future__ import annotations

from uuid import UUID, uuid5

NAMESPACE = UUID("6f6c1f5e-1d0a-5c5b-9a53-72656e746c79")
"""Of all ids made here. What has another id in Superset is somebody else's, and never pruned."""


def _id(kind: str, *keys: str) -> str:
    return str(uuid5(NAMESPACE, "/".join((kind, *keys))))


def database_uuid() -> str:
    """Id of the connection to the lending database."""
    return _id("database")


def dataset_uuid(view: str) -> str:
    """Id of the dataset of a view of schema analytics."""
    return _id("dataset", view)


def chart_uuid(dashboard: str, panel: str) -> str:
    """Id of a panel's chart, by the keys of its dashboard and of itself."""
    return _id("chart", dashboard, panel)


def dashboard_uuid(key: str) -> str:
    """Id of a dashboard."""
    return _id("dashboard", key)


def filter_id(dashboard: str, name: str) -> str:
    """Id of a filter of a dashboard, in the form that Superset gives its own."""
    return f"NATIVE_FILTER-{uuid5(NAMESPACE, f'filter/{dashboard}/{name}').hex[:16]}"
