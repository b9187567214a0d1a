"""``manage.py seed_scale``: organisations of any size, to see how the product bears them."""

from time import perf_counter
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.access import reach_upn
from accounts.authority import Actor
from accounts.enums import Act
from config.scale import FEWEST, ExistsAlready, seed
from tap import actions as tap

MOST_USERS, MOST_TENANTS = 10_000_000, 1000


class Command(BaseCommand):
    """All or nothing: an organisation that exists is left alone and the command refuses."""

    help = "Make organisations scale-1.example, scale-2.example … and print a pass for one of their administrators."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take how many of each."""
        parser.add_argument("--users", type=int, required=True, help=f"People in each organisation, at least {FEWEST}.")
        parser.add_argument("--tenants", type=int, default=1, help="Organisations; 1 if left out.")

    def handle(self, *args: Any, users: int, tenants: int, **options: Any) -> None:
        """Make them, saying what is done and when."""
        if not FEWEST <= users <= MOST_USERS or not 1 <= tenants <= MOST_TENANTS:
            raise CommandError(
                f"--users must be a number from {FEWEST} to {MOST_USERS:,}, --tenants from 1 to {MOST_TENANTS}."
            )
        began = perf_counter()

        def say(what: str) -> None:
            self.stdout.write(f"{perf_counter() - began:6.1f} s  {what}")
            self.stdout.flush()

        try:
            administrator = seed(users, tenants, say)
        except ExistsAlready as error:
            raise CommandError(f"{error} exists already. Nothing was changed.") from None
        say("done")
        target = reach_upn(Actor(is_operator=True), administrator, Act.PASS_ISSUE)
        made = tap.issue(Actor(is_operator=True), target=target, is_usable_once=False, reason="Scale data")
        self.stdout.write(
            f"Sign in at {settings.PUBLIC_URL}/ as {administrator} with the pass {made.code} (for an hour)."
        )
