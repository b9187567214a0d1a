"""Ceremonies in one line each, for the tests."""

from typing import Any, Unpack

from django.test import Client

from accounts.access import actor_of
from accounts.authority import Actor
from accounts.models import SignInSession, User
from authmethods import actions
from authmethods.models import Passkey
from signin import actions as signin
from tests.conftest import session_of
from tests.softkey import ES256, Changes, SoftKey

NOBODY = Actor(address="127.0.0.1")
BROWSER = "digest of a browser"


def make_key(*, alg: int = ES256, credential_id: bytes = b"", counts: bool = True) -> SoftKey:
    """Make a key for this installation."""
    party = actions.relying_party()
    return SoftKey(party.id, party.origin, alg=alg, credential_id=credential_id, counts=counts)


def actor(client: Client) -> Actor:
    """Return who a signed-in client is."""
    return actor_of(session_of(client))


def begin(client: Client) -> dict[str, Any]:
    """Open a registration."""
    return actions.begin_registration(actor(client), user=session_of(client).user)


def finish(client: Client, credential: object) -> Passkey:
    """Hand in the key's answer."""
    return actions.finish_registration(actor(client), user=session_of(client).user, credential=credential)


def register(client: Client, key: SoftKey, **changes: Unpack[Changes]) -> Passkey:
    """Open a registration and answer it."""
    return finish(client, key.register(begin(client), **changes))


def answer(key: SoftKey, user: User, **changes: Unpack[Changes]) -> dict[str, Any]:
    """Open a sign-in and have the key sign it."""
    return key.sign(actions.begin_sign_in(browser=BROWSER), bytes(user.webauthn_handle), **changes)


def hand_in(credential: object, *, browser: str = BROWSER, upn: str = "") -> SignInSession:
    """Sign in with what a key signed."""
    return signin.sign_in_with_passkey(NOBODY, credential=credential, browser=browser, upn=upn).session


def sign_in(key: SoftKey, user: User, **changes: Unpack[Changes]) -> SignInSession:
    """Sign in with a key from nothing."""
    return hand_in(answer(key, user, **changes))
