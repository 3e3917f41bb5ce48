"""No view escapes the oracle: each is compared, or shows through one that is, or says in words why it has no figures."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import pytest

from rently_db.sql.catalog import Entity, load_catalogue
from rently_db.sql.depends import Graph
from tests.oracle.figures.coverage import NO_FIGURES, SEEN_THROUGH
from tests.oracle.figures.registry import FIGURES, MONTHLY, NOT_COMPARED

CATALOGUE = [entity for entity in load_catalogue() if entity.schema == "analytics" and entity.path.parent.name != "dashboards"]
"""All but the views of dashboards, which put together what is compared here: tests/dashboards/test_reconciled.py holds them against it."""
GRAPH = Graph.of(CATALOGUE)
VIEWS = {entity.name: entity for entity in CATALOGUE if entity.kind == "view"}
MATERIALIZED = {entity.name: entity for entity in CATALOGUE if entity.kind == "matview"}
COMPARED = FIGURES.keys() | MONTHLY.keys()
OWN_TEST = {
    path.stem.removeprefix("test_"): path
    for path in Path(__file__).parent.glob("test_*.py")
    if re.search(r"\b(book: Book|states: dict|risks: dict)", path.read_text(encoding="utf-8"))
}
"""Views that the oracle is asked about in a test of their own, as ``rently-db new view`` makes one."""
PLACES: dict[str, Mapping[str, object]] = {
    "FIGURES": FIGURES,
    "MONTHLY": MONTHLY,
    "SEEN_THROUGH": SEEN_THROUGH,
    "NO_FIGURES": NO_FIGURES,
    "a test of its own": OWN_TEST,
}


def readers(entity: Entity) -> set[str]:
    """Names of what reads a relation, through whatever else."""
    found = {entity.name}
    ahead = [entity]
    while ahead:
        more = [reader for reader in GRAPH.downstream(ahead.pop()) if reader.name not in found]
        found |= {reader.name for reader in more}
        ahead += more
    return found - {entity.name}


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_has_figures_or_a_reason(view: str) -> None:
    """A new view is compared with the oracle, unless somebody wrote down where it shows or why there is nothing to compare."""
    places = [name for name, known in PLACES.items() if view in known]
    assert len(places) == 1, f"{view} is in {places or 'none'} of {list(PLACES)}"


@pytest.mark.parametrize(("block", "view"), SEEN_THROUGH.items())
def test_a_building_block_shows_in_the_view_that_is_named(block: str, view: str) -> None:
    """What is compared instead of a building block really reads it."""
    assert view in COMPARED
    assert view in readers(VIEWS[block])


@pytest.mark.parametrize("name", MATERIALIZED)
def test_every_materialized_view_shows_in_figures(name: str) -> None:
    """What is materialized is read by a view that is compared, or repeats one that is."""
    read = {entity.name for entity in GRAPH.upstream(MATERIALIZED[name])}
    assert COMPARED & readers(MATERIALIZED[name]) or read <= COMPARED


@pytest.mark.parametrize("reason", NO_FIGURES.values())
def test_a_reason_is_a_sentence(reason: str) -> None:
    """A view without figures says why in words that somebody can disagree with."""
    assert len(reason.split()) > 5


def test_nothing_is_listed_that_is_gone() -> None:
    """Figures, reasons and exceptions belong to views that exist."""
    listed = COMPARED | SEEN_THROUGH.keys() | NO_FIGURES.keys() | NOT_COMPARED.keys()
    assert listed <= VIEWS.keys() | MATERIALIZED.keys()
    assert NOT_COMPARED.keys() <= COMPARED
