"""Rows as v0 applications write them: every v0 column, clean unless asked otherwise, the same for the same seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any
from uuid import UUID

from rently_db.migrate.baseline import BASELINE

Row = dict[str, Any]

_CURRENCIES = (
    *("SGD", "AED", "USD", "EUR", "GBP", "JPY", "CHF", "AUD", "NZD", "CAD"),
    *("HKD", "CNY", "INR", "IDR", "MYR", "THB", "PHP", "VND", "KRW", "SEK"),
)
_PRODUCT_PREFIXES = ("RC_D2C", "RCAR_D2C", "RC_COLLAB", "RCAR_COLLAB", "B2B_SME", "RNPL_UAE")
_NOT_FILLED = {
    ("loan", "parent_loan_id"),
    ("payment", "payee_party_id"),
    ("ledger_entry", "payment_id"),
    ("ledger_entry", "disbursement_id"),
}
SEEDS = 40
"""How many different makers there can be on one database: seeds 0 to 39."""

_START = date(2024, 1, 15)


class RowMaker:
    """Makes rows. Ids, numbers and references are unique per seed; two makers on one database need different seeds.

    :raises ValueError: the seed is not one of 0 to 39.
    """

    def __init__(self, seed: int = 0) -> None:
        if not 0 <= seed < SEEDS:
            raise ValueError(f"seed {seed}: the v0 workload has the seeds 0 to {SEEDS - 1}")
        self._random = Random(f"rently-v0-app-{seed}")  # noqa: S311  # data for tests
        self._seed = seed
        self._rates = 0
        self.serial = 0

    def new_id(self) -> UUID:
        """A random (version 4) id, as v0 applications make them."""
        return UUID(int=self._random.getrandbits(128), version=4)

    def money(self, low: int, high: int) -> Decimal:
        """An amount of at least ``low`` and less than ``high`` units, with two decimals."""
        return Decimal(self._random.randrange(low * 100, high * 100)).scaleb(-2)

    def rate_key(self) -> Row:
        """A day and a pair of currencies that no other rate of any seed has (for 100,000 rates a seed), long before real rates."""
        self._rates += 1
        slot = self._seed * 100_000 + self._rates
        day, pair = divmod(slot, len(_CURRENCIES) * (len(_CURRENCIES) - 1))
        first, second = divmod(pair, len(_CURRENCIES) - 1)
        others = [c for c in _CURRENCIES if c != _CURRENCIES[first]]
        return {"as_of_date": date(1970, 1, 1) + timedelta(days=day % 10_950), "from_ccy": _CURRENCIES[first], "to_ccy": others[second]}

    def row(self, table: str, context: Mapping[str, Any], /, **given: Any) -> Row:
        """A row of ``table`` with every v0 column.

        ``context`` holds the ids of the rows to refer to, by table, and ``currency``; ``given`` overrides columns.

        :raises KeyError: a referenced table is not in the context, or ``given`` names a column that v0 does not have.
        """
        self.serial += 1
        filled = _DEFAULTS[table](self, context["currency"]) | given
        unknown = filled.keys() - {c.name for c in BASELINE[table].columns}
        if unknown:
            raise KeyError(f"v0's {table} has no column {', '.join(sorted(unknown))}")
        row: Row = {}
        for column in BASELINE[table].columns:
            if column.name in filled:
                row[column.name] = filled[column.name]
            elif column.name == "id":
                row["id"] = self.new_id()
            elif (table, column.name) in _NOT_FILLED:
                row[column.name] = None
            else:
                assert column.references is not None, f"no default for {table}.{column.name}"
                row[column.name] = context[column.references]
        return row

    def moment(self) -> datetime:
        """A moment of 2024 as v0 applications keep it: UTC, without a time zone."""
        aware = datetime(2024, 1, 15, 8, tzinfo=UTC) + timedelta(seconds=self._random.randrange(300 * 86_400))
        return aware.replace(tzinfo=None)

    def number(self, prefix: str) -> str:
        """A business number or reference, unique for this seed and serial."""
        return f"{prefix}-{self._seed:03d}-{self.serial:07d}"


_Default = Callable[[RowMaker, str], Row]


def _legal_entity(m: RowMaker, currency: str) -> Row:
    country = "AE" if currency == "AED" else "SG"
    return {"name": f"Rently {m.number(country)}", "registration_no": m.number("REG"), "country_code": country, "functional_ccy": currency}


def _product(m: RowMaker, currency: str) -> Row:
    prefix = "RNPL_UAE" if currency == "AED" else _PRODUCT_PREFIXES[m.serial % 5]
    return {"code": m.number(prefix), "name": "Rently Care", "description": None}


def _party(m: RowMaker, _: str) -> Row:
    name = m.number("party")
    return {
        "kind": "individual",
        "display_name": f"Tan Mei Ling {m.serial}",
        "email": f"{name.lower()}@example.com",
        "phone": f"+65 9{m.serial % 10_000_000:07d}",
        "external_ref": name,
        "kyc_identifier": m.number("KYC"),
    }


def _instrument(m: RowMaker, currency: str) -> Row:
    return {
        "instrument_type": "bank_account",
        "currency_code": currency,
        "bank_name": "DBS",
        "account_name": f"Tan Mei Ling {m.serial}",
        "account_number": f"{m.serial:010d}",
        "provider_ref": None,
        "is_default": False,
    }


def _loan(m: RowMaker, currency: str) -> Row:
    return {
        "loan_number": m.number("LN"),
        "currency_code": currency,
        "principal_amount": m.money(3_000, 30_000),
        "rc_fee_rate": Decimal("0.0250"),
        "interest_rate": Decimal("0.0899"),
        "start_date": _START,
        "end_date": _START + timedelta(days=366),
        "property_contract_id": m.number("LEASE"),
        "status": "active",
    }


def _line(m: RowMaker, currency: str) -> Row:
    return {
        "seq_no": 1,
        "due_date": _START + timedelta(days=31),
        "currency_code": currency,
        "amount_principal": m.money(500, 2_000),
        "amount_rc_fee": m.money(10, 100),
        "amount_penalty": Decimal("0.00"),
        "amount_other": Decimal("0.00"),
    }


def _payment(m: RowMaker, currency: str) -> Row:
    return {
        "currency_code": currency,
        "amount": m.money(500, 2_000),
        "direction": "inbound",
        "provider": "stripe",
        "external_reference": m.number("PAY"),
        "received_at": m.moment(),
        "status": "pending",
    }


def _event(m: RowMaker, currency: str) -> Row:
    row = {"event_type": "first_overdue", "event_at": m.moment(), "dpd_snapshot": 3, "amount_involved": m.money(500, 2_000)}
    return row | {"currency_code": currency}


_DEFAULTS: dict[str, _Default] = {
    "legal_entity": _legal_entity,
    "product": _product,
    "party": _party,
    "payment_instrument": _instrument,
    "application": lambda m, c: {
        "application_number": m.number("APP"),
        "requested_amount": m.money(3_000, 30_000),
        "requested_currency": c,
        "tenor_months": 12,
        "status": "submitted",
    },
    "decision": lambda m, c: {
        "outcome": "approved",
        "approved_amount": m.money(3_000, 30_000),
        "approved_currency": c,
        "decided_by": "credit.committee",
    },
    "loan": _loan,
    "party_role": lambda *_: {"role": "borrower"},
    "amortisation_plan": lambda *_: {
        "version": 1,
        "status": "active",
        "reason": None,
        "effective_from": _START,
        "effective_through": None,
    },
    "amortisation_line": _line,
    "payment": _payment,
    "disbursement": lambda m, c: {"currency_code": c, "amount": m.money(3_000, 30_000), "disbursed_at": None, "status": "pending"},
    "payment_allocation": lambda *_: {"component": "principal", "allocated_amount": Decimal("1.00")},
    "collections_event": _event,
    "ledger_account": lambda m, _: {"code": m.number("1000"), "name": "Loans receivable", "type": "asset"},
    "ledger_entry": lambda m, c: {"currency_code": c, "amount": m.money(10, 100), "side": "debit"},
    "security_interest": lambda m, c: {
        "type": "deposit",
        "description": "rental deposit",
        "value_amount": m.money(500, 5_000),
        "value_ccy": c,
    },
    "document": lambda m, _: {
        "title": "Lease agreement",
        "kind": "lease_agreement",
        "storage_url": f"s3://rently/{m.number('doc')}.pdf",
        "uploaded_at": m.moment(),
    },
    "document_link": lambda *_: {"entity_type": "loan", "role": "evidence"},
    "fx_rate": lambda m, _: m.rate_key() | {"rate": Decimal("1.3456789"), "source": m.number("mas")},
}
