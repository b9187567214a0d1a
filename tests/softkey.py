"""A security key in software: real keys and real signatures, and a switch for every field it could lie in."""

import base64
import hashlib
import json
from collections.abc import Mapping
from secrets import token_bytes
from typing import Any, Protocol, TypedDict, Unpack

import cbor2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

ES256, EDDSA, ES384, RS256 = -7, -8, -35, -257
UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40
Json = dict[str, Any]
PrivateKey = ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey | rsa.RSAPrivateKey


class Attesting(Protocol):
    """What vouches for a key's model: it gives the format and the statement over what it is to sign."""

    def attest(self, message: bytes, key: PrivateKey) -> tuple[str, Json]: ...


class Changes(TypedDict, total=False):
    """What an answer says other than the truth."""

    origin: str
    type: str
    challenge: bytes
    cross_origin: bool
    top_origin: str
    rp_id: str
    up: bool
    uv: bool
    be: bool
    bs: bool
    sign_count: int
    aaguid: bytes
    raw_id: bytes
    is_forged: bool
    attested_by: Attesting


def encode(value: bytes) -> str:
    """Write bytes as base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """Read base64url without padding."""
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


class SoftKey:
    """One discoverable credential. It counts its signatures, unless ``counts`` is False, as synced passkeys do not."""

    def __init__(
        self, rp_id: str, origin: str, *, alg: int = ES256, credential_id: bytes = b"", counts: bool = True
    ) -> None:
        self.rp_id = rp_id
        self.origin = origin
        self.alg = alg
        self.credential_id = credential_id or token_bytes(32)
        self.counts = counts
        self.sign_count = 0
        self._private = _make(alg)

    def register(self, options: Mapping[str, Any], **changes: Unpack[Changes]) -> Json:
        """Answer the options of a registration as a browser's ``toJSON`` does."""
        raw_id = changes.get("raw_id", self.credential_id)
        held = self.credential_id
        attested = changes.get("aaguid", bytes(16)) + len(held).to_bytes(2, "big") + held + self._public_key()
        data, client_data = self._data(AT, changes) + attested, self._client_data("webauthn.create", options, changes)
        form, proof = "none", Json()
        if attester := changes.get("attested_by"):
            form, proof = attester.attest(data + hashlib.sha256(client_data).digest(), self._private)
        statement = {"fmt": form, "attStmt": proof, "authData": data}
        return {
            "id": encode(raw_id),
            "rawId": encode(raw_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {"credProps": {"rk": True}},
            "response": {
                "clientDataJSON": encode(client_data),
                "attestationObject": encode(cbor2.dumps(statement)),
                "transports": ["internal"],
            },
        }

    def sign(self, options: Mapping[str, Any], user_handle: bytes | None, **changes: Unpack[Changes]) -> Json:
        """Answer the options of a sign-in."""
        raw_id = changes.get("raw_id", self.credential_id)
        self.sign_count += self.counts
        data, client_data = self._data(0, changes), self._client_data("webauthn.get", options, changes)
        private = _make(self.alg) if changes.get("is_forged") else self._private
        return {
            "id": encode(raw_id),
            "rawId": encode(raw_id),
            "type": "public-key",
            "authenticatorAttachment": "platform",
            "clientExtensionResults": {},
            "response": {
                "clientDataJSON": encode(client_data),
                "authenticatorData": encode(data),
                "signature": encode(sign(private, data + hashlib.sha256(client_data).digest())),
                "userHandle": None if user_handle is None else encode(user_handle),
            },
        }

    def _client_data(self, kind: str, options: Mapping[str, Any], changes: Changes) -> bytes:
        challenge = changes.get("challenge", decode(options["challenge"]))
        said: Json = {
            "type": changes.get("type", kind),
            "challenge": encode(challenge),
            "origin": changes.get("origin", self.origin),
            "crossOrigin": changes.get("cross_origin", False),
        }
        if "top_origin" in changes:
            said["topOrigin"] = changes["top_origin"]
        return json.dumps(said).encode()

    def _data(self, flags: int, changes: Changes) -> bytes:
        flags |= UP if changes.get("up", True) else 0
        flags |= UV if changes.get("uv", True) else 0
        flags |= BE if changes.get("be", False) else 0
        flags |= BS if changes.get("bs", False) else 0
        host = hashlib.sha256(changes.get("rp_id", self.rp_id).encode()).digest()
        return host + bytes([flags]) + changes.get("sign_count", self.sign_count).to_bytes(4, "big")

    def _public_key(self) -> bytes:
        public = self._private.public_key()
        if isinstance(public, ec.EllipticCurvePublicKey):
            size, point = public.key_size // 8, public.public_numbers()
            curve = 1 if self.alg == ES256 else 2
            where = {-2: point.x.to_bytes(size, "big"), -3: point.y.to_bytes(size, "big")}
            return cbor2.dumps({1: 2, 3: self.alg, -1: curve, **where})
        if isinstance(public, ed25519.Ed25519PublicKey):
            return cbor2.dumps({1: 1, 3: self.alg, -1: 6, -2: public.public_bytes_raw()})
        numbers = public.public_numbers()
        return cbor2.dumps({1: 3, 3: self.alg, -1: numbers.n.to_bytes(256, "big"), -2: numbers.e.to_bytes(3, "big")})


def _make(alg: int) -> PrivateKey:
    if alg == EDDSA:
        return ed25519.Ed25519PrivateKey.generate()
    if alg == RS256:
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP256R1() if alg == ES256 else ec.SECP384R1())


def sign(private: PrivateKey, message: bytes) -> bytes:
    if isinstance(private, ec.EllipticCurvePrivateKey):
        return private.sign(message, ec.ECDSA(hashes.SHA256()))
    if isinstance(private, rsa.RSAPrivateKey):
        return private.sign(message, padding.PKCS1v15(), hashes.SHA256())
    return private.sign(message)
