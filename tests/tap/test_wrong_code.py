"""Wrong codes: what they count against, and what they tell."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.db import transaction

from accounts.authority import Actor
from accounts.models import MethodTarget, User
from audit.enums import Event, Outcome
from audit.models import AuditEvent
from core import clock, limits
from core.errors import NotUsable, TooMany
from core.models import AttemptLane
from tap import actions, wording
from tap.actions import Issued
from tap.housekeeping import end_expired
from tap.models import TapPolicy, TemporaryAccessPass
from tests.conftest import OPERATOR, reached

GivePass = Callable[..., Issued]
NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
WRONG = "ABCD2345"


def visitor(number: int = 0) -> Actor:
    return Actor(address=f"10.0.{number}.7")


def refusal(upn: str, typed: str, number: int = 0) -> NotUsable:
    with pytest.raises(NotUsable) as refused:
        actions.verify(visitor(number), upn=upn, typed=typed)
    return refused.value


def use(made: Issued) -> None:
    with transaction.atomic():
        actions.claim(visitor(9), verified=actions.verify(visitor(9), upn=made.issued.user.upn, typed=made.code))


def make_state(world: SimpleNamespace, give_pass: GivePass, state: str) -> tuple[str, str]:
    """Bring somebody's pass into ``state``; return the user name and the right code ("" where there is none)."""
    person = {"external guest": world.vera_external, "disabled user": world.gil}.get(state, world.mia)
    if state == "unknown user":
        return "nobody@contoso.com", ""
    if state in ("no pass", "external guest"):
        return person.upn, ""
    made = give_pass(person, is_usable_once=True, starts_at=NOON + timedelta(hours=state == "not yet valid"))
    if state == "disabled user":
        User.objects.filter(pk=person.pk).update(is_enabled=False)
        return person.upn, ""
    if state == "deleted":
        actions.delete(OPERATOR, target=reached(person), pass_id=made.issued.pk)
        return person.upn, ""
    if state == "used":
        use(made)
    elif state == "policy off":
        TapPolicy.objects.update(is_enabled=False)
    elif state == "out of scope":
        MethodTarget.objects.filter(tenant=world.contoso, side="include").delete()
    elif state == "expired and erased":
        end_expired(now=NOON + timedelta(days=1))
    return person.upn, made.code


BLOCKED = "Temporary Access Pass sign in was blocked due to User Credential Policy"
KNOWN = {
    "used": f"{BLOCKED}. It was for one sign-in and has been used.",
    "expired": "Your Temporary Access Pass has expired.",
    "expired and erased": "Your Temporary Access Pass has expired.",
    "not yet valid": "Your Temporary Access Pass starts on",
    "policy off": f"{BLOCKED}. Sign-in with a Temporary Access Pass is turned off.",
    "out of scope": f"{BLOCKED}. Sign-in with it is not allowed for you at the moment.",
}
STATES = ["unknown user", "no pass", "external guest", "disabled user", "deleted", *KNOWN]


def moment_of(state: str) -> datetime:
    return NOON + timedelta(days=2) if state.startswith("expired") else NOON


@pytest.mark.parametrize("state", STATES)
def test_a_wrong_code_tells_nothing_whatever_the_state(world: SimpleNamespace, give_pass: GivePass, state: str) -> None:
    """C06: the same words for wrong, used, expired, not yet valid, deleted, unknown."""
    with time_machine.travel(NOON, tick=False):
        upn, _ = make_state(world, give_pass, state)
    with time_machine.travel(moment_of(state), tick=False):
        for typed in (WRONG, "", "A" * 65, "ABCD234!", "\x00"):
            assert str(refusal(upn, typed).message) == wording.neutral_message()


@pytest.mark.parametrize("state", KNOWN)
def test_the_right_code_tells_its_holder_why(world: SimpleNamespace, give_pass: GivePass, state: str) -> None:
    """C06: only who shows the right code learns the reason."""
    with time_machine.travel(NOON, tick=False):
        upn, code = make_state(world, give_pass, state)
    with time_machine.travel(moment_of(state), tick=False):
        assert str(refusal(upn, code).message).startswith(KNOWN[state])


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("unknown user", "no_pass"),
        ("no pass", "no_pass"),
        ("used", "OneTimeUsed"),
        ("expired", "Expired"),
        ("not yet valid", "NotYetValid"),
        ("policy off", "method_off"),
        ("out of scope", "not_in_scope"),
    ],
)
def test_the_log_knows_the_true_reason_and_no_code(
    world: SimpleNamespace, give_pass: GivePass, state: str, reason: str
) -> None:
    """A11: a failure leaves an event with the reason and the address, and never what was typed."""
    with time_machine.travel(NOON, tick=False):
        upn, code = make_state(world, give_pass, state)
    with time_machine.travel(moment_of(state), tick=False):
        refusal(upn, code or WRONG)
    event = AuditEvent.objects.filter(event=Event.PASS_REFUSED).latest("id")
    assert (event.outcome, event.reason, event.address) == (Outcome.FAILURE, reason, "10.0.0.7")
    everything = str(list(AuditEvent.objects.values()))
    assert (code or WRONG) not in everything
    assert (code or WRONG).lower() not in everything


def test_every_spelling_of_a_name_counts_in_one_lane(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C02: otherwise each spelling would bring five more tries."""
    give_pass(world.mia)
    for number, upn in enumerate(
        ["mia@contoso.com", "MIA@CONTOSO.COM", " Mia@contoso.com ", "mia\uff20contoso.com", "\uff4dia@contoso.com"]
    ):
        assert refusal(upn, WRONG).code == "wrong_code", number
    with pytest.raises(TooMany):
        actions.verify(visitor(), upn="MiA@contoso.com", typed=WRONG)


def test_wrong_passes_leave_every_other_method_alone(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C03: the lanes of a pass are its own; so are another person's."""
    give_pass(world.mia)
    for _ in range(5):
        refusal(world.mia.upn, WRONG)
    with pytest.raises(TooMany):
        actions.verify(visitor(), upn=world.mia.upn, typed=WRONG)
    now = clock.now()
    for method in ("password", "passkey"):
        own = limits.account_lanes(method=method, account="mia@contoso.com", network="10.0.0.0/24")
        assert limits.reserve([lane for lane in own if not lane.is_shared], now=now)
    assert refusal(world.tapuser.upn, WRONG).code == "no_pass"
    other = limits.account_lanes(method="pass", account="mia@contoso.com", network="10.0.1.0/24")
    assert limits.reserve(other, now=now)


def test_wrong_passwords_leave_the_pass_alone(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C03: the other way round."""
    made = give_pass(world.mia)
    lanes = limits.account_lanes(method="password", account="mia@contoso.com", network="10.0.0.0/24")[:2]
    now = clock.now()
    for _ in range(5):
        limits.reserve(lanes, now=now)
    with pytest.raises(TooMany):
        limits.reserve(lanes, now=now)
    assert actions.verify(visitor(), upn=world.mia.upn, typed=made.code).issued == made.issued


def test_the_hundredth_failure_in_a_row_locks_the_pass_however_slowly(
    world: SimpleNamespace, give_pass: GivePass
) -> None:
    """C01: at most 100 consecutive failures (NIST SP 800-63B-4 §3.2.2), then a new pass must be issued."""
    TapPolicy.objects.update(maximum_lifetime=43_200)
    with time_machine.travel(NOON, tick=False) as travel:
        made = give_pass(world.mia, lifetime_in_minutes=43_200)
        for number in range(99):
            refusal(world.mia.upn, WRONG, number)
            travel.shift(timedelta(hours=2))
        assert TemporaryAccessPass.objects.get(pk=made.issued.pk).locked_at is None
        refusal(world.mia.upn, WRONG, 99)
        assert TemporaryAccessPass.objects.get(pk=made.issued.pk).locked_at == clock.now()
        travel.shift(timedelta(hours=2))
        with pytest.raises(TooMany):
            actions.verify(visitor(), upn=world.mia.upn, typed=made.code)
        new = give_pass(world.mia)
        assert actions.verify(visitor(), upn=world.mia.upn, typed=new.code).issued == new.issued


def test_a_right_code_begins_the_count_anew(world: SimpleNamespace, give_pass: GivePass) -> None:
    made = give_pass(world.mia, is_usable_once=False)
    lane = limits.credential_lane(f"pass:{made.issued.pk}")
    for _ in range(4):
        refusal(world.mia.upn, WRONG)
    assert AttemptLane.objects.get(pk=lane.key).count == 4
    with transaction.atomic():
        actions.claim(visitor(), verified=actions.verify(visitor(), upn=world.mia.upn, typed=made.code))
    assert AttemptLane.objects.get(pk=lane.key).count == 0
    for _ in range(4):
        refusal(world.mia.upn, WRONG)


@pytest.mark.parametrize(
    "upn", ["", "@", "\x00", "mia@contoso.com\x00", "x" * 10_000, "\uff41" * 5_000, "mia@contoso.com'--", "\u202emia"]
)
def test_no_name_however_odd_makes_it_stumble(world: SimpleNamespace, give_pass: GivePass, upn: str) -> None:
    give_pass(world.mia)
    assert refusal(upn, WRONG).code in {"no_pass", "wrong_code"}
