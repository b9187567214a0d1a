"""Codes: how they are made, written, and kept. The only user of :mod:`secrets` and argon2 for passes.

Alphabet and normal form: 32 symbols without look-alikes, 5 bits each (docs/decisions/0003). At rest: argon2id over an
HMAC-SHA-256 with a pepper that lives outside the database; the HMAC also names the row, so a verifier moved to
another row verifies nothing.
"""

import base64
import hmac
import secrets
import threading
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from functools import cache

import argon2
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from core.errors import Busy
from core.metrics import Counter, Level

ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
LONGEST_INPUT = 64  # characters, before normalising; longer input is refused unhashed
REMNANT_BYTES = 2
SECONDS_TO_WAIT_FOR_A_HASH = 8.0
NONCE_BYTES = 12

IN_FLIGHT = Level("hashes_in_flight", "Memory-hard hashes being computed.")
WAITING = Level("hashes_waiting", "Attempts that wait for a place to compute their hash in.")
GIVEN_UP = Counter("hashes_given_up", "Attempts answered 503 because no place fell free in time.")


def make_code(length: int) -> str:
    """Return ``length`` random symbols of the alphabet."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def make_token() -> str:
    """Return 256 random bits as text for a cookie or link (ASVS 7.2.3 asks for 128)."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """Return what is stored of a 256-bit token. Such a token needs no slow hash."""
    return hmac.new(b"gatepass token", token.encode(), "sha256").hexdigest()


def pseudonyms(*parts: str) -> tuple[str, ...]:
    """Return what ``parts`` are called where nobody shall read whom they concern: under SECRET_KEY, then under former ones."""
    text = "|".join(parts).encode()
    keys = dict.fromkeys([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS])
    return tuple(hmac.digest(key.encode(), text, "sha256").hex() for key in keys)


def normalise(typed: str) -> str | None:
    """Return the code a person typed in its one spelling, or None if no code can look like that."""
    if len(typed) > LONGEST_INPUT:
        return None
    code = unicodedata.normalize("NFKC", typed).upper()
    code = "".join(char for char in code if not char.isspace() and char not in "-‐‑–—")
    return code if code and all(char in ALPHABET for char in code) else None


def group(code: str) -> list[str]:
    """Return ``code`` in groups of four, for showing."""
    return [code[at : at + 4] for at in range(0, len(code), 4)]


def protect(code: str, *, context: str, waits_for_a_slot: bool = True) -> str:
    """Return the verifier of ``code`` to store: ``<pepper id>$<argon2id hash>``. ``context`` names the row it belongs to.

    A caller that bounds its hashes by itself need not wait for a slot.
    """
    name, key = settings.PEPPER_KEYS[0]
    with hash_slot() if waits_for_a_slot else nullcontext():
        return f"{name}${_hasher().hash(_peppered(key, code, context))}"


def matches(code: str, verifier: str, *, context: str) -> bool:
    """True where ``code`` is the one ``verifier`` was made of. Costs one hash either way."""
    name, _, encoded = verifier.partition("$")
    key = dict(settings.PEPPER_KEYS).get(name)
    if key is None:
        spend_a_hash()
        return False
    with hash_slot():
        try:
            return _hasher().verify(encoded, _peppered(key, code, context))
        except (argon2.exceptions.VerifyMismatchError, argon2.exceptions.InvalidHashError):
            return False


def remnant_of(verifier: str) -> str:
    """Return what stays of a verifier when its pass is over: its parameters, its salt and 16 bits of its hash.

    Enough to recognise the holder and tell him why the code no longer works; far too little to find the code by.
    """
    if not verifier:
        return ""
    head, _, encoded = verifier.rpartition("$")
    return f"{head}${_unpadded(encoded)[:REMNANT_BYTES].hex()}"


def recognises(code: str, remnant: str, *, context: str) -> bool:
    """True where ``code`` is (but for one chance in 65,536) the one ``remnant`` is left of. Costs one hash either way."""
    name, _, rest = remnant.partition("$")
    key = dict(settings.PEPPER_KEYS).get(name)
    if key is None:
        spend_a_hash()
        return False
    parameters, salt, kept = rest.rsplit("$", 2)
    stored = argon2.extract_parameters(f"{parameters}${salt}${'A' * 43}")
    with hash_slot():
        made = argon2.low_level.hash_secret_raw(
            _peppered(key, code, context),
            _unpadded(salt),
            time_cost=stored.time_cost,
            memory_cost=stored.memory_cost,
            parallelism=stored.parallelism,
            hash_len=argon2.DEFAULT_HASH_LENGTH,
            type=argon2.Type.ID,
        )
    return hmac.compare_digest(made[:REMNANT_BYTES].hex(), kept)


def seal(plain: bytes, *, context: str) -> str:
    """Encrypt what must be read again (AES-256-GCM): ``<pepper id>$<base64>``. ``context`` names the row it belongs to."""
    name, key = settings.PEPPER_KEYS[0]
    nonce = secrets.token_bytes(NONCE_BYTES)
    return f"{name}${base64.b64encode(nonce + _cipher(key).encrypt(nonce, plain, context.encode())).decode()}"


def unseal(sealed: str, *, context: str) -> bytes:
    """Decrypt what ``seal`` made. Raises KeyError for a pepper that is gone, InvalidTag for what was moved or changed."""
    name, _, encoded = sealed.partition("$")
    raw = base64.b64decode(encoded)
    return _cipher(dict(settings.PEPPER_KEYS)[name]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], context.encode())


def spend_a_hash() -> None:
    """Take as long as a verification, for the cases where there is nothing to verify (criterion C04)."""
    with hash_slot():
        _hasher().hash(b"nothing to verify")


@contextmanager
def hash_slot() -> Iterator[None]:
    """Hold one of the process's few places for a memory-hard hash (criterion C07).

    Raises Busy where none falls free in time.
    """
    slots = _slots()
    with WAITING.raised():
        has_slot = slots.acquire(timeout=SECONDS_TO_WAIT_FOR_A_HASH)
    if not has_slot:
        GIVEN_UP.count()
        raise Busy("hashes_in_flight")
    try:
        with IN_FLIGHT.raised():
            yield
    finally:
        slots.release()


@cache
def _slots() -> threading.BoundedSemaphore:
    return threading.BoundedSemaphore(settings.HASHES_IN_FLIGHT)


@cache
def _hasher() -> argon2.PasswordHasher:
    return argon2.PasswordHasher(
        time_cost=settings.ARGON2_TIME_COST,
        memory_cost=settings.ARGON2_MEMORY_KIB,
        parallelism=1,
        type=argon2.Type.ID,
    )


def _peppered(key: bytes, code: str, context: str) -> bytes:
    return hmac.digest(key, f"{context}|{code}".encode(), "sha256")


def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"gatepass seal").derive(key))


def _unpadded(text: str) -> bytes:
    """Decode the unpadded base64 of PHC strings."""
    return base64.b64decode(text + "=" * (-len(text) % 4))
