"""The ring of signing keys. The newest signs; the others still verify until they retire. RS256 only."""

from datetime import datetime
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from jwcrypto import jwk

from accounts.sessions import LONGEST
from core.secrets import seal, unseal
from oidc.models import SigningKey

BITS = 2048
OVERLAP = LONGEST * 2  # no token outlives its sign-in, so every token signed before can still be verified
KEYS_REMEMBERED = 16


def rotate(*, now: datetime, at_once: bool = False) -> SigningKey:
    """Let a new key sign from now on. Earlier ones retire after the overlap, or ``at_once`` where one was stolen."""
    live_at(now).filter(retires_at__isnull=True).update(retires_at=now + OVERLAP)
    if at_once:
        live_at(now).update(retires_at=now)
    made = make_key()
    kid = str(made.thumbprint())
    return SigningKey.objects.create(
        kid=kid,
        public=made.export_public(),
        sealed_private=seal(made.export_private().encode(), context=_context(kid)),
        created_at=now,
    )


def reseal(*, now: datetime) -> int:
    """Seal the private halves anew that an older pepper keeps, and return how many that were. Raises KeyError."""
    older = list(live_at(now).exclude(sealed_private__startswith=f"{settings.PEPPER_KEYS[0][0]}$"))
    for key in older:
        plain = unseal(key.sealed_private, context=_context(key.kid))
        SigningKey.objects.filter(pk=key.pk).update(sealed_private=seal(plain, context=_context(key.kid)))
    return len(older)


def make_key() -> jwk.JWK:
    """Return a fresh RSA key pair."""
    return jwk.JWK.generate(kty="RSA", size=BITS)


def signing_key(*, now: datetime) -> tuple[str, jwk.JWK]:
    """Return the id and the private half of the key that signs now. The first one is made when it is first needed."""
    newest = live_at(now).filter(retires_at__isnull=True).order_by("-created_at").first() or rotate(now=now)
    return newest.kid, _private(newest.kid, newest.sealed_private)


def live_at(now: datetime) -> QuerySet[SigningKey]:
    """Return the keys whose signatures count."""
    return SigningKey.objects.filter(Q(retires_at__isnull=True) | Q(retires_at__gt=now))


def published(*, now: datetime) -> list[dict[str, Any]]:
    """Return the public halves as a JWK set lists them, newest first. The first key is made when it is first asked for:
    an application may remember the set long before anybody signs in to it.
    """
    signing_key(now=now)
    return [
        jwk.JWK.from_json(key.public).export_public(as_dict=True) | {"use": "sig", "alg": "RS256", "kid": key.kid}
        for key in live_at(now).order_by("-created_at")
    ]


def verification_key(kid: str, *, now: datetime) -> jwk.JWK | None:
    """Return the public half of a key that counts. Only ids in our own table are looked at, whatever a header says."""
    key = live_at(now).filter(kid=kid).first()
    return _public(key.public) if key else None


@lru_cache(maxsize=KEYS_REMEMBERED)
def _private(kid: str, sealed: str) -> jwk.JWK:
    return jwk.JWK.from_json(unseal(sealed, context=_context(kid)).decode())


@lru_cache(maxsize=KEYS_REMEMBERED)
def _public(public: str) -> jwk.JWK:
    return jwk.JWK.from_json(public)


def _context(kid: str) -> str:
    return f"oidc signing key {kid}"
