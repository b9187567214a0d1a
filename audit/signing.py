"""The signature under checkpoints and removals: Ed25519, with the key AUDIT_SIGNING_KEY."""

import base64
import binascii

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from core.errors import DomainError


class NoSigningKey(DomainError):
    """Nothing can be signed here."""

    message = "Set AUDIT_SIGNING_KEY: 32 random bytes in base64."


def is_set() -> bool:
    """True where something can be signed."""
    return settings.AUDIT_SIGNING_KEY is not None


def public_key() -> str:
    """Return what auditors need to check our signatures, in base64. Raises NoSigningKey."""
    return base64.b64encode(_key().public_key().public_bytes_raw()).decode()


def trusted_keys() -> tuple[str, ...]:
    """Return the public halves whose signatures count: our own, and those of keys that were ours before."""
    own = (public_key(),) if is_set() else ()
    return tuple(dict.fromkeys([*own, *settings.AUDIT_PUBLIC_KEYS]))


def sign(text: bytes) -> str:
    """Return the signature of ``text`` in base64. Raises NoSigningKey."""
    return base64.b64encode(_key().sign(text)).decode()


def is_signed(text: bytes, signature: str, *, by: str) -> bool:
    """True where ``signature`` was made over ``text`` with the key whose public half is ``by``."""
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(by, validate=True))
        key.verify(base64.b64decode(signature, validate=True), text)
    except (InvalidSignature, binascii.Error, ValueError):
        return False
    return True


def _key() -> Ed25519PrivateKey:
    if settings.AUDIT_SIGNING_KEY is None:
        raise NoSigningKey("no_signing_key")
    return Ed25519PrivateKey.from_private_bytes(settings.AUDIT_SIGNING_KEY)
