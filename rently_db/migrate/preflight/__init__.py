"""What v1 would refuse, found before the first change: every rule of v1 judged on v0's rows as the declared repairs would leave them.

The rules are those that the revisions froze (CHECK, NOT NULL, unique, foreign key), so the preflight can't forget one. Everything reads
only, and works on a plain v0 database. A table is read once for the rules of single rows: a condition on the raw values, cheap and
evaluated by parallel workers, picks the rows that a repair would change or a rule might refuse; only those are worked out in full.
"""

from rently_db.migrate.preflight.advice import advice
from rently_db.migrate.preflight.evaluate import SAMPLE, preflight, survey
from rently_db.migrate.preflight.findings import Finding, Kind

__all__ = ["SAMPLE", "Finding", "Kind", "advice", "preflight", "survey"]
