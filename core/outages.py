"""The database does not answer, or cannot save: told apart from a fault of ours, and what the operator reads of it."""

import sqlite3
from enum import Enum

from django.db import DatabaseError, InterfaceError, InternalError, OperationalError, connection
from django.db.migrations.executor import MigrationExecutor

from core.metrics import Counter


class Outage(Enum):
    """What is the matter, as the log says it."""

    FULL = "the disk of the database is full: nothing can be saved until there is room"
    DISK = "the disk of the database cannot be read or written"
    LOCKED = "the database was locked for too long by somebody else"
    READ_ONLY = "the database cannot be written to: it is read-only here, or a standby"
    DAMAGED = "what is on the disk of the database is damaged, or no database"
    CROWDED = "the database takes no more connections"
    UNREACHABLE = "the database does not answer"


OF_SQLITE = {
    sqlite3.SQLITE_FULL: Outage.FULL,
    sqlite3.SQLITE_IOERR: Outage.DISK,
    sqlite3.SQLITE_BUSY: Outage.LOCKED,
    sqlite3.SQLITE_LOCKED: Outage.LOCKED,
    sqlite3.SQLITE_READONLY: Outage.READ_ONLY,
    sqlite3.SQLITE_CANTOPEN: Outage.UNREACHABLE,
    sqlite3.SQLITE_CORRUPT: Outage.DAMAGED,
    sqlite3.SQLITE_NOTADB: Outage.DAMAGED,
}
PRIMARY = 0xFF  # the part of SQLite's result codes that says what, without how
OF_POSTGRESQL = {
    "53100": Outage.FULL,
    "58030": Outage.DISK,
    "55P03": Outage.LOCKED,
    "40P01": Outage.LOCKED,
    "57014": Outage.LOCKED,
    "25006": Outage.READ_ONLY,
    "XX001": Outage.DAMAGED,
    "XX002": Outage.DAMAGED,
    "53300": Outage.CROWDED,
}
OUTAGES = Counter(
    "database_outages", "Times the database did not answer or could not save, by what was the matter.", "kind"
)


def outage_of(error: BaseException | None) -> Outage | None:
    """Return what is the matter with the database, or None where the error is a fault of ours."""
    cause = getattr(error, "__cause__", None)
    if isinstance(cause, sqlite3.Error):
        return OF_SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & PRIMARY)
    if not isinstance(error, OperationalError | InterfaceError | InternalError):
        return None
    known = OF_POSTGRESQL.get(getattr(cause, "sqlstate", None) or "")
    # An InternalError without a name here is a statement of ours in the wrong place.
    return known or (None if isinstance(error, InternalError) else Outage.UNREACHABLE)


def in_words(outage: Outage, error: BaseException | None) -> str:
    """Return one line for the log: what it means, and what the database itself said. Counts it."""
    OUTAGES.count(outage.name.lower())
    said = str(error).strip().partition("\n")[0]
    return f"{outage.value} ({said})"


def migrations_wait() -> bool:
    """Return whether the database is of an older version than the product, or of none yet. Raises DatabaseError."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def in_one_line(error: DatabaseError) -> str | None:
    """Return what a command tells whoever typed it of an error that is no fault of ours; None where it is one."""
    outage = outage_of(error)
    if outage is not None:
        return in_words(outage, error)
    if migrations_wait():
        return "the database is not of this version: start Gatepass, or run manage.py migrate"
    return None
