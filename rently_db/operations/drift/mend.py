"""The SQL that makes a difference go away. It is told, never run."""

from __future__ import annotations

from collections.abc import Callable

from rently_db.migrate.actions import literal
from rently_db.operations.drift.catalogue import Thing

_KEYWORD = {
    "table": "TABLE",
    "view": "VIEW",
    "matview": "MATERIALIZED VIEW",
    "column": "COLUMN",
    "function": "FUNCTION",
    "schema": "SCHEMA",
}
_FROM_BACKUP = "-- no single command: rently-db downgrade to the revision before, then migrate again, or take it from a backup"


def mend(thing: Thing, what: str, found: str | None, expected: str | None) -> str:
    """The SQL that turns what was found into what should be. ``thing`` is as it should be or, if it should not be there, as it is."""
    if what.startswith("grant "):
        return _grant(thing, what, found, expected)
    if what == "comment":
        return f"COMMENT ON {_target(thing)} IS {literal(expected) if expected is not None else 'NULL'}"
    if what == "there":
        return _make(thing) if expected is not None else _drop(thing)
    if what == "identity":
        return _identity(thing, found, expected)
    by_kind = {
        "column": _column,
        "constraint": _constraint,
        "index": _index,
        "trigger": _trigger,
        "function": _function,
        "table": _table,
        "view": _view,
        "matview": _view,
    }
    return by_kind[thing.kind](thing, what, expected) if thing.kind in by_kind else f"{_drop(thing)};\n{_make(thing)}"


def _part(thing: Thing) -> str:
    """The name of what belongs to a table, without the table."""
    return thing.name.rpartition(" on ")[0] or thing.name.rpartition(".")[2]


def _target(thing: Thing) -> str:
    """How COMMENT ON names it."""
    if thing.kind in {"constraint", "trigger", "rule", "policy"}:
        return f"{thing.kind.upper()} {_part(thing)} ON {thing.table}"
    return f"{_KEYWORD.get(thing.kind, thing.kind.upper())} {thing.name}"


def _make(thing: Thing) -> str:
    """Create what is missing."""
    comment = thing.facts.get("comment")
    said = f";\nCOMMENT ON {_target(thing)} IS {literal(comment)}" if comment is not None else ""
    by_kind: dict[str, Callable[[Thing], str]] = {
        "constraint": _make_constraint,
        "column": _make_column,
        "index": _make_index,
        "view": lambda thing: f"CREATE VIEW {thing.name} AS\n{_definition(thing)}",
        "matview": lambda thing: f"CREATE MATERIALIZED VIEW {thing.name} AS\n{_definition(thing)}",
        "trigger": _definition,
        "function": _definition,
        "rule": _definition,
        "extension": lambda thing: f"CREATE EXTENSION {thing.name} SCHEMA public",
    }
    return by_kind[thing.kind](thing) + said if thing.kind in by_kind else _FROM_BACKUP


def _definition(thing: Thing) -> str:
    return thing.facts["definition"].rstrip(";")


def _make_constraint(thing: Thing) -> str:
    definition = thing.facts["definition"]
    add = f"ALTER TABLE {thing.table} ADD CONSTRAINT {_part(thing)} {definition}"
    if not definition.startswith(("CHECK", "FOREIGN KEY")):
        return add
    return f"{add} NOT VALID;\nALTER TABLE {thing.table} VALIDATE CONSTRAINT {_part(thing)}"


def _make_index(thing: Thing) -> str:
    definition = thing.facts["definition"].replace("INDEX ", f"INDEX {_concurrently(thing)}", 1)
    # With ONLY a partitioned table's index would stay without those of its partitions, and unusable.
    return definition if _concurrently(thing) else definition.replace(" ON ONLY ", " ON ", 1)


def _concurrently(index: Thing) -> str:
    """Beside readers and writers, where PostgreSQL can: not for the index of a partitioned table."""
    return "" if " ON ONLY " in index.facts["definition"] else "CONCURRENTLY "


def _make_column(thing: Thing) -> str:
    facts = thing.facts
    default = f" DEFAULT {facts['default']}" if "default" in facts else ""
    required = " NOT NULL" if facts.get("null") == "not allowed" else ""
    return f"ALTER TABLE {thing.table} ADD COLUMN {_part(thing)} {facts['type']}{default}{required}"


def _drop(thing: Thing) -> str:
    """Drop what should not be there."""
    name = _part(thing)
    if thing.kind == "constraint":
        return f"ALTER TABLE {thing.table} DROP CONSTRAINT {name}"
    if thing.kind == "column":
        return f"ALTER TABLE {thing.table} DROP COLUMN {name}"
    if thing.kind in {"trigger", "rule", "policy"}:
        return f"DROP {thing.kind.upper()} {name} ON {thing.table}"
    if thing.kind == "index":
        return f"DROP INDEX {_concurrently(thing)}{thing.name}"
    if thing.kind == "partition":
        return f"ALTER TABLE {thing.table} DETACH PARTITION {thing.name}"
    return f"DROP {_KEYWORD.get(thing.kind, thing.kind.upper())} {thing.name}"


def _grant(thing: Thing, what: str, found: str | None, expected: str | None) -> str:
    privilege, _, role = what.removeprefix("grant ").partition(" to ")
    if " on later " in privilege:
        privilege, _, things = privilege.partition(" on later ")
        verb, way = ("REVOKE", "FROM") if expected is None else ("GRANT", "TO")
        return f"ALTER DEFAULT PRIVILEGES IN SCHEMA {thing.name} {verb} {privilege} ON {things.upper()} {way} {role}"
    on = f"{_KEYWORD[thing.kind]} {thing.name}" if thing.kind in {"function", "schema"} else thing.name
    if thing.kind == "column":
        privilege, on = f"{privilege} ({_part(thing)})", thing.table
    if expected is None:
        return f"REVOKE {privilege} ON {on} FROM {role}"
    if found is not None and expected == "yes":
        return f"REVOKE GRANT OPTION FOR {privilege} ON {on} FROM {role}"
    return f"GRANT {privilege} ON {on} TO {role}{' WITH GRANT OPTION' if expected == 'with grant option' else ''}"


def _function(thing: Thing, what: str, expected: str | None) -> str:
    del what, expected  # of a function only the definition can differ
    return _make(thing)


def _column(thing: Thing, what: str, expected: str | None) -> str:
    alter = f"ALTER TABLE {thing.table} ALTER COLUMN {_part(thing)}"
    if what in {"type", "collation"}:
        return f"{alter} TYPE {thing.facts['type']}" + (f" COLLATE {thing.facts['collation']}" if "collation" in thing.facts else "")
    if what == "null":
        return f"{alter} {'SET' if expected == 'not allowed' else 'DROP'} NOT NULL"
    if what == "default":
        return f"{alter} DROP DEFAULT" if expected is None else f"{alter} SET DEFAULT {expected}"
    return f"{alter} DROP EXPRESSION" if expected is None else _FROM_BACKUP


def _identity(thing: Thing, found: str | None, expected: str | None) -> str:
    alter = f"ALTER TABLE {thing.table} ALTER COLUMN {_part(thing)}"
    if expected is None:
        return f"{alter} DROP IDENTITY"
    # The sequence of an identity that is there goes on where it is.
    return f"{alter} SET GENERATED {expected}" if found is not None else f"{alter} ADD GENERATED {expected} AS IDENTITY"


def _constraint(thing: Thing, what: str, expected: str | None) -> str:
    if what == "validated" and expected == "yes":
        return f"ALTER TABLE {thing.table} VALIDATE CONSTRAINT {_part(thing)}"
    return f"{_drop(thing)};\n{_make(thing)}"


def _index(thing: Thing, what: str, expected: str | None) -> str:
    del expected
    # The index of a partitioned table has nothing to build again: that of a partition is missing, and is made with it.
    if what == "usable" and _concurrently(thing):
        return f"REINDEX INDEX CONCURRENTLY {thing.name}"
    return f"{_drop(thing)};\n{_make(thing)}"


_TRIGGER_STATES = {"enabled": "ENABLE", "disabled": "DISABLE", "enabled replica": "ENABLE REPLICA", "enabled always": "ENABLE ALWAYS"}


def _trigger(thing: Thing, what: str, expected: str | None) -> str:
    if what == "state" and expected is not None:
        return f"ALTER TABLE {thing.table} {_TRIGGER_STATES[expected]} TRIGGER {_part(thing)}"
    return f"{_drop(thing)};\n{_make(thing)}"


def _table(thing: Thing, what: str, expected: str | None) -> str:
    if what == "disabled constraints":
        return f"ALTER TABLE {thing.name} ENABLE TRIGGER ALL"
    if what == "row security":
        return f"ALTER TABLE {thing.name} {'ENABLE' if expected else 'DISABLE'} ROW LEVEL SECURITY"
    if what == "persistence":
        return f"ALTER TABLE {thing.name} SET {'UNLOGGED' if expected else 'LOGGED'}"
    return _options(thing, expected) if what == "options" else _FROM_BACKUP


def _view(thing: Thing, what: str, expected: str | None) -> str:
    if what == "options":
        return _options(thing, expected)
    if what == "filled":
        return f"REFRESH MATERIALIZED VIEW {thing.name}"
    if thing.kind == "view":
        return f"CREATE OR REPLACE VIEW {thing.name} AS\n{thing.facts['definition']}"
    warning = "-- its indexes, grants and what stands on it go with it: better a revision (docs/how-to/change-a-view.md)"
    return f"{warning}\n{_drop(thing)};\n{_make(thing)}"


def _options(thing: Thing, expected: str | None) -> str:
    alter = f"ALTER {_KEYWORD[thing.kind]} {thing.name}"
    return f"{alter} SET ({expected})" if expected else f"{alter} RESET (...)"
