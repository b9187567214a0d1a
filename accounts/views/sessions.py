"""Ending the sign-in sessions of somebody else: each asks first."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import actions
from accounts.access import reach
from accounts.enums import Act
from accounts.requests import SignedInRequest
from accounts.views.users import overview_of
from core.errors import NotFound


@require_http_methods(["GET", "HEAD", "POST"])
def end_sessions(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """End every session of one person."""
    reached = reach(request.actor, user_id, Act.SESSIONS_REVOKE)
    if request.method == "POST":
        ended = actions.revoke_sessions(request.actor, target=reached)
        said = ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended) % {"count": ended}
        messages.success(request, said if ended else _("There was no session left to end."))
        return redirect("accounts:user", user_id=user_id)
    return _ask(
        request,
        overview_of(reached),
        title=_("End all sessions?"),
        text=_("%(name)s is signed out everywhere at once and has to sign in again."),
        verb=_("End all sessions"),
        opener="end-all",
    )


@require_http_methods(["GET", "HEAD", "POST"])
def end_session(request: SignedInRequest, user_id: UUID, session_id: UUID) -> HttpResponse:
    """End one session of one person."""
    reached = reach(request.actor, user_id, Act.SESSIONS_REVOKE)
    if request.method == "POST":
        actions.end_session_of(request.actor, target=reached, session_id=session_id)
        messages.success(request, _("Session ended."))
        return redirect("accounts:user", user_id=user_id)
    overview = overview_of(reached)
    if session_id not in {session.id for session in overview["sessions"]}:
        raise NotFound("session")
    return _ask(
        request,
        overview,
        title=_("End this session?"),
        text=_("%(name)s is signed out there at once and has to sign in again."),
        verb=_("End session"),
        opener=f"end-{session_id}",
    )


def _ask(
    request: SignedInRequest, overview: dict[str, Any], *, title: str, text: str, verb: str, opener: str
) -> HttpResponse:
    """Show the question over the page it belongs to."""
    person = overview["person"]
    question = {
        "title": title,
        "text": text % {"name": person.display_name},
        "verb": verb,
        "action": request.path,
        "close_url": f"{reverse('accounts:user', args=[person.id])}#{opener}",
    }
    return render(request, "accounts/end_sessions.html", overview | question)
