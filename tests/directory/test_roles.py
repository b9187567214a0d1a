"""Roles given and taken, directly, through a group and through a nested one; what a promotion does to a pass."""

from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest

from accounts.access import Refused
from accounts.authority import Actor
from accounts.enums import MethodKind, Role
from accounts.memberships import roles_of
from accounts.models import Group, GroupMember, RoleAssignment, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from core.errors import Conflict, Invalid, NotFound
from directory import actions
from tap import actions as tap
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.conftest import OPERATOR, SignIn, reached
from tests.directory.people import acting, group, is_in, person

GivePass = Callable[..., Issued]
HOW = ["directly", "a group", "a nested group", "an old group that gets a role"]
ROLE = Role.GLOBAL_READER


@pytest.fixture
def groups(world: SimpleNamespace) -> SimpleNamespace:
    """Outer holds a role, inner stands in it, plain holds nothing; Mia is in none but plain."""
    made = {
        name: Group.objects.create(tenant=world.contoso, name=name, created_at=clock.now())
        for name in ("outer", "inner", "plain")
    }
    RoleAssignment.objects.create(tenant=world.contoso, group=made["outer"], role=ROLE)
    GroupMember.objects.create(group=made["outer"], child=made["inner"])
    GroupMember.objects.create(group=made["plain"], user=world.mia)
    return SimpleNamespace(**made)


def promote(grace: Actor, user: User, groups: SimpleNamespace, how: str) -> None:
    mia = person(grace, user)
    if how == "directly":
        actions.assign_role(grace, role=ROLE, target=mia)
    elif how == "a group":
        actions.add_member(grace, target=group(grace, groups.outer), member=mia)
    elif how == "a nested group":
        actions.add_member(grace, target=group(grace, groups.inner), member=mia)
    else:
        actions.assign_role(grace, role=ROLE, target=group(grace, groups.plain))


def demote(grace: Actor, user: User, groups: SimpleNamespace, how: str) -> None:
    mia = person(grace, user)
    if how == "directly":
        actions.remove_role(grace, role=ROLE, target=mia)
    elif how == "a group":
        actions.remove_member(grace, target=group(grace, groups.outer), member=mia)
    elif how == "a nested group":
        actions.remove_member(grace, target=group(grace, groups.inner), member=mia)
    else:
        actions.remove_role(grace, role=ROLE, target=group(grace, groups.plain))


@pytest.mark.parametrize("is_used", [False, True], ids=["unused", "used one-time"])
@pytest.mark.parametrize("how", HOW)
def test_a_promotion_ends_a_pass_its_issuer_could_not_issue_now(
    world: SimpleNamespace, as_: SignIn, groups: SimpleNamespace, how: str, is_used: bool
) -> None:
    """Design §4: with its sessions, on their next request; and a demotion revives neither."""
    amir, grace = acting(world.amir), acting(world.grace)
    made = tap.issue(amir, target=reached(world.mia, amir), is_usable_once=is_used)
    if is_used:
        tap.claim(OPERATOR, verified=tap.verify(OPERATOR, upn=world.mia.upn, typed=made.code))
    client = as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=made.issued.id)
    assert is_in(client)
    promote(grace, world.mia, groups, how)
    assert roles_of([world.mia.id])[world.mia.id] == {ROLE}
    assert not is_in(client)
    ended = AuditEvent.objects.get(event=Event.PASS_DELETED)
    assert (ended.reason, ended.target_id) == ("issuer_rights", world.mia.id)
    assert ended.detail == {"pass": str(made.issued.id), "sessions": 1}
    demote(grace, world.mia, groups, how)
    assert roles_of([world.mia.id])[world.mia.id] == frozenset()
    assert not is_in(client)
    assert not TemporaryAccessPass.objects.open().filter(user=world.mia).exists()


@pytest.mark.parametrize("issuer", ["priya", "grace", None])
def test_a_pass_stays_whose_issuer_may_still_issue_to_him(
    world: SimpleNamespace, as_: SignIn, groups: SimpleNamespace, issuer: str | None
) -> None:
    actor = acting(getattr(world, issuer)) if issuer else OPERATOR
    made = tap.issue(actor, target=reached(world.mia, actor))
    client = as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=made.issued.id)
    promote(acting(world.grace), world.mia, groups, "a nested group")
    assert is_in(client)
    assert tap.verify(OPERATOR, upn=world.mia.upn, typed=made.code).issued == made.issued


def test_a_pass_for_an_administrator_ends_with_its_issuers_role(world: SimpleNamespace) -> None:
    """And does not come back with it."""
    grace, priya = acting(world.grace), acting(world.priya)
    tap.issue(priya, target=reached(world.amir, priya))
    role = Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR
    actions.remove_role(grace, role=role, target=person(grace, world.priya))
    actions.assign_role(grace, role=role, target=person(grace, world.priya))
    assert not TemporaryAccessPass.objects.open().filter(user=world.amir).exists()


def test_a_pass_for_an_administrator_ends_when_its_issuer_is_deleted(world: SimpleNamespace) -> None:
    grace, priya = acting(world.grace), acting(world.priya)
    to_amir = tap.issue(priya, target=reached(world.amir, priya)).issued
    to_mia = tap.issue(priya, target=reached(world.mia, priya)).issued
    actions.delete_user(grace, target=person(grace, world.priya))
    assert set(TemporaryAccessPass.objects.open()) == {to_mia}
    assert to_amir != to_mia
    # Mia's goes as soon as she becomes an administrator: nobody who issued it could issue it now.
    actions.assign_role(grace, role=ROLE, target=person(grace, world.mia))
    assert not TemporaryAccessPass.objects.open().exists()


@pytest.mark.parametrize(
    "how", ["directly", "own group", "member of a role-giving group", "out of it", "group deleted"]
)
def test_nobody_changes_his_own_roles(world: SimpleNamespace, groups: SimpleNamespace, how: str) -> None:
    grace = acting(world.grace)
    if how in ("own group", "out of it", "group deleted"):
        target = groups.plain if how == "own group" else groups.outer
        GroupMember.objects.create(group=target, user=world.grace)
    before = roles_of([world.grace.id])[world.grace.id]
    outer, plain = group(grace, groups.outer), group(grace, groups.plain)
    herself = person(grace, world.grace)
    attempts: dict[str, Callable[..., object]] = {
        "directly": partial(actions.assign_role, role=ROLE, target=herself),
        "own group": partial(actions.assign_role, role=ROLE, target=plain),
        "member of a role-giving group": partial(actions.add_member, target=outer, member=herself),
        "out of it": partial(actions.remove_member, target=outer, member=herself),
        "group deleted": partial(actions.delete_group, target=outer),
    }
    with pytest.raises(Refused):
        attempts[how](grace)
    assert roles_of([world.grace.id])[world.grace.id] == before
    assert AuditEvent.objects.filter(event=Event.ACCESS_DENIED, actor_id=world.grace.id).count() == 1


def test_the_last_administrators_group_keeps_its_last_member(world: SimpleNamespace, groups: SimpleNamespace) -> None:
    RoleAssignment.objects.create(tenant=world.contoso, group=groups.inner, role=Role.GLOBAL_ADMINISTRATOR)
    RoleAssignment.objects.filter(user__in=[world.grace, world.breakglass]).delete()
    GroupMember.objects.create(group=groups.inner, user=world.mia)
    with pytest.raises(Conflict):
        actions.remove_member(OPERATOR, target=group(OPERATOR, groups.inner), member=person(OPERATOR, world.mia))
    with pytest.raises(Conflict):
        actions.delete_group(OPERATOR, target=group(OPERATOR, groups.inner))
    GroupMember.objects.create(group=groups.inner, user=world.user2)
    actions.remove_member(OPERATOR, target=group(OPERATOR, groups.inner), member=person(OPERATOR, world.mia))


@pytest.mark.parametrize(("outer", "inner"), [("outer", "outer"), ("inner", "outer")])
def test_groups_never_contain_each_other(
    world: SimpleNamespace, groups: SimpleNamespace, outer: str, inner: str
) -> None:
    grace = acting(world.grace)
    target, member = group(grace, getattr(groups, outer)), group(grace, getattr(groups, inner))
    with pytest.raises(Invalid) as refused:
        actions.add_member(grace, target=target, member=member)
    assert refused.value.code == "group_circle"


def test_a_role_or_member_is_given_once_and_taken_once(world: SimpleNamespace, groups: SimpleNamespace) -> None:
    grace = acting(world.grace)
    mia, plain = person(grace, world.mia), group(grace, groups.plain)
    actions.assign_role(grace, role=ROLE, target=mia)
    with pytest.raises(Conflict):
        actions.assign_role(grace, role=ROLE, target=mia)
    actions.remove_role(grace, role=ROLE, target=mia)
    with pytest.raises(NotFound):
        actions.remove_role(grace, role=ROLE, target=mia)
    with pytest.raises(Conflict):
        actions.add_member(grace, target=plain, member=mia)
    actions.remove_member(grace, target=plain, member=mia)
    with pytest.raises(NotFound):
        actions.remove_member(grace, target=plain, member=mia)
    names = [Event.ROLE_ASSIGNED, Event.ROLE_REMOVED, Event.MEMBER_REMOVED]
    assert list(AuditEvent.objects.filter(event__in=names).order_by("id").values_list("event", flat=True)) == names


def test_groups_are_made_named_and_deleted(world: SimpleNamespace) -> None:
    grace = acting(world.grace)
    made = actions.create_group(grace, name="  Night   shift ", description="")
    assert (made.name, made.tenant_id) == ("Night shift", world.contoso.id)
    for name in ("night SHIFT", "", "x" * 257, "a\x00b"):
        with pytest.raises(Invalid) as refused:
            actions.create_group(grace, name=name)
        assert list(refused.value.fields) == ["name"]
    actions.update_group(grace, target=group(grace, made), changes={"name": "Day shift", "description": "Nine to five"})
    actions.delete_group(grace, target=group(grace, made))
    with pytest.raises(NotFound):
        actions.delete_group(grace, target=group(OPERATOR, made))
