"""WebAuthn ceremonies over py_webauthn. Everything is an argument: no request, no database, no clock.

Added to the library's checks: cross-origin and embedded ceremonies are refused, credential ids have a greatest length,
backup eligibility may not change, and a signature counter that does not grow is told apart (WebAuthn L3 §7.1, §7.2).
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import webauthn
from webauthn.helpers import base64url_to_bytes, options_to_json_dict, parse_attestation_object
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AttestationConveyancePreference,
    AuthenticatorSelectionCriteria,
    CredentialDeviceType,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from authmethods.attestation import MALFORMED, Statement

ALGORITHMS = [
    COSEAlgorithmIdentifier.ECDSA_SHA_256,
    COSEAlgorithmIdentifier.EDDSA,
    COSEAlgorithmIdentifier.RSASSA_PKCS1_v1_5_SHA_256,
]
LONGEST_CREDENTIAL_ID = 1023  # bytes
TIMEOUT = 300_000  # milliseconds the browser waits; the challenge lives as long
TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})

Json = dict[str, Any]


class PasskeyRejected(Exception):
    """A ceremony's answer is not good. ``code`` says why, for the audit log."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True)
class RelyingParty:
    """Whom passkeys are made for: one exact origin and its host."""

    id: str
    name: str
    origin: str


@dataclass(frozen=True)
class Owner:
    """Whom a passkey is made for."""

    handle: bytes
    upn: str
    display_name: str


@dataclass(frozen=True)
class NewCredential:
    """A verified registration."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    aaguid: UUID
    transports: list[str]
    is_backup_eligible: bool
    is_backed_up: bool
    statement: Statement


@dataclass(frozen=True)
class StoredCredential:
    """What is known of a credential when it signs."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    handle: bytes
    is_backup_eligible: bool


@dataclass(frozen=True)
class Assertion:
    """A verified signature: what to store of it."""

    sign_count: int
    is_backed_up: bool


def creation_options(
    party: RelyingParty, owner: Owner, *, challenge: bytes, exclude: Sequence[bytes], asks_for_model: bool
) -> Json:
    """Return the options of a registration: discoverable, user verification required, nothing registered twice.

    ``asks_for_model``: browsers hide a security key's model unless its attestation is asked for.
    """
    options = webauthn.generate_registration_options(
        rp_id=party.id,
        rp_name=party.name,
        user_id=owner.handle,
        user_name=owner.upn,
        user_display_name=owner.display_name,
        challenge=challenge,
        timeout=TIMEOUT,
        attestation=AttestationConveyancePreference.DIRECT if asks_for_model else AttestationConveyancePreference.NONE,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=one) for one in exclude],
        supported_pub_key_algs=ALGORITHMS,
    )
    return options_to_json_dict(options) | {"extensions": {"credProps": True}}


def request_options(party: RelyingParty, *, challenge: bytes) -> Json:
    """Return the options of a sign-in. Never a list of credentials: it would tell who exists (WebAuthn L3 §14.6.2)."""
    options = webauthn.generate_authentication_options(
        rp_id=party.id, challenge=challenge, timeout=TIMEOUT, user_verification=UserVerificationRequirement.REQUIRED
    )
    return options_to_json_dict(options)


def challenge_of(credential: object) -> bytes:
    """Return the challenge an answer speaks of, to look the ceremony up by. Raises PasskeyRejected."""
    try:
        return base64url_to_bytes(_client_data(credential)["challenge"])
    except (KeyError, TypeError, ValueError):
        raise PasskeyRejected("malformed") from None


def credential_id_of(credential: object) -> bytes:
    """Return the id of the credential that signed. Raises PasskeyRejected."""
    try:
        found = base64url_to_bytes(credential["rawId"])  # type: ignore[index]
    except (KeyError, TypeError, ValueError):
        raise PasskeyRejected("malformed") from None
    if not 0 < len(found) <= LONGEST_CREDENTIAL_ID:
        raise PasskeyRejected("credential_id_length")
    return found


def verify_registration(party: RelyingParty, credential: object, *, challenge: bytes) -> NewCredential:
    """Check a new credential. Raises PasskeyRejected."""
    credential_id = credential_id_of(credential)
    _refuse_other_frames(credential)
    try:
        verified = webauthn.verify_registration_response(
            credential=credential,  # type: ignore[arg-type]
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            require_user_verification=True,
            supported_pub_key_algs=ALGORITHMS,
        )
        transports = credential["response"].get("transports") or []  # type: ignore[index]
        proof = parse_attestation_object(verified.attestation_object)
    except (WebAuthnException, *MALFORMED) as error:
        raise PasskeyRejected("registration_refused") from error
    if verified.credential_id != credential_id:
        raise PasskeyRejected("credential_id")
    return NewCredential(
        credential_id=credential_id,
        public_key=verified.credential_public_key,
        sign_count=verified.sign_count,
        aaguid=UUID(verified.aaguid),
        transports=sorted(TRANSPORTS.intersection(one for one in transports if isinstance(one, str))),
        is_backup_eligible=verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE,
        is_backed_up=verified.credential_backed_up,
        statement=Statement(str(proof.fmt), proof.att_stmt.x5c or []),
    )


def verify_assertion(
    party: RelyingParty, credential: object, *, challenge: bytes, stored: StoredCredential, is_named: bool
) -> Assertion:
    """Check a signature by a stored credential. Raises PasskeyRejected.

    The key must name its person, except where a user name was typed (``is_named``; WebAuthn L3 §7.2 step 6).
    """
    _refuse_other_frames(credential)
    handle = _user_handle(credential)
    if handle != stored.handle and not (handle is None and is_named):
        raise PasskeyRejected("user_handle")
    try:
        verified = webauthn.verify_authentication_response(
            credential=credential,  # type: ignore[arg-type]
            expected_challenge=challenge,
            expected_rp_id=party.id,
            expected_origin=party.origin,
            credential_public_key=stored.public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except (WebAuthnException, ValueError, TypeError, KeyError, AttributeError) as error:
        raise PasskeyRejected("assertion_refused") from error
    if (verified.new_sign_count or stored.sign_count) and verified.new_sign_count <= stored.sign_count:
        raise PasskeyRejected("sign_count")
    if (verified.credential_device_type is CredentialDeviceType.MULTI_DEVICE) != stored.is_backup_eligible:
        raise PasskeyRejected("backup_eligibility")
    return Assertion(sign_count=verified.new_sign_count, is_backed_up=verified.credential_backed_up)


def to_base64url(value: bytes) -> str:
    """Return bytes as WebAuthn's JSON writes them."""
    return base64.urlsafe_b64encode(value).decode().rstrip("=")


def _client_data(credential: object) -> Json:
    try:
        found = json.loads(base64url_to_bytes(credential["response"]["clientDataJSON"]))  # type: ignore[index]
    except RecursionError:
        raise ValueError from None
    if not isinstance(found, dict):
        raise TypeError
    return found


def _refuse_other_frames(credential: object) -> None:
    """Refuse ceremonies in a frame of another site: none of our pages is ever framed (WebAuthn L3 §7.1 steps 10, 11)."""
    try:
        data = _client_data(credential)
    except (KeyError, TypeError, ValueError):
        raise PasskeyRejected("malformed") from None
    if data.get("crossOrigin") not in (None, False) or "topOrigin" in data:
        raise PasskeyRejected("cross_origin")


def _user_handle(credential: object) -> bytes | None:
    try:
        handle = credential["response"].get("userHandle")  # type: ignore[index]
        return base64url_to_bytes(handle) if handle else None
    except (KeyError, TypeError, ValueError, AttributeError):
        raise PasskeyRejected("malformed") from None
