"""One's own sessions and recent activity."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import actions
from accounts.activity import activity_of
from accounts.requests import SignedInRequest
from accounts.sessions import live_of
from core import clock
from core.errors import NotFound

MOST_SESSIONS = 50


@require_GET
def sessions(request: SignedInRequest) -> HttpResponse:
    """List the sessions that give access now."""
    found = live_of(request.user.id, now=clock.now())[:MOST_SESSIONS]
    this_first = sorted(found, key=lambda session: session.pk != request.signin.pk)
    context = {"nav": "sessions", "sessions": this_first}
    return render(request, "authmethods/portal/sessions.html", context)


@require_POST
def end_session(request: SignedInRequest, session_id: UUID) -> HttpResponse:
    """End one of them. One that is over already stays over; somebody else's is not found."""
    try:
        actions.end_own_session(request.actor, user=request.user, session_id=session_id)
    except NotFound:
        if not request.user.sign_in_sessions.filter(pk=session_id).exists():
            raise
    if session_id == request.signin.id:
        return redirect("signin:signed_out")
    messages.success(request, _("Session ended."))
    return redirect("authmethods:sessions")


@require_GET
def activity(request: SignedInRequest) -> HttpResponse:
    """List what happened to the person's account, newest first."""
    page = activity_of(request.user, cursor=request.GET.get("cursor", ""))
    here = reverse("authmethods:activity")
    context = {
        "nav": "activity",
        "page": page,
        "prev_url": f"{here}?cursor={page.previous}" if page.previous else "",
        "next_url": f"{here}?cursor={page.next}" if page.next else "",
    }
    return render(request, "authmethods/portal/activity.html", context)
