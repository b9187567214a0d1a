"""Who may do what to whose pass: every role against every kind of person, through the actions and the command line.

The table is written from the specification's list of roles, not from the product's own matrix.
"""

import json
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from accounts.access import ConfirmationNeeded, Refused, actor_of, reach
from accounts.authority import Actor, Reason
from accounts.enums import Act, MethodKind, RequiredStrength, Role, UserKind
from accounts.models import Group, GroupMember, RoleAssignment, SignInSession, Tenant, User
from accounts.sessions import Opening, open_session
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core import clock
from core.errors import Invalid, NotFound
from tap import actions
from tap.actions import Issued
from tap.models import TemporaryAccessPass

GivePass = Callable[..., Issued]
Run = Callable[..., tuple[int, str, str]]
ROLES: dict[str, Role | None] = {
    "global administrator": Role.GLOBAL_ADMINISTRATOR,
    "privileged authentication administrator": Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR,
    "authentication administrator": Role.AUTHENTICATION_ADMINISTRATOR,
    "user administrator": Role.USER_ADMINISTRATOR,
    "authentication policy administrator": Role.AUTHENTICATION_POLICY_ADMINISTRATOR,
    "global reader": Role.GLOBAL_READER,
    "nobody": None,
}
# I issue, D delete, V view. "admins" are holders of any role whatever.
TABLE = """
                                        | himself | members | internal guests | admins
global administrator                    | V       | IDV     | IDV             | IDV
privileged authentication administrator | V       | IDV     | IDV             | IDV
authentication administrator            | V       | IDV     | IDV             |
user administrator                      |         |         |                 |
authentication policy administrator     |         |         |                 |
global reader                           | V       | V       | V               | V
nobody                                  |         |         |                 |
"""
LETTERS = {"issue": "I", "delete": "D", "show": "V"}
ACTS = {"issue": Act.PASS_ISSUE, "delete": Act.PASS_DELETE, "show": Act.PASS_VIEW}
TARGETS = ["himself", "member", "internal guest", *(name for name in ROLES if name != "nobody")]
COLUMN = {"himself": 0, "member": 1, "internal guest": 2}


def read_table() -> dict[str, list[str]]:
    lines = [line.split("|") for line in TABLE.strip("\n").splitlines()[1:]]
    return {line[0].strip(): [cell.strip() for cell in line[1:]] for line in lines}


CELLS = [
    pytest.param(
        actor,
        todo,
        target,
        LETTERS[todo] in cells[COLUMN.get(target, 3)],
        id=f"{actor}-{todo}-{target}".replace(" ", "_"),
    )
    for actor, cells in read_table().items()
    for todo in ACTS
    for target in TARGETS
]


def newcomer(tenant: Tenant, name: str, role: Role | None = None, kind: UserKind = UserKind.MEMBER) -> User:
    user = User.objects.create(
        tenant=tenant, upn=f"{name}@contoso.com", display_name=name.title(), kind=kind, created_at=clock.now()
    )
    if role:
        RoleAssignment.objects.create(tenant=tenant, user=user, role=role)
    return user


def signed_in(user: User, method: MethodKind = MethodKind.FIDO2) -> Actor:
    session, _ = open_session(Opening(user=user, method=method, credential_id=None), now=clock.now())
    return actor_of(SignInSession.objects.select_related("user", "tenant").get(pk=session.pk))


def two_people(world: SimpleNamespace, actor: str, target: str) -> tuple[User, User]:
    doer = newcomer(world.contoso, "doer", ROLES[actor])
    if target == "himself":
        return doer, doer
    kind = UserKind.INTERNAL_GUEST if target == "internal guest" else UserKind.MEMBER
    return doer, newcomer(world.contoso, "person", ROLES.get(target), kind)


def open_pass(user: User) -> TemporaryAccessPass | None:
    return TemporaryAccessPass.objects.open().filter(user=user).first()


def denials(doer: User) -> list[AuditEvent]:
    return list(AuditEvent.objects.filter(event=Event.ACCESS_DENIED, actor_id=doer.id))


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Run:
    """Run ``manage.py tap …`` and return its exit code and what it printed."""

    def run_it(*words: str) -> tuple[int, str, str]:
        code = 0
        try:
            call_command("tap", *words)
        except SystemExit as leaving:
            code = int(str(leaving.code))
        said = capsys.readouterr()
        return code, said.out, said.err

    return run_it


def test_the_table_has_every_role_there_is() -> None:
    assert {role for role in ROLES.values() if role} == set(Role)
    assert set(read_table()) == set(ROLES)


@pytest.mark.parametrize(("actor", "todo", "target", "may"), CELLS)
def test_an_action_obeys_the_table(
    world: SimpleNamespace, give_pass: GivePass, actor: str, todo: str, target: str, may: bool
) -> None:
    """A08, A09: through the actions, in a fresh and strong session."""
    doer, person = two_people(world, actor, target)
    before = give_pass(person).issued

    def act() -> None:
        reached = reach(signed_in(doer), person.id, ACTS[todo])
        if todo == "issue":
            actions.issue(reached.actor, target=reached)
        elif todo == "delete":
            actions.delete(reached.actor, target=reached, pass_id=before.id)

    if may:
        act()
        now = open_pass(person)
        assert {"issue": now is not None and now != before, "delete": now is None, "show": now == before}[todo]
    else:
        with pytest.raises(Refused):
            act()
        assert open_pass(person) == before
    assert [(one.outcome, one.target_id) for one in denials(doer)] == ([] if may else [(Outcome.DENIED, person.id)])


@pytest.mark.parametrize(("actor", "todo", "target", "may"), CELLS)
def test_the_command_line_obeys_the_table(
    world: SimpleNamespace, give_pass: GivePass, run: Run, actor: str, todo: str, target: str, may: bool
) -> None:
    """A08, A09: through `manage.py tap … --as`."""
    doer, person = two_people(world, actor, target)
    before = give_pass(person)
    code, out, err = run(todo, person.upn, "--as", doer.upn, "--json")
    assert before.code not in out + err
    if may:
        assert code == 0
        assert ("temporaryAccessPass" in json.loads(out)) is (todo == "issue")
    else:
        assert (code, out) == (4, "")
        assert json.loads(err)["error"]["code"] in {Reason.NO_ROLE, Reason.TARGET_IS_SELF, Reason.TARGET_IS_ADMIN}
        assert open_pass(person) == before.issued
    assert len(denials(doer)) == (0 if may else 1)


@pytest.mark.parametrize("actor", list(ROLES))
def test_nobody_issues_to_himself_and_is_told_so(world: SimpleNamespace, actor: str) -> None:
    """A08: self-issue is refused for every role."""
    doer = newcomer(world.contoso, "doer", ROLES[actor])
    with pytest.raises(Refused) as refused:
        reach(signed_in(doer), doer.id, Act.PASS_ISSUE)
    can_issue = any("I" in cell for cell in read_table()[actor])
    assert refused.value.reason is (Reason.TARGET_IS_SELF if can_issue else Reason.NO_ROLE)


@pytest.mark.parametrize("todo", list(ACTS))
@pytest.mark.parametrize("actor", [name for name in ROLES if name != "nobody"])
def test_a_person_of_another_tenant_is_not_found(
    world: SimpleNamespace, give_pass: GivePass, run: Run, actor: str, todo: str
) -> None:
    """A08, E09: the answer is that for a name nobody has."""
    give_pass(world.vera_home)
    doer = newcomer(world.contoso, "doer", ROLES[actor])
    with pytest.raises(NotFound):
        reach(signed_in(doer), world.vera_home.id, ACTS[todo])
    theirs = run(todo, world.vera_home.upn, "--as", doer.upn, "--json")
    nobodys = run(todo, "nobody@fabrikam.com", "--as", doer.upn, "--json")
    assert theirs == nobodys
    assert theirs[0] == 3
    assert open_pass(world.vera_home) is not None


@pytest.mark.parametrize("through", ["directly", "a group", "a nested group"])
def test_a_role_held_through_a_group_makes_an_admin(world: SimpleNamespace, through: str) -> None:
    """A09: an Authentication Administrator cannot reach somebody who is an administrator by membership."""
    assert reach(signed_in(world.amir), world.mia.id, Act.PASS_ISSUE).user == world.mia
    outer = Group.objects.create(tenant=world.contoso, name="Outer", created_at=clock.now())
    inner = Group.objects.create(tenant=world.contoso, name="Inner", created_at=clock.now())
    GroupMember.objects.create(group=outer, child=inner)
    holder = {"directly": {"user": world.mia}, "a group": {"group": inner}, "a nested group": {"group": outer}}[through]
    GroupMember.objects.create(group=inner, user=world.mia)
    RoleAssignment.objects.create(tenant=world.contoso, role=Role.GLOBAL_READER, **holder)
    with pytest.raises(Refused) as refused:
        reach(signed_in(world.amir), world.mia.id, Act.PASS_ISSUE)
    assert refused.value.reason is Reason.TARGET_IS_ADMIN
    assert refused.value.needed == [Role.PRIVILEGED_AUTHENTICATION_ADMINISTRATOR, Role.GLOBAL_ADMINISTRATOR]


@pytest.mark.parametrize("who", ["grace", "priya", "amir"])
def test_an_external_guest_gets_no_pass_in_exactly_these_words(world: SimpleNamespace, run: Run, who: str) -> None:
    """A08: the specification's text."""
    words = "Temporary Access Pass cannot be added to an external guest user"
    reached = reach(signed_in(getattr(world, who)), world.vera_external.id, Act.PASS_ISSUE)
    with pytest.raises(Invalid) as refused:
        actions.issue(reached.actor, target=reached)
    assert str(refused.value.message) == words
    code, out, err = run("issue", world.vera_external.upn, "--as", getattr(world, who).upn)
    assert (code, out, err.strip()) == (5, "", f"tap: {words}")
    assert open_pass(world.vera_external) is None


def test_an_internal_guest_gets_one_like_anybody(world: SimpleNamespace) -> None:
    reached = reach(signed_in(world.amir), world.gil.id, Act.PASS_ISSUE)
    made = actions.issue(reached.actor, target=reached)
    assert actions.verify(Actor(address="203.0.113.9"), upn=world.gil.upn, typed=made.code).user == world.gil


def test_a_disabled_user_gets_no_pass(world: SimpleNamespace) -> None:
    """A08."""
    User.objects.filter(pk=world.mia.pk).update(is_enabled=False)
    reached = reach(signed_in(world.grace), world.mia.id, Act.PASS_ISSUE)
    with pytest.raises(Invalid) as refused:
        actions.issue(reached.actor, target=reached)
    assert refused.value.code == "user_disabled"
    assert open_pass(world.mia) is None


def test_a_person_deletes_his_own_pass_and_nobody_elses(world: SimpleNamespace, give_pass: GivePass) -> None:
    own, other = give_pass(world.mia).issued, give_pass(world.tapuser).issued
    mia = Actor(user_id=world.mia.id, upn=world.mia.upn)
    with pytest.raises(NotFound):
        actions.delete_own(mia, user=world.tapuser, pass_id=other.id)
    with pytest.raises(NotFound):
        actions.delete_own(mia, user=world.mia, pass_id=other.id)
    actions.delete_own(mia, user=world.mia, pass_id=own.id)
    assert (open_pass(world.mia), open_pass(world.tapuser)) == (None, other)


@pytest.mark.parametrize(
    ("required", "method", "may"),
    [
        (RequiredStrength.MULTI_FACTOR, MethodKind.PASSWORD, False),
        (RequiredStrength.MULTI_FACTOR, MethodKind.TEMPORARY_ACCESS_PASS, True),
        (RequiredStrength.MULTI_FACTOR, MethodKind.FIDO2, True),
        (RequiredStrength.LASTING_METHOD, MethodKind.PASSWORD, False),
        (RequiredStrength.LASTING_METHOD, MethodKind.TEMPORARY_ACCESS_PASS, False),
        (RequiredStrength.LASTING_METHOD, MethodKind.FIDO2, True),
        (RequiredStrength.PHISHING_RESISTANT, MethodKind.TEMPORARY_ACCESS_PASS, False),
        (RequiredStrength.PHISHING_RESISTANT, MethodKind.FIDO2, True),
    ],
)
def test_an_issuer_needs_the_sign_in_his_tenant_demands(
    world: SimpleNamespace, required: RequiredStrength, method: MethodKind, may: bool
) -> None:
    """A10: where the tenant demands a lasting method, a session made by a pass issues nothing."""
    Tenant.objects.filter(pk=world.contoso.pk).update(issuer_strength=required)
    grace = signed_in(world.grace, method)
    if may:
        reached = reach(grace, world.mia.id, Act.PASS_ISSUE)
        assert actions.issue(grace, target=reached).issued.issuer_id == world.grace.id
    else:
        with pytest.raises(ConfirmationNeeded) as needed:
            reach(grace, world.mia.id, Act.PASS_ISSUE)
        assert needed.value.reason is Reason.SIGN_IN_TOO_WEAK
        assert open_pass(world.mia) is None
