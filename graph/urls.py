"""Every version of the API. Closed by default all the same: each operation asks for a token itself."""

from django.urls import URLPattern, URLResolver, include, path
from ninja import NinjaAPI

from graph.api import make_api
from graph.enums import Version
from graph.views import documents


def _opened(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Tell the middleware that asks browsers to sign in that these views judge a token instead."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback.login_required = False  # type: ignore[attr-defined]
    return patterns


def _version(version: Version, api: NinjaAPI) -> URLResolver:
    patterns, app_name, namespace = api.urls
    metadata = path("$metadata", documents.metadata, name="metadata")
    return path(f"graph/{version}/", include(([metadata, *_opened(patterns)], app_name), namespace=namespace))


APIS = {version: make_api(version) for version in Version}
urlpatterns = [
    path("graph/", documents.documentation, {"api": APIS[Version.V1]}, name="graph-documentation"),
    path("graph/openapi.json", documents.openapi, {"api": APIS[Version.V1]}, name="graph-openapi"),
    *(_version(version, api) for version, api in APIS.items()),
]
