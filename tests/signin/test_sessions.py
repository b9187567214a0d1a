"""Sign-in sessions: what they prove, how long they live, and what ends them at once."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.test import Client
from django.urls import reverse

from accounts import sessions
from accounts.access import ConfirmationNeeded, actor_of, reach
from accounts.authority import Reason
from accounts.enums import Act, MethodKind, RequiredStrength, SessionEnd, Strength
from accounts.models import RoleAssignment, SignInSession, Tenant, User
from core import clock
from tap.actions import Issued
from tests.conftest import SignIn, session_of
from tests.drive import enter_pass, enter_password

GivePass = Callable[..., Issued]
INFO = "/mysecurityinfo/"


def test_it_says_tap_and_mfa_in_a_pass_session(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """B05: a pass is multi-factor, and weaker than any lasting method."""
    enter_pass(client, "tapuser@contoso.com", give_pass(world.tapuser).code)
    session = session_of(client)
    assert session.amr == ["tap", "mfa"]
    strength = MethodKind(session.method).strength
    assert Strength.SINGLE_FACTOR < strength < Strength.LASTING


def test_it_says_pwd_alone_in_a_password_session(world: SimpleNamespace, client: Client) -> None:
    """B05: a password is one factor and never carries ``mfa``."""
    User.objects.filter(pk=world.mia.pk).update(password=make_password("a long enough secret"))
    assert enter_password(client, "mia@contoso.com", "a long enough secret").status_code == 302
    assert session_of(client).amr == ["pwd"]


@pytest.mark.parametrize("required", [RequiredStrength.PHISHING_RESISTANT, RequiredStrength.LASTING_METHOD])
def test_it_refuses_an_administrator_in_a_pass_session_where_more_is_required(
    world: SimpleNamespace, as_: SignIn, required: RequiredStrength
) -> None:
    """B05: the tenant's requirement is judged against the session: a pass is too weak, a passkey will do."""
    Tenant.objects.filter(pk=world.contoso.pk).update(issuer_strength=required)
    with_pass = session_of(as_(world.grace, MethodKind.TEMPORARY_ACCESS_PASS))
    with pytest.raises(ConfirmationNeeded) as refused:
        reach(actor_of(with_pass), world.tapuser.id, Act.PASS_ISSUE)
    assert refused.value.reason is Reason.SIGN_IN_TOO_WEAK
    assert refused.value.code == "sign_in_too_weak"
    with_passkey = session_of(as_(world.grace, MethodKind.FIDO2))
    assert reach(actor_of(with_passkey), world.tapuser.id, Act.PASS_ISSUE).user == world.tapuser


def test_it_lets_a_pass_session_administer_where_multi_factor_is_enough(world: SimpleNamespace, as_: SignIn) -> None:
    """B05: the default requirement is met by a pass, and never by a password."""
    with_pass = session_of(as_(world.grace, MethodKind.TEMPORARY_ACCESS_PASS))
    assert reach(actor_of(with_pass), world.tapuser.id, Act.PASS_ISSUE).user == world.tapuser
    with_password = session_of(as_(world.grace, MethodKind.PASSWORD))
    with pytest.raises(ConfirmationNeeded) as refused:
        reach(actor_of(with_password), world.tapuser.id, Act.PASS_ISSUE)
    assert refused.value.reason is Reason.SIGN_IN_TOO_WEAK


def _disable_user(world: SimpleNamespace) -> None:
    User.objects.filter(pk=world.mia.pk).update(is_enabled=False)


def _delete_user(world: SimpleNamespace) -> None:
    User.objects.get(pk=world.mia.pk).delete()


def _disable_tenant(world: SimpleNamespace) -> None:
    Tenant.objects.filter(pk=world.contoso.pk).update(is_enabled=False)


@pytest.mark.parametrize(
    "change", [_disable_user, _delete_user, _disable_tenant], ids=["user disabled", "user deleted", "tenant disabled"]
)
def test_it_ends_access_on_the_next_request(
    world: SimpleNamespace, as_: SignIn, change: Callable[[SimpleNamespace], None]
) -> None:
    """B10: nothing about a person or his organisation is remembered between two requests."""
    client = as_(world.mia)
    assert client.get(INFO).status_code == 200
    change(world)
    answer = client.get(INFO)
    assert answer.status_code == 302
    assert answer["Location"].startswith(reverse("signin:identify"))
    assert not client.cookies[settings.SIGN_IN_COOKIE].value


def test_it_leaves_the_other_organisation_alone(world: SimpleNamespace, as_: SignIn) -> None:
    """B10: disabling one tenant ends nobody else's session."""
    client = as_(world.vera_home)
    _disable_tenant(world)
    assert client.get(INFO).status_code == 200


def test_it_takes_a_removed_role_away_on_the_next_request(world: SimpleNamespace, as_: SignIn) -> None:
    """B10: roles are read at every request."""
    client, ended = as_(world.grace), as_(world.tapuser)
    to = reverse("accounts:end_sessions", args=[world.tapuser.pk])
    assert client.post(to).status_code == 302
    assert ended.get(INFO).status_code == 302
    again = as_(world.tapuser)
    RoleAssignment.objects.filter(user=world.grace).delete()
    assert client.post(to).status_code == 403
    assert again.get(INFO).status_code == 200
    assert client.get(INFO).status_code == 200


@pytest.mark.parametrize(
    ("idle", "lives"),
    [(timedelta(minutes=59), True), (timedelta(hours=1), True), (timedelta(hours=1, seconds=1), False)],
    ids=["59 minutes", "an hour", "a second more"],
)
def test_it_ends_a_session_after_an_idle_hour(
    world: SimpleNamespace, as_: SignIn, idle: timedelta, lives: bool
) -> None:
    """B11: one hour without activity."""
    client = as_(world.mia)
    with time_machine.travel(session_of(client).last_seen_at + idle, tick=False):
        assert (client.get(INFO).status_code == 200) is lives
        expected = None if lives else SessionEnd.IDLE
        assert sessions.end_of(SignInSession.objects.get(), now=clock.now()) == expected


@pytest.mark.parametrize("method", [MethodKind.FIDO2, MethodKind.PASSWORD])
def test_it_ends_a_session_after_twelve_hours_however_busy(
    world: SimpleNamespace, as_: SignIn, method: MethodKind
) -> None:
    """B11: twelve hours overall, judged at use, also where the person never paused."""
    client = as_(world.mia, method)
    began = session_of(client).authenticated_at
    for minutes in range(0, 12 * 60, 50):
        with time_machine.travel(began + timedelta(minutes=minutes), tick=False):
            assert client.get(INFO).status_code == 200
    over = began + timedelta(hours=12)
    SignInSession.objects.update(last_seen_at=over - timedelta(seconds=1))
    with time_machine.travel(over - timedelta(seconds=1), tick=False):
        assert client.get(INFO).status_code == 200
    with time_machine.travel(over, tick=False):
        assert client.get(INFO).status_code == 302
    assert sessions.end_of(SignInSession.objects.get(), now=over) is SessionEnd.TOO_LONG


def test_it_signs_out_by_post_only(world: SimpleNamespace, as_: SignIn) -> None:
    """B12: no link can sign anybody out."""
    client = as_(world.mia)
    for method in (client.get, client.head, client.put, client.delete):
        assert method(reverse("signin:out")).status_code == 405
    assert session_of(client).revoked_at is None
    assert client.get(INFO).status_code == 200


def test_it_kills_the_session_row_at_signing_out(world: SimpleNamespace, as_: SignIn) -> None:
    """B12: the key is dead on the server, not only forgotten by the browser."""
    client = as_(world.mia)
    token = client.cookies[settings.SIGN_IN_COOKIE].value
    assert client.post(reverse("signin:out"))["Location"] == reverse("signin:signed_out")
    session = SignInSession.objects.get()
    assert session.revoked_at is not None
    assert session.revoked_reason == SessionEnd.SIGNED_OUT
    thief = Client()
    thief.cookies[settings.SIGN_IN_COOKIE] = token
    assert thief.get(INFO).status_code == 302


def test_it_wants_the_form_value_to_sign_out(world: SimpleNamespace, as_: SignIn) -> None:
    """B12: another site's form signs nobody out."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies[settings.SIGN_IN_COOKIE] = as_(world.grace).cookies[settings.SIGN_IN_COOKIE].value
    assert strict.post(reverse("signin:out")).status_code == 403
    assert SignInSession.objects.get().revoked_at is None
