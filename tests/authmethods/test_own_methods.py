"""What a person may do to his own methods, in which session, and what ends with it."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.access import ConfirmationNeeded, Refused
from accounts.authority import Reason
from accounts.enums import MethodKind, SessionEnd
from accounts.models import SignInSession, User
from authmethods import actions, passwords
from authmethods.models import Passkey
from core import clock
from core.errors import Invalid, NotFound
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.authmethods.steps import actor, begin, finish, make_key, register, sign_in
from tests.conftest import SignIn, session_of
from tests.drive import enter_pass, enter_password

GivePass = Callable[..., Issued]
SECRET = "four-unrelated-words-7"
OTHER = "quite-another-lot-of-words-8"
UPN = "tapuser@contoso.com"
INFO = "/mysecurityinfo/"


def set_password(client: Client, password: str = SECRET, **wishes: Any) -> None:
    user = User.objects.get(pk=session_of(client).user_id)
    passwords.set_password(actor(client), user=user, password=password, **wishes)


def delete(client: Client, passkey: Passkey) -> None:
    user = User.objects.get(pk=session_of(client).user_id)
    actions.delete_passkey(actor(client), user=user, passkey_id=passkey.id)


def post_json(client: Client, name: str, body: object) -> Any:
    return client.post(reverse(f"authmethods:{name}"), body, content_type="application/json")


# --- D10: the last lasting method --------------------------------------------------------------------------------------


def test_the_last_lasting_method_stays(world: SimpleNamespace, as_: SignIn) -> None:
    """D10: of two passkeys one may go, not both."""
    client = as_(world.tapuser)
    first, second = register(client, make_key()), register(client, make_key())
    delete(client, first)
    with pytest.raises(Invalid, match="last_lasting_method"):
        delete(client, second)
    assert list(Passkey.objects.all()) == [second]


def test_a_pass_does_not_count(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """D10: it ends, whether the person signed in with it or not."""
    enter_pass(client, UPN, give_pass(world.tapuser, is_usable_once=False).code)
    passkey = register(client, make_key())
    page = client.get(reverse("authmethods:passkey_delete", args=[passkey.id]))
    assert "This is your last way to sign in." in page.content.decode()
    shown = client.post(reverse("authmethods:passkey_delete", args=[passkey.id]), follow=True)
    assert "This is your last way to sign in." in shown.content.decode()
    assert Passkey.objects.filter(pk=passkey.pk).exists()
    assert TemporaryAccessPass.objects.filter(user=world.tapuser).exists()


def test_beside_a_password_the_last_passkey_may_go(world: SimpleNamespace, as_: SignIn) -> None:
    """D10: the password stays; sessions of the passkey end."""
    key, client = make_key(), as_(world.tapuser)
    passkey = register(client, key)
    set_password(client)
    ended = sign_in(key, world.tapuser)
    delete(client, passkey)
    ended.refresh_from_db()
    assert not Passkey.objects.exists()
    assert ended.revoked_reason == SessionEnd.METHOD_REMOVED
    assert session_of(client).revoked_at is None


def test_nobody_deletes_or_renames_another_persons_passkey(world: SimpleNamespace, as_: SignIn) -> None:
    """D10: it is not found, in the same tenant or another."""
    client = as_(world.tapuser)
    register(client, make_key())
    register(client, make_key())
    for other in (world.mia, world.zed):
        theirs = register(as_(other), make_key())
        with pytest.raises(NotFound):
            delete(client, theirs)
        for name in ("passkey_delete", "passkey_name"):
            assert client.post(reverse(f"authmethods:{name}", args=[theirs.id]), {"name": "Mine"}).status_code == 404
        theirs.refresh_from_db()
        assert theirs.name == "Passkey"


# --- B04: the ten minutes of a one-time pass ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("is_usable_once", "minutes", "is_good"),
    [(True, 9.99, True), (True, 10, False), (True, 30, False), (False, 10, True), (False, 30, True)],
)
def test_a_one_time_pass_registers_for_ten_minutes(
    world: SimpleNamespace,
    give_pass: GivePass,
    client: Client,
    is_usable_once: bool,
    minutes: float,
    is_good: bool,
) -> None:
    """B04: through the pages' own addresses; one that may be used more often registers for its whole life."""
    with time_machine.travel(clock.now(), tick=False) as moment:
        enter_pass(client, UPN, give_pass(world.tapuser, is_usable_once=is_usable_once).code)
        moment.shift(timedelta(minutes=minutes))
        options = post_json(client, "passkey_creation_options", {})
        if not is_good:
            assert options.status_code == 403
            assert "Time to add a method is over." in options.json()["message"]
            assert client.get(reverse("authmethods:passkey_create")).status_code == 403
            assert "Time to add a method is over." in client.get(INFO).content.decode()
            return
        made = post_json(client, "passkey_register", {"credential": make_key().register(options.json())})
        passkey = Passkey.objects.get()
        assert made.json()["redirect"].startswith(reverse("authmethods:passkey_name", args=[passkey.id]))
        assert passkey.registered_with_pass_id == session_of(client).credential_id


def test_what_began_in_time_must_end_in_time(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """B04: a challenge does not carry a registration past the ten minutes."""
    with time_machine.travel(clock.now(), tick=False) as moment:
        enter_pass(client, UPN, give_pass(world.tapuser, is_usable_once=True).code)
        moment.shift(timedelta(minutes=9))
        credential = make_key().register(begin(client))
        moment.shift(timedelta(minutes=1))
        answer = post_json(client, "passkey_register", {"credential": credential})
        assert (answer.status_code, Passkey.objects.count()) == (403, 0)


def test_a_failed_registration_can_be_tried_again(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """B04: the pass is used up by signing in, not by the ceremony; within the ten minutes one may try again."""
    with time_machine.travel(clock.now(), tick=False) as moment:
        enter_pass(client, UPN, give_pass(world.tapuser, is_usable_once=True).code)
        key = make_key()
        for _ in range(3):
            with pytest.raises(Invalid):
                register(client, key, uv=False)
            begin(client)  # the person closed the browser's window
            moment.shift(timedelta(minutes=3))
        assert register(client, key).user_id == world.tapuser.id


# --- B08: which session may change what --------------------------------------------------------------------------------

ACTIONS = ["register", "rename", "delete", "set password"]
SESSIONS: dict[str, Reason] = {
    "password": Reason.SIGN_IN_TOO_WEAK,
    "pass multi": Reason.ALLOWED,
    "pass multi, 50 minutes": Reason.ALLOWED,
    "pass one-time, in the window": Reason.ALLOWED,
    "pass one-time, after it": Reason.REGISTRATION_WINDOW_OVER,
    "passkey fresh": Reason.ALLOWED,
    "passkey 15 minutes": Reason.ALLOWED,
    "passkey 16 minutes": Reason.SIGN_IN_NOT_FRESH,
}
AGES = {
    "pass multi, 50 minutes": 50,
    "pass one-time, in the window": 9,
    "pass one-time, after it": 11,
    "passkey 15 minutes": 15,
    "passkey 16 minutes": 16,
}


def in_session(kind: str, user: User, as_: SignIn, give_pass: GivePass) -> Client:
    """Sign in so, really where that is what makes the session what it is."""
    client = Client()
    if kind.startswith("pass "):
        enter_pass(client, user.upn, give_pass(user, is_usable_once="one-time" in kind).code)
        return client
    if kind == "password":
        enter_password(client, user.upn, SECRET)
        return client
    return as_(user, MethodKind.FIDO2)


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize(("kind", "reason"), SESSIONS.items(), ids=SESSIONS.keys())
def test_what_a_session_may_change(
    world: SimpleNamespace, as_: SignIn, give_pass: GivePass, kind: str, reason: Reason, action: str
) -> None:
    """B08: lasting methods change in a strong and fresh session only; a pass counts as long as it may register."""
    with time_machine.travel(clock.now(), tick=False) as moment:
        at_first = as_(world.tapuser)
        passkey = register(at_first, make_key())
        set_password(at_first)
        before = User.objects.get(pk=world.tapuser.pk).password
        client = in_session(kind, world.tapuser, as_, give_pass)
        moment.shift(timedelta(minutes=AGES.get(kind, 0)))

        def act() -> None:
            user = User.objects.get(pk=world.tapuser.pk)
            if action == "register":
                register(client, make_key())
            elif action == "rename":
                actions.rename_passkey(actor(client), user=user, passkey_id=passkey.id, name="Renamed")
            elif action == "delete":
                delete(client, passkey)
            else:
                set_password(client, OTHER)

        if reason is Reason.ALLOWED:
            act()
        else:
            expected = ConfirmationNeeded if reason.can_step_up else Refused
            with pytest.raises(expected) as caught:
                act()
            assert caught.value.code == reason
        done = {
            "register": Passkey.objects.count() == 2,
            "rename": Passkey.objects.filter(name="Renamed").exists(),
            "delete": not Passkey.objects.exists(),
            "set password": User.objects.get(pk=world.tapuser.pk).password != before,
        }
        assert done == {one: one == action and reason is Reason.ALLOWED for one in ACTIONS}


def test_a_challenge_begun_in_a_strong_session_does_not_serve_a_weak_one(world: SimpleNamespace, as_: SignIn) -> None:
    """B08: the answer is judged by the session it comes in."""
    strong, weak = as_(world.tapuser), as_(world.tapuser, MethodKind.PASSWORD)
    credential = make_key().register(begin(strong))
    with pytest.raises(ConfirmationNeeded):
        finish(weak, credential)
    assert not Passkey.objects.exists()


def test_nobody_changes_another_persons_methods(world: SimpleNamespace, as_: SignIn) -> None:
    """B08: not even an administrator, by these actions."""
    grace = actor(as_(world.grace))
    with pytest.raises(Refused):
        actions.begin_registration(grace, user=world.tapuser)
    with pytest.raises(Refused):
        passwords.set_password(grace, user=world.tapuser, password=SECRET)
    assert not User.objects.get(pk=world.tapuser.pk).has_password


@pytest.mark.parametrize("name", ["passkey_create", "add_own_method", "password"])
def test_a_weak_session_is_asked_to_confirm(world: SimpleNamespace, as_: SignIn, name: str) -> None:
    """B08: and comes back to where it was."""
    answer = as_(world.tapuser, MethodKind.PASSWORD).get(reverse(f"authmethods:{name}"))
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("signin:confirm") + "?next=")


# --- B09: changing the password ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [True, False])
def test_changing_the_password_ends_other_sessions(world: SimpleNamespace, as_: SignIn, chosen: bool) -> None:
    """B09: all others if chosen; those that the old password opened always."""
    here = as_(world.tapuser)
    set_password(here)
    there, old = as_(world.tapuser), Client()
    enter_password(old, UPN, SECRET)
    ended = session_of(old)
    others_person = as_(world.mia)
    form = {"password": OTHER, "repeated": OTHER} | ({"sign_out_others": "on"} if chosen else {})
    saved = here.post(reverse("authmethods:password"), form)
    assert (saved.status_code, saved["Location"]) == (302, INFO)
    assert here.get(INFO).status_code == 200
    assert others_person.get(INFO).status_code == 200
    assert old.get(INFO).status_code == 302
    assert there.get(INFO).status_code == (302 if chosen else 200)
    ended.refresh_from_db()
    assert ended.revoked_reason == SessionEnd.PASSWORD_CHANGED


def test_the_old_password_is_over(world: SimpleNamespace, as_: SignIn) -> None:
    """B09: the new one signs in, the old one does not."""
    client = as_(world.tapuser)
    set_password(client)
    set_password(client, OTHER)
    browser = Client()
    assert enter_password(browser, UPN, SECRET).status_code == 200
    assert settings.SIGN_IN_COOKIE not in browser.cookies
    assert enter_password(browser, UPN, OTHER).status_code == 302


# --- B13: one's own sessions -------------------------------------------------------------------------------------------


def test_sessions_are_listed(world: SimpleNamespace, as_: SignIn) -> None:
    """B13: those that give access, of this person only."""
    here, there, ended = (as_(world.tapuser, address=f"192.0.2.{n}") for n in (1, 2, 3))
    SignInSession.objects.filter(pk=session_of(ended).pk).update(
        revoked_at=clock.now(), revoked_reason=SessionEnd.REVOKED
    )
    as_(world.mia, address="192.0.2.4")
    page = here.get(reverse("authmethods:sessions")).content.decode()
    assert [f"192.0.2.{n}" in page for n in (1, 2, 3, 4)] == [True, True, False, False]
    assert page.count("This session") == 1
    assert reverse("authmethods:end_own_session", args=[session_of(there).pk]) in page


def test_a_session_is_ended(world: SimpleNamespace, as_: SignIn) -> None:
    """B13: the other one at once; ending this one signs out."""
    here, there = as_(world.tapuser), as_(world.tapuser)
    answer = here.post(reverse("authmethods:end_own_session", args=[session_of(there).pk]))
    assert answer["Location"] == reverse("authmethods:sessions")
    assert (here.get(INFO).status_code, there.get(INFO).status_code) == (200, 302)
    answer = here.post(reverse("authmethods:end_own_session", args=[session_of(here).pk]))
    assert answer["Location"] == reverse("signin:signed_out")
    assert here.get(INFO).status_code == 302


@pytest.mark.parametrize("other", ["mia", "vera_home"])
def test_another_persons_session_is_not_found(world: SimpleNamespace, as_: SignIn, other: str) -> None:
    """B13: whether it is in the same tenant or not; the administrator's own pages are no way around it either."""
    for user in (world.tapuser, world.grace):
        victim, client = as_(getattr(world, other)), as_(user)
        answer = client.post(reverse("authmethods:end_own_session", args=[session_of(victim).pk]))
        assert answer.status_code == 404
        assert victim.get(INFO).status_code == 200


def test_a_session_is_not_ended_by_a_link(world: SimpleNamespace, as_: SignIn) -> None:
    """B13: by POST only."""
    here, there = as_(world.tapuser), as_(world.tapuser)
    assert here.get(reverse("authmethods:end_own_session", args=[session_of(there).pk])).status_code == 405
    assert there.get(INFO).status_code == 200
