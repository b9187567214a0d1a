"""How answers are written: JSON with OData's headers, the properties asked for, and links built from PUBLIC_URL only."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC
from http import HTTPStatus
from typing import Any
from urllib.parse import quote, urlencode

from django.http import HttpResponse

from core import clock
from core.http import public_link
from graph.entrance import GraphRequest
from graph.enums import Version
from graph.errors import Problem
from graph.odata.options import Asked
from graph.odata.paging import Position, write_token
from graph.shapes.base import Shape

CONTENT_TYPE = "application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8"

SAFE = "/$()',@"  # in a path, as it is written


def base_of(version: Version) -> str:
    """Return the address everything of a version stands under."""
    return public_link(f"/graph/{version}")


def as_json(data: Mapping[str, Any], *, status: int = 200, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """Return an answer with a body."""
    body = json.dumps(data, ensure_ascii=False, separators=(",", ":"))
    answer = HttpResponse(body, status=status, content_type=CONTENT_TYPE, headers=dict(headers or {}))
    answer.headers["OData-Version"] = "4.0"
    answer.is_graph = True  # type: ignore[attr-defined]  # the middleware leaves it as it is
    return answer


def nothing() -> HttpResponse:
    """Return the answer of what is done and has nothing to say."""
    answer = HttpResponse(status=204, headers={"OData-Version": "4.0"})
    del answer.headers["Content-Type"]
    answer.is_graph = True  # type: ignore[attr-defined]
    return answer


def entity(
    request: GraphRequest, shape: Shape, *, context: str, asked: Asked | None = None, status: int = 200
) -> HttpResponse:
    """Return one thing."""
    head = {"@odata.context": f"{base_of(request.version)}/$metadata#{context}/$entity"}
    headers = (
        {"Location": f"{base_of(request.version)}/{location}"}
        if (location := _location(context, shape, status))
        else {}
    )
    return as_json(head | select(shape, asked), status=status, headers=headers)


def collection(
    request: GraphRequest,
    shapes: Iterable[Shape | dict[str, Any]],
    *,
    context: str,
    asked: Asked | None = None,
    count: int | None = None,
    following: Position | None = None,
) -> HttpResponse:
    """Return a page of things."""
    body: dict[str, Any] = {"@odata.context": f"{base_of(request.version)}/$metadata#{context}"}
    if count is not None:
        body["@odata.count"] = count
    if following is not None and asked is not None:
        body["@odata.nextLink"] = next_link(request, asked, following)
    body["value"] = [select(one, asked) if isinstance(one, Shape) else one for one in shapes]
    return as_json(body)


def select(shape: Shape, asked: Asked | None) -> dict[str, Any]:
    """Return the properties asked for, or the usual ones."""
    written = shape.written()
    if asked is None or not asked.select:
        return written
    return {name: value for name, value in written.items() if name in asked.select or "@" in name}


def belongs_to(request: GraphRequest, asked: Asked) -> Sequence[str]:
    """Return what a skip token of this request is bound to: tenant, resource and query."""
    return (str(request.actor.tenant_id), request.path_info.lower(), *asked.identity)


def next_link(request: GraphRequest, asked: Asked, following: Position) -> str:
    """Return the address of the next page: every option of this one, and where to go on."""
    kept = [
        (name, value)
        for name, values in request.GET.lists()
        if name.removeprefix("$").lower() != "skiptoken"
        for value in values
    ]
    token = write_token(following, belongs_to=belongs_to(request, asked))
    query = urlencode([*kept, ("$skiptoken", token)], safe="$,", quote_via=quote)
    return f"{public_link(quote(request.path_info, safe=SAFE))}?{query}"


def failure(request: GraphRequest, problem: Problem) -> HttpResponse:
    """Return what a failure says."""
    error = {
        "code": problem.code,
        "message": problem.message,
        "innerError": {
            "message": problem.message,
            "date": clock.now().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
            "request-id": request.id,
            "client-request-id": request.client_request_id,
        },
    }
    return as_json({"error": error}, status=problem.status, headers=problem.headers)


def _location(context: str, shape: Shape, status: int) -> str:
    return f"{context}/{getattr(shape, 'id', '')}" if status == HTTPStatus.CREATED and context.isalpha() else ""
