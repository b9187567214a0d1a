"""People are created, changed, disabled, deleted and restored; whatever they had ends with it at once."""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest
import time_machine
from django.urls import reverse

from accounts import queries
from accounts.access import Refused, reach, reach_deleted, reach_upn
from accounts.enums import Act, MethodKind, Role, SessionEnd, TargetSide, UserKind
from accounts.memberships import roles_of
from accounts.models import GroupMember, MethodTarget, SignInSession, Tenant, User
from accounts.targeting import replace_targets, targets_of
from audit.enums import Event
from audit.models import AuditEvent
from authmethods.models import Passkey
from core import clock
from core.errors import Conflict, Invalid, NotFound, NotUsable
from directory import actions, rules
from directory.queries import deleted_users
from directory.rules import Profile
from tap import actions as tap
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.authmethods.test_center_home import passkey_of
from tests.conftest import OPERATOR, SignIn
from tests.directory.people import acting, give, is_in, person
from tests.drive import enter_pass, name_oneself
from tests.signin.test_enumeration import seen, stranger

GivePass = Callable[..., Issued]
DOMAINS = ["contoso.com", "fed.contoso.com"]


def event(name: Event) -> AuditEvent:
    return AuditEvent.objects.filter(event=name).latest("id")


def delete(world: SimpleNamespace, user: User) -> None:
    grace = acting(world.grace)
    actions.delete_user(grace, target=person(grace, user))


@pytest.mark.parametrize(
    ("upn", "problem"),
    [
        ("ann@contoso.com", None),
        ("ann.o'neil-2_x@fed.contoso.com", None),
        ("", "empty"),
        ("ann", "no_domain"),
        ("@contoso.com", "no_domain"),
        ("ann@fabrikam.com", "foreign_domain"),
        ("ann@unverified.contoso.com", "foreign_domain"),
        ("ann@contoso.com.", "foreign_domain"),
        (".ann@contoso.com", "local_part"),
        ("ann.@contoso.com", "local_part"),
        ("an..n@contoso.com", "local_part"),
        ("an n@contoso.com", "local_part"),
        ("änn@contoso.com", "local_part"),
        ("\u0430nn@contoso.com", "local_part"),  # Cyrillic a
        ("ann@contoso.com@contoso.com", "local_part"),
        ("ann\x00@contoso.com", "local_part"),
        ("a" * 64 + "@contoso.com", None),
        ("a" * 65 + "@contoso.com", "too_long"),
    ],
)
def test_what_a_user_name_may_be(upn: str, problem: str | None) -> None:
    assert rules.upn_problem(upn, domains=DOMAINS) == problem


@pytest.mark.parametrize(
    ("field", "value", "problem"),
    [
        ("display_name", "", "empty"),
        ("display_name", "x" * 257, "too_long"),
        ("display_name", "Ann\u202enn", "not_plain"),
        ("display_name", "Ann \x07", "not_plain"),
        ("mail", "no mail", "mail"),
        ("mail", "ann@example.com\nBcc: x@example.com", "mail"),
        ("mail", "", None),
        ("language", "tlh", "language"),
        ("time_zone", "Mars/Olympus", "time_zone"),
        ("time_zone", "../../etc/passwd", "time_zone"),
        ("time_zone", "Europe/Berlin", None),
        ("kind", UserKind.EXTERNAL_GUEST, "kind"),
        ("kind", UserKind.INTERNAL_GUEST, None),
    ],
)
def test_what_an_account_may_say(field: str, value: str, problem: str | None) -> None:
    profile = Profile(**{"display_name": "Ann", "upn": "ann@contoso.com", field: value})  # type: ignore[arg-type]
    found = rules.profile_problems(profile, changed=rules.PROFILE_FIELDS, domains=DOMAINS)
    assert found == ({field: problem} if problem else {})


def test_it_makes_an_account(world: SimpleNamespace) -> None:
    profile = Profile(" Ann   Example ", " Ann@CONTOSO.com ", mail="ann@example.org", time_zone="Asia/Tokyo")
    made = actions.create_user(acting(world.grace), profile=profile)
    user = User.objects.get(pk=made.pk)
    assert (user.display_name, user.upn, user.upn_key) == ("Ann Example", "Ann@contoso.com", "ann@contoso.com")
    assert (user.tenant, user.is_enabled, user.has_password) == (world.contoso, True, False)
    assert event(Event.USER_CREATED).detail["new"]["upn"] == "Ann@contoso.com"
    assert [found.id for found in queries.find_users(world.contoso.id, "ann exam")] == [user.id]


@pytest.mark.parametrize("upn", ["MIA@contoso.com", "ｍｉａ@contoso.com", "zed@fabrikam.com"])
def test_a_user_name_is_nobody_elses(world: SimpleNamespace, upn: str) -> None:
    with pytest.raises(Invalid) as refused:
        actions.create_user(acting(world.grace), profile=Profile("Ann", upn))
    assert list(refused.value.fields) == ["upn"]
    assert not User.objects.filter(display_name="Ann").exists()


def test_it_changes_what_differs_and_keeps_the_old_values(world: SimpleNamespace) -> None:
    grace = acting(world.grace)
    changes = {"display_name": "Mia Moreau", "upn": "mia.moreau@contoso.com", "mail": world.mia.mail}
    actions.update_user(grace, target=person(grace, world.mia), changes=changes)
    assert reach_upn(grace, "MIA.moreau@contoso.com", Act.DIRECTORY_VIEW).user == world.mia
    assert event(Event.USER_UPDATED).detail == {
        "old": {"display_name": "Mia Fontaine", "upn": "mia@contoso.com"},
        "new": {"display_name": "Mia Moreau", "upn": "mia.moreau@contoso.com"},
    }
    before = AuditEvent.objects.count()
    actions.update_user(grace, target=person(grace, world.mia), changes=changes)
    assert AuditEvent.objects.count() == before


def test_a_guest_from_elsewhere_stays_one(world: SimpleNamespace) -> None:
    grace = acting(world.grace)
    vera = person(grace, world.vera_external)
    assert actions.update_user(grace, target=vera, changes={"display_name": "Vera N."}).display_name == "Vera N."
    with pytest.raises(Invalid):
        actions.update_user(grace, target=vera, changes={"kind": UserKind.MEMBER})
    with pytest.raises(Invalid):
        actions.update_user(grace, target=person(grace, world.mia), changes={"kind": UserKind.EXTERNAL_GUEST})


@pytest.mark.parametrize("how", ["disable", "delete"])
def test_pass_and_sessions_end_with_it_on_the_next_request(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, how: str
) -> None:
    """B10: in the same transaction, and for good: enabling or restoring brings neither back."""
    made = give_pass(world.mia)
    by_pass = as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=made.issued.id)
    by_key = as_(world.mia)
    assert is_in(by_pass)
    assert is_in(by_key)
    grace = acting(world.grace)
    if how == "disable":
        actions.set_enabled(grace, target=person(grace, world.mia), is_enabled=False)
    else:
        actions.delete_user(grace, target=person(grace, world.mia))
    assert not is_in(by_pass)
    assert not is_in(by_key)
    assert TemporaryAccessPass.objects.get(pk=made.issued.pk).verifier == ""
    ended = event(Event.PASS_DELETED)
    assert (ended.actor_name, ended.target_id) == (world.grace.upn, world.mia.id)
    assert ended.reason == {"disable": "user_disabled", "delete": "user_deleted"}[how]
    if how == "disable":
        actions.set_enabled(grace, target=person(grace, world.mia), is_enabled=True)
    else:
        actions.restore_user(grace, target=reach_deleted(grace, world.mia.id, Act.USERS_RESTORE))
    assert not is_in(by_pass)
    assert not is_in(by_key)
    with pytest.raises(NotUsable):
        tap.verify(OPERATOR, upn=world.mia.upn, typed=made.code)
    assert is_in(as_(world.mia))


@pytest.mark.parametrize("what", ["user", "tenant"])
def test_a_session_is_judged_though_nobody_ended_it(world: SimpleNamespace, as_: SignIn, what: str) -> None:
    """B10: whatever way the fact came into the table."""
    client = as_(world.mia)
    if what == "user":
        User.objects.filter(pk=world.mia.pk).update(deleted_at=clock.now())
    else:
        Tenant.objects.filter(pk=world.contoso.pk).update(is_enabled=False)
    assert not is_in(client)
    assert SignInSession.objects.get(user=world.mia).revoked_reason == ""


def test_a_lost_role_is_lost_on_the_next_request(world: SimpleNamespace, as_: SignIn) -> None:
    """B10."""
    amir = as_(world.amir)
    assert amir.get(reverse("accounts:users")).status_code == 200
    grace = acting(world.grace)
    actions.remove_role(grace, role=Role.AUTHENTICATION_ADMINISTRATOR, target=person(grace, world.amir))
    assert amir.get(reverse("accounts:users")).status_code == 403


def test_no_pass_is_issued_for_who_was_deleted_meanwhile(world: SimpleNamespace) -> None:
    reached = person(OPERATOR, world.mia)
    delete(world, world.mia)
    with pytest.raises(NotFound):
        tap.issue(OPERATOR, target=reached)
    assert not TemporaryAccessPass.objects.filter(user=world.mia).exists()


def test_a_deleted_person_is_nowhere_but_among_the_deleted(world: SimpleNamespace, as_: SignIn) -> None:
    GroupMember.objects.create(group=world.groups["Break glass"], user=world.mia)
    give(world.mia, Role.GLOBAL_READER)
    delete(world, world.mia)
    grace = as_(world.grace)
    pages = {
        "users": "",
        "users?": "?q=fontaine",
        "upn": "?q=mia@contoso.com",
        "principals": "?q=mia",
    }
    for name, query in pages.items():
        url = reverse("accounts:principals" if name == "principals" else "accounts:users")
        answer = grace.get(url + query, headers={"Accept": "application/json"} if name == "principals" else {})
        assert "Mia Fontaine" not in answer.content.decode(), name
    for url in (
        reverse("accounts:group", args=[world.groups["Break glass"].id]),
        reverse("accounts:role", args=[Role.GLOBAL_READER.value]),
    ):
        assert "Mia Fontaine" not in grace.get(url).content.decode()
    assert grace.get(reverse("accounts:user", args=[world.mia.id])).status_code == 404
    assert roles_of([world.mia.id])[world.mia.id] == frozenset()
    counts = {one.role: one.count.number for one in queries.role_counts(world.contoso.id)}
    assert counts[Role.GLOBAL_READER] == 1
    with pytest.raises(NotFound):
        reach_upn(OPERATOR, world.mia.upn, Act.DIRECTORY_VIEW)
    assert [user.id for user in deleted_users(world.contoso.id, now=clock.now()).rows] == [world.mia.id]
    assert deleted_users(world.fabrikam.id, now=clock.now()).rows == []


def test_restored_with_all_that_was_not_ended(world: SimpleNamespace) -> None:
    method, lines = MethodKind.TEMPORARY_ACCESS_PASS, MethodTarget.objects
    GroupMember.objects.create(group=world.groups["Contractors"], user=world.mia)
    lines.create(tenant=world.contoso, method=method, side=TargetSide.EXCLUDE, user=world.mia)
    passkey_of(world.mia, clock.now())
    delete(world, world.mia)
    assert world.mia.id not in {line.user_id for line in targets_of(world.contoso.id, method)}
    replace_targets(world.contoso.id, method, targets_of(world.contoso.id, method))
    grace = acting(world.grace)
    actions.restore_user(grace, target=reach_deleted(grace, world.mia.id, Act.USERS_RESTORE))
    assert reach_upn(grace, world.mia.upn, Act.DIRECTORY_VIEW).user == world.mia
    assert GroupMember.objects.filter(group=world.groups["Contractors"], user=world.mia).exists()
    assert world.mia.id in {line.user_id for line in targets_of(world.contoso.id, method)}
    assert Passkey.objects.filter(user=world.mia).count() == 1


def test_the_user_name_is_free_again_and_then_not_the_deleted_ones(world: SimpleNamespace) -> None:
    delete(world, world.mia)
    grace = acting(world.grace)
    actions.create_user(grace, profile=Profile("Mia Second", "mia@contoso.com"))
    deleted = reach_deleted(grace, world.mia.id, Act.USERS_RESTORE)
    with pytest.raises(Invalid) as refused:
        actions.restore_user(grace, target=deleted)
    assert refused.value.code == "upn_taken"
    assert actions.restore_user(grace, target=deleted, upn="mia2@contoso.com").upn_key == "mia2@contoso.com"


def test_after_thirty_days_nobody_restores_and_housekeeping_erases(world: SimpleNamespace, give_pass: GivePass) -> None:
    with time_machine.travel(clock.now(), tick=False) as traveller:
        delete(world, world.mia)
        traveller.shift(timedelta(days=30) - timedelta(seconds=1))
        assert actions.erase_deleted(now=clock.now()) == 0
        traveller.shift(timedelta(seconds=1))
        grace = acting(world.grace)
        assert deleted_users(world.contoso.id, now=clock.now()).rows == []
        with pytest.raises(NotFound):
            actions.restore_user(grace, target=reach_deleted(grace, world.mia.id, Act.USERS_RESTORE))
        assert actions.erase_deleted(now=clock.now()) == 1
    assert not User.everyone.filter(pk=world.mia.pk).exists()
    assert event(Event.USER_ERASED).target_name == world.mia.upn


def test_who_may_not_touch_administrators_restores_none(world: SimpleNamespace) -> None:
    delete(world, world.noor)
    give(world.mia, Role.USER_ADMINISTRATOR)
    with pytest.raises(Refused):
        reach_deleted(acting(world.mia), world.noor.id, Act.USERS_RESTORE)
    with pytest.raises(NotFound):
        reach_deleted(acting(world.zed), world.noor.id, Act.USERS_RESTORE)


def test_a_deleted_persons_sign_in_looks_like_nobodys(world: SimpleNamespace) -> None:
    """C04: at the identifier and at the pass."""
    delete(world, world.mia)

    def whole_way(upn: str) -> list[object]:
        browser = stranger()
        return [seen(name_oneself(browser, upn), upn), seen(enter_pass(browser, upn, "WRNGWRNG"), upn)]

    # Of one name and one moment: what is offered is drawn by the name (signin.actions._made_up).
    deleted = whole_way("mia@contoso.com")
    User.everyone.filter(pk=world.mia.pk).delete()
    assert whole_way("mia@contoso.com") == deleted


@pytest.mark.parametrize("how", ["disable", "delete", "role"])
def test_the_last_global_administrator_stays(world: SimpleNamespace, how: str) -> None:
    """Whoever asks, the operator too."""
    actions.delete_user(OPERATOR, target=person(OPERATOR, world.breakglass))
    grace = person(OPERATOR, world.grace)
    attempts: dict[str, Callable[..., object]] = {
        "disable": partial(actions.set_enabled, is_enabled=False),
        "delete": actions.delete_user,
        "role": partial(actions.remove_role, role=Role.GLOBAL_ADMINISTRATOR),
    }
    with pytest.raises(Conflict) as refused:
        attempts[how](OPERATOR, target=grace)
    assert refused.value.code == "last_global_administrator"
    assert Role.GLOBAL_ADMINISTRATOR in roles_of([world.grace.id])[world.grace.id]
    assert reach(OPERATOR, world.grace.id, Act.DIRECTORY_VIEW).user.is_enabled


def test_session_end_is_told_alike() -> None:
    """What ended it is the administrators' to know."""
    assert SessionEnd.USER_DELETED.label == SessionEnd.USER_DISABLED.label
