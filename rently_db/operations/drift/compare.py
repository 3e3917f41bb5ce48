"""What differs between a database and what it should be; which of it is drift, and which only worth a note."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.roles import ROLES
from rently_db.operations.drift.catalogue import Catalogue, Thing
from rently_db.operations.drift.mend import mend

V0_TABLES = frozenset(f"public.{name}" for name in BASELINE)
_BEHAVIOUR = frozenset({"constraint", "trigger", "rule", "policy", "partition"})
"""Whose: whatever stands on one of our tables decides what may be written there, or is part of it."""
_HOLDERS = frozenset({"table", "view", "matview"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference: of which object, in what, what was found and what should be (None: nothing), and the SQL that mends it.

    ``drift`` is False for what others may do: it is told, and no reason to worry.
    """

    kind: str
    name: str
    what: str
    found: str | None
    expected: str | None
    drift: bool
    mend: str

    def as_json(self) -> dict[str, Any]:
        """All of it by name."""
        return {
            "kind": self.kind,
            "name": self.name,
            "what": self.what,
            "found": self.found,
            "expected": self.expected,
            "drift": self.drift,
            "mend": self.mend,
        }


@dataclass(frozen=True, slots=True)
class Allowed:
    """What of a database is nobody's drift: roles whose grants are theirs, and columns of v0 as they were found at the adoption."""

    roles: Collection[str] = ()
    of_v0: Collection[tuple[str, str]] = ()
    """Column and fact, e.g. ``("public.loan.loan_number", "null")``."""
    adopted: bool = False
    """The database is at v0: its tables are as they were found, and the adoption asked for their columns and types only."""
    absent: Collection[str] = ()
    """Roles of ours that the server does not have: each is told once, not right by right."""


def compare(expected: Catalogue, found: Catalogue, allowed: Allowed | None = None) -> list[Difference]:
    """The differences, drift first, then by kind and name."""
    allowed = allowed or Allowed()
    granted = {_grantee(what) for thing in expected.values() for what in thing.facts if what.startswith("grant ")}
    differences = [*_missing_and_changed(expected, found), *_extra(expected, found)]
    judged = [_judged(difference, allowed, granted) for difference in differences if _grantee(difference[1]) not in allowed.absent]
    judged += [
        Difference("role", role, "there", None, "yes", drift=False, mend="-- a DBA runs what rently-db access script prints")
        for role in allowed.absent
        if role in granted
    ]
    return sorted(judged, key=lambda one: (not one.drift, one.kind, one.name, one.what))


def _grantee(what: str) -> str:
    return what.rpartition(" to ")[2].strip('"') if what.startswith("grant ") else ""


def _missing_and_changed(expected: Catalogue, found: Catalogue) -> Iterator[tuple[Thing, str, str | None, str | None]]:
    for key, thing in expected.items():
        present = found.get(key)
        if present is None:
            if _stands(thing, found) and not _told_elsewhere(thing, expected, found):
                yield thing, "there", None, thing.facts.get("definition", "yes")
            continue
        for what in sorted(thing.facts.keys() | present.facts.keys()):
            wanted, is_so = thing.facts.get(what), present.facts.get(what)
            if wanted != is_so and not _told_elsewhere(thing, expected, found):
                yield thing, what, is_so, wanted


def _extra(expected: Catalogue, found: Catalogue) -> Iterator[tuple[Thing, str, str | None, str | None]]:
    for key, thing in found.items():
        if key not in expected and _stands(thing, expected) and not _told_elsewhere(thing, found, expected):
            yield thing, "there", thing.facts.get("definition", "yes"), None


def _stands(thing: Thing, other: Catalogue) -> bool:
    """Whether the table or view that the thing belongs to is in the other database too; else its absence says it all."""
    return thing.kind in _HOLDERS or not thing.table or any((kind, thing.table) in other for kind in _HOLDERS)


def _told_elsewhere(thing: Thing, of: Catalogue, other: Catalogue) -> bool:
    """Whether another difference says the same: an index that a constraint has, the columns of a view that differs."""
    if thing.kind == "index" and "constraint" in thing.facts:
        return ("index", thing.name) not in other
    if thing.kind == "column":
        for kind in ("view", "matview"):
            view, same = of.get((kind, thing.table)), other.get((kind, thing.table))
            if view is not None and (same is None or view.facts["definition"] != same.facts["definition"]):
                return True
    return False


def _judged(difference: tuple[Thing, str, str | None, str | None], allowed: Allowed, granted: Collection[str]) -> Difference:
    thing, what, is_so, wanted = difference
    drift = not _is_others_business(thing, what, wanted, allowed, granted)
    return Difference(thing.kind, thing.name, what, is_so, wanted, drift, mend(thing, what, is_so, wanted))


def _is_others_business(thing: Thing, what: str, wanted: str | None, allowed: Allowed, granted: Collection[str]) -> bool:
    if allowed.adopted and thing.table in V0_TABLES:
        return thing.kind not in {"table", "column"} or what not in {"there", "type"} or wanted is None
    if what == "there" and wanted is None:
        # Indexes by hand cost time, and views, tables and functions of others are theirs.
        return thing.kind not in _BEHAVIOUR and (thing.kind != "column" or (thing.table in V0_TABLES and _harmless(thing)))
    if what.startswith("grant "):
        if (role := _grantee(what)) in ROLES:
            # Where the revision was made for comparison without the roles, nothing is known of their rights.
            return role not in granted
        return thing.table in V0_TABLES or (wanted is None and role in allowed.roles)
    if what == "comment":
        return thing.table in V0_TABLES and thing.kind in {"table", "column"}
    return what == "filled" or (what == "options" and thing.kind == "table") or (thing.name, what) in allowed.of_v0


def _harmless(column: Thing) -> bool:
    """Whether an application that does not know the column can still write rows."""
    return column.facts.get("null") == "allowed" or "default" in column.facts
