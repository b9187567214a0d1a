"""How a part of the API declares what it does: no operation without a need, and its documentation from the same words."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from ninja import Router
from pydantic import BaseModel

from graph.entrance import BearerToken
from graph.enums import Dialect
from graph.odata.options import Serves
from graph.permissions import Need
from graph.shapes.base import ErrorBody

FAILURES = frozenset({400, 401, 403, 404, 405, 409, 413, 415, 429, 500, 503})
NOTHING_SERVED = Serves()

View = Callable[..., HttpResponse]
OPTIONS: dict[str, dict[str, Any]] = {
    "select": {"type": "string", "description": "Properties to answer, separated by commas."},
    "filter": {"type": "string", "description": "A condition."},
    "orderby": {"type": "string", "description": "A property, and asc or desc."},
    "search": {"type": "string", "description": "A term in quotation marks, with a property before it or without."},
    "expand": {"type": "string", "description": "Related things to answer too."},
    "top": {"type": "integer", "minimum": 1, "description": "How many a page holds."},
    "count": {"type": "boolean", "description": "Whether to say how many there are."},
    "skiptoken": {"type": "string", "description": "Where a next link goes on. Opaque."},
}


class Part:
    """A part of the API, with the spelling of its errors."""

    def __init__(self, tag: str, dialect: Dialect, *, is_ours: bool = False) -> None:
        self.router = Router(tags=[tag], by_alias=True)
        self.dialect = dialect
        self.is_ours = is_ours

    def get(self, path: str, *, need: Need, returns: Any, serves: Serves = NOTHING_SERVED) -> Callable[[View], View]:
        """Declare what reads."""
        return self._operation("GET", path, need=need, returns={200: returns}, serves=serves)

    def get_number(self, path: str, *, need: Need, serves: Serves = NOTHING_SERVED) -> Callable[[View], View]:
        """Declare what answers a bare number."""
        plain = {"responses": {200: {"content": {"text/plain": {"schema": {"type": "integer"}}}}}}
        return self._operation("GET", path, need=need, returns={200: None}, serves=serves, extra=plain)

    def post(
        self, path: str, *, need: Need, returns: type[BaseModel] | None = None, status: int = 201
    ) -> Callable[[View], View]:
        """Declare what makes something."""
        return self._operation("POST", path, need=need, returns={status: returns})

    def patch(self, path: str, *, need: Need, returns: type[BaseModel] | None = None) -> Callable[[View], View]:
        """Declare what changes something: 204 where nothing is answered."""
        return self._operation("PATCH", path, need=need, returns={200 if returns else 204: returns})

    def delete(self, path: str, *, need: Need) -> Callable[[View], View]:
        """Declare what deletes something."""
        return self._operation("DELETE", path, need=need, returns={204: None})

    def _operation(
        self,
        method: str,
        path: str,
        *,
        need: Need,
        returns: dict[int, Any],
        serves: Serves = NOTHING_SERVED,
        extra: dict[str, Any] | None = None,
    ) -> Callable[[View], View]:
        documented: dict[str, Any] = {
            "parameters": [_parameter(name, serves) for name in serves.options],
            "x-permissions": {
                "anyOf": sorted(one.value for one in need.any_of),
                "forOneself": sorted(one.value for one in need.own),
            },
            **(extra or {}),
        }
        if self.is_ours:
            documented["x-beyond-graph"] = True
        return self.router.api_operation(
            [method],
            path,
            auth=BearerToken(need, self.dialect),
            response={**returns, FAILURES: ErrorBody},
            openapi_extra=documented,
        )


def _parameter(name: str, serves: Serves) -> dict[str, Any]:
    schema = dict(OPTIONS[name])
    description = schema.pop("description")
    names = {
        "filter": serves.filters,
        "orderby": serves.orders,
        "search": serves.search,
        "expand": serves.expand,
    }.get(name)
    if names:
        description += f" Served for: {', '.join(names)}."
    if name == "top":
        schema["maximum"] = serves.largest_page
    return {"name": f"${name}", "in": "query", "required": False, "schema": schema, "description": description}
