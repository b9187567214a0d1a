"""Secrets that a worker makes and only one person may read, once: sealed to a public key whose private half never lies on
the server (docs/decisions/0038). X25519, HKDF-SHA-256, AES-256-GCM.
"""

import base64
import binascii
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES, NONCE_BYTES = 32, 12
LONGEST_KEY = 200  # characters, as typed


class Unreadable(Exception):
    """Not sealed to this key, or not for this row."""


class Sealer:
    """Seals any number of texts to one public key. Make a new one now and then: each has an ephemeral key of its own."""

    def __init__(self, public: bytes) -> None:
        ephemeral = X25519PrivateKey.generate()
        self._ephemeral = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
        self._cipher = _cipher(shared, self._ephemeral, public)

    def seal(self, text: str, *, context: str) -> bytes:
        """Return ``text`` sealed; ``context`` names the row, so that it opens nowhere else."""
        nonce = os.urandom(NONCE_BYTES)
        return self._ephemeral + nonce + self._cipher.encrypt(nonce, text.encode(), context.encode())


class Opener:
    """Opens what was sealed to its public key."""

    def __init__(self, typed: str) -> None:
        """Read the private key as ``make_key`` wrote it, in any letter case, spaces or hyphens aside. Raises Unreadable."""
        plain = "".join(char for char in typed[:LONGEST_KEY].upper() if char.isalnum())
        try:
            raw = base64.b32decode(plain + "=" * (-len(plain) % 8))
            self._key = X25519PrivateKey.from_private_bytes(raw)
        except (binascii.Error, ValueError) as error:
            raise Unreadable from error
        self.public = self._key.public_key().public_bytes_raw()
        self._ciphers: dict[bytes, AESGCM] = {}

    def open(self, sealed: bytes, *, context: str) -> str:
        """Return the text. Raises Unreadable."""
        ephemeral, nonce = sealed[:KEY_BYTES], sealed[KEY_BYTES : KEY_BYTES + NONCE_BYTES]
        if ephemeral not in self._ciphers:
            shared = self._key.exchange(X25519PublicKey.from_public_bytes(ephemeral))
            self._ciphers[ephemeral] = _cipher(shared, ephemeral, self.public)
        try:
            text = self._ciphers[ephemeral].decrypt(nonce, sealed[KEY_BYTES + NONCE_BYTES :], context.encode())
        except InvalidTag as error:
            raise Unreadable from error
        return text.decode()


def make_key() -> tuple[str, bytes]:
    """Return a new private key as text to give away, and its public half to keep."""
    key = X25519PrivateKey.generate()
    text = base64.b32encode(key.private_bytes_raw()).decode().rstrip("=")
    return text, key.public_key().public_bytes_raw()


def _cipher(shared: bytes, ephemeral: bytes, public: bytes) -> AESGCM:
    derived = HKDF(SHA256(), KEY_BYTES, salt=ephemeral + public, info=b"gatepass sealed").derive(shared)
    return AESGCM(derived)
