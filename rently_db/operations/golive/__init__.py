"""`rently-db golive`: whether a database may go live, each criterion measured now, and a sheet to sign."""

from rently_db.operations.golive.criterion import Criterion, GoLive, Verdict
from rently_db.operations.golive.measuring import look
from rently_db.operations.golive.options import Options
from rently_db.operations.golive.sheet import sheet

__all__ = ["Criterion", "GoLive", "Options", "Verdict", "look", "sheet"]
