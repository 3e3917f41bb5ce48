"""One run of ``alembic upgrade`` or ``downgrade``: who may deploy, what is checked first, what an earlier run left half done.

``migrations/env.py`` calls this and nothing else. Whatever a user can cause ends as ``CommandError``: one sentence, no traceback.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg2
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg2.errors import DiskFull, InsufficientPrivilege
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import connect_error_sentence, masked
from rently_db.migrate.accounting import report
from rently_db.migrate.adoption import name_conflicts
from rently_db.migrate.arguments import mapping_of, quarantine_of
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.checks import check_adoption, check_extensions, check_writable
from rently_db.migrate.errors import FindingsError, ResumableError
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.mapping import ValueMapping, remember
from rently_db.migrate.neighbours import taken_names, users
from rently_db.migrate.pace import most_lag
from rently_db.migrate.pooling import check_pooling
from rently_db.migrate.preflight import SAMPLE, preflight
from rently_db.migrate.preflight.stored import questions_sql
from rently_db.migrate.quarantine import Quarantine, choose, request
from rently_db.migrate.revision import RUN, down_actions, lock_budget, run_actions, up_actions
from rently_db.migrate.roles import missing_for_roles, roles_setting
from rently_db.migrate.run import Guarded, MigrationRun, Observer, Silent, Watcher, begin, end
from rently_db.migrate.steps import Step, flat

log = logging.getLogger("rently_db.migrate")


@dataclass(frozen=True, slots=True)
class Plan:
    """Which revisions a run will go through, in order, and in which direction."""

    direction: str
    revisions: tuple[str, ...]
    current: str | None

    target: str | None = None

    @property
    def up(self) -> bool:
        """Whether it is an upgrade."""
        return self.direction == "up"


def planned(context: MigrationContext) -> Plan | None:
    """What the Alembic command at hand will do, or None if it deploys nothing (``check``, ``current``, ``revision``).

    Raises:
        CommandError: the command is ``stamp``: a database is never marked as what nobody checked.
    """
    if "destination_rev" not in context.opts:
        return None
    heads = context.get_current_heads()
    steps = list(context.opts["fn"](heads, context))
    if any(isinstance(step, StampStep) for step in steps):
        raise CommandError(
            "alembic stamp would mark the database as something nobody compared it with; "
            "alembic upgrade v0 compares it, adopts it if it is v0, and changes nothing else"
        )
    revisions = [step for step in steps if isinstance(step, RevisionStep)]
    # Without a revision to go through there may still be one to finish: then the command itself says in which direction.
    going_up = revisions[0].is_upgrade if revisions else context.opts["fn"].__name__ != "downgrade"
    names = tuple(step.revision.revision for step in revisions)
    current = heads[0] if heads else None
    last = revisions[-1] if revisions else None
    target = (last.to_revisions_no_deps[0] if last.to_revisions_no_deps else None) if last else current
    return Plan("up" if going_up else "down", names, current, target)


class Deployment:
    """The checks before the first change, and the tidying up after a killed run."""

    def __init__(self, engine: Engine, script: ScriptDirectory, arguments: dict[str, str]) -> None:
        self._engine = engine
        self._script = script
        self._arguments = arguments
        self._quarantine: Quarantine | None = None

    def run(self, context: MigrationContext, plan: Plan, work: Callable[[], None], observer: Observer | None = None) -> None:
        """Check, create what the migration remembers in, finish what an earlier run began, do the ``work``, and record how it ended.

        Raises:
            FindingsError, CommandError: something forbids the run, and nothing has been changed.
            ResumableError: a step failed; what was done stays, and the same command goes on.
        """
        if not plan.revisions and not self._half_done(plan):
            log.info("nothing to do: the database is at %s", plan.current or "no revision")
            if plan.up and plan.current == "v0":
                # An earlier release may have adopted it, which asked less before the migration.
                with self._engine.connect() as connection:
                    check_writable(connection)
                self._create_ops(self._mapping())
            work()
            return
        self._check(plan)
        run = MigrationRun(observer=Guarded(observer or Silent()))
        assert context.connection is not None
        context.connection.info[RUN] = run
        pid = int(str(context.connection.scalar(text("SELECT pg_backend_pid()"))))
        context.connection.rollback()
        with self._engine.begin() as connection:
            run.id = begin(connection, plan.direction, plan.current, plan.target, pid)
        run.watcher = Watcher(self._another_connection, pid, run.waiting)
        run.watcher.start()
        error: str | None = "stopped"
        try:
            self._finish(context, plan)
            work()
            error = None
        except CommandError as failure:
            error = str(failure).splitlines()[0]
            raise
        except (DBAPIError, psycopg2.Error) as failure:
            said = connection_failure(failure, self._engine)
            error = str(said)
            if isinstance(said, ResumableError):
                raise said from failure
            raise ResumableError(f"{error}; what was done stays, and the same command goes on from there") from failure
        finally:
            run.watcher.stop()
            self._end(run, error)

    def _another_connection(self) -> PgConnection:
        """A psycopg2 connection in autocommit, apart from the pool."""
        pooled = self._engine.raw_connection()
        raw: Any = pooled.driver_connection
        pooled.detach()
        raw.autocommit = True
        return cast("PgConnection", raw)

    def _end(self, run: MigrationRun, error: str | None) -> None:
        try:
            with self._engine.begin() as connection:
                end(connection, run, error)
        except DBAPIError:
            # The next run will find this one unfinished.
            log.warning("the server is gone: what was done is done, but how the run ended could not be recorded")
            return
        if error is None:
            self._report(run)

    def _report(self, run: MigrationRun) -> None:
        with self._engine.connect() as connection:
            for line in report(connection):
                log.info("%s", line)
        log.info("done: %s", run.summary())

    def _check(self, plan: Plan) -> None:
        roles_setting(self._arguments)
        lock_budget()  # a malformed setting is an error now, not half way
        most_lag()
        check_pooling(self._engine)
        with self._engine.connect() as connection:
            check_writable(connection)
            if plan.up:
                self._check_upgrade(connection, plan)
            else:
                self._check_downgrade(connection, plan)
        if plan.up:
            self._create_ops(self._mapping())
            if self._quarantine is not None:
                with self._engine.begin() as connection:
                    request(connection, self._quarantine)

    def steps(self, revision: str) -> Sequence[Step]:
        """The steps of a revision, as its file lists them."""
        module: Any = self._script.get_revision(revision).module
        result: Sequence[Step] = module.steps()
        return result

    def _all_steps(self) -> list[Step]:
        return self._steps_of(script.revision for script in reversed(list(self._script.walk_revisions())))

    def _steps_of(self, revisions: Iterable[str]) -> list[Step]:
        return [step for revision in revisions for step in flat(self.steps(revision))]

    # Checks

    def _check_upgrade(self, connection: Connection, plan: Plan) -> None:
        if plan.current is None and "v0" in plan.revisions:
            check_adoption(connection)
        if "v1_expand" in plan.revisions and not self._begun(connection, "v1_expand", "up"):
            self._check_v0(connection)
        elif quarantine_of(self._arguments) is not None:
            log.warning("rows are chosen for quarantine before the first change, and an earlier run made that: those it chose, no others")
        if "v1_ops" in plan.revisions:
            self._check_roles(connection)
        taken = taken_names(connection, self._steps_of(name for name in plan.revisions if not self._begun(connection, name, "up")))
        if taken:
            raise FindingsError(f"what {plan.target} creates is there already, made by somebody else:\n  " + _listed(taken))

    def _check_roles(self, connection: Connection) -> None:
        wanted = roles_setting(self._arguments)
        statements = missing_for_roles(connection)
        if not statements:
            return
        what = "roles of ours are missing, or not yours to use, and you may not create or grant them"
        if wanted == "require":
            raise FindingsError(f"{what}; have a DBA run this, then run the same command again:\n  " + _listed(statements))
        log.warning(
            "%s; the upgrade goes on without them. Have a DBA run this, then give the rights with rently-db access apply:\n  %s",
            what,
            _listed(statements),
        )

    def _check_v0(self, connection: Connection) -> None:
        check_extensions(connection)
        taken = name_conflicts(connection, self._all_steps())
        if taken:
            raise FindingsError("what v1 creates is there already, made by somebody else:\n  " + _listed(taken))
        if any(table in connection.dialect.get_table_names(connection, "public") for table in BASELINE):
            limit = quarantine_of(self._arguments)
            findings = preflight(connection, self._all_steps(), self._mapping(), sample=SAMPLE if limit is None else limit + 1)
            if limit is not None:
                try:
                    self._quarantine = choose(connection, findings, limit)
                except CommandError as refusal:
                    raise FindingsError(str(refusal)) from refusal
            elif findings:
                raise FindingsError(
                    f"{len(findings)} rules of v1 are broken by rows that no declared repair mends:\n  "
                    + "\n  ".join(finding.sentence() for finding in findings)
                    + "\nNothing was changed. Mend these rows, then run the same command again.",
                    findings,
                )

    def _check_downgrade(self, connection: Connection, plan: Plan) -> None:
        found = users(connection, self._all_steps(), self._steps_of(plan.revisions))
        if found:
            raise FindingsError(
                "what goes with v1 is used by others:\n  "
                + "\n  ".join(found)
                + "\nNothing was changed. Drop or change these, then run the same command again."
            )
        if "v0" not in plan.revisions:
            return
        adopted = bool(connection.scalar(text("SELECT bool_or(adopted) FROM ops.baseline")))
        filled = [
            name
            for name in BASELINE
            if connection.scalar(text("SELECT to_regclass(:name) IS NOT NULL"), {"name": f"public.{name}"})
            and connection.scalar(text(f"SELECT EXISTS (SELECT FROM public.{name})"))
        ]
        if adopted or filled:
            reason = "it was there before rently_db and was adopted" if adopted else f"{', '.join(filled[:3])} hold rows"
            raise CommandError(
                f"alembic downgrade base would drop the tables of v0, and {reason}; "
                "to leave v1, run alembic downgrade v0; to remove the database, DROP DATABASE"
            )

    # What an earlier run left

    def _begun(self, connection: Connection, revision: str, direction: str) -> bool:
        if not connection.scalar(text("SELECT to_regclass('ops.migration_step') IS NOT NULL")):
            return False
        return bool(
            connection.scalar(
                text("SELECT EXISTS (SELECT FROM ops.migration_step WHERE revision = :revision AND direction = :direction)"),
                {"revision": revision, "direction": direction},
            )
        )

    def _half_done(self, plan: Plan) -> list[tuple[str, str]]:
        """(revision, direction) that a killed run began and that this run must finish first.

        Going up: the current revision, if somebody began to take it down. Going down: the one above, if somebody began to build it.
        """
        with self._engine.connect() as connection:
            if plan.up and plan.current is not None and self._begun(connection, plan.current, "down"):
                return [(plan.current, "up")]
            if not plan.up:
                chain = [script.revision for script in reversed(list(self._script.walk_revisions()))]
                above = chain[chain.index(plan.current) + 1 :] if plan.current in chain else []
                return [(name, "down") for name in above[:1] if self._begun(connection, name, "up")]
        return []

    def _finish(self, context: MigrationContext, plan: Plan) -> None:
        unfinished = self._half_done(plan)
        if not unfinished:
            return
        with context.begin_transaction(_per_migration=True), context.autocommit_block():
            for revision, direction in unfinished:
                log.info("an earlier run was stopped on the way: going %s through %s first", direction, revision)
                steps = self.steps(revision)
                actions = up_actions(steps) if direction == "up" else down_actions(steps)
                run_actions(context, revision, direction, actions, lock_budget())

    # What the migration remembers

    def _create_ops(self, mapping: ValueMapping) -> None:
        folder = Frozen(Path(self._script.dir) / "sql" / "v0")
        with self._engine.begin() as connection:
            connection.exec_driver_sql(folder.text("ops.sql"), execution_options={"no_parameters": True})
            connection.exec_driver_sql(folder.text("preflight.sql"), execution_options={"no_parameters": True})
            for statement in (*questions_sql(self._all_steps()), *remember(mapping)):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def _mapping(self) -> ValueMapping:
        return mapping_of(self._arguments)


def _listed(sentences: list[str]) -> str:
    return "\n  ".join(sentences) + "\nNothing was changed."


def connection_failure(error: DBAPIError | psycopg2.Error, engine: Engine) -> CommandError:
    """What the server or the driver refused, as one sentence without the password; or what the step said that failed first."""
    before = error.__context__
    while before is not None:
        if isinstance(before, CommandError):
            # A step lost its connection and said so; tidying up on a connection that is gone failed as well.
            return before
        before = before.__context__
    cause = error.orig if isinstance(error, DBAPIError) else error
    if isinstance(cause, InsufficientPrivilege):
        return CommandError(
            f"{masked(engine.url)}: {str(cause).strip().splitlines()[0]}; connect as the role that deploys, or have it grant the right"
        )
    if isinstance(cause, DiskFull):
        return CommandError(f"{masked(engine.url)}: {str(cause).strip().splitlines()[0]}; make room on the server's disk")
    return CommandError(connect_error_sentence(error, engine.url))
