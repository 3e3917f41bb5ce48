"""What every model shares: the metadata with its naming convention, the base class, and the two shapes of a relation."""

from __future__ import annotations

from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, MetaData, Table, Text
from sqlalchemy.orm import DeclarativeBase, Relationship, relationship

from .types import MoneyType, RateType

NAMING_CONVENTION = {
    "pk": "%(table_name)s_pkey",
    "uq": "%(table_name)s_%(column_0_N_name)s_key",
    "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
    "ck": "%(table_name)s_%(constraint_name)s",
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
}
"""PostgreSQL's own style, because v0 let PostgreSQL name its keys: those already have the names that v1 asks for."""

metadata = MetaData(naming_convention=NAMING_CONVENTION)
"""The one metadata of the schema: autogenerate, the drift check and the reference docs read it."""


class Base(DeclarativeBase):
    """Base of every model.

    What the database writes (ids, defaults, what triggers set) comes back with the statement that caused it, by ``RETURNING``, so an
    object never goes stale by its own flush. A column of type `MoneyType` or `RateType` gets the CHECK of its type by being declared.
    """

    metadata = metadata
    type_annotation_map: ClassVar = {str: Text()}
    __mapper_args__ = {"eager_defaults": True}

    business_key: ClassVar[str] = "id"
    """Name of the attribute by which people know the row; `repr` shows it, so it is never personal data."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Map the class, then give each of its money and rate columns the CHECK of its type."""
        super().__init_subclass__(**kwargs)
        table = cls.__dict__.get("__table__")
        if isinstance(table, Table):
            for column in table.columns:
                if isinstance(column.type, MoneyType | RateType):
                    text, suffix = column.type.check_sql(column.name), column.type.check_suffix
                    table.append_constraint(CheckConstraint(text, name=f"{column.name}_{suffix}"))

    def __repr__(self) -> str:
        """Class, id and business key from what is loaded; it never queries, so it is safe in logs and on detached objects."""
        loaded = self.__dict__
        known = [str(loaded["id"])] if loaded.get("id") is not None else []
        if self.business_key != "id" and self.business_key in loaded:
            known.append(f"{self.business_key}={loaded[self.business_key]!s}")
        return f"<{' '.join([type(self).__name__, *known])}>"


def to_one(back_populates: str | None = None, *, foreign_keys: str | None = None, remote_side: str | None = None) -> Relationship[Any]:
    """The many-to-one side of a relation. It raises when it was not loaded: an N+1 query fails in a test, not in production."""
    return relationship(lazy="raise", back_populates=back_populates, foreign_keys=foreign_keys, remote_side=remote_side)


def to_many(back_populates: str, *, foreign_keys: str | None = None, order_by: str | None = None) -> Relationship[Any]:
    """The one-to-many side of a relation: raises when not loaded, and leaves every consequence of a delete to the database."""
    return relationship(
        lazy="raise", back_populates=back_populates, foreign_keys=foreign_keys, order_by=order_by or False, passive_deletes="all"
    )
