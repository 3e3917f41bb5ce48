"""What every factory shares: only what it declares is set, rows are numbered, and what is random is the same in every run."""

from __future__ import annotations

import itertools
from calendar import monthrange
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from random import Random
from typing import Any, ClassVar, Generic, TypeGuard, TypeVar
from uuid import UUID

from polyfactory.exceptions import ParameterException
from polyfactory.factories.sqlalchemy_factory import SQLAlchemyFactory, SQLAlchemyPersistenceMethod
from polyfactory.field_meta import FieldMeta
from sqlalchemy import inspect
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapper, Session, object_session

from rently_db.models import Base

T = TypeVar("T", bound=Base)
Values = dict[str, Any]
"""The fields of a row as far as they are known: what the caller gave, and what was generated before."""

BUSINESS_DATE = date(2026, 6, 30)
"""The business date of factories, and of databases, that nobody gave another."""


@dataclass(slots=True)
class Run:
    """What makes rows differ from each other and runs alike."""

    business_date: date = BUSINESS_DATE
    seed: int = 0
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))
    random: Random = field(init=False)

    def __post_init__(self) -> None:
        """Seed what is random."""
        self.random = Random(self.seed)  # noqa: S311 - names of people who don't exist, the same in every run


class RentlyFactory(SQLAlchemyFactory[T], Generic[T]):
    """Base of the factories. A column that a factory does not declare is left to the database: ids, moments, NULL.

    Rows reach the session with a flush, parents and children through their relations. A parent may be given as an object
    (``borrower=party``), by its id (``borrower_party_id=party.id``) or as a dict of what its own factory should be given.
    """

    __is_base_factory__ = True
    __persistence_method__ = SQLAlchemyPersistenceMethod.FLUSH

    run: ClassVar[Run] = Run()

    @classmethod
    def is_supported_type(cls, value: Any) -> TypeGuard[type[T]]:
        """Our models only: polyfactory asks each base factory about models of others, and must make those as if we were not there."""
        return isinstance(value, type) and issubclass(value, Base)

    @classmethod
    def get_model_fields(cls) -> list[FieldMeta]:
        """The fields that the factory declares, in that order: what is generated from others stands below them."""
        known = {meta.name: meta for meta in super().get_model_fields()}
        bases = [base for base in reversed(cls.__mro__) if issubclass(base, RentlyFactory)]
        return [known[name] for name in dict.fromkeys(name for base in bases for name in vars(base)) if name in known]

    @classmethod
    def process_kwargs(cls, **kwargs: Any) -> Values:
        """The fields of the row; parents given by id are fetched, so that what follows from them (currency, dates) still does."""
        mapper: Mapper[T] = inspect(cls.__model__)
        for name, relation in mapper.relationships.items():
            if relation.uselist or name in kwargs or not hasattr(cls, name):
                continue
            keys = [mapper.get_property_by_column(column).key for column in relation.local_columns]
            if len(keys) == 1 and kwargs.get(keys[0]) is not None:
                kwargs[name] = cls._fetched(relation.mapper.class_, kwargs.pop(keys[0]), keys[0])
        return super().process_kwargs(**kwargs)

    @classmethod
    def _fetched(cls, model: type[Base], key: Any, argument: str) -> Base:
        session = cls.bound()
        found = session.get(model, key) if session is not None else None
        if found is None:
            where = "is not in the database" if session is not None else "can't be fetched, since no session is bound"
            raise ParameterException(f"{cls.__name__}: {argument} {key} {where}; give the {model.__name__} itself")
        return found

    @classmethod
    async def create_async(cls, **kwargs: Any) -> T:
        """Make a row and flush it in the bound asynchronous session."""
        (row,) = await cls.create_batch_async(1, **kwargs)
        return row

    @classmethod
    async def create_batch_async(cls, size: int, **kwargs: Any) -> list[T]:
        """Make rows and flush them in the bound asynchronous session. Making them may read relations, so that too is its business."""

        def written(session: Session) -> list[T]:
            rows = cls.batch(size, **kwargs)
            session.add_all(rows)
            session.flush()
            return rows

        session = cls.__async_session__
        if not isinstance(session, AsyncSession):
            raise ParameterException(f"{cls.__name__}: no asynchronous session is bound; write it within: with using(session)")
        return await session.run_sync(written)

    @classmethod
    def bound(cls) -> Session | None:
        """The session that rows are written to; of an asynchronous one the synchronous one that it drives."""
        if isinstance(cls.__async_session__, AsyncSession):
            return cls.__async_session__.sync_session
        return cls.__session__ if isinstance(cls.__session__, Session) else None

    @classmethod
    def number(cls) -> int:
        """The next number: no two rows of a run have the same, and other seeds have others."""
        return cls.run.seed * 1_000_000 + next(cls.run.numbers)

    @classmethod
    def unused_id(cls) -> UUID:
        """An id for a row that has to have one before the database could give it: time-ordered, as the database's own."""
        return UUID(int=(int(at(today()).timestamp() * 1000) << 80) | 7 << 76 | 2 << 62 | cls.number())


@contextmanager
def using(session: Session | AsyncSession | None, *, business_date: date = BUSINESS_DATE, seed: int = 0) -> Iterator[None]:
    """Bind the factories to a session; dates follow the business date, numbers and names the seed.

    The fixtures do it for ``rently_session`` and ``rently_committed_session``. Rows of one database come from one run, or from runs with
    different seeds: their numbers would clash otherwise.
    """
    base: type[RentlyFactory[Any]] = RentlyFactory
    before = base.__session__, base.__async_session__, base.run
    base.__session__ = session if isinstance(session, Session) else None
    base.__async_session__ = session if isinstance(session, AsyncSession) else None
    base.run = Run(business_date, seed)
    try:
        yield
    finally:
        base.__session__, base.__async_session__, base.run = before


def today() -> date:
    """The business date."""
    return RentlyFactory.run.business_date


def at(day: date) -> datetime:
    """Ten in the morning of that day in Singapore, six in Dubai: the same local date in both."""
    return datetime.combine(day, time(2), UTC)


def days_before(days: int) -> date:
    """So many days before the business date."""
    return today() - timedelta(days=days)


def add_months(day: date, months: int) -> date:
    """The same day of a later month, or that month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def numbered(text: str) -> str:
    """The text with the next number in the place of {}."""
    return text.format(RentlyFactory.number())


def related(row: Base, name: str) -> Any:
    """A relation of a row: what is loaded, else it is loaded now. Relations never load by accident, but a factory means it."""
    state = inspect(row)
    if name in state.unloaded and state.persistent:
        session = object_session(row)
        assert session is not None
        session.refresh(row, [name])
    return getattr(row, name)
