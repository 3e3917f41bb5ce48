"""Count a v0 content: rows, sums of money by currency, and a digest of every value, so that two moments can be compared.

Only v0's columns count: they are what must be the same before an upgrade and after a rollback.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal

from sqlalchemy import Connection, text

from rently_db.migrate.actions import identifier
from rently_db.migrate.baseline import BASELINE, BaselineTable

_CURRENCY_OF = {
    "payment_allocation": "(SELECT p.currency_code FROM public.payment AS p WHERE p.id = t.payment_id)",
    "decision": "t.approved_currency",
    "application": "t.requested_currency",
    "security_interest": "t.value_ccy",
}
_MONEY_WORDS = ("amount", "principal")


@dataclass(frozen=True, slots=True)
class Account:
    """One table at one moment.

    ``money`` sums every money column of the table by currency ('' where a row names none). ``digest`` is the sum of a hash of each row,
    the same in whatever order the rows come, and on servers of every version.
    """

    rows: int
    money: Mapping[str, Decimal]
    digest: Decimal


def take(connection: Connection) -> dict[str, Account]:
    """The account of each of v0's tables, in one snapshot if the connection's transaction is REPEATABLE READ."""
    return {table.name: _account(connection, table) for table in BASELINE.values()}


def _account(connection: Connection, table: BaselineTable) -> Account:
    columns = ", ".join(f"t.{identifier(column.name)}" for column in table.columns)
    row_hash = f"('x' || left(md5(ROW({columns})::text), 15))::bit(60)::bigint::numeric"
    money = [column.name for column in table.columns if column.type == "numeric" and any(word in column.name for word in _MONEY_WORDS)]
    currency = _currency(table) if money else "NULL"
    total = " + ".join(f"coalesce(t.{name}, 0)" for name in money) or "0"
    found = connection.execute(
        text(
            f"SELECT coalesce({currency}, '') AS currency, count(*), sum({total}), coalesce(sum({row_hash}), 0)"
            f" FROM public.{table.name} AS t GROUP BY 1 ORDER BY 1"
        )
    ).all()
    sums = {str(code).strip(): Decimal(amount) for code, _, amount, _ in found if money and amount}
    return Account(sum(int(n) for _, n, _, _ in found), sums, sum((Decimal(digest) for *_, digest in found), Decimal(0)))


def _currency(table: BaselineTable) -> str:
    if table.name in _CURRENCY_OF:
        return _CURRENCY_OF[table.name]
    return "t.currency_code" if any(column.name == "currency_code" for column in table.columns) else "NULL"


def differences(before: Mapping[str, Account], after: Mapping[str, Account]) -> Iterator[str]:
    """One sentence for each table whose account changed."""
    for name, account in before.items():
        other = after[name]
        if other.rows != account.rows:
            yield f"{name}: {account.rows} rows before, {other.rows} after"
        elif other.money != account.money:
            yield f"{name}: sums of money differ: {dict(account.money)} before, {dict(other.money)} after"
        elif other.digest != account.digest:
            yield f"{name}: same rows and sums, but values differ"
