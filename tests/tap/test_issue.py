"""Issuing a pass: what it gets from the policy, what is refused, and what it ends."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine

from accounts.access import actor_of, reach
from accounts.authority import Actor
from accounts.enums import Act, MethodKind, Role, SessionEnd, TargetSide
from accounts.models import MethodTarget, RoleAssignment
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from core.errors import Invalid, NotUsable
from tap import actions, queries
from tap.actions import Issued
from tap.enums import Block, Usability
from tap.models import TapPolicy, TemporaryAccessPass
from tests.conftest import OPERATOR, SignIn, reached

GivePass = Callable[..., Issued]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
VISITOR = Actor(address="203.0.113.7")


def set_policy(world: SimpleNamespace, **settings: Any) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).update(**settings)


def state(made: Issued) -> tuple[Usability, Block]:
    issued = TemporaryAccessPass.objects.get(pk=made.issued.pk)
    judged = queries.state_of(issued, policy=queries.policy_of(issued.tenant_id), now=clock.now())
    return judged.usability, judged.block


@time_machine.travel(NOON, tick=False)
def test_it_takes_from_the_policy_what_is_left_out(world: SimpleNamespace, give_pass: GivePass) -> None:
    set_policy(world, default_lifetime=90, default_length=12)
    made = give_pass(world.mia)
    issued = made.issued
    assert (issued.starts_at, issued.ends_at, issued.is_usable_once) == (NOON, NOON + timedelta(minutes=90), False)
    assert len(made.code) == 12


@time_machine.travel(NOON, tick=False)
def test_the_lifetime_counts_from_the_start(world: SimpleNamespace, give_pass: GivePass) -> None:
    start = NOON + timedelta(days=7)
    issued = give_pass(world.mia, starts_at=start, lifetime_in_minutes=120).issued
    assert (issued.created_at, issued.starts_at, issued.ends_at) == (NOON, start, start + timedelta(hours=2))


@pytest.mark.parametrize(
    ("wishes", "field", "code"),
    [
        ({"lifetime_in_minutes": 59}, "lifetime", "lifetime_out_of_range"),
        ({"lifetime_in_minutes": 481}, "lifetime", "lifetime_out_of_range"),
        ({"lifetime_in_minutes": 0}, "lifetime", "lifetime_out_of_range"),
        ({"lifetime_in_minutes": -60}, "lifetime", "lifetime_out_of_range"),
        ({"lifetime_in_minutes": 10**40}, "lifetime", "lifetime_out_of_range"),
        ({"starts_at": NOON - timedelta(minutes=6)}, "starts_at", "start_in_past"),
        ({"starts_at": datetime(1, 1, 1, tzinfo=UTC)}, "starts_at", "start_in_past"),
        ({"starts_at": datetime(2100, 1, 1, tzinfo=UTC)}, "starts_at", "start_too_far"),
        ({"starts_at": datetime.max.replace(tzinfo=UTC)}, "starts_at", "start_too_far"),
        ({"reason": "x" * 201}, "reason", "reason_not_plain"),
        ({"reason": "\x00"}, "reason", "reason_not_plain"),
    ],
)
@time_machine.travel(NOON, tick=False)
def test_it_refuses_what_is_out_of_bounds_and_keeps_the_old_pass(
    world: SimpleNamespace, give_pass: GivePass, wishes: dict[str, Any], field: str, code: str
) -> None:
    """A05."""
    old = give_pass(world.mia)
    events = AuditEvent.objects.count()
    with pytest.raises(Invalid) as refused:
        give_pass(world.mia, **wishes)
    assert refused.value.code == code
    assert set(refused.value.fields) == {field}
    assert TemporaryAccessPass.objects.open().get(user=world.mia) == old.issued
    assert AuditEvent.objects.count() == events


@time_machine.travel(NOON, tick=False)
def test_it_names_every_mistake_at_once(world: SimpleNamespace, give_pass: GivePass) -> None:
    set_policy(world, is_usable_once=True)
    with pytest.raises(Invalid) as refused:
        give_pass(
            world.mia,
            lifetime_in_minutes=1,
            starts_at=NOON - timedelta(days=1),
            is_usable_once=False,
            reason="x" * 10_000,
        )
    assert set(refused.value.fields) == {"lifetime", "starts_at", "one_time", "reason"}


@pytest.mark.parametrize("minutes", [60, 480])
def test_it_accepts_the_bounds_themselves(world: SimpleNamespace, give_pass: GivePass, minutes: int) -> None:
    """A05."""
    assert give_pass(world.mia, lifetime_in_minutes=minutes).issued.lifetime_in_minutes == minutes


def test_a_policy_that_demands_one_time_use_makes_every_new_pass_so(
    world: SimpleNamespace, give_pass: GivePass
) -> None:
    """A05: and an earlier multiple-use pass stops at once."""
    old = give_pass(world.tapuser, is_usable_once=False)
    set_policy(world, is_usable_once=True)
    assert give_pass(world.mia).issued.is_usable_once
    assert state(old) == (Usability.DISABLED_BY_POLICY, Block.ONE_TIME_REQUIRED)
    with pytest.raises(Invalid):
        give_pass(world.mia, is_usable_once=False)


def test_nothing_is_issued_while_the_method_is_off(world: SimpleNamespace, give_pass: GivePass) -> None:
    set_policy(world, is_enabled=False)
    with pytest.raises(Invalid) as refused:
        give_pass(world.mia)
    assert refused.value.code == "method_off"


def test_a_pass_may_be_issued_to_somebody_out_of_scope_but_not_used(
    world: SimpleNamespace, give_pass: GivePass
) -> None:
    MethodTarget.objects.filter(tenant=world.contoso, side=TargetSide.INCLUDE).update(group=world.groups["New hires"])
    made = give_pass(world.mia)
    assert state(made) == (Usability.DISABLED_BY_POLICY, Block.NOT_IN_SCOPE)
    with pytest.raises(NotUsable) as refused:
        actions.verify(VISITOR, upn=world.mia.upn, typed=made.code)
    assert refused.value.code == Block.NOT_IN_SCOPE
    assert "blocked due to User Credential Policy" in str(refused.value.message)


@pytest.mark.parametrize("age", [timedelta(), timedelta(days=2)], ids=["valid", "expired"])
def test_a_new_pass_replaces_the_old_one_and_its_sessions(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, age: timedelta
) -> None:
    """A04: valid or expired, and what was made with it."""
    with time_machine.travel(NOON, tick=False):
        old = give_pass(world.mia)
        client = as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=old.issued.pk)
        other = as_(world.mia, MethodKind.FIDO2)
    with time_machine.travel(NOON + age, tick=False):
        new = give_pass(world.mia)
    stored = TemporaryAccessPass.objects.get(pk=old.issued.pk)
    assert stored.replaced_by_id == new.issued.pk
    for signed_in, reason in ((client, SessionEnd.PASS_REPLACED), (other, "")):
        session = signed_in.sign_in_session  # type: ignore[attr-defined]
        session.refresh_from_db()
        assert session.revoked_reason == reason
    event = AuditEvent.objects.filter(event=Event.PASS_ISSUED).latest("id")
    assert event.detail["replaces"] == str(old.issued.pk)


def test_deleting_ends_the_sessions_made_with_it(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    made = give_pass(world.mia)
    session = as_(  # type: ignore[attr-defined]
        world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=made.issued.pk
    ).sign_in_session
    actions.delete(OPERATOR, target=reached(world.mia), pass_id=made.issued.pk)
    session.refresh_from_db()
    assert session.revoked_reason == SessionEnd.PASS_DELETED
    event = AuditEvent.objects.get(event=Event.PASS_DELETED)
    assert event.detail == {"pass": str(made.issued.pk), "sessions": 1}


def test_an_expired_pass_can_be_deleted(world: SimpleNamespace, give_pass: GivePass) -> None:
    with time_machine.travel(NOON, tick=False):
        made = give_pass(world.mia)
    actions.delete(OPERATOR, target=reached(world.mia), pass_id=made.issued.pk)
    assert queries.pass_of(world.mia.id) is None


def test_a_pass_dies_when_its_person_becomes_an_administrator_beyond_the_issuers_reach(
    world: SimpleNamespace, as_: SignIn
) -> None:
    """T3: and lives where the issuer may issue to administrators too."""
    made = {}
    for issuer, person in ((world.amir, world.mia), (world.priya, world.tapuser)):
        actor = actor_of(as_(issuer).sign_in_session)  # type: ignore[attr-defined]
        made[issuer] = actions.issue(actor, target=reach(actor, person.id, Act.PASS_ISSUE))
        RoleAssignment.objects.create(tenant=world.contoso, user=person, role=Role.GLOBAL_READER)
    assert state(made[world.amir]) == (Usability.DISABLED_BY_POLICY, Block.ISSUER_RIGHTS)
    assert state(made[world.priya]) == (Usability.ENABLED_BY_POLICY, Block.NONE)


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(-1, Usability.NOT_YET_VALID), (0, None), (3_599, None), (3_600, Usability.EXPIRED)],
)
def test_a_code_opens_from_the_start_until_just_before_the_end(
    world: SimpleNamespace, give_pass: GivePass, seconds: int, expected: Usability | None
) -> None:
    """A06: refused one second before the start, and at the end."""
    with time_machine.travel(NOON, tick=False):
        made = give_pass(world.mia, starts_at=NOON + timedelta(days=1))
    with time_machine.travel(NOON + timedelta(days=1, seconds=seconds), tick=False):
        if expected is None:
            assert actions.verify(VISITOR, upn=world.mia.upn, typed=made.code).issued == made.issued
        else:
            with pytest.raises(NotUsable) as refused:
                actions.verify(VISITOR, upn=world.mia.upn, typed=made.code)
            assert refused.value.code == expected


def test_the_end_is_the_same_moment_when_the_clocks_change(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A06: an hour is an hour in the night when Berlin's clocks go back."""
    eve = datetime(2026, 10, 25, 0, 30, tzinfo=UTC)
    with time_machine.travel(eve, tick=False):
        issued = give_pass(world.mia, lifetime_in_minutes=60).issued
    assert issued.ends_at == datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
