"""Every kind of defect that a real v0 database has, as data: which rows can have it, and how it gets there.

``repaired`` defects are those for which the migration declares a repair; ``stops`` are those that nothing mends, because mending them
would be guessing.
"""

from __future__ import annotations

from dataclasses import dataclass

from rently_db.migrate.baseline import BASELINE
from rently_db.synth.options import Expected


@dataclass(frozen=True, slots=True)
class Change:
    """A defect in one column of existing rows: ``column`` becomes ``value`` (SQL over the row ``t``) in rows that satisfy ``where``.

    ``prefer`` is a condition: rows that satisfy it come first, because there the declared repair restores what was true.
    """

    defect: str
    table: str
    column: str
    value: str
    where: str = "true"
    prefer: str = "true"
    expected: Expected = "repaired"


@dataclass(frozen=True, slots=True)
class Addition:
    """A defect that is a row too many: a copy of a row ``t`` with a new id and the columns of ``changes`` set (SQL over ``t``)."""

    defect: str
    table: str
    changes: tuple[tuple[str, str], ...] = ()
    where: str = "true"
    expected: Expected = "repaired"


Recipe = Change | Addition

_VALUE_SETS = (
    "party.kind payment_instrument.instrument_type application.status decision.outcome loan.status party_role.role "
    "amortisation_plan.status payment.direction payment.status disbursement.status payment_allocation.component "
    "collections_event.event_type ledger_account.type ledger_entry.side security_interest.type document.kind document_link.entity_type"
)
_WITH_UNDERSCORES = "payment_instrument.instrument_type payment_allocation.component collections_event.event_type document.kind"
_CURRENCIES = " ".join(f"{table.name}.{c.name}" for table in BASELINE.values() for c in table.columns if c.type == "character(3)")
_NAMES = "party.display_name product.name legal_entity.name ledger_account.name document.title decision.decided_by fx_rate.source"
_MONEY = (
    "application.requested_amount decision.approved_amount loan.principal_amount amortisation_line.amount_rc_fee payment.amount "
    "disbursement.amount payment_allocation.allocated_amount collections_event.amount_involved ledger_entry.amount "
    "security_interest.value_amount"
)
# v0 has no index but its keys: a condition that looks up other rows one by one would read their table once a row.
_SINGLE_PLAN = (
    "t.loan_id IN (SELECT o.loan_id FROM public.amortisation_plan o GROUP BY o.loan_id HAVING count(*) = 1) AND t.status = 'active'"
)
_HAS_LINES = "t.id IN (SELECT l.plan_id FROM public.amortisation_line l)"


def _each(columns: str, defect: str, value: str, where: str = "{c} IS NOT NULL", expected: Expected = "repaired") -> list[Recipe]:
    """The same defect for many ``table.column``, named one after the other; ``{c}`` in ``value`` and ``where`` stands for the column."""
    recipes: list[Recipe] = []
    for name in columns.split():
        table, column = name.split(".")
        recipes.append(Change(defect, table, column, value.format(c=f"t.{column}"), where.format(c=f"t.{column}"), expected=expected))
    return recipes


def _missing_status(value: str, defect: str) -> list[Recipe]:
    """A status that was never set, where possible in rows of which the default is true."""
    recipes: list[Recipe] = []
    for table, default in (("application", "submitted"), ("payment", "pending"), ("disbursement", "pending")):
        recipes.append(Change(defect, table, "status", value, "t.status IS NOT NULL", f"t.status = '{default}'"))
    recipes.append(Change(defect, "loan", "status", value, "t.status = 'active'"))
    # Only a loan's sole plan: beside another version, a second defect could decide which of them stays active.
    recipes.append(Change(defect, "amortisation_plan", "status", value, _SINGLE_PLAN))
    return recipes


REPAIRED: list[Recipe] = [
    *_missing_status("NULL", "status is NULL"),
    *_missing_status("''", "status is empty"),
    *_each(_VALUE_SETS, "blanks around and a capital letter in a value", "'  ' || initcap({c}) || ' '"),
    *_each(_VALUE_SETS, "value in upper case", "upper({c})"),
    *_each(_WITH_UNDERSCORES, "blank instead of an underscore", "initcap(replace({c}, '_', ' '))", "position('_' IN {c}) > 0"),
    Change("hyphen instead of an underscore", "loan", "status", "'Written-Off'", "t.status = 'written_off'"),
    *_each(_CURRENCIES, "currency in lower case", "lower({c})"),
    Change("country in lower case", "legal_entity", "country_code", "lower(t.country_code)"),
    Change("blanks around a code", "product", "code", "'  ' || t.code || ' '"),
    Change("code in lower case", "product", "code", "lower(t.code)"),
    Change("blanks around a code", "ledger_account", "code", "' ' || t.code || ' '"),
    Change("e-mail in upper case with blanks", "party", "email", "' ' || upper(t.email) || ' '", "t.email IS NOT NULL"),
    Change("e-mail is no address", "party", "email", "'not-an-address'", "t.email IS NOT NULL"),
    Change("e-mail is a remark", "party", "email", "'n/a, see file'", "t.email IS NOT NULL"),
    Change("e-mail is empty", "party", "email", "''", "t.email IS NOT NULL"),
    *(
        Change("amount is NULL", "amortisation_line", column, "NULL", f"t.{column} IS NOT NULL", f"t.{column} = 0")
        for column in ("amount_principal", "amount_rc_fee", "amount_penalty", "amount_other")
    ),
    Change("default flag is NULL", "payment_instrument", "is_default", "NULL", "t.is_default IS NOT NULL", "NOT t.is_default"),
    Change("days past due are NULL", "collections_event", "dpd_snapshot", "NULL", "t.dpd_snapshot IS NOT NULL"),
    *_each(_NAMES, "name is NULL", "NULL"),
    *_each(_NAMES, "name is blank", "'   '"),
    Change(
        "second default instrument",
        "payment_instrument",
        "is_default",
        "true",
        "NOT t.is_default AND (t.party_id, t.currency_code) IN"
        " (SELECT o.party_id, o.currency_code FROM public.payment_instrument o WHERE o.is_default)",
    ),
    Change(
        "second active plan",
        "amortisation_plan",
        "status",
        "'active'",
        f"t.status = 'superseded' AND {_HAS_LINES} AND EXISTS (SELECT FROM public.amortisation_plan o WHERE o.loan_id = t.loan_id"
        " AND o.status = 'active' AND o.version > t.version)",
    ),
    Addition(
        "newer active plan without lines",
        "amortisation_plan",
        (("version", "t.version + 1"), ("reason", "'draft'"), ("effective_from", "t.effective_from + 30")),
        f"{_SINGLE_PLAN} AND {_HAS_LINES}",
    ),
    Addition("exact duplicate", "party_role"),
    Addition("exact duplicate", "document_link"),
    Addition("exact duplicate", "fx_rate"),
    Change("amount involved is zero", "collections_event", "amount_involved", "0", "t.amount_involved IS NOT NULL"),
    Change("rejection with an approved amount of zero", "decision", "approved_amount", "0", "t.outcome = 'rejected'"),
]
"""Defects that declared repairs mend."""

STOPS: list[Recipe] = [
    *_each(_MONEY, "amount is negative", "-{c}", "{c} > 0", expected="stops"),
    *_each(_MONEY, "amount has three decimals", "{c} + 0.001", "{c} > 0", expected="stops"),
    Change("amount is not a number", "payment", "amount", "'NaN'", expected="stops"),
    Change("payment without an amount", "payment", "amount", "NULL", expected="stops"),
    *_each("loan.currency_code payment_instrument.currency_code", "currency is unknown", "'XXQ'", expected="stops"),
    Change("end before start", "loan", "end_date", "t.start_date - 1", expected="stops"),
    Change(
        "end before start", "amortisation_plan", "effective_through", "t.effective_from - 1", "t.status = 'superseded'", expected="stops"
    ),
    Change("rate is negative", "loan", "interest_rate", "-0.0100", expected="stops"),
    Change("rate has five decimals", "loan", "interest_rate", "0.06125", expected="stops"),
    Addition("product code without a known prefix", "product", (("code", "'LEGACY_001'"), ("name", "'Legacy product'")), expected="stops"),
    Change("loan number is NULL", "loan", "loan_number", "NULL", expected="stops"),
    Change("tenor is zero", "application", "tenor_months", "0", expected="stops"),
    Change("value is unknown", "party", "kind", "'alien'", expected="stops"),
    Change("value is unknown", "loan", "status", "'lost'", expected="stops"),
    Change("rate of a currency to itself", "fx_rate", "to_ccy", "t.from_ccy", expected="stops"),
    Change("exchange rate is zero", "fx_rate", "rate", "0", expected="stops"),
    Addition("two rates for one day", "fx_rate", (("rate", "t.rate + 0.01"),), expected="stops"),
    Addition("payment reference used twice", "payment", where="t.external_reference IS NOT NULL", expected="stops"),
    Addition("plan version used twice", "amortisation_plan", where="t.status = 'superseded'", expected="stops"),
    Addition("line number used twice", "amortisation_line", expected="stops"),
    Addition("ledger account code used twice", "ledger_account", expected="stops"),
    Addition(
        "ledger entry without any evidence of its date",
        "ledger_entry",
        (("loan_id", "NULL"), ("payment_id", "NULL"), ("disbursement_id", "NULL")),
        expected="stops",
    ),
]
"""Defects that must stop the migration before it changes anything."""
