"""Who sees what in Superset: a role for each audience, the dashboards it opens, and the rows it sees.

Neither roles nor row-level security can be part of a bundle; they are applied over REST after the import, and survive the next one.
Everything here may be run again: it ends in the same state.

Rows are closed by default. Whoever has neither an audience that sees all companies nor the role of a company sees no rows at all, and
a dataset that does not say which company a row belongs to has no rows for who sees one company only.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import URL, NullPool, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from rently_db.dashboards.model import Audience, Dashboard
from rently_db.dashboards.superset.client import Client, parsed
from rently_db.dashboards.superset.environment import SupersetError
from rently_db.database import connect_error_sentence, make_engine, masked

EXPORTERS = frozenset({Audience.EXECUTIVE, Audience.RISK, Audience.ANALYST, Audience.AUDITOR, Audience.TREASURY})
"""Who may take data out as CSV or XLSX."""
ONE_COMPANY = frozenset({Audience.COLLECTIONS})
"""Who sees the rows of their own company only; which one says a second role, see `company_role`."""
ENTITY_COLUMN = "legal_entity_id"

_OWN_ROWS, _NO_ROLE, _NO_ENTITY = "Rently rows of", "Rently rows: no company, no rows", "Rently rows: of all companies together"
_GROUP = "rently_company"  # Superset joins rules of one group by OR: with two companies' roles one sees both

# Seeing dashboards and charts, filtering, drilling down, one's own profile: nothing that changes, creates or queries freely.
_SEE = frozenset(
    {
        ("can_read", "Dashboard"),
        ("can_read", "Chart"),
        ("can_read", "Theme"),
        ("can_read", "CssTemplate"),
        ("can_read", "EmbeddedDashboard"),  # the page of every dashboard asks whether it is embedded somewhere
        ("can_read", "CurrentUserRestApi"),
        ("can_read", "DashboardFilterStateRestApi"),
        ("can_write", "DashboardFilterStateRestApi"),
        ("can_read", "DashboardPermalinkRestApi"),
        ("can_write", "DashboardPermalinkRestApi"),
        ("can_dashboard", "Superset"),
        ("can_dashboard_permalink", "Superset"),
        ("can_log", "Superset"),  # what they look at is logged by their browser too
        ("can_get", "Datasource"),
        ("can_get_column_values", "Datasource"),
        ("can_samples", "Datasource"),
        ("can_get_drill_info", "Dataset"),
        ("can_drill", "Dashboard"),
        ("can_view_chart_as_table", "Dashboard"),
        ("can_time_range", "Api"),
        ("can_query", "Api"),
        ("can_get", "MenuApi"),
        ("can_recent_activity", "Log"),
        ("menu_access", "Dashboards"),
        ("can_userinfo", "UserDBModelView"),
        ("resetmypassword", "UserDBModelView"),
        ("can_this_form_get", "ResetMyPasswordView"),
        ("can_this_form_post", "ResetMyPasswordView"),
    }
)
_EXPORT = frozenset({("can_csv", "Superset")})


@dataclass(frozen=True, slots=True)
class Entity:
    """A company of the group: its id and its name, which another may have too."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Applied:
    """What `apply_access` did: the role of each audience and of each company, and what has no rows for who sees one company only."""

    audiences: Mapping[Audience, str]
    companies: Mapping[str, str]
    without_rows: tuple[str, ...]
    """Datasets without `legal_entity_id` that a dashboard of such an audience may use."""


def entities(url: URL) -> tuple[Entity, ...]:
    """The companies in the database. Raises SupersetError if it can't be read."""
    engine = make_engine(url, poolclass=NullPool)
    try:
        with engine.connect() as connection:
            query = text("SELECT DISTINCT legal_entity_id::text, legal_entity_name FROM analytics.entity_day ORDER BY 2, 1")
            return tuple(Entity(row[0], row[1]) for row in connection.execute(query))
    except OperationalError as problem:
        raise SupersetError(connect_error_sentence(problem, url)) from problem
    except ProgrammingError as problem:
        raise SupersetError(f"{masked(url)} has no view analytics.entity_day to read; run rently-db migrate") from problem
    finally:
        engine.dispose()


def audience_role(audience: Audience) -> str:
    """The name of an audience's role in Superset."""
    return f"Rently {audience.value}"


def company_role(entity: Entity, among: Sequence[Entity]) -> str:
    """The name of a company's role in Superset; where two have the same name, with the beginning of its id."""
    namesakes = Counter(other.name for other in among)[entity.name]
    return f"Rently entity: {entity.name}" + (f" ({entity.id[:8]})" if namesakes > 1 else "")


def apply_access(client: Client, files: Mapping[str, bytes], dashboards: Iterable[Dashboard], companies: Sequence[Entity]) -> Applied:
    """Make the roles, let them open their dashboards, and close the rows. `files` is the bundle, imported before.

    Raises SupersetError if Superset lacks a permission that a role needs, or a dashboard.
    """
    known = {(entry["permission"]["name"], entry["view_menu"]["name"]): int(entry["id"]) for entry in _permissions(client)}
    missing = sorted(f"{action} on {thing}" for action, thing in (_SEE | _EXPORT) - known.keys())
    if missing:
        raise SupersetError(f"this Superset does not know the permission {', '.join(missing)}; install requirements/superset.lock")
    roles = {entry["name"]: int(entry["id"]) for entry in client.listed("/api/v1/security/roles/", "name")}
    audiences = {audience: audience_role(audience) for audience in Audience}
    for audience, name in audiences.items():
        _role(client, roles, name)
        wanted = _SEE | (_EXPORT if audience in EXPORTERS else frozenset())
        _give(client, roles[name], {known[permission] for permission in wanted})
    named = {entity.id: company_role(entity, companies) for entity in companies}
    for name in named.values():
        _role(client, roles, name)
        _give(client, roles[name], set())
    _open_dashboards(client, roles, dashboards)
    return Applied(audiences, named, _close_rows(client, files, roles, named))


def ensure_user(client: Client, username: str, password: str, roles: Iterable[str]) -> None:
    """A login with exactly these roles and this password, made or changed."""
    ids = {entry["name"]: int(entry["id"]) for entry in client.listed("/api/v1/security/roles/", "name")}
    wanted = {
        "username": username,
        "first_name": username.capitalize(),
        "last_name": "Rently",
        "email": f"{username}@localhost",
        "active": True,
        "password": password,
        "roles": [ids[role] for role in roles],
    }
    found = [entry for entry in client.listed("/api/v1/security/users/", "username") if entry["username"] == username]
    if found:
        client.put(f"/api/v1/security/users/{found[0]['id']}", wanted)
    else:
        client.post("/api/v1/security/users/", wanted)


def _permissions(client: Client) -> Iterable[dict[str, Any]]:
    return client.listed("/api/v1/security/permissions-resources/", "id")


def _role(client: Client, roles: dict[str, int], name: str) -> None:
    if name not in roles:
        roles[name] = int(client.post("/api/v1/security/roles/", {"name": name})["id"])


def _give(client: Client, role: int, permissions: set[int]) -> None:
    found = {int(entry["id"]) for entry in client.get(f"/api/v1/security/roles/{role}/permissions/")["result"]}
    if found != permissions:
        client.post(f"/api/v1/security/roles/{role}/permissions", {"permission_view_menu_ids": sorted(permissions)})


def _open_dashboards(client: Client, roles: Mapping[str, int], dashboards: Iterable[Dashboard]) -> None:
    found = {entry["slug"]: entry for entry in client.listed("/api/v1/dashboard/", "dashboard_title")}
    for dashboard in dashboards:
        if dashboard.key not in found:
            raise SupersetError(f"this Superset has no dashboard {dashboard.key}; import the bundle first")
        entry = found[dashboard.key]
        wanted = sorted(roles[audience_role(audience)] for audience in dashboard.roles)
        if sorted(int(role["id"]) for role in entry["roles"]) != wanted:
            client.put(f"/api/v1/dashboard/{entry['id']}", {"roles": wanted})


def _close_rows(client: Client, files: Mapping[str, bytes], roles: Mapping[str, int], companies: Mapping[str, str]) -> tuple[str, ...]:
    ids = client.ids("dataset")
    datasets = [parsed(content) for path, content in sorted(files.items()) if path.startswith("datasets/")]
    by_company = {dataset["table_name"]: any(c["column_name"] == ENTITY_COLUMN for c in dataset["columns"]) for dataset in datasets}
    with_entity = [ids[dataset["uuid"]] for dataset in datasets if by_company[dataset["table_name"]]]
    without = [ids[dataset["uuid"]] for dataset in datasets if not by_company[dataset["table_name"]]]
    see_all = [roles["Admin"], *(roles[audience_role(audience)] for audience in Audience if audience not in ONE_COMPANY)]
    of_company = {entity: roles[name] for entity, name in companies.items()}
    rules = {
        f"{_OWN_ROWS} {entity}": ("Regular", with_entity, [role], f"{ENTITY_COLUMN} = '{entity}'") for entity, role in of_company.items()
    }
    # A Base rule holds for everybody but the roles it names.
    rules[_NO_ROLE] = ("Base", with_entity, [*see_all, *of_company.values()], "1 = 0")
    rules[_NO_ENTITY] = ("Base", without, see_all, "1 = 0")
    found = {entry["name"]: entry for entry in client.listed("/api/v1/rowlevelsecurity/", "name")}
    for name, (kind, tables, for_roles, clause) in rules.items():
        wanted = {"name": name, "filter_type": kind, "tables": tables, "roles": for_roles, "clause": clause, "group_key": _GROUP}
        if not tables:
            continue
        if name not in found:
            client.post("/api/v1/rowlevelsecurity/", wanted)
        elif _differs(found[name], wanted):
            client.put(f"/api/v1/rowlevelsecurity/{found[name]['id']}", wanted)
    for name, entry in found.items():
        stale = name not in rules or not rules[name][1]
        if stale and name.startswith((_OWN_ROWS, _NO_ROLE, _NO_ENTITY)):
            client.delete(f"/api/v1/rowlevelsecurity/{entry['id']}")
    return tuple(name for name, has in by_company.items() if not has)


def _differs(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> bool:
    same = all(found[key] == wanted[key] for key in ("filter_type", "clause", "group_key"))
    return not same or any({int(part["id"]) for part in found[key]} != set(wanted[key]) for key in ("tables", "roles"))
