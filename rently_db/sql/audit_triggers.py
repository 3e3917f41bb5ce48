"""Render the audit triggers: on each table of money, parties and rules, one trigger for each event writes who changed which row.

The files are committed: reviewers and DBAs read SQL, and the frozen revisions copy them. ``python -m rently_db.sql.audit_triggers`` writes
them again; a test fails when they differ from the table below.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from rently_db.sql.catalog import LIVE

_EVENTS = {"INSERT": "NEW TABLE AS new_rows", "UPDATE": "OLD TABLE AS old_rows NEW TABLE AS new_rows", "DELETE": "OLD TABLE AS old_rows"}

AUDITED = {
    "money": (
        "public.application",
        "public.decision",
        "public.loan",
        "public.loan_adjustment",
        "public.loan_flag",
        "public.loan_transfers",
        "public.amortisation_plan",
        "public.amortisation_line",
        "public.payment",
        "public.payment_allocation",
        "public.payment_disputes",
        "public.disbursement",
        "public.security_interest",
        "public.ledger_account",
        "public.journal_entry",
        "public.ledger_entry",
    ),
    "parties": ("public.party", "public.party_role", "public.payment_instrument"),
    "rules": (
        "public.legal_entity",
        "public.product",
        "public.fx_rate",
        "public.analytics_setting",
        "public.classification_rule",
        "public.dpd_bucket",
        "public.product_limit",
        "public.provision_rate",
        "public.status_transition",
        "ops.alert_rules",
        "ops.validation_exemption",
    ),
}
"""What is audited: rows that money follows from, that say who somebody is, and that decide what is allowed."""
NOT_INSERTED = frozenset({"public.amortisation_line"})
"""Written with their parent and by the dozen: the entry of the parent, here the plan, says who."""
NEVER_EMPTIED = frozenset(
    {
        "public.amortisation_line",
        "public.amortisation_plan",
        "public.application",
        "public.disbursement",
        "public.journal_entry",
        "public.ledger_account",
        "public.ledger_entry",
        "public.legal_entity",
        "public.loan",
        "public.party",
        "public.payment",
        "public.payment_allocation",
        "public.payment_instrument",
        "public.product",
    }
)
"""Others refer to them, or a guard refuses: TRUNCATE can't empty them alone."""

_TRIGGER = """\
-- owner: compliance
-- description: Writes an entry of the audit for each row, as {why}
-- generated: python -m rently_db.sql.audit_triggers
CREATE TRIGGER audit_{event} AFTER {EVENT} ON {table}
{transition}FOR EACH STATEMENT EXECUTE FUNCTION ops.audit_rows();
"""
_WHY = {"money": "money follows from it", "parties": "it says who somebody is", "rules": "it decides what is allowed or shown"}


def audit_files(root: Path = LIVE) -> Iterator[tuple[Path, str]]:
    """Path below ``root`` (the ``rently_db/sql`` folder) and text of each trigger."""
    for kind, tables in AUDITED.items():
        for table in tables:
            events = dict(_EVENTS)
            if table in NOT_INSERTED:
                del events["INSERT"]
            if table not in NEVER_EMPTIED:
                events["TRUNCATE"] = ""
            for event, transition in events.items():
                text = _TRIGGER.format(
                    why=_WHY[kind],
                    event=event.lower(),
                    EVENT=event,
                    table=table,
                    transition=f"REFERENCING {transition}\n" if transition else "",
                )
                yield root / "triggers" / table.partition(".")[2] / f"audit_{event.lower()}.sql", text


def main() -> None:
    """Write the files."""
    for path, text in audit_files():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
