"""Declared repairs that look at more than one row: which rows they will change. The migration's own are in ``set_repairs.sql``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.preflight.relations import Relation
from rently_db.migrate.render_data import DUPLICATES


@dataclass(frozen=True, slots=True)
class SetRepair:
    """A repair of rows that are one too many. ``changed`` is a query of the ids of those it changes."""

    table: str
    name: str
    columns: tuple[str, ...]
    mend: str
    changed: str


def set_repairs(relations: dict[str, Relation]) -> Iterator[SetRepair]:
    """The repairs of the tables at hand. The name is what the journal will call it."""
    if "amortisation_plan" in relations and "amortisation_line" in relations:
        yield SetRepair(
            "amortisation_plan",
            "amortisation_plan_one_active",
            ("status",),
            "of a loan's active plans the newest that has lines stays active, the others are superseded",
            _ONE_ACTIVE.format(plan=relations["amortisation_plan"].whole()),
        )
    if {"payment_instrument", "payment", "disbursement"} <= relations.keys():
        yield SetRepair(
            "payment_instrument",
            "payment_instrument_one_default",
            ("is_default",),
            "of a party's default instruments of one currency the one used last stays the default",
            _ONE_DEFAULT.format(instrument=relations["payment_instrument"].whole()),
        )
    for table in DUPLICATES:
        if table in relations:
            columns = tuple(column.name for column in BASELINE[table].columns if column.name != "id")
            # A role that ended is not the one that followed it.
            current = " AND r.effective_through IS NULL" if table == "party_role" else ""
            yield SetRepair(
                table,
                f"{table}_duplicate",
                columns,
                "of rows that differ in their id alone the one with the lowest id stays, the others are taken out",
                _DUPLICATES.format(rows=relations[table].whole(), columns=", ".join(columns), current=current),
            )


_ONE_ACTIVE = """\
WITH plan AS NOT MATERIALIZED ({plan}),
several AS (SELECT p.loan_id FROM plan AS p WHERE p.status = 'active' GROUP BY p.loan_id HAVING count(*) > 1),
rival AS MATERIALIZED (SELECT p.* FROM plan AS p INNER JOIN several AS s ON s.loan_id = p.loan_id WHERE p.status = 'active'),
filled AS (SELECT DISTINCT l.plan_id FROM public.amortisation_line AS l INNER JOIN rival AS r ON r.id = l.plan_id)
SELECT k.id FROM (
    SELECT
        r.id,
        row_number() OVER (
            PARTITION BY r.loan_id
            ORDER BY f.plan_id IS NOT NULL DESC, r.version DESC NULLS LAST, r.effective_from DESC NULLS LAST, r.id
        ) AS nr
    FROM rival AS r LEFT JOIN filled AS f ON f.plan_id = r.id
) AS k WHERE k.nr > 1"""

_ONE_DEFAULT = """\
WITH instrument AS NOT MATERIALIZED ({instrument}),
several AS (
    SELECT i.party_id, i.currency_code FROM instrument AS i WHERE i.is_default AND i.is_active IS DISTINCT FROM false
    GROUP BY i.party_id, i.currency_code HAVING count(*) > 1
),
rival AS MATERIALIZED (
    SELECT i.* FROM instrument AS i INNER JOIN several AS s ON s.party_id = i.party_id AND s.currency_code = i.currency_code
    WHERE i.is_default AND i.is_active IS DISTINCT FROM false
),
used AS (
    SELECT u.instrument_id, max(u.used_at) AS used_at FROM (
        SELECT p.instrument_id, p.received_at AS used_at FROM public.payment AS p INNER JOIN rival AS r ON r.id = p.instrument_id
        UNION ALL
        SELECT d.instrument_id, d.disbursed_at FROM public.disbursement AS d INNER JOIN rival AS r ON r.id = d.instrument_id
    ) AS u GROUP BY u.instrument_id
)
SELECT k.id FROM (
    SELECT r.id, row_number() OVER (PARTITION BY r.party_id, r.currency_code ORDER BY u.used_at DESC NULLS LAST, r.id) AS nr
    FROM rival AS r LEFT JOIN used AS u ON u.instrument_id = r.id
) AS k WHERE k.nr > 1"""

_DUPLICATES = """\
SELECT k.id FROM (
    SELECT r.id, row_number() OVER (PARTITION BY {columns} ORDER BY r.id) AS nr FROM ({rows}) AS r WHERE true{current}
) AS k WHERE k.nr > 1"""
