"""Tokens of every kind, for tests that are about what they are good for."""

from collections.abc import Callable, Iterable
from datetime import timedelta

import pytest
from django.test import RequestFactory

from accounts.enums import MethodKind
from accounts.models import SignInSession, Tenant, User
from accounts.requests import Request
from accounts.sessions import Opening, open_session
from core import clock
from oidc.enums import Permission
from oidc.models import Application, TokenFamily
from oidc.tokens import Minted, mint

TokenOf = Callable[..., Minted]


@pytest.fixture
def token_of() -> TokenOf:
    """Return an access token of a person's fresh sign-in, or with ``tenant`` one of an application by itself."""

    def make(
        user: User | None = None,
        permissions: Iterable[Permission] = (Permission.USER_READ,),
        *,
        tenant: Tenant | None = None,
        method: MethodKind = MethodKind.FIDO2,
        **opening: object,
    ) -> Minted:
        application = application_in(user.tenant if user else tenant)  # type: ignore[arg-type]
        session = session_for(user, method, **opening) if user else None
        family = TokenFamily.objects.create(application=application, session=session, began_at=clock.now())
        return mint(family, permissions, now=clock.now(), lifetime=timedelta(hours=1))

    return make


def application_in(tenant: Tenant, **fields: object) -> Application:
    return Application.objects.create(tenant=tenant, **{"name": "Payroll", "client_type": "public"} | fields)


def session_for(user: User, method: MethodKind = MethodKind.FIDO2, **opening: object) -> SignInSession:
    made = Opening(user=user, method=method, credential_id=opening.pop("credential_id", None), **opening)  # type: ignore[arg-type]
    return open_session(made, now=clock.now())[0]


def asking(text: str | None, **headers: str) -> Request:
    """Return a request that carries ``text`` as its bearer token."""
    sent = {} if text is None else {"Authorization": f"Bearer {text}"}
    request = RequestFactory().get("/graph/v1.0/me", headers=sent | headers)
    request.address, request.id = "192.0.2.7", "r1"  # type: ignore[attr-defined]
    return request  # type: ignore[return-value]
