"""``manage.py move_from FILE``: everything out of a SQLite file into the empty database that DATABASE_URL names."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from config.backups.files import BackupProblem
from config.backups.moving import move


class Command(BaseCommand):
    """Moves an installation from SQLite to PostgreSQL. The file stays as it is."""

    requires_system_checks = ()
    help = "Copy everything out of a SQLite database into the empty one that DATABASE_URL names. Stop Gatepass first."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choice."""
        parser.epilog = "Exit codes: 0 done, 1 nothing was changed, 2 wrong usage."
        parser.add_argument("file", type=Path, help="the SQLite database, such as data/gatepass.sqlite3")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and say how much that was."""
        try:
            copied = move(options["file"])
        except BackupProblem as problem:
            self.stderr.write(f"move_from: {problem}")
            raise SystemExit(1) from None
        self.stdout.write(f"Copied {sum(copied.values()):,} rows of {len(copied)} tables.")
        self.stdout.write(
            "Now run manage.py audit_verify, start Gatepass with this DATABASE_URL, and put the file away."
        )
