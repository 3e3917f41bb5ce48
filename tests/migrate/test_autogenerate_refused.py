"""What autogenerate does not write: it says so in a sentence, and leaves no file; or leaves a step that fails until somebody wrote it."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from alembic import command
from alembic.util import CommandError
from sqlalchemy import JSON, URL, Column, Computed, Enum, Identity, Integer, Table, Text, UniqueConstraint, Uuid, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

from rently_db.testing.databases import Databases
from tests.migrate.sketch import REVISION, Sketch, clean
from tests.support.migrations import rows, run_sql


@pytest.fixture
def sketch(tmp_path: Path, head_database: URL, monkeypatch: pytest.MonkeyPatch) -> Sketch:
    """Models to change, over an empty database at head."""
    return Sketch(tmp_path, head_database, monkeypatch)


def drop(table: str, column: str) -> Callable[[Sketch], None]:
    """The model has a column no longer."""
    return lambda sketch: sketch.table(table)._columns.remove(sketch.table(table).c[column])


def in_the_middle(sketch: Sketch) -> None:
    """A column before those that are there."""
    columns = sketch.table("schema_version")._columns
    former = list(columns)
    for column in former[1:]:
        columns.remove(column)
    sketch.table("schema_version").append_column(Column("author", Text(), comment="Who."))
    for column in former[1:]:
        columns.add(column)


def visits(sketch: Sketch, *columns: Column, **options: object) -> None:
    """A new table."""
    Table("visit", sketch.metadata, *columns, comment="Visits.", **options)


REFUSED = {
    "a column of v0": (drop("party", "phone"), "party.phone is one of v0's columns: its applications read it"),
    "a type that has every row written anew": (
        lambda sketch: setattr(sketch.table("collections_event").c.next_action_date, "type", Text()),
        "PostgreSQL would write every row anew",
    ),
    "a generated column": (
        lambda sketch: sketch.table("loan").append_column(Column("twice", Integer(), Computed("2"), comment="Two.")),
        "loan.twice is generated or counts by itself",
    ),
    "a table without a key": (lambda sketch: visits(sketch, Column("note", Text())), "table visit has no primary key"),
    "a table in partitions": (
        lambda sketch: visits(sketch, Column("id", Uuid(), primary_key=True), postgresql_partition_by="HASH (id)"),
        "table visit says more than its columns (partition_by)",
    ),
    "a table of another schema": (
        lambda sketch: visits(sketch, Column("id", Uuid(), primary_key=True), schema="ops"),
        "table ops.visit: models are of schema public alone",
    ),
    "a type of one's own": (
        lambda sketch: visits(sketch, Column("id", Uuid(), primary_key=True), Column("mood", Enum("good", "bad", name="mood"))),
        "visit.mood has the type mood, which no revision makes",
    ),
    "a type of one's own, in a table that is there": (
        lambda sketch: sketch.table("loan").append_column(Column("mood", Enum("good", "bad", name="mood"), comment="Mood.")),
        "loan.mood has the type mood, which no revision makes",
    ),
    "a default that can't be compared": (
        lambda sketch: sketch.table("loan").append_column(Column("extra", JSON(), server_default="{}", comment="More.")),
        "loan.extra has a default, and values of type json can't be compared",
    ),
    "a name with capitals": (
        lambda sketch: sketch.table("loan").append_column(Column("riskClass", Text(), comment="Class.")),
        "loan.riskClass: a name is lower-case words joined by _",
    ),
    "a unique rule that says more than its columns": (
        lambda sketch: sketch.table("document").append_constraint(UniqueConstraint("storage_url", deferrable=True)),
        "constraint document_storage_url_key of document is UNIQUE (storage_url) DEFERRABLE",
    ),
    "a column in the middle": (in_the_middle, "schema_version.author stands between older columns: give it a sort_order"),
    "a table of v0": (lambda sketch: sketch.metadata.remove(sketch.table("fx_rate")), "table fx_rate is one of v0's"),
}


@pytest.mark.parametrize("change", REFUSED)
def test_what_would_do_harm_is_refused(sketch: Sketch, change: str):
    """One sentence says what can't be done and what to do instead; no file is written."""
    do, sentence = REFUSED[change]
    do(sketch)
    with pytest.raises(CommandError) as refused:
        sketch.autogenerate()
    assert sentence in str(refused.value)
    assert not sketch.file.exists()


@pytest.mark.parametrize(
    ("by_the_model", "sentence"),
    [
        (None, "loan.twice is generated or counts by itself: no step brings it back; do it by hand"),
        (Computed("3", persisted=True), "loan.twice is generated or counts by itself, and otherwise than before: do it by hand"),
    ],
    ids=["goes", "changes"],
)
def test_what_is_generated_is_left_to_hands(sketch: Sketch, by_the_model: Computed | None, sentence: str):
    """A generated column that goes could not come back as it was, and one that says something else has every row written anew."""
    run_sql(sketch.url, "ALTER TABLE public.loan ADD COLUMN twice integer GENERATED ALWAYS AS (2) STORED")
    if by_the_model is not None:
        sketch.table("loan").append_column(Column("twice", Integer(), by_the_model, comment="Two."))
    with pytest.raises(CommandError) as refused:
        sketch.autogenerate()
    assert sentence in str(refused.value)
    assert not sketch.file.exists()


@pytest.mark.parametrize(
    ("made", "by_the_model"), [("ALWAYS AS (2) STORED", Computed("2", persisted=True)), ("ALWAYS AS IDENTITY", Identity(always=True))]
)
def test_a_generated_column_that_is_as_the_model_says_is_no_difference(sketch: Sketch, made: str, by_the_model: Computed | Identity):
    """Whoever writes such a column by hand can go on with `alembic check` and autogenerate."""
    run_sql(
        sketch.url,
        f"ALTER TABLE public.loan ADD COLUMN twice integer GENERATED {made}",
        "COMMENT ON COLUMN public.loan.twice IS 'Two.'",
    )
    sketch.table("loan").append_column(Column("twice", Integer(), by_the_model, comment="Two."))
    sketch.check()


def test_an_id_without_words_is_refused(sketch: Sketch):
    """Operators type ids and read them in logs: autogenerate without --rev-id is told to give one."""
    sketch.table("loan").comment = "Another sentence."
    config = sketch.config(io.StringIO())
    with pytest.raises(CommandError, match=r"'0123456789ab' is no revision id: .* e\.g\. v1_loans_by_region"):
        command.revision(config, "A change", autogenerate=True, rev_id="0123456789ab")


def test_another_name_is_no_loss(sketch: Sketch):
    """A column that goes and one that comes may be one under two names: somebody says so, before the new one is empty."""
    product = sketch.table("product")
    product._columns.remove(product.c.subcategory)
    product.append_column(Column("segment", Text(), comment="Segment."))
    said = sketch.autogenerate()
    clean(sketch.file)
    assert "product.subcategory goes and segment comes" in said
    with pytest.raises(CommandError, match=r"the revision is not finished: product\.subcategory goes and segment comes, of the same type"):
        sketch.up()


@pytest.mark.parametrize("moment", ["now()", "CURRENT_TIMESTAMP", "localtimestamp"])
def test_a_value_for_old_rows_has_to_be_said(sketch: Sketch, moment: str):
    """Nobody but its author knows what old rows say in a new column that is never empty: the revision runs neither way until it is said.

    Least of all does it say that what happened years ago was seen while the column was made.
    """
    column = Column("seen_at", TIMESTAMP(timezone=True), nullable=False, server_default=text(moment), comment="When it was seen.")
    sketch.table("party").append_column(column)
    said = sketch.autogenerate()
    clean(sketch.file)
    assert "ByHand(" in said
    with pytest.raises(CommandError, match=r"the revision is not finished: say what party\.seen_at is"):
        sketch.up()
    start = said.index("ByHand(")
    end = said.index("\n        Rules(", start)
    fill = 'Statement("seen", ("UPDATE public.party SET seen_at = coalesce(created_at, now()) WHERE seen_at IS NULL",)),'
    sketch.file.write_text(f"{said[:start]}{fill}{said[end:]}".replace("ByHand,", "Statement,"), encoding="utf-8")
    run_sql(sketch.url, "INSERT INTO party (kind, display_name) VALUES ('individual', 'Ada')")
    sketch.up()
    sketch.check()
    assert rows(sketch.url, "SELECT count(seen_at) FROM party") == [(1,)]


def test_a_v0_database_is_not_asked_for_what_the_revision_fills(
    databases: Databases, book_template: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """A live v0 database goes all the way through a later revision: its rows are asked for nothing that the revision itself fills."""
    with databases.database(template=book_template) as url:
        sketch = Sketch(tmp_path, url, monkeypatch)
        sketch.file.write_text(FILLED, encoding="utf-8")
        sketch.up()
        assert rows(url, "SELECT count(*) FILTER (WHERE seen_on = start_date) = count(*) FROM loan") == [(True,)]
        command.downgrade(sketch.config(), "v0")
        sketch.up()
        assert rows(url, "SELECT count(*) > 0 FROM loan WHERE seen_on IS NOT NULL") == [(True,)]


FILLED = f'''"""The day on which a loan was first seen."""

from rently_db.migrate import revision as run
from rently_db.migrate.steps import AddColumn, AddColumns, Backfill, NotNull, Rules

revision = "{REVISION}"
down_revision = "v1_dashboards"
branch_labels = None
depends_on = None
FILL = "UPDATE public.loan AS t SET seen_on = t.start_date WHERE t.id > :low AND t.id <= :high AND t.seen_on IS NULL"


def steps():
    return [
        AddColumns("loan", (AddColumn("loan", "seen_on", "ALTER TABLE public.loan ADD COLUMN seen_on date", kept=True),)),
        Backfill("seen-loan", "loan", FILL),
        Rules("loan", (NotNull("loan", "seen_on", filled=True),)),
    ]


def upgrade():
    run.upgrade(revision, steps())


def downgrade():
    run.downgrade(revision, steps())
'''
