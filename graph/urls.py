"""Every version of the API. Closed by default all the same: each operation asks for a token itself."""

from django.urls import URLPattern, URLResolver, include, path

from graph.api import make_api
from graph.enums import Version


def _opened(patterns: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Tell the middleware that asks browsers to sign in that these views judge a token instead."""
    for pattern in patterns:
        if isinstance(pattern, URLPattern):
            pattern.callback.login_required = False  # type: ignore[attr-defined]
    return patterns


def _version(version: Version) -> URLResolver:
    patterns, app_name, namespace = make_api(version).urls
    return path(f"graph/{version}/", include((_opened(patterns), app_name), namespace=namespace))


urlpatterns = [_version(version) for version in Version]
