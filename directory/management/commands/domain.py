"""``manage.py domain add|verify|list``: which domains belong to which organisation."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.core.management.base import CommandParser

from accounts.access import rules_of
from accounts.models import Domain, Tenant
from core.errors import NotFound
from core.text import spelled
from directory import actions
from directory.operator import EXITS, OPERATOR, OperatorCommand


class Command(OperatorCommand):
    """Add, verify and list domains. Verifying is the operator's word that a domain is its organisation's."""

    help = "Add, verify and list the domains of organisations."
    name = "domain"

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the three things to do."""
        todo = parser.add_subparsers(dest="todo", required=True, metavar="add|verify|list")
        add = todo.add_parser("add", help="Add a domain, not verified yet, to an organisation.", epilog=EXITS)
        add.add_argument("domain")
        add.add_argument("--tenant", required=True, metavar="ID", help="the organisation's id, or a domain it has")
        verify = todo.add_parser("verify", help="Vouch that a domain is its organisation's.", epilog=EXITS)
        verify.add_argument("domain")
        todo.add_parser("list", help="List the domains.", epilog=EXITS)

    def act(self, options: Mapping[str, Any]) -> None:
        """Do it."""
        if options["todo"] == "list":
            rows = [
                (one.name, one.tenant.name, "verified" if one.is_verified else "not verified", one.kind)
                for one in Domain.objects.select_related("tenant").order_by("tenant__created_at", "name")
            ]
            self.table(("Domain", "Organisation", "State", "Sign-in"), rows)
        elif options["todo"] == "verify":
            found = actions.verify_domain(OPERATOR, name=spelled(options["domain"]))
            self.stdout.write(f"{found.name} is verified for {found.tenant.name}.")
        else:
            within = replace(OPERATOR, tenant=rules_of(_tenant(spelled(options["tenant"]))))
            made = actions.add_domain(within, name=spelled(options["domain"]))
            self.stdout.write(f"Added {made.name} to {made.tenant.name}. Then: manage.py domain verify {made.name}")


def _tenant(word: str) -> Tenant:
    """Return the organisation somebody means by its id or one of its domains."""
    domain = Domain.objects.select_related("tenant").filter(name=word.lower()).first()
    if domain is not None:
        return domain.tenant
    try:
        return Tenant.objects.get(pk=UUID(word))
    except (ValueError, Tenant.DoesNotExist):
        raise NotFound("tenant", "There is no organisation of this id, and none with this domain.") from None
