"""The sign-in tells nobody who exists, what he has, or why a wrong pass is refused."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import count
from types import SimpleNamespace
from typing import Any

import argon2
import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import Tenant, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tap import wording
from tap.actions import Issued
from tap.models import TapPolicy
from tests.drive import enter_pass, enter_password, name_oneself

GivePass = Callable[..., Issued]
WRONG = "WRNGWRNG"
PASSWORD = "a long enough secret"
NEUTRAL = "Your Temporary Access Pass is incorrect or no longer works."
BLOCKED = "Temporary Access Pass sign in was blocked due to User Credential Policy"


@dataclass(frozen=True)
class Seen:
    """All that an answer shows to somebody who compares two of them."""

    status: int
    location: str
    headers: tuple[str, ...]
    body: str


_networks = count(1)


def stranger() -> Client:
    """A browser in a network of its own, so that no limit plays a part."""
    at = next(_networks)
    return Client(REMOTE_ADDR=f"10.{at // 250 % 250}.{at % 250}.1")


def seen(answer: HttpResponse, upn: str) -> Seen:
    """Return the answer without what differs at every request: the CSRF value, the request's id and the name typed."""
    body = re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", answer.content.decode())
    body = body.replace(answer["X-Request-Id"], "").replace(upn, "")
    return Seen(answer.status_code, answer.get("Location", ""), tuple(sorted(answer.headers)), body)


def identify(upn: str) -> tuple[Seen, Seen]:
    """Return what the identifier step answers, and the page it leads to."""
    client = stranger()
    client.get(reverse("signin:identify"))
    first = client.post(reverse("signin:identify"), {"username": upn})
    second = client.get(first["Location"])
    return seen(first, upn), seen(second, upn)  # type: ignore[arg-type]


def twin_of(upn: str) -> str:
    """Return a name of the same domain that nobody has and whose first answer leads to the same step."""
    wanted = identify(upn)[0].location
    for at in range(60):
        name = f"nobody{at}@{upn.partition('@')[2]}"
        if identify(name)[0].location == wanted:
            return name
    pytest.fail(f"no unknown name leads to {wanted}: it shows that {upn} exists")


def _no_methods(world: SimpleNamespace, give_pass: GivePass) -> str:
    return str(world.user2.upn)


def _with_password(world: SimpleNamespace, give_pass: GivePass) -> str:
    User.objects.filter(pk=world.mia.pk).update(password=make_password(PASSWORD))
    return str(world.mia.upn)


def _disabled(world: SimpleNamespace, give_pass: GivePass) -> str:
    give_pass(world.mia)
    User.objects.filter(pk=world.mia.pk).update(password=make_password(PASSWORD), is_enabled=False)
    return str(world.mia.upn)


def _expired_pass(world: SimpleNamespace, give_pass: GivePass) -> str:
    with time_machine.travel(clock.now() - timedelta(days=2), tick=False):
        give_pass(world.user3)
    return str(world.user3.upn)


def _scheduled_pass(world: SimpleNamespace, give_pass: GivePass) -> str:
    give_pass(world.user3, starts_at=clock.now() + timedelta(days=1))
    return str(world.user3.upn)


def _other_tenant(world: SimpleNamespace, give_pass: GivePass) -> str:
    return str(world.vera_home.upn)


def _other_tenant_disabled(world: SimpleNamespace, give_pass: GivePass) -> str:
    give_pass(world.vera_home)
    Tenant.objects.filter(pk=world.fabrikam.pk).update(is_enabled=False)
    return str(world.vera_home.upn)


def _federated(world: SimpleNamespace, give_pass: GivePass) -> str:
    return str(world.fred.upn)


def _unknown(world: SimpleNamespace, give_pass: GivePass) -> str:
    return "really.nobody@contoso.com"


Case = Callable[[SimpleNamespace, GivePass], str]
CASES = [
    _unknown,
    _no_methods,
    _with_password,
    _disabled,
    _expired_pass,
    _scheduled_pass,
    _other_tenant,
    _other_tenant_disabled,
    _federated,
]
every_case = pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__.strip("_"))


@every_case
def test_it_answers_a_name_as_it_would_answer_nobody(world: SimpleNamespace, give_pass: GivePass, case: Case) -> None:
    """C04: the step after the name is one that a name nobody has gets too, to the letter."""
    upn = case(world, give_pass)
    assert identify(upn) == identify(twin_of(upn))


@every_case
def test_it_answers_a_name_the_same_each_time(world: SimpleNamespace, give_pass: GivePass, case: Case) -> None:
    """C04: what is made up stays made up; asking twice, in another spelling, tells nothing."""
    upn = case(world, give_pass)
    assert identify(upn)[0].location == identify(upn.upper())[0].location == identify(upn)[0].location


def test_it_makes_up_both_shapes(world: SimpleNamespace) -> None:
    """C04: neither a passkey nor a password prompt means that somebody exists."""
    shapes = {identify(f"nobody{at}@contoso.com")[0].location for at in range(16)}
    assert shapes == {reverse("signin:passkey"), reverse("signin:password")}


@every_case
@pytest.mark.parametrize("enter", [enter_pass, enter_password], ids=["pass", "password"])
def test_it_refuses_a_wrong_secret_as_it_would_refuse_nobody(
    world: SimpleNamespace,
    give_pass: GivePass,
    case: Case,
    enter: Callable[[Client, str, str], HttpResponse],
) -> None:
    """C04: a wrong pass or password gets one answer, whoever the name belongs to."""
    upn = case(world, give_pass)
    nobody = f"nobody@{upn.partition('@')[2]}"
    answer = seen(enter(stranger(), upn, WRONG), upn)
    assert answer == seen(enter(stranger(), nobody, WRONG), nobody)
    assert answer.status == 200


def test_it_refuses_a_wrong_pass_where_one_is_usable_as_it_would_refuse_nobody(
    world: SimpleNamespace, give_pass: GivePass
) -> None:
    """C04: even after the pass prompt, a wrong code is answered as everywhere else."""
    give_pass(world.tapuser)
    upn, nobody = world.tapuser.upn, "nobody@contoso.com"
    assert seen(enter_pass(stranger(), upn, WRONG), upn) == seen(enter_pass(stranger(), nobody, WRONG), nobody)


@pytest.fixture
def hashes(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every argon2 computation, by the name of the function that did it."""
    done: list[str] = []

    def counted(module: Any, name: str) -> None:
        real = getattr(module, name)

        def call(*args: Any, **kwargs: Any) -> Any:
            done.append(name)
            return real(*args, **kwargs)

        monkeypatch.setattr(module, name, call)

    counted(argon2._password_hasher, "hash_secret")
    counted(argon2._password_hasher, "verify_secret")
    counted(argon2.low_level, "hash_secret")
    counted(argon2.low_level, "verify_secret")
    counted(argon2.low_level, "hash_secret_raw")
    return done


def _usable(world: SimpleNamespace, give_pass: GivePass) -> str:
    give_pass(world.tapuser)
    return str(world.tapuser.upn)


def _used(world: SimpleNamespace, give_pass: GivePass) -> str:
    code = give_pass(world.tapuser, is_usable_once=True).code
    assert enter_pass(stranger(), world.tapuser.upn, code).status_code == 302
    return str(world.tapuser.upn)


@pytest.mark.parametrize("case", [*CASES, _usable, _used], ids=lambda case: case.__name__.strip("_"))
@pytest.mark.parametrize("typed", [WRONG, "x" * 65, "0!"], ids=["wrong", "too long", "no code"])
def test_it_spends_one_hash_on_every_wrong_pass(
    world: SimpleNamespace, give_pass: GivePass, hashes: list[str], case: Case, typed: str
) -> None:
    """C04: the time an answer takes is that of one hash, whatever there is to verify."""
    upn = case(world, give_pass)
    client = stranger()
    name_oneself(client, upn)
    hashes.clear()
    assert client.post(reverse("signin:tap"), {"secret": typed}).status_code == 200
    assert len(hashes) == 1


@every_case
@pytest.mark.parametrize("typed", [WRONG, "x" * 5000], ids=["wrong", "too long"])
def test_it_spends_one_hash_on_every_wrong_password(
    world: SimpleNamespace, give_pass: GivePass, hashes: list[str], case: Case, typed: str
) -> None:
    """C04: the same for passwords."""
    upn = case(world, give_pass)
    client = stranger()
    name_oneself(client, upn)
    hashes.clear()
    assert client.post(reverse("signin:password"), {"secret": typed}).status_code == 200
    assert len(hashes) == 1


def test_it_spends_one_hash_on_a_right_pass(world: SimpleNamespace, give_pass: GivePass, hashes: list[str]) -> None:
    """C04: and not two."""
    code = give_pass(world.tapuser).code
    hashes.clear()
    assert enter_pass(stranger(), world.tapuser.upn, code).status_code == 302
    assert len(hashes) == 1


def test_it_shows_a_pass_only_while_few_names_are_looked_up(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C05: past 20 look-ups a minute from one network the answer says nothing any more, a usable pass or not."""
    code = give_pass(world.tapuser).code
    began = clock.now()
    with time_machine.travel(began, tick=False):
        for at in range(20):
            answer = name_oneself(Client(), world.tapuser.upn if at % 2 else f"nobody{at}@contoso.com")
            assert (answer.redirect_chain[-1][0] == reverse("signin:tap")) is bool(at % 2)  # type: ignore[attr-defined]
        late = Client()
        answers = [
            name_oneself(late if upn == world.tapuser.upn else Client(), upn) for upn in (world.tapuser.upn, "x@y")
        ]
        for answer in answers:
            assert answer.redirect_chain[-1][0] == reverse("signin:options")  # type: ignore[attr-defined]
            assert "Enter Temporary Access Pass" not in answer.content.decode()
        elsewhere = name_oneself(Client(REMOTE_ADDR="198.51.100.1"), world.tapuser.upn)
        assert elsewhere.redirect_chain[-1][0] == reverse("signin:tap")  # type: ignore[attr-defined]
        chosen = late.post(reverse("signin:options"), {"way": "pass"})
        assert chosen["Location"] == reverse("signin:tap")
        assert late.post(chosen["Location"], {"secret": code}).status_code == 302
    with time_machine.travel(began + timedelta(seconds=61), tick=False):
        again = name_oneself(Client(), world.tapuser.upn)
        assert again.redirect_chain[-1][0] == reverse("signin:tap")  # type: ignore[attr-defined]


def _c06_used(world: SimpleNamespace, made: Issued) -> None:
    enter_pass(stranger(), world.tapuser.upn, made.code)


def _c06_expired(world: SimpleNamespace, made: Issued) -> None:
    type(made.issued).objects.filter(pk=made.issued.pk).update(
        starts_at=clock.now() - timedelta(hours=1), ends_at=clock.now() - timedelta(minutes=1)
    )


def _c06_early(world: SimpleNamespace, made: Issued) -> None:
    type(made.issued).objects.filter(pk=made.issued.pk).update(starts_at=clock.now() + timedelta(minutes=10))


def _c06_excluded(world: SimpleNamespace, made: Issued) -> None:
    world.groups["Break glass"].memberships.create(user=world.tapuser)


def _c06_policy_off(world: SimpleNamespace, made: Issued) -> None:
    TapPolicy.objects.filter(tenant=world.contoso).update(is_enabled=False)


@pytest.mark.parametrize(
    ("spoil", "told", "reason"),
    [
        (_c06_used, f"{BLOCKED}. It was for one sign-in and has been used.", "OneTimeUsed"),
        (_c06_expired, "Your Temporary Access Pass has expired.", "Expired"),
        (_c06_early, "Your Temporary Access Pass starts on", "NotYetValid"),
        (_c06_excluded, f"{BLOCKED}. Sign-in with it is not allowed for you", "excluded"),
        (_c06_policy_off, f"{BLOCKED}. Sign-in with a Temporary Access Pass is turned off.", "method_off"),
    ],
    ids=["used", "expired", "not yet valid", "excluded", "policy off"],
)
def test_it_tells_the_truth_only_to_who_shows_the_right_code(
    world: SimpleNamespace,
    give_pass: GivePass,
    spoil: Callable[[SimpleNamespace, Issued], None],
    told: str,
    reason: str,
) -> None:
    """C06: neutral where the code is wrong, true where it is right; the log knows the true reason."""
    made = give_pass(world.tapuser, is_usable_once=True)
    spoil(world, made)
    assert wording.neutral_message().startswith(NEUTRAL)
    upn, nobody = world.tapuser.upn, "nobody@contoso.com"
    wrong = enter_pass(stranger(), upn, WRONG)
    assert seen(wrong, upn) == seen(enter_pass(stranger(), nobody, WRONG), nobody)
    assert NEUTRAL in wrong.content.decode()
    right = enter_pass(stranger(), upn, made.code)
    assert right.status_code == 200
    assert told in right.content.decode()
    assert NEUTRAL not in right.content.decode()
    refusals = AuditEvent.objects.filter(event=Event.PASS_REFUSED).order_by("id")
    assert list(refusals.values_list("reason", flat=True)) == ["wrong_code", "no_pass", reason]
