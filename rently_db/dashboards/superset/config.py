"""Settings of Apache Superset for Rently's dashboards. Superset's own environment loads this file, by SUPERSET_CONFIG_PATH.

No secret stands here: what differs between instances comes from the environment (see `rently_db.dashboards.superset.runtime`):

RENTLY_SUPERSET_HOME               directory with secret_key, metadata.db and cache/
RENTLY_SUPERSET_METADATA_URL       a PostgreSQL URL for Superset's own tables instead of metadata.db
RENTLY_SUPERSET_STATEMENT_SECONDS  the longest a panel's query may run, 30 unless set
RENTLY_SUPERSET_HTTPS              1 behind a proxy that speaks TLS: cookies for TLS only, the proxy's headers are believed
"""

# Superset reads every upper-case name of this module as a setting; the others are ours.

import json
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from flask import has_request_context, request
from superset.errors import ErrorLevel, SupersetError, SupersetErrorType
from superset.exceptions import SupersetSecurityException
from superset.security import SupersetSecurityManager
from superset.utils.log import DBEventLogger

_home = Path(os.environ["RENTLY_SUPERSET_HOME"])
_https = os.environ.get("RENTLY_SUPERSET_HTTPS") == "1"
_statement_seconds = int(os.environ.get("RENTLY_SUPERSET_STATEMENT_SECONDS", "30"))
_metadata_url = os.environ.get("RENTLY_SUPERSET_METADATA_URL")

SECRET_KEY = (_home / "secret_key").read_text()
GUEST_TOKEN_JWT_SECRET = SECRET_KEY
GLOBAL_ASYNC_QUERIES_JWT_SECRET = SECRET_KEY

SQLALCHEMY_DATABASE_URI = _metadata_url or f"sqlite:///{_home / 'metadata.db'}"
# Every view of a panel writes a row of the access log: with SQLite writers wait for each other rather than fail.
SQLALCHEMY_ENGINE_OPTIONS: dict[str, Any] = {} if _metadata_url else {"connect_args": {"timeout": 30}}

APP_NAME = "Rently"
BABEL_DEFAULT_LOCALE = "en"
LANGUAGES: dict[str, Any] = {}
THEME_DARK = None  # one look for all, so that colours keep their meaning
ENABLE_UI_THEME_ADMINISTRATION = False
LOGO_TARGET_PATH = "/dashboard/list/"

FEATURE_FLAGS = {
    # Who sees a dashboard is a property of the dashboard, not of the views it reads.
    "DASHBOARD_RBAC": True,
    "EMBEDDED_SUPERSET": False,
    "EMBEDDABLE_CHARTS": False,
    "ENABLE_TEMPLATE_PROCESSING": False,
    "ALERT_REPORTS": False,
    "THUMBNAILS": False,
}

AUTH_USER_REGISTRATION = False
AUTH_RATE_LIMITED = True
AUTH_RATE_LIMIT = "60 per minute"
RATELIMIT_ENABLED = True
RATELIMIT_STORAGE_URI = "memory://"
RATELIMIT_APPLICATION = "500 per second"  # of one address: a dashboard asks for all of its panels at once, and an office may have one
WTF_CSRF_ENABLED = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = _https
ENABLE_PROXY_FIX = _https
ENABLE_CORS = False
FAB_API_SWAGGER_UI = False
# The roles are made by rently_db.dashboards.superset.access over this interface.
FAB_ADD_SECURITY_API = True
PUBLIC_ROLE_LIKE = None

# The browser may speak to this server and nobody else: Superset's page asks for a pixel of a telemetry service, and offers maps of others.
TALISMAN_ENABLED = True
CONTENT_SECURITY_POLICY_WARNING = False
TALISMAN_CONFIG = {
    "content_security_policy": {
        "base-uri": ["'self'"],
        "default-src": ["'self'"],
        "img-src": ["'self'", "blob:", "data:"],
        "worker-src": ["'self'", "blob:"],
        "connect-src": ["'self'"],
        "object-src": "'none'",
        "style-src": ["'self'", "'unsafe-inline'"],
        "font-src": ["'self'", "data:"],
        "frame-ancestors": ["'none'"],
        "form-action": ["'self'"],
        # Handlebars compiles the template of a panel with `new Function`, which is eval to the browser. Scripts still have to carry
        # this page's nonce, and templates come from our bundle: no role but Admin may edit a chart.
        "script-src": ["'self'", "'strict-dynamic'", "'unsafe-eval'"],
    },
    "content_security_policy_nonce_in": ["script-src"],
    "force_https": _https,
    "session_cookie_secure": _https,
    "referrer_policy": "same-origin",
}

HTML_SANITIZATION = True
# Our panels of HTML are styled by class names; markup may carry these, and no style, script or event.
HTML_SANITIZATION_SCHEMA_EXTENSIONS = {"attributes": {"*": ["className"]}}

_cache = {"CACHE_TYPE": "FileSystemCache", "CACHE_DIR": str(_home / "cache"), "CACHE_THRESHOLD": 20_000}
# On disk, because the in-process cache is one per worker. A dataset's own cache_timeout, from its tier, wins over this.
CACHE_CONFIG = {**_cache, "CACHE_DEFAULT_TIMEOUT": 3600, "CACHE_KEY_PREFIX": "metadata_"}
DATA_CACHE_CONFIG = {**_cache, "CACHE_DEFAULT_TIMEOUT": 300, "CACHE_KEY_PREFIX": "data_"}
FILTER_STATE_CACHE_CONFIG = {**_cache, "CACHE_DEFAULT_TIMEOUT": 86_400 * 7, "CACHE_KEY_PREFIX": "filter_"}
EXPLORE_FORM_DATA_CACHE_CONFIG = {**_cache, "CACHE_DEFAULT_TIMEOUT": 86_400, "CACHE_KEY_PREFIX": "explore_"}

ROW_LIMIT = 10_000
SUPERSET_WEBSERVER_TIMEOUT = 60
SQLLAB_TIMEOUT = _statement_seconds
SUPERSET_LOG_VIEW = True
LOG_LEVEL = logging.WARNING
SILENCE_FAB = True
SHOW_STACKTRACE = False
PREVENT_UNSAFE_DB_CONNECTIONS = True
CSV_EXPORT = {"encoding": "utf-8-sig"}


def DB_CONNECTION_MUTATOR(  # noqa: N802 - Superset's name
    uri: Any, params: dict[str, Any], username: str | None, _security_manager: object, _source: object
) -> tuple[Any, dict[str, Any]]:
    """Every connection to data reads only, in UTC, with a time limit, and says in pg_stat_activity for whom it asks."""
    if uri.get_backend_name() == "postgresql":
        arguments = params.setdefault("connect_args", {})
        options = f"-c default_transaction_read_only=on -c statement_timeout={_statement_seconds}s -c TimeZone=UTC"
        arguments["options"] = f"{arguments.get('options', '')} {options}".strip()
        arguments["application_name"] = f"superset {username or ''}".strip()[:63]
        arguments.setdefault("connect_timeout", 10)
    return uri, params


class AccessLogger(DBEventLogger):  # type: ignore[misc] # Superset is not in the environment that is type-checked
    """Who saw and who exported what, in the table logs of the metadata, for auditors: `WHERE action LIKE 'export%'`.

    Superset's own notes five steps of each query too, and neither the panel nor the dashboard of an export.
    """

    def log(  # noqa: PLR0917 - Superset calls it by position and by name
        self,
        user_id: int | None,
        action: str,
        dashboard_id: int | None,
        duration_ms: int | None,
        slice_id: int | None,
        referrer: str | None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Keep it, unless it is a step of what is kept."""
        if action in _STEPS:
            return
        if action.startswith("ChartDataRestApi"):
            asked = _asked()
            form = asked.get("form_data") or {}
            dashboard_id, slice_id = dashboard_id or form.get("dashboardId"), slice_id or form.get("slice_id")
            action = f"export {asked['result_format']}" if asked.get("result_format") in {"csv", "xlsx"} else action
        super().log(user_id, action, dashboard_id, duration_ms, slice_id, referrer, *args, **kwargs)


EVENT_LOGGER = AccessLogger()
_STEPS = {"_get_data_response", "load_into_dataframe", "execute_sql", "QueryObject.post_processing", "ChartDataRestApi.json_dumps"}


def _asked() -> dict[str, Any]:
    """The query that a panel or a download sends, as JSON or in a form."""
    if not has_request_context():
        return {}
    found = request.get_json(silent=True)
    if found is None:
        try:
            found = json.loads(request.form.get("form_data", "{}"))
        except ValueError:
            return {}
    return found if isinstance(found, dict) else {}


class RentlySecurityManager(SupersetSecurityManager):  # type: ignore[misc] # Superset is not in the environment that is type-checked
    """Who may open a dashboard may ask for other columns of its datasets, but may not write SQL of their own.

    Superset lets whoever sees a panel send its query with any expression in the place of a column, which reads what the dataset leaves out.
    """

    def raise_for_access(self, *args: Any, **kwargs: Any) -> None:
        """Refuse what Superset refuses, and expressions that are not a column, an aggregate of one, or a metric of the dataset."""
        super().raise_for_access(*args, **kwargs)
        context = kwargs.get("query_context")
        if context is None or self.is_admin():
            return
        for expression in _expressions(context):
            message = f"Only columns of the dataset may be asked for, not: {str(expression)[:100]}"
            kind = SupersetErrorType.DATASOURCE_SECURITY_ACCESS_ERROR
            raise SupersetSecurityException(SupersetError(message=message, error_type=kind, level=ErrorLevel.WARNING))


CUSTOM_SECURITY_MANAGER = RentlySecurityManager


def _expressions(context: Any) -> Iterator[object]:
    """What a query asks for beyond columns of its dataset, aggregates of them, and metrics of the dataset."""
    columns = {column.column_name for column in context.datasource.columns}
    metrics = {metric.metric_name for metric in context.datasource.metrics}
    for query in context.queries:
        asked = query.metrics or []
        labels = {metric["label"] for metric in asked if isinstance(metric, dict) and "label" in metric}
        # A name that is no column is SQL to Superset, in columns and in the order.
        yield from (column for column in [*query.columns, *query.series_columns] if _name(column) not in columns)
        limits = [query.series_limit_metric] if query.series_limit_metric else []
        yield from (metric for metric in [*asked, *limits] if not _aggregates(metric, columns, metrics))
        ordered = [part[0] for part in query.orderby or []]
        yield from (part for part in ordered if _name(part) not in columns | metrics | labels and not _aggregates(part, columns, metrics))
        yield from (
            condition["col"] for condition in query.filter if isinstance(condition["col"], dict) and _name(condition["col"]) not in columns
        )
        yield from (query.extras[clause] for clause in ("where", "having") if query.extras.get(clause))


def _name(column: Any) -> object:
    """The column that is meant: Superset wraps the one of a time axis into an expression of nothing but its name."""
    return column.get("sqlExpression") if isinstance(column, dict) else column


def _aggregates(metric: Any, columns: set[str], metrics: set[str]) -> bool:
    if not isinstance(metric, dict):
        return metric in metrics
    return metric.get("expressionType") == "SIMPLE" and (metric.get("column") or {}).get("column_name") in columns
