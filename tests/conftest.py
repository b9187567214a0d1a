"""What every test stands on: the cast (config/demo.py), people who are signed in, and passes whose code is known."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any, Protocol

import pytest
from django.conf import settings
from django.test import Client
from pytest_django.plugin import DjangoDbBlocker

from accounts.access import Reached, reach
from accounts.authority import Actor
from accounts.enums import Act, MethodKind
from accounts.models import SignInSession, User
from accounts.sessions import Opening, find, open_session
from config.demo import find_world, make_world
from core import clock
from oidc import keys
from tap import actions as tap
from tap.actions import Issued
from tests.running import be_alone

pytest_plugins = ["tests.plugins.browser", "tests.plugins.database", "tests.plugins.network"]

OPERATOR = Actor(is_operator=True, address="127.0.0.1")


class SignIn(Protocol):
    """``as_(user)`` gives a client that is signed in; ``method`` and the other fields of ``Opening`` as wished."""

    def __call__(self, user: User, method: MethodKind = MethodKind.FIDO2, **opening: Any) -> Client: ...


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Make the cast and a signing key once for all tests; whatever a test changes of it is rolled back after the test."""
    with django_db_blocker.unblock():
        make_world()
        keys.rotate(now=clock.now())
    yield
    with django_db_blocker.unblock():
        be_alone()


@pytest.fixture
def world(db: None) -> SimpleNamespace:
    """Both organisations with everybody in them: ``world.grace``, ``world.tapuser``, ``world.zed`` …"""
    # A test that commits has emptied the tables behind it.
    return find_world() or make_world()


@pytest.fixture
def as_() -> SignIn:
    """Sign people in without the pages, for tests that are about something else."""
    return sign_in


def sign_in(user: User, method: MethodKind = MethodKind.FIDO2, **opening: Any) -> Client:
    """Return a client with a session of ``user``."""
    made = Opening(user=user, method=method, credential_id=opening.pop("credential_id", None), **opening)
    session, token = open_session(made, now=clock.now())
    client = Client()
    client.cookies[settings.SIGN_IN_COOKIE] = token
    client.sign_in_session = session  # type: ignore[attr-defined]
    return client


@pytest.fixture
def give_pass() -> Callable[..., Issued]:
    """Issue a pass as the machine's operator and return it with its code."""

    def issue(user: User, **wishes: Any) -> Issued:
        return tap.issue(OPERATOR, target=reached(user), **wishes)

    return issue


def reached(user: User, actor: Actor = OPERATOR) -> Reached:
    """Return ``user`` as ``actor`` reaches him."""
    return reach(actor, user.id, Act.METHODS_VIEW)


def session_of(client: Client) -> SignInSession:
    """Return the sign-in session a client's cookie stands for, whatever its state."""
    session = find(client.cookies[settings.SIGN_IN_COOKIE].value)
    assert session is not None
    return session
