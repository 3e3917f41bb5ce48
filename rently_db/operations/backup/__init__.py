"""Backups that can be trusted: taken with a record of what they hold, proved by restoring them, restored without losing later writes."""

from rently_db.operations.backup.dump import backup
from rently_db.operations.backup.errors import BackupError, DamagedError, HalfWayError
from rently_db.operations.backup.manifest import Manifest
from rently_db.operations.backup.proof import Proof, read_proof
from rently_db.operations.backup.restore import restore, restored_before
from rently_db.operations.backup.restoring import Restored
from rently_db.operations.backup.verify import verify
from rently_db.operations.backup.written import TableWrites, check_source, written_since

__all__ = [
    "BackupError",
    "DamagedError",
    "HalfWayError",
    "Manifest",
    "Proof",
    "Restored",
    "TableWrites",
    "backup",
    "check_source",
    "read_proof",
    "restore",
    "restored_before",
    "verify",
    "written_since",
]
