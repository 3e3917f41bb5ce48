"""`python -m rently_db.dashboards.superset` serves the dashboards until Ctrl-C."""

from __future__ import annotations

from rently_db.dashboards.superset.serve import main

if __name__ == "__main__":
    main()
