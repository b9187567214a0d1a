"""What an authorization request may be, and what must happen before it is answered. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import SplitResult, parse_qsl, urlsplit

from accounts.enums import MethodKind, Strength

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
S256_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
LONGEST_NONCE = 255
LONGEST_STATE = 1024
LONGEST_REDIRECT = 500
FORM_POST = "form_post"
RESPONSE_MODES = ("query", FORM_POST)
PROMPTS = frozenset({"none", "login", "consent", "select_account"})
# What a client may ask for by acr_values, and how strong a sign-in must be to answer it.
CLASSES: Mapping[str, Strength] = {
    "single-factor": Strength.SINGLE_FACTOR,
    "pass": Strength.PASS,
    "mfa": Strength.PASS,
    "multi-factor": Strength.LASTING,
    "phr": Strength.PHISHING_RESISTANT,
}


class Need(StrEnum):
    """What is missing before an authorization request can be answered."""

    SIGN_IN = "sign_in"
    OTHER_PERSON = "other_person"
    STRONGER = "stronger"


class BadRequest(ValueError):
    """An authorization request that makes no sense; the text says why, for the client's developer."""


@dataclass(frozen=True)
class Wishes:
    """What a client wishes about the sign-in (OpenID Connect Core §3.1.2.1)."""

    prompts: frozenset[str] = frozenset()
    max_age: timedelta | None = None
    strengths: tuple[Strength, ...] = ()
    login_hint: str = ""
    subject: str = ""

    @property
    def is_silent(self) -> bool:
        """True where no page may be shown."""
        return "none" in self.prompts


@dataclass(frozen=True)
class SignedIn:
    """The sign-in a browser has."""

    subject: str
    upn_key: str
    method: MethodKind
    authenticated_at: datetime


def read_wishes(parameters: Mapping[str, str], *, subject: str) -> Wishes:
    """Read prompt, max_age, acr_values and login_hint; ``subject`` is whom the id_token_hint names.

    Raises BadRequest.
    """
    prompts = frozenset(parameters.get("prompt", "").split())
    if prompts - PROMPTS or ("none" in prompts and len(prompts) > 1):
        raise BadRequest("prompt must be none, or any of login, consent and select_account")
    age = parameters.get("max_age", "")
    if age and (not age.isdecimal() or len(age) > len("999999999")):
        raise BadRequest("max_age must be a number of seconds")
    return Wishes(
        prompts=prompts,
        max_age=timedelta(seconds=int(age)) if age else None,
        strengths=tuple(CLASSES[name] for name in parameters.get("acr_values", "").split() if name in CLASSES),
        login_hint=parameters.get("login_hint", "")[:320],
        subject=subject,
    )


def need_of(wishes: Wishes, signed_in: SignedIn | None, *, asked_at: datetime | None, now: datetime) -> Need | None:
    """Say what must happen first. ``asked_at``: when this request last sent the person to sign in, so that it asks once.

    A hint about the person's name is only that; an ID token names him for sure.
    """
    if signed_in is None:
        return Need.SIGN_IN
    has_answered = asked_at is not None and signed_in.authenticated_at >= asked_at
    if wishes.subject and wishes.subject != signed_in.subject:
        return Need.OTHER_PERSON if has_answered else Need.SIGN_IN
    if wishes.strengths and signed_in.method.strength < min(wishes.strengths):
        return Need.STRONGER if has_answered else Need.SIGN_IN
    if has_answered:
        return None
    is_too_old = wishes.max_age is not None and now - signed_in.authenticated_at > wishes.max_age
    is_another = bool(wishes.login_hint) and wishes.login_hint.casefold() != signed_in.upn_key
    return Need.SIGN_IN if wishes.prompts & {"login", "select_account"} or is_too_old or is_another else None


def request_problem(parameters: Mapping[str, str]) -> str | None:
    """Say what is wrong with the parts of an authorization request that clients choose freely, if anything is."""
    if parameters.get("code_challenge_method") != "S256":
        return "code_challenge_method must be S256"
    if not S256_CHALLENGE.fullmatch(parameters.get("code_challenge", "")):
        return "code_challenge must be 43 characters of base64url"
    if len(parameters.get("nonce", "")) > LONGEST_NONCE:
        return f"nonce may have {LONGEST_NONCE} characters"
    if len(parameters.get("state", "")) > LONGEST_STATE:
        return f"state may have {LONGEST_STATE} characters"
    if parameters.get("response_mode", "query") not in RESPONSE_MODES:
        return "response_mode must be query or form_post"
    if "request" in parameters or "request_uri" in parameters:
        return "request objects are not supported"
    return None


def is_registered(asked: str, registered: Iterable[str]) -> bool:
    """True where ``asked`` is exactly one of the addresses registered; on loopback any port will do (RFC 8252 §7.3)."""
    return any(asked == one or _differs_in_port_only(asked, one) for one in registered)


def told_in(answer: str, redirect_uri: str) -> list[tuple[str, str]]:
    """Return what an answer's address adds to the one that was registered, whose own query stays where it is."""
    own = parse_qsl(urlsplit(redirect_uri).query, keep_blank_values=True)
    return parse_qsl(urlsplit(answer).query, keep_blank_values=True)[len(own) :]


def origin_of(uri: str) -> str:
    """Return scheme, host and port of an address, as a browser names them."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}".lower()


def is_at_home(origin: str, registered: Iterable[str]) -> bool:
    """True for the origin of an address that is registered; on loopback any port will do."""
    return is_registered(origin.lower(), map(origin_of, registered))


def redirect_is_sound(uri: str) -> bool:
    """True for an address that may be registered: https, or http on this very machine; no fragment, name or wildcard."""
    parts = _split(uri)
    if parts is None or not uri.isascii() or any(char.isspace() or char in '*\\"<>' for char in uri):
        return False
    is_plain = "#" not in uri and "@" not in parts.netloc and len(uri) <= LONGEST_REDIRECT
    return is_plain and bool(parts.hostname) and (parts.scheme == "https" or _is_loopback(parts))


def _differs_in_port_only(asked: str, registered: str) -> bool:
    one, other = _split(asked), _split(registered)
    if one is None or other is None or not _is_loopback(other) or "@" in one.netloc or "#" in asked:
        return False
    return (one.scheme, one.hostname, one.path, one.query) == (other.scheme, other.hostname, other.path, other.query)


def _is_loopback(parts: SplitResult) -> bool:
    return parts.scheme == "http" and parts.hostname in LOOPBACK


def _split(uri: str) -> SplitResult | None:
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018  reading it checks it
    except ValueError:
        return None
    return parts
