"""What Alembic runs when it has written a revision (``post_write_hooks`` of alembic.ini): the script of its way back.

python -m rently_db.migrate.after_writing migrations/versions/REVISION.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from alembic.script import ScriptDirectory
from alembic.util import CommandError

from rently_db.migrate.freezing import fill_rollback


def main(arguments: list[str]) -> int:
    """Write it, or say what is to be done first."""
    (path,) = map(Path, arguments)
    try:
        fill_rollback(ScriptDirectory(str(path.resolve().parents[1])), path.stem)
    except CommandError as unfinished:
        print(f"{unfinished}\nThen rently-db freeze {path.stem} --again writes the script of the way back.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
