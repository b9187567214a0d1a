"""The link in a mail: asks first, works signed out, ends what the mail told of, once, and tells nothing else."""

import re
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from uuid import uuid4

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.signing import Signer
from django.test import Client
from django.utils import translation

from accounts.access import ConfirmationNeeded, actor_of
from accounts.enums import MethodKind, SessionEnd
from accounts.models import SignInSession, User
from accounts.sessions import revoke_all_of
from audit.enums import Event
from audit.models import AuditEvent
from authmethods import actions, passwords
from authmethods.models import Passkey
from config import worker
from core import clock
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.authmethods.steps import actor, make_key, register
from tests.conftest import SignIn, reached, session_of
from tests.drive import enter_pass

GivePass = Callable[..., Issued]


@pytest.fixture
def link(mailoutbox: list[EmailMessage]) -> Callable[[str], str]:
    """The path of the link in the last mail about something."""

    def find(subject: str) -> str:
        worker.run_due()
        body = next(str(mail.body) for mail in reversed(mailoutbox) if subject in mail.subject)
        found = re.search(r"https?://[^/]+(/not-me/\?\S+)", body)
        assert found
        return found[1]

    return find


def test_it_asks_first_and_then_ends_the_pass_its_sessions_and_what_was_registered_with_it(
    world: SimpleNamespace,
    give_pass: GivePass,
    client: Client,
    as_: SignIn,
    link: Callable[[str], str],
    mailoutbox: list[EmailMessage],
) -> None:
    """A12, B09."""
    made = give_pass(world.mia)
    enter_pass(client, world.mia.upn, made.code)
    register(client, make_key())
    passkey = Passkey.objects.get(user=world.mia)
    stranger = as_(world.mia, MethodKind.FIDO2, credential_id=passkey.pk)
    hers = as_(world.mia)
    signed_out, page = Client(enforce_csrf_checks=True), link("You signed in")
    asked = signed_out.get(page)
    assert asked.status_code == 200
    assert asked["Referrer-Policy"] == "same-origin"
    for secret in ("mia", "Mia", "Fontaine", str(made.issued.id)):
        assert secret not in asked.content.decode()
    assert TemporaryAccessPass.objects.open().filter(pk=made.issued.pk).exists()
    assert signed_out.post(page).status_code == 403
    assert Passkey.objects.exists()

    assert "Reported" in Client().post(page).content.decode()
    assert not TemporaryAccessPass.objects.open().filter(pk=made.issued.pk).exists()
    assert not Passkey.objects.exists()
    assert session_of(client).revoked_reason == SessionEnd.PASS_DELETED
    assert session_of(stranger).revoked_reason == SessionEnd.METHOD_REMOVED
    assert session_of(hers).revoked_at is None
    event = AuditEvent.objects.get(event=Event.NOT_ME_REPORTED)
    assert (event.actor_id, event.reason, event.detail["passes"]) == (world.mia.id, "reported_by_link", 1)
    mailoutbox.clear()
    worker.run_due()
    told = {mail.to[0] for mail in mailoutbox if "That was not me" in mail.subject}
    assert told == {"grace@contoso.com", "priya@contoso.com", "breakglass@contoso.com"}

    for answer in (Client().get(page), Client().post(page)):
        assert (answer.status_code, "This link no longer works" in answer.content.decode()) == (410, True)
    assert AuditEvent.objects.filter(event=Event.NOT_ME_REPORTED).count() == 1


def test_a_new_passkey_is_told_and_can_be_denied(
    world: SimpleNamespace, as_: SignIn, link: Callable[[str], str]
) -> None:
    """B09: the method goes, and every session with it."""
    register(as_(world.mia), make_key())
    kept = Passkey.objects.get()
    register(as_(world.mia), make_key())
    Client().post(link("A passkey was added"))
    assert Passkey.objects.get() == kept
    assert not SignInSession.objects.filter(user=world.mia, revoked_at=None).exists()


def test_a_passkey_registered_by_a_passkey_of_the_pass_goes_with_it(
    world: SimpleNamespace, give_pass: GivePass, client: Client, as_: SignIn, link: Callable[[str], str]
) -> None:
    """T6: a stranger with the pass makes himself one key with another."""
    enter_pass(client, world.mia.upn, give_pass(world.mia).code)
    register(client, make_key())
    first = Passkey.objects.get()
    register(as_(world.mia, credential_id=first.pk), make_key())
    Client().post(link("You signed in"))
    assert not Passkey.objects.exists()


def test_a_passkey_of_long_ago_brings_nothing_under_suspicion(world: SimpleNamespace, as_: SignIn) -> None:
    old = register(as_(world.mia), make_key())
    long_ago = clock.now() - timedelta(days=31)
    Passkey.objects.filter(pk=old.pk).update(created_at=long_ago, registered_with_pass_id=uuid4())
    assert register(as_(world.mia, credential_id=old.pk), make_key()).registered_with_pass_id is None


def test_denying_what_was_added_ends_the_pass_it_may_have_been_added_with(
    world: SimpleNamespace, give_pass: GivePass, client: Client, link: Callable[[str], str]
) -> None:
    """T6: or a stranger with a pass for any number of sign-ins would add the next passkey at once."""
    made = give_pass(world.mia, is_usable_once=False)
    enter_pass(client, world.mia.upn, made.code)
    register(client, make_key())
    page = link("A passkey was added")
    assert "A Temporary Access Pass you may have stops working." in Client().get(page).content.decode()
    Client().post(page)
    assert not TemporaryAccessPass.objects.open().exists()
    assert AuditEvent.objects.get(event=Event.PASS_DELETED).reason == "reported_by_link"


@pytest.mark.parametrize(
    "add",
    [
        lambda client: register(client, make_key()),
        lambda client: passwords.set_password(
            actor(client), user=session_of(client).user, password="correct horse battery"
        ),
    ],
    ids=["passkey", "password"],
)
def test_nothing_is_added_by_a_session_that_ends_meanwhile(
    world: SimpleNamespace, as_: SignIn, monkeypatch: pytest.MonkeyPatch, add: Callable[[Client], object]
) -> None:
    """B02: the sign-in is ended while the answer is being checked."""
    client = as_(world.mia)

    def end(real: Callable[..., object]) -> Callable[..., object]:
        def and_end(*args: object, **kwargs: object) -> object:
            answer = real(*args, **kwargs)
            revoke_all_of(world.mia.id, SessionEnd.REVOKED, now=clock.now())
            return answer

        return and_end

    monkeypatch.setattr(actions, "verified_credential", end(actions.verified_credential))
    monkeypatch.setattr(passwords, "chosen", end(passwords.chosen))
    with pytest.raises(ConfirmationNeeded):
        add(client)
    assert not Passkey.objects.exists()
    assert not User.objects.get(pk=world.mia.pk).password


def test_a_password_set_with_the_pass_goes_too(
    world: SimpleNamespace, give_pass: GivePass, client: Client, link: Callable[[str], str]
) -> None:
    made = give_pass(world.mia)
    enter_pass(client, world.mia.upn, made.code)
    passwords.set_password(actor(client), user=world.mia, password="correct horse battery")
    assert User.objects.get(pk=world.mia.pk).password
    Client().post(link("You signed in"))
    assert not User.objects.get(pk=world.mia.pk).password


def test_what_was_added_with_what_the_pass_added_goes_too(
    world: SimpleNamespace, give_pass: GivePass, client: Client, as_: SignIn, link: Callable[[str], str]
) -> None:
    """B09: a stranger who signs in with his new passkey and adds another one keeps neither, nor the password he set."""
    enter_pass(client, world.mia.upn, give_pass(world.mia).code)
    page = link("You signed in")
    register(client, make_key())
    later = as_(world.mia, MethodKind.FIDO2, credential_id=Passkey.objects.get().pk)
    register(later, make_key())
    passwords.set_password(actor(later), user=world.mia, password="correct horse battery")
    assert Passkey.objects.count() == 2
    Client().post(page)
    assert not Passkey.objects.exists()
    assert not User.objects.get(pk=world.mia.pk).password


def test_who_lost_all_passkeys_by_somebody_elses_wish_may_say_so(
    world: SimpleNamespace, as_: SignIn, link: Callable[[str], str], mailoutbox: list[EmailMessage]
) -> None:
    """A12: "I lost my phone" is what an impostor tells the help desk."""
    register(as_(world.mia), make_key())
    amir = actor_of(as_(world.amir).sign_in_session)  # type: ignore[attr-defined]
    actions.require_reregistration(amir, target=reached(world.mia, amir))
    page = link("Your passkeys were removed")
    assert "Your administrators are told." in Client().get(page).content.decode()
    with translation.override("de"):
        Client().post(page)
    mailoutbox.clear()
    worker.run_due()
    about = next(mail for mail in mailoutbox if "That was not me" in mail.subject)
    assert "The mail it was about: “All passkeys removed”, of " in " ".join(str(about.body).split())


def test_a_password_set_earlier_stays(
    world: SimpleNamespace, give_pass: GivePass, client: Client, link: Callable[[str], str]
) -> None:
    User.objects.filter(pk=world.mia.pk).update(password="x$y", password_changed_at=clock.now() - timedelta(days=3))
    enter_pass(client, world.mia.upn, give_pass(world.mia).code)
    Client().post(link("You signed in"))
    assert User.objects.get(pk=world.mia.pk).password == "x$y"


def test_a_link_is_over_after_thirty_days(
    world: SimpleNamespace, give_pass: GivePass, link: Callable[[str], str]
) -> None:
    give_pass(world.mia)
    page = link("was created for you")
    with time_machine.travel(clock.now() + timedelta(days=30, minutes=1)):
        assert Client().get(page).status_code == 410
        assert Client().post(page).status_code == 410
    assert TemporaryAccessPass.objects.open().exists()


@pytest.mark.django_db
@pytest.mark.parametrize("token", ["x", "x:y", "0" * 32 + ":forged", "other purpose", "\x00", ""])
def test_what_we_did_not_make_opens_nothing(token: str) -> None:
    if token == "other purpose":
        token = Signer(salt="authmethods.issue").sign("0" * 32)
    assert Client().get("/not-me/", {"notice": token}).status_code in (400, 404, 410)
