"""Alembic's entry: which database, which models, and the deployment's checks before anything runs."""

from __future__ import annotations

from logging.config import fileConfig
from pathlib import Path

from alembic import context
from alembic.util import CommandError
from alembic_utils.replaceable_entity import registry
from psycopg2.errors import InvalidParameterValue
from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import DBAPIError

from rently_db.database import DatabaseUrlError, make_engine, resolve_url
from rently_db.migrate.arguments import mapping_of, read_arguments
from rently_db.migrate.autogenerate import include_name, include_object, register, render_item, same_default
from rently_db.migrate.deployment import Deployment, Plan, connection_failure, planned
from rently_db.migrate.errors import ResumableError
from rently_db.migrate.frozen import Frozen
from rently_db.migrate.generated import describe
from rently_db.migrate.mapping import remember
from rently_db.migrate.preflight.stored import questions_sql
from rently_db.migrate.printer import script_head
from rently_db.migrate.revision import lock_budget
from rently_db.migrate.turn import one_at_a_time
from rently_db.models import Base

config = context.config
if config.config_file_name is not None and config.attributes.get("configure_logging", True):
    fileConfig(config.config_file_name, disable_existing_loggers=False)

arguments = read_arguments(context.get_x_argument(as_dictionary=True))
OPTIONS = {
    "target_metadata": Base.metadata,
    "version_table_schema": "ops",
    "transaction_per_migration": True,
    "compare_type": True,
    "compare_server_default": same_default,
    "include_name": include_name,
    "include_object": include_object,
    "render_item": render_item,
    "autogenerate_plugins": ["alembic.autogenerate.*", "alembic.ext.checkconstraint_byname"],
}


def notify(*, ctx, step, heads, run_args):  # noqa: ANN001, ANN201, ARG001 (Alembic's signature)
    """Tell applications that listen on rently_schema, so that they can drop caches."""
    if not ctx.as_sql:
        ctx.connection.exec_driver_sql("SELECT pg_notify('rently_schema', %s)", (",".join(sorted(heads)) or "base",))


def run_offline() -> None:
    """Print a script for psql."""
    memory = Frozen(Path(context.script.dir) / "sql" / "v0").text("ops.sql")
    memory += "".join(f"{statement};\n" for statement in remember(mapping_of(arguments)))
    # "named": the other paramstyles double every % in a function's body.
    context.configure(dialect_name="postgresql", dialect_opts={"paramstyle": "named"}, literal_binds=True, **OPTIONS)
    memory += preflight_in_sql(planned(context.get_context()))  # which refuses a stamp
    context.get_context().impl.static_output(script_head(lock_budget()) + memory)
    with context.begin_transaction():
        context.run_migrations()


def preflight_in_sql(plan: Plan | None) -> str:
    """What an upgrade leaves for ops.run_pre_migration_validation(); for the way back, nothing."""
    if plan is None or not plan.up:
        return ""
    steps = [step for script in reversed(list(context.script.walk_revisions())) for step in script.module.steps()]
    return Frozen(Path(context.script.dir) / "sql" / "v0").text("preflight.sql") + "".join(f"{sql};\n" for sql in questions_sql(steps))


def deploys() -> bool:
    """Whether the command changes the database (upgrade, downgrade, stamp), as against those that only look."""
    try:
        context.get_revision_argument()
    except KeyError:
        return False
    return True


def unlimited(raw, record):  # noqa: ANN001, ANN201, ARG001 (SQLAlchemy's signature)
    """Settings that older servers don't know: no limit on idle sessions and long validations; a client that is gone is noticed."""
    with raw.cursor() as cursor:
        for since, setting in (
            (140000, "idle_session_timeout = 0"),
            (140000, "client_connection_check_interval = '10s'"),
            (170000, "transaction_timeout = 0"),
        ):
            if raw.info.server_version >= since:
                try:
                    cursor.execute(f"SET {setting}")
                    raw.commit()
                except InvalidParameterValue:  # a server on Windows can't notice such clients, and says so
                    raw.rollback()


def run_on(connection: Connection, engine: Engine) -> None:
    """Run the command on a connection: checks first, then the revisions."""
    if not deploys():
        # Which variant of a function is meant depends on the server's version.
        register(registry, connection)
        connection.rollback()
    context.configure(connection=connection, on_version_apply=notify, process_revision_directives=describe, **OPTIONS)
    plan = planned(context.get_context())
    connection.rollback()
    if plan is None or not plan.revisions:
        # Nothing will be deployed: don't create a version table, where schema ops may not even exist.
        context.get_context().opts["dont_mutate"] = True
    if plan is None:
        run_revisions()
    else:
        Deployment(engine, context.script, arguments).run(context.get_context(), plan, run_revisions, config.attributes.get("observer"))


def run_revisions() -> None:
    """Alembic's part: one revision after the other."""
    with context.begin_transaction():
        context.run_migrations()


def run_online() -> None:
    """Connect, one deployment at a time, and run."""
    try:
        with resolve_url(arguments.get("url") or config.attributes.get("url")) as url:
            # Role-level timeouts are meant for applications: they would kill a validation or an index build.
            # A client that is stopped in the midst of a transaction must not hold its locks for ever.
            # What a crash may take back with synchronous_commit off is whole transactions, the last ones: the next run does them again.
            options = "-c statement_timeout=0 -c idle_in_transaction_session_timeout=60s -c synchronous_commit=off"
            engine = make_engine(url, connect_args={"options": options})
            event.listen(engine, "connect", unlimited)
            try:
                with one_at_a_time(engine) if deploys() else engine.connect() as connection:
                    run_on(connection, engine)
            except DBAPIError as error:
                # The first connection failed, one was lost on the way, or a right is missing; what was done stays, the command goes on.
                raise connection_failure(error, engine) from error
            finally:
                engine.dispose()
    except DatabaseUrlError as error:
        raise CommandError(str(error)) from error
    except KeyboardInterrupt as error:
        raise ResumableError("stopped by Ctrl-C; what was done stays, and the same command goes on from there") from error


if context.is_offline_mode():
    run_offline()
else:
    run_online()
