"""Whoever is not signed in gets as far as these views, and no further. A new one is a decision: it is made here."""

from collections.abc import Iterator
from functools import partial
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    # the server itself
    "core.views.language",
    "core.views.healthz",
    "core.views.readyz",
    "core.views.theme",
    # asks for a bearer token of its own
    "config.metrics.show",
    # signing in and out
    "signin.views.home",
    "signin.views.identify",
    "signin.views.options",
    "signin.views.out",
    "signin.views.passkey",
    "signin.views.passkey_finish",
    "signin.views.passkey_options",
    "signin.views.password",
    "signin.views.signed_out",
    "signin.views.tap",
    "signin.views.tap_link",
    # the link in a mail: it asks first, and shows nothing
    "authmethods.views.not_me.not_me",
    # Django admin: sends on to the sign-in
    "support.site.login",
    # the API: each operation asks for a bearer token by itself; its description is for everybody
    "graph.views.documents.documentation",
    "graph.views.documents.metadata",
    "graph.views.documents.openapi",
    "ninja.openapi.views.default_home",
    "ninja.operation.sync_view_wrapper",
    # the OpenID provider: where applications send people, and what applications ask by themselves
    "oidc.views.authorize.authorize",
    "oidc.views.discovery.configuration",
    "oidc.views.discovery.instance",
    "oidc.views.discovery.key_set",
    "oidc.views.logout.logout",
    "oidc.views.token.device_code",
    "oidc.views.token.revoke",
    "oidc.views.token.device_code_v1",
    "oidc.views.token.token",
    "oidc.views.token.token_v1",
    "oidc.views.token.user_info",
}


def test_public_views_are_listed() -> None:
    assert sorted(public_views() ^ PUBLIC) == []


def public_views() -> set[str]:
    return {name_of(view) for view in views() if not getattr(view, "login_required", True)}


def name_of(view: Any) -> str:
    plain = view.func if isinstance(view, partial) else view
    return f"{plain.__module__}.{getattr(plain, '__name__', type(plain).__name__)}"


def views() -> Iterator[Any]:
    found: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    while found:
        one = found.pop()
        if isinstance(one, URLPattern):
            yield one.callback
        else:
            found += one.url_patterns
