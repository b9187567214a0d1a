"""``manage.py backup``: one file from which this database can be restored."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DatabaseError

from config.backups import making
from config.backups.files import BackupProblem

NOT_IN_IT = (
    "Not in it: SECRET_KEY, PEPPER_KEYS, AUDIT_SIGNING_KEY. Keep them in another place; without the same PEPPER_KEYS "
    "what is sealed in it cannot be read."
)


class Command(BaseCommand):
    """Makes a backup while the product runs."""

    requires_system_checks = ()
    help = "Back the database up into one file, while Gatepass runs."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choice."""
        parser.epilog = "Exit codes: 0 done, 1 no backup was made, 2 wrong usage."
        parser.add_argument(
            "--output", type=Path, help="the file (default: one with the time in its name, in DATA_DIR/backups)"
        )

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and say what there is."""
        try:
            path = options["output"] or making.usual_place()
            about = making.make(path)
        except BackupProblem as problem:
            self.stderr.write(f"backup: {problem}")
            raise SystemExit(1) from None
        except (DatabaseError, OSError) as error:
            self.stderr.write(f"backup: {str(error).partition(chr(10))[0]}")
            raise SystemExit(1) from None
        self.stdout.write(f"Backed up to {path} ({making.KINDS[about.kind]}, {path.stat().st_size:,} bytes).")
        self.stdout.write(NOT_IN_IT)
