"""Resetting a person's password: asked first, and the one-off password shown in one answer."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access import ConfirmationNeeded, Reached, reach
from accounts.enums import Act
from accounts.requests import SignedInRequest, confirm_url
from authmethods import passwords, wording
from authmethods.catalogue import people
from authmethods.views.user_methods import SHOWN, methods_page
from core.errors import Conflict, Invalid


@require_http_methods(["GET", "HEAD", "POST"])
def reset_password(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Ask first, over the page it belongs to; then reset, and show what was made."""
    try:
        reached = reach(request.actor, user_id, Act.PASSWORD_RESET, people=people())
        if request.method == "POST":
            return _reset(request, reached)
    except ConfirmationNeeded:
        return redirect(confirm_url(request.path))
    except Invalid as invalid:
        messages.error(request, str(invalid.message))
        return redirect(SHOWN, user_id=user_id)
    except Conflict:
        messages.info(request, _("The password was shown once. Reset it again if it was lost."))
        return redirect(SHOWN, user_id=user_id)
    page = methods_page(reached) | {"close_url": f"{reverse(SHOWN, args=[user_id])}#reset-password"}
    return render(request, "authmethods/center/password_reset.html", page)


@sensitive_variables("made", "context")
def _reset(request: SignedInRequest, reached: Reached) -> HttpResponse:
    made = passwords.reset_password(
        request.actor, target=reached, seen=parse_datetime(request.POST.get("seen", "")[:40])
    )
    again = reach(request.actor, reached.user.id, Act.METHODS_VIEW, people=people())
    context = methods_page(again) | {
        "made": made,
        "spelling": wording.spelling(made.password),
        "close_url": f"{reverse(SHOWN, args=[reached.user.id])}#reset-password",
    }
    response = render(request, "authmethods/center/password_made.html", context)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
