"""Signing out because an application asks for it (OpenID Connect RP-Initiated Logout 1.0): this browser's sign-in."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods
from oauthlib.common import add_params_to_uri

from accounts.requests import Request
from core import clock
from core.http import see_other
from oidc import jose, rules
from oidc.jose import TokenRefused
from oidc.queries import client_named, tenant_named
from signin import actions

LONGEST_STATE = 1024


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def logout(request: Request, tenant: str) -> HttpResponse:
    """End the sign-in of this browser, at once where an ID token names it, else after asking."""
    named = tenant_named(tenant)
    words = request.GET
    claims = _hinted(words.get("id_token_hint", ""))
    application = client_named(str(claims.get("aud") or words.get("client_id", "")), named)
    wanted = words.get("post_logout_redirect_uri", "")
    is_registered = application is not None and rules.is_registered(
        wanted, application.post_logout_redirect_uris.split()
    )
    session = request.signin
    is_named = session is not None and claims.get("sid") == str(session.id)
    if session is not None and request.method == "GET" and not is_named:
        return render(request, "oidc/sign_out.html", {"identifier": session.user.upn, "application": application})
    if session is not None:
        actions.sign_out(request.actor, session=session)
        request.signin = None
    if not is_registered:
        return redirect("signin:signed_out")
    state = words.get("state", "")[:LONGEST_STATE]
    uri = str(add_params_to_uri(wanted, [("state", state)])) if state else wanted
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return render(request, "oidc/continue.html", {"uri": uri})
    return see_other(uri)


def _hinted(hint: str) -> Mapping[str, Any]:
    """Return what an ID token of ours says; it may have expired. What is none says nothing."""
    try:
        return jose.read(hint, jose.ID_TOKEN, now=clock.now()) if hint else {}
    except TokenRefused:
        return {}
