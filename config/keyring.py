"""The secrets of an installation: read from the environment or from files, checked, and on localhost made once."""

import base64
import os
import re
import secrets
from pathlib import Path

import environ

SHORTEST_KEY = 50  # characters of SECRET_KEY, as Django's own check demands
SHORTEST_PEPPER = 32  # bytes
SIGNING_KEY = 32  # bytes of an Ed25519 seed
SHORTEST_TOKEN = 32  # characters
FEWEST_SYMBOLS = 8  # different ones in a secret key or token
BEARER = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # RFC 6750 §2.1


class BadSetting(Exception):
    """A setting is missing or makes no sense; the text says which and what would do."""


def secret_key(source: environ.Env, generate_in: Path | None) -> str:
    key = _secret(source, "SECRET_KEY", generate_in)
    if not _is_strong(key):
        message = f"SECRET_KEY must be at least {SHORTEST_KEY} random characters."
        raise BadSetting(message)
    return key


def secret_key_fallbacks(source: environ.Env, kept_in: Path | None) -> tuple[str, ...]:
    """Return the keys that are not used for anything new, and still count."""
    keys = _several(source, "SECRET_KEY_FALLBACKS", kept_in)
    if not all(_is_strong(key) for key in keys):
        message = "SECRET_KEY_FALLBACKS must be former keys, separated by commas, each as long as SECRET_KEY."
        raise BadSetting(message)
    return keys


def _is_strong(key: str) -> bool:
    return len(key) >= SHORTEST_KEY and len(set(key)) >= FEWEST_SYMBOLS and not key.startswith("django-insecure")


def pepper_keys(source: environ.Env, generate_in: Path | None) -> tuple[tuple[str, bytes], ...]:
    """Parse ``id:base64,id:base64``: the first is used for new passes, the others still verify."""
    text = _secret(source, "PEPPER_KEYS", generate_in)
    ring: list[tuple[str, bytes]] = []
    for entry in filter(None, (part.strip() for part in text.split(","))):
        name, _, encoded = entry.partition(":")
        try:
            key = base64.b64decode(encoded, validate=True)
        except ValueError as error:
            message = f"PEPPER_KEYS: the key named {name!r} is not base64."
            raise BadSetting(message) from error
        if not name.isalnum() or len(key) < SHORTEST_PEPPER:
            message = f"PEPPER_KEYS must be id:base64 pairs with keys of at least {SHORTEST_PEPPER} bytes."
            raise BadSetting(message)
        ring.append((name, key))
    if not ring or len({name for name, _ in ring}) != len(ring):
        message = "PEPPER_KEYS must hold at least one key, each with an id of its own."
        raise BadSetting(message)
    return tuple(ring)


def audit_signing_key(source: environ.Env, generate_in: Path | None) -> bytes | None:
    """Return the seed of the key that signs checkpoints; None where none is set: only signing needs one."""
    is_given = source.str("AUDIT_SIGNING_KEY", "") or source.str("AUDIT_SIGNING_KEY_FILE", "")
    if generate_in is None and not is_given:
        return None
    try:
        key = base64.b64decode(_secret(source, "AUDIT_SIGNING_KEY", generate_in), validate=True)
    except ValueError:
        key = b""
    if len(key) != SIGNING_KEY:
        message = f"AUDIT_SIGNING_KEY must be {SIGNING_KEY} random bytes in base64."
        raise BadSetting(message)
    return key


def audit_public_keys(source: environ.Env, kept_in: Path | None) -> tuple[str, ...]:
    """Return the public halves of signing keys whose signatures count although they sign nothing any more."""
    keys = _several(source, "AUDIT_PUBLIC_KEYS", kept_in)
    try:
        is_sound = all(len(base64.b64decode(key, validate=True)) == SIGNING_KEY for key in keys)
    except ValueError:
        is_sound = False
    if not is_sound:
        message = "AUDIT_PUBLIC_KEYS must be keys that audit_checkpoint --public-key printed, separated by commas."
        raise BadSetting(message)
    return keys


def metrics_token(source: environ.Env) -> str:
    """Return what may ask for metrics; empty where nobody may."""
    if not (source.str("METRICS_TOKEN", "") or source.str("METRICS_TOKEN_FILE", "")):
        return ""
    token = _secret(source, "METRICS_TOKEN", None)
    if not BEARER.fullmatch(token) or len(token) < SHORTEST_TOKEN or len(set(token)) < FEWEST_SYMBOLS:
        message = f"METRICS_TOKEN must be at least {SHORTEST_TOKEN} random letters and digits (also -._~+/)."
        raise BadSetting(message)
    return token


def _secret(source: environ.Env, name: str, generate_in: Path | None) -> str:
    """Return NAME, else what the file NAME_FILE holds, else (local only) a secret made once under DATA_DIR."""
    if value := source.str(name, ""):
        return str(value)
    if path := source.str(f"{name}_FILE", ""):
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            message = f"{name}_FILE cannot be read: {getattr(error, 'strerror', None) or 'it is not text'}."
            raise BadSetting(message) from error
    if generate_in is None:
        message = f"{name} must be set (or {name}_FILE, the path of a file that holds it)."
        raise BadSetting(message)
    return _made_once(generate_in / name.lower(), name)


def _several(source: environ.Env, name: str, kept_in: Path | None) -> tuple[str, ...]:
    """Return the parts of NAME, of what NAME_FILE holds, or (local only) of what a rotation left under DATA_DIR; or none."""
    is_given = source.str(name, "") or source.str(f"{name}_FILE", "")
    is_kept = kept_in is not None and (kept_in / name.lower()).is_file()
    text = _secret(source, name, kept_in) if is_given or is_kept else ""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _made_once(path: Path, name: str) -> str:
    key = base64.b64encode(secrets.token_bytes(32)).decode()
    made = {"PEPPER_KEYS": f"k1:{key}", "AUDIT_SIGNING_KEY": key}.get(name, secrets.token_urlsafe(48))
    make_folder(path.parent)
    try:
        # A link is made in one step, so two processes that start at once agree on one secret and never read half of it.
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.touch(mode=0o600, exist_ok=True)
        draft.write_text(made, encoding="utf-8")
        try:
            os.link(draft, path)
        except FileExistsError:
            pass
        finally:
            draft.unlink()
        return path.read_text(encoding="utf-8").strip()
    except OSError as error:
        message = f"DATA_DIR must be a folder this process may write to: {error}."
        raise BadSetting(message) from error


def make_folder(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        message = f"DATA_DIR or DATABASE_URL names a folder that cannot be made: {path}: {error.strerror}."
        raise BadSetting(message) from error
