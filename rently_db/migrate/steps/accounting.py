"""The accounts of v0's tables: opened before anything changes, closed when nothing changes any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from rently_db.migrate.actions import Action, Mode, locked, negate

OPERATIONS = ("insert", "update", "delete")
"""What the counting triggers are called after: ``tally_insert`` and so on."""


@dataclass(frozen=True, slots=True)
class AccountPart:
    """A frozen statement: ``open``, ``close``, ``remove`` and ``clear`` speak of any table, ``count`` and ``measure`` of the one named."""

    name: str
    sql: str
    table: str = ""
    money: tuple[str, ...] = ()

    @classmethod
    def of(cls, words: Sequence[str], sql: str) -> AccountPart:
        """The statement below a marker line: ``account measure loan principal_amount``."""
        name, table, money = words[0], words[1] if len(words) > 1 else "", tuple(words[2:])
        return cls(name, sql, table, money)


@dataclass(frozen=True, slots=True)
class Accounting:
    """Opens the accounts of v0's tables on the way in one direction, and closes them on the way in the other.

    Opening creates the triggers that count what a statement does, then measures; closing measures again, adds up, and takes the triggers
    away. An account that is open stays open: a way that was begun in one direction may end in the other.
    """

    parts: tuple[AccountPart, ...]
    opens: Literal["up", "down"]

    @classmethod
    def of(cls, parts: Iterable[object], opens: Literal["up", "down"]) -> Accounting:
        """The step, of what a frozen file holds."""
        return cls(tuple(part for part in parts if isinstance(part, AccountPart)), opens)

    def up(self) -> list[Action]:
        return self._open() if self.opens == "up" else self._close()

    def down(self) -> list[Action]:
        return self._open() if self.opens == "down" else self._close()

    @property
    def tables(self) -> list[str]:
        """The tables that have accounts."""
        return [part.table for part in self.parts if part.name == "count"]

    def _sql(self, name: str, table: str) -> str:
        found = {part.name: part for part in self.parts if part.table in {"", table}}
        measure = found["measure"]
        money = f"'{{{','.join(measure.money)}}}'::text[]"
        return found[name].sql.replace(":measure", measure.sql).replace(":money", money).replace(":table", table)

    def _open(self) -> list[Action]:
        actions = [
            Action(
                f"account {table}: count",
                (self._sql("count", table),),
                done=_triggers(table, all_of_them=True),
                locks=locked("SHARE ROW EXCLUSIVE", table),
            )
            for table in self.tables
        ]
        return actions + [
            Action(f"account {table}: open", (self._sql("open", table),), mode=Mode.DATA, done=_is_open(table), reads=table)
            for table in self.tables
        ]

    def _close(self) -> list[Action]:
        actions = []
        for table in self.tables:
            counted = f"SELECT EXISTS (SELECT FROM ops.tally AS y WHERE y.table_name = '{table}')"
            actions += [
                Action(f"account {table}: close", (self._sql("close", table),), mode=Mode.DATA, done=negate(_is_open(table)), reads=table),
                Action(
                    f"account {table}: stop counting",
                    (self._sql("remove", table),),
                    done=_triggers(table, all_of_them=False),
                    locks=locked("ACCESS EXCLUSIVE", table),
                ),
                # Not under the lock: what was written between the last look and the end of counting belongs to nobody.
                Action(f"account {table}: clear", (self._sql("clear", table),), mode=Mode.DATA, done=negate(counted)),
            ]
        return actions


def _is_open(table: str) -> str:
    return f"SELECT EXISTS (SELECT FROM ops.account AS a WHERE a.table_name = '{table}' AND a.closed_at IS NULL)"


def _triggers(table: str, *, all_of_them: bool) -> str:
    """The query whether all counting triggers are there, or none."""
    names = ", ".join(f"'tally_{operation}'" for operation in OPERATIONS)
    count = len(OPERATIONS) if all_of_them else 0
    return (
        f"SELECT count(*) = {count} FROM pg_catalog.pg_trigger AS g "
        f"WHERE g.tgrelid = to_regclass('public.{table}') AND g.tgname IN ({names}) AND NOT g.tgisinternal"
    )
