"""``manage.py audit_export``: the log as JSON lines, with all that is needed to verify it elsewhere."""

import json
import os
import sys
from functools import partial
from pathlib import Path
from typing import Any, TextIO
from uuid import UUID

from django.core.management.base import BaseCommand, CommandParser

from audit.checkpoints import chains
from audit.export import lines_of
from audit.queries import chain_of


class Command(BaseCommand):
    """Writes one chain. ``tools/verify_audit_export.py`` reads it with nothing but Python."""

    help = "Write the audit log of one organisation as JSON lines, with its seals and a signed checkpoint."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choices."""
        parser.epilog = "Exit codes: 0 done, 2 wrong usage, no such log, or the file cannot be written."
        parser.add_argument("tenant", type=UUID, help="the organisation's id; all zeros: events of no organisation")
        parser.add_argument("--output", type=Path, help="write to this file (default: standard output)")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Write."""
        if not chain_of(options["tenant"]).exists() and options["tenant"] not in chains():
            self._refuse(f"there is no log of {options['tenant']}. audit_verify names those there are.")
        if options["output"] is None:
            self._write(options["tenant"], sys.stdout)
            return
        try:
            # Names and addresses are in it: for nobody else's eyes.
            with open(options["output"], "w", encoding="utf-8", opener=partial(os.open, mode=0o600)) as file:
                self._write(options["tenant"], file)
        except OSError as problem:
            self._refuse(f"{options['output']}: {problem.strerror}")

    def _refuse(self, words: str) -> None:
        self.stderr.write(f"audit_export: {words}")
        raise SystemExit(2)

    def _write(self, chain: UUID, file: TextIO) -> None:
        file.writelines(json.dumps(line) + "\n" for line in lines_of(chain))
