"""One run of ``alembic upgrade`` or ``downgrade``: who may deploy, what is checked first, what an earlier run left half done.

``migrations/env.py`` calls this and nothing else. Whatever a user can cause ends as ``CommandError``: one sentence, no traceback.
"""

from __future__ import annotations

import logging
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep, StampStep
from alembic.script import ScriptDirectory
from alembic.util import CommandError
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError

from rently_db.database import connect_error_sentence, masked
from rently_db.migrate.adoption import State, look, name_conflicts, users_of_columns
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.mapping import ValueMapping, read_mapping, remember
from rently_db.migrate.preflight import preflight
from rently_db.migrate.revision import down_actions, lock_budget, run_actions, up_actions
from rently_db.migrate.steps import Step

log = logging.getLogger("rently_db.migrate")

WAIT_VARIABLE = "RENTLY_DEPLOY_WAIT"
_LOCK_KEY = 7_203_140_582
"""The advisory lock that one deployment at a time holds: any number, the same for every release."""


@dataclass(frozen=True, slots=True)
class Plan:
    """Which revisions a run will go through, in order, and in which direction."""

    direction: str
    revisions: tuple[str, ...]
    current: str | None

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
    return Plan("up" if going_up else "down", names, heads[0] if heads else None)


@contextmanager
def one_at_a_time(engine: Engine) -> Iterator[None]:
    """Hold the deployment lock, waiting up to ``RENTLY_DEPLOY_WAIT`` seconds (600) while another deployment works.

    The lock lives on a connection of its own, polled: a blocking lock would deadlock with the other's concurrent index builds.

    Raises:
        CommandError: the other deployment did not end in time, or the variable is no number.
    """
    patience = _seconds(WAIT_VARIABLE, 600)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        deadline = time.monotonic() + patience
        told = False
        while not connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": _LOCK_KEY}):
            if time.monotonic() > deadline:
                raise CommandError(
                    f"another deployment has been working on this database for {patience:.0f} s; "
                    f"wait for it, or allow more time with {WAIT_VARIABLE}=SECONDS"
                )
            if not told:
                log.info("another deployment is working on this database; waiting up to %.0f s for it to end", patience)
                told = True
            time.sleep(0.5)
        try:
            yield
        finally:
            if not connection.closed and not connection.invalidated:
                connection.execute(text("SELECT pg_advisory_unlock(:key)"), {"key": _LOCK_KEY})


def _seconds(variable: str, default: float) -> float:
    value = os.environ.get(variable)
    try:
        return float(value) if value is not None else default
    except ValueError as error:
        raise CommandError(f"{variable} is {value!r}; give a number of seconds, e.g. {variable}=600") from error


_ARGUMENTS = ("url", "mapping")


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


class Deployment:
    """The checks before the first change, and the tidying up after a killed run."""

    def __init__(self, engine: Engine, script: ScriptDirectory, arguments: dict[str, str]) -> None:
        self._engine = engine
        self._script = script
        self._arguments = arguments

    def prepare(self, context: MigrationContext, plan: Plan) -> None:
        """Check, create what the migration remembers in, and finish what an earlier run began.

        Raises:
            CommandError: something forbids the run; nothing has been changed then.
        """
        if not plan.revisions and not self._half_done(plan):
            return
        lock_budget()  # a malformed setting is an error now, not half way
        with self._engine.connect() as connection:
            self._check_writable(connection)
            if plan.up:
                self._check_upgrade(connection, plan)
            else:
                self._check_downgrade(connection, plan)
        mapping = self._mapping()
        if plan.up:
            self._create_ops(mapping)
        self._finish(context, plan)

    def steps(self, revision: str) -> Sequence[Step]:
        """The steps of a revision, as its file lists them."""
        module: Any = self._script.get_revision(revision).module
        result: Sequence[Step] = module.steps()
        return result

    def _all_steps(self) -> list[Step]:
        return [step for script in reversed(list(self._script.walk_revisions())) for step in self.steps(script.revision)]

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
            raise CommandError(
                "what v1 creates is there already, made by somebody else:\n  " + "\n  ".join(taken) + "\nNothing was changed."
            )
        if any(table in connection.dialect.get_table_names(connection, "public") for table in BASELINE):
            findings = preflight(connection, self._all_steps(), self._mapping())
            if findings:
                raise CommandError(
                    f"{len(findings)} rules of v1 are broken by rows that no declared repair mends:\n  "
                    + "\n  ".join(finding.sentence() for finding in findings)
                    + "\nNothing was changed. Mend these rows, then run the same command again."
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
            raise CommandError(
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
                raise CommandError(
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


def connection_failure(error: DBAPIError, engine: Engine) -> CommandError:
    """What the server or the driver refused, as one sentence without the password."""
    if isinstance(error.orig, InsufficientPrivilege):
        return CommandError(
            f"{masked(engine.url)}: {str(error.orig).strip().splitlines()[0]}; connect as the role that deploys, or have it grant the right"
        )
    return CommandError(connect_error_sentence(error, engine.url))
