"""What a caller can get wrong, as exceptions, and what the database refuses, as sentences."""

from __future__ import annotations

from typing import Any

from sqlalchemy.exc import DBAPIError


class LendingError(ValueError):
    """Something that was asked for can't be done. The message is one sentence: what was found, and the mend. Nothing was written."""


class InvalidAmountError(LendingError):
    """An amount, rate or number of months is none: not positive, a fraction of a cent, a float."""


class LoanStatusError(LendingError):
    """The loan's status does not allow it, e.g. a new plan for a loan that is closed."""


class PaymentStatusError(LendingError):
    """The payment's direction or status does not allow it, e.g. allocating one that was reversed."""


class MismatchError(LendingError):
    """Two things don't go together: currencies, companies, a loan and itself."""


class DuplicateError(LendingError):
    """A number or reference is taken by something else, e.g. a payment of the same reference with another amount."""


class PrincipalError(LendingError):
    """More would be lent than the contract says, or there is no balance left to move, write off or schedule anew."""


class DateError(LendingError):
    """A day lies where it can't: a plan before the one it replaces, a reversal before the payment."""


class UnsettledError(LendingError):
    """Something is still unpaid that has to be settled first."""


class BooksError(LendingError):
    """The company's chart of accounts lacks an account, or what is to be booked back does not balance."""


_MENDS = {
    "amortisation_line_plan_id_seq_no_key": "instalments of a plan are numbered from 1, each number once",
    "amortisation_plan_loan_id_version_key": "give a new plan the next version: restructure_loan does",
    "ledger_entry_append_only": "ledger entries stay as they were written: book a correcting journal",
    "ledger_entry_journal_balances": "let debits and credits of a journal be equal in each currency, before the commit",
    "ledger_entry_journal_one_entity": "book one journal for each company",
    "ledger_entry_currency_agrees": "book a payment or disbursement in its own currency",
    "loan_dates_check": "end the loan after its start_date",
    "loan_loan_number_key": "that loan number is taken: look the loan up, or take another number",
    "loan_status_check": "a loan is active, closed, written_off or transferred",
    "loan_status_history_no_overlap": "insert the new status and leave the open one alone: the database closes it",
    "loan_transfers_amount_positive": "move an amount above 0",
    "one_active_plan_per_loan": "supersede the active plan first, in the same transaction: restructure_loan does",
    "one_default_instrument": "take is_default from the other instrument first",
    "one_payment_per_reference": "the provider's payment is recorded already: record_payment gives it back",
    "payment_allocation_append_only": "allocations stay as they were written: set reversed_at and insert the right one",
    "payment_allocation_belongs_together": "let plan_id and line_id be of the loan's own plan, or leave both out",
    "payment_allocation_currency_agrees": "exchange the money first, and record what that gave as a payment in the loan's currency",
    "payment_allocation_reversed_once": "a reversal is final: insert a new allocation",
    "payment_allocation_within_payment": "allocate at most what is left of the payment, in a READ COMMITTED transaction: "
    "allocate_payment does",
    "payment_reversed_is_dated": "a reversed payment has its reversed_at: reverse_payment sets both",
}
_SUFFIXES = (
    ("_is_money", "write amounts with at most two decimals, below ten trillion"),
    ("_is_rate", "write rates as fractions with at most four decimals: 0.0500 is 5 %"),
    ("_amount_positive", "pass an amount above 0; the direction or side says which way it goes"),
    ("_amounts_positive", "pass amounts above 0"),
    ("_currency_agrees", "write amounts of a loan in its currency"),
    ("_currency_check", "write the currency as ISO 4217 does: three capital letters"),
    ("_fkey", "the row that is named does not exist, or is still referred to: write it first, or delete what refers to it"),
    ("_append_only", "rows of money are never deleted or changed: correct them by new ones"),
)
_STATES = {
    "23001": "rows of money are never deleted or changed: correct them by new ones",
    "23505": "there is such a row already: look it up",
    "23514": "the rule, and the comment of the column, say what it may hold",
    "23P01": "there is a row for some of these days already: end it first",
    "40001": "another transaction changed the same rows: run it again, as in_transaction does",
    "40P01": "two transactions waited for each other: run it again, as in_transaction does",
    "55P03": "somebody held a lock longer than lock_timeout: run it again, as in_transaction does",
    "23502": "a column that must have a value has none: set it",
    "42501": "the login lacks the right: GRANT rently_app to it",
}


def explain(error: DBAPIError) -> str | None:
    """One sentence on why the database refused: the rule's name, what it found, and the mend. None: it was no refusal by a rule we know.

    Works with psycopg2 and psycopg 3. What the database found may name ids, never names or addresses of people.
    """
    diagnosis: Any = getattr(error.orig, "diag", None)
    state = getattr(error.orig, "sqlstate", None) or getattr(error.orig, "pgcode", None)
    if diagnosis is None or state is None:
        return None
    rule = diagnosis.constraint_name
    mend = _MENDS.get(rule) or next((text for suffix, text in _SUFFIXES if rule and rule.endswith(suffix)), None)
    mend = mend or _STATES.get(state) or diagnosis.message_hint
    if mend is None:
        return None
    return ": ".join(part for part in (rule, diagnosis.message_primary, mend) if part)
