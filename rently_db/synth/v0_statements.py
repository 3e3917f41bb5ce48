"""The statements that v0 applications issue: the contract of ``docs/v0-workload.md``, as data.

Exactly these keep working at every revision, up and down. :class:`~rently_db.synth.v0_workload.V0Application` runs them, and the document
is written from them, so that neither can promise what the other does not know.

Names of parameters are names of columns wherever a statement writes a column or looks for one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from rently_db.migrate.baseline import BASELINE
from rently_db.synth.v0_reads import READS

Kind = Literal["read", "insert", "update", "delete"]

LOWER_CASE = "the row's currency in lower case"
"""Stands for such a value in :attr:`DirtyValue.value`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement: its name, the table it is about, its kind, its SQL (parameters ``%(name)s``), what an application uses it for."""

    name: str
    table: str
    kind: Kind
    sql: str
    note: str


@dataclass(frozen=True, slots=True)
class DirtyValue:
    """A value no clean row holds, that v0 applications write all the same; it goes into ``column`` by the plain insert of ``table``.

    ``value`` is :data:`LOWER_CASE` where it depends on the row.
    """

    table: str
    column: str
    value: str | None

    def of(self, clean: str) -> str | None:
        """The dirty value in a row whose clean value is ``clean``."""
        return clean.lower() if self.value == LOWER_CASE else self.value


def _dirty(column: str, value: str | None) -> DirtyValue:
    table, _, name = column.partition(".")
    return DirtyValue(table, name, value)


# S608 below: the names put into SQL are those of BASELINE and of this module.
def _insert(table: str) -> Statement:
    names = [c.name for c in BASELINE[table].columns]
    sql = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(f'%({name})s' for name in names)})"
    return Statement(f"insert_{table}", table, "insert", sql, "every v0 column named, id made by the application")


def _reads(table: str) -> list[Statement]:
    names = ", ".join(c.name for c in BASELINE[table].columns)
    return [
        Statement(f"read_{table}", table, "read", f"SELECT {names} FROM {table} WHERE id = %(id)s", "one row, columns named"),
        Statement(
            f"read_{table}_all",
            table,
            "read",
            f"SELECT * FROM {table} WHERE id = %(id)s",
            "one row; v0's columns come first, in v0's order",
        ),
    ]


def _update(name: str, table: str, columns: str, note: str) -> Statement:
    sets = ", ".join(f"{column} = %({column})s" for column in columns.split())
    return Statement(name, table, "update", f"UPDATE {table} SET {sets} WHERE id = %(id)s", note)


def _delete(table: str, note: str, where: str = "id", suffix: str = "") -> Statement:
    return Statement(f"delete_{table}{suffix}", table, "delete", f"DELETE FROM {table} WHERE {where} = %({where})s", note)


_UPDATES = [
    _update("rename_legal_entity", "legal_entity", "name registration_no", "a company changes its name"),
    _update("describe_product", "product", "name description", "names and texts of the catalogue"),
    _update("change_contact", "party", "display_name email phone", "a customer edits the profile"),
    _update("set_kyc", "party", "external_ref kyc_identifier", "the result of identification"),
    _update("set_default", "payment_instrument", "is_default", "the old default, after the new one was inserted"),
    _update("change_bank", "payment_instrument", "bank_name account_name account_number provider_ref", "bank details"),
    _update("set_application_status", "application", "status", "submitted, under_review, approved, ..."),
    _update("change_request", "application", "requested_amount tenor_months", "the applicant asks for another amount"),
    _update("change_decision", "decision", "outcome approved_amount approved_currency decided_by", "a decision is corrected"),
    _update("set_loan_status", "loan", "status", "also twice in one transaction"),
    _update("change_terms", "loan", "principal_amount rc_fee_rate interest_rate", "amounts and rates, before money moves"),
    _update("extend_loan", "loan", "end_date property_contract_id", "a later end"),
    _update("attach_loan", "loan", "application_id parent_loan_id", "what a loan belongs to"),
    _update("set_role", "party_role", "role", "a guarantor instead of an agent"),
    _update("supersede_plan", "amortisation_plan", "status effective_through reason", "after the new active version was inserted"),
    _update("change_line", "amortisation_line", "amount_principal amount_rc_fee amount_penalty amount_other", "a penalty is billed"),
    _update("move_line", "amortisation_line", "due_date", "another due date"),
    _update("set_payment_status", "payment", "status", "what the provider reports"),
    _update("settle_payment", "payment", "status received_at", "money is there"),
    _update("change_payment_amount", "payment", "amount", "while it is pending and nothing is allocated"),
    _update("settle_disbursement", "disbursement", "status disbursed_at", "money is out"),
    _update("change_disbursement_amount", "disbursement", "amount", "while it is pending"),
    _update("correct_event", "collections_event", "event_type event_at dpd_snapshot amount_involved", "a wrong entry of a call"),
    _update("rename_account", "ledger_account", "name", "names of accounts"),
    _update("revalue_security", "security_interest", "description value_amount value_ccy", "a new valuation"),
    _update("refile_document", "document", "title kind storage_url", "a document is filed elsewhere"),
    _update("set_link_role", "document_link", "role", "what a document is for"),
    _update("correct_rate", "fx_rate", "rate source", "a rate is corrected"),
]

_DELETES = [
    _delete("document_link", "all links of a document, before the document", "document_id", "s_of_document"),
    _delete("document_link", "one link"),
    _delete("document", "a document whose links are gone"),
    _delete("application", "a submitted one without decision and loan, after its document_link"),
    _delete("amortisation_line", "the lines of a plan without allocations", "plan_id", "s_of_plan"),
    _delete("amortisation_plan", "a plan without allocations, after its lines"),
    _delete("payment", "a pending one without allocations"),
    _delete("disbursement", "a pending one"),
    _delete("payment_instrument", "one that was never used"),
    _delete("party", "one that nothing refers to"),
    _delete("party_role", "before its loan, or alone"),
    _delete("loan", "one just made, without money and plan, after its party_role"),
    _delete("collections_event", "an entry made by mistake"),
    _delete("security_interest", "one that was released"),
    _delete("fx_rate", "a wrong rate"),
    _delete("ledger_account", "one without entries"),
]

_JOINS = [Statement(name, table, "read", " ".join(sql.split()), note) for name, table, note, sql in READS]

STATEMENTS: dict[str, Statement] = {
    s.name: s
    for s in sorted(
        [*(_insert(t) for t in BASELINE), *(s for t in BASELINE for s in _reads(t)), *_JOINS, *_UPDATES, *_DELETES],
        key=lambda s: (list(BASELINE).index(s.table), ["insert", "read", "update", "delete"].index(s.kind)),
    )
}
"""Every statement of the contract by name, in the order of the tables, referenced tables first."""

PREPARED: tuple[str, ...] = ("insert_payment", "insert_payment_allocation", "read_loan", "read_loan_all")
"""What v0 applications also send through PREPARE and EXECUTE, kept for as long as a connection lives. Only ``read_loan_all``, which
says ``SELECT *``, may fail, once for each change of the table's columns, with "cached plan must not change result type"; the
application then prepares it again."""

_CURRENCIES = """legal_entity.functional_ccy payment_instrument.currency_code application.requested_currency decision.approved_currency
loan.currency_code amortisation_line.currency_code payment.currency_code disbursement.currency_code collections_event.currency_code
ledger_entry.currency_code security_interest.value_ccy fx_rate.from_ccy fx_rate.to_ccy"""
_NULLS = """party.display_name payment_instrument.is_default application.status loan.status amortisation_plan.status
amortisation_line.amount_principal amortisation_line.amount_rc_fee amortisation_line.amount_penalty amortisation_line.amount_other
payment.status disbursement.status collections_event.dpd_snapshot document.title fx_rate.source"""
_SPELLINGS = {
    "party.kind": " INDIVIDUAL",
    "payment_instrument.instrument_type": "Bank_Account ",
    "application.status": " Under_Review",
    "loan.status": "ACTIVE ",
    "amortisation_plan.status": " Active ",
    "payment.direction": "Inbound ",
    "payment.status": " COMPLETED ",
    "disbursement.status": "Completed",
    "payment_allocation.component": " Principal",
    "collections_event.event_type": "Reminder_Sent ",
    "ledger_entry.side": "DEBIT ",
    "document.kind": " Contract",
}
_EMAILS = ("  Mei.Tan@Example.COM ", "not an address")

DIRTY: tuple[DirtyValue, ...] = (
    *(_dirty(name, None) for name in _NULLS.split()),
    *(_dirty(name, value) for name, value in _SPELLINGS.items()),
    *(_dirty("party.email", value) for value in _EMAILS),
    *(_dirty(name, LOWER_CASE) for name in _CURRENCIES.split()),
)
"""What the inserts above also carry, and no revision may refuse. Everything else in such a row is clean."""
