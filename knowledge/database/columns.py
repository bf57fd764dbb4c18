"""Column types that read the same on SQLite and PostgreSQL."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, cast

from sqlalchemy import ColumnElement, DateTime, Dialect, Enum, MetaData, TypeDecorator
from sqlalchemy import Table as SqlTable
from sqlmodel import Field, SQLModel


class Table(SQLModel):
    """What every table class of the product derives from; constraints have names, so that later migrations can find them."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Moment(TypeDecorator[datetime]):
    """A point in time in UTC; SQLite forgets the zone, so it is put back on the way out."""

    impl = DateTime(timezone=True)
    cache_ok = True
    python_type = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Refuse a time without a zone, which would mean something else on every machine."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("A moment needs a time zone.")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Give the time back in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def moment(*, index: bool = False, default: Any = ...) -> Any:
    """A column of `Moment`; without a default it is required."""
    return Field(default, sa_type=Moment, index=index)


def word(
    vocabulary: type[StrEnum],
    default: Any = ...,
    *,
    index: bool = False,
    primary_key: bool = False,
    server_default: StrEnum | None = None,
) -> Any:
    """A column for one word of a vocabulary: VARCHAR without a CHECK, because batch migrations lose or break those.

    A column that came after its table has a `server_default`, which the rows before it take.
    """
    kind = Enum(
        vocabulary,
        native_enum=False,
        create_constraint=False,
        length=40,
        values_callable=lambda each: [word.value for word in each],
    )
    others = {"server_default": server_default.value} if server_default is not None else {}
    return Field(default, sa_type=kind, index=index, primary_key=primary_key, sa_column_kwargs=others)


def table_of(row_class: type[SQLModel]) -> SqlTable:
    """The Core table behind a table class, for Core statements."""
    return cast(SqlTable, row_class.__table__)  # type: ignore[attr-defined]


def columns_of(row_class: type[SQLModel], *names: str) -> list[ColumnElement[Any]]:
    """The named columns of a table class, or all of them, for a Core select."""
    columns = table_of(row_class).c
    return [columns[name] for name in names] if names else list(columns)
