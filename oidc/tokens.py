"""Access tokens of our own API: made, and judged at each use.

A token is signed, so that others can read it, and a row, so that ending it counts at once: its text must verify *and* be
known here, its family and its application must stand, and so must the sign-in it was born of.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.conf import settings

from accounts.access import actor_of, rules_of
from accounts.authority import Actor, ApplicationFacts
from accounts.enums import MethodKind
from accounts.models import SignInSession
from accounts.requests import Request
from accounts.sessions import over
from core import clock
from core.secrets import digest
from oidc import jose
from oidc.enums import Permission, TokenProblem
from oidc.jose import TokenRefused
from oidc.models import AccessToken, Application, TokenFamily
from oidc.scopes import limits_of, parse, written

LIFETIME = timedelta(hours=1)
LEEWAY = timedelta(seconds=60)  # between the clocks of two of our own machines


@dataclass(frozen=True)
class Bearer:
    """Whoever sent a token that stands."""

    actor: Actor
    scopes: frozenset[str]
    is_app_only: bool
    application: Application
    session: SignInSession | None


@dataclass(frozen=True)
class Minted:
    """A new token, whose text only its client gets."""

    row: AccessToken
    text: str

    def __repr__(self) -> str:
        return f"Minted({self.row}, text hidden)"


def graph_audience() -> str:
    """Return what our API is called in tokens."""
    return f"{settings.PUBLIC_URL}/graph"


def issuer_of(tenant_id: UUID | str) -> str:
    """Return what a tenant is called in tokens."""
    return f"{settings.PUBLIC_URL}/{tenant_id}/v2.0"


def end_for(session: SignInSession | None, *, now: datetime, lifetime: timedelta = LIFETIME) -> datetime:
    """Return when a token made now ends: never after the sign-in it is born of (criterion B03)."""
    end = (now + lifetime).replace(microsecond=0)
    return min(end, session.ends_at) if session else end


def mint(
    family: TokenFamily, permissions: Iterable[Permission], *, now: datetime, lifetime: timedelta = LIFETIME, **row: Any
) -> Minted:
    """Make an access token of ``family`` (with application, tenant and session), inside the caller's transaction."""
    session, scope = family.session, written(permissions)
    expires = end_for(session, now=now, lifetime=lifetime)
    claims = _claims(family.application, session, scope) | {
        "jti": str(uuid.uuid4()),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int(expires.timestamp()),
    }
    text = jose.sign(claims, jose.ACCESS_TOKEN, now=now)
    kept = AccessToken.objects.create(
        application=family.application,
        user=session.user if session else None,
        session=session,
        family=family,
        scope=scope,
        expires=expires,
        token_checksum=digest(text),
        **row,
    )
    return Minted(kept, text)


def bearer_of(request: Request, audience: str) -> Bearer:
    """Return whoever sent the access token of ``request``, if it is meant for ``audience`` and stands.

    Raises TokenRefused.
    """
    scheme, _, text = request.headers.get("Authorization", "").partition(" ")
    if scheme.casefold() != "bearer" or not text.strip():
        raise TokenRefused(TokenProblem.MISSING)
    kept = judge(text.strip(), audience, now=clock.now())
    permissions = parse(kept.scope)
    application, session = kept.application, kept.session
    if session is None:
        actor = Actor(tenant=rules_of(application.tenant), address=request.address, request_id=request.id)
    else:
        actor = actor_of(session, address=request.address, request_id=request.id)
    return Bearer(
        actor=replace(
            actor,
            application=ApplicationFacts(id=application.id, client_id=application.client_id, name=application.name),
            limits=limits_of(permissions, by_itself=session is None),
        ),
        scopes=frozenset(one.value for one in permissions),
        is_app_only=session is None,
        application=application,
        session=session,
    )


def judge(text: str, audience: str, *, now: datetime) -> AccessToken:
    """Return the row of an access token that gives access at ``now``. Raises TokenRefused."""
    claims = jose.read(text, jose.ACCESS_TOKEN, now=now)
    if claims.get("aud") != audience:
        raise TokenRefused(TokenProblem.WRONG_AUDIENCE)
    if _time(claims, "nbf") > now.timestamp() + LEEWAY.total_seconds():
        raise TokenRefused(TokenProblem.NOT_YET_VALID)
    if _time(claims, "exp") <= now.timestamp():
        raise TokenRefused(TokenProblem.EXPIRED)
    kept = (
        AccessToken.objects.select_related("application__tenant", "family", "session__user", "session__tenant")
        .filter(token_checksum=digest(text))
        .first()
    )
    if kept is None:
        raise TokenRefused(TokenProblem.UNKNOWN)
    if claims.get("iss") != issuer_of(kept.application.tenant_id):
        raise TokenRefused(TokenProblem.WRONG_ISSUER)
    problem = standing_problem(kept.family, kept.application, kept.session, now=now)
    if problem is not None:
        raise TokenRefused(problem)
    return kept


def standing_problem(
    family: TokenFamily | None, application: Application, session: SignInSession | None, *, now: datetime
) -> TokenProblem | None:
    """Say what ended behind a code, token or device grant, if anything did. Asked at each use of each of them."""
    if family is not None and family.revoked_at is not None:
        return TokenProblem.REVOKED
    if not application.is_enabled:
        return TokenProblem.APPLICATION_DISABLED
    if not application.tenant.is_enabled:
        return TokenProblem.ORGANISATION_DISABLED
    if session is not None and over(session, now=now) is not None:
        return TokenProblem.SESSION_ENDED
    return None


def sign_in_claims(session: SignInSession) -> dict[str, Any]:
    """Return what tokens say of the sign-in they are born of."""
    return {
        "sid": str(session.id),
        "auth_time": int(session.authenticated_at.timestamp()),
        "amr": session.amr,
        "acr": MethodKind(session.method).acr,
    }


def _claims(application: Application, session: SignInSession | None, scope: str) -> dict[str, Any]:
    subject = str(session.user_id) if session else str(application.id)
    claims: dict[str, Any] = {
        "iss": issuer_of(application.tenant_id),
        "aud": graph_audience(),
        "sub": subject,
        "oid": subject,
        "tid": str(application.tenant_id),
        "appid": application.client_id,
        "azp": application.client_id,
        "ver": "2.0",
    }
    if session is None:
        return claims | {"idtyp": "app", "roles": scope.split()}
    return claims | {"idtyp": "user", "scp": scope} | sign_in_claims(session)


def _time(claims: dict[str, Any], name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenRefused(TokenProblem.MALFORMED)
    return float(value)
