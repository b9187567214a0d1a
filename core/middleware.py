"""The outermost and the innermost layer around every view."""

import logging
import re
import secrets
from collections.abc import Callable
from http import HTTPStatus
from time import perf_counter

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from core import logs
from core.errors import DomainError
from core.http import client_address, is_trusted_proxy
from core.metrics import Counter, Durations
from core.uploads import longest_body
from core.views import problem_page

log = logging.getLogger("gatepass.request")

REQUESTS = Counter("requests", "Requests answered, by method, route and class of status.", "method", "route", "status")
DURATIONS = Durations("request_seconds", "Time until a request was answered, by route.", "route")
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"})  # HEAD is read as GET

Handler = Callable[[HttpRequest], HttpResponse]
LONGEST_LENGTH = 20  # digits of a body's length
NUL = re.compile(r"\x00|%00")


class RequestContext:
    """Name the request, find the caller's true address, write one log line, and keep pages out of every cache."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer ``request`` with ``request.id`` and ``request.address`` set."""
        began = perf_counter()
        request.id = secrets.token_hex(8)  # type: ignore[attr-defined]
        request.address = client_address(request)  # type: ignore[attr-defined]
        with logs.carrying(request=request.id, address=request.address):  # type: ignore[attr-defined]
            response = self._answer(request)
            _note(request, response, perf_counter() - began)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        if (
            is_trusted_proxy(request.META.get("REMOTE_ADDR", ""))
            and request.headers.get("X-Forwarded-Proto") == "https"
        ):
            request.environ["wsgi.url_scheme"] = "https"  # type: ignore[attr-defined]
        response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        response.headers["Permissions-Policy"] = (
            "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()"
        )
        return response


class Language:
    """Speak to whoever asks in the language of his cookie, else of his browser, else of the installation.

    Outside of the session, so that every page has a language, also one that says no before anybody is known. What knows
    better says so in ``request.LANGUAGE_CODE``: the API before this (programs are spoken to in English), and
    ``accounts.middleware.CurrentSignIn`` after it (the person has chosen one).
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer in that language, and say which it was."""
        if not hasattr(request, "LANGUAGE_CODE"):
            request.LANGUAGE_CODE = translation.get_language_from_request(request)
        with translation.override(request.LANGUAGE_CODE):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", request.LANGUAGE_CODE)
        if "public" not in response.headers.get("Cache-Control", ""):
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class SoundRequests:
    """Answer here what no view should have to: a NUL, a body that is too big, HEAD, and the page for a wrong method."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on a request that can be answered, HEAD as GET (the server leaves the body out)."""
        if NUL.search(request.path) or NUL.search(request.META.get("QUERY_STRING", "")):
            return problem_page(request, HTTPStatus.BAD_REQUEST)
        length, usual = _length_of(request), settings.DATA_UPLOAD_MAX_MEMORY_SIZE
        if length > usual and length > longest_body(request, usual):
            return problem_page(request, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        if request.method == "HEAD":
            request.method = "GET"
        response = self.get_response(request)
        if response.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
            page = problem_page(request, HTTPStatus.METHOD_NOT_ALLOWED)
            page.headers["Allow"] = response.headers["Allow"]
            return page
        return response


class DomainErrors:
    """Turn what the domain refuses into a page."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass ``request`` on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer a DomainError with its page; leave every other exception to Django."""
        if not isinstance(error, DomainError):
            return None
        return problem_page(request, int(error.status), error=error)


def _length_of(request: HttpRequest) -> int:
    """Return how long the body says it is. Django's own limit leaves files aside."""
    said = request.META.get("CONTENT_LENGTH") or "0"
    return int(said) if said.isdecimal() and len(said) < LONGEST_LENGTH else 0


def _note(request: HttpRequest, response: HttpResponse, seconds: float) -> None:
    """Write the one line of a request: its route, for a path may name a person, and a query or a body hold a secret."""
    method, route, status, milliseconds = (
        request.method,
        logs.route_of(request),
        response.status_code,
        round(seconds * 1000),
    )
    measured = {"method": method, "route": route, "status": status, "milliseconds": milliseconds}
    log.info("%s %s %s %s ms", method, route, status, milliseconds, extra=measured)
    REQUESTS.count(str(method) if method in METHODS else "other", route, f"{status // 100}xx")
    DURATIONS.note(seconds, route)
