"""The steps a revision is made of. Each knows how to go up, how to go back, and how to see that it has been done already.

Going back needs to know what v0 was like where v1 changed it (a foreign key's name and rule, a hand-made default or NOT NULL, a
comment). ``v1_expand`` records that in ``ops.v0_object`` before it changes anything; the way down reads it there, at run time, so that
an offline script restores the same.
"""

from rently_db.migrate.steps.base import KEPT_SCHEMA, Step, flat
from rently_db.migrate.steps.changes import (
    ByHand,
    ChangeComment,
    ChangeComments,
    ChangeConstraint,
    ChangeDefault,
    ChangeDefaults,
    ChangeIndex,
    Gone,
    Nullable,
)
from rently_db.migrate.steps.foreign_keys import ForeignKey
from rently_db.migrate.steps.others import Backfill, Extension, Index, KeyNames, OnTheWayDown, Statement, Yield
from rently_db.migrate.steps.rules import Check, Exclusion, NotNull, Rules, Unique
from rently_db.migrate.steps.schemas import Schema
from rently_db.migrate.steps.tables import AddColumn, AddColumns, Comments, CreateTable, SetDefault, SetDefaults
from rently_db.migrate.steps.views import ChangeColumnType, ChangeViews

__all__ = [
    "KEPT_SCHEMA",
    "AddColumn",
    "AddColumns",
    "Backfill",
    "ByHand",
    "ChangeColumnType",
    "ChangeComment",
    "ChangeComments",
    "ChangeConstraint",
    "ChangeDefault",
    "ChangeDefaults",
    "ChangeIndex",
    "ChangeViews",
    "Check",
    "Comments",
    "CreateTable",
    "Exclusion",
    "Extension",
    "ForeignKey",
    "Gone",
    "Index",
    "KeyNames",
    "NotNull",
    "Nullable",
    "OnTheWayDown",
    "Rules",
    "Schema",
    "SetDefault",
    "SetDefaults",
    "Statement",
    "Step",
    "Unique",
    "Yield",
    "flat",
]
