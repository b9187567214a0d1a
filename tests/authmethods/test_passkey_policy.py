"""What the passkey policy lets people do, judged whenever they do it, and who may change it."""

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest

from accounts.access import Refused
from accounts.enums import MethodKind, TargetSide
from accounts.models import MethodTarget, SignInSession, User
from accounts.targeting import Scope, Target
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from authmethods import actions, rules
from authmethods import policy as passkeys
from authmethods.catalogue import methods_of
from authmethods.enums import PasskeyBlock, PolicyProblem
from authmethods.method_policies import change_passkey_policy, reset_passkey_policy
from authmethods.models import Passkey, PasskeyPolicy
from core import clock
from core.errors import Conflict, Denied, Invalid, NotUsable
from signin.actions import identify
from tests.authmethods.steps import NOBODY, actor, begin, finish, make_key, register, sign_in
from tests.conftest import SignIn

KEY, OTHER = UUID("2fc0579f-8113-47ea-b116-bb5a8db9202a"), UUID("bada5566-a7aa-401f-bd96-45619a55120d")
EVERYBODY, GROUP = Target(TargetSide.INCLUDE), UUID(int=7)
IN, OUT = Scope(EVERYBODY), Scope()
EXCLUDED = Scope(EVERYBODY, Target(TargetSide.EXCLUDE, group_id=GROUP))


def restricted(enforcement: str, *models: UUID) -> dict[str, Any]:
    return {"is_key_restricted": True, "enforcement": enforcement, "aaguids": [str(one) for one in models]}


# --- the rules --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "scope", "sign_in_block", "registration"),
    [
        ({}, IN, "", ""),
        ({}, OUT, "not_in_scope", "not_in_scope"),
        ({}, EXCLUDED, "excluded", "excluded"),
        ({"is_enabled": False}, EXCLUDED, "method_off", "method_off"),
        ({"is_self_service_allowed": False}, IN, "", "self_service_off"),
        ({"is_attestation_enforced": True}, IN, "", ""),
        (restricted("block", KEY), IN, "model_blocked", ""),
        (restricted("block", OTHER), IN, "", ""),
        (restricted("allow", KEY), IN, "", ""),
        (restricted("allow", OTHER), IN, "model_not_allowed", ""),
        (restricted("block", KEY) | {"is_key_restricted": False}, IN, "", ""),
    ],
)
def test_what_the_policy_says(settings: Mapping[str, Any], scope: Scope, sign_in_block: str, registration: str) -> None:
    policy = PasskeyPolicy(**settings)
    assert rules.passkey_block(policy, scope, KEY) == sign_in_block
    assert rules.registration_block(policy, scope) == registration


def test_a_model_that_is_not_told_is_on_no_list() -> None:
    """So that only an allow list keeps such passkeys out."""
    untold = UUID(int=0)
    assert rules.passkey_block(PasskeyPolicy(**restricted("allow", KEY)), IN, untold) is PasskeyBlock.MODEL_NOT_ALLOWED
    assert rules.passkey_block(PasskeyPolicy(**restricted("block", KEY)), IN, untold) is PasskeyBlock.NONE


@pytest.mark.parametrize(
    ("settings", "problems"),
    [
        (restricted("allow", KEY), {}),
        ({"aaguids": [str(KEY).upper(), OTHER.hex]}, {}),
        ({"aaguids": [str(KEY), KEY.hex]}, {"aaguids": PolicyProblem.MODEL_TWICE}),
        ({"aaguids": ["nonsense"]}, {"aaguids": PolicyProblem.NOT_AN_AAGUID}),
        ({"aaguids": [str(KEY) + "\n0"]}, {"aaguids": PolicyProblem.NOT_AN_AAGUID}),
        ({"aaguids": [UUID(int=0).hex]}, {"aaguids": PolicyProblem.NOT_AN_AAGUID}),
        ({"aaguids": [None, 7]}, {"aaguids": PolicyProblem.NOT_AN_AAGUID}),
        ({"aaguids": "text"}, {"aaguids": PolicyProblem.NOT_AN_AAGUID}),
        ({"aaguids": [str(UUID(int=one)) for one in range(1, 202)]}, {"aaguids": PolicyProblem.TOO_MANY_MODELS}),
        (restricted("allow"), {"aaguids": PolicyProblem.NOTHING_ALLOWED}),
        ({"enforcement": "deny"}, {"enforcement": PolicyProblem.NO_SUCH_ENFORCEMENT}),
    ],
)
def test_which_settings_can_be(settings: Mapping[str, Any], problems: Mapping[str, PolicyProblem]) -> None:
    assert rules.policy_problems(PasskeyPolicy(**settings)) == problems


# --- registering and signing in ------------------------------------------------------------------------------------------


def change(world: SimpleNamespace, as_: SignIn, targets: list[Target] | None = None, **settings: Any) -> PasskeyPolicy:
    version = passkeys.policy_of(world.contoso.id).version
    return change_passkey_policy(actor(as_(world.paul)), version=version, settings=settings, targets=targets)


def last_event(event: Event) -> AuditEvent:
    return AuditEvent.objects.filter(event=event).latest("id")


@pytest.mark.parametrize(
    ("settings", "targets", "reason"),
    [
        ({"is_enabled": False}, None, "method_off"),
        ({"is_self_service_allowed": False}, None, "self_service_off"),
        ({}, [], "not_in_scope"),
    ],
)
def test_who_may_not_have_a_passkey_registers_none(
    world: SimpleNamespace, as_: SignIn, settings: dict[str, Any], targets: list[Target] | None, reason: str
) -> None:
    """Neither from the start nor where the policy changed in the middle."""
    client, key = as_(world.tapuser), make_key()
    answer = key.register(begin(client))
    change(world, as_, targets, **settings)
    for step in (lambda: begin(client), lambda: finish(client, answer)):
        with pytest.raises(Denied, match=reason) as refused:
            step()
        assert "Ask your administrator." in str(refused.value.message)
    assert not Passkey.objects.exists()
    event = last_event(Event.PASSKEY_REFUSED)
    assert (event.reason, event.outcome) == (reason, Outcome.DENIED)


@pytest.mark.parametrize("settings", [restricted("block", KEY), restricted("allow", OTHER)], ids=["block", "allow"])
def test_a_model_that_is_not_wanted_is_not_registered(
    world: SimpleNamespace, as_: SignIn, settings: dict[str, Any]
) -> None:
    change(world, as_, **settings)
    with pytest.raises(Invalid, match="model_"):
        register(as_(world.tapuser), make_key(), aaguid=KEY.bytes)
    assert not Passkey.objects.exists()
    assert register(as_(world.tapuser), make_key(), aaguid=OTHER.bytes).aaguid == OTHER


@pytest.mark.parametrize(
    ("settings", "targets", "reason"),
    [
        ({"is_enabled": False}, None, "method_off"),
        (restricted("block", KEY), None, "model_blocked"),
        (restricted("allow", OTHER), None, "model_not_allowed"),
        ({}, [], "not_in_scope"),
    ],
)
def test_a_passkey_that_is_not_allowed_any_more_signs_nobody_in(
    world: SimpleNamespace, as_: SignIn, settings: dict[str, Any], targets: list[Target] | None, reason: str
) -> None:
    """The person is told what everybody is told; the audit log and the administrator know why; a session goes on."""
    key, user = make_key(), world.tapuser
    register(as_(user), key, aaguid=KEY.bytes)
    session = sign_in(key, user)
    change(world, as_, targets, **settings)
    with pytest.raises(NotUsable) as refused:
        sign_in(key, user)
    assert str(refused.value.message).startswith("That passkey doesn't work here.")
    event = last_event(Event.PASSKEY_REFUSED)
    assert (event.reason, event.target_id) == (reason, user.id)
    assert SignInSession.objects.get(pk=session.pk).revoked_at is None
    method = methods_of(user, now=clock.now()).not_usable[0]
    assert (method.kind, method.block) == (MethodKind.FIDO2, reason)
    change(world, as_, [EVERYBODY], is_enabled=True, is_key_restricted=False)
    assert sign_in(key, user).user_id == user.id


def test_an_excluded_group_cannot_sign_in(world: SimpleNamespace, as_: SignIn) -> None:
    """Nested groups count, and another tenant's policy does not."""
    keys: dict[str, Any] = {}
    for name in ("tapuser", "mia", "zed"):
        keys[name] = make_key()
        register(as_(getattr(world, name)), keys[name])
    group = world.groups["Everyone new"]
    change(world, as_, [EVERYBODY, Target(TargetSide.EXCLUDE, group_id=group.id)])
    with pytest.raises(NotUsable, match="excluded"):
        sign_in(keys["tapuser"], world.tapuser)
    for name in ("mia", "zed"):
        assert sign_in(keys[name], getattr(world, name)).user_id == getattr(world, name).id


def test_a_passkey_that_would_be_refused_is_not_offered(world: SimpleNamespace, as_: SignIn) -> None:
    register(as_(world.tapuser), make_key())
    User.objects.filter(pk=world.tapuser.pk).update(password="argon2$made-up")
    assert identify(NOBODY, upn=world.tapuser.upn).has_passkey
    change(world, as_, is_enabled=False)
    assert not identify(NOBODY, upn=world.tapuser.upn).has_passkey


def test_the_last_passkey_that_works_stays(world: SimpleNamespace, as_: SignIn) -> None:
    """D10: one that the policy stops is no other way to sign in; it may go itself."""
    client = as_(world.tapuser)
    good, bad = register(client, make_key(), aaguid=OTHER.bytes), register(client, make_key(), aaguid=KEY.bytes)
    change(world, as_, **restricted("block", KEY))
    with pytest.raises(Invalid, match="last_lasting_method"):
        actions.delete_passkey(actor(client), user=world.tapuser, passkey_id=good.id)
    actions.delete_passkey(actor(client), user=world.tapuser, passkey_id=bad.id)
    assert Passkey.objects.get() == good


# --- changing it -----------------------------------------------------------------------------------------------------


def test_a_change_keeps_what_is_not_said(world: SimpleNamespace, as_: SignIn) -> None:
    """The settings and the lists, on the first change too; both are in the event."""
    change(world, as_, is_attestation_enforced=True)
    policy = change(world, as_, **restricted("block", KEY))
    assert (policy.version, policy.changed_by, policy.is_attestation_enforced) == (3, "Paul Lindqvist", True)
    assert passkeys.targets(policy) == [EVERYBODY]
    detail = last_event(Event.PASSKEY_POLICY_CHANGED).detail
    assert (detail["old"]["aaguids"], detail["new"]["aaguids"]) == ([], [str(KEY)])
    assert detail["new"]["targets"] == [{"side": "include", "all": True, "user": "", "group": ""}]
    assert not PasskeyPolicy.objects.filter(tenant=world.fabrikam).exists()


def test_aaguids_are_kept_in_one_spelling(world: SimpleNamespace, as_: SignIn) -> None:
    assert change(world, as_, aaguids=[KEY.hex.upper(), f" {OTHER} "]).aaguids == [str(KEY), str(OTHER)]


def test_reset_leaves_the_target_alone(world: SimpleNamespace, as_: SignIn) -> None:
    change(world, as_, [], is_self_service_allowed=False, **restricted("block", KEY))
    policy = reset_passkey_policy(actor(as_(world.paul)), version=2)
    assert (policy.is_self_service_allowed, policy.is_key_restricted, policy.aaguids) == (True, False, [])
    assert passkeys.targets(policy) == []
    assert last_event(Event.PASSKEY_POLICY_RESET).target_id == world.contoso.id


def test_somebody_elses_change_is_not_overwritten(world: SimpleNamespace, as_: SignIn) -> None:
    change(world, as_, is_attestation_enforced=True)
    with pytest.raises(Conflict):
        change_passkey_policy(actor(as_(world.paul)), version=1, settings={"is_enabled": False})
    assert PasskeyPolicy.objects.get().is_enabled


def test_a_setting_that_cannot_be_changes_nothing(world: SimpleNamespace, as_: SignIn) -> None:
    for targets in (None, [Target(TargetSide.INCLUDE, group_id=GROUP)], [Target(TargetSide.INCLUDE)] * 201):
        settings = {} if targets else restricted("allow")
        with pytest.raises(Invalid):
            change(world, as_, targets, **settings)
    assert not MethodTarget.objects.filter(method=MethodKind.FIDO2).exists()
    assert not AuditEvent.objects.filter(event=Event.PASSKEY_POLICY_CHANGED).exists()


@pytest.mark.parametrize("name", ["priya", "amir", "rosa", "mia"])
def test_only_policy_administrators_change_it(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    with pytest.raises(Refused):
        change_passkey_policy(actor(as_(getattr(world, name))), version=1, settings={"is_enabled": False})
    assert not PasskeyPolicy.objects.exists()


# --- what a change stops ---------------------------------------------------------------------------------------------


def test_it_counts_what_stops(world: SimpleNamespace, as_: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of this tenant, of passkeys that work now; capped."""
    for user, model in ((world.tapuser, KEY), (world.tapuser, OTHER), (world.mia, KEY), (world.zed, KEY)):
        register(as_(user), make_key(), aaguid=model.bytes)
    now = passkeys.policy_of(world.contoso.id)

    def stopped(lists: list[Target], **settings: Any) -> passkeys.Effect:
        return passkeys.effect_of(now, now.having(settings), lists=[EVERYBODY], proposed=lists)

    assert stopped([EVERYBODY], is_enabled=False).passkeys == 3
    assert stopped([EVERYBODY], **restricted("block", KEY)).passkeys == 2
    assert stopped([EVERYBODY], **restricted("allow", KEY)).passkeys == 1
    assert stopped([EVERYBODY, Target(TargetSide.EXCLUDE, user_id=world.mia.id)]).passkeys == 1
    assert stopped([EVERYBODY], is_attestation_enforced=True) == passkeys.Effect()
    monkeypatch.setattr(passkeys, "MOST_COUNTED", 2)
    assert stopped([EVERYBODY], is_enabled=False) == passkeys.Effect(2, is_capped=True)
