"""Write the statements that count what is written to v0's tables, and measure them, for the frozen folder.

Triggers count per statement, not per row: one pass over the rows of the statement, one line in ``ops.tally``. Only v0's columns count.
"""

from __future__ import annotations

from collections.abc import Iterator

from rently_db.migrate.actions import identifier
from rently_db.migrate.baseline import BASELINE
from rently_db.migrate.content import money_columns, row_digest_sql
from rently_db.migrate.render import marked


def tallies_sql() -> Iterator[str]:
    """For each table of v0, how to count what is written to it and how to measure it. What all tables share is in ``accounts.sql``."""
    for table in BASELINE:
        yield marked("account", ["count", table], _count(table))
        yield marked("account", ["measure", table, *_money(table)], _measure(table))


# Counting


def _count(table: str) -> str:
    blocks = []
    for operation, rows in (("insert", "NEW TABLE AS new_rows"), ("update", _BOTH), ("delete", "OLD TABLE AS old_rows")):
        blocks.append(
            f"IF NOT EXISTS (SELECT FROM pg_catalog.pg_trigger AS g WHERE g.tgrelid = 'public.{table}'::regclass"
            f" AND g.tgname = 'tally_{operation}') THEN\n"
            f"  CREATE TRIGGER tally_{operation} AFTER {operation.upper()} ON public.{table} REFERENCING {rows} FOR EACH STATEMENT\n"
            f"  WHEN (coalesce(current_setting('rently.tally', true), '') <> 'off') EXECUTE FUNCTION ops.tally_{table}();\n"
            "END IF;"
        )
    installed = "\n".join(blocks)
    return f"{_function(table)};\nDO $do$\nBEGIN\n{installed}\nEND\n$do$"


_BOTH = "OLD TABLE AS old_rows NEW TABLE AS new_rows"

_FUNCTION = """\
CREATE OR REPLACE FUNCTION ops.tally_{table}() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $function$
DECLARE
    migrating boolean := coalesce(current_setting('rently.origin', true), '') = 'migration';
    teller text := CASE WHEN migrating THEN 'migration' ELSE 'application' END;
BEGIN
    IF TG_OP = 'INSERT' THEN
{insert}
    ELSIF TG_OP = 'DELETE' THEN
{delete}
    ELSE
{update}
    END IF;
    RETURN NULL;
END
$function$"""

_ONE_SIDE = """\
        INSERT INTO ops.tally (table_name, origin, {count}, currency, digest_delta, money_delta, {ids})
        SELECT
            '{table}', teller, count(*), {currency} AS currency, {sign}sum({digest}),
            {money}, array_agg(t.id) FILTER (WHERE migrating)
        FROM {rows} AS t GROUP BY 4;"""

# A full join can't be planned as a nested loop: the plan that one row got must not compare ten thousand with ten thousand. The image of
# a row is cheap to compare and sees every change of the text; only rows that differ are hashed.
_TWO_SIDES = """\
        INSERT INTO ops.tally (
            table_name, origin, rows_in, rows_out, rows_changed, currency, digest_delta, money_delta, ids_in, ids_out, ids_changed
        )
        SELECT
            '{table}', teller,
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NULL),
            count(*) FILTER (WHERE t.sign < 0 AND n.id IS NULL),
            count(*) FILTER (WHERE t.sign > 0 AND o.id IS NOT NULL),
            t.currency, sum(t.sign * t.digest),
            {money},
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign < 0 AND n.id IS NULL),
            array_agg(t.id) FILTER (WHERE migrating AND t.sign > 0 AND o.id IS NOT NULL)
        FROM old_rows AS o FULL JOIN new_rows AS n ON n.id = o.id
        CROSS JOIN LATERAL (VALUES
            (-1::numeric, o.id, {old_currency}, {old_digest}{old_money}),
            (1::numeric, n.id, {new_currency}, {new_digest}{new_money})
        ) AS t (sign, id, currency, digest{names})
        WHERE ROW({old_row})::record *<> ROW({new_row})::record AND t.id IS NOT NULL
        GROUP BY t.currency;"""


def _function(table: str) -> str:
    columns = [identifier(column.name) for column in BASELINE[table].columns]
    money = _money(table)
    digest, currency = row_digest_sql(table, "t"), _currency(table, "t")

    def of(alias: str, names: list[str]) -> str:
        return ", ".join(f"{alias}.{name}" for name in names)

    def one_side(rows: str, sign: str, count: str, ids: str) -> str:
        sums = _sums(table, sign)
        return _ONE_SIDE.format(table=table, rows=rows, sign=sign, count=count, ids=ids, digest=digest, currency=currency, money=sums)

    update = _TWO_SIDES.format(
        table=table,
        money=_sums(table, "t.sign * "),
        old_currency=_currency(table, "o"),
        new_currency=_currency(table, "n"),
        old_digest=row_digest_sql(table, "o"),
        new_digest=row_digest_sql(table, "n"),
        old_money="".join(f", o.{column}" for column in money),
        new_money="".join(f", n.{column}" for column in money),
        names="".join(f", {column}" for column in money),
        old_row=of("o", columns),
        new_row=of("n", columns),
    )
    inserted, deleted = one_side("new_rows", "", "rows_in", "ids_in"), one_side("old_rows", "-", "rows_out", "ids_out")
    return _FUNCTION.format(table=table, insert=inserted, delete=deleted, update=update)


# Measures


def _money(table: str) -> list[str]:
    return [identifier(column) for column, _ in money_columns(table)]


def _currency(table: str, alias: str) -> str:
    currencies = {currency for _, currency in money_columns(table) if currency}
    assert len(currencies) < 2, f"{table}: amounts in several currencies"
    return f"{alias}.{identifier(currencies.pop())}::text" if currencies else "NULL::text"


def _sums(table: str, sign: str = "") -> str:
    """The sums of the columns of money, as an array in the order of the columns."""
    # v0 may hold NaN, and later servers infinity: one such amount would swallow all others of a sum. The digest sees them.
    sums = ", ".join(f"sum({sign}t.{column}) FILTER (WHERE t.{column} - t.{column} = 0)" for column in _money(table))
    return f"ARRAY[{sums}]::numeric[]"


def _measure(table: str) -> str:
    """Rows, digest and money by currency, in one scan."""
    return (
        f"SELECT {_currency(table, 't')} AS currency, count(*) AS rows, sum({row_digest_sql(table, 't')}) AS digest,\n"
        f"    {_sums(table)} AS money\nFROM public.{table} AS t GROUP BY 1"
    )
