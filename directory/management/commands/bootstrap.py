"""``manage.py bootstrap``: a real installation's first organisation, its Global Administrator, and his way in."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from accounts.access import reach
from accounts.enums import Act
from core.text import spelled
from directory import actions
from directory.operator import EXITS, OPERATOR, OperatorCommand
from tap import actions as tap


class Command(OperatorCommand):
    """All or nothing, and once: where somebody is in the organisation already, nothing is made and no pass printed."""

    help = "Make an organisation and its Global Administrator, and print a Temporary Access Pass for him once."
    name = "bootstrap"

    def add_arguments(self, parser: CommandParser) -> None:
        """Take who and where."""
        parser.epilog = EXITS
        parser.add_argument("--tenant", required=True, metavar="NAME", help="the organisation, such as Contoso")
        parser.add_argument("--domain", required=True, help="its first domain; you vouch that it is theirs")
        parser.add_argument("--upn", required=True, help="the administrator's user name, in that domain")
        parser.add_argument("--name", required=True, help="the administrator's name")

    def act(self, options: Mapping[str, Any]) -> None:
        """Make them and print the pass."""
        user = actions.found_tenant(
            OPERATOR,
            name=spelled(options["tenant"]),
            domain=spelled(options["domain"]),
            upn=spelled(options["upn"]),
            display_name=spelled(options["name"]),
        )
        target = reach(OPERATOR, user.id, Act.PASS_ISSUE)
        made = tap.issue(OPERATOR, target=target, is_usable_once=True, reason="First administrator")
        self.stdout.write(f"Made {user.tenant.name} with the Global Administrator {user.upn}.")
        self.stdout.write(
            f"Sign in at {settings.PUBLIC_URL}/ with the pass {made.code} within an hour, and add a passkey:"
        )
        self.stdout.write("the pass is for one sign-in, is shown here only, and may change nothing else.")
        self.stdout.write(f"If it is lost: manage.py tap issue {user.upn} --once")
