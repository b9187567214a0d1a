"""Copying and replacing a SQLite database."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from django.db import connection

from config.backups.files import OWNER_ONLY, BackupProblem, sync_folder
from core.outages import PRIMARY

HELD = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}
PAGES_AT_ONCE = 2000  # 8 MB: between two steps a signal is heard
SECONDS_TO_WAIT = 2.0


def path() -> Path:
    """Return where the database is."""
    return Path(connection.settings_dict["NAME"]).resolve()


def copy(*, to: Path) -> None:
    """Copy the database as it is at one moment, while others read and write it.

    The reader's transaction holds that moment: in a write-ahead log nobody waits for it, and without it every commit of
    another process would let SQLite's online backup start over. Raises sqlite3.Error, OSError.
    """
    to.touch(mode=OWNER_ONLY, exist_ok=False)
    with (
        closing(sqlite3.connect(path(), timeout=20, isolation_level=None)) as source,
        closing(sqlite3.connect(to)) as target,
    ):
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        source.backup(target, pages=PAGES_AT_ONCE, sleep=0)
        target.execute("PRAGMA journal_mode=DELETE")


def check(candidate: Path) -> None:
    """Raise BackupProblem for a file that SQLite would stumble over."""
    try:
        with closing(sqlite3.connect(candidate)) as opened:
            found = opened.execute("PRAGMA quick_check(1)").fetchone()[0]
    except sqlite3.Error as error:
        found = str(error)
    if found != "ok":
        raise BackupProblem(f"The database in the backup is damaged ({found}). Nothing was changed.")


@contextmanager
def alone(place: Path) -> Iterator[None]:
    """Hold a database so that no other process has it open. Raises BackupProblem where one has.

    Leaving the write-ahead log, which only the last one at it can do, also brings into the file what the log still held.
    A file that SQLite cannot read at all is nobody's: replacing it is what a restore is for.
    """
    if not place.exists():
        yield
        return
    with closing(sqlite3.connect(place, timeout=SECONDS_TO_WAIT, isolation_level=None)) as held:
        try:
            held.execute("PRAGMA journal_mode=DELETE")
            held.execute("BEGIN EXCLUSIVE")
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode & PRIMARY in HELD:
                raise BackupProblem(f"{place} is in use ({error}): stop Gatepass first. Nothing was changed.") from None
            raise BackupProblem(
                f"{place} cannot be had alone ({error}): its disk may be full, or this account may not write beside it. "
                "Nothing was changed."
            ) from None
        except sqlite3.DatabaseError:
            pass
        yield


def finish(candidate: Path) -> None:
    """Bring everything of a database into its one file, and that to the disk."""
    with closing(sqlite3.connect(candidate)) as opened:
        opened.execute("PRAGMA journal_mode=DELETE")
    with candidate.open("rb") as written:
        os.fsync(written.fileno())


def put_in_place(candidate: Path, *, keep: Path | None) -> None:
    """Let ``candidate`` be the database from now on, in one step; the one that was stays as ``keep``."""
    place = path()
    if keep is not None and place.exists():
        _second_name(place, keep)
    for ending in ("-wal", "-journal", "-shm"):
        # There only beside a database that could not be read. Left behind, it would be taken for the new one's.
        left = place.with_name(place.name + ending)
        if left.exists() and keep is not None:
            left.replace(keep.with_name(keep.name + ending))
        left.unlink(missing_ok=True)
    candidate.replace(place)
    sync_folder(place.parent)


def _second_name(place: Path, keep: Path) -> None:
    try:
        os.link(place, keep)
    except OSError:  # a disk without second names
        shutil.copy2(place, keep)
    keep.chmod(OWNER_ONLY)
