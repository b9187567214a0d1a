"""``manage.py audit_prune``: remove events that are older than they have to be kept, as the worker does once an hour."""

from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from audit.pruning import prune
from audit.signing import NoSigningKey
from core import clock


class Command(BaseCommand):
    """Removes whole sealed stretches from the front and leaves a signed mark, so that the rest still verifies."""

    help = "Remove sealed audit events older than AUDIT_RETENTION_DAYS."

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the choice."""
        parser.add_argument("--days", type=int, help="keep this many days instead of AUDIT_RETENTION_DAYS")

    def handle(self, *_args: Any, **options: Any) -> None:
        """Do it and say how many."""
        days = settings.AUDIT_RETENTION_DAYS if options["days"] is None else options["days"]
        if days < 1:
            self.stdout.write("Events are kept for ever: AUDIT_RETENTION_DAYS is 0.")
            return
        try:
            removed = prune(before=clock.now() - timedelta(days=days))
        except NoSigningKey as problem:
            self.stderr.write(f"audit_prune: {problem.message}")
            raise SystemExit(2) from None
        self.stdout.write(f"Removed {removed} events older than {days} days.")
