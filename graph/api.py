"""The API put together: its parts, how bodies are read, and how failures become answers."""

import json
from typing import Any, NoReturn, cast

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import HttpError, ValidationError
from ninja.operation import Operation
from ninja.parser import Parser
from pydantic.alias_generators import to_camel

from core.errors import DomainError
from graph.answers import failure
from graph.entrance import GraphRequest
from graph.enums import Version
from graph.errors import UNREADABLE, Problem, bad_body, problem_of
from graph.views import PARTS

JSON_TYPE = "application/json"
DESCRIPTION = (
    "The paths, bodies, errors and permissions of Microsoft Graph, for what Gatepass does. "
    "What Graph does not have stands under Beyond Graph."
)


class BodyParser(Parser):
    """Reads JSON and nothing else."""

    def parse_body(self, request: HttpRequest) -> Any:
        """Return what the body says. Raises Problem."""
        if request.content_type != JSON_TYPE:
            raise Problem(415)
        try:
            data = json.loads(request.body, parse_constant=_refuse)
            text = json.dumps(data, ensure_ascii=False)
            text.encode()  # half of a pair of surrogates is no text
        except (ValueError, RecursionError):
            raise Problem(400, message=UNREADABLE) from None
        if "\\u0000" in text:
            raise Problem(400, message=UNREADABLE)
        return data


def _refuse(constant: str) -> NoReturn:
    raise ValueError(constant)


class GraphApi(NinjaAPI):
    """Names operations by their views."""

    def get_openapi_operation_id(self, operation: Operation) -> str:
        """Return what clients made from the document call an operation."""
        return to_camel(operation.view_func.__name__)


def make_api(version: Version) -> NinjaAPI:
    """Return one version of the API."""
    api = GraphApi(
        title="Gatepass API",
        version=version.value,
        description=DESCRIPTION,
        urls_namespace=f"graph-{version}",
        openapi_url=None,
        docs_url=None,
        parser=BodyParser(),
    )
    for part in PARTS:
        api.add_router("", part.router)
    api.add_exception_handler(Problem, _tell)
    api.add_exception_handler(DomainError, _tell_refusal)
    api.add_exception_handler(ValidationError, _tell_wrong_body)
    api.add_exception_handler(HttpError, _tell_unreadable)
    api.add_exception_handler(Http404, _tell_absent)
    api.add_exception_handler(Exception, _pass_on)
    return api


def _tell(request: HttpRequest, problem: Any) -> HttpResponse:
    return failure(cast("GraphRequest", request), problem)


def _tell_refusal(request: HttpRequest, error: Any) -> HttpResponse:
    return _tell(request, problem_of(error, cast("GraphRequest", request).dialect))


def _tell_wrong_body(request: HttpRequest, error: Any) -> HttpResponse:
    first = error.errors[0]
    where = [str(part) for part in first["loc"] if part != "body"]
    if len(where) <= 1 and first["type"] == "missing":
        return _tell(request, Problem(400, message=UNREADABLE))
    name = ".".join(where[1:]) or "The body"
    return _tell(request, bad_body(cast("GraphRequest", request).dialect, f"{name}: {first['msg']}."))


def _tell_unreadable(request: HttpRequest, error: Any) -> HttpResponse:
    cause = error.__cause__
    return _tell(request, cause if isinstance(cause, Problem) else Problem(error.status_code))


def _tell_absent(request: HttpRequest, _error: Any) -> HttpResponse:
    return _tell(request, Problem(404))


def _pass_on(_request: HttpRequest, error: Any) -> NoReturn:
    """Leave a fault of ours to Django, which logs it; the middleware answers."""
    raise error
