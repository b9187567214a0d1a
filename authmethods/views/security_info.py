"""Security info: the address people are given. What they sign in with, and the way to add to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions as accounts
from accounts.access import require
from accounts.enums import Act, MethodKind, Standing
from accounts.requests import SignedInRequest
from authmethods.catalogue import methods_of
from authmethods.passkeys import to_base64url
from core import clock
from core.http import public_host
from tap import actions as tap

INFO = "authmethods:security_info"


@require_GET
def security_info(request: SignedInRequest) -> HttpResponse:
    """Show the person's methods and what to do before a pass ends."""
    return render(request, "authmethods/portal/security_info.html", page(request))


@require_GET
def overview(request: SignedInRequest) -> HttpResponse:
    """Show who is signed in, how, and until when."""
    methods = methods_of(request.user, now=clock.now())
    return render(
        request, "authmethods/portal/overview.html", {"nav": "overview", "person": request.user, "methods": methods}
    )


@require_GET
def add(request: SignedInRequest) -> HttpResponse:
    """Offer what can be added, in a dialog over Security info."""
    require(request.actor, Act.OWN_METHODS_CHANGE, Standing.SELF, target=request.user)
    return render(request, "authmethods/portal/add.html", page(request))


@require_http_methods(["GET", "POST"])
def delete_pass(request: SignedInRequest) -> HttpResponse:
    """Let the person delete his pass when it is no longer needed."""
    method = methods_of(request.user, now=clock.now()).temporary_access_pass
    if method is None or method.issued is None:
        messages.info(request, _("There is no Temporary Access Pass to delete."))
        return redirect(INFO)
    if request.method == "GET":
        ends_this = request.signin.credential_id == method.issued.id
        return render(request, "authmethods/portal/delete_pass.html", page(request) | {"ends_this": ends_this})
    tap.delete_own(request.actor, user=request.user, pass_id=method.issued.id)
    messages.success(request, _("Temporary Access Pass deleted."))
    return redirect(INFO)


@require_http_methods(["GET", "POST"])
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    """End all sessions of the person, this one too or all others."""
    if request.method == "GET":
        return render(request, "authmethods/portal/sign_out_everywhere.html", page(request))
    keep = request.POST.get("keep") == "this"
    accounts.sign_out_everywhere(request.actor, user=request.user, keep_this=keep)
    if not keep:
        return redirect("signin:signed_out")
    messages.success(request, _("Signed out everywhere else."))
    return redirect(INFO)


def page(request: SignedInRequest) -> dict[str, Any]:
    """Return what Security info shows; dialogs are drawn over the same page."""
    now = clock.now()
    methods = methods_of(request.user, now=now)
    session = request.signin
    from_pass = session.method == MethodKind.TEMPORARY_ACCESS_PASS
    window = session.registration_ends_at
    return {
        "nav": "security-info",
        "person": request.user,
        "methods": methods,
        "close_url": reverse(INFO),
        "needs_method": from_pass and not methods.passkeys,
        "is_over": from_pass and window is not None and now >= window,
        "window": window,
        "pass_ends": session.ends_at if from_pass else None,
        "signal_all": {
            "rpId": public_host(),
            "userId": to_base64url(bytes(request.user.webauthn_handle)),
            "allAcceptedCredentialIds": [to_base64url(bytes(one.credential_id)) for one in methods.passkeys],
        },
        "signal_user": {
            "rpId": public_host(),
            "userId": to_base64url(bytes(request.user.webauthn_handle)),
            "name": request.user.upn,
            "displayName": request.user.display_name,
        },
    }
