"""Roles given and taken."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.access import Reached, ReachedGroup
from accounts.authority import Actor
from accounts.enums import Act, Role
from accounts.models import Group, RoleAssignment, User
from audit.actions import record
from audit.enums import Event
from core.errors import Conflict, NotFound
from directory.actions.change import changing_roles


def assign_role(actor: Actor, *, role: Role, target: Reached | ReachedGroup) -> RoleAssignment:
    """Give a role to a person, or to every member of a group. Passes that their new rank outgrows end at once.

    Raises Refused, ConfirmationNeeded, Conflict (holds it already).
    """
    require_assign(target)
    holder = holder_of(target)
    with changing_roles(actor, Act.ROLES_ASSIGN, target=holder):
        assignment, is_new = RoleAssignment.objects.get_or_create(
            role=role, **_side(holder), defaults={"tenant_id": holder.tenant_id}
        )
        if not is_new:
            raise Conflict("role_already", _("This role is given there already."))
        record(Event.ROLE_ASSIGNED, actor=actor, target=holder, detail=_role(role))
    return assignment


def remove_role(actor: Actor, *, role: Role, target: Reached | ReachedGroup) -> None:
    """Take a role from a person or a group that holds it directly.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict where the last Global Administrator would go.
    """
    require_assign(target)
    holder = holder_of(target)
    with changing_roles(actor, Act.ROLES_ASSIGN, target=holder):
        removed, _by_model = RoleAssignment.objects.filter(role=role, **_side(holder)).delete()
        if not removed:
            raise NotFound("role")
        record(Event.ROLE_REMOVED, actor=actor, target=holder, detail=_role(role))


def require_assign(target: Reached | ReachedGroup) -> None:
    """Raise unless the actor may give roles to, and take them from, ``target``."""
    target.require(Act.ROLES_ASSIGN)


def holder_of(target: Reached | ReachedGroup) -> User | Group:
    """Return who holds what is given to ``target``."""
    return target.group if isinstance(target, ReachedGroup) else target.user


def _side(holder: User | Group) -> dict[str, Any]:
    return {"group": holder} if isinstance(holder, Group) else {"user": holder}


def _role(role: Role) -> dict[str, str]:
    return {"role": role.value, "name": role.name}
