"""Security info: the address people are given. What they sign in with, and the way to add to it."""

from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts import actions as accounts
from accounts.access import ConfirmationNeeded, require
from accounts.authority import Reason, decide
from accounts.enums import Act, MethodKind, Standing
from accounts.requests import SignedInRequest
from authmethods import actions, wording
from authmethods.catalogue import Methods, methods_of
from authmethods.passkeys import to_base64url
from core import clock
from core.errors import NotFound
from core.http import public_host
from tap.enums import Usability
from tap.wording import pill

INFO = "authmethods:security_info"
UNREMARKABLE = (Usability.ENABLED_BY_POLICY, Usability.ONE_TIME_USED)  # the end of such a pass says enough


@require_GET
def security_info(request: SignedInRequest) -> HttpResponse:
    """Show the person's methods and what to do before a pass ends."""
    context = page(request) | {"was_added": "added" in request.GET}
    return render(request, "authmethods/portal/security_info.html", context)


@require_GET
def overview(request: SignedInRequest) -> HttpResponse:
    """Show who is signed in, how, and until when."""
    methods = methods_of(request.user, now=clock.now(), roles=request.actor.roles)
    return render(
        request, "authmethods/portal/overview.html", {"nav": "overview", "person": request.user, "methods": methods}
    )


@require_GET
def add(request: SignedInRequest) -> HttpResponse:
    """Offer what can be added, in a dialog over Security info."""
    require_own(request)
    return render(request, "authmethods/portal/add.html", page(request))


@require_http_methods(["GET", "POST"])
def delete_pass(request: SignedInRequest) -> HttpResponse:
    """Let the person delete his pass when it is no longer needed: the one he was shown, not one issued meanwhile."""
    context = page(request)
    held = context["methods"].temporary_access_pass
    if held is None:
        messages.info(request, _("There is no Temporary Access Pass to delete."))
        return redirect(INFO)
    if request.method == "GET":
        require_own(request)
        ends_this = request.signin.credential_id == held.issued.id
        return render(request, "authmethods/portal/delete_pass.html", context | {"ends_this": ends_this})
    if request.POST.get("pass", str(held.issued.id)) != str(held.issued.id):
        messages.info(request, _("Nothing was deleted. You were given a new Temporary Access Pass in the meantime."))
        return redirect(INFO)
    try:
        actions.delete_pass(request.actor, user=request.user, pass_id=held.issued.id)
    except ConfirmationNeeded:
        return ask_again(request)
    except NotFound as gone:
        messages.info(request, str(gone.message))
        return redirect(INFO)
    messages.success(request, _("Temporary Access Pass deleted."))
    return redirect(INFO)


@require_http_methods(["GET", "POST"])
def sign_out_everywhere(request: SignedInRequest) -> HttpResponse:
    """End all sessions of the person, this one too or all others. Never refused: it only takes access away."""
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
    methods = methods_of(request.user, now=now, roles=request.actor.roles)
    reason = decide(request.actor, Act.OWN_METHODS_CHANGE, Standing.SELF, now=now).reason
    session = request.signin
    from_pass = session.method == MethodKind.TEMPORARY_ACCESS_PASS
    held = methods.temporary_access_pass
    is_ended = held is not None and held.issued is not None and now >= held.issued.ends_at
    return {
        "nav": "security-info",
        "person": request.user,
        "methods": methods,
        "no_passkey": wording.no_passkey(methods.passkey_ruling.registration_block),
        "close_url": reverse(INFO),
        "may_change": reason is Reason.ALLOWED or reason.can_step_up,
        "is_over": reason is Reason.REGISTRATION_WINDOW_OVER,
        "is_weak": reason is Reason.SIGN_IN_TOO_WEAK,
        "needs_method": from_pass and not methods.passkeys,
        "window": session.registration_ends_at,
        "pass_ends": session.ends_at if from_pass else None,
        "pass_pill": _pass_pill(methods, is_ended=is_ended),
        "pass_is_ended": is_ended,
        **_signals(request, methods),
    }


def require_own(request: SignedInRequest) -> None:
    """Raise unless the person may change his own methods in this session."""
    require(request.actor, Act.OWN_METHODS_CHANGE, Standing.SELF, target=request.user)


def ask_again(request: SignedInRequest) -> HttpResponse:
    """Go back to the question that was answered too late: its GET asks for a fresh sign-in, and then the question."""
    return redirect(request.get_full_path())


def _pass_pill(methods: Methods, *, is_ended: bool) -> tuple[str, str] | None:
    held = methods.temporary_access_pass
    if held is None or held.state is None:
        return None
    if is_ended:
        return str(Usability.EXPIRED.label), ""
    return None if held.state.usability in UNREMARKABLE else pill(held.state)


def _signals(request: SignedInRequest, methods: Methods) -> dict[str, object]:
    """Return what the browser's list of passkeys is told (WebAuthn L3 §5.1.10, criterion D07)."""
    about = {"rpId": public_host(), "userId": to_base64url(bytes(request.user.webauthn_handle))}
    accepted = [to_base64url(bytes(one.credential_id)) for one in methods.passkeys]
    return {
        "signal_all": about | {"allAcceptedCredentialIds": accepted},
        "signal_user": about | {"name": request.user.upn, "displayName": request.user.display_name},
    }
