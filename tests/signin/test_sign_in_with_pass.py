"""Signing in with a Temporary Access Pass, through the pages."""

from collections.abc import Callable
from datetime import timedelta
from html import unescape
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils.html import strip_tags

from accounts.enums import MethodKind, SessionEnd
from accounts.models import SignInSession, User
from audit.enums import Event
from audit.models import AuditEvent
from core import clock
from tap import actions as tap
from tap.actions import Issued
from tests.conftest import OPERATOR, reached, session_of
from tests.drive import enter_pass, name_oneself

GivePass = Callable[..., Issued]
INFO = "/mysecurityinfo/"


def test_it_asks_for_the_pass_when_one_is_usable(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    give_pass(world.tapuser)
    answer = name_oneself(client, "TapUser@Contoso.com")
    assert answer.redirect_chain[-1][0] == reverse("signin:tap")  # type: ignore[attr-defined]
    assert b"Enter Temporary Access Pass" in answer.content


@pytest.mark.parametrize(
    "spell",
    [str, str.lower, lambda code: f" {code[:4]}-{code[4:]} ", " ".join],
    ids=["as shown", "lower case", "hyphen", "spaces"],
)
def test_it_accepts_the_code_in_any_case_with_spaces_and_hyphens(
    world: SimpleNamespace, give_pass: GivePass, client: Client, spell: Callable[[str], str]
) -> None:
    answer = enter_pass(client, "tapuser@contoso.com", spell(give_pass(world.tapuser).code))
    assert answer.status_code == 302
    session = session_of(client)
    assert (session.user_id, session.method, session.amr) == (
        world.tapuser.id,
        MethodKind.TEMPORARY_ACCESS_PASS,
        ["tap", "mfa"],
    )


def test_it_binds_the_session_to_the_pass_and_the_window(
    world: SimpleNamespace, give_pass: GivePass, client: Client
) -> None:
    made = give_pass(world.tapuser, is_usable_once=True)
    enter_pass(client, "tapuser@contoso.com", made.code)
    session = session_of(client)
    assert session.credential_id == made.issued.id
    assert session.ends_at == made.issued.ends_at
    assert session.registration_ends_at is not None
    assert session.registration_ends_at - session.authenticated_at == timedelta(minutes=10)


def test_it_refuses_a_one_time_pass_the_second_time(world: SimpleNamespace, give_pass: GivePass) -> None:
    code = give_pass(world.tapuser, is_usable_once=True).code
    assert enter_pass(Client(), "tapuser@contoso.com", code).status_code == 302
    answer = enter_pass(Client(), "tapuser@contoso.com", code)
    assert answer.status_code == 200
    assert b"Temporary Access Pass sign in was blocked due to User Credential Policy" in answer.content
    assert SignInSession.objects.count() == 1


def test_it_lets_a_multiple_use_pass_in_again(world: SimpleNamespace, give_pass: GivePass) -> None:
    code = give_pass(world.tapuser, is_usable_once=False).code
    for _ in range(3):
        assert enter_pass(Client(), "tapuser@contoso.com", code).status_code == 302
    assert SignInSession.objects.filter(revoked_at=None).count() == 3


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("expire", SessionEnd.PASS_ENDED),
        ("delete", SessionEnd.PASS_DELETED),
        ("replace", SessionEnd.PASS_REPLACED),
        ("disable", SessionEnd.USER_DISABLED),
    ],
)
def test_it_ends_the_session_with_the_pass_on_the_next_request(
    world: SimpleNamespace, give_pass: GivePass, client: Client, end: str, told: SessionEnd
) -> None:
    """B02: expiry, deletion, replacement, disabling: the browser session is dead on the very next request."""
    made = give_pass(world.tapuser, is_usable_once=False)
    enter_pass(client, "tapuser@contoso.com", made.code)
    assert client.get(INFO).status_code == 200
    later = made.issued.ends_at if end == "expire" else clock.now()
    if end == "delete":
        tap.delete(OPERATOR, target=reached(world.tapuser), pass_id=made.issued.id)
    elif end == "replace":
        give_pass(world.tapuser)
    elif end == "disable":
        type(world.tapuser).objects.filter(pk=world.tapuser.pk).update(is_enabled=False)
    # Kept busy, so that idleness is not what ends it.
    SignInSession.objects.update(last_seen_at=later)
    with time_machine.travel(later, tick=False):
        answer = client.get(INFO, follow=True)
    assert answer.redirect_chain[0][0].startswith(reverse("signin:identify"))
    assert str(told.label) in unescape(strip_tags(answer.content.decode()))
    assert not client.cookies[settings.SIGN_IN_COOKIE].value


def test_it_never_moves_the_end(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """B01: activity, and signing in again with the same pass, never lengthen a session; no cookie outlives the browser."""
    made = give_pass(world.tapuser, is_usable_once=False)
    enter_pass(client, "tapuser@contoso.com", made.code)
    first = session_of(client)
    assert not client.cookies[settings.SIGN_IN_COOKIE]["max-age"]
    for minutes in range(0, 60, 7):
        with time_machine.travel(made.issued.starts_at + timedelta(minutes=minutes), tick=False):
            assert client.get(INFO).status_code == 200
    with time_machine.travel(made.issued.starts_at + timedelta(minutes=59), tick=False):
        enter_pass(client, "tapuser@contoso.com", made.code)
    assert session_of(client).ends_at == first.ends_at == made.issued.ends_at
    with time_machine.travel(made.issued.ends_at, tick=False):
        assert client.get(INFO).status_code == 302


def test_it_rotates_the_key_at_every_sign_in(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """B06: a new key each time, of at least 128 bits; the old one is dead."""
    code = give_pass(world.tapuser, is_usable_once=False).code
    enter_pass(client, "tapuser@contoso.com", code)
    old = client.cookies[settings.SIGN_IN_COOKIE].value
    enter_pass(client, "tapuser@contoso.com", code)
    new = client.cookies[settings.SIGN_IN_COOKIE].value
    assert old != new
    assert len(new) >= 43  # 256 bits in base64url
    stale = Client()
    stale.cookies[settings.SIGN_IN_COOKIE] = old
    assert stale.get(INFO).status_code == 302


def test_it_ignores_a_key_somebody_planted(world: SimpleNamespace, give_pass: GivePass, client: Client) -> None:
    """B06, T13: session fixation: the value a browser had before signing in means nothing afterwards."""
    client.cookies[settings.SIGN_IN_COOKIE] = "planted" * 8
    enter_pass(client, "tapuser@contoso.com", give_pass(world.tapuser).code)
    assert client.cookies[settings.SIGN_IN_COOKIE].value != "planted" * 8


@pytest.mark.parametrize(("mail", "most"), [("", 11), ("tapuser@contoso.com", 12)])
def test_it_takes_few_queries(
    world: SimpleNamespace,
    give_pass: GivePass,
    client: Client,
    django_assert_max_num_queries: Any,
    mail: str,
    most: int,
) -> None:
    """All are counted, also the four that begin and end two transactions, and the row of the mail."""
    User.objects.filter(pk=world.tapuser.pk).update(mail=mail)
    code = give_pass(world.tapuser).code
    name_oneself(client, "tapuser@contoso.com")
    with django_assert_max_num_queries(most):
        client.post(reverse("signin:tap"), {"secret": code})


def test_it_records_the_use_and_the_refusals_without_the_code(
    world: SimpleNamespace, give_pass: GivePass, client: Client
) -> None:
    made = give_pass(world.tapuser)
    enter_pass(client, "tapuser@contoso.com", "WRNGWRNG")
    enter_pass(client, "tapuser@contoso.com", made.code)
    events = list(AuditEvent.objects.order_by("id").values_list("event", "reason"))
    assert (Event.PASS_REFUSED.value, "wrong_code") in events
    assert [event for event, _ in events[-2:]] == [Event.PASS_USED.value, Event.SIGNED_IN.value]
    assert made.code not in repr(list(AuditEvent.objects.values()))


def test_it_starts_over_when_steps_are_taken_out_of_order(client: Client, db: None) -> None:
    for step in ("tap", "password", "passkey", "options"):
        answer = client.get(reverse(f"signin:{step}"))
        assert (answer.status_code, answer["Location"]) == (302, reverse("signin:identify"))
    assert client.post(reverse("signin:tap"), {"secret": "ABCD2345"})["Location"] == reverse("signin:identify")


def test_it_keeps_the_pass_of_a_disabled_organisation(
    world: SimpleNamespace, give_pass: GivePass, client: Client
) -> None:
    """B10: nobody of a disabled tenant signs in, and the attempt uses nothing up."""
    made = give_pass(world.tapuser, is_usable_once=True)
    type(world.contoso).objects.filter(pk=world.contoso.pk).update(is_enabled=False)
    assert enter_pass(client, "tapuser@contoso.com", made.code).status_code == 200
    made.issued.refresh_from_db()
    assert made.issued.use_count == 0
