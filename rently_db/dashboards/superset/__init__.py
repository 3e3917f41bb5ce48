"""Apache Superset for the dashboards: its environment, the server, what is imported into it, and who sees what.

`serving` does all of it, for as long as its context is open.
"""

from __future__ import annotations

from rently_db.dashboards.superset.access import Applied, Entity, apply_access, ensure_user, entities
from rently_db.dashboards.superset.client import Answer, ChartData, Client, Pruned
from rently_db.dashboards.superset.connection import reader_login
from rently_db.dashboards.superset.environment import SupersetError
from rently_db.dashboards.superset.runtime import Superset
from rently_db.dashboards.superset.serve import Login, Running, serving

__all__ = [
    "Answer",
    "Applied",
    "ChartData",
    "Client",
    "Entity",
    "Login",
    "Pruned",
    "Running",
    "Superset",
    "SupersetError",
    "apply_access",
    "ensure_user",
    "entities",
    "reader_login",
    "serving",
]
