"""Attempt limits as people meet them at the sign-in."""

import ipaddress
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import reverse

from accounts.enums import MethodKind
from accounts.models import SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock, secrets
from core.http import client_address
from tap.actions import Issued
from tests.authmethods.steps import make_key, register
from tests.conftest import SignIn
from tests.drive import answer_with_passkey, enter_pass, enter_password

GivePass = Callable[..., Issued]
UPN = "tapuser@contoso.com"
WRONG = "WRNGWRNG"
PASSWORD = "a long enough secret"
HERE, ELSEWHERE = "192.0.2.10", "198.51.100.10"


@pytest.fixture(autouse=True)
def still() -> Iterator[None]:
    """Hold the clock, so that a wait is what the limits say and not a second less."""
    with time_machine.travel(clock.now().replace(microsecond=0), tick=False):
        yield


@pytest.fixture
def with_password(world: SimpleNamespace) -> User:
    """Give the holder of the pass a password too."""
    User.objects.filter(pk=world.tapuser.pk).update(password=make_password(PASSWORD))
    user: User = world.tapuser
    return user


def wrong_passes(count: int, address: str = HERE) -> list[HttpResponse]:
    return [enter_pass(Client(REMOTE_ADDR=address), UPN, WRONG) for _ in range(count)]


def wrong_passwords(count: int) -> list[HttpResponse]:
    return [enter_password(Client(REMOTE_ADDR=HERE), UPN, "not the password") for _ in range(count)]


def test_it_makes_a_network_wait_after_five_wrong_passes(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C02: the sixth attempt is refused unheard, with the time to wait, even with the right pass."""
    code = give_pass(world.tapuser).code
    assert [answer.status_code for answer in wrong_passes(5)] == [200] * 5
    answer = enter_pass(Client(REMOTE_ADDR=HERE), UPN, code)
    assert answer.status_code == 429
    assert int(answer["Retry-After"]) == 30
    assert "Too many attempts. Try again later" in answer.content.decode()
    assert "Enter Temporary Access Pass" in answer.content.decode()
    assert not SignInSession.objects.exists()


def test_it_still_hears_another_network(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C02: whoever guesses from his network does not lock the person out of hers."""
    code = give_pass(world.tapuser).code
    wrong_passes(6)
    neighbour = enter_pass(Client(REMOTE_ADDR="192.0.2.200"), UPN, code)
    assert neighbour.status_code == 429, "one network is a /24"
    assert enter_pass(Client(REMOTE_ADDR=ELSEWHERE), UPN, code).status_code == 302


def test_it_hears_again_after_the_wait(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C02: the wait ends by itself, and a further failure doubles it."""
    code = give_pass(world.tapuser).code
    wrong_passes(5)
    with time_machine.travel(clock.now().timestamp() + 30, tick=False):
        assert wrong_passes(1)[0].status_code == 200
        assert int(wrong_passes(1)[0]["Retry-After"]) == 60
    with time_machine.travel(clock.now().timestamp() + 90, tick=False):
        assert enter_pass(Client(REMOTE_ADDR=HERE), UPN, code).status_code == 302


def test_it_treats_unknown_names_alike(world: SimpleNamespace) -> None:
    """C02, C04: the wait says nothing about whether the account exists."""
    answers = [enter_pass(Client(REMOTE_ADDR=HERE), "nobody@contoso.com", WRONG) for _ in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert int(answers[-1]["Retry-After"]) == 30


def test_it_never_locks_the_password_by_wrong_passes(
    world: SimpleNamespace, give_pass: GivePass, with_password: User
) -> None:
    """C03: lanes belong to one method."""
    give_pass(world.tapuser)
    assert wrong_passes(6)[-1].status_code == 429
    assert enter_password(Client(REMOTE_ADDR=HERE), UPN, PASSWORD).status_code == 302


def test_it_never_locks_the_pass_by_wrong_passwords(
    world: SimpleNamespace, give_pass: GivePass, with_password: User
) -> None:
    """C03: and the other way round."""
    code = give_pass(world.tapuser).code
    assert wrong_passwords(6)[-1].status_code == 429
    assert enter_pass(Client(REMOTE_ADDR=HERE), UPN, code).status_code == 302


def test_it_never_locks_the_passkey_by_wrong_secrets(
    world: SimpleNamespace, give_pass: GivePass, with_password: User, as_: SignIn
) -> None:
    """C03: no number of wrong passes and passwords stops a passkey."""
    give_pass(world.tapuser)
    key = make_key()
    register(as_(world.tapuser), key)
    SignInSession.objects.all().delete()
    assert wrong_passes(6)[-1].status_code == 429
    assert wrong_passwords(6)[-1].status_code == 429
    answer = answer_with_passkey(Client(REMOTE_ADDR=HERE), world.tapuser, key)
    assert answer.status_code == 200
    assert SignInSession.objects.get().method == MethodKind.FIDO2


def test_it_never_locks_the_secrets_by_wrong_passkeys(
    world: SimpleNamespace, give_pass: GivePass, with_password: User, as_: SignIn
) -> None:
    """C03: a passkey that fails costs no attempt of the other methods."""
    code = give_pass(world.tapuser).code
    key = make_key()
    register(as_(world.tapuser), key)
    SignInSession.objects.all().delete()
    for _ in range(6):
        assert answer_with_passkey(Client(REMOTE_ADDR=HERE), world.tapuser, key, is_forged=True).status_code == 401
    assert enter_pass(Client(REMOTE_ADDR=HERE), UPN, code).status_code == 302
    assert enter_password(Client(REMOTE_ADDR=HERE), UPN, PASSWORD).status_code == 302


def test_it_never_verifies_what_is_too_long(
    world: SimpleNamespace, give_pass: GivePass, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """C07: 64 characters are the most a pass can be spelled with; more is refused unverified."""
    code = give_pass(world.tapuser).code
    verified: list[str] = []
    real = secrets.matches

    def matches(typed: str, verifier: str, **context: Any) -> bool:
        verified.append(typed)
        return real(typed, verifier, **context)

    monkeypatch.setattr(secrets, "matches", matches)
    answer = enter_pass(client, UPN, code + " " * (65 - len(code)))
    assert answer.status_code == 200
    assert verified == []
    assert AuditEvent.objects.get(event=Event.PASS_REFUSED).reason == "wrong_code"
    assert enter_pass(client, UPN, code + " " * (64 - len(code))).status_code == 302
    assert verified == [code]


@pytest.mark.parametrize("step", ["tap", "password"])
def test_it_says_so_when_no_place_for_a_hash_is_free(
    world: SimpleNamespace,
    give_pass: GivePass,
    with_password: User,
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
    step: str,
) -> None:
    """C07: few hashes at a time; whoever finds no place is told when to come again, and nothing is lost."""
    code = give_pass(world.tapuser).code
    enter, right = (enter_pass, code) if step == "tap" else (enter_password, PASSWORD)
    monkeypatch.setattr(secrets, "SECONDS_TO_WAIT_FOR_A_HASH", 0.01)
    slots, taken = secrets._slots(), 0
    while slots.acquire(blocking=False):
        taken += 1
    try:
        answer = enter(client, UPN, right)
    finally:
        for _ in range(taken):
            slots.release()
    assert taken > 0
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) >= 1
    assert "The server is busy" in answer.content.decode()
    assert enter(client, UPN, right).status_code == 302


def test_it_ignores_what_a_stranger_says_of_his_address(world: SimpleNamespace, give_pass: GivePass) -> None:
    """C08: a new X-Forwarded-For at each attempt buys no attempts."""
    give_pass(world.tapuser)
    answers = [
        enter_pass(Client(REMOTE_ADDR=HERE, HTTP_X_FORWARDED_FOR=f"203.0.{at}.7"), UPN, WRONG) for at in range(6)
    ]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert set(AuditEvent.objects.filter(event=Event.PASS_REFUSED).values_list("address", flat=True)) == {HERE}


def test_it_counts_by_the_address_a_trusted_proxy_names(
    world: SimpleNamespace, give_pass: GivePass, settings: Any
) -> None:
    """C08: behind the proxy, two people are two networks."""
    settings.TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)
    code = give_pass(world.tapuser).code
    for _ in range(6):
        enter_pass(Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=HERE), UPN, WRONG)
    blocked = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=f"{ELSEWHERE}, {HERE}")
    assert enter_pass(blocked, UPN, code).status_code == 429, "read from the right"
    other = Client(REMOTE_ADDR="10.0.0.1", HTTP_X_FORWARDED_FOR=ELSEWHERE)
    assert enter_pass(other, UPN, code).status_code == 302


@pytest.mark.parametrize(
    ("peer", "forwarded", "expected"),
    [
        (HERE, ELSEWHERE, HERE),
        ("10.0.0.1", "", "10.0.0.1"),
        ("10.0.0.1", ELSEWHERE, ELSEWHERE),
        ("10.0.0.1", f"1.2.3.4, {ELSEWHERE}", ELSEWHERE),
        ("10.0.0.1", f"{ELSEWHERE}, 10.0.0.2", ELSEWHERE),
        ("10.0.0.1", f"{ELSEWHERE}, nonsense", "10.0.0.1"),
        ("10.0.0.1", "2001:db8::1", "2001:db8::1"),
        ("unix:", ELSEWHERE, ""),
    ],
    ids=["stranger", "no header", "proxy", "forged left part", "two proxies", "not an address", "IPv6", "no peer"],
)
def test_it_reads_the_address_from_the_right(settings: Any, peer: str, forwarded: str, expected: str) -> None:
    """C08: only hops behind trusted proxies count."""
    settings.TRUSTED_PROXIES = (ipaddress.ip_network("10.0.0.0/8"),)
    headers = {"X-Forwarded-For": forwarded} if forwarded else {}
    request = RequestFactory().get(reverse("signin:identify"), headers=headers, REMOTE_ADDR=peer)
    assert client_address(request) == expected
