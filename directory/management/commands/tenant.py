"""``manage.py tenant add|list``: organisations of this installation."""

from collections.abc import Mapping
from typing import Any

from django.core.management.base import CommandParser

from accounts.models import Domain, Tenant
from core.text import spelled
from directory import actions
from directory.operator import EXITS, OPERATOR, OperatorCommand


class Command(OperatorCommand):
    """Add and list organisations. None sees another."""

    help = "Add an organisation, or list them."
    name = "tenant"

    def add_arguments(self, parser: CommandParser) -> None:
        """Describe the two things to do."""
        todo = parser.add_subparsers(dest="todo", required=True, metavar="add|list")
        add = todo.add_parser("add", help="Make an organisation with its first domain.", epilog=EXITS)
        add.add_argument("name", help="what it is called")
        add.add_argument("--domain", required=True, help="its first domain; you vouch that it is theirs")
        todo.add_parser("list", help="List the organisations.", epilog=EXITS)

    def act(self, options: Mapping[str, Any]) -> None:
        """Do it."""
        if options["todo"] == "add":
            made = actions.create_tenant(OPERATOR, name=spelled(options["name"]), domain=spelled(options["domain"]))
            self.stdout.write(f"Made {made.name} ({made.id}). It has no people yet.")
            named = f'--tenant "{made.name}" --domain {made.domains.get().name}'
            self.stdout.write(f"Then: manage.py bootstrap {named} --upn … --name …")
            return
        defaults = dict(Domain.objects.filter(is_default=True).values_list("tenant_id", "name"))
        rows = [
            (str(one.id), one.name, defaults.get(one.id, "-"), "enabled" if one.is_enabled else "disabled")
            for one in Tenant.objects.order_by("created_at", "id")
        ]
        self.table(("Id", "Name", "Default domain", "State"), rows)
