"""What the database holds of a code, and for how long."""

import base64
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import argon2
import pytest
import time_machine
from django.db import transaction
from pytest_django import Settings

from accounts.authority import Actor
from config import env
from core import clock, limits, secrets
from core.errors import NotUsable
from tap import actions
from tap.actions import Issued
from tap.housekeeping import end_expired
from tap.models import TemporaryAccessPass
from tests.conftest import OPERATOR, reached

GivePass = Callable[..., Issued]
VISITOR = Actor(address="203.0.113.7")


def use(made: Issued) -> None:
    upn = made.issued.user.upn
    with transaction.atomic():
        actions.claim(VISITOR, verified=actions.verify(VISITOR, upn=upn, typed=made.code))


def stored(made: Issued) -> TemporaryAccessPass:
    return TemporaryAccessPass.objects.get(pk=made.issued.pk)


def salt_of(verifier: str) -> str:
    return verifier.split("$")[-2]


def test_the_shipped_parameters_are_those_of_the_design() -> None:
    """A03: 19 MiB, two passes, one lane, with nothing set in the environment."""
    shipped = env.read(
        {"SECRET_KEY": "k3y-" * 12 + "abcd", "PEPPER_KEYS": "k1:" + base64.b64encode(bytes(32)).decode()}
    )
    assert (shipped.argon2_memory_kib, shipped.argon2_time_cost) == (19_456, 2)


def test_a_verifier_says_with_which_parameters_it_was_made(settings: Settings) -> None:
    """A03: argon2id with the parameters of the settings and a salt of 128 bits."""
    settings.ARGON2_MEMORY_KIB, settings.ARGON2_TIME_COST = 19_456, 2
    secrets._hasher.cache_clear()
    try:
        name, _, phc = secrets.protect("ABCD2345", context="row").partition("$")
    finally:
        secrets._hasher.cache_clear()
    found = argon2.extract_parameters(phc)
    assert phc.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert (found.type, found.memory_cost, found.time_cost, found.parallelism) == (argon2.Type.ID, 19_456, 2, 1)
    assert (found.salt_len, found.hash_len) == (16, 32)
    assert name == settings.PEPPER_KEYS[0][0]


def test_every_pass_has_a_salt_of_its_own(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A03: per-pass salt."""
    verifiers = [give_pass(user).issued.verifier for user in (world.mia, world.tapuser, world.user2, world.user3)]
    assert len({salt_of(verifier) for verifier in verifiers}) == len(verifiers)


def test_the_database_alone_does_not_verify_the_right_code(
    world: SimpleNamespace, give_pass: GivePass, settings: Settings
) -> None:
    """A03: the pepper lives outside the database; with another one even the right code fails."""
    made = give_pass(world.mia)
    assert actions.verify(VISITOR, upn=world.mia.upn, typed=made.code).issued == made.issued
    name, _ = settings.PEPPER_KEYS[0]
    settings.PEPPER_KEYS = ((name, bytes(32)),)
    with pytest.raises(NotUsable) as refused:
        actions.verify(VISITOR, upn=world.mia.upn, typed=made.code)
    assert refused.value.code == "wrong_code"
    plain = argon2.PasswordHasher()
    with pytest.raises(argon2.exceptions.VerifyMismatchError):
        plain.verify(stored(made).verifier.partition("$")[2], made.code)


def test_an_older_pepper_still_verifies_and_an_unknown_one_does_not(
    world: SimpleNamespace, give_pass: GivePass, settings: Settings
) -> None:
    made = give_pass(world.mia)
    settings.PEPPER_KEYS = (("new", bytes(range(32))), *settings.PEPPER_KEYS)
    assert actions.verify(VISITOR, upn=world.mia.upn, typed=made.code).issued == made.issued
    settings.PEPPER_KEYS = settings.PEPPER_KEYS[:1]
    with pytest.raises(NotUsable):
        actions.verify(VISITOR, upn=world.mia.upn, typed=made.code)


def test_a_verifier_moved_to_another_row_verifies_nothing(world: SimpleNamespace, give_pass: GivePass) -> None:
    mine, yours = give_pass(world.mia), give_pass(world.tapuser)
    TemporaryAccessPass.objects.filter(pk=yours.issued.pk).update(verifier=mine.issued.verifier)
    with pytest.raises(NotUsable):
        actions.verify(VISITOR, upn=world.tapuser.upn, typed=mine.code)


def test_it_is_erased_when_a_one_time_pass_is_used(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A03: used up."""
    made = give_pass(world.mia, is_usable_once=True)
    use(made)
    assert stored(made).verifier == ""


def test_it_stays_while_a_multiple_use_pass_works(world: SimpleNamespace, give_pass: GivePass) -> None:
    made = give_pass(world.mia, is_usable_once=False)
    use(made)
    use(made)
    assert stored(made).verifier
    assert stored(made).use_count == 2


def test_it_is_erased_when_a_pass_is_deleted(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A03: revoked by an administrator, or by the person."""
    theirs, own = give_pass(world.mia), give_pass(world.tapuser)
    actions.delete(OPERATOR, target=reached(world.mia), pass_id=theirs.issued.pk)
    person = Actor(user_id=world.tapuser.id, upn=world.tapuser.upn)
    actions.delete_own(person, user=world.tapuser, pass_id=own.issued.pk)
    for made in (theirs, own):
        assert (stored(made).verifier, stored(made).remnant) == ("", "")


def test_it_is_erased_when_a_pass_is_replaced(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A03: replaced."""
    old = give_pass(world.mia)
    give_pass(world.mia)
    assert (stored(old).verifier, stored(old).remnant) == ("", "")


def test_housekeeping_erases_it_when_a_pass_expires(world: SimpleNamespace, give_pass: GivePass) -> None:
    """A03: expired. Sixteen bits of the hash stay, to tell the holder why; they find no code."""
    over, live = give_pass(world.mia, lifetime_in_minutes=60), give_pass(world.tapuser, lifetime_in_minutes=120)
    with time_machine.travel(over.issued.ends_at, tick=False):
        assert end_expired(now=clock.now() - timedelta(microseconds=1)) == 0
        assert end_expired(now=clock.now()) == 1
        assert end_expired(now=clock.now()) == 0
    assert stored(over).verifier == ""
    assert len(bytes.fromhex(stored(over).remnant.rsplit("$", 1)[1])) == 2
    assert stored(live).verifier


def test_it_is_erased_when_a_pass_is_locked(
    world: SimpleNamespace, give_pass: GivePass, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A03: locked after too many wrong codes."""
    made = give_pass(world.mia)
    monkeypatch.setattr(limits, "account_lanes", lambda **_: [])
    for _ in range(100):
        with pytest.raises(NotUsable):
            actions.verify(VISITOR, upn=world.mia.upn, typed="ABCD2345")
    assert (stored(made).verifier, stored(made).remnant) == ("", "")
    assert stored(made).locked_at is not None
