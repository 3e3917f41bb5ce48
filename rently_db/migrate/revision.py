"""What a revision file calls: its steps, run online or printed, whichever Alembic asks for."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from alembic import op
from alembic.runtime.migration import MigrationContext

from rently_db.migrate.actions import Action, Mode, do_block, literal
from rently_db.migrate.baseline import BASELINE, create_baseline_sql
from rently_db.migrate.budget import Budget, Tally
from rently_db.migrate.errors import ResumableError
from rently_db.migrate.frozen import FORMER, Frozen, read_manifest
from rently_db.migrate.printer import as_script
from rently_db.migrate.runner import Runner, StepError
from rently_db.migrate.steps import KEPT_SCHEMA, Statement, Step
from rently_db.migrate.steps.views import ChangeViews
from rently_db.migrate.variables import seconds
from rently_db.sql.catalog import VIEWS, Entity, load_entity
from rently_db.sql.entities import DeployEntity, DropEntity, Half, ReplaceEntity

log = logging.getLogger("rently_db.migrate")

RUN = "rently_run"
"""Under this key the deployment leaves its ``MigrationRun`` in the connection's ``info``."""
LOCK_BUDGET_VARIABLE = "RENTLY_LOCK_BUDGET"


@cache
def frozen(revision_file: str, revision: str | None = None) -> Frozen:
    """The frozen folder of a revision, given the ``__file__`` of its module: ``migrations/sql/<revision>``; or another's."""
    path = Path(revision_file)
    return Frozen(path.parents[1] / "sql" / (revision or path.stem))


def entities(folder: Frozen, kind: str) -> list[Step]:
    """The frozen ``functions`` or ``triggers`` of a revision, in the order of its MANIFEST."""
    return [DeployEntity(_entity(folder, name)) for name in read_manifest(folder.folder) if name.startswith(f"{kind}/")]


def _entity(folder: Frozen, name: str) -> Entity:
    """A frozen entity, after comparing its file with the MANIFEST."""
    return _loaded(folder.path(name), read_manifest(folder.folder)[name])


@cache
def _loaded(path: Path, _digest: str) -> Entity:
    # What is frozen says the same each time; to read it takes its time, and steps are asked for more than once.
    return load_entity(path)


def deployed(folder: Frozen, renamed: Mapping[str, Mapping[str, str]] | None = None) -> list[Step]:
    """All that a folder made by ``rently-db freeze`` deploys, entities and statement files, in the order of its MANIFEST.

    On the way down triggers go first: from then on nobody's writing meets what is dropped. What stands below ``former/`` too is changed,
    what stands only there is dropped. A changed table is nobody's business here: a statement file alters it. ``renamed`` says which
    columns of changed views only got another name (view -> former -> latter).
    """
    names = [name for name in read_manifest(folder.folder) if not name.startswith(FORMER)]
    former = {name.removeprefix(FORMER): _entity(folder, name) for name in read_manifest(folder.folder) if name.startswith(FORMER)}
    steps: list[Step] = []
    last: list[Step] = []
    views: list[Entity] = []
    for name in names:
        if "/" not in name:
            # What was filled is read at once, by the views that follow: without statistics that takes a hundred times as long.
            tables = ", ".join(step.entity.qualified for step in steps if isinstance(step, DeployEntity) and step.entity.kind == "table")
            steps += folder.steps(name)
            steps += [Statement(f"statistics after {name}", (f"ANALYZE {tables}",))] if tables else []
            continue
        entity = _entity(folder, name)
        if name not in former or entity.kind == "seed":
            step = DeployEntity(entity)
            steps.append(Half(step, "up") if entity.kind == "trigger" else step)
            last += [Half(step, "down")] if entity.kind == "trigger" else []
        elif entity.kind in ("function", "trigger", "grant"):
            steps.append(ReplaceEntity(entity, former[name]))
        elif entity.kind in VIEWS:
            # They stand one after the other: all change at once.
            views.append(entity)
            if len(views) == sum(former[other].kind in VIEWS for other in names if other in former):
                before = sorted((former[view.file] for view in views), key=lambda view: list(former).index(view.file))
                steps.append(ChangeViews(folder.folder.name, tuple(before), tuple(views), renamed or {}))
    return [*steps, *(DropEntity(entity) for name, entity in former.items() if name not in names), *last]


class Baseline:
    """The step of revision ``v0``: create the twenty tables, or take over those that are there.

    The online run has compared them column by column before (``adoption.look``); a script compares table and column names itself.
    """

    def up(self) -> list[Action]:
        """Create or adopt."""
        expected = ", ".join(
            f"({literal(table.name)}, {literal(column.name)}, {literal(column.type)})"
            for table in BASELINE.values()
            for column in table.columns
        )
        names = ", ".join(literal(name) for name in BASELINE)
        create = ";\n".join(create_baseline_sql())
        body = (
            "IF EXISTS (SELECT FROM ops.baseline) THEN RETURN; END IF;\n"
            f"IF EXISTS (SELECT FROM unnest(ARRAY[{names}]) AS n WHERE to_regclass('public.' || n) IS NOT NULL) THEN\n"
            "  SELECT string_agg(e.t || '.' || e.c || ' ' || e.k, ', ') INTO missing\n"
            f"  FROM (VALUES {expected}) AS e (t, c, k)\n"
            "  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_attribute a WHERE a.attrelid = to_regclass('public.' || e.t)\n"
            "    AND a.attname = e.c AND pg_catalog.format_type(a.atttypid, a.atttypmod) = e.k AND NOT a.attisdropped);\n"
            "  IF missing IS NOT NULL THEN\n"
            "    RAISE EXCEPTION 'schema public is neither empty nor v0; missing or different: %', missing;\n  END IF;\n"
            "  INSERT INTO ops.baseline (adopted) VALUES (true);\nELSE\n"
            f"{create};\n"
            "  INSERT INTO ops.baseline (adopted) VALUES (false);\nEND IF;"
        )
        return [Action("v0", (do_block(body, "  missing text;"),), mode=Mode.DATA)]

    def down(self) -> list[Action]:
        """Drop the tables, if rently_db made them and they are empty."""
        rows = " OR ".join(f"EXISTS (SELECT FROM public.{name})" for name in BASELINE)
        drop = "; ".join(f"DROP TABLE public.{name}" for name in reversed(BASELINE))
        body = (
            f"IF (SELECT bool_or(adopted) FROM ops.baseline) OR {rows} THEN\n"
            "  RAISE EXCEPTION 'v0 was adopted or holds rows: it is not dropped';\nEND IF;\n"
            f"{drop};\nDROP SCHEMA IF EXISTS {KEPT_SCHEMA} CASCADE;\nDELETE FROM ops.baseline;"
        )
        return [Action("v0", (do_block(body),))]


def up_actions(steps: Sequence[Step]) -> list[Action]:
    """What an upgrade does, in order."""
    return [action for step in steps for action in step.up()]


def down_actions(steps: Sequence[Step]) -> list[Action]:
    """What a downgrade does: the steps backwards."""
    return [action for step in reversed(steps) for action in step.down()]


def upgrade(revision: str, steps: Sequence[Step]) -> None:
    """Carry out (or print) the upgrade to ``revision``."""
    _run(revision, "up", up_actions(steps))


def downgrade(revision: str, steps: Sequence[Step]) -> None:
    """Carry out (or print) the way back from ``revision``."""
    _run(revision, "down", down_actions(steps))


def lock_budget() -> Budget:
    """The budget in force: ``RENTLY_LOCK_BUDGET`` seconds, 1 without it.

    Raises:
        CommandError: the variable holds no positive number, or more than an hour.
    """
    return Budget(lock_seconds=seconds(LOCK_BUDGET_VARIABLE, 1, "the lock budget", at_most=3600))


def _run(revision: str, direction: str, actions: list[Action]) -> None:
    context = op.get_context()
    budget = lock_budget()
    if context.as_sql:
        with context.autocommit_block():
            context.impl.static_output(as_script(revision, direction, actions, budget))
        return
    with context.autocommit_block():
        run_actions(context, revision, direction, actions, budget)


def run_actions(context: MigrationContext, revision: str, direction: str, actions: list[Action], budget: Budget) -> Tally:
    """Run actions on the context's connection, which is in autocommit.

    Raises:
        ResumableError: a step failed; what was done before stays, and the same command goes on from there.
    """
    assert context.connection is not None
    raw = context.connection.connection.driver_connection
    assert raw is not None
    runner = Runner(raw, revision, direction, budget, context.connection.info.get(RUN))
    try:
        tally = runner.run(actions)
    except StepError as failure:
        raise ResumableError(str(failure)) from failure
    log.info(
        "%s (%s): %d steps done, %d were done already, %d rows, %.1f s, longest lock %.3f s, %d retries",
        revision,
        direction,
        tally.done,
        tally.skipped,
        tally.rows,
        tally.seconds,
        tally.longest_lock_seconds,
        tally.retries,
    )
    return tally
