"""The database under test is a file of its own, never one in memory; and which tests need more than one kind of it.

The live server's threads then hold connections of their own, with the locking that people meet. In memory they would
all share a single connection.
"""

from collections.abc import Iterator

import pytest
from django.db import connection
from django.db.backends.base.operations import BaseDatabaseOperations

USES_DATABASE = {"db", "transactional_db", "django_db_setup", "live_server"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that run on every database (decision 0078): those that use one."""
    for item in items:
        if USES_DATABASE & set(getattr(item, "fixturenames", ())) or item.get_closest_marker("django_db"):
            item.add_marker("database")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, tmp_path_factory: pytest.TempPathFactory
) -> None:
    if connection.vendor == "sqlite":
        connection.settings_dict["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def _emptying_between_tests() -> Iterator[None]:
    """Let the emptying of tables after a test that commits pass the audit's triggers, which nothing in the product may.

    They are off for that one transaction only; every test meets them.
    """
    operations = type(connection.ops)
    flush = operations.execute_sql_flush

    def flush_behind_the_triggers(self: BaseDatabaseOperations, sql_list: list[str]) -> None:
        off, on = off_and_on()
        flush(self, [*off, *sql_list, *on])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "execute_sql_flush", flush_behind_the_triggers)
        yield


def off_and_on() -> tuple[list[str], list[str]]:
    """Return the statements that take the audit's triggers off, and those that put them on again."""
    tables = ("audit_auditevent", "audit_seal", "audit_removal")
    if connection.vendor == "postgresql":
        return tuple([f"ALTER TABLE {table} {verb} TRIGGER USER" for table in tables] for verb in ("DISABLE", "ENABLE"))  # type: ignore[return-value]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'audit\\_%' ESCAPE '\\'"
        )
        found = cursor.fetchall()
    return [f"DROP TRIGGER {name}" for name, _ in found], [sql for _, sql in found]
