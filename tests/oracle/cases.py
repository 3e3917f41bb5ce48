"""Books made by hand, a fact at a time, for cases whose figures are known without computing."""

from __future__ import annotations

import itertools
from dataclasses import fields, replace
from datetime import UTC, date, datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from tests.oracle.book import Book
from tests.oracle.rows import TABLES

START = date(2026, 1, 1)
EMPTY: dict[str, Any] = {"datetime": None, "date": None, "Decimal": Decimal(0), "str": "", "int": 0, "bool": False, "Any": None}


def at(year: int, month: int, day: int, hour: int = 0, minute: int = 0) -> datetime:
    """A moment in UTC."""
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


class Case:
    """A book in the making: Singapore, a product without grace or tolerance, one borrower, standard rules."""

    def __init__(self) -> None:
        """Make the reference rows."""
        self.tables: dict[str, list[Any]] = {}
        self._numbers = itertools.count(1)
        self.add("legal_entity", id="sg", country_code="SG", functional_ccy="SGD", time_zone="Asia/Singapore")
        self.add("legal_entity", id="ae", country_code="AE", functional_ccy="AED", time_zone="Asia/Dubai")
        self.add("product", id="plain", category="b2b_sme")
        self.add("party", id="borrower")
        for sort, low, high in ((0, 0, 1), (1, 1, 8), (2, 8, 31), (3, 31, 61), (4, 61, 91), (5, 91, 181), (6, 181, None)):
            self.add("dpd_bucket", scheme="standard", label=f"{low}+", sort=sort, days=SimpleNamespace(lower=low, upper=high), **RULE)
        for country, operator in (("SG", "more_than"), ("AE", "or_more")):
            for name, days in (("watch", 0), ("substandard", 90), ("doubtful", 180), ("loss", 365)):
                self.add(
                    "classification_rule", country_code=country, class_=name, threshold_days=days,
                    operator="more_than" if name == "watch" else operator, probation_days=180, **RULE,
                )  # fmt: skip
        self.add("analytics_setting", key="group_currency", value="SGD", **RULE)

    def add(self, table: str, **columns: Any) -> str:
        """Take a row; what is not given is empty: None where that is allowed, else 0 or ''."""
        kind = TABLES[table]
        row = {column.name: None if "None" in str(column.type) else EMPTY[str(column.type)] for column in fields(kind)}
        if "id" in row:
            row["id"] = f"{table}-{next(self._numbers):04d}"
        made = kind(**{**row, **columns})
        self.tables.setdefault(table, []).append(made)
        return str(getattr(made, "id", ""))

    def change(self, table: str, row_id: str, **columns: Any) -> None:
        """Replace columns of a row."""
        self.tables[table] = [replace(row, **columns) if row.id == row_id else row for row in self.tables[table]]

    def loan(self, entity: str = "sg", product: str = "plain", borrower: str = "borrower", principal: str = "3000") -> str:
        """A loan that was paid out on its first day, active ever since."""
        currency = {"sg": "SGD", "ae": "AED"}[entity]
        loan = self.add(
            "loan", product_id=product, legal_entity_id=entity, borrower_party_id=borrower, currency_code=currency,
            principal_amount=Decimal(principal), start_date=START, end_date=date(2027, 1, 1), status="active",
        )  # fmt: skip
        self.add("disbursement", loan_id=loan, amount=Decimal(principal), disbursed_at=at(2026, 1, 1, 4), status="completed")
        self.status(loan, "active", at(2026, 1, 1))
        return loan

    def status(self, loan: str, value: str, moment: datetime, *, recorded: bool = True) -> None:
        """A row of the history of the contract's status; one from before v1 was not recorded."""
        self.add(
            "loan_status_history", loan_id=loan, status_type="operational_status", status_value=value, effective_from=moment,
            created_at=moment if recorded else None,
        )  # fmt: skip

    def plan(
        self, loan: str, *dues: date, version: int = 1, status: str = "active", begin: date = START, amount: str = "1000"
    ) -> list[str]:
        """A plan with equal lines of principal; gives the lines."""
        plan = self.add("amortisation_plan", loan_id=loan, version=version, status=status, effective_from=begin)
        return [
            self.add("amortisation_line", plan_id=plan, seq_no=number, due_date=due, amount_principal=Decimal(amount))
            for number, due in enumerate(dues, 1)
        ]

    def pay(self, loan: str, amount: str, moment: datetime, line: str | None = None, component: str = "principal") -> str:
        """A completed payment, all of it for the loan."""
        payment = self.add("payment", amount=Decimal(amount), direction="inbound", status="completed", received_at=moment)
        self.add(
            "payment_allocation", payment_id=payment, loan_id=loan, line_id=line, component=component, allocated_amount=Decimal(amount)
        )
        return payment

    def book(self) -> Book:
        """The book so far."""
        return Book({table: list(rows) for table, rows in self.tables.items()})


RULE: dict[str, Any] = {"valid_from": date(2020, 1, 1), "valid_through": None}
