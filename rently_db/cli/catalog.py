"""`rently-db catalog`: what the versioned SQL holds, who owns it, and what depends on what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from rently_db.cli import completing

if TYPE_CHECKING:
    from rently_db.sql.catalog import Entity
    from rently_db.sql.depends import Graph

app = typer.Typer(help="What the versioned SQL holds, who owns it, and what depends on what.", no_args_is_help=True)

_WIDE = 220
_JSON = Annotated[bool, typer.Option("--json", help="Print JSON.")]


@app.command("list")
def list_(
    *,
    tier: Annotated[
        str | None, typer.Option("--tier", metavar="T0..T3", autocompletion=completing.tiers, help="Only this tier.", show_default=False)
    ] = None,
    area: Annotated[
        str | None, typer.Option("--area", autocompletion=completing.areas, help="Only this folder, e.g. risk.", show_default=False)
    ] = None,
    kind: Annotated[
        str | None,
        typer.Option(
            "--kind",
            autocompletion=completing.kinds,
            help="Only this kind: table, function, trigger, view, matview, seed.",
            show_default=False,
        ),
    ] = None,
    as_json: _JSON = False,
) -> None:
    """List tables, functions, triggers, views, materialized views and seeds, each after all that it uses.

    Example: rently-db catalog list --tier T1 --kind view

    --json prints a list; of each entity kind, name, area, owner, tier, grain, key, refresh, description and file.

    Exit codes: 0; 2 for a file that is wrong, or when nothing matches.
    """
    from alembic.util import CommandError

    wanted = {"tier": tier, "area": area, "kind": kind}
    found = [
        entity
        for entity in _graph().order()
        if all(value is None or _row(entity)[name].casefold() == value.casefold() for name, value in wanted.items())
    ]
    if not found:
        asked = ", ".join(f"{name} {value}" for name, value in wanted.items() if value is not None)
        raise CommandError(f"nothing in the catalogue is of {asked}; rently-db catalog list shows everything")
    if as_json:
        _print_json([_row(entity) for entity in found])
        return
    from rich.table import Table

    from rently_db.operations.screen import screen

    console = screen()
    table = Table(box=None, pad_edge=False)
    facts = ("kind", "area", "tier", "owner", "refresh", "grain")
    if console.is_terminal:
        table.add_column("name", no_wrap=True)
        table.add_column(", ".join(facts))
        for row in map(_row, found):
            table.add_row(row["name"], ", ".join(row[fact] for fact in facts if row[fact]))
    else:
        # In a file or a pipe a line is an entity.
        console = screen(width=_WIDE)
        for name in ("name", *facts):
            table.add_column(name, no_wrap=name != "grain")
        for row in map(_row, found):
            table.add_row(*(row[name] for name in ("name", *facts)))
    console.print(table, markup=False)
    console.print(f"{len(found)} entities; rently-db catalog show NAME tells more")


@app.command()
def show(
    name: Annotated[
        str, typer.Argument(autocompletion=completing.entities, help="Its name, with or without schema: loan_state, analytics.loan_state.")
    ],
    *,
    as_json: _JSON = False,
) -> None:
    """Show one entity: owner, tier, grain, key, refresh, columns, what it uses (upstream) and what uses it (downstream).

    Example: rently-db catalog show loan_state

    --json prints what list prints, and columns (name, meaning), upstream, outside and downstream.

    Exit codes: 0; 2 for a name that is unknown, or a file that is wrong.
    """
    graph = _graph()
    entity = _named(graph, name)
    about: dict[str, Any] = _row(entity) | {
        "columns": [{"name": column, "meaning": meaning} for column, meaning in entity.header.columns],
        "upstream": [other.qualified for other in graph.upstream(entity)],
        "outside": graph.outside(entity),
        "downstream": [other.qualified for other in graph.downstream(entity)],
    }
    if as_json:
        _print_json(about)
        return
    from rich.table import Table

    from rently_db.operations.screen import say, screen

    console = screen()
    say(console, f"{entity.kind} {entity.qualified}: {entity.header.description}")
    facts = Table(show_header=False, box=None, pad_edge=False)
    facts.add_column(no_wrap=True)
    facts.add_column(overflow="fold")
    for fact in ("owner", "tier", "grain", "key", "refresh", "file"):
        if about[fact]:
            facts.add_row(fact, about[fact])
    # What no file describes are tables of the models, mostly.
    for fact, names in (("upstream", [*about["upstream"], *about["outside"]]), ("downstream", about["downstream"])):
        facts.add_row(fact, ", ".join(names) or "nothing")
    console.print(facts, markup=False)
    columns = Table(box=None, pad_edge=False)
    columns.add_column("column", no_wrap=True)
    columns.add_column("meaning", overflow="fold")
    for column in about["columns"]:
        columns.add_row(column["name"], column["meaning"])
    if about["columns"]:
        console.print(columns, markup=False)


def _graph() -> Graph:
    from alembic.util import CommandError

    from rently_db.sql.catalog import load_catalogue
    from rently_db.sql.header import HeaderError

    try:
        from rently_db.sql.depends import Graph

        return Graph.of(load_catalogue())
    except HeaderError as error:
        raise CommandError(str(error)) from error


def _named(graph: Graph, name: str) -> Entity:
    from difflib import get_close_matches

    from alembic.util import CommandError

    found = [entity for entity in graph.entities if name in (entity.name, entity.qualified, entity.file)]
    if not found:
        near = get_close_matches(name.rpartition(".")[2], sorted({entity.name for entity in graph.entities}), n=3)
        hint = f"; did you mean {', '.join(near)}?" if near else "; rently-db catalog list shows all"
        raise CommandError(f"the catalogue has no {name}{hint}")
    if len(found) > 1:
        raise CommandError(f"{name} is one of {', '.join(entity.file for entity in found)}; say which")
    return found[0]


def _row(entity: Entity) -> dict[str, str]:
    header = entity.header
    return {
        "kind": entity.kind,
        "name": entity.qualified,
        "area": entity.path.stem if entity.kind == "seed" else entity.path.parent.name,
        "owner": header.owner,
        "tier": header.tier,
        "grain": header.grain,
        "key": ", ".join(header.key),
        "refresh": header.refresh,
        "description": header.description,
        "file": entity.file,
    }


def _print_json(value: Any) -> None:
    import json

    typer.echo(json.dumps(value, ensure_ascii=False, indent=1))
