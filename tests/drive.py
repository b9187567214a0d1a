"""Steps a person takes at the sign-in, for the tests."""

from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.softkey import SoftKey


def name_oneself(client: Client, upn: str) -> HttpResponse:
    """Type a user name and press Next; follow to the step that comes."""
    client.get(reverse("signin:identify"))
    return client.post(reverse("signin:identify"), {"username": upn}, follow=True)  # type: ignore[return-value]


def enter_pass(client: Client, upn: str, code: str) -> HttpResponse:
    """Sign in with a pass, through the pages. Returns the answer to the last form."""
    name_oneself(client, upn)
    return client.post(reverse("signin:tap"), {"secret": code})  # type: ignore[return-value]


def enter_password(client: Client, upn: str, password: str) -> HttpResponse:
    """Sign in with a password, through the pages."""
    name_oneself(client, upn)
    return client.post(reverse("signin:password"), {"secret": password})  # type: ignore[return-value]


def answer_with_passkey(client: Client, user: User, key: SoftKey, *, is_forged: bool = False) -> HttpResponse:
    """Sign in with a passkey of ``user``, through the pages. Returns the answer to the last step."""
    name_oneself(client, user.upn)
    asked = client.post(reverse("signin:passkey_options")).json()
    credential = key.sign(asked, bytes(user.webauthn_handle), is_forged=is_forged)
    return client.post(  # type: ignore[return-value]
        reverse("signin:passkey_finish"), {"credential": credential}, content_type="application/json"
    )
