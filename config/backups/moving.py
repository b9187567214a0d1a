"""Moving from SQLite to the database that DATABASE_URL names: every row of ours as it is, in one transaction.

A dump of one database cannot be read by the other, but the models are the same in both.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.apps import apps
from django.core.management.color import no_style
from django.db import DatabaseError, connection, connections, transaction
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Model

from accounts.models import Tenant
from audit.models import AuditEvent
from config import env
from config.backups import sqlite
from config.backups.files import BackupProblem
from config.running import InUse, holding
from core.batches import in_batches

SOURCE = "source"
# What the migrations make in every database, each with ids of its own; nothing of ours points there.
MADE_BY_DJANGO = frozenset({"admin", "auth", "contenttypes"})
AT_ONCE = 1000


def move(path: Path) -> dict[str, int]:
    """Copy everything out of a SQLite file into the empty database that is ours; return how many rows, by table.

    Raises BackupProblem; the database then is as empty as it was. The file is only read.
    """
    if not path.is_file():
        raise BackupProblem(f"{path} is no file.")
    try:
        with holding(alone=True), _source(path):
            _refuse_unlike()
            with transaction.atomic(durable=True):
                return _copy_all()
    except InUse:
        raise BackupProblem("A server or worker is running: stop Gatepass first.") from None
    except (DatabaseError, sqlite3.Error) as error:
        reason = str(error).partition("\n")[0]
        raise BackupProblem(f"{path} cannot be copied: {reason}. Nothing was changed.") from None


def _refuse_unlike() -> None:
    """Raise BackupProblem where the file is of another version, or ours is not empty."""
    here, there = (set(MigrationRecorder(one).applied_migrations()) for one in (connection, connections[SOURCE]))
    if here != there:
        odd = ".".join(min(here ^ there))
        raise BackupProblem(f"The two databases are not of the same version ({odd}): run manage.py migrate on both.")
    if Tenant.objects.exists() or AuditEvent.objects.exists():
        raise BackupProblem("The database that DATABASE_URL names is not empty. Nothing was changed.")


def _copy_all() -> dict[str, int]:
    models = [
        model
        for model in apps.get_models(include_auto_created=True)
        if model._meta.managed and not model._meta.proxy and model._meta.app_label not in MADE_BY_DJANGO  # noqa: SLF001
    ]
    copied = {model._meta.db_table: _copy(model) for model in models}  # noqa: SLF001
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), models):
            cursor.execute(statement)
    return copied


def _copy(model: type[Model]) -> int:
    """Copy one table. References are looked at when the transaction ends, so tables may come in any order."""
    about = model._meta  # noqa: SLF001
    fields = [field for field in about.concrete_fields if not field.generated]
    quote = connection.ops.quote_name
    columns = ", ".join(quote(str(field.column)) for field in fields)
    insert = f"INSERT INTO {quote(about.db_table)} ({columns}) VALUES ({', '.join(['%s'] * len(fields))})"  # noqa: S608  our own names
    copied = 0
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {quote(about.db_table)}")  # noqa: S608  what a migration may have put there
        rows = model._base_manager.using(SOURCE).order_by("pk").iterator(AT_ONCE)  # noqa: SLF001
        for some in in_batches(rows, AT_ONCE):
            values = [[one.get_db_prep_save(getattr(row, one.attname), connection) for one in fields] for row in some]
            cursor.executemany(insert, values)
            copied += len(some)
    return copied


@contextmanager
def _source(path: Path) -> Iterator[None]:
    """Have the file as a second database meanwhile, after seeing that nobody else has it open."""
    with sqlite.alone(path.resolve()):
        pass
    connections.databases[SOURCE] = {**connections.databases["default"], **env.database(f"sqlite:///{path.resolve()}")}
    try:
        yield
    finally:
        connections[SOURCE].close()
        del connections[SOURCE]
        del connections.databases[SOURCE]
