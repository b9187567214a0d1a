"""The product as a process of its own, on the database under test."""

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created
from django.dispatch import receiver

OPENED: "WeakSet[BaseDatabaseWrapper]" = WeakSet()


def surroundings() -> dict[str, str]:
    """Return the environment of a process that works on the database under test."""
    name = connection.settings_dict["NAME"]
    url = f"sqlite:///{name}"
    if connection.vendor == "postgresql":
        url = f"{os.environ['DATABASE_URL'].rpartition('/')[0]}/{name}"
    return os.environ | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings_test"}


@contextmanager
def running_worker(environment: Mapping[str, str] | None = None) -> Iterator["subprocess.Popen[bytes]"]:
    """Run ``manage.py worker`` meanwhile."""
    command = [sys.executable, "manage.py", "worker"]
    process = subprocess.Popen(command, env=surroundings() | dict(environment or {}))  # noqa: S603  our own words
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def be_alone() -> None:
    """Cut off whoever else is at the database: a thread of the live server may still hold a connection of its own."""
    if connection.vendor == "postgresql":
        if not connection.in_atomic_block:
            connection.close()  # a restore may have cut this one off
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        return
    for other in list(OPENED):
        if other is not connections[DEFAULT_DB_ALIAS]:
            other.inc_thread_sharing()
            other.close()
            other.dec_thread_sharing()


@receiver(connection_created, dispatch_uid="tests.running")
def remember(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Remember the connections of every thread, as long as they are in use."""
    OPENED.add(connection)
