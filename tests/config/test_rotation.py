"""Changing keys: what the former ones did goes on, nothing begins anew for an attacker, and none is dropped while needed."""

import io
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from uuid import UUID

import pytest
import time_machine
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from audit import signing
from config import env, rotation
from core import clock, limits
from core.errors import NotUsable, TooMany
from core.secrets import make_code
from notices.links import denial_link, notice_of
from oidc import keys
from oidc.models import SigningKey
from tap import actions as tap
from tap.actions import Issued
from tests.config.test_settings_refused import REAL
from tests.conftest import OPERATOR, reached
from tests.drive import name_oneself

GivePass = Callable[..., Issued]
NEW, OLD = ("knew", bytes(range(32))), ("kold", bytes(range(1, 33)))


@pytest.fixture
def at_home(settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """A localhost whose secrets lie in DATA_DIR; the value is how it starts again."""
    for name in ("SECRET_KEY", "PEPPER_KEYS", "AUDIT_SIGNING_KEY", "SECRET_KEY_FALLBACKS", "AUDIT_PUBLIC_KEYS"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(f"{name}_FILE", raising=False)
    settings.DATA_DIR = tmp_path

    def start() -> None:
        read = env.read({"DATA_DIR": str(tmp_path)})
        for name in ("secret_key", "secret_key_fallbacks", "pepper_keys", "audit_signing_key", "audit_public_keys"):
            setattr(settings, name.upper(), getattr(read, name))

    start()
    return start


def run(*words: str) -> str:
    said = io.StringIO()
    call_command(*words, stdout=said)
    return said.getvalue()


def is_right(issued: Issued, upn: str) -> bool:
    try:
        tap.verify(OPERATOR, upn=upn, typed=issued.code)
    except NotUsable:
        return False
    return True


def test_a_pass_goes_on_through_a_rotation_of_the_pepper(
    world: SimpleNamespace, at_home: Callable[[], None], give_pass: GivePass, settings: LazySettings
) -> None:
    """Made before, used at every step; the former pepper is not dropped before the pass is over."""
    SigningKey.objects.all().delete()
    keys.rotate(now=clock.now())
    made = give_pass(world.mia)
    former = settings.PEPPER_KEYS[0][0]
    run("rotate_pepper")
    assert is_right(made, world.mia.upn), "a server that has not been restarted"
    at_home()
    present, *others = [name for name, _ in settings.PEPPER_KEYS]
    assert (present != former, others) == (True, [former])
    assert is_right(made, world.mia.upn)
    assert give_pass(world.user2).issued.verifier.startswith(f"{present}$")
    said = run("rotate_pepper", "--status")
    assert f"{former}  former: needed by 1 passes (the last until " in said
    with pytest.raises(CommandError, match=f"1 passes and 0 keys still need {former}"):
        run("rotate_pepper", "--drop", former)
    tap.delete(OPERATOR, target=reached(world.mia), pass_id=made.issued.id)
    assert "1 keys that sign tokens were sealed anew" not in run("rotate_pepper", "--drop", former), "done already"
    at_home()
    assert [name for name, _ in settings.PEPPER_KEYS] == [present]
    keys._private.cache_clear()
    assert keys.signing_key(now=clock.now())[0], "tokens are signed without the former pepper"


def test_a_signing_key_that_cannot_be_opened_is_told(db: None, settings: LazySettings) -> None:
    """Its pepper was lost, or another has its name."""
    name, key = settings.PEPPER_KEYS[0]
    keys.rotate(now=clock.now())
    settings.PEPPER_KEYS = (NEW, (name, key[::-1]))
    with pytest.raises(CommandError, match="run rotate_keys"):
        run("rotate_pepper", "--drop", name)


def test_the_last_pepper_and_a_strange_one_are_not_dropped(db: None, settings: LazySettings) -> None:
    settings.PEPPER_KEYS = (NEW, OLD)
    for name in ("knew", "k0"):
        with pytest.raises(CommandError, match="Nothing was changed"):
            run("rotate_pepper", "--drop", name)


def test_a_pepper_that_is_gone_and_needed_is_told(
    world: SimpleNamespace, give_pass: GivePass, settings: LazySettings
) -> None:
    give_pass(world.mia)
    settings.PEPPER_KEYS = (NEW,)
    assert "?  GONE: needed by 1 passes" in run("rotate_pepper", "--status")


@pytest.mark.parametrize("command_name", ["rotate_pepper", "rotate_secret_key", "rotate_audit_key"])
def test_in_production_it_says_what_to_put_where_and_writes_nothing(
    db: None, command_name: str, settings: LazySettings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What it prints is accepted by the start, at every step."""
    settings.IS_LOCAL, settings.DATA_DIR = False, tmp_path
    for name in ("SECRET_KEY", "PEPPER_KEYS", "AUDIT_SIGNING_KEY"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PEPPER_KEYS_FILE", "/etc/gatepass/pepper_keys")
    said = run(command_name)
    assert list(tmp_path.iterdir()) == []
    assert [f"{number}. " in said for number in (1, 2, 3)] == [True, True, True]
    new = said.splitlines()[0].partition(": ")[2]
    if command_name == "rotate_pepper":
        assert "/etc/gatepass/pepper_keys (PEPPER_KEYS_FILE)" in said
        steps = [{"PEPPER_KEYS": f"{REAL['PEPPER_KEYS']},{new}"}, {"PEPPER_KEYS": f"{new},{REAL['PEPPER_KEYS']}"}]
    elif command_name == "rotate_secret_key":
        old = REAL["SECRET_KEY"]
        steps = [{"SECRET_KEY_FALLBACKS": new}, {"SECRET_KEY": new, "SECRET_KEY_FALLBACKS": old}]
    else:
        public = said.splitlines()[1].partition(": ")[2].strip()
        steps = [{"AUDIT_PUBLIC_KEYS": f"{public},{signing.public_key()}"}, {"AUDIT_SIGNING_KEY": new}]
    for step in steps:
        assert env.read(REAL | step)


def test_what_a_former_secret_key_signed_still_counts(
    world: SimpleNamespace, at_home: Callable[[], None], give_pass: GivePass
) -> None:
    """The cookie between two steps of signing in, the link of a mail, the session; then the former one goes."""
    code = give_pass(world.mia).code
    browser = Client()
    name_oneself(browser, world.mia.upn)
    link = denial_link(UUID(int=7)).rpartition("=")[2].replace("%3A", ":")
    run("rotate_secret_key")
    at_home()
    assert notice_of(link) == UUID(int=7)
    assert browser.post(reverse("signin:tap"), {"secret": code}).status_code == 302
    assert browser.get(reverse("authmethods:security_info")).status_code == 200
    with pytest.raises(CommandError, match="Nothing was changed"):
        run("rotate_secret_key", "--drop")
    with time_machine.travel(clock.now() + rotation.LONGEST_SIGNED):
        assert "Nothing needs them" in run("rotate_secret_key", "--status")
        run("rotate_secret_key", "--drop")
    at_home()
    assert notice_of(link) is None
    assert browser.get(reverse("authmethods:security_info")).status_code == 200


def test_a_stolen_secret_key_goes_at_once(db: None, at_home: Callable[[], None], settings: LazySettings) -> None:
    run("rotate_secret_key")
    at_home()
    assert len(settings.SECRET_KEY_FALLBACKS) == 1
    run("rotate_secret_key", "--drop", "--stolen")
    at_home()
    assert list(settings.SECRET_KEY_FALLBACKS) == []


def test_a_pass_older_than_the_key_keeps_the_former_one(
    world: SimpleNamespace, at_home: Callable[[], None], give_pass: GivePass
) -> None:
    """Its count of wrong codes stands under the former name alone."""
    give_pass(world.mia, starts_at=clock.now() + timedelta(days=40))
    with time_machine.travel(clock.now() + timedelta(minutes=1)):
        run("rotate_secret_key")
        at_home()
    with time_machine.travel(clock.now() + rotation.LONGEST_SIGNED + timedelta(minutes=2)):
        assert "and 1 passes made before" in run("rotate_secret_key", "--status")


def test_attempts_do_not_begin_anew_with_a_new_secret_key(db: None, settings: LazySettings) -> None:
    """C01–C03: whoever had to wait waits on, whoever had three tries left has three; a success gives all names back."""
    now = clock.now()
    there = {"method": "pass", "account": "mia@contoso.com", "network": "192.0.2.0/24"}

    def attempt() -> int:
        lanes = limits.account_lanes(**there)
        return limits.reserve(lanes, now=now)[lanes[0].key]

    assert [attempt(), attempt()] == [1, 2]
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = make_code(48) + "23", [settings.SECRET_KEY]
    assert [attempt(), attempt(), attempt()] == [3, 4, 5]
    with pytest.raises(TooMany):
        attempt()  # the fifth closed it
    lane = limits.account_lanes(**there)[0]
    assert limits.closed_until([lane], now=now)
    settings.SECRET_KEY_FALLBACKS = [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    with pytest.raises(TooMany):
        attempt()
    limits.release(limits.account_lanes(**there))
    assert attempt() == 1
    settings.SECRET_KEY_FALLBACKS = []
    assert attempt() == 2, "what was counted since the change stands under the new name too"


def test_a_sign_in_takes_no_more_statements_with_a_former_key(
    world: SimpleNamespace, give_pass: GivePass, settings: LazySettings
) -> None:
    """Both names are counted in one."""
    taken = []
    for former in ([], [make_code(48) + "23"]):
        settings.SECRET_KEY_FALLBACKS = former
        code = give_pass(world.mia).code
        browser = Client()
        name_oneself(browser, world.mia.upn)
        with CaptureQueriesContext(connection) as asked:
            assert browser.post(reverse("signin:tap"), {"secret": code}).status_code == 302
        taken.append(len(asked))
    assert taken[0] == taken[1]


def test_a_new_audit_key_signs_and_the_former_one_counts(db: None, at_home: Callable[[], None]) -> None:
    former = signing.public_key()
    run("rotate_audit_key")
    at_home()
    assert signing.trusted_keys() == (signing.public_key(), former)
    assert signing.public_key() != former
