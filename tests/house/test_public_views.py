"""Whoever is not signed in gets as far as these views, and no further. A new one is a decision: it is made here."""

from collections.abc import Iterator
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver

PUBLIC = {
    # the server itself
    "core.views.healthz",
    "core.views.readyz",
    "core.views.theme",
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
    # the OpenID provider: where applications send people, and what applications ask by themselves
    "oidc.views.authorize.authorize",
    "oidc.views.discovery.configuration",
    "oidc.views.discovery.instance",
    "oidc.views.discovery.key_set",
    "oidc.views.logout.logout",
    "oidc.views.token.device_code",
    "oidc.views.token.device_code_v1",
    "oidc.views.token.token",
    "oidc.views.token.token_v1",
    "oidc.views.token.user_info",
}


def test_public_views_are_listed() -> None:
    assert sorted(public_views() ^ PUBLIC) == []


def public_views() -> set[str]:
    return {f"{view.__module__}.{view.__name__}" for view in views() if not getattr(view, "login_required", True)}


def views() -> Iterator[Any]:
    found: list[URLPattern | URLResolver] = list(get_resolver().url_patterns)
    while found:
        one = found.pop()
        if isinstance(one, URLPattern):
            yield one.callback
        else:
            found += one.url_patterns
