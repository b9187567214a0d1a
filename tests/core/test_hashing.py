"""C07: memory-hard hashes are few at a time, and nothing too long is ever hashed."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import argon2
import pytest
from django.contrib.auth.hashers import Argon2PasswordHasher, check_password, make_password
from pytest_django import Settings

from accounts.authority import Actor
from authmethods import passwords
from core import secrets
from core.errors import Busy, NotUsable
from tap import actions as passes

MADE: dict[str, str] = {}
HASHES: dict[str, Callable[[], object]] = {
    "protecting a pass": lambda: secrets.protect("ABCD2345", context="one"),
    "checking a pass": lambda: secrets.matches("ABCD2345", MADE["verifier"], context="one"),
    "recognising an ended pass": lambda: secrets.recognises(
        "ABCD2345", secrets.remnant_of(MADE["verifier"]), context="one"
    ),
    "hashing nothing": secrets.spend_a_hash,
    "setting a password": lambda: make_password("correct horse"),
    "checking a password": lambda: check_password("correct horse", MADE["password"]),
}


@pytest.fixture(autouse=True)
def _made() -> None:
    MADE["verifier"] = secrets.protect("ABCD2345", context="one")
    MADE["password"] = make_password("correct horse")


@pytest.fixture
def one_slot(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A process that may hash one thing at a time, and does not wait long."""
    settings.HASHES_IN_FLIGHT = 1
    monkeypatch.setattr(secrets, "SECONDS_TO_WAIT_FOR_A_HASH", 0.05)
    secrets._slots.cache_clear()
    yield
    secrets._slots.cache_clear()


@pytest.mark.parametrize("hashing", HASHES)
def test_every_hash_takes_a_slot(one_slot: None, hashing: str) -> None:
    """C07: with the only slot held, each refuses; with it free, each works and gives it back."""
    HASHES[hashing]()
    HASHES[hashing]()
    with secrets.hash_slot(), pytest.raises(Busy) as busy:
        HASHES[hashing]()
    assert busy.value.retry_after > 0
    HASHES[hashing]()


def test_no_more_run_at_once_than_the_setting_says(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """C07: twelve at the door, three inside."""
    settings.HASHES_IN_FLIGHT = 3
    secrets._slots.cache_clear()
    inside, most, lock, full = 0, 0, threading.Lock(), threading.Barrier(3)

    def hash_slowly(*_: object, **__: object) -> str:
        nonlocal inside, most
        with lock:
            inside += 1
            most = max(most, inside)
        full.wait(10)
        with lock:
            inside -= 1
        return "made"

    monkeypatch.setattr(argon2.PasswordHasher, "hash", hash_slowly)
    try:
        with ThreadPoolExecutor(12) as pool:
            assert len(list(pool.map(lambda _: secrets.protect("ABCD2345", context="one"), range(12)))) == 12
    finally:
        secrets._slots.cache_clear()
    assert most == 3


def test_a_hash_that_fails_gives_its_slot_back(one_slot: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """C07: otherwise a few faults would stop every sign-in."""

    def fail(*_: object, **__: object) -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr(argon2.PasswordHasher, "hash", fail)
        with pytest.raises(MemoryError):
            secrets.protect("ABCD2345", context="one")
    assert secrets.protect("ABCD2345", context="one")


@pytest.mark.parametrize("typed", ["A" * 65, "a" * 10_000, " " * 65, "ABCD-2345-" * 7, "\uff21\uff22" * 33], ids=ascii)
def test_a_pass_that_is_too_long_is_not_hashed(
    world: SimpleNamespace, give_pass: Callable[..., object], monkeypatch: pytest.MonkeyPatch, typed: str
) -> None:
    """C07: over 64 characters, spaces and hyphens among them."""
    give_pass(world.mia)
    hashed: list[str] = []

    def pepper(_key: bytes, code: str, _context: str) -> bytes:
        hashed.append(code)
        return b"peppered"

    monkeypatch.setattr(secrets, "_peppered", pepper)
    with pytest.raises(NotUsable) as refused:
        passes.verify(Actor(address="10.0.0.7"), upn="mia@contoso.com", typed=typed)
    assert (refused.value.code, hashed) == ("wrong_code", [])
    with pytest.raises(NotUsable):
        passes.verify(Actor(address="10.0.0.7"), upn="mia@contoso.com", typed="-".join("A" * 32))
    assert hashed == ["A" * 32]


@pytest.mark.parametrize("length", [257, 10_000, 200_000])
def test_a_password_that_is_too_long_is_not_hashed(
    world: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """C07: over 256 characters. The work is done all the same, so that the answer takes as long."""
    world.mia.password = make_password("correct horse")
    world.mia.save()
    hashed: list[str] = []
    for name in ("encode", "verify"):
        monkeypatch.setattr(Argon2PasswordHasher, name, lambda _self, password, _other: hashed.append(password))
    with pytest.raises(NotUsable):
        passwords.verify_password(Actor(address="10.0.0.7"), upn="mia@contoso.com", typed="x" * length)
    assert hashed == ["nothing to verify"]
    with pytest.raises(NotUsable):
        passwords.verify_password(Actor(address="10.0.0.7"), upn="mia@contoso.com", typed="x" * 256)
    assert hashed[1:] == ["x" * 256]
