"""A small book at head, and a hand to copy its rows with changes: a case of a rule is then one line."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest
from psycopg2 import extensions, sql

from rently_db.migrate.baseline import BASELINE
from rently_db.sql.catalog import load_catalogue

LATER = ", ".join(f"'{entity.name}'" for entity in load_catalogue() if (entity.kind, entity.schema) == ("table", "ops"))
"""Tables of schema ops that came after v1, as SQL has a list; their rules are tests/ops/test_tables.py's."""

BOOK_SQL = (Path(__file__).parent / "book.sql").read_text()

ID: dict[str, str] = {
    name: f"{number:08x}-0000-4000-8000-000000000000"
    for number, name in enumerate(dict.fromkeys(re.findall(r"%\((\w+)\)s", BOOK_SQL)), start=1)
}
"""Name in book.sql -> its fixed uuid, in the order of the book."""

_BASE_WITHOUT_ID = {
    "currency": "code = 'SGD'",
    "schema_version": "version = 'v1'",
    "status_value": "status_type = 'risk_level' AND status_value = 'normal'",
    "ops.account": "table_name = 'loan'",
    "ops.alembic_version": "true",
    "ops.baseline": "true",
    "ops.migration_run": "direction = 'up' AND from_revision IS NULL",
    "ops.migration_step": "revision = 'v0' AND step = 'v0'",
    "ops.pre_migration_question": "nr = 1",
    "ops.quarantine_request": "table_name = 'rules_test'",
    "ops.row_journal": "rule = 'rules_test'",
    "ops.tally": "table_name = 'rules_test'",
    "ops.v0_object": "kind = 'column' AND table_name = 'loan' AND name = 'status'",
    "ops.value_mapping": "table_name = 'rules_test'",
    "ops.worklist": "step = 'rules_test'",
}


def word() -> str:
    """A lower-case word nobody used before."""
    return "w" + secrets.token_hex(4)


def _fresh(table: str) -> dict[str, Any]:
    """What a copy of the table's row must have of its own, beside an id."""
    number, name = secrets.randbelow(10**8) + 10**6, word()
    fresh: dict[str, dict[str, Any]] = {
        "amortisation_line": {"seq_no": number},
        "amortisation_plan": {"version": number, "status": "superseded"},
        "analytics_setting": {"key": name},
        "application": {"application_number": name},
        "classification_rule": {"class": name},
        "currency": {"code": "Q" + secrets.choice("JKWXZ") + secrets.choice("JKWXZ")},
        "document_link": {"entity_id": str(uuid.uuid4())},
        "dpd_bucket": {"scheme": name},
        "fx_rate": {"source": name},
        "ledger_account": {"code": name},
        "ledger_entry": {"journal_id": None},
        "loan": {"loan_number": name},
        "loan_status_history": {"effective_from": "2022-03-01Z", "effective_through": "2022-04-01Z"},
        "party_role": {"loan_id": ID["loan_old"]},
        "payment": {"external_reference": name},
        "payment_instrument": {"is_default": False},
        "product": {"code": f"RC_D2C_{name.upper()}"},
        "product_limit": {"valid_from": "2020-01-01", "valid_through": "2021-01-01"},
        "provision_rate": {"class": name},
        "schema_version": {"version": name},
        "status_transition": {"entity": name},
        "status_value": {"status_value": name},
        "ops.account": {"id": number},
        "ops.alembic_version": {"version_num": name},
        "ops.migration_run": {"id": number},
        "ops.migration_step": {"step": name},
        "ops.pre_migration_question": {"nr": number},
        "ops.quarantine_request": {"rule": name},
        "ops.row_journal": {"id": number},
        "ops.tally": {"id": number},
        "ops.v0_object": {"name": name},
        "ops.value_mapping": {"from_value": name},
        "ops.worklist": {"row_id": str(uuid.uuid4())},
    }
    own = {} if table in _BASE_WITHOUT_ID else {"id": str(uuid.uuid4())}
    return own | fresh.get(table, {})


def _relation(table: str) -> sql.Composable:
    return sql.Identifier(*table.split(".")) if "." in table else sql.Identifier("public", table)


def base_row(table: str) -> str:
    """The condition that finds the row of a table that tests copy."""
    return _BASE_WITHOUT_ID.get(table) or f"id = '{ID[table]}'"


class Book:
    """The small book, through one connection."""

    def __init__(self, connection: extensions.connection) -> None:
        self.connection = connection

    def execute(self, statement: str | sql.Composable, *parameters: Any) -> int:
        """Run a statement; how many rows it touched."""
        with self.connection.cursor() as cursor:
            cursor.execute(statement, parameters or None)
            return cursor.rowcount

    def rows(self, query: str | sql.Composable, *parameters: Any) -> list[tuple[Any, ...]]:
        """What a query gives."""
        with self.connection.cursor() as cursor:
            cursor.execute(query, parameters or None)
            return cursor.fetchall()

    def value(self, query: str | sql.Composable, *parameters: Any) -> Any:
        """The one value a query gives."""
        ((value,),) = self.rows(query, *parameters)
        return value

    def variant(self, table: str, **changes: Any) -> str:
        """Insert a copy of the table's row with fresh keys and these changes; its id."""
        return self._copy(table, None, changes)

    def v0_row(self, table: str, **changes: Any) -> str:
        """The same as a v0 application does it: it names every column of v0 and no other."""
        return self._copy(table, [column.name for column in BASELINE[table].columns], changes)

    def without(self, table: str, column: str, **changes: Any) -> str:
        """The same, not naming one column at all: its default holds."""
        names = [name for (name,) in self.rows(_COLUMNS, table if "." in table else f"public.{table}") if name != column]
        return self._copy(table, names, changes)

    def _copy(self, table: str, columns: list[str] | None, changes: dict[str, Any]) -> str:
        if columns == []:  # a table of one column, and that not named
            return str(self.execute(sql.SQL("INSERT INTO {} DEFAULT VALUES").format(_relation(table))))
        changes = _fresh(table) | changes
        if columns is None:
            columns = [name for (name,) in self.rows(_COLUMNS, table if "." in table else f"public.{table}")]
        names = sql.SQL(", ").join(map(sql.Identifier, columns)) if columns else None
        self.execute(
            sql.SQL(
                "INSERT INTO {0} {1} OVERRIDING SYSTEM VALUE"
                " SELECT {2} FROM jsonb_populate_record((SELECT t FROM {0} AS t WHERE {3}), %s) AS r"
            ).format(
                _relation(table),
                sql.SQL("({})").format(names) if names else sql.SQL(""),
                sql.SQL(", ").join(sql.Identifier("r", column) for column in columns) if columns else sql.SQL("r.*"),
                sql.SQL(base_row(table)),
            ),
            json.dumps(changes, default=str),
        )
        return str(changes.get("id"))

    def change(self, table: str, row: str | None = None, **changes: Any) -> int:
        """Change columns of one row, by default the one that tests copy; how many rows there were."""
        assignments = sql.SQL(", ").join(sql.SQL("{} = %s").format(sql.Identifier(column)) for column in changes)
        return self.execute(
            sql.SQL("UPDATE {} SET {} WHERE {}").format(
                _relation(table), assignments, sql.SQL(f"id = '{row}'" if row else base_row(table))
            ),
            *changes.values(),
        )

    def allocate(self, amount: str, payment: str = "payment_two", **changes: Any) -> str:
        """Allocate an amount of a payment to the book's line; the allocation's id."""
        return self.variant("payment_allocation", payment_id=ID[payment], allocated_amount=amount, **changes)

    def journal(self, row: str | None = None) -> list[tuple[Any, ...]]:
        """What bridges noted in this transaction, of one row or of all: rule, table, column, old, new, in order."""
        return self.rows(
            "SELECT rule, table_name, column_name, old_value, new_value FROM ops.row_journal"
            " WHERE rule <> 'rules_test' AND coalesce(row_id = %s, true) ORDER BY id",
            row,
        )

    @contextmanager
    def refused(self, constraint: str | None, sqlstate: str | None = None) -> Iterator[pytest.ExceptionInfo[psycopg2.Error]]:
        """Expect the database to refuse what happens inside, naming this constraint; the transaction goes on afterwards."""
        self.execute("SAVEPOINT before_refusal")
        with pytest.raises(psycopg2.Error) as caught:
            yield caught
        self.execute("ROLLBACK TO SAVEPOINT before_refusal")
        assert caught.value.diag.constraint_name == constraint, str(caught.value)
        assert sqlstate in {None, caught.value.pgcode}, str(caught.value)


_COLUMNS = (
    "SELECT attname FROM pg_catalog.pg_attribute"
    " WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '' ORDER BY attnum"
)


def load(connection: extensions.connection) -> None:
    """Write the book into an empty database at head."""
    with connection.cursor() as cursor:
        cursor.execute(BOOK_SQL, ID)
