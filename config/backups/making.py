"""Making a backup, and what has to be known of one before it may be restored."""

import hmac
import sqlite3
from dataclasses import replace
from pathlib import Path

from django.conf import settings
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from accounts.access import from_command_line
from audit.actions import record
from audit.enums import Event
from config.backups import postgres, sqlite
from config.backups.files import FORMAT, About, BackupProblem, digest_of, why, workplace, write
from config.version import version
from core import clock

FOLDER = "backups"
KINDS = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def usual_place() -> Path:
    """Return the file a backup goes to where nobody names one."""
    folder = Path(settings.DATA_DIR) / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / f"gatepass-{clock.now():%Y%m%dT%H%M%SZ}.zip"


def make(to: Path) -> About:
    """Back the database up into a file, in place of one of that name. Raises BackupProblem, and leaves no part then."""
    try:
        with workplace(to.resolve().parent, "gatepass-backup") as place:
            database = place / "database"
            about = _describe()
            _copy(database)
            about = replace(about, digest=digest_of(database), size=database.stat().st_size)
            write(about, database, to=to.resolve(), draft=place / "whole")
    except OSError as error:
        raise BackupProblem(f"{to} cannot be written: {why(error)}. Nothing was kept.") from None
    except sqlite3.Error as error:
        raise BackupProblem(f"{to} cannot be written: {error}. Nothing was kept.") from None
    record(
        Event.BACKUP_MADE,
        actor=from_command_line(None),
        detail={"made_at": about.made_at, "digest": about.digest, "bytes": about.size},
    )
    return about


def refuse_strange(about: About) -> None:
    """Raise BackupProblem where this product and this database cannot take a backup."""
    here = connection.vendor
    if about.kind != here:
        raise BackupProblem(
            f"This is a backup of {KINDS.get(about.kind, about.kind)}, and DATABASE_URL names {KINDS[here]}. "
            "Nothing was changed."
        )
    known = MigrationLoader(None).disk_migrations
    newer = [f"{app}.{name}" for app, names in about.migrations.items() for name in names if (app, name) not in known]
    if newer:
        raise BackupProblem(
            f"This backup is of Gatepass {about.product}, which is newer than this {version()} (it has {newer[0]}). "
            "Nothing was changed."
        )
    if here == "postgresql" and about.server > postgres.server():
        raise BackupProblem(
            f"This backup is of PostgreSQL {about.server}, and this server is {postgres.server()}. Nothing was changed."
        )


def fingerprints() -> dict[str, str]:
    """Return what tells one pepper from another, and nothing about either."""
    return {name: hmac.digest(key, b"gatepass backup", "sha256").hex()[:16] for name, key in settings.PEPPER_KEYS}


def _describe() -> About:
    applied: dict[str, list[str]] = {}
    for app, name in sorted(MigrationRecorder(connection).applied_migrations()):
        applied.setdefault(app, []).append(name)
    return About(
        format=FORMAT,
        product=version(),
        kind=connection.vendor,
        server=postgres.server() if connection.vendor == "postgresql" else sqlite3.sqlite_version_info[1],
        made_at=clock.now().isoformat(timespec="seconds"),
        migrations=applied,
        peppers=fingerprints(),
    )


def _copy(to: Path) -> None:
    if connection.vendor == "postgresql":
        postgres.dump(to=to)
    else:
        sqlite.copy(to=to)
