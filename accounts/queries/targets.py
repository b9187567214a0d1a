"""The lists of a method's policy, as pages show them."""

from collections.abc import Collection
from dataclasses import dataclass, replace
from uuid import UUID

from accounts.models import Group, User
from accounts.targeting import Target


@dataclass(frozen=True)
class Line:
    """One line of a list as a page shows it."""

    target: Target
    detail: str


def lines_of(tenant_id: UUID, targets: Collection[Target]) -> list[Line]:
    """Name the users and groups of the tenant among ``targets``, in one query; whoever is not there (any more) is left out."""
    users = User.objects.filter(tenant_id=tenant_id, pk__in={one.user_id for one in targets if one.user_id})
    groups = Group.objects.filter(tenant_id=tenant_id, pk__in={one.group_id for one in targets if one.group_id})
    found = users.values_list("pk", "display_name", "upn").union(groups.values_list("pk", "name", "description"))
    names = {pk: (name, detail) for pk, name, detail in found}
    lines = []
    for one in targets:
        key = one.user_id or one.group_id
        if key in names:
            name, detail = names[key]
            lines.append(Line(replace(one, name=name), detail))
    return sorted(lines, key=lambda line: (line.target.name.casefold(), line.detail))
