"""The accounts of v0's tables: what each held before a way through the revisions and after, and whether the difference is explained.

An account is opened before the first change and closed after the last, by the revisions themselves (``steps/accounting.py``); here it is
read and shown. Rows, money and content are compared over v0's columns. It closes if what was there before, what applications wrote and
what the migration wrote gives what is there now, and if the journal has an entry for every row that the migration touched.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, text

if TYPE_CHECKING:
    from rich.table import Table

log = logging.getLogger("rently_db.migrate")

Money = Mapping[str, Decimal]
"""Column and currency as stored, e.g. ``amount SGD`` -> exact sum; sums of zero are absent, and so are NaN and infinity."""

FATES = (
    "repaired",
    "repaired_as_written",
    "removed",
    "quarantined",
    "mapped",
    "kept",
    "given_back",
    "put_back",
    "restored",
    "reported",
)
"""What the journal may say of a row."""

_GAPS = {
    ("changed", True): "{rows} {were} changed by the migration without an entry in the journal",
    ("taken_out", True): "{rows} {were} taken out by the migration without an entry in the journal",
    ("put_in", True): "{rows} {were} put in by the migration without an entry in the journal",
    ("changed", False): "{rows} {were} changed according to the journal, but not in the table",
    ("taken_out", False): "{rows} {were} taken out according to the journal, but not in the table",
    ("put_in", False): "{rows} {were} put back according to the journal, but not in the table",
}

_LATEST = text("SELECT DISTINCT ON (a.table_name) to_jsonb(a)::text FROM ops.account AS a ORDER BY a.table_name, a.id DESC")


@dataclass(frozen=True, slots=True)
class Gap:
    """Rows in which the migration's writes and the journal disagree: so many, for example the one with that id.

    ``what`` is ``changed``, ``taken_out`` or ``put_in``; it ``happened`` and was not journalled, or the reverse.
    """

    what: str
    happened: bool
    rows: int
    example: str

    def __str__(self) -> str:
        sentence = _GAPS[self.what, self.happened].format(rows=_rows(self.rows), were="was" if self.rows == 1 else "were")
        return f"{sentence}; the first is {self.example}"


@dataclass(frozen=True, slots=True)
class Account:
    """One table's account. While it is open (``closed_at`` is None) all that is known is what the table held before.

    ``fates`` counts rows by what the journal says of them since the account was opened (the names are in ``FATES``); a row that was
    repaired and then removed counts in both. ``*_changed`` count changes of a row's v0 values, one a statement.
    """

    table: str
    opened_at: datetime
    closed_at: datetime | None
    rows_before: int
    rows_after: int | None
    applications_in: int
    applications_out: int
    applications_changed: int
    migration_in: int
    migration_out: int
    migration_changed: int
    fates: Mapping[str, int]
    money_before: Money
    money_after: Money
    applications_money: Money
    migration_money: Money
    rows_close: bool
    money_closes: bool
    content_closes: bool
    journal_closes: bool
    gaps: tuple[Gap, ...]

    @property
    def closed(self) -> bool:
        """Whether the way has come to its end."""
        return self.closed_at is not None

    @property
    def closes(self) -> bool:
        """Whether everything is explained; False while the account is open."""
        return self.closed and self.rows_close and self.money_closes and self.content_closes and self.journal_closes

    def fate(self, name: str) -> int:
        """The number of rows of one fate.

        Raises:
            KeyError: there is no such fate.
        """
        if name not in FATES:
            raise KeyError(name)
        return self.fates.get(name, 0)

    @property
    def taken_out(self) -> int:
        """Rows that the journal holds now: removed as duplicates, or quarantined."""
        return self.fate("removed") + self.fate("quarantined")

    @property
    def rows_expected(self) -> int:
        """Rows that must be there now: before, and what was written since."""
        return self.rows_before + self.applications_in - self.applications_out + self.migration_in - self.migration_out

    @property
    def money_expected(self) -> Money:
        """Sums that must be there now, without those that are zero."""
        sums: dict[str, Decimal] = {}
        for money in (self.money_before, self.applications_money, self.migration_money):
            for key, amount in money.items():
                sums[key] = sums.get(key, Decimal(0)) + amount
        return {key: amount for key, amount in sums.items() if amount}

    @property
    def differences(self) -> list[str]:
        """What is not explained, a sentence each; empty if the account closes, or is open still."""
        return [f"{self.table}: {sentence}" for sentence in self._differences()] if self.closed else []

    def _differences(self) -> Iterator[str]:
        if not self.rows_close:
            yield f"{_rows(self.rows_expected)} expected, {_rows(self.rows_after or 0)} found"
        if not self.money_closes:
            expected = self.money_expected
            for key in sorted(expected.keys() | self.money_after.keys()):
                wanted, found = (money.get(key, Decimal(0)) for money in (expected, self.money_after))
                if wanted != found:
                    yield f"the sum of {key} should be {wanted:,f} and is {found:,f}"
        if not self.content_closes and self.rows_close and self.money_closes:
            yield "values changed that no application and no step of the migration wrote"
        yield from map(str, self.gaps)
        if not self.journal_closes and not self.gaps:
            put_back = self.fate("put_back")
            yield (
                f"the migration took out {_rows(self.migration_out)} and put in {_rows(self.migration_in)}, "
                f"the journal says {self.taken_out:,} and {put_back:,}"
            )


def read_accounts(connection: Connection) -> list[Account]:
    """The latest account of every table, by table; none where the database has no accounts yet."""
    if connection.scalar(text("SELECT to_regclass('ops.account') IS NULL")):
        return []
    return [_account(stored) for (stored,) in connection.execute(_LATEST)]


def _account(stored: str) -> Account:
    # As text: the driver would make floats of sums.
    row: dict[str, Any] = json.loads(stored, parse_float=Decimal)

    def money(name: str) -> Money:
        return {key: Decimal(amount) for key, amount in (row[name] or {}).items()}

    return Account(
        table=row["table_name"],
        opened_at=datetime.fromisoformat(row["opened_at"]),
        closed_at=datetime.fromisoformat(row["closed_at"]) if row["closed_at"] else None,
        rows_before=row["rows_before"],
        rows_after=row["rows_after"],
        applications_in=row["applications_in"],
        applications_out=row["applications_out"],
        applications_changed=row["applications_changed"],
        migration_in=row["migration_in"],
        migration_out=row["migration_out"],
        migration_changed=row["migration_changed"],
        fates=row["fates"],
        money_before=money("money_before"),
        money_after=money("money_after"),
        applications_money=money("applications_money"),
        migration_money=money("migration_money"),
        rows_close=bool(row["rows_close"]),
        money_closes=bool(row["money_closes"]),
        content_closes=bool(row["content_closes"]),
        journal_closes=bool(row["journal_closes"]),
        gaps=tuple(Gap(**gap) for gap in row["gaps"]),
    )


# Showing

_HEADINGS = ("table", "before", "apps +", "apps -", "out", "back", "after", "changed", "")
_NOTE = "before + apps - out + back = after; changed: rows the migration repaired, mapped, gave back or restored"


def _cells(account: Account) -> tuple[str, ...]:
    verdict = ("ok" if account.closes else "NO") if account.closed else "open"
    numbers = (
        account.rows_before,
        account.applications_in,
        account.applications_out,
        account.migration_out,
        account.migration_in,
        account.rows_after,
        account.migration_changed,
    )
    return account.table, *("" if number is None else f"{number:,}" for number in numbers), verdict


def accounting_table(accounts: Sequence[Account]) -> Table:
    """The accounts for a terminal of 80 columns."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), caption=f"{_NOTE}\n{_fates(accounts)}", caption_justify="left")
    for heading in _HEADINGS:
        table.add_column(heading, justify="left" if heading in {"table", ""} else "right", no_wrap=True)
    for account in accounts:
        table.add_row(*_cells(account), style="red" if account.closed and not account.closes else None)
    return table


def accounting_lines(accounts: Sequence[Account]) -> list[str]:
    """The accounts as lines of plain text, for logs."""
    rows = [_HEADINGS, *(_cells(account) for account in accounts)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEADINGS))]
    lines = [" ".join([row[0].ljust(widths[0]), *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True))]).rstrip() for row in rows]
    return [*lines, _fates(accounts)]


def _fates(accounts: Sequence[Account]) -> str:
    sums = {name: sum(account.fate(name) for account in accounts) for name in FATES}
    parts = [f"{count:,} {name.replace('_', ' ')}" for name, count in sums.items() if count]
    return f"rows in the journal: {', '.join(parts) or 'none'}"


def unexplained(accounts: Sequence[Account]) -> list[str]:
    """Every difference that nothing explains, a sentence each, with the table's name; empty if all closed accounts close."""
    return [sentence for account in accounts for sentence in account.differences]


def report(connection: Connection) -> list[str]:
    """What to print when a run has ended: the accounts if they are closed, or where they will be; nothing where there are none.

    Differences that nothing explains are logged as errors too.
    """
    accounts = read_accounts(connection)
    if not accounts:
        return []
    still_open = sum(not account.closed for account in accounts)
    if still_open:
        return [f"the accounts of {still_open} tables are open until v1, or v0 again, is reached; until then writes are counted"]
    differences = unexplained(accounts)
    for sentence in differences:
        log.error("not explained: %s", sentence)
    verdict = "every row is explained" if not differences else f"{len(differences)} differences are not explained:"
    return [*accounting_lines(accounts), f"the accounts of {len(accounts)} tables are closed; {verdict}", *differences]


def as_json(accounts: Sequence[Account]) -> list[dict[str, Any]]:
    """The accounts for ``--json``, one object a table; sums are texts, so that no reader makes floats of them.

    Keys: table, opened_at, closed_at, closes, rows (before, after, expected), applications and migration (in, out, changed),
    fates, money (before, after, expected), verdicts (rows, money, content, journal), differences.
    """
    return [
        {
            "table": account.table,
            "opened_at": account.opened_at.isoformat(),
            "closed_at": account.closed_at.isoformat() if account.closed_at else None,
            "closes": account.closes if account.closed else None,
            "rows": {"before": account.rows_before, "after": account.rows_after, "expected": account.rows_expected},
            "applications": {
                "in": account.applications_in,
                "out": account.applications_out,
                "changed": account.applications_changed,
            },
            "migration": {"in": account.migration_in, "out": account.migration_out, "changed": account.migration_changed},
            "fates": {name: account.fate(name) for name in FATES},
            "money": {
                name: {key: f"{amount:f}" for key, amount in sorted(money.items())}
                for name, money in (("before", account.money_before), ("after", account.money_after), ("expected", account.money_expected))
            },
            "verdicts": {
                "rows": account.rows_close,
                "money": account.money_closes,
                "content": account.content_closes,
                "journal": account.journal_closes,
            },
            "differences": account.differences,
        }
        for account in accounts
    ]


def _rows(count: int) -> str:
    return f"{count:,} row{'' if count == 1 else 's'}"
