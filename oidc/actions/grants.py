"""From a consent to tokens: codes, token responses, and the end of a family."""

import base64
import hashlib
import json
import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.db import transaction

from accounts.authority import Actor
from accounts.models import SignInSession, User
from audit.actions import record
from audit.enums import Event, Outcome
from core import clock
from core.secrets import digest, make_token
from oidc import jose
from oidc.actions.ending import listen
from oidc.enums import Permission
from oidc.models import Application, Grant, IDToken, RefreshToken, TokenFamily
from oidc.scopes import written
from oidc.tokens import Minted, end_for, issuer_of, mint, sign_in_claims

CODE_LIFETIME = timedelta(seconds=60)


def keep_code(
    *,
    code: str,
    application: Application,
    session: SignInSession,
    redirect_uri: str,
    permissions: Iterable[Permission],
    challenge: str,
    nonce: str,
) -> None:
    """Keep the digest of a code for a minute, with the family of whatever comes of it."""
    now = clock.now()
    with transaction.atomic():
        family = TokenFamily.objects.create(application=application, session=session, began_at=now)
        listen(application, session)
        Grant.objects.create(
            application=application,
            user_id=session.user_id,
            session=session,
            family=family,
            code=digest(code),
            expires=min(now + CODE_LIFETIME, session.ends_at),
            redirect_uri=redirect_uri,
            scope=written(permissions),
            code_challenge=challenge,
            code_challenge_method=Grant.CODE_CHALLENGE_S256,
            nonce=nonce,
        )


def issue(
    actor: Actor,
    *,
    application: Application,
    session: SignInSession | None,
    family: TokenFamily | None,
    permissions: frozenset[Permission],
    granted: frozenset[Permission] | None,
    nonce: str,
    with_client_info: bool,
) -> dict[str, Any]:
    """Make the tokens of one answer and return it. ``granted`` is what a refresh may still ask for later."""
    now = clock.now()
    with transaction.atomic():
        kin = family or TokenFamily.objects.create(application=application, session=session, began_at=now)
        kin.application, kin.session = application, session
        minted = mint(kin, permissions, now=now)
        answer: dict[str, Any] = {
            "token_type": "Bearer",
            "scope": minted.row.scope,
            "expires_in": int((minted.row.expires - now).total_seconds()),
            "access_token": minted.text,
        }
        if session is not None and Permission.OFFLINE_ACCESS in permissions:
            answer["refresh_token"] = _refresh_token(kin, session, minted, granted or permissions)
        if session is not None and Permission.OPENID in permissions:
            answer["id_token"] = _id_token(application, session, minted, permissions, nonce)
        if session is not None and with_client_info:
            answer["client_info"] = _client_info(session)
        record_issue(actor, minted, application)
    return answer


def record_issue(actor: Actor, minted: Minted, application: Application) -> None:
    """Write down that a token was made."""
    row = minted.row
    record(
        Event.TOKEN_ISSUED,
        actor=actor,
        target=row.user or application,
        detail={
            "application": application.audit_name,
            "permissions": row.scope.split(),
            "session": str(row.session_id) if row.session_id else None,
            "ends_at": row.expires.isoformat(),
        },
    )


def end_family(
    actor: Actor, *, family: TokenFamily, application: Application, reason: str, outcome: Outcome = Outcome.FAILURE
) -> None:
    """End whatever came of one consent."""
    with transaction.atomic():
        if TokenFamily.objects.filter(pk=family.pk, revoked_at__isnull=True).update(revoked_at=clock.now()):
            record(Event.TOKENS_REVOKED, actor=actor, target=application, outcome=outcome, reason=reason)


def _refresh_token(
    family: TokenFamily, session: SignInSession, minted: Minted, permissions: frozenset[Permission]
) -> str:
    text = make_token()
    RefreshToken.objects.create(
        application=family.application,
        user_id=session.user_id,
        session=session,
        family=family,
        access_token=minted.row,
        scope=written(permissions),
        token_checksum=digest(text),
    )
    return text


def _id_token(
    application: Application,
    session: SignInSession,
    minted: Minted,
    permissions: frozenset[Permission],
    nonce: str,
) -> str:
    """Make an ID token; a refreshed one tells of the same sign-in (OpenID Connect Core §12.2)."""
    now, user = clock.now(), session.user
    kept = IDToken.objects.create(
        jti=uuid.uuid4(),
        application=application,
        user=user,
        session=session,
        scope=minted.row.scope,
        expires=end_for(session, now=now),
    )
    claims: dict[str, Any] = {
        "iss": issuer_of(application.tenant_id),
        "aud": application.client_id,
        "sub": str(user.id),
        "oid": str(user.id),
        "tid": str(application.tenant_id),
        "ver": "2.0",
        "jti": str(kept.jti),
        "iat": int(now.timestamp()),
        "nbf": int(now.timestamp()),
        "exp": int(kept.expires.timestamp()),
        "at_hash": _encoded(hashlib.sha256(minted.text.encode()).digest()[:16]),
    }
    if nonce:
        claims["nonce"] = nonce
    claims |= person_claims(user, permissions) | sign_in_claims(session)
    return jose.sign(claims, jose.ID_TOKEN, now=now)


def person_claims(user: User, permissions: Iterable[Permission]) -> dict[str, str]:
    """Return what a client with ``permissions`` is told of a person."""
    granted = set(permissions)
    told: dict[str, str] = {}
    if Permission.PROFILE in granted:
        told |= {"name": user.display_name, "preferred_username": user.upn}
    if Permission.EMAIL in granted and user.mail:
        told["email"] = user.mail
    return told


def _client_info(session: SignInSession) -> str:
    """Say whose tokens these are, as some client libraries wish to have it."""
    return _encoded(json.dumps({"uid": str(session.user_id), "utid": str(session.tenant_id)}).encode())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")
