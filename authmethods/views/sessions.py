"""One's own sessions and recent activity."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions
from accounts.requests import SignedInRequest
from accounts.sessions import live_of
from authmethods.activity import activity_of
from core import clock


@require_GET
def sessions(request: SignedInRequest) -> HttpResponse:
    """List the sessions that give access now."""
    context = {"nav": "sessions", "sessions": live_of(request.user.id, now=clock.now())[:50]}
    return render(request, "authmethods/portal/sessions.html", context)


@require_POST
def end_session(request: SignedInRequest, session_id: UUID) -> HttpResponse:
    """End one of them."""
    actions.end_own_session(request.actor, user=request.user, session_id=session_id)
    if session_id == request.signin.id:
        return redirect("signin:signed_out")
    messages.success(request, _("Session ended."))
    return redirect("authmethods:sessions")


@require_GET
def activity(request: SignedInRequest) -> HttpResponse:
    """List what happened to the person's account, newest first."""
    page = activity_of(request.user, cursor=request.GET.get("cursor", ""))
    return render(request, "authmethods/portal/activity.html", {"nav": "activity", "page": page})
