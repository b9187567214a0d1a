"""``manage.py seed_demo``: the demo's two organisations and their people, and a pass for grace@contoso.com."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from accounts.access import reach_upn
from accounts.authority import Actor
from accounts.enums import Act
from accounts.models import Tenant
from config.demo import make_world
from tap import actions as tap

FIRST = "grace@contoso.com"


class Command(BaseCommand):
    """Idempotent: people who exist stay as they are; the pass is a new one each time."""

    help = "Make the demo organisations and print a Temporary Access Pass for grace@contoso.com."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take --if-empty, for the start of the server."""
        parser.add_argument("--if-empty", action="store_true", help="Do nothing where any organisation exists.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the world and print how to get in."""
        if options["if_empty"] and Tenant.objects.exists():
            return
        make_world()
        target = reach_upn(Actor(is_operator=True), FIRST, Act.PASS_ISSUE)
        made = tap.issue(Actor(is_operator=True), target=target, is_usable_once=False, reason="Demo")
        self.stdout.write(
            f"Sign in at {settings.PUBLIC_URL}/ as {FIRST} with the pass {made.code} (until it ends in an hour)."
        )
