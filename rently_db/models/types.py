"""Named column shapes: money, rates, codes, moments and value sets, with the CHECK texts that belong to them."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Any, TypeVar

from sqlalchemy import CHAR, CheckConstraint, DateTime, Dialect, ForeignKey, Numeric, Text, func
from sqlalchemy.orm import mapped_column
from sqlalchemy.types import TypeDecorator

E = TypeVar("E", bound=StrEnum)


class _Exact(TypeDecorator[Decimal]):
    """Plain ``numeric`` that takes no float: 0.1 + 0.2 is not 0.3, and the database would keep what it is instead."""

    impl = Numeric
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> Any:
        """Raise TypeError for a float; Decimal, int and None pass."""
        if isinstance(value, float):
            raise TypeError(f"{value!r} is a float; pass a decimal.Decimal, made from a string, e.g. Decimal('0.10')")
        return value


class MoneyType(_Exact):
    """An amount of money. The column stays ``numeric``, since a precision would rewrite, and round, what v0 stored; a CHECK bounds it."""

    cache_ok = True
    check_suffix = "is_money"

    @staticmethod
    def check_sql(column: str) -> str:
        """Whole cents, below ten trillion, no NaN, no Infinity; trailing zeros pass, which ``scale()`` would count."""
        return f"{column} = round({column}, 2) AND abs({column}) < 1e13"


class RateType(_Exact):
    """A share or a rate as a fraction: 0.0500 is 5 %."""

    cache_ok = True
    check_suffix = "is_rate"

    @staticmethod
    def check_sql(column: str) -> str:
        """Four decimals, from 0 to below 10."""
        return f"{column} = round({column}, 4) AND {column} >= 0 AND {column} < 10"


class ExchangeRateType(_Exact):
    """A factor between two currencies, in full precision."""

    cache_ok = True


class UtcDateTime(TypeDecorator[datetime]):
    """A moment: takes aware datetimes of any zone, gives aware datetimes in UTC.

    With ``timezone=False`` the column is ``timestamp without time zone`` holding UTC, as v0 has it; code that uses the models does not
    notice the difference.
    """

    impl = DateTime
    cache_ok = True

    def __init__(self, timezone: bool = True) -> None:
        """Choose ``timestamptz`` (the default) or, for the four moments that v0 has, ``timestamp``."""
        super().__init__(timezone=timezone)
        self.timezone = timezone

    def process_bind_param(self, value: Any, dialect: Dialect) -> datetime | None:
        """Raise TypeError for what is no datetime, ValueError for a naive one: nobody can tell which zone it meant."""
        if value is None:
            return None
        if not isinstance(value, datetime):
            raise TypeError(f"{value!r} is no moment; pass an aware datetime, e.g. datetime.now(timezone.utc)")
        if value.utcoffset() is None:
            raise ValueError(f"{value!r} has no time zone; pass an aware datetime, e.g. value.replace(tzinfo=timezone.utc) if it is UTC")
        moment: datetime = value.astimezone(UTC)
        return moment if self.timezone else moment.replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The moment in UTC, aware."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class ValueSet(TypeDecorator[E]):
    """A `StrEnum` stored as text. Its CHECK comes from `one_of`, from the same enum, so the two can't diverge."""

    impl = Text
    cache_ok = True

    def __init__(self, enum_class: type[E]) -> None:
        """Name the enum whose values the column holds."""
        super().__init__()
        self.enum_class = enum_class

    def __repr__(self) -> str:
        """Name the enum: the inherited text would show the implementation, ``Text``."""
        return f"ValueSet({self.enum_class.__name__})"

    def _member(self, value: str) -> E:
        try:
            return self.enum_class(value)
        except ValueError:
            known = ", ".join(self.enum_class)
            raise ValueError(f"{value!r} is no {self.enum_class.__name__}; it has: {known}") from None

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Accept a member or its text; raise ValueError, naming the members, for anything else."""
        return None if value is None else self._member(value).value

    def process_result_value(self, value: str | None, dialect: Dialect) -> E | None:
        """The member. ValueError means that the row precedes the set's CHECK or is newer than this library."""
        return None if value is None else self._member(value)


Money = Annotated[Decimal, mapped_column(MoneyType())]
Rate = Annotated[Decimal, mapped_column(RateType())]
ExchangeRate = Annotated[Decimal, mapped_column(ExchangeRateType())]
CurrencyCode = Annotated[str, mapped_column(CHAR(3))]
CountryCode = Annotated[str, mapped_column(CHAR(2))]
Moment = Annotated[datetime, mapped_column(UtcDateTime())]
LegacyMoment = Annotated[datetime, mapped_column(UtcDateTime(timezone=False))]
"""One of the four moments that v0 stores as ``timestamp`` in UTC: it stays so while v0 applications live."""
CreatedAt = Annotated[
    datetime | None,
    mapped_column(
        UtcDateTime(), nullable=True, server_default=func.now(), comment="Moment when the row was written. NULL: before v1, unknown."
    ),
]
RecordedAt = Annotated[datetime, mapped_column(UtcDateTime(), server_default=func.now(), comment="Moment when the row was written.")]
"""`CreatedAt` of a table that v0 does not have: there is always a moment."""


def refers_to(table: str, column: str = "id", *, ondelete: str = "RESTRICT") -> ForeignKey:
    """A foreign key. Deleting what is referred to is refused unless the line that calls this says otherwise."""
    return ForeignKey(f"{table}.{column}", ondelete=ondelete)


def one_of(column: str, enum_class: type[StrEnum], name: str | None = None, *, or_null: bool = False) -> CheckConstraint:
    """The CHECK of a value set; ``name`` is the part after the table's name, ``<column>_check`` unless pinned otherwise."""
    values = ", ".join(f"'{value}'" for value in enum_class)
    text = f"{column} IN ({values})"
    return CheckConstraint(f"{column} IS NULL OR {text}" if or_null else text, name=name or f"{column}_check")


def _code(column: str, pattern: str, name: str | None, optional: bool) -> CheckConstraint:
    text = f"{column} ~ '{pattern}'"
    return CheckConstraint(f"{column} IS NULL OR {text}" if optional else text, name=name or f"{column}_check")


def currency_check(column: str = "currency_code", name: str | None = "currency_check", *, optional: bool = False) -> CheckConstraint:
    """The CHECK of a currency code: three capital letters, as ISO 4217 writes it."""
    return _code(column, "^[A-Z]{3}$", name, optional)


def country_check(column: str = "country_code", name: str | None = None, *, optional: bool = False) -> CheckConstraint:
    """The CHECK of a country code: two capital letters, as ISO 3166-1 writes it."""
    return _code(column, "^[A-Z]{2}$", name, optional)


def word_check(column: str) -> CheckConstraint:
    """The CHECK of a code that is data (a class, a scheme, a status): lower-case words joined by underscores."""
    return CheckConstraint(f"{column} ~ '^[a-z][a-z0-9_]*$'", name=f"{column}_check".replace('"', ""))
