"""Restoring a backup: everything is checked first, and then the database is another at one moment, or is what it was."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, connection, transaction

from config.backups import files, making, postgres, sqlite
from config.backups.ending import end_everything
from config.backups.files import About, BackupProblem, why, workplace
from config.running import InUse, holding
from core import clock


def restore(path: Path, *, keep: bool) -> tuple[dict[str, int], Path | None]:
    """Put a backup in the place of the database, and return how much of it was ended and where the old one is kept.

    Raises BackupProblem; the database then is what it was.
    """
    about = files.read_about(path)
    making.refuse_strange(about)
    try:
        with holding(alone=True):
            return _restore_sqlite(path, about, keep) if connection.vendor == "sqlite" else _restore(path, about, keep)
    except InUse:
        raise BackupProblem("A server or worker is running: stop Gatepass first. Nothing was changed.") from None
    except OSError as error:
        raise BackupProblem(f"The backup cannot be restored: {why(error)}. Nothing was changed.") from None
    except (DatabaseError, sqlite3.Error) as error:
        reason = str(error).partition("\n")[0]
        raise BackupProblem(f"The backup cannot be restored: {reason}. Nothing was changed.") from None


def _restore_sqlite(path: Path, about: About, keep: bool) -> tuple[dict[str, int], Path | None]:  # noqa: FBT001
    """Make the new database ready beside the old one, which it replaces in the last step."""
    connection.close()
    place = sqlite.path()
    place.parent.mkdir(parents=True, exist_ok=True)
    kept = place.with_name(f"{place.name}.before-{clock.now():%Y%m%dT%H%M%SZ}") if keep and place.exists() else None
    with sqlite.alone(place), workplace(place.parent, "gatepass-restore") as workshop:
        candidate = workshop / "database"
        files.unpack(path, about, to=candidate)
        sqlite.check(candidate)
        with _pointed_at(candidate):
            ended = _make_ready(about)
        sqlite.finish(candidate)
        sqlite.put_in_place(candidate, keep=kept)
    return ended, kept


def _restore(path: Path, about: About, keep: bool) -> tuple[dict[str, int], Path | None]:  # noqa: FBT001
    """Do it in one transaction, behind a backup of what is there, which goes again where nothing was changed."""
    postgres.refuse_others()
    place = making.usual_place()
    with workplace(place.parent, "gatepass-restore") as workshop:
        dumped = workshop / "database"
        files.unpack(path, about, to=dumped)
        kept = None
        if keep and connection.introspection.table_names():
            kept = place.with_name(f"before-{place.name.removeprefix('gatepass-')}")
            making.make(kept)
        try:
            with transaction.atomic(durable=True):
                postgres.load(dumped, made_on=about.server)
                ended = _make_ready(about)
        except BaseException:
            if kept is not None:
                kept.unlink(missing_ok=True)
            raise
        finally:
            connection.close()
    return ended, kept


def _make_ready(about: About) -> dict[str, int]:
    """Bring an older backup up to this version, and end what it holds as open."""
    call_command("migrate", verbosity=0, interactive=False)
    return end_everything(about, now=clock.now())


@contextmanager
def _pointed_at(candidate: Path) -> Iterator[None]:
    """Let everything here speak to another SQLite file meanwhile."""
    before = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = str(candidate)
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = before


def missing_peppers(about: About) -> list[str]:
    """Return the ids of the peppers a backup was made with that are not set here, or are other ones."""
    here = making.fingerprints()
    return [name for name, mark in about.peppers.items() if here.get(name) != mark]
