"""A changed model becomes a revision of the kit's safe steps, which runs both ways, online and as a script, and loses no row."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psycopg2
import pytest
from alembic.util import CommandError
from sqlalchemy import URL, CheckConstraint, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, Uuid, text

from rently_db.database import make_engine
from rently_db.migrate.catalog import Snapshot, compare, snapshot
from rently_db.models.types import MoneyType
from tests.migrate.sketch import REVISION, Sketch, clean
from tests.migrate.test_offline import psql
from tests.support.migrations import connect, rows, run_sql


@dataclass(frozen=True)
class Case:
    """A change of the models; ``says`` are patterns of the revision, in order; ``writes`` are statements on the new schema.

    ``keeps`` is a query whose answer the way down and up again must not change; ``before`` is done to the database first.
    """

    change: Callable[[Sketch], None]
    says: tuple[str, ...]
    writes: tuple[str, ...] = ()
    keeps: str = "SELECT count(*) FROM loan"
    before: tuple[str, ...] = ()


def add(table: str, column: Column) -> Callable[[Sketch], None]:
    """A new column."""
    return lambda sketch: sketch.table(table).append_column(column._copy())


def without(table: str, name: str) -> Callable[[Sketch], None]:
    """A column that the model has no longer; nothing stands on it."""

    def change(sketch: Sketch) -> None:
        old = sketch.table(table)
        old._columns.remove(old.c[name])

    return change


def status_check(sketch: Sketch, values: str) -> None:
    """Another set of values of a loan's status."""
    loan = sketch.table("loan")
    old = next(c for c in loan.constraints if c.name == "loan_status_check")
    loan.constraints.remove(old)
    loan.append_constraint(CheckConstraint(f"status IN ({values})", name="status_check"))


def new_table(sketch: Sketch) -> None:
    """A table of visits, each of a loan."""
    Table(
        "visit",
        sketch.metadata,
        Column("id", Uuid(), primary_key=True, server_default=text("public.uuidv7()"), comment="Id of the visit."),
        Column("loan_id", ForeignKey("loan.id", ondelete="RESTRICT"), nullable=False, index=True, comment="Loan that was visited."),
        Column("note", Text(), nullable=False, server_default="", comment="What was seen."),
        Column("cost", MoneyType(), comment="What it cost, in the loan's currency."),
        CheckConstraint("cost >= 0", name="cost_positive"),
        UniqueConstraint("loan_id", "note"),
        comment="A visit to a tenant; one row per visit.",
    )


def _narrowed(sketch: Sketch) -> Index:
    payment = sketch.table("payment")
    payment.indexes.discard(next(index for index in payment.indexes if index.name == "ix_payment_updated_at"))
    return Index("ix_payment_updated_at", payment.c.updated_at, postgresql_where=text("status = 'failed'"))


def _cascading(sketch: Sketch) -> None:
    link = sketch.table("document_link")
    key = next(c for c in link.foreign_key_constraints if c.name == "document_link_document_id_fkey")
    key.ondelete = "SET NULL"
    for element in key.elements:
        element.ondelete = "SET NULL"


LOAN = "(SELECT id FROM loan ORDER BY id LIMIT 1)"
CASES = {
    "a column that may be empty": Case(
        add("loan", Column("region", Text(), comment="Region of the property.")),
        (r'AddColumns\(\s*"loan",.*ADD COLUMN region text"', r"ChangeComment\(\"region\", None"),
        (f"UPDATE loan SET region = 'north' WHERE id = {LOAN}",),
        "SELECT region, count(*) FROM loan GROUP BY 1 ORDER BY 1",
    ),
    "a column of a table with another key": Case(
        add("currency", Column("symbol", Text(), comment="Sign to print.")),
        (r'AddColumns\(\s*"currency",.*kept=True, key="code"',),
        ("UPDATE currency SET symbol = 'S$' WHERE code = 'SGD'",),
        "SELECT symbol, count(*) FROM currency GROUP BY 1 ORDER BY 1",
    ),
    "a column with a default": Case(
        add("loan", Column("channel", Text(), server_default="branch", comment="Where it was sold.")),
        (r"ADD COLUMN channel text\"", r"ChangeDefault\(\"channel\", None, \"'branch'\"\)"),
        (f"UPDATE loan SET channel = 'web' WHERE id = {LOAN}",),
        "SELECT channel, count(*) FROM loan GROUP BY 1 ORDER BY 1",
    ),
    "a column that is never empty, with a default": Case(
        add("loan", Column("visits", Integer(), nullable=False, server_default=text("0"), comment="Visits paid.")),
        (r"ADD COLUMN visits integer NOT NULL DEFAULT 0",),
        (f"UPDATE loan SET visits = 3 WHERE id = {LOAN}",),
        "SELECT visits, count(*) FROM loan GROUP BY 1 ORDER BY 1",
    ),
    "a column that is never empty any more": Case(
        lambda sketch: (
            setattr(sketch.table("loan").c.status, "nullable", False) or setattr(sketch.table("party").c.created_at, "nullable", False)
        ),
        (r"NotNull\(\"party\", \"created_at\", filled=True\)",),
        before=("UPDATE party SET created_at = now() WHERE created_at IS NULL",),
    ),
    "a column that may be empty from now on": Case(
        lambda sketch: setattr(sketch.table("application").c.applicant_party_id, "nullable", True),
        (r'Nullable\("application", \("applicant_party_id",\)\)',),
    ),
    "an index": Case(
        lambda sketch: Index(None, sketch.table("loan").c.end_date, sketch.table("loan").c.status) and None,
        (r'Index\("loan", "ix_loan_end_date_status", "CREATE INDEX CONCURRENTLY ix_loan_end_date_status ON public.loan \(end_date',),
    ),
    "an index with another condition": Case(
        lambda sketch: sketch.table("payment").indexes.add(_narrowed(sketch)),
        (r'ChangeIndex\(\s*"payment",\s*"ix_payment_updated_at",\s*\("CREATE INDEX CONCURRENTLY', r"WHERE \(status = 'failed'::text\)"),
    ),
    "a unique rule": Case(
        lambda sketch: sketch.table("document").append_constraint(UniqueConstraint("storage_url")),
        (r'Unique\("document", "document_storage_url_key", "storage_url"\)',),
        before=("UPDATE document SET storage_url = id::text",),
    ),
    "a foreign key": Case(
        lambda sketch: sketch.table("loan").append_column(
            Column("keeper_party_id", ForeignKey("party.id", ondelete="RESTRICT"), comment="Party that looks after it.")
        ),
        (r"ADD COLUMN keeper_party_id uuid", r'ForeignKey\(\s*"loan",\s*"loan_keeper_party_id_fkey",\s*"keeper_party_id"', r"of_v0=False"),
        (f"UPDATE loan SET keeper_party_id = borrower_party_id WHERE id = {LOAN}",),
        "SELECT count(keeper_party_id) FROM loan",
    ),
    "a foreign key with another rule": Case(
        _cascading,
        (r'ChangeConstraint\(\s*"document_link",\s*"document_link_document_id_fkey",.*ON DELETE CASCADE.*ON DELETE SET NULL',),
    ),
    "a column that SQL has a word for": Case(
        add("loan", Column("group", Text(), comment="Group that it was sold to.")),
        (r'ADD COLUMN \\?"group\\?" text',),
        (f"UPDATE loan SET \"group\" = 'a' WHERE id = {LOAN}",),
        'SELECT "group", count(*) FROM loan GROUP BY 1 ORDER BY 1',
    ),
    "a column with an order of its own": Case(
        add("party", Column("sort_key", Text(collation="C"), comment="What lists are ordered by.")),
        (r'ADD COLUMN sort_key text COLLATE pg_catalog.\\?"C\\?"',),
    ),
    "a default with brackets": Case(
        add("loan", Column("origin", Text(), nullable=False, server_default="n/a (before v2)", comment="Where it came from.")),
        (r"ADD COLUMN origin text NOT NULL DEFAULT 'n/a \(before v2\)'",),
    ),
    "a foreign key with every option": Case(
        lambda sketch: sketch.table("loan").append_column(
            Column(
                "seller_party_id",
                ForeignKey("party.id", ondelete="RESTRICT", onupdate="CASCADE", deferrable=True, initially="DEFERRED"),
                comment="Party that sold it.",
            )
        ),
        (r'ForeignKey\(\s*"loan",\s*"loan_seller_party_id_fkey"',),
    ),
    "an index with a long name": Case(
        lambda sketch: Index(
            None, *(sketch.table("party").c[name] for name in ("display_name", "external_ref", "kyc_identifier", "email", "phone", "kind"))
        ),
        (r'Index\(\s*"party",\s*"(ix_party_\w{51})",\s*\(?\s*"CREATE INDEX CONCURRENTLY \1 ON',),
    ),
    "a check on blanks and line breaks": Case(
        lambda sketch: sketch.table("document").append_constraint(CheckConstraint("storage_url NOT IN ('a  b', 'c\nd')", name="no_blanks")),
        (r"CHECK \(storage_url NOT IN \('a  b', 'c\\nd'\)\)",),
    ),
    "a check": Case(
        lambda sketch: sketch.table("loan").append_constraint(CheckConstraint("principal_amount < 1000000000", name="principal_sane")),
        (r'Rules\(\s*"loan",\s*\(\s*Check\(\s*"loan",\s*"loan_principal_sane"',),
    ),
    "a set of values": Case(
        lambda sketch: status_check(sketch, "'pending', 'active', 'closed', 'written_off', 'transferred', 'frozen'"),
        (r'ChangeConstraint\(\s*"loan",\s*"loan_status_check",', r"'frozen'"),
    ),
    "a comment of two lines": Case(
        lambda sketch: setattr(sketch.table("payment"), "comment", "One line.\nAnother line."),
        (r'"One line\.\\nAnother line\."',),
    ),
    "a comment": Case(
        lambda sketch: setattr(sketch.table("loan"), "comment", "Another sentence."),
        (r'ChangeComments\(\s*"loan",.*"Another sentence\."',),
    ),
    "a default": Case(
        lambda sketch: setattr(sketch.table("party").c.is_active, "server_default", None),
        (r'ChangeDefaults\("party", \(ChangeDefault\("is_active", "true", None\),\)\)',),
    ),
    "a table": Case(
        new_table,
        (
            r'CreateTable\(\s*"visit"',
            r'SetDefaults\(\s*"visit"',
            r'Index\("visit", "ix_visit_loan_id"',
            r"ForeignKey\(.*visit_loan_id_fkey",
            r"Comments\(",
        ),
        (f"INSERT INTO visit (loan_id, note, cost) VALUES ({LOAN}, 'in order', 12.5)",),
        "SELECT note, cost FROM visit",
    ),
    "a column that goes": Case(
        without("product", "subcategory"),
        (r"ChangeComments\(\s*\"product\"", r'Gone\(\s*AddColumns\(\s*"product",'),
        before=("UPDATE product SET subcategory = 'x'",),
    ),
    "an index that goes": Case(
        lambda sketch: sketch.table("loan").indexes.discard(next(i for i in sketch.table("loan").indexes if i.name == "ix_loan_status")),
        (r'Gone\(Index\("loan", "ix_loan_status", "CREATE INDEX CONCURRENTLY ix_loan_status ON public.loan USING btree \(status\)"\)\)',),
    ),
    "a check that goes": Case(
        lambda sketch: sketch.table("loan").constraints.discard(
            next(c for c in sketch.table("loan").constraints if c.name == "loan_dates_check")
        ),
        (r'Gone\(\s*Rules\(\s*"loan",\s*\(\s*Check\(\s*"loan",\s*"loan_dates_check"',),
    ),
    "a wider type": Case(
        id,
        (r'ChangeColumnType\("public.security_interest", "description", "character varying\(400\)", "text", fits="length', r" <= 400"),
        before=("ALTER TABLE security_interest ALTER COLUMN description TYPE character varying(400)",),
    ),
}


GROUPS = {
    "room": [
        *("a column that may be empty", "a column of a table with another key", "a column with a default"),
        *("a column that is never empty, with a default", "an index", "a unique rule", "a foreign key", "a check", "a table"),
    ],
    "what is special": [
        *("a column that SQL has a word for", "a column with an order of its own", "a default with brackets"),
        *("a foreign key with every option", "an index with a long name", "a check on blanks and line breaks", "a comment of two lines"),
    ],
    "what changes": [
        *("a column that is never empty any more", "a column that may be empty from now on", "an index with another condition"),
        *("a foreign key with another rule", "a set of values", "a comment", "a default", "a wider type"),
    ],
    "what goes": ["a column that goes", "an index that goes", "a check that goes"],
}
"""Changes that one revision brings; each way takes its time, and takes it once for all of them."""


def catalogue(url: URL, *, numbers: bool = True) -> Snapshot:
    """The schema as PostgreSQL prints it; a column that went and came back stands at the end, without ``numbers`` that is no difference."""
    engine = make_engine(url)
    with engine.connect() as connection:
        found = snapshot(connection)
    engine.dispose()
    return found if numbers else {name: re.sub(r"^number \d+, ", "", text) for name, text in found.items()}


def same(one: Snapshot, other: Snapshot) -> str:
    """The differences."""
    return "\n".join(map(str, compare(one, other)))


@pytest.fixture
def sketch(tmp_path: Path, v1_book: URL, monkeypatch: pytest.MonkeyPatch) -> Sketch:
    """Models to change, over a book of 60 loans at head."""
    return Sketch(tmp_path, v1_book, monkeypatch)


@pytest.mark.parametrize("group", GROUPS)
def test_a_change_of_a_model_becomes_safe_steps(sketch: Sketch, group: str):
    """The revision is made of the kit's steps alone, runs up and down online and as a script, and what was written comes back with it."""
    cases = [CASES[name] for name in GROUPS[group]]
    run_sql(sketch.url, *(statement for case in cases for statement in case.before))
    for case in cases:
        case.change(sketch)
    with pytest.raises(CommandError, match="New upgrade operations detected"):
        sketch.check()
    said = sketch.autogenerate()
    clean(sketch.file)
    missing = [name for name in GROUPS[group] if not re.search(".*".join(CASES[name].says), said, re.DOTALL)]
    assert missing == [], f"{missing} in {said}"
    assert "op." not in said
    numbers = group != "what goes"
    without_change = catalogue(sketch.url, numbers=numbers)

    def written() -> list[list[tuple[object, ...]]]:
        return [rows(sketch.url, case.keeps) for case in cases]

    sketch.up()
    sketch.check()
    with_change = catalogue(sketch.url, numbers=numbers)
    run_sql(sketch.url, *(statement for case in cases for statement in case.writes))
    kept = written()
    outcome = psql(sketch.url, sketch.script(up=False))
    assert outcome.code == 0, outcome.text
    assert same(without_change, catalogue(sketch.url, numbers=numbers)) == ""
    sketch.up()
    assert same(with_change, catalogue(sketch.url, numbers=numbers)) == ""
    assert written() == kept
    sketch.down()
    assert same(without_change, catalogue(sketch.url, numbers=numbers)) == ""
    outcome = psql(sketch.url, sketch.script(up=True))
    assert outcome.code == 0, outcome.text
    assert same(with_change, catalogue(sketch.url, numbers=numbers)) == ""
    assert written() == kept
    aside = sketch.ask("SELECT tablename::text FROM pg_tables WHERE schemaname = 'rently_v1_kept'")
    assert aside == ([("product.subcategory",)] if group == "what goes" else [])


def test_nobody_waits_for_longer_than_the_lock_budget(sketch: Sketch):
    """While the revision goes up and down, applications read and write the tables it changes, and none of their statements is held up."""
    for name in GROUPS["room"]:
        run_sql(sketch.url, *CASES[name].before)
        CASES[name].change(sketch)
    sketch.autogenerate()
    stop, failed = threading.Event(), []

    def work() -> None:
        connection = connect(sketch.url)
        with connection.cursor() as cursor:
            # The budget of the migration: who waits longer than that is cancelled by the server, and the test fails.
            cursor.execute("SET statement_timeout = '1s'")
            while not stop.is_set():
                try:
                    cursor.execute("UPDATE loan SET updated_at = now() WHERE id = (SELECT id FROM loan ORDER BY random() LIMIT 1)")
                    cursor.execute("SELECT count(*) FROM loan INNER JOIN party ON party.id = loan.borrower_party_id")
                except psycopg2.Error as error:
                    failed.append(str(error))
                time.sleep(0.01)
        connection.close()

    worker = threading.Thread(target=work)
    worker.start()
    try:
        sketch.up()
        sketch.down()
    finally:
        stop.set()
        worker.join()
    assert failed == []
    [(longest,)] = sketch.ask(f"SELECT max(longest_lock_seconds) FROM ops.migration_step WHERE revision = '{REVISION}'")
    assert longest < 1


def test_a_unique_rule_that_goes_may_stop_the_way_back(sketch: Sketch):
    """The revision's first lines say so, and the way back names the value that is there twice; nothing of it is lost."""
    run_sql(sketch.url, "UPDATE document SET storage_url = id::text", "CREATE UNIQUE INDEX document_once ON document (storage_url)")
    assert "the unique rule that comes back stops it" in " ".join(sketch.autogenerate().split())
    sketch.up()
    run_sql(sketch.url, "UPDATE document SET storage_url = 'same'")
    with pytest.raises(CommandError, match=r"document_once.*\(storage_url\)=\(same\)"):
        sketch.down()
    run_sql(sketch.url, "UPDATE document SET storage_url = id::text")
    sketch.down()
    assert rows(sketch.url, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'document_once'::regclass") == [(True,)]
