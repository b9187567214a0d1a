"""What hand-written SQL needs to run on both databases."""

from collections.abc import Iterable
from uuid import UUID

from django.db import connection


def uuid_parameters(ids: Iterable[UUID]) -> list[str | UUID]:
    """Return ids as this database stores them (SQLite: 32 hexadecimal digits)."""
    return list(ids) if connection.features.has_native_uuid_field else [one.hex for one in ids]


def marks(count: int) -> str:
    """Return ``count`` placeholders; none gives NULL, which matches nothing."""
    return ", ".join(["%s"] * count) or "NULL"


def read_uuid(value: str | UUID | None) -> UUID | None:
    """Return an id read from a column, whatever this database gives."""
    return value if value is None or isinstance(value, UUID) else UUID(value)
