"""What a browser carries between the steps of signing in: a signed cookie, because nobody is known yet."""

from dataclasses import asdict, dataclass, replace
from typing import Any

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from core import secrets
from core.http import is_own_path

SALT = "signin.attempt"
LONGEST = 1800  # seconds


@dataclass(frozen=True)
class Attempt:
    """The user name typed, where the person wanted to go, and a random mark of this browser."""

    browser: str
    upn: str = ""
    next: str = ""
    organisation: str = ""

    @property
    def browser_digest(self) -> str:
        """Return what a passkey challenge is bound to."""
        return secrets.digest(self.browser)


def read(request: HttpRequest) -> Attempt:
    """Return the attempt this browser is in, or a fresh one. A cookie that was changed or is too old counts as none."""
    try:
        found: dict[str, Any] = signing.loads(
            request.COOKIES.get(settings.SIGN_IN_FLOW_COOKIE, ""), salt=SALT, max_age=LONGEST
        )
        return Attempt(**{name: str(found[name]) for name in ("browser", "upn", "next", "organisation")})
    except (signing.BadSignature, KeyError, TypeError):
        return Attempt(browser=secrets.make_token())


def is_carried(request: HttpRequest, attempt: Attempt) -> bool:
    """True where the browser has this very attempt already."""
    return read(request) == attempt


def named(attempt: Attempt, *, upn: str, wanted: str, organisation: str = "") -> Attempt:
    """Return the attempt with the user name and a destination on this site."""
    return replace(attempt, upn=upn, next=wanted if is_own_path(wanted) else "", organisation=organisation)


def write(response: HttpResponse, attempt: Attempt) -> HttpResponse:
    """Give the attempt to the browser."""
    response.set_cookie(
        settings.SIGN_IN_FLOW_COOKIE,
        signing.dumps(asdict(attempt), salt=SALT, compress=True),
        max_age=LONGEST,
        secure=settings.COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


def forget(response: HttpResponse) -> HttpResponse:
    """Take it back when it has served."""
    response.delete_cookie(settings.SIGN_IN_FLOW_COOKIE)
    return response
