"""Groups and who is in them."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import Reached, ReachedGroup, require, require_in_tenant
from accounts.authority import Actor
from accounts.enums import Act, Standing
from accounts.memberships import groups_above
from accounts.models import Group, GroupMember
from audit.actions import Detail, record
from audit.enums import Event
from core import clock
from core.errors import Conflict, Invalid, NotFound
from directory import queries, rules, wording
from directory.actions.change import changing_roles


def create_group(actor: Actor, *, name: str, description: str = "") -> Group:
    """Make an empty group in the actor's tenant. Raises Refused, ConfirmationNeeded, Invalid (by field)."""
    require_in_tenant(actor, Act.GROUPS_MANAGE)
    assert actor.tenant_id is not None  # noqa: S101  nobody without a tenant has the right
    group = _named(Group(tenant_id=actor.tenant_id, created_at=clock.now()), name, description)
    try:
        with transaction.atomic(durable=True):
            group.save(force_insert=True)
            record(Event.GROUP_CREATED, actor=actor, target=group, detail={"new": _plain(group)})
    except IntegrityError as error:
        raise _taken() from error
    return group


def update_group(actor: Actor, *, target: ReachedGroup, changes: Mapping[str, str]) -> Group:
    """Give a group another ``name`` or ``description``; what is not named stays as it is.

    Raises Refused, ConfirmationNeeded, Invalid (by field), NotFound.
    """
    target.require(Act.GROUPS_MANAGE)
    try:
        with transaction.atomic(durable=True):
            group = Group.objects.select_for_update().filter(pk=target.group.pk).first()
            if group is None:
                raise NotFound("group")
            old = _plain(group)
            wished = {"name": group.name, "description": group.description, **changes}
            if (new := _plain(_named(group, **wished))) != old:
                group.save()
                record(Event.GROUP_UPDATED, actor=actor, target=group, detail={"old": old, "new": new})
    except IntegrityError as error:
        raise _taken() from error
    return group


def delete_group(actor: Actor, *, target: ReachedGroup) -> None:
    """Delete a group, and with it what it gave: roles, policy lines, memberships of other groups. Its members stay.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict where it held the last Global Administrator.
    """
    target.require(Act.GROUPS_MANAGE)
    group = target.group
    with changing_roles(actor, Act.GROUPS_MANAGE, target=group):
        lost = queries.dependants_of(group)
        deleted, _by_model = Group.objects.filter(pk=group.pk).delete()
        if not deleted:
            raise NotFound("group")
        detail: Detail = {
            "old": _plain(group),
            "roles": [role.value for role in lost.roles],
            "policies": [method.value for method in lost.policies],
            "groups": [str(parent.id) for parent in lost.parents],
        }
        record(Event.GROUP_DELETED, actor=actor, target=group, detail=detail)


def add_member(actor: Actor, *, target: ReachedGroup, member: Reached | ReachedGroup) -> None:
    """Add a person or a group to a group. Raises Refused, ConfirmationNeeded, Conflict (is in it), Invalid (a circle)."""
    _require_both(target, member)
    with changing_roles(actor, Act.GROUPS_MANAGE, target=target.group):
        if isinstance(member, ReachedGroup) and member.group.id in groups_above(target.group.id):
            raise Invalid(
                "group_circle",
                _("%(inner)s can't be put into %(outer)s: the groups would contain each other.")
                % {"inner": member.group.name, "outer": target.group.name},
            )
        _link, is_new = GroupMember.objects.get_or_create(group=target.group, **_side(member))
        if not is_new:
            raise Conflict("member_already", _("%(name)s is in this group already.") % {"name": _name_of(member)})
        record(Event.MEMBER_ADDED, actor=actor, target=target.group, detail=_member(member))


def remove_member(actor: Actor, *, target: ReachedGroup, member: Reached | ReachedGroup) -> None:
    """Take a direct member out of a group.

    Raises Refused, ConfirmationNeeded, NotFound, Conflict where the last Global Administrator would go.
    """
    _require_both(target, member)
    with changing_roles(actor, Act.GROUPS_MANAGE, target=target.group):
        removed, _by_model = GroupMember.objects.filter(group=target.group, **_side(member)).delete()
        if not removed:
            raise NotFound("member")
        record(Event.MEMBER_REMOVED, actor=actor, target=target.group, detail=_member(member))


def _require_both(target: ReachedGroup, member: Reached | ReachedGroup) -> None:
    """The group decides; who may not touch administrators may not move one between groups either."""
    target.require(Act.GROUPS_MANAGE)
    if isinstance(member, ReachedGroup):
        member.require(Act.GROUPS_MANAGE)
        tenant_id = member.group.tenant_id
    else:
        if member.roles:
            require(target.actor, Act.GROUPS_MANAGE, Standing.ADMIN, target=member.user)
        tenant_id = member.user.tenant_id
    if tenant_id != target.group.tenant_id:
        raise NotFound("member")


def _side(member: Reached | ReachedGroup) -> dict[str, Any]:
    return {"child": member.group} if isinstance(member, ReachedGroup) else {"user": member.user}


def _name_of(member: Reached | ReachedGroup) -> str:
    return member.group.name if isinstance(member, ReachedGroup) else member.user.display_name


def _member(member: Reached | ReachedGroup) -> dict[str, str]:
    if isinstance(member, ReachedGroup):
        return {"group": str(member.group.id), "name": member.group.audit_name}
    return {"user": str(member.user.id), "name": member.user.audit_name}


def _named(group: Group, name: str, description: str) -> Group:
    group.name, group.description = rules.one_line(name), rules.one_line(description)
    problems = {
        "name": rules.name_problem(group.name, longest=rules.LONGEST_NAME),
        "description": rules.name_problem(group.description, longest=rules.LONGEST_DESCRIPTION, may_be_empty=True),
    }
    found = {field: problem for field, problem in problems.items() if problem is not None}
    if found:
        raise wording.invalid(found)
    return group


def _plain(group: Group) -> dict[str, object]:
    return {"name": group.name, "description": group.description}


def _taken() -> Invalid:
    return Invalid("group_name_taken", fields={"name": _("There is a group of this name already.")})
