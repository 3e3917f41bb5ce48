"""Objects of others that a revision would meet: what stands where it creates something, what uses what it takes away."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import Connection, text

from rently_db.migrate.steps import AddColumn, Step
from rently_db.sql.catalog import KINDS, VIEWS, Entity
from rently_db.sql.entities import DeployEntity

_USERS = text(
    """
    SELECT DISTINCT
        CASE v.relkind WHEN 'm' THEN 'MATERIALIZED VIEW ' ELSE 'VIEW ' END || v.oid::regclass::text AS view,
        format('%s.%s', vn.nspname, v.relname) AS qualified,
        format('%s.%s', n.nspname, coalesce(t.relname, p.proname)) AS used,
        coalesce(a.attname, '') AS used_column
    FROM pg_catalog.pg_depend AS d
    INNER JOIN pg_catalog.pg_rewrite AS w ON w.oid = d.objid AND d.classid = 'pg_catalog.pg_rewrite'::regclass
    INNER JOIN pg_catalog.pg_class AS v ON v.oid = w.ev_class
    INNER JOIN pg_catalog.pg_namespace AS vn ON vn.oid = v.relnamespace
    LEFT JOIN pg_catalog.pg_class AS t ON t.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_class'::regclass
    LEFT JOIN pg_catalog.pg_proc AS p ON p.oid = d.refobjid AND d.refclassid = 'pg_catalog.pg_proc'::regclass
    LEFT JOIN pg_catalog.pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = d.refobjsubid AND a.attnum > 0
    INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = coalesce(t.relnamespace, p.pronamespace)
    WHERE n.nspname IN ('public', 'ops', 'analytics') AND v.oid IS DISTINCT FROM t.oid
    ORDER BY 1, 3, 4
    """
)
_THERE = text(
    """
    -- By name: before PostgreSQL 16 to_regprocedure stumbles over argument types that are not there yet.
    SELECT 'function' AS kind, format('%s.%s', n.nspname, p.proname) AS asked, min(p.oid::regprocedure::text) AS there
    FROM pg_catalog.pg_proc AS p
    INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
    WHERE format('%s.%s', n.nspname, p.proname) = ANY(:functions)
    GROUP BY 2
    UNION ALL
    SELECT 'trigger', a.name || ' ' || a.of_table, format('%s ON %s', g.tgname, g.tgrelid::regclass)
    FROM unnest(CAST(:triggers AS text[]), CAST(:tables AS text[])) AS a (name, of_table)
    INNER JOIN pg_catalog.pg_trigger AS g ON g.tgrelid = to_regclass(a.of_table) AND g.tgname = a.name
    UNION ALL
    SELECT 'relation', a.name, to_regclass(a.name)::text
    FROM unnest(CAST(:relations AS text[])) AS a (name)
    WHERE to_regclass(a.name) IS NOT NULL
    """
)
"""What stands under the names of entities: one question for all of them, as each would cost a way to the server and back."""


def users(connection: Connection, every: Iterable[Step], going: Iterable[Step]) -> list[str]:
    """Views of others that use what a downgrade takes away: it would stop at them half way.

    ``every`` are the steps of all revisions, whose views are ours; ``going`` those of the revisions that are taken back.
    """
    ours = {entity.qualified for entity in _entities(every)}
    taken = list(going)
    columns = {(f"public.{step.table}", step.column) for step in taken if isinstance(step, AddColumn)}
    dropped = {entity.qualified for entity in _entities(taken) if entity.kind in {*VIEWS, "table", "function"}}
    found: dict[str, None] = {}
    for view, name, used, column in connection.execute(_USERS):
        if name not in ours and ((used, column) in columns or used in dropped):
            what = f"{used.removeprefix('public.')}.{column}" if (used, column) in columns else used
            found[f"{view.lower()} uses {what}: DROP {view};"] = None
    return list(found)


def taken_names(connection: Connection, steps: Iterable[Step]) -> list[str]:
    """What the steps would create and somebody has created already, under the same name: it would be taken for ours, or replaced."""
    # Schema ops is ours alone. Where a file is for some servers only, that is for schema public, which is looked at as a whole.
    asked = {
        _asked(entity): entity
        for entity in _entities(steps)
        if not (entity.kind == "seed" or entity.header.servers is not None or (entity.kind == "function" and entity.schema == "ops"))
    }
    triggers = [entity for entity in asked.values() if entity.kind == "trigger"]
    answer = connection.execute(
        _THERE,
        {
            "functions": [name for kind, name in asked if kind == "function"],
            "triggers": [entity.name for entity in triggers],
            "tables": [f"{entity.schema}.{entity.table}" for entity in triggers],
            "relations": [name for kind, name in asked if kind == "relation"],
        },
    )
    there = {(kind, name): what for kind, name, what in answer}
    found = []
    for key, entity in asked.items():
        if key in there:
            keyword = KINDS[entity.kind].keyword
            found.append(
                f"! {there[key]} is there; the upgrade creates such a {keyword.lower()}: ALTER {keyword} {there[key]} RENAME TO ...;"
            )
    return found


def _asked(entity: Entity) -> tuple[str, str]:
    """As what an entity is looked for, and under which name."""
    if entity.kind == "trigger":
        return "trigger", f"{entity.name} {entity.schema}.{entity.table}"
    return ("function" if entity.kind == "function" else "relation"), entity.qualified


def _entities(steps: Iterable[Step]) -> list[Entity]:
    return [step.entity for step in steps if isinstance(step, DeployEntity)]
