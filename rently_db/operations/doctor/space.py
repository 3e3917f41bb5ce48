"""What the upgrade needs of disk and memory, and what the server's host has, where that is ours."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from alembic.script import ScriptDirectory

from rently_db.migrate.steps import flat
from rently_db.operations.doctor.connection import local
from rently_db.operations.doctor.look import Answer, Look, check, missing, ok, warning
from rently_db.operations.forecast import METHOD, Forecast, forecast, readable
from rently_db.server.places import project_dir


def upgrade_forecast(look: Look) -> Forecast | None:
    """What an upgrade to head needs here; None where the revisions are not at hand."""
    folder = project_dir() / "migrations"
    if not (folder / "versions").is_dir():
        return None
    script = ScriptDirectory(str(folder))
    recorded = None
    if look.value("SELECT EXISTS (SELECT FROM pg_tables WHERE schemaname = 'ops' AND tablename = 'alembic_version')"):
        recorded = look.value("SELECT version_num FROM ops.alembic_version")
    left = [revision for revision in script.walk_revisions(base=recorded or "base", head="heads") if revision.revision != recorded]
    return forecast(look.sizes, [step for revision in left for step in flat(revision.module.steps())])


@check("space", "forecast")
def needed(look: Look) -> Iterator[Answer]:
    """The upgrade's appetite."""
    expected = upgrade_forecast(look)
    if expected is None:
        yield warning("forecast", "the revisions (folder migrations) are not here", "run rently-db doctor in the checkout that deploys")
        return
    rows = sum(table.rows for table in look.sizes.values())
    if look.sizes and not rows and any(table.table_bytes for table in look.sizes.values()) and _filled(look):
        yield warning("forecast", "the tables' sizes are not known: nobody counted their rows yet", "ANALYZE;")
        return
    found = (
        f"for {rows:,} rows: indexes {readable(expected.index_bytes)}, rows written again {readable(expected.rewritten_bytes)}, "
        f"sorting {readable(expected.sort_bytes)}, WAL {readable(expected.wal_bytes)} ({METHOD})"
    )
    yield ok("forecast", found)


def _filled(look: Look) -> bool:
    """Whether a table has pages of rows: never counted ones (reltuples is -1, or 0 before PostgreSQL 14) look empty."""
    return bool(
        look.value(
            "SELECT coalesce(sum(pg_relation_size(to_regclass('public.' || n))), 0) > 0 FROM unnest(:names) AS n", names=list(look.sizes)
        )
    )


@check("space", "disk")
def disk(look: Look) -> Iterator[Answer]:
    """Whether the data directory's file system has room for the forecast."""
    expected = upgrade_forecast(look)
    data, wal = (expected.data_bytes, expected.wal_bytes) if expected is not None else (0, 0)
    need = f"the upgrade needs about {readable(data)} and {readable(wal)} for WAL"
    directory = _data_directory(look)
    if directory is None:
        where = look.value("SELECT current_setting('data_directory')") if look.superuser else "of the data directory"
        yield warning("disk", f"{need}; free space can't be seen from here", f"look on the host: df -h {where}")
        return
    log = (directory / "pg_wal").resolve()
    free = shutil.disk_usage(directory).free
    yield room("disk", directory, free, data, wal if not _apart(directory, log) else 0)
    if _apart(directory, log):
        yield room("disk of WAL", log, shutil.disk_usage(log).free, 0, wal)


def _apart(directory: Path, log: Path) -> bool:
    try:
        return log.stat().st_dev != directory.stat().st_dev
    except OSError:
        return False


def room(name: str, directory: Path, free: int, data: int, wal: int) -> Answer:
    """Whether `free` bytes are enough for `data` that stays and `wal` that checkpoints take away again."""
    found = f"{readable(free)} free in {directory}; the upgrade needs about {readable(data)} and {readable(wal)} for WAL"
    if free < data or free < wal // 4:
        return missing(name, found, f"on the host: make {readable(data + wal - free)} free in {directory} (df -h {directory})")
    if free < data + wal:
        return warning(name, f"{found}, which fits only if WAL is recycled meanwhile", f"on the host: df -h {directory}")
    return ok(name, found)


@check("space", "memory")
def memory(look: Look) -> Iterator[Answer]:
    """An index build takes maintenance_work_mem; parallel workers share it."""
    if _data_directory(look) is None:
        return
    wanted = look.value("SELECT pg_size_bytes(current_setting('maintenance_work_mem'))")
    available = _available_memory()
    if available is not None:
        yield enough_memory(wanted, available)


def enough_memory(wanted: int, available: int) -> Answer:
    """Whether `available` bytes carry an index build with `wanted` bytes of maintenance_work_mem."""
    found = f"{readable(available)} available; an index build takes {readable(wanted)} (maintenance_work_mem)"
    if wanted > available:
        smaller = f"ALTER SYSTEM SET maintenance_work_mem = '{max(available // 4 // 1024**2, 1)}MB'; SELECT pg_reload_conf();"
        return warning("memory", found, smaller)
    return ok("memory", found)


def _available_memory() -> int | None:
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("MemAvailable:")), None)


def _data_directory(look: Look) -> Path | None:
    """The server's data directory, if the server is on this host and we may look at its file system."""
    if not look.superuser or not local(look.engine.url):
        return None
    directory = Path(str(look.value("SELECT current_setting('data_directory')")))
    try:
        # A forwarded port looks local too: the server's own process must be there, with its file as it said.
        started = (directory / "postmaster.pid").read_text(encoding="utf-8").splitlines()[0]
        return directory if Path(f"/proc/{started}").exists() else None
    except (OSError, IndexError):
        return None
