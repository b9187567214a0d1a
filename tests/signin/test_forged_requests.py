"""T13: what another site's form can make a signed-in browser do: nothing."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models import SignInSession
from authmethods.models import Passkey
from tap.actions import Issued
from tap.models import TemporaryAccessPass
from tests.conftest import SignIn
from tests.house.test_public_views import name_of, views

# They hear no cookie: a bearer token, a client's secret or a code in the body, or (authorize) they only show a page.
WITHOUT_FORM_VALUE = {
    "config.metrics.show",
    "ninja.operation.sync_view_wrapper",
    "oidc.views.authorize.authorize",
    "oidc.views.token.device_code",
    "oidc.views.token.device_code_v1",
    "oidc.views.token.revoke",
    "oidc.views.token.token",
    "oidc.views.token.token_v1",
    "oidc.views.token.user_info",
}


def test_every_other_view_asks_for_the_value_of_our_form() -> None:
    """E07, T13: a new exception is a decision: it is made here."""
    assert {name_of(view) for view in views() if getattr(view, "csrf_exempt", False)} == WITHOUT_FORM_VALUE
    assert "django.middleware.csrf.CsrfViewMiddleware" in settings.MIDDLEWARE


@pytest.mark.parametrize(
    ("who", "name", "about"),
    [
        ("grace", "authmethods:add_method", "mia"),
        ("grace", "authmethods:delete_pass_of", "mia"),
        ("grace", "directory:disable_user", "mia"),
        ("grace", "accounts:end_sessions", "mia"),
        ("mia", "authmethods:passkey_register", ""),
        ("mia", "authmethods:password", ""),
        ("mia", "authmethods:sign_out_everywhere", ""),
        ("mia", "signin:out", ""),
        ("sam", "admin:accounts_user_issue", "mia"),
    ],
)
def test_a_form_of_another_site_does_nothing(
    world: SimpleNamespace, as_: SignIn, give_pass: Callable[..., Issued], who: str, name: str, about: str
) -> None:
    """T13: issuing, adding a method, signing out and their like."""
    issued = give_pass(world.mia).issued
    strict = Client(enforce_csrf_checks=True, headers={"Origin": "https://evil.example"})
    strict.cookies[settings.SIGN_IN_COOKIE] = as_(getattr(world, who)).cookies[settings.SIGN_IN_COOKIE].value
    arguments = [world.mia.id] if about else []
    arguments += [issued.id] if name.endswith("delete_pass_of") else []
    before = standing()
    answer = strict.post(
        reverse(name, args=arguments), {"method": "pass", "secret": "x", "csrfmiddlewaretoken": "x" * 64}
    )
    assert answer.status_code == 403
    assert standing() == before


def standing() -> tuple[object, ...]:
    return (
        list(TemporaryAccessPass.objects.order_by("pk").values_list("pk", "deleted_at", "replaced_by_id")),
        list(SignInSession.objects.order_by("pk").values_list("pk", "revoked_at")),
        Passkey.objects.count(),
    )
