"""Scaffolds: the files that a new view or a new rule consists of, complete enough that every test passes before the first edit.

``rently-db new`` and ``make new-view``, ``make new-rule`` call these. What is written is a figure or a rule that holds, on tables that are
there; whoever asked for it replaces its query and its words.
"""

from rently_db.scaffold.files import Scaffold
from rently_db.scaffold.rule import new_rule
from rently_db.scaffold.view import new_view

__all__ = ["Scaffold", "new_rule", "new_view"]
