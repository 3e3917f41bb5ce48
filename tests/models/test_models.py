"""What the models promise: the contract's names, v0's columns first, money exact, moments aware, nothing lazy, everything explained."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import pytest
from sqlalchemy import CheckConstraint, Column, Constraint, ForeignKeyConstraint, Index, PrimaryKeyConstraint, Table, UniqueConstraint
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.dialects.postgresql.base import PGDialect
from sqlalchemy.orm import Mapper, configure_mappers, make_transient_to_detached
from sqlalchemy.schema import CreateIndex, CreateTable, FetchedValue

from rently_db import models
from rently_db.migrate.baseline import BASELINE
from rently_db.models import Base, Loan, LoanStatus, Party, Payment, metadata
from rently_db.models.types import ExchangeRateType, MoneyType, RateType, UtcDateTime, ValueSet

PINNED_CHECKS = [
    line for line in (Path(__file__).parent / "pinned_checks.txt").read_text(encoding="utf-8").splitlines() if not line.startswith("#")
]
"""The contract's checks, one ``name: text`` a line."""

NEW_TABLES = {
    "loan_status_history", "payment_disputes", "loan_transfers", "schema_version", "journal_entry", "loan_adjustment",
    "loan_flag", "currency", "dpd_bucket", "classification_rule", "provision_rate", "product_limit",
    "status_value", "status_transition", "analytics_setting",
}  # fmt: skip

UPDATED_AT_TABLES = {
    "legal_entity", "product", "party", "payment_instrument", "application", "loan", "amortisation_plan", "payment", "disbursement",
    "security_interest", "collections_event", "payment_disputes", "loan_transfers", "ledger_account",
}  # fmt: skip

LEGACY_MOMENTS = {"payment.received_at", "disbursement.disbursed_at", "collections_event.event_at", "document.uploaded_at"}

CURRENCY_REFERENCES = {
    "legal_entity.functional_ccy", "payment_instrument.currency_code", "application.requested_currency", "loan.currency_code",
    "fx_rate.from_ccy", "fx_rate.to_ccy",
}  # fmt: skip

# PostgreSQL's own limit of 63 would cut a name that is too long before a test sees it.
DIALECT: PGDialect = PGDialect(max_identifier_length=255)  # type: ignore[no-untyped-call]
TABLES = sorted(metadata.tables.values(), key=lambda table: table.name)
COLUMNS = [column for table in TABLES for column in table.columns]
MAPPERS: list[Mapper[Any]] = sorted(Base.registry.mappers, key=lambda mapper: mapper.class_.__name__)
C = TypeVar("C", bound=Constraint)


def of(table: Table, kind: type[C]) -> list[C]:
    """The constraints of one kind."""
    return [constraint for constraint in table.constraints if isinstance(constraint, kind)]


def name_of(constraint: Constraint | Index) -> str:
    """The name the database sees, after the naming convention."""
    name = DIALECT.identifier_preparer.format_constraint(constraint)
    assert name is not None, f"unnamed {constraint!r}"
    return name


def checks() -> dict[str, str]:
    """Every CHECK of the schema: name -> text."""
    return {name_of(check): str(check.sqltext) for table in TABLES for check in of(table, CheckConstraint)}


def leading_columns(table: Table) -> list[list[str]]:
    """The column lists of whole-table B-tree indexes, those behind keys included."""
    keys = [[c.name for c in key.columns] for kind in (PrimaryKeyConstraint, UniqueConstraint) for key in of(table, kind)]
    whole = [index for index in table.indexes if index.dialect_options["postgresql"]["where"] is None]
    return keys + [[c.name for c in index.columns] for index in whole]


@pytest.mark.parametrize("line", PINNED_CHECKS, ids=lambda line: line.partition(":")[0])
def test_pinned_check_has_its_name_and_text(line: str) -> None:
    """Other software reads the checks of the contract by name, so each exists with exactly its text."""
    name, _, expected = line.partition(": ")
    assert checks()[name] == expected


def test_v1_has_every_table_and_no_other() -> None:
    """v1 is v0's twenty tables and fifteen new ones."""
    assert set(metadata.tables) == set(BASELINE) | NEW_TABLES


@pytest.mark.parametrize("name", BASELINE)
def test_v0_columns_come_first_in_v0_order_with_v0_types(name: str) -> None:
    """A migrated table has v0's columns first and unchanged, so a fresh one must be the same, column by column."""
    spelling = {"CHAR(2)": "character(2)", "CHAR(3)": "character(3)"}
    v0 = [(column.name, column.type) for column in BASELINE[name].columns]
    v1 = [(c.name, c.type.compile(dialect=DIALECT)) for c in metadata.tables[name].columns][: len(v0)]
    assert [(column, spelling.get(type_, type_.lower())) for column, type_ in v1] == v0


@pytest.mark.parametrize(
    ("table", "tail"),
    [
        ("legal_entity", "created_at updated_at time_zone"),
        ("product", "created_at updated_at grace_days tolerance_amount tolerance_pct"),
        ("party", "created_at updated_at obligor_group_id"),
        ("amortisation_plan", "effective_through created_at updated_at"),
        ("amortisation_line", "amount_other amount_interest"),
        ("payment", "status processed_at created_at updated_at reversed_at"),
        ("payment_allocation", "created_at reversed_at"),
        ("ledger_entry", "entry_date created_at journal_id"),
        ("security_interest", "created_at updated_at haircut_pct"),
        ("payment_disputes", "resolved_at resolution_notes updated_at"),
    ],
)
def test_new_columns_follow_in_the_order_in_which_they_are_added(table: str, tail: str) -> None:
    """Base columns, then updated_at, then what the figures need: the order in which a migration appends them."""
    expected = tail.split()
    assert [c.name for c in metadata.tables[table].columns][-len(expected) :] == expected


def test_v0_keys_keep_the_names_postgresql_gave_them() -> None:
    """v0's keys were named by PostgreSQL, and the convention names them the same, so a migration need not rename any."""
    for name, baseline in BASELINE.items():
        table = metadata.tables[name]
        foreign_keys = {name_of(key) for key in of(table, ForeignKeyConstraint)}
        uniques = {name_of(key) for key in of(table, UniqueConstraint)}
        assert [name_of(key) for key in of(table, PrimaryKeyConstraint)] == [f"{name}_pkey"]
        assert {f"{name}_{column}_fkey" for column in baseline.foreign_keys} <= foreign_keys
        assert {f"{name}_{column}_key" for column in baseline.uniques} <= uniques


def test_every_name_is_unique_and_fits_postgresql() -> None:
    """PostgreSQL cuts names at 63 bytes without a word; a cut name would never match its model again."""
    for table in TABLES:
        names = [name_of(key) for key in of(table, Constraint)] + [name_of(index) for index in table.indexes]
        assert len(set(names)) == len(names), table.name
        assert all(len(name.encode()) <= 63 for name in names), table.name


def test_every_money_and_rate_column_has_the_check_of_its_type() -> None:
    """Half a cent, NaN or a rate of 1000 % is refused wherever money or a rate is stored."""
    texts = checks()
    found = 0
    for column in COLUMNS:
        if isinstance(column.type, MoneyType | RateType):
            found += 1
            assert texts[f"{column.table.name}_{column.name}_{column.type.check_suffix}"] == column.type.check_sql(column.name)
        else:
            assert column.type.compile(dialect=DIALECT) != "NUMERIC" or isinstance(column.type, ExchangeRateType), column
    assert found == 28
    assert texts["loan_principal_amount_is_money"] == "principal_amount = round(principal_amount, 2) AND abs(principal_amount) < 1e13"
    assert texts["loan_interest_rate_is_rate"] == "interest_rate = round(interest_rate, 4) AND interest_rate >= 0 AND interest_rate < 10"


def test_every_value_set_is_checked_by_the_database() -> None:
    """What the enum knows is what the CHECK allows: in the same order, no more, no less."""
    sets = [(column, column.type.enum_class) for column in COLUMNS if isinstance(column.type, ValueSet)]
    assert len(sets) >= 30
    for column, enum_class in sets:
        members = ", ".join(f"'{member}'" for member in enum_class)
        wanted = f"{column.name} IN ({members})"
        texts = [str(check.sqltext) for check in of(column.table, CheckConstraint)]
        assert wanted in texts or f"{column.name} IS NULL OR {wanted}" in texts, column


def test_only_the_four_moments_of_v0_have_no_time_zone() -> None:
    """A new moment is timestamptz; the four of v0 stay as v0's prepared statements expect them."""
    moments = {str(column): column.type.timezone for column in COLUMNS if isinstance(column.type, UtcDateTime)}
    assert {name for name, timezone in moments.items() if not timezone} == LEGACY_MOMENTS
    assert not [column for column in COLUMNS if "TIMESTAMP" in column.type.compile(dialect=DIALECT) and str(column) not in moments]


def test_every_id_comes_from_the_database() -> None:
    """Ids are time-ordered UUIDs made by public.uuidv7(), qualified, since PostgreSQL 18 has a function of that name of its own."""
    for table in TABLES:
        if table.name in {"currency", "schema_version", "status_value"}:
            assert "id" not in table.columns
        else:
            assert default_of(table.c.id) == "public.uuidv7()"


def default_of(column: Column[Any]) -> str:
    """The text of a column's server default."""
    return str(getattr(getattr(column.server_default, "arg", None), "text", None))


def test_updated_at_is_on_exactly_the_tables_whose_rows_change() -> None:
    """Rows that are changed in place say when; rows that are only ever added don't pretend to."""
    having = {table.name for table in TABLES if "updated_at" in table.columns}
    assert having == UPDATED_AT_TABLES


@pytest.mark.parametrize(
    "path",
    [
        *(f"{table}.updated_at" for table in sorted(UPDATED_AT_TABLES)),
        "payment_instrument.is_default",
        "amortisation_plan.status",
        "amortisation_plan.effective_through",
        "loan_status_history.effective_from",
        "loan_status_history.effective_through",
        "payment.reversed_at",
    ],
)
def test_a_column_that_a_trigger_writes_is_read_back_and_says_so(path: str) -> None:
    """After an update the object holds what the trigger wrote, and the column's comment names the trigger."""
    table, _, column = path.partition(".")
    found = metadata.tables[table].columns[column]
    assert isinstance(found.server_onupdate, FetchedValue)
    assert "trigger" in (found.comment or "").lower()


def test_every_foreign_key_has_an_index_that_starts_with_it() -> None:
    """Deleting or joining never scans a big table; only the thirty rows of currency may cost a scan."""
    for table in TABLES:
        for key in of(table, ForeignKeyConstraint):
            columns = [c.name for c in key.columns]
            if key.referred_table.name != "currency":
                assert any(index[: len(columns)] == columns for index in leading_columns(table)), f"{table.name}{columns}"


def test_only_few_tables_refer_to_currency() -> None:
    """Big tables agree with their loan or payment instead: a reference would cost their inserts a sixth."""
    found = {str(element.parent) for column in COLUMNS for element in column.foreign_keys if element.column.table.name == "currency"}
    assert found == CURRENCY_REFERENCES


def test_money_and_its_evidence_are_never_deleted_by_cascade() -> None:
    """Deleting a loan, plan or payment is refused while anything refers to it; only links and instruments follow their owner."""
    keys = [key for table in TABLES for key in of(table, ForeignKeyConstraint)]
    cascading = {name_of(key) for key in keys if key.ondelete == "CASCADE"}
    assert cascading == {"document_link_document_id_fkey", "payment_instrument_party_id_fkey"}
    assert {key.ondelete for key in keys} == {"CASCADE", "RESTRICT"}


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE UNIQUE INDEX one_open_status_per_type ON loan_status_history (loan_id, status_type) WHERE effective_through IS NULL",
        "CREATE UNIQUE INDEX one_active_plan_per_loan ON amortisation_plan (loan_id) WHERE status = 'active'",
        "CREATE UNIQUE INDEX one_current_party_role ON party_role (party_id, loan_id, role) WHERE effective_through IS NULL",
        (
            "CREATE UNIQUE INDEX one_default_instrument ON payment_instrument (party_id, currency_code) "
            "WHERE is_default AND is_active IS DISTINCT FROM false"
        ),
        (
            "CREATE UNIQUE INDEX one_payment_per_reference ON payment (coalesce(provider, ''), external_reference) "
            "WHERE external_reference IS NOT NULL"
        ),
        "CREATE INDEX ix_amortisation_line_due_date ON amortisation_line (due_date)",
        "CREATE INDEX ix_payment_received_at ON payment (received_at)",
        "CREATE INDEX ix_loan_status ON loan (status)",
    ],
)
def test_one_of_a_kind_and_the_figures_have_their_indexes(statement: str) -> None:
    """What may exist once, exists once; what figures and worklists search by, is indexed."""
    assert statement in {str(CreateIndex(index).compile(dialect=DIALECT)) for table in TABLES for index in table.indexes}


def test_status_history_and_rules_never_overlap() -> None:
    """On any moment a loan has one status of a type, and on any day one rule of a kind applies."""
    dated = {table.name for table in TABLES if "valid_from" in table.columns}
    assert len(dated) == 6
    excluded = {name_of(constraint) for table in TABLES for constraint in of(table, ExcludeConstraint)}
    assert excluded == {f"{name}_no_overlap" for name in dated | {"loan_status_history"}}
    sql = str(CreateTable(metadata.tables["loan_status_history"]).compile(dialect=DIALECT))
    assert "USING gist (loan_id WITH =, status_type WITH =, tstzrange(effective_from, effective_through) WITH &&)" in sql


def test_every_table_and_column_says_what_it_means() -> None:
    """The reference docs are made of comments: a sentence for each table and each column, and each class."""
    comments = {str(table): table.comment for table in TABLES} | {str(column): column.comment for column in COLUMNS}
    for name, comment in comments.items():
        assert comment, name
        assert comment[0].isupper(), name
        assert len(comment) > 10, name
    for mapper in MAPPERS:
        assert "One row per" in (mapper.class_.__doc__ or "") or "Never" in (mapper.class_.__doc__ or ""), mapper


def test_no_relation_loads_by_itself_or_deletes() -> None:
    """A forgotten eager load fails at once instead of querying once a row, and only the database decides what a delete does."""
    configure_mappers()
    relations = [relation for mapper in MAPPERS for relation in mapper.relationships]
    assert len(relations) > 80
    for relation in relations:
        assert relation.lazy == "raise", relation
        assert "delete" not in relation.cascade, relation
        if relation.uselist:
            assert relation.passive_deletes == "all", relation
            assert relation.back_populates, relation


def test_all_models_and_value_sets_are_exported() -> None:
    """`from rently_db.models import X` works for every model and value set, and __all__ is sorted."""
    sets = {column.type.enum_class for column in COLUMNS if isinstance(column.type, ValueSet)}
    exported = {getattr(models, name) for name in models.__all__ if name != "metadata"}
    assert exported == sets | {mapper.class_ for mapper in MAPPERS} | {Base}
    assert models.__all__ == sorted(models.__all__)


def test_importing_the_models_imports_no_tool() -> None:
    """An application that uses the models pays for SQLAlchemy, not for migrations, drivers or the command line."""
    tools = {"alembic", "psycopg2", "psycopg", "typer", "rich", "alembic_utils"}
    code = f"import sys, rently_db.models; print(sorted({tools} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True).stdout.strip() == "[]"


@pytest.mark.parametrize("zoned", [True, False])
def test_a_moment_is_stored_in_utc_and_comes_back_aware(zoned: bool) -> None:
    """Eight in the morning in Singapore is midnight in UTC, in a column with or without time zone."""
    moment = datetime(2025, 3, 1, 8, tzinfo=timezone(timedelta(hours=8)))
    type_ = UtcDateTime(timezone=zoned)
    stored = type_.process_bind_param(moment, DIALECT)
    assert stored is not None
    assert (stored.tzinfo is not None) == zoned
    back = type_.process_result_value(stored, DIALECT)
    assert back == moment
    assert back.tzinfo is UTC
    assert type_.process_bind_param(None, DIALECT) is None
    assert type_.process_result_value(None, DIALECT) is None


@pytest.mark.parametrize(("value", "error"), [(datetime(2025, 3, 1), ValueError), ("2025-03-01", TypeError)])  # noqa: DTZ001 (naive on purpose)
def test_a_moment_without_zone_is_refused(value: object, error: type[Exception]) -> None:
    """Nobody can tell whether a naive datetime is Singapore's or Dubai's; the error says what to pass instead."""
    with pytest.raises(error, match="pass an aware datetime"):
        UtcDateTime().process_bind_param(value, DIALECT)


@pytest.mark.parametrize("type_", [MoneyType(), RateType(), ExchangeRateType()])
def test_money_is_never_a_float(type_: MoneyType | RateType | ExchangeRateType) -> None:
    """0.1 as a float is not ten cents, so it is refused before it reaches the database."""
    with pytest.raises(TypeError, match="Decimal"):
        type_.process_bind_param(0.1, DIALECT)
    assert type_.process_bind_param(Decimal("0.10"), DIALECT) == Decimal("0.10")


def test_a_value_set_gives_members_and_refuses_strangers() -> None:
    """A misspelt status fails in Python, with the list of those that exist."""
    type_ = ValueSet(LoanStatus)
    assert type_.process_bind_param("closed", DIALECT) == "closed"
    assert type_.process_result_value("closed", DIALECT) is LoanStatus.CLOSED
    assert type_.process_bind_param(None, DIALECT) is None
    with pytest.raises(ValueError, match="'Closed' is no LoanStatus; it has: active, closed, written_off, transferred"):
        type_.process_bind_param("Closed", DIALECT)
    assert repr(type_) == "ValueSet(LoanStatus)"


def test_repr_is_safe_anywhere_and_shows_no_personal_data() -> None:
    """A log line may show any object, detached or half loaded: it gets class, id and number, never a query, never a name."""
    assert repr(Loan()) == "<Loan>"
    assert repr(Loan(loan_number="L-1")) == "<Loan loan_number=L-1>"
    assert "Ann" not in repr(Party(kind="individual", display_name="Ann"))
    payment = Payment(id=UUID(int=1), external_reference="e-1")
    make_transient_to_detached(payment)
    assert repr(payment) == f"<Payment {UUID(int=1)} external_reference=e-1>"
    del payment.__dict__["external_reference"]
    assert repr(payment) == f"<Payment {UUID(int=1)}>"
