"""Writing very many rows at once: COPY on PostgreSQL, prepared inserts on SQLite, indexes made afterwards.

For ``seed_scale`` only: nothing else may go around the models.
"""

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection, models
from django.db.models.options import Options

from core.batches import in_batches

BATCH = 10_000
ROOMY_CACHE = 600_000  # KiB
FULL_TEXT, FULL_TEXT_SOURCE = "accounts_searchindex", "accounts_searchentry"

Model = type[models.Model]
Row = Sequence[Any]


def write(model: Model, columns: Sequence[str], rows: Iterable[Row]) -> int:
    """Write ``rows`` of the fields ``columns`` and return their number; every other field gets its default."""
    fields = [_field(model, name) for name in columns]
    rest = [field for field in _meta(model).concrete_fields if field not in fields and not field.primary_key]
    converters = [_converter(field) for field in (*fields, *rest)]
    defaults = [field.get_default() for field in rest]
    changed = [(place, convert) for place, convert in enumerate(converters) if convert is not None]

    def converted() -> Iterator[list[Any]]:
        for row in rows:
            values = [*row, *defaults]
            for place, convert in changed:
                if values[place] is not None:
                    values[place] = convert(values[place])
            yield values

    table = table_of(model)
    names = ", ".join(f'"{field.column}"' for field in (*fields, *rest))
    if connection.vendor == "postgresql":
        return _copy(f'COPY "{table}" ({names}) FROM STDIN', converted())
    marks = ", ".join(["?"] * len(converters))
    return _insert(f'INSERT INTO "{table}" ({names}) VALUES ({marks})', converted())  # noqa: S608


@contextmanager
def indexes_made_afterwards(tables: Sequence[str], say: Callable[[str], None]) -> Iterator[None]:
    """Take down what every single row would pay for, and put it up again over all rows at once.

    That is every index that upholds no constraint, on PostgreSQL the foreign keys too (checked again when they come
    back), and on SQLite the triggers of the full-text index. Within a transaction: a failure leaves all as it was.
    """
    taken = _postgresql_extras(tables) if connection.vendor == "postgresql" else _sqlite_extras(tables)
    with connection.cursor() as cursor:
        for drop, _ in taken:
            cursor.execute(drop)
        yield
        say("making the indexes")
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL maintenance_work_mem = '512MB'")
        else:
            cursor.execute(f"INSERT INTO {FULL_TEXT} ({FULL_TEXT}) VALUES ('rebuild')")  # noqa: S608
        for _, make in reversed(taken):
            cursor.execute(make)


@contextmanager
def roomy_cache() -> Iterator[None]:
    """Let SQLite hold most of the database in memory meanwhile: random keys go everywhere in their index."""
    if connection.vendor != "sqlite":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA cache_size")
        (usual,) = cursor.fetchone()
        cursor.execute(f"PRAGMA cache_size = {-ROOMY_CACHE}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA cache_size = {usual}")


def take_stock() -> None:
    """Let the database look at what is there: PostgreSQL would a minute later, SQLite only when housekeeping asks it to."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def table_of(model: Model) -> str:
    """Return the table that holds a model's rows."""
    return _meta(model).db_table


def _meta(model: Model) -> "Options[models.Model]":
    return model._meta  # noqa: SLF001  documented all the same


def _field(model: Model, name: str) -> "models.Field[Any, Any]":
    field = _meta(model).get_field(name.removesuffix("_id")) if _is_key(model, name) else _meta(model).get_field(name)
    assert isinstance(field, models.Field)  # noqa: S101
    return field


def _is_key(model: Model, name: str) -> bool:
    return name.endswith("_id") and name not in {field.name for field in _meta(model).concrete_fields}


def _converter(field: "models.Field[Any, Any]") -> Callable[[Any], Any] | None:
    """Return what turns a value into this database's own, None where it is that already."""
    if isinstance(field, models.JSONField):
        return json.dumps
    if connection.vendor == "postgresql":
        return None
    target = field.target_field if isinstance(field, models.ForeignKey) else field
    if isinstance(target, models.UUIDField):
        return _hex
    return connection.ops.adapt_datetimefield_value if isinstance(target, models.DateTimeField) else None


def _hex(value: uuid.UUID) -> str:
    return value.hex


def _copy(statement: str, rows: Iterable[Row]) -> int:
    number = 0
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in rows:
            copy.write_row(row)
            number += 1
    return number


def _insert(statement: str, rows: Iterator[Row]) -> int:
    """Go to SQLite's own cursor: Django's would look at every statement for placeholders to rewrite."""
    connection.ensure_connection()
    assert connection.connection is not None  # noqa: S101
    number = 0
    for batch in in_batches(rows, BATCH):
        connection.connection.executemany(statement, batch)
        number += len(batch)
    return number


def _sqlite_extras(tables: Sequence[str]) -> list[tuple[str, str]]:
    marks = ", ".join(["%s"] * len(tables))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT type, name, sql FROM sqlite_master WHERE sql IS NOT NULL AND ("  # noqa: S608
            f"(type = 'trigger' AND tbl_name = %s) OR (type = 'index' AND tbl_name IN ({marks}) "
            "AND sql NOT LIKE 'CREATE UNIQUE%%'))",
            [FULL_TEXT_SOURCE, *tables],
        )
        return [(f'DROP {kind} "{name}"', sql) for kind, name, sql in cursor.fetchall()]


def _postgresql_extras(tables: Sequence[str]) -> list[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint "
            "WHERE contype = 'f' AND conrelid = ANY (%s::regclass[])",
            [list(tables)],
        )
        keys = [
            (
                f'ALTER TABLE {table} DROP CONSTRAINT "{name}"',
                f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition}',
            )
            for table, name, definition in cursor.fetchall()
        ]
        cursor.execute(
            "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index "
            "WHERE indrelid = ANY (%s::regclass[]) AND NOT indisunique",
            [list(tables)],
        )
        return keys + [(f"DROP INDEX {name}", definition) for name, definition in cursor.fetchall()]
