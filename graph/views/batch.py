"""Several requests in one: each judged by itself, as if it had come alone."""

import io
import json
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.handlers.wsgi import WSGIRequest
from django.http import Http404, HttpResponse
from django.urls import resolve

from core.errors import Unavailable
from core.outages import in_words, outage_of
from graph.answers import as_json, base_of, failure
from graph.entrance import GraphRequest
from graph.enums import Dialect
from graph.errors import Problem, bad_body, problem_of
from graph.operations import Part
from graph.paths import ROOT, canonical
from graph.permissions import ANYTHING
from graph.shapes.batch import BatchAnswer, SentBatch, SentRequest

log = logging.getLogger("gatepass.request")
part = Part("Batch", Dialect.DIRECTORY)
BATCH = "$batch"
PASSED_ON = ("accept", "consistencylevel", "prefer", "if-match")
KEPT = ("Content-Type", "Location", "Retry-After", "WWW-Authenticate", "Allow")


@part.post(f"/{BATCH}", need=ANYTHING, returns=BatchAnswer, status=200)
def batch(request: GraphRequest, body: SentBatch) -> HttpResponse:
    """Answer up to twenty requests; each comes after those it depends on."""
    answered: dict[str, dict[str, Any]] = {}
    for one in _in_order(body.requests):
        failed = next(
            (name for name in one.depends_on if answered[name.lower()]["status"] >= HTTPStatus.BAD_REQUEST), ""
        )
        answer = _answer(request, one) if not failed else failure(request, _waits_for(failed))
        answered[one.id.lower()] = _told(one, answer)
    return as_json({"responses": list(answered.values())})


def _in_order(requests: Sequence[SentRequest]) -> list[SentRequest]:
    """Return the requests so that each comes after those it waits for. Raises Problem."""
    waiting = {one.id.lower(): one for one in requests}
    if len(waiting) < len(requests):
        raise bad_body(Dialect.DIRECTORY, "Each request of a batch needs an id of its own.")
    done: dict[str, SentRequest] = {}
    while waiting:
        ready = [one for one in waiting.values() if {name.lower() for name in one.depends_on} <= done.keys()]
        if not ready:
            raise bad_body(Dialect.DIRECTORY, "Requests of a batch wait for each other, or for one that is not there.")
        for one in ready:
            done[one.id.lower()] = waiting.pop(one.id.lower())
    return list(done.values())


def _answer(request: GraphRequest, one: SentRequest) -> HttpResponse:
    part_of = request
    try:
        part_of = _request_for(request, one)
        match = resolve(part_of.path_info)
        if match.url_name is None or not match.namespace.startswith("graph"):
            raise Http404  # noqa: TRY301  one way out for what is not there
        answer: HttpResponse = match.func(part_of, *match.args, **match.kwargs)
    except Http404:
        return failure(part_of, Problem(HTTPStatus.NOT_FOUND))
    except Problem as problem:
        return failure(part_of, problem)
    except Exception as error:  # a fault in one must not take the answers of the others along
        outage = outage_of(error)
        if outage is not None:
            log.error("%s", in_words(outage, error))  # noqa: TRY400  it is no fault of ours
            return failure(part_of, problem_of(Unavailable(outage.name.lower()), part_of.dialect))
        log.exception("fault in a batch")
        return failure(part_of, Problem(HTTPStatus.INTERNAL_SERVER_ERROR))
    if answer.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        return failure(part_of, Problem(answer.status_code, headers={"Allow": answer.headers["Allow"]}))
    return answer


def _request_for(request: GraphRequest, one: SentRequest) -> GraphRequest:
    """Return a request of its own with the token of the whole. Raises Problem."""
    path, query = _address(request, one.url)
    headers = {name.lower(): value for name, value in (one.headers or {}).items()}
    body = b"" if one.body is None else json.dumps(one.body).encode()
    if body and "content-type" not in headers:
        raise bad_body(Dialect.DIRECTORY, "A request of a batch that has a body needs its Content-Type header.")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": one.method,
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": request.META.get("SERVER_NAME", ""),
        "SERVER_PORT": request.META.get("SERVER_PORT", ""),
        "REMOTE_ADDR": request.META.get("REMOTE_ADDR", ""),
        "HTTP_HOST": request.META.get("HTTP_HOST", ""),
        "HTTP_AUTHORIZATION": request.META.get("HTTP_AUTHORIZATION", ""),
        "CONTENT_TYPE": headers.get("content-type", ""),
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.input": io.BytesIO(body),
        "wsgi.url_scheme": request.scheme,
    } | {f"HTTP_{name.upper().replace('-', '_')}": headers[name] for name in PASSED_ON if name in headers}
    made: Any = WSGIRequest(environ)
    made.path_info = canonical(made.path_info)
    if made.path_info.endswith(f"/{BATCH}"):
        raise bad_body(Dialect.DIRECTORY, "A batch cannot hold another batch.")
    made.id, made.address = request.id, request.address
    made.client_request_id, made.version, made.dialect = request.client_request_id, request.version, request.dialect
    made.signin, made.actor = None, None  # whoever it is, is judged anew
    return made  # type: ignore[no-any-return]


def _address(request: GraphRequest, url: str) -> tuple[bytes, str]:
    """Return path and query of a part. Nothing but our own base is ever asked, and nothing over the network."""
    base = base_of(request.version)
    if url.startswith(f"{base}/"):
        url = url.removeprefix(base)
    elif "://" in url.partition("?")[0] or url.startswith("//"):
        raise bad_body(Dialect.DIRECTORY, "A request of a batch names an address that is not of this API.")
    path, _, query = url.partition("?")
    if "\x00" in url or "%00" in url:
        raise Problem(HTTPStatus.BAD_REQUEST)
    return unquote_to_bytes(f"{ROOT}{request.version}/{path.lstrip('/')}"), query


def _told(one: SentRequest, answer: HttpResponse) -> dict[str, Any]:
    told: dict[str, Any] = {"id": one.id, "status": answer.status_code, "headers": _headers(answer.headers)}
    if answer.content:
        is_json = answer.headers.get("Content-Type", "").startswith("application/json")
        told["body"] = json.loads(answer.content) if is_json else answer.content.decode()
    return told


def _headers(headers: Mapping[str, str]) -> dict[str, str]:
    return {name: headers[name] for name in KEPT if name in headers}


def _waits_for(failed: str) -> Problem:
    return Problem(HTTPStatus.FAILED_DEPENDENCY, "FailedDependency", f"Request '{failed}' failed.")
