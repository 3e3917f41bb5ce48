"""One run of ``alembic upgrade`` or ``downgrade``: who may deploy, what is checked first, what an earlier run left half done.

``migrations/env.py`` calls this and nothing else. Whatever a user can cause ends as ``CommandError``: one sentence, no traceback.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import psycopg2
from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg2 import Error as PgError
from psycopg2.errors import DiskFull, InsufficientPrivilege
from psycopg2.extensions import connection as PgConnection  # noqa: N812 (psycopg2 names its class in lower case)
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import connect_error_sentence, masked
from rently_db.migrate.accounting import report
from rently_db.migrate.adoption import State, look, name_conflicts, users_of_columns
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.errors import FindingsError, ResumableError
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.mapping import ValueMapping, read_mapping, remember
from rently_db.migrate.pace import most_lag
from rently_db.migrate.pooling import check_pooling
from rently_db.migrate.preflight import SAMPLE, preflight
from rently_db.migrate.quarantine import QUARANTINE_LIMIT, Quarantine, choose, request
from rently_db.migrate.revision import RUN, down_actions, lock_budget, run_actions, up_actions
from rently_db.migrate.run import MigrationRun, Observer, Silent, Watcher, begin, end
from rently_db.migrate.steps import Step, flat

log = logging.getLogger("rently_db.migrate")

WAIT_VARIABLE = "RENTLY_DEPLOY_WAIT"
LOCK_KEY = 7_203_140_582
"""The advisory lock that one deployment at a time holds: any number, the same for every release."""


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


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[Connection]:
    """Hold the deployment lock, waiting up to ``RENTLY_DEPLOY_WAIT`` seconds (600) while another deployment works.

    Gives the connection to work on. The lock belongs to its session, and so is free exactly when nothing of a deployment is at work any
    more: a statement that outlives its killed client keeps it, a lost connection can't leave two at work.
    It is polled: a blocking lock would deadlock with the other's concurrent index builds.

    Raises:
        CommandError: the other deployment did not end in time, or the variable is no number.
    """
    patience = _seconds(WAIT_VARIABLE, 600)
    with engine.connect() as connection:
        # Not through SQLAlchemy: Alembic wants a connection on which no transaction has begun.
        raw = cast("PgConnection", connection.connection.driver_connection)
        _lock(raw, patience)
        try:
            yield connection
        finally:
            if not raw.closed:
                with suppress(PgError):  # the connection was lost, and the lock with it
                    raw.rollback()
                    _ask(raw, "SELECT pg_advisory_unlock(%s)")


def _lock(raw: PgConnection, patience: float) -> None:
    deadline = time.monotonic() + patience
    pause = 0.05
    told = False
    while not _ask(raw, "SELECT pg_try_advisory_lock(%s)"):
        if time.monotonic() > deadline:
            raise ResumableError(
                f"another deployment has been working on this database for {patience:.0f} s; "
                f"wait for it, or allow more time with {WAIT_VARIABLE}=SECONDS"
            )
        if not told:
            log.info("another deployment is working on this database; waiting up to %.0f s for it to end", patience)
            told = True
        time.sleep(pause)
        pause = min(pause * 1.5, 0.5)


def _ask(raw: PgConnection, query: str) -> bool:
    raw.autocommit = True
    try:
        with raw.cursor() as cursor:
            cursor.execute(query, (LOCK_KEY,))
            found = cursor.fetchone()
    finally:
        if not raw.closed:
            raw.autocommit = False
    return bool(found and found[0])


def _seconds(variable: str, default: float) -> float:
    value = os.environ.get(variable)
    try:
        return float(value) if value is not None else default
    except ValueError as error:
        raise CommandError(f"{variable} is {value!r}; give a number of seconds, e.g. {variable}=600") from error


_ARGUMENTS = ("url", "mapping", "on_violation", "quarantine_limit")


def read_arguments(given: dict[str, str]) -> dict[str, str]:
    """The ``-x key=value`` arguments.

    Raises:
        CommandError: a key is unknown or a value empty: it would be ignored, and the command would work on something else.
    """
    for key, value in given.items():
        if key not in _ARGUMENTS:
            raise CommandError(f"-x {key} is not known; there are: {', '.join(f'-x {name}=...' for name in _ARGUMENTS)}")
        if not value:
            raise CommandError(f"-x {key} is empty; give it a value, or leave it out")
    return given


def mapping_of(arguments: dict[str, str]) -> ValueMapping:
    """What the operator's mapping file says, if one is given."""
    return read_mapping(Path(arguments["mapping"])) if "mapping" in arguments else {}


def quarantine_of(arguments: dict[str, str]) -> int | None:
    """How many rows may be set aside; None if the operator did not ask for it.

    Raises:
        CommandError: a value means nothing, or a limit is given without the request.
    """
    wanted = arguments.get("on_violation")
    if wanted not in (None, "stop", "quarantine"):
        raise CommandError(f"-x on_violation is {wanted!r}; give stop or quarantine")
    limit = arguments.get("quarantine_limit")
    if limit is not None and (wanted != "quarantine" or not limit.isdecimal() or int(limit) == 0):
        raise CommandError(f"-x quarantine_limit is {limit!r}; give a number of rows, together with -x on_violation=quarantine")
    return None if wanted != "quarantine" else QUARANTINE_LIMIT if limit is None else int(limit)


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
            work()
            return
        self._check(plan)
        run = MigrationRun(observer=observer or Silent())
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
            # The server is gone: the next run will find this one unfinished.
            return
        if error is None:
            self._report(run)

    def _report(self, run: MigrationRun) -> None:
        with self._engine.connect() as connection:
            for line in report(connection):
                log.info("%s", line)
        log.info("done: %s", run.summary())

    def _check(self, plan: Plan) -> None:
        lock_budget()  # a malformed setting is an error now, not half way
        most_lag()
        check_pooling(self._engine)
        with self._engine.connect() as connection:
            self._check_writable(connection)
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
        return [step for script in reversed(list(self._script.walk_revisions())) for step in flat(self.steps(script.revision))]

    # Checks

    def _check_writable(self, connection: Connection) -> None:
        if connection.scalar(text("SELECT pg_is_in_recovery()")):
            raise CommandError("this server is a read-only replica; connect to the primary")
        if connection.scalar(text("SHOW transaction_read_only")) == "on":
            raise CommandError(
                "this connection is read-only (default_transaction_read_only); "
                "connect with another role, or ALTER ROLE ... RESET default_transaction_read_only"
            )
        version = int(str(connection.scalar(text("SHOW server_version_num"))))
        if version < 120000:
            raise CommandError(f"this server is PostgreSQL {version // 10000}; rently_db needs 12 or newer")
        user, may_create = connection.execute(text("SELECT current_user, has_database_privilege(current_database(), 'CREATE')")).one()
        if not may_create:
            raise CommandError(
                f"role {user} may not create schemas in this database; "
                f"have its owner run: GRANT CREATE ON DATABASE {connection.engine.url.database} TO {user};"
            )
        # From PostgreSQL 15 on nobody may by default.
        if connection.scalar(text("SELECT NOT has_schema_privilege('public', 'CREATE') WHERE to_regnamespace('public') IS NOT NULL")):
            raise CommandError(
                f"role {user} may not create tables in schema public; have its owner run: GRANT CREATE ON SCHEMA public TO {user};"
            )
        strangers = connection.execute(
            text(
                "SELECT c.relname, pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace"
                " AND c.relkind IN ('r', 'p') AND c.relname = ANY(:names) AND NOT pg_has_role(c.relowner, 'USAGE') ORDER BY 1"
            ),
            {"names": list(BASELINE)},
        ).all()
        if strangers:
            table, owner = strangers[0]
            raise CommandError(
                f"role {user} does not own {len(strangers)} of the tables (first: {table}, owned by {owner}), and only an owner may change "
                f"them; connect as {owner}, or have it run: GRANT {owner} TO {user};"
            )

    def _check_upgrade(self, connection: Connection, plan: Plan) -> None:
        if plan.current is None and "v0" in plan.revisions:
            self._check_adoption(connection)
        touches_data = "v1_expand" in plan.revisions
        if not touches_data or self._begun(connection, "v1_expand", "up"):
            return
        self._check_extensions(connection)
        taken = name_conflicts(connection, self._all_steps())
        if taken:
            raise FindingsError(
                "what v1 creates is there already, made by somebody else:\n  " + "\n  ".join(taken) + "\nNothing was changed."
            )
        if any(table in connection.dialect.get_table_names(connection, "public") for table in BASELINE):
            limit = quarantine_of(self._arguments)
            findings = preflight(connection, self._all_steps(), self._mapping(), sample=SAMPLE if limit is None else limit + 1)
            if limit is not None:
                self._quarantine = choose(connection, findings, limit)
            elif findings:
                raise FindingsError(
                    f"{len(findings)} rules of v1 are broken by rows that no declared repair mends:\n  "
                    + "\n  ".join(finding.sentence() for finding in findings)
                    + "\nNothing was changed. Mend these rows, then run the same command again.",
                    findings,
                )

    def _check_adoption(self, connection: Connection) -> None:
        found = look(connection)
        if found.state is State.FOREIGN:
            raise CommandError(
                f"{found.conflicts[0]}: this looks like the wrong database; "
                "connect to the right one, or to an empty one. Nothing was changed."
            )
        if found.state is State.UNRECORDED:
            raise CommandError(
                "this database has the tables of v1 but not its records (schema ops), so nobody can say at which revision it is or what v0 "
                "was like; restore schema ops from a backup (pg_restore --schema=ops), then run the command again. Nothing was changed."
            )
        if found.state is State.CONFLICT:
            raise FindingsError(
                "schema public is neither empty nor v0 (- missing, ! different):\n  "
                + "\n  ".join(found.conflicts)
                + "\nNothing was changed. Mend these differences, then run the same command again."
            )
        if found.state is State.V0:
            log.info("found a v0 database")
            for extra in found.extras:
                log.info("kept as it is, not part of v0: %s", extra)

    def _check_extensions(self, connection: Connection) -> None:
        version = int(str(connection.scalar(text("SHOW server_version_num"))))
        for name in ("btree_gist", "pgcrypto") if version < 130000 else ("btree_gist",):
            schema = connection.scalar(
                text("SELECT n.nspname FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace WHERE e.extname = :name"),
                {"name": name},
            )
            if name == "pgcrypto" and schema not in (None, "public"):
                raise CommandError(f"extension pgcrypto is in schema {schema}; run: ALTER EXTENSION pgcrypto SET SCHEMA public;")
            if schema is not None:
                continue
            if connection.scalar(text("SELECT count(*) FROM pg_available_extensions WHERE name = :name"), {"name": name}) == 0:
                raise CommandError(f"extension {name} is not installed on the server; install PostgreSQL's contrib package there")
            if version < 130000 and not connection.scalar(text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
                raise CommandError(
                    f"on PostgreSQL 12 only a superuser may create {name}; have one run: CREATE EXTENSION {name} SCHEMA public;"
                )

    def _check_downgrade(self, connection: Connection, plan: Plan) -> None:
        if "v1_expand" in plan.revisions:
            users = users_of_columns(connection, self._all_steps())
            if users:
                raise FindingsError(
                    "columns that go with v1 are used by others:\n  "
                    + "\n  ".join(users)
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
            for statement in remember(mapping):
                connection.exec_driver_sql(statement, execution_options={"no_parameters": True})

    def _mapping(self) -> ValueMapping:
        return mapping_of(self._arguments)


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
