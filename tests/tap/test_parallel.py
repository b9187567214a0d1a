"""Many people at once: one open pass, one winner, exact counters. On SQLite and on PostgreSQL alike."""

from collections import Counter
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace

import pytest
from django.db import transaction

from accounts.access import actor_of
from accounts.authority import Actor
from accounts.enums import MethodKind, SessionEnd
from accounts.models import SignInSession, User
from audit.actions import write
from audit.enums import Event
from audit.models import AuditEvent
from core import limits, secrets
from core.errors import Conflict, NotUsable, TooMany
from core.models import AttemptLane
from tap import actions
from tap.actions import Issued, Verified
from tap.models import TapPolicy, TemporaryAccessPass
from tests.conftest import OPERATOR, SignIn, reached
from tests.together import together

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
GivePass = Callable[..., Issued]


def visitor(number: int) -> Actor:
    """Somebody from a network of his own."""
    return Actor(address=f"10.{number // 256}.{number % 256}.7")


def claim(verified: Verified, actor: Actor) -> bool:
    with transaction.atomic(durable=True):
        write(actions.claim(actor, verified=verified))
    return True


def sign_in(user: User, code: str, actor: Actor) -> bool:
    return claim(actions.verify(actor, upn=user.upn, typed=code), actor)


def outcomes(answers: list[bool | Exception]) -> Counter[str]:
    return Counter("won" if answer is True else type(answer).__name__ for answer in answers)


def test_twenty_issuers_leave_one_open_pass(world: SimpleNamespace, as_: SignIn, give_pass: GivePass) -> None:
    """A04: a new pass kills the old one and its sessions; of 20 parallel ones the last stands alone."""
    first = give_pass(world.mia)
    client = as_(world.mia, MethodKind.TEMPORARY_ACCESS_PASS, credential_id=first.issued.pk)
    jobs = [partial(give_pass, world.mia) for _ in range(20)]
    made = together(jobs, at_once=20)
    assert [answer for answer in made if isinstance(answer, Exception)] == []
    open_passes = TemporaryAccessPass.objects.open().filter(user=world.mia)
    assert open_passes.count() == 1
    assert TemporaryAccessPass.objects.filter(user=world.mia, replaced_by__isnull=False, verifier="").count() == 20
    session = SignInSession.objects.get(pk=client.sign_in_session.pk)  # type: ignore[attr-defined]
    assert session.revoked_reason == SessionEnd.PASS_REPLACED
    assert AuditEvent.objects.filter(event=Event.PASS_ISSUED, target_id=world.mia.id).count() == 21
    codes = {answer.issued.pk: answer.code for answer in made if isinstance(answer, Issued)}
    (last,) = open_passes
    assert actions.verify(visitor(0), upn=world.mia.upn, typed=codes.pop(last.pk)).issued == last
    with pytest.raises(NotUsable):
        actions.verify(visitor(0), upn=world.mia.upn, typed=codes.popitem()[1])


def test_one_of_fifty_redemptions_wins(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A07: 50 right submissions of a one-time pass, all past the verifier, one winner."""
    made = give_pass(world.mia, is_usable_once=True)
    verified = actions.verify(visitor(0), upn=world.mia.upn, typed=made.code)
    answers = together([partial(claim, verified, visitor(number)) for number in range(50)], at_once=50)
    assert outcomes(answers) == {"won": 1, "NotUsable": 49}
    assert TemporaryAccessPass.objects.get(pk=made.issued.pk).use_count == 1
    assert AuditEvent.objects.filter(event=Event.PASS_USED, target_id=world.mia.id).count() == 1


def test_one_of_fifty_whole_sign_ins_wins(
    world: SimpleNamespace, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A07: the same from the typed code on, with no limit in the way but the pass's own."""
    monkeypatch.setattr(limits, "account_lanes", lambda **_: [])
    made = give_pass(world.mia, is_usable_once=True)
    jobs = [partial(sign_in, world.mia, made.code, visitor(number)) for number in range(50)]
    assert outcomes(together(jobs, at_once=50)) == {"won": 1, "NotUsable": 49}


def test_every_redemption_of_a_multiple_use_pass_wins(world: SimpleNamespace, give_pass: GivePass) -> None:
    made = give_pass(world.mia, is_usable_once=False)
    verified = actions.verify(visitor(0), upn=world.mia.upn, typed=made.code)
    answers = together([partial(claim, verified, visitor(number)) for number in range(20)], at_once=20)
    assert outcomes(answers) == {"won": 20}
    assert TemporaryAccessPass.objects.get(pk=made.issued.pk).use_count == 20


@pytest.mark.parametrize("ending", ["deleted", "replaced", "locked"])
def test_nobody_wins_a_pass_that_ends_between_the_check_and_the_claim(
    world: SimpleNamespace, give_pass: GivePass, ending: str
) -> None:
    """A07: the claim is the decision, not the check before it."""
    made = give_pass(world.mia)
    verified = actions.verify(visitor(0), upn=world.mia.upn, typed=made.code)
    if ending == "deleted":
        actions.delete(OPERATOR, target=reached(world.mia), pass_id=made.issued.pk)
    elif ending == "replaced":
        give_pass(world.mia)
    else:
        actions._lock(OPERATOR, world.mia, made.issued)
    with pytest.raises(NotUsable):
        claim(verified, visitor(1))
    assert TemporaryAccessPass.objects.get(pk=made.issued.pk).use_count == 0


def counting(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note every verification that is really made."""
    done: list[str] = []
    real = secrets.matches

    def matches(code: str, verifier: str, *, context: str) -> bool:
        done.append(context)
        return real(code, verifier, context=context)

    monkeypatch.setattr(secrets, "matches", matches)
    return done


def test_three_hundred_wrong_tries_lock_the_pass_after_a_hundred(
    world: SimpleNamespace, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C01: the counter is exact under 300 parallel tries, 100 are verified, and the pass is locked."""
    monkeypatch.setattr(limits, "account_lanes", lambda **_: [])
    verified = counting(monkeypatch)
    made = give_pass(world.mia)
    jobs = [partial(sign_in, world.mia, "ABCD2345", visitor(number)) for number in range(300)]
    assert outcomes(together(jobs, at_once=30)) == {"NotUsable": 100, "TooMany": 200}
    lane = limits.credential_lane(f"pass:{made.issued.pk}")
    assert AttemptLane.objects.get(pk=lane.key).count == 100
    assert len(verified) <= 100
    assert TemporaryAccessPass.objects.get(pk=made.issued.pk).locked_at is not None
    assert AuditEvent.objects.filter(event=Event.PASS_LOCKED, target_id=world.mia.id).count() == 1
    with pytest.raises(TooMany):
        sign_in(world.mia, made.code, visitor(301))


def test_three_hundred_wrong_tries_from_as_many_networks_meet_the_account_limit_first(
    world: SimpleNamespace, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C01, C02: with every limit in place 20 are verified, and the pass is not locked."""
    verified = counting(monkeypatch)
    made = give_pass(world.mia)
    jobs = [partial(sign_in, world.mia, "ABCD2345", visitor(number)) for number in range(300)]
    assert outcomes(together(jobs, at_once=30)) == {"NotUsable": 20, "TooMany": 280}
    assert len(verified) == 20
    assert TemporaryAccessPass.objects.get(pk=made.issued.pk).locked_at is None


def test_one_of_ten_savers_of_the_same_policy_wins(world: SimpleNamespace, as_: SignIn) -> None:
    """The others are told that somebody was faster; nothing of theirs is mixed in."""
    paul = actor_of(as_(world.paul).sign_in_session)  # type: ignore[attr-defined]
    version = TapPolicy.objects.get(tenant=world.contoso).version
    jobs = [
        partial(actions.change_policy, paul, version=version, settings={"default_length": 10 + number})
        for number in range(10)
    ]
    answers = together(jobs, at_once=10)
    saved = [answer for answer in answers if isinstance(answer, TapPolicy)]
    assert [type(answer) for answer in answers if not isinstance(answer, TapPolicy)] == [Conflict] * 9
    stored = TapPolicy.objects.get(tenant=world.contoso)
    assert (stored.version, stored.default_length) == (version + 1, saved[0].default_length)
    assert AuditEvent.objects.filter(event=Event.TAP_POLICY_CHANGED).count() == 1
