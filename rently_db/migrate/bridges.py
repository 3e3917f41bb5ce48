"""Render the bridge functions and triggers from the declared repairs, one .sql file each, as ``rently_db/sql`` keeps them.

The files are committed: reviewers and DBAs read SQL, and the frozen revisions copy them. ``python -m rently_db.migrate.freeze bridges``
writes them again; a test fails when they differ from the registry.
"""

from __future__ import annotations

import textwrap
from pathlib import Path

from rently_db.migrate.repairs import may_need_repair, needs_repair, repaired_tables, repairs_of

_FUNCTION = """\
-- owner: platform
-- description: Repairs what a v0 application writes to {table}, by the declared repairs, and journals each change
-- generated: python -m rently_db.migrate.freeze bridges
CREATE FUNCTION ops.bridge_{table}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    written public.{table};
    rules text[] := '{{}}';
BEGIN
    -- The trigger's condition lets a few more in: it can't look up mappings.
    IF ({condition}) IS NOT TRUE THEN
        RETURN NEW;
    END IF;
    written := NEW;
{body}
    -- A row that is there already is not inserted (ON CONFLICT DO NOTHING, or an error): there was nothing to repair.
    IF rules <> '{{}}' AND NOT (TG_OP = 'INSERT' AND EXISTS (SELECT FROM public.{table} AS t WHERE t.id = NEW.id)) THEN
        PERFORM ops.journal_repair('{table}', NEW.id, rules, to_jsonb(written), to_jsonb(NEW));
    END IF;
    RETURN NEW;
END
$function$;
"""

_TRIGGER = """\
-- owner: platform
-- description: Repairs what v0 applications write; silent while the migration itself writes
-- generated: python -m rently_db.migrate.freeze bridges
CREATE TRIGGER bridge BEFORE INSERT OR UPDATE ON public.{table}
FOR EACH ROW WHEN ((
    {hint}
) AND coalesce(current_setting('rently.bridge', TRUE), '') <> 'off')
EXECUTE FUNCTION ops.bridge_{table}();
"""


def _body(table: str) -> str:
    lines = []
    for repair in repairs_of(table):
        value = f"NEW.{repair.column}"
        lines.append(f"    IF {repair.condition(value, 'NEW')} THEN\n        {value} := {repair.value(value, 'NEW')};")
        if not repair.derived:
            lines.append(f"        rules := rules || '{repair.name}'::text;")
        lines.append("    END IF;")
    return "\n".join(lines)


def _wrapped(condition: str) -> str:
    """The condition with its long lists of values on lines of their own."""
    return "\n    ".join(_line(line.strip()) for line in condition.splitlines())


def _line(line: str) -> str:
    head, listed, rest = line.partition(" NOT IN (")
    if not listed or len(line) < 120:
        return line
    values, _, tail = rest.rpartition("))")
    lines = textwrap.wrap(values, 120, initial_indent=" " * 8, subsequent_indent=" " * 8)
    return "\n".join([f"{head} NOT IN (", *lines, f"    )){tail}"])


def bridge_files(root: Path) -> dict[Path, str]:
    """Path below ``root`` (the ``rently_db/sql`` folder) -> text, for every table with repairs."""
    files: dict[Path, str] = {}
    for table in repaired_tables():
        condition = needs_repair(table, "NEW")
        files[root / "functions" / "bridges" / f"bridge_{table}.sql"] = _FUNCTION.format(
            table=table, condition=condition, body=_body(table)
        )
        files[root / "triggers" / table / "bridge.sql"] = _TRIGGER.format(table=table, hint=_wrapped(may_need_repair(table, "NEW")))
    return files
