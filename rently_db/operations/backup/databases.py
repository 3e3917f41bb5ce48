"""Create, look into and drop the databases that backups are restored into."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import URL, Connection, NullPool, text
from sqlalchemy.exc import DBAPIError, OperationalError

from rently_db.database import connect_error_sentence, make_engine, masked, server_version
from rently_db.operations.backup.errors import BackupError
from rently_db.operations.backup.manifest import Manifest

_HELD = text(
    """
    SELECT n.nspname || '.' || c.relname FROM pg_class AS c INNER JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_depend AS d WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
    ORDER BY 1
    """
)


@contextmanager
def session(url: URL) -> Iterator[Connection]:
    """A connection in autocommit. Raises BackupError if the server can't be reached."""
    engine = make_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    try:
        try:
            connection = engine.connect()
        except OperationalError as problem:
            raise BackupError(connect_error_sentence(problem, url)) from problem
        with connection:
            yield connection
    finally:
        engine.dispose()


def exists(url: URL) -> bool:
    """Whether the server has the database that the URL names. Raises BackupError if it can't be asked."""
    try:
        with session(url):
            return True
    except BackupError as problem:
        said = str(getattr(problem.__cause__, "orig", ""))
        if re.search(r'database ".*" does not exist', said):
            return False
        raise


def create(admin: Connection, name: str, manifest: Manifest) -> list[str]:
    """Create an empty database that can hold the backup; returns what is not as it was, as sentences. Raises BackupError."""
    quoted = admin.dialect.identifier_preparer.quote_identifier(name)
    collate, ctype, encoding = (value.replace("'", "''") for value in (manifest.collate, manifest.ctype, manifest.encoding))
    # An operating system without that locale: C exists everywhere and goes with every encoding.
    for locale in (f"LC_COLLATE '{collate}' LC_CTYPE '{ctype}'", "LC_COLLATE 'C' LC_CTYPE 'C'"):
        try:
            statement = f"CREATE DATABASE {quoted} TEMPLATE template0 ENCODING '{encoding}' {locale}"
            admin.exec_driver_sql(statement, execution_options={"no_parameters": True})
        except DBAPIError as problem:
            if "locale" not in str(problem.orig) or locale.endswith("'C'"):
                raise BackupError(
                    f"{masked(admin.engine.url)}: the database {name} can't be created: {connect_error_sentence(problem)}; "
                    "the user needs the right CREATEDB, or create it as an administrator"
                ) from problem
        else:
            break
    return [] if "'C'" not in locale or manifest.collate == "C" else [f"this server has no locale {manifest.collate}: texts sort as in C"]


def drop(admin: Connection, name: str) -> None:
    """Drop a database, whoever is connected to it."""
    admin.execute(text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"), {"name": name})
    quoted = admin.dialect.identifier_preparer.quote_identifier(name)
    admin.exec_driver_sql(f"DROP DATABASE IF EXISTS {quoted}", execution_options={"no_parameters": True})


def check_version(connection: Connection, manifest: Manifest) -> None:
    """Raise BackupError if the server is older than the one the backup comes from, whose SQL it may not know."""
    version = server_version(connection) // 10_000
    if version < manifest.server_version // 10_000:
        raise BackupError(
            f"the backup comes from PostgreSQL {manifest.server_version // 10_000}, {masked(connection.engine.url)} is {version}; "
            "name a server that is not older"
        )


def held_relations(connection: Connection) -> list[str]:
    """Names of the tables, views and sequences in the database, those of extensions aside."""
    return [str(name) for name in connection.scalars(_HELD)]
