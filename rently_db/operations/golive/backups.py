"""The criterion of the backup: this database's, recent, undamaged, and proven by restoring it."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import URL, NullPool

from rently_db.database import make_engine
from rently_db.migrate.content import measure_table, snapshot
from rently_db.operations.backup import BackupError, DamagedError, Manifest, read_proof, verify
from rently_db.operations.backup.manifest import check_file, read_manifest
from rently_db.operations.backup.tools import Progress
from rently_db.operations.golive.criterion import Finding, Verdict, judged
from rently_db.operations.golive.options import Options
from rently_db.server import ServerError

_WRITTEN_ONCE = "ops.migration_run"
"""Who migrated when: no two databases have the same, and nothing is written there until the next migration."""


def backup(url: URL, options: Options, progress: Progress) -> Finding:
    """The backup that is named: what its record, its last proof, its bytes and the database say of it."""
    file = options.backup
    if file is None:
        return Finding(
            Verdict.NOT_SHOWN,
            ("no backup was named: --backup FILE shows one",),
            ("rently-db backup rently.dump", "rently-db golive --backup rently.dump --verify-backup"),
        )
    named = shlex.quote(str(file))
    try:
        manifest = read_manifest(file)
        if options.verify_backup:
            verify(file, server=options.scratch, progress=progress)  # it keeps what it came to, which is judged below like any other proof
        else:
            check_file(file, manifest, progress)
    except DamagedError as problem:
        return Finding(Verdict.NOT_MET, (str(problem),), ("rently-db backup another.dump",))
    except (BackupError, ServerError) as problem:
        taken = () if file.is_file() else (f"rently-db backup {named}",)
        return Finding(Verdict.NOT_SHOWN, (str(problem),), (*taken, f"rently-db golive --backup {named} --verify-backup"))
    wrong = _wrong(url, manifest, options.backup_hours)
    what = (
        f"{manifest.rows:,} rows of {len(manifest.tables)} tables of database {manifest.database} at {manifest.revision or 'no revision'}"
    )
    evidence = [
        f"{file}: {what}, taken {manifest.taken_at:%Y-%m-%d %H:%M:%S} UTC, {manifest.size:,} bytes",
        f"undamaged now: SHA-256 {manifest.sha256}",
    ]
    if wrong:
        return judged(wrong, evidence, "rently-db backup another.dump", "rently-db golive --backup another.dump --verify-backup")
    return _proven(file, manifest, evidence, options.backup_hours, named)


def _wrong(url: URL, manifest: Manifest, hours: float) -> list[str]:
    """Why it is not a backup that would bring this database back as it is."""
    problems = []
    with make_engine(url, poolclass=NullPool).connect() as connection, snapshot(connection):
        database = str(connection.exec_driver_sql("SELECT current_database()").scalar())
        revision = str(connection.exec_driver_sql("SELECT version_num FROM ops.alembic_version").scalar())
        table = next((table for table, _ in manifest.tables if table.label == _WRITTEN_ONCE), None)
        if manifest.database != database:
            problems.append(f"it is a backup of database {manifest.database}, and this one is {database}")
        elif manifest.revision != revision:
            problems.append(f"it was taken at {manifest.revision or 'no revision'}: what was written at {revision} is not in it")
        elif table is None or measure_table(connection, table) != manifest.contents[_WRITTEN_ONCE]:
            problems.append(f"it is a backup of another database named {database}: their records of migrations differ")
    age = datetime.now(UTC) - manifest.taken_at
    if age > timedelta(hours=hours):
        problems.append(f"it is {age.total_seconds() / 3600:,.1f} hours old, and may be {hours:g}")
    return problems


def _proven(file: Path, manifest: Manifest, evidence: list[str], hours: float, named: str) -> Finding:
    proof = read_proof(file)
    if proof is None or proof.sha256 != manifest.sha256:
        what = "it was never restored and compared" if proof is None else "what was restored and compared was another file"
        return Finding(Verdict.NOT_SHOWN, (what, *evidence), (f"rently-db backup verify {named}",))
    problems = [] if proof.ok else ["restored, it was not what was backed up", *proof.differences[:3], *proof.problems[:3]]
    if proof.ok and datetime.now(UTC) - proof.verified_at > timedelta(hours=hours):
        problems.append(f"that it restores was shown more than {hours:g} hours ago")
    evidence.append(
        f"restored and compared {proof.verified_at:%Y-%m-%d %H:%M:%S} UTC: {proof.rows:,} rows of {proof.tables} tables"
        + (", each with the rows, money and content of its record" if proof.ok else "")
    )
    return judged(problems, evidence, f"rently-db backup verify {named}")
