"""An administrator resets a password: nobody chooses another's, and what is made works once and is replaced at once."""

from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from time_machine import TimeMachineFixture

from accounts.access import Refused, reach
from accounts.authority import MATRIX
from accounts.enums import Act, Interrupt, MethodKind, Role, SessionEnd
from accounts.models import RoleAssignment, SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from authmethods import passwords
from authmethods.catalogue import methods_of
from authmethods.passwords import OneOffPassword
from core import clock
from core.errors import Conflict, Invalid, NotUsable
from core.secrets import group
from notices.enums import Kind
from notices.models import Notice
from tests.authmethods.center import methods_url, text_of
from tests.authmethods.steps import actor, begin, finish, make_key
from tests.conftest import OPERATOR, SignIn, reached, session_of
from tests.drive import enter_password

OLD, NEW = "four-unrelated-words-7", "quite-another-lot-of-words-8"
INFO, FRESH, ASKED = "/mysecurityinfo/", reverse("signin:new_password"), reverse("signin:interrupt")


@pytest.fixture
def mia(world: SimpleNamespace, as_: SignIn) -> User:
    """Mia has a password, and no pass."""
    user: User = world.mia
    passwords.set_password(actor(as_(user)), user=user, password=OLD)
    return user


def reset(user: User) -> OneOffPassword:
    return passwords.reset_password(OPERATOR, target=reached(user))


def choose(client: Client, password: str = NEW) -> Any:
    return client.post(FRESH, {"password": password, "repeated": password})


def test_a_one_off_password_is_replaced_before_anything_else(mia: User) -> None:
    """ASVS 6.4.1, 6.4.6: it never becomes the lasting one, and no administrator knows that."""
    made = reset(mia)
    client = Client()
    assert enter_password(client, mia.upn, OLD).status_code == 200, "the old one is gone"
    typed = "-".join(group(made.password)).lower()
    arrived = enter_password(client, mia.upn, typed)
    assert arrived["Location"] == ASKED
    assert client.get(ASKED)["Location"] == FRESH
    for url in (
        INFO,
        reverse("authmethods:overview"),
        reverse("authmethods:password"),
        reverse("authmethods:add_own_method"),
    ):
        answer = client.get(url)
        assert answer.status_code == 302
        assert answer["Location"].startswith((ASKED, FRESH)), url
    for other in (made.password, typed, typed.upper()):
        assert "Choose another password than the one you were given." in text_of(choose(client, other))
    assert "too short" in text_of(choose(client, "short"))
    first = session_of(client)
    assert choose(client)["Location"] == reverse("home")
    assert client.get(INFO).status_code == 200
    then = session_of(client)
    assert then.pk != first.pk, "B06: a session of its own"
    assert (then.method, then.interrupt) == (MethodKind.PASSWORD, Interrupt.NONE)
    first.refresh_from_db()
    assert first.revoked_reason == SessionEnd.PASSWORD_CHANGED
    assert enter_password(Client(), mia.upn, NEW)["Location"] == reverse("home")
    assert choose(client)["Location"] == reverse("home"), "there is nothing to replace any more"
    assert User.objects.get(pk=mia.pk).has_lasting_password


def test_it_works_once(mia: User) -> None:
    made = reset(mia)
    enter_password(Client(), mia.upn, made.password)
    assert "incorrect" in text_of(enter_password(Client(), mia.upn, made.password))
    assert not User.objects.get(pk=mia.pk).has_password
    assert reset(User.objects.get(pk=mia.pk)).password, "and it can be reset again"


def test_of_two_at_once_one_gets_in(mia: User) -> None:
    made = reset(mia)
    both = [passwords.verify_password(OPERATOR, upn=mia.upn, typed=made.password) for _ in range(2)]
    passwords.claim_password(OPERATOR, verified=both[0])
    with pytest.raises(NotUsable, match="password_changed"):
        passwords.claim_password(OPERATOR, verified=both[1])


def test_a_reset_overtakes_a_sign_in_under_way(mia: User) -> None:
    verified = passwords.verify_password(OPERATOR, upn=mia.upn, typed=OLD)
    reset(mia)
    with pytest.raises(NotUsable, match="password_changed"):
        passwords.claim_password(OPERATOR, verified=verified)


def test_it_ends_after_a_day_and_the_session_after_fifteen_minutes(mia: User, time_machine: TimeMachineFixture) -> None:
    begun = clock.now()
    time_machine.move_to(begun, tick=False)
    made = reset(mia)
    time_machine.move_to(begun + timedelta(hours=24) - timedelta(seconds=1), tick=False)
    client = Client()
    assert enter_password(client, mia.upn, made.password).status_code == 302
    time_machine.move_to(begun + timedelta(hours=24, minutes=15), tick=False)
    assert choose(client)["Location"].startswith(reverse("signin:identify"))
    made = reset(User.objects.get(pk=mia.pk))
    time_machine.move_to(made.ends_at, tick=False)
    assert "works no longer" in text_of(enter_password(Client(), mia.upn, made.password)), "C06: the code was right"
    assert AuditEvent.objects.filter(event=Event.PASSWORD_REFUSED).latest("id").reason == "password_expired"
    held = methods_of(User.objects.get(pk=mia.pk), now=clock.now()).methods[0]
    assert (held.kind, held.is_usable, held.is_lasting) == (MethodKind.PASSWORD, False, False)


def test_what_ends_with_the_old_password(mia: User, as_: SignIn) -> None:
    by_password, by_passkey = as_(mia, MethodKind.PASSWORD), as_(mia)
    made = reset(mia)
    assert by_password.get(INFO).status_code == 302
    assert by_passkey.get(INFO).status_code == 200
    assert SignInSession.objects.filter(user=mia, revoked_reason=SessionEnd.PASSWORD_CHANGED).count() == 1
    # Whoever has proved himself otherwise sets a password of his own as ever.
    with pytest.raises(Invalid, match="same_password"):
        passwords.set_password(actor(by_passkey), user=User.objects.get(pk=mia.pk), password=made.password)
    passwords.set_password(actor(by_passkey), user=User.objects.get(pk=mia.pk), password=NEW)
    assert enter_password(Client(), mia.upn, NEW)["Location"] == reverse("home")


def test_one_off_is_no_reason_to_let_the_last_passkey_go(mia: User, as_: SignIn) -> None:
    """D10."""
    client = as_(mia)
    finish(client, make_key().register(begin(client)))
    reset(mia)
    passkey = mia.passkeys.get()
    page = client.get(reverse("authmethods:passkey_delete", args=[passkey.id]))
    assert "This is your last way to sign in." in text_of(page)


@pytest.mark.parametrize("role", [*Role, None], ids=lambda one: one.name if one else "nobody")
def test_who_may_reset_whose(world: SimpleNamespace, as_: SignIn, role: Role | None) -> None:
    """A09: as with passes, and nobody his own."""
    RoleAssignment.objects.filter(user=world.noor).delete()
    if role is not None:
        RoleAssignment.objects.create(tenant=world.contoso, user=world.noor, role=role)
    for person in (world.mia, world.gil, world.grace, world.noor):
        User.objects.filter(pk=person.pk).update(password="x$y", password_changed_at=clock.now())
    noor = actor(as_(world.noor))
    like_a_pass = MATRIX[role].get(Act.PASS_ISSUE, frozenset()) if role else frozenset()
    for person, standing in (
        (world.mia, "member"),
        (world.gil, "member"),
        (world.grace, "admin"),
        (world.noor, "self"),
    ):
        target = reach(noor, person.id, Act.DIRECTORY_VIEW) if role else replace(reached(person), actor=noor)
        if standing in like_a_pass:
            assert passwords.reset_password(noor, target=target).password
        else:
            with pytest.raises(Refused):
                passwords.reset_password(noor, target=target)
            assert User.objects.get(pk=person.pk).password == "x$y"


def test_there_must_be_one_to_reset(world: SimpleNamespace) -> None:
    with pytest.raises(Invalid, match="no_password"):
        reset(world.user3)
    with pytest.raises(Invalid, match="external_guest"):
        reset(world.vera_external)
    User.objects.filter(pk=world.gil.pk).update(password="x$y", is_enabled=False)
    with pytest.raises(Invalid, match="user_disabled"):
        reset(world.gil)


def test_the_page_asks_first_and_shows_it_once(mia: User, world: SimpleNamespace, as_: SignIn) -> None:
    """A02 for one-off passwords: one answer, and nowhere else."""
    amir = as_(world.amir)
    url = reverse("authmethods:reset_password_of", args=[mia.id])
    assert url in text_of(amir.get(methods_url(mia)))
    asked = amir.get(url)
    assert "Reset password?" in text_of(asked)
    seen = asked.context["person"].password_changed_at.isoformat()
    shown = amir.post(url, {"seen": seen})
    assert (shown.status_code, shown["Cache-Control"]) == (200, "no-store")
    made = shown.context["made"]
    assert made.password not in repr(made)
    again = amir.post(url, {"seen": seen}, follow=True)
    assert "The password was shown once." in text_of(again)
    assert made.password not in text_of(again)
    assert "One-off" in text_of(amir.get(methods_url(mia)))
    event = AuditEvent.objects.get(event=Event.PASSWORD_RESET)
    assert (event.actor_id, event.target_id, event.activity) == (world.amir.id, mia.id, "Reset user password")
    told = Notice.objects.get(kind=Kind.PASSWORD_RESET)
    everything = f"{event.detail} {told.facts} {User.objects.filter(pk=mia.pk).values().get()} {mail.outbox}"
    assert made.password not in everything
    with pytest.raises(Conflict):
        passwords.reset_password(OPERATOR, target=reached(mia), seen=clock.now())


def test_the_page_is_for_those_who_may(mia: User, world: SimpleNamespace, as_: SignIn) -> None:
    url = reverse("authmethods:reset_password_of", args=[mia.id])
    for who, status in ((world.rosa, 403), (world.paul, 403), (world.zed, 404), (world.user3, 403)):
        assert as_(who).get(url).status_code == status
        assert as_(who).post(url).status_code == status
    old = as_(world.amir)
    SignInSession.objects.filter(user=world.amir).update(authenticated_at=clock.now() - timedelta(hours=2))
    assert old.get(url)["Location"].startswith(reverse("signin:confirm"))
    assert url not in text_of(as_(world.rosa).get(methods_url(mia)))
    assert enter_password(Client(), mia.upn, OLD).status_code == 302
