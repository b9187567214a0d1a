"""What hand-written SQL needs to run on both databases.

The statements of a sign-in are fixed texts: Django would compile each of them anew at every call, which costs more than
running it. Everything else stays with querysets.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from functools import cache, cached_property
from itertools import islice
from typing import Any, Generic, TypeAlias, TypeVar
from uuid import UUID

from django.db import connection
from django.db.models import Field, Model

M = TypeVar("M", bound=Model)
Fields: TypeAlias = "Sequence[Field[Any, Any]]"


class Columns(Generic[M]):
    """All columns of a model in a SELECT, under the name the statement gives its table."""

    def __init__(self, model: type[M], table: str) -> None:
        self.model = model
        self.fields = _fields(model)
        self._names = [field.attname for field in self.fields]
        self._key = next(at for at, field in enumerate(self.fields) if field.primary_key)
        self._text = ", ".join(f"{table}.{field.column}" for field in self.fields)

    def __str__(self) -> str:
        """Return them for the text of the statement."""
        return self._text

    def read(self, row: Iterator[Any]) -> M | None:
        """Take these columns' values from ``row`` and return what they make, or None where an outer join found nothing."""
        values = list(islice(row, len(self.fields)))
        if values[self._key] is None:
            return None
        for at, converters in self._converters:
            for convert in converters:
                values[at] = convert(values[at], None, connection)
        return self.model.from_db(connection.alias, self._names, values)

    @cached_property
    def _converters(self) -> list[tuple[int, list[Any]]]:
        """Return what turns the database's values into Python's, for those columns that need it."""
        columns = [field.get_col(field.model.__name__) for field in self.fields]
        found = [
            [*connection.ops.get_db_converters(column), *column.get_db_converters(connection)] for column in columns
        ]
        return [(at, converters) for at, converters in enumerate(found) if converters]


def insert(*rows: Model) -> None:
    """Write new rows of one model in one statement. A key the database makes is not read back."""
    fields = _written(type(rows[0]))
    values = [
        field.get_db_prep_save(field.pre_save(row, add=True), connection=connection) for row in rows for field in fields
    ]
    with connection.cursor() as cursor:
        cursor.execute(_insert(type(rows[0]), len(rows)), values)
    for row in rows:
        row._state.adding = False  # noqa: SLF001  Django's documented mark of a row that is stored


def uuid_parameters(ids: Iterable[UUID]) -> list[str | UUID]:
    """Return ids as this database stores them (SQLite: 32 hexadecimal digits)."""
    return list(ids) if connection.features.has_native_uuid_field else [one.hex for one in ids]


def time_parameter(moment: datetime) -> Any:
    """Return a moment as this database stores it (SQLite: text in UTC)."""
    return connection.ops.adapt_datetimefield_value(moment)


def marks(count: int) -> str:
    """Return ``count`` placeholders; none gives NULL, which matches nothing."""
    return ", ".join(["%s"] * count) or "NULL"


def read_uuid(value: str | UUID | None) -> UUID | None:
    """Return an id read from a column, whatever this database gives."""
    return value if value is None or isinstance(value, UUID) else UUID(value)


def _fields(model: type[Model]) -> Fields:
    return model._meta.concrete_fields  # noqa: SLF001  Django's documented way to a model's fields


@cache
def _written(model: type[Model]) -> Fields:
    """Return the fields whose value is known before the row is written: all but a key that the database counts up."""
    return [field for field in _fields(model) if not field.primary_key or field.has_default()]


@cache
def _insert(model: type[Model], rows: int) -> str:
    fields = _written(model)
    columns = ", ".join(str(field.column) for field in fields)
    values = ", ".join([f"({marks(len(fields))})"] * rows)
    table = model._meta.db_table  # noqa: SLF001
    return f"INSERT INTO {table} ({columns}) VALUES {values}"  # noqa: S608  names of a model of ours
