"""``manage.py rotate_keys``: let a new key sign tokens."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from accounts.access import from_command_line
from oidc.actions import rotate_keys


class Command(BaseCommand):
    """Sign with a new key from now on."""

    help = "Sign tokens with a new key from now on. Earlier keys verify for a day longer, unless --at-once is given."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the one choice there is."""
        parser.add_argument(
            "--at-once", action="store_true", help="a key was stolen: what it signed stops working immediately"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Do it."""
        made = rotate_keys(from_command_line(None), at_once=options["at_once"])
        self.stdout.write(f"Tokens are signed with key {made.kid} from now on.")
