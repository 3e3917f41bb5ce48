"""Plants the recipes' defects in rows that are already there. No row of a growing table gets two, so that each can be told apart."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from rently_db.migrate.baseline import BASELINE
from rently_db.synth.options import PlantedDefect, SynthError, SynthOptions
from rently_db.synth.recipes import REPAIRED, STOPS, Addition, Recipe
from rently_db.synth.rows import new_id, rng_for

_LOANS_PER_DEFECT = 1_000
# These don't grow with the loans: one defect of a kind, and several in one row if need be.
_SMALL = ("legal_entity", "product", "ledger_account")
# The same 400 days of rates whatever the number of loans.
_AT_MOST = {"fx_rate": 5}


class _Planter:
    """Plants recipe after recipe, and remembers which rows are taken."""

    def __init__(self, cursor: Any, options: SynthOptions) -> None:
        """``cursor`` is inside the transaction that wrote the data."""
        self._cursor = cursor
        self._count = max(1, options.loans // _LOANS_PER_DEFECT)
        self._rng = rng_for(options.seed, "defects")
        self._taken: dict[str, set[str]] = {}

    def plant(self, recipe: Recipe) -> list[PlantedDefect]:
        """Plant one kind of defect. Raises ``SynthError`` if no row is left that could have it."""
        if isinstance(recipe, Addition):
            column, prefer, key = "*", "true", recipe.table
        else:
            column, prefer, key = recipe.column, recipe.prefer, recipe.table
        if recipe.table in _SMALL:
            key, count = f"{recipe.table}.{column}", 1
        else:
            count = min(self._count, _AT_MOST.get(recipe.table, self._count))
        taken = self._taken.setdefault(key, set())
        # Names and conditions in these statements are the recipes' own.
        self._cursor.execute(
            f"SELECT t.id::text FROM public.{recipe.table} t WHERE ({recipe.where}) AND t.id <> ALL(%s::uuid[])"
            f" ORDER BY ({prefer}) IS NOT TRUE, t.id LIMIT %s",
            (list(taken), count),
        )
        rows = [row for (row,) in self._cursor.fetchall()]
        if not rows:
            raise SynthError(f"no row of {recipe.table} is left for the defect '{recipe.defect}': use more loans or another seed")
        taken.update(rows)
        planted = []
        for original in rows:
            row, value = original, None
            if isinstance(recipe, Addition):
                row = self._add(recipe, original)
                taken.add(row)
            else:
                self._cursor.execute(
                    f"UPDATE public.{recipe.table} t SET {column} = {recipe.value} WHERE t.id = %s RETURNING t.{column}::text",
                    (row,),
                )
                value = self._cursor.fetchone()[0]
            planted.append(PlantedDefect(recipe.table, row, column, recipe.defect, value, recipe.expected))
        return planted

    def _add(self, recipe: Addition, original: str) -> str:
        """Insert a copy of a row with the recipe's changes; return the new id."""
        changes, new = dict(recipe.changes), str(UUID(new_id(self._rng)))
        columns = [column.name for column in BASELINE[recipe.table].columns if column.name != "id"]
        values = ", ".join(changes.get(column, f"t.{column}") for column in columns)
        self._cursor.execute(
            f"INSERT INTO public.{recipe.table} (id, {', '.join(columns)})"
            f" SELECT %s, {values} FROM public.{recipe.table} t WHERE t.id = %s",
            (new, original),
        )
        return new


def plant(cursor: Any, options: SynthOptions) -> list[PlantedDefect]:
    """Plant what ``options.dirty`` asks for, one of each kind a thousand loans and at least one; return all of them.

    The same options plant the same defects in the same rows.
    """
    recipes = {"none": [], "repairable": REPAIRED, "all": REPAIRED + STOPS}[options.dirty]
    planter = _Planter(cursor, options)
    return [defect for recipe in recipes for defect in planter.plant(recipe)]
