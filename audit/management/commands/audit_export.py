"""``manage.py audit_export``: the log as JSON lines, with all that is needed to verify it elsewhere."""

import json
import sys
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from audit.export import lines_of


class Command(BaseCommand):
    """Writes one chain. ``tools/verify_audit_export.py`` reads it with nothing but Python."""

    help = "Write the audit log of one organisation as JSON lines, with its seals and a signed checkpoint."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choices."""
        parser.add_argument("tenant", type=UUID, help="the organisation's id; all zeros: events of no organisation")
        parser.add_argument("--output", type=Path, help="write to this file (default: standard output)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write."""
        if options["output"] is None:
            self._write(options["tenant"], sys.stdout)
            return
        with options["output"].open("w", encoding="utf-8") as file:
            self._write(options["tenant"], file)

    def _write(self, chain: UUID, file: TextIO) -> None:
        file.writelines(json.dumps(line) + "\n" for line in lines_of(chain))
