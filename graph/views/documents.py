"""What describes the API: the OpenAPI document, a page to read it on, and OData's metadata. Open to everybody."""

from collections import defaultdict
from collections.abc import Mapping
from functools import cache
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from ninja import NinjaAPI

from graph.answers import base_of
from graph.csdl import document
from graph.enums import Version

METHODS = ("get", "post", "patch", "delete")


def openapi_of(api: NinjaAPI) -> dict[str, Any]:
    """Return the OpenAPI document of a version."""
    described: dict[str, Any] = dict(api.get_openapi_schema(path_prefix=""))
    described["servers"] = [{"url": base_of(Version(api.version))}]
    described["tags"] = [{"name": tag} for tag in dict.fromkeys(_tag(one) for _, _, one in _operations(described))]
    return described


@login_not_required
@require_safe
def openapi(_request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Answer the OpenAPI document."""
    return JsonResponse(_described(api))


@login_not_required
@require_safe
def metadata(_request: HttpRequest) -> HttpResponse:
    """Answer OData's metadata."""
    return HttpResponse(document(), content_type="application/xml")


@login_not_required
@require_safe
def documentation(request: HttpRequest, api: NinjaAPI) -> HttpResponse:
    """Show the OpenAPI document as a page."""
    described = _described(api)
    by_tag: defaultdict[str, list[dict[str, Any]]] = defaultdict(list)
    for path, method, one in _operations(described):
        by_tag[_tag(one)].append(_row(path, method, one, described))
    context = {
        "description": described["info"]["description"],
        "base": described["servers"][0]["url"],
        "parts": [{"name": tag, "rows": rows} for tag, rows in by_tag.items()],
    }
    return render(request, "graph/documentation.html", context)


@cache
def _described(api: NinjaAPI) -> dict[str, Any]:
    return openapi_of(api)


def _operations(described: Mapping[str, Any]) -> list[tuple[str, str, dict[str, Any]]]:
    return [
        (path, method, described["paths"][path][method])
        for path in described["paths"]
        for method in METHODS
        if method in described["paths"][path]
    ]


def _tag(operation: Mapping[str, Any]) -> str:
    return str(operation["tags"][0])


def _row(path: str, method: str, operation: Mapping[str, Any], described: Mapping[str, Any]) -> dict[str, Any]:
    success = next(status for status in operation["responses"] if int(status) < 300)  # noqa: PLR2004  the one that is no failure
    permissions = operation["x-permissions"]
    return {
        "id": operation["operationId"],
        "method": method.upper(),
        "path": path,
        "text": operation.get("description", ""),
        "status": success,
        "any_of": permissions["anyOf"],
        "for_oneself": permissions["forOneself"],
        "options": [one for one in operation["parameters"] if one["in"] == "query"],
        "body": _properties(operation.get("requestBody"), described),
    }


def _properties(body: Any, described: Mapping[str, Any]) -> list[str]:
    """Return the names a body may hold."""
    if not body:
        return []
    schema = next(iter(body["content"].values()))["schema"]
    while "$ref" in schema:
        schema = described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return list(schema.get("properties", {}))
