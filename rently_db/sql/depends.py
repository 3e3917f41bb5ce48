"""Who depends on whom, exactly: read from the SQL by PostgreSQL's own parser, never written by hand.

Bodies of functions count, in LANGUAGE sql and plpgsql; what a function puts together at run time (EXECUTE of a string) can't. A frozen
folder's MANIFEST keeps the order, so a deployment needs neither the parser nor this module.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from rently_db.sql.catalog import KINDS, Entity
from rently_db.sql.header import HeaderError
from rently_db.sql.parsed import SCRIPT, References, references

_RANK = {kind: number for number, kind in enumerate(("seed", "table", "function", "trigger", SCRIPT, "view", "matview", "rule", "grant"))}
"""Who comes first where nobody needs the other. Triggers before statement files: what changes while rows are filled must be noted."""
assert _RANK.keys() == {*KINDS, SCRIPT}


@dataclass(frozen=True)
class Graph:
    """The dependencies among entities. ``Graph.of(load_catalogue())`` reads them."""

    entities: tuple[Entity, ...]
    uses: Mapping[str, References]
    """``Entity.file`` -> the names it uses."""
    _needs: Mapping[str, tuple[Entity, ...]] = field(default_factory=dict, repr=False)

    @classmethod
    def of(cls, entities: Iterable[Entity]) -> Graph:
        """Read what each entity uses."""
        listed = tuple(entities)
        uses = {entity.file: references(entity) for entity in listed}
        relations: dict[str, list[Entity]] = {}
        functions: dict[str, list[Entity]] = {}
        for entity in listed:
            if entity.kind == "function":
                functions.setdefault(entity.qualified, []).append(entity)
            elif entity.kind in KINDS and KINDS[entity.kind].named:
                relations.setdefault(entity.qualified, []).append(entity)
        needs = {
            file: tuple(
                sorted(
                    {
                        found.file: found
                        for names, known in ((used.relations, relations), (used.functions, functions))
                        for name in names
                        for found in known.get(name, ())
                    }.values(),
                    key=_place,
                )
            )
            for file, used in uses.items()
        }
        return cls(listed, uses, needs)

    def upstream(self, entity: Entity) -> list[Entity]:
        """The entities that this one uses itself."""
        return list(self._needs[entity.file])

    def downstream(self, entity: Entity) -> list[Entity]:
        """The entities that use this one themselves."""
        return sorted((other for other in self.entities if entity in self._needs[other.file]), key=_place)

    def outside(self, entity: Entity) -> list[str]:
        """The tables and functions that this one uses and no file describes: those of the models, and other people's."""
        known = {other.qualified for other in self.entities}
        used = self.uses[entity.file]
        return sorted((used.relations | used.functions) - known)

    def order(self, together: Collection[str] = ()) -> list[Entity]:
        """Every entity after all that it uses; else by kind and path, so that the order is always the same.

        The files ``together`` stand one after the other, if that can be.

        Raises:
            HeaderError: some use each other in a circle; the message names their files.
        """
        # What stands together is one knot, called by the first of its files.
        knots = {entity.file: entity.file for entity in self.entities} | dict.fromkeys(together, next(iter(together), ""))
        members: dict[str, list[Entity]] = {}
        for entity in sorted(self.entities, key=_place):
            members.setdefault(knots[entity.file], []).append(entity)
        needs = {
            knot: {knots[needed.file] for entity in inside for needed in self._needs[entity.file]} - {knot}
            for knot, inside in members.items()
        }
        left = {knot: len(needed) for knot, needed in needs.items()}
        users: dict[str, list[str]] = {}
        for knot, needed in needs.items():
            for other in needed:
                users.setdefault(other, []).append(knot)
        ready = [(_place(members[knot][0]), knot) for knot, count in left.items() if not count]
        heapq.heapify(ready)
        ordered: list[Entity] = []
        while ready:
            knot = heapq.heappop(ready)[1]
            inside = members[knot]
            ordered += inside if len(inside) == 1 else self._within(inside)
            for user in users.get(knot, ()):
                left[user] -= 1
                if not left[user]:
                    heapq.heappush(ready, (_place(members[user][0]), user))
        if len(ordered) < len(self.entities):
            if together:
                self.order()  # names a real circle
                raise HeaderError(f"{', '.join(together)} change together, but one needs what is new and needs another: make two revisions")
            done = {entity.file for entity in ordered}
            raise HeaderError(f"these use each other in a circle: {' -> '.join(self._circle(done))}; one of them must do without")
        return ordered

    def _within(self, entities: list[Entity]) -> list[Entity]:
        return Graph(tuple(entities), self.uses, {e.file: tuple(n for n in self._needs[e.file] if n in entities) for e in entities}).order()

    def _circle(self, done: set[str]) -> list[str]:
        """One circle among the entities that could not be ordered."""
        entity = next(entity for entity in self.entities if entity.file not in done)
        way: list[str] = []
        while entity.file not in way:
            way.append(entity.file)
            entity = next(needed for needed in self._needs[entity.file] if needed.file not in done)
        return [*way[way.index(entity.file) :], entity.file]


def _place(entity: Entity) -> tuple[int, str]:
    return _RANK[entity.kind], entity.file
