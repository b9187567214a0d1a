"""The outermost and the innermost layer around every view."""

import logging
import re
import secrets
from collections.abc import Callable
from time import perf_counter

from django.http import HttpRequest, HttpResponse

from core.errors import DomainError
from core.http import client_address, is_trusted_proxy
from core.views import problem_page

log = logging.getLogger("gatepass.request")

Handler = Callable[[HttpRequest], HttpResponse]
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
        if (
            is_trusted_proxy(request.META.get("REMOTE_ADDR", ""))
            and request.headers.get("X-Forwarded-Proto") == "https"
        ):
            request.environ["wsgi.url_scheme"] = "https"  # type: ignore[attr-defined]
        if NUL.search(request.path) or NUL.search(request.META.get("QUERY_STRING", "")):
            response = problem_page(request, 400)
        else:
            response = self.get_response(request)
        response.headers.setdefault("Cache-Control", "no-store")
        response.headers["X-Request-Id"] = request.id  # type: ignore[attr-defined]
        response.headers["Permissions-Policy"] = (
            "publickey-credentials-get=(self), publickey-credentials-create=(self), camera=(), microphone=(), geolocation=()"
        )
        # The path only: a query string may hold a name, and a body a secret.
        log.info(
            "%s %s %s %.0fms id=%s from=%s",
            request.method,
            request.path,
            response.status_code,
            (perf_counter() - began) * 1000,
            request.id,  # type: ignore[attr-defined]
            request.address,  # type: ignore[attr-defined]
        )
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
