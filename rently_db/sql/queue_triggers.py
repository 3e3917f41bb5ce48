"""Render the queue triggers: on each table that figures depend on, one trigger for each event notes the loans it touches.

The files are committed: reviewers and DBAs read SQL, and the frozen revisions copy them. ``python -m rently_db.sql.queue_triggers`` writes
them again; a test fails when they differ from the table below.
"""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from rently_db.sql.catalog import LIVE

_EVENTS = {"INSERT": "NEW TABLE AS new_rows", "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}


@dataclass(frozen=True, slots=True)
class Watched:
    """A table that figures depend on. ``r`` is a written row in ``keys`` and ``only``.

    ``columns`` are those a change of which changes a figure. ``keys`` are the columns of ``r`` that lead to loans; ``loans`` is the query
    that finds the loans by them, a column ``loan_id``. ``only`` picks the rows that count.
    """

    table: str
    what: str
    columns: Sequence[str]
    keys: Sequence[str]
    loans: str
    only: str = ""
    events: Sequence[str] = tuple(_EVENTS)
    truncated: bool = False
    """Whether it can be emptied at once: nothing refers to it, and it holds no money. Nobody knows then whose rows went."""


_OWN = "SELECT r.loan_id"
_LINE_AMOUNTS = ("amount_principal", "amount_interest", "amount_rc_fee", "amount_penalty", "amount_other")

WATCHED = (
    Watched(
        "loan",
        "the loan, and its parent: it began to be transferred when the loan began",
        (
            "product_id",
            "legal_entity_id",
            "borrower_party_id",
            "currency_code",
            "principal_amount",
            "start_date",
            "status",
            "parent_loan_id",
        ),
        ("id", "parent_loan_id"),
        "SELECT v.loan_id FROM (VALUES (r.id), (r.parent_loan_id)) AS v (loan_id) WHERE v.loan_id IS NOT NULL",
    ),
    Watched(
        "amortisation_plan",
        "the loan that the plan schedules",
        ("loan_id", "version", "status", "effective_from", "effective_through"),
        ("loan_id",),
        _OWN,
    ),
    Watched(
        # Of a plan that is deleted with its lines the plan's own trigger notes the loan.
        "amortisation_line",
        "the loan that the instalment's plan schedules",
        ("plan_id", "seq_no", "due_date", *_LINE_AMOUNTS),
        ("plan_id",),
        "SELECT p.loan_id FROM public.amortisation_plan AS p WHERE p.id = r.plan_id",
    ),
    Watched(
        # A payment is born without allocations, and deleted with them: their triggers note the loans.
        "payment",
        "the loans that the payment settles",
        ("amount", "direction", "status", "received_at", "processed_at", "created_at", "reversed_at"),
        ("id",),
        "SELECT a.loan_id FROM public.payment_allocation AS a WHERE a.payment_id = r.id",
        events=("UPDATE",),
    ),
    Watched(
        "payment_allocation",
        "the loan that is settled, and all that share the payment: what is left of it is cash of the first",
        ("payment_id", "loan_id", "plan_id", "line_id", "component", "allocated_amount", "created_at", "reversed_at"),
        ("loan_id", "payment_id"),
        f"{_OWN}\nUNION ALL\nSELECT a.loan_id FROM public.payment_allocation AS a WHERE a.payment_id = r.payment_id",
    ),
    Watched("disbursement", "the loan that is paid out", ("loan_id", "amount", "disbursed_at", "status", "created_at"), ("loan_id",), _OWN),
    Watched(
        "loan_adjustment",
        "the loan that is adjusted",
        ("loan_id", "line_id", "component", "kind", "amount", "effective_date"),
        ("loan_id",),
        _OWN,
        truncated=True,
    ),
    Watched(
        "loan_transfers",
        "both loans of the transfer",
        ("source_loan_id", "target_loan_id", "transfer_amount", "transfer_date", "status"),
        ("source_loan_id", "target_loan_id"),
        "SELECT v.loan_id FROM (VALUES (r.source_loan_id), (r.target_loan_id)) AS v (loan_id) WHERE v.loan_id IS NOT NULL",
        truncated=True,
    ),
    Watched(
        "loan_flag",
        "the loan that is judged",
        ("loan_id", "flag", "effective_from", "effective_through"),
        ("loan_id",),
        _OWN,
        truncated=True,
    ),
    Watched(
        "loan_status_history",
        "the loan whose operational status it is",
        ("loan_id", "status_type", "status_value", "effective_from", "created_at"),
        ("loan_id",),
        _OWN,
        only="r.status_type = 'operational_status'",
        truncated=True,
    ),
    Watched(
        "collections_event",
        "the loan that is written off",
        ("loan_id", "event_type", "event_at"),
        ("loan_id",),
        _OWN,
        only="r.event_type = 'write_off'",
        truncated=True,
    ),
    Watched(
        "product",
        "the loans of the product",
        ("grace_days", "tolerance_amount", "tolerance_pct"),
        ("id",),
        "SELECT l.id AS loan_id FROM public.loan AS l WHERE l.product_id = r.id",
        events=("UPDATE",),
    ),
    Watched(
        "party",
        "the loans that the party owes",
        ("obligor_group_id",),
        ("id",),
        "SELECT l.id AS loan_id FROM public.loan AS l WHERE l.borrower_party_id = r.id",
        events=("UPDATE",),
    ),
    Watched(
        "legal_entity",
        "the loans of the company",
        ("time_zone", "country_code"),
        ("id",),
        "SELECT l.id AS loan_id FROM public.loan AS l WHERE l.legal_entity_id = r.id",
        events=("UPDATE",),
    ),
    Watched(
        "classification_rule",
        "the loans of the country's companies, if the class is one that is or was non-performing",
        ("country_code", "class", "threshold_days", "operator", "valid_from", "valid_through"),
        ("country_code",),
        "SELECT l.id AS loan_id\nFROM public.legal_entity AS e\nINNER JOIN public.loan AS l ON l.legal_entity_id = e.id\n"
        "WHERE e.country_code = r.country_code",
        only="EXISTS (SELECT FROM public.analytics_setting AS s WHERE s.key = 'non_performing_classes' AND s.value ? r.class)",
        truncated=True,
    ),
    Watched(
        "analytics_setting",
        "all loans, if it is a setting that their states depend on",
        ("key", "value", "valid_from", "valid_through"),
        ("key",),
        "SELECT l.id AS loan_id FROM public.loan AS l",
        only="r.key = 'non_performing_classes'",
        truncated=True,
    ),
)
"""Every table that ``compute_loan_state`` reads, but for exchange rates, which it does not."""

_FUNCTION = """\
-- owner: platform
-- description: Notes in the queue {what}
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_loans_of_{table}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER
-- A session keeps the plan of the first statement: one made for ten thousand rows would read whole tables for a single one.
SET search_path = pg_catalog, pg_temp SET enable_hashjoin = off SET enable_mergejoin = off AS $function$
BEGIN
{branches}    RETURN NULL;
END
$function$;
"""

_BRANCH = """\
INSERT INTO analytics.loan_state_queue (loan_id)
SELECT DISTINCT k.loan_id
FROM (
    SELECT DISTINCT {keys}
    FROM {rows} AS r{only}
) AS r
CROSS JOIN LATERAL (
{loans}
) AS k;
"""

_CHANGED = """\
(
        (
            SELECT {latter} FROM new_rows AS n
            EXCEPT
            SELECT {former} FROM old_rows AS o
        )
        UNION ALL
        (
            SELECT {former} FROM old_rows AS o
            EXCEPT
            SELECT {latter} FROM new_rows AS n
        )
    )"""

_ALL = """\
-- owner: platform
-- description: Notes in the queue every loan, after a table was emptied of which nobody knows whose rows it held
-- generated: python -m rently_db.sql.queue_triggers
CREATE FUNCTION analytics.queue_all_loans() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
BEGIN
    INSERT INTO analytics.loan_state_queue (loan_id) SELECT l.id FROM public.loan AS l;
    RETURN NULL;
END
$function$;
"""

_TRUNCATED = """\
-- owner: platform
-- description: Notes in the queue every loan
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_truncate AFTER TRUNCATE ON public.{table}
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_all_loans();
"""

_TRIGGER = """\
-- owner: platform
-- description: Notes in the queue {what}
-- generated: python -m rently_db.sql.queue_triggers
CREATE TRIGGER queue_{event} AFTER {EVENT} ON public.{table}
REFERENCING {transition}
FOR EACH STATEMENT EXECUTE FUNCTION analytics.queue_loans_of_{table}();
"""


def _listed(alias: str, names: Sequence[str]) -> str:
    """The columns, in lines that are not too long where they stand."""
    return textwrap.fill(", ".join(f"{alias}.{name}" for name in names), 110, subsequent_indent=" " * 16)


def _branch(watched: Watched, event: str) -> str:
    rows = "new_rows" if event == "INSERT" else "old_rows"
    if event == "UPDATE":
        names = tuple(dict.fromkeys(("id", *watched.keys, *watched.columns)))
        rows = _CHANGED.format(latter=_listed("n", names), former=_listed("o", names))
    return _BRANCH.format(
        keys=_listed("r", watched.keys),
        rows=rows,
        only=f"\n    WHERE {watched.only}" if watched.only else "",
        loans=textwrap.indent(watched.loans, "    "),
    )


def _branches(watched: Watched) -> str:
    """The body: a branch for each event."""
    if len(watched.events) == 1:
        return textwrap.indent(_branch(watched, watched.events[0]), "    ")
    text = ""
    for number, event in enumerate(watched.events):
        last = number == len(watched.events) - 1
        condition = "ELSE" if last else f"{'ELSIF' if number else 'IF'} TG_OP = '{event}' THEN"
        text += f"    {condition}\n" + textwrap.indent(_branch(watched, event), " " * 8)
    return text + "    END IF;\n"


def queue_files(root: Path = LIVE) -> Iterator[tuple[Path, str]]:
    """Path below ``root`` (the ``rently_db/sql`` folder) and text of each function and trigger."""
    yield root / "functions" / "state" / "queue_all_loans.sql", _ALL
    for watched in WATCHED:
        name = root / "functions" / "state" / f"queue_loans_of_{watched.table}.sql"
        yield name, _FUNCTION.format(table=watched.table, what=watched.what, branches=_branches(watched))
        for event in watched.events:
            text = _TRIGGER.format(table=watched.table, what=watched.what, event=event.lower(), EVENT=event, transition=_EVENTS[event])
            yield root / "triggers" / watched.table / f"queue_{event.lower()}.sql", text
        if watched.truncated:
            yield root / "triggers" / watched.table / "queue_truncate.sql", _TRUNCATED.format(table=watched.table)


def main() -> None:
    """Write the files."""
    for path, text in queue_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
