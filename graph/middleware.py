"""What every request to the API meets first, and what its answers carry: whatever happens below, it is told in JSON."""

import re
import zlib
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from core.decorators import PROGRAMS_SPEAK
from graph.answers import failure
from graph.entrance import GraphRequest
from graph.enums import Dialect, Version
from graph.errors import CODES, Problem
from graph.paths import ROOT, canonical

VERSIONS = {version.lower(): version for version in Version}
SANE_ID = re.compile(r"[\w-]{1,64}")
WITH_BODY = frozenset({"POST", "PATCH", "PUT"})
GZIP = 16 + zlib.MAX_WBITS


class GraphGate:
    """Reads paths in any letter case and compressed bodies, takes cookies away, and answers every failure in Graph's form.

    Everything is said in English, whatever language a program accepts (docs/decisions/0060).
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, django_request: HttpRequest) -> HttpResponse:
        """Answer a request to the API; pass every other on."""
        if not django_request.path_info.lower().startswith(ROOT):
            return self.get_response(django_request)
        request = cast("GraphRequest", django_request)
        given = request.headers.get("client-request-id", "")
        request.client_request_id = given if SANE_ID.fullmatch(given) else request.id
        request.version, request.dialect = Version.V1, Dialect.DIRECTORY
        request.LANGUAGE_CODE = PROGRAMS_SPEAK
        with translation.override(PROGRAMS_SPEAK):
            try:
                self._prepare(request)
                answer = self.get_response(request)
            except Problem as problem:
                answer = failure(request, problem)
            if answer.status_code >= 400 and not hasattr(answer, "is_graph"):  # noqa: PLR2004  from here on a failure
                answer = self._retold(request, answer)
        answer.headers["request-id"] = request.id
        answer.headers["client-request-id"] = request.client_request_id
        return answer

    def _prepare(self, request: GraphRequest) -> None:
        version = VERSIONS.get(request.path_info[len(ROOT) :].partition("/")[0].lower())
        if version is None:
            return
        request.path_info = canonical(request.path_info)
        request.version = version
        request.META.pop("HTTP_COOKIE", None)  # a browser's session is no token
        if request.method in WITH_BODY:
            _unpack(request)

    @staticmethod
    def _retold(request: GraphRequest, answer: HttpResponse) -> HttpResponse:
        """Say a failure that something below told as a page."""
        status = answer.status_code if answer.status_code in CODES else 500 if answer.status_code >= 500 else 400  # noqa: PLR2004
        kept = {name: answer.headers[name] for name in ("Allow", "Retry-After") if name in answer.headers}
        return failure(request, Problem(status, headers=kept))


def _unpack(request: HttpRequest) -> None:
    """Replace a compressed body by what it says, up to the size any body may have. Raises Problem."""
    encoding = request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        return
    if encoding != "gzip":
        raise Problem(415)
    most = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    unpacker = zlib.decompressobj(GZIP)
    try:
        if int(request.META.get("CONTENT_LENGTH") or 0) > most:
            raise Problem(413)
        body = unpacker.decompress(request.body, most + 1)
    except (zlib.error, ValueError):
        raise Problem(400) from None
    if len(body) > most:
        raise Problem(413)
    if not unpacker.eof or unpacker.unused_data:
        raise Problem(400)
    request._body = body  # noqa: SLF001  Django keeps it there once read
    request.META["CONTENT_LENGTH"] = str(len(body))
    request.META.pop("HTTP_CONTENT_ENCODING", None)
