"""``python -m rently_db`` is ``rently-db``."""

from rently_db.cli import main

main()
