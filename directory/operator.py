"""The operator's commands on the directory: what they have in common."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.core.management.base import BaseCommand
from django.db import DatabaseError

from accounts.access import from_command_line
from core.errors import Conflict, Denied, DomainError, Invalid, NotFound
from core.outages import in_one_line

OPERATOR = from_command_line(None)
EXIT_CODES: Mapping[type[DomainError], int] = {NotFound: 3, Denied: 4, Invalid: 5, Conflict: 6}
EXITS = (
    "Exit codes: 0 done, 1 fault, 2 wrong usage, 3 not found, 4 not allowed, 5 refused by a rule, "
    "6 there already, or somebody was faster."
)


class OperatorCommand(BaseCommand):
    """Does one thing, or says in one line why not."""

    name = ""

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it."""
        try:
            self.act(options)
        except DomainError as error:
            fields = getattr(error, "fields", {})
            words = " ".join(map(str, fields.values())) if fields else str(error.message)
            self.fail(words, next((EXIT_CODES[kind] for kind in EXIT_CODES if isinstance(error, kind)), 1))
        except DatabaseError as error:
            self.fail(in_one_line(error) or f"the database did not do it: {error}", 1)

    def act(self, options: Mapping[str, Any]) -> None:
        """Do what the options ask for."""
        raise NotImplementedError

    def fail(self, words: str, code: int) -> None:
        """Say it and leave."""
        self.stderr.write(f"{self.name}: {words}")
        raise SystemExit(code)

    def table(self, head: tuple[str, ...], rows: Sequence[tuple[str, ...]]) -> None:
        """Print rows under their heads."""
        widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
        for line in (head, *rows):
            self.stdout.write("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
