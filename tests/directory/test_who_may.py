"""Who may change what of the directory: every role × act × standing, from one table."""

import re
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest

from accounts.access import Refused, reach_group
from accounts.authority import ADMINISTRATIVE_CHANGES, Actor, Reason, SessionFacts, TenantRules, decide
from accounts.enums import Act, MethodKind, RequiredStrength, Role, Standing
from accounts.models import Group, GroupMember, RoleAssignment
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from core.errors import NotFound
from directory import actions
from tests.conftest import OPERATOR
from tests.directory.people import acting, group, person

# s himself, m a member or a group that gives no role, a an administrator or a group that gives one.
TABLE = """
                      | GA  | PAA | AA | UA | APA | GR | operator
USERS_CREATE          | m   |     |    | m  |     |    | ma
USERS_UPDATE          | sma |     |    | m  |     |    | ma
USERS_DISABLE         | ma  |     |    | m  |     |    | ma
USERS_DELETE          | ma  |     |    | m  |     |    | ma
USERS_RESTORE         | ma  |     |    | m  |     |    | ma
GROUPS_MANAGE         | ma  |     |    | m  |     |    | ma
ROLES_ASSIGN          | ma  |     |    |    |     |    | ma
TENANT_CONFIGURE      | m   |     |    |    |     |    |
TENANTS_CREATE        |     |     |    |    |     |    | ma
DOMAINS_MANAGE        | m   |     |    |    |     |    | ma
DOMAINS_VERIFY        |     |     |    |    |     |    | ma
"""
ROLES = {
    "GA": Role.GLOBAL_ADMINISTRATOR,
    "PAA": Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    "AA": Role.AUTHENTICATION_ADMINISTRATOR,
    "UA": Role.USER_ADMINISTRATOR,
    "APA": Role.AUTHENTICATION_POLICY_ADMINISTRATOR,
    "GR": Role.GLOBAL_READER,
}
STANDINGS = {"s": Standing.SELF, "m": Standing.MEMBER, "a": Standing.ADMIN}


def rows() -> dict[str, dict[str, str]]:
    head, *lines = [re.split(r"\s*\|\s*", line) for line in TABLE.strip("\n").splitlines()]
    return {line[0]: dict(zip(head[1:], line[1:], strict=True)) for line in lines}


def holder(role: Role | None, *, minutes_ago: int = 0, method: MethodKind = MethodKind.FIDO2) -> Actor:
    now = clock.now()
    tenant = TenantRules(uuid4(), "Contoso", RequiredStrength.LASTING_METHOD, 60, 15)
    began = now - timedelta(minutes=minutes_ago)
    session = SessionFacts(uuid4(), method, None, began, now + timedelta(hours=1), None)
    return Actor(user_id=uuid4(), tenant=tenant, roles=frozenset([role] if role else []), session=session)


CELLS = [
    pytest.param(Act[act], who, standing, letter in cell, id=f"{who}-{act}-{standing}".lower())
    for act, cells in rows().items()
    for who, cell in cells.items()
    for letter, standing in STANDINGS.items()
]


def test_the_table_has_every_role_and_every_act_of_the_directory() -> None:
    assert set(ROLES.values()) == set(Role)
    changing = {act for act in ADMINISTRATIVE_CHANGES if act.value.startswith("accounts:")} - {Act.SESSIONS_REVOKE}
    assert {Act[act] for act in rows()} == changing


@pytest.mark.parametrize(("act", "who", "standing", "may"), CELLS)
def test_a_decision_obeys_the_table(act: Act, who: str, standing: Standing, may: bool) -> None:
    actor = OPERATOR if who == "operator" else holder(ROLES[who])
    assert decide(actor, act, standing, now=clock.now()).is_allowed is may


@pytest.mark.parametrize("act", [Act[act] for act in rows()])
def test_who_holds_no_role_changes_nothing(act: Act) -> None:
    for standing in Standing:
        assert decide(holder(None), act, standing, now=clock.now()).reason is Reason.NO_ROLE


@pytest.mark.parametrize("act", [Act[act] for act, cells in rows().items() if cells["GA"]])
def test_every_change_needs_a_fresh_and_lasting_sign_in(act: Act) -> None:
    """A10: as for passes and policies."""
    role, now = Role.GLOBAL_ADMINISTRATOR, clock.now()
    stale, by_pass = holder(role, minutes_ago=61), holder(role, method=MethodKind.TEMPORARY_ACCESS_PASS)
    assert decide(stale, act, Standing.MEMBER, now=now).reason is Reason.SIGN_IN_NOT_FRESH
    assert decide(by_pass, act, Standing.MEMBER, now=now).reason is Reason.SIGN_IN_TOO_WEAK


@pytest.mark.parametrize("through", ["itself", "the group it stands in"])
def test_a_group_that_gives_a_role_is_an_administrators(world: SimpleNamespace, through: str) -> None:
    """A User Administrator could otherwise make anybody an administrator by membership."""
    RoleAssignment.objects.create(tenant=world.contoso, user=world.mia, role=Role.USER_ADMINISTRATOR)
    giving = Group.objects.create(tenant=world.contoso, name="Desk", created_at=clock.now())
    RoleAssignment.objects.create(tenant=world.contoso, group=giving, role=Role.AUTHENTICATION_ADMINISTRATOR)
    inner = Group.objects.create(tenant=world.contoso, name="Desk, night", created_at=clock.now())
    GroupMember.objects.create(group=giving, child=inner)
    target = giving if through == "itself" else inner
    mia = acting(world.mia)
    with pytest.raises(Refused) as refused:
        actions.add_member(mia, target=group(mia, target), member=person(mia, world.user2))
    assert refused.value.needed == [Role.GLOBAL_ADMINISTRATOR]
    with pytest.raises(Refused):
        actions.update_group(mia, target=group(mia, target), changes={"name": "Mine"})
    with pytest.raises(Refused):
        actions.delete_group(mia, target=group(mia, target))
    assert AuditEvent.objects.filter(event=Event.ACCESS_DENIED, target_id=target.id).count() == 3
    grace = acting(world.grace)
    actions.add_member(grace, target=group(grace, target), member=person(grace, world.user2))
    assert GroupMember.objects.filter(group=target, user=world.user2).exists()


def test_a_user_administrator_moves_no_administrator_between_groups(world: SimpleNamespace) -> None:
    """Or he could take the emergency account out of the group that keeps policies away from it."""
    RoleAssignment.objects.create(tenant=world.contoso, user=world.mia, role=Role.USER_ADMINISTRATOR)
    mia, emergency = acting(world.mia), world.groups["Break glass"]
    with pytest.raises(Refused):
        actions.remove_member(mia, target=group(mia, emergency), member=person(mia, world.breakglass))
    assert GroupMember.objects.filter(group=emergency, user=world.breakglass).exists()


def test_a_group_of_another_tenant_is_not_found(world: SimpleNamespace) -> None:
    """E09: nor can a member come from there, whoever asks."""
    theirs = Group.objects.create(tenant=world.fabrikam, name="Fabrikam", created_at=clock.now())
    grace = acting(world.grace)
    for act in (Act.DIRECTORY_VIEW, Act.GROUPS_MANAGE):
        with pytest.raises(NotFound):
            reach_group(grace, theirs.id, act)
    with pytest.raises(NotFound):
        actions.add_member(OPERATOR, target=group(OPERATOR, theirs), member=person(OPERATOR, world.mia))
    assert not GroupMember.objects.filter(group=theirs).exists()
