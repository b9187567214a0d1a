"""The few things support staff change, each by an action of the product and by roles of their own."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import actions as accounts
from accounts.access import ConfirmationNeeded, Reached, reach
from accounts.enums import Act
from accounts.requests import SignedInRequest, confirm_url
from authmethods.views.issue import Pages, issue_panel
from directory import actions as directory
from support.site import site
from tap import actions as tap

PERSON = "admin:accounts_user_change"
DESK = Pages(form="admin/issue.html", created="admin/issued.html", shown_before="admin/issued_before.html")


@require_http_methods(["GET", "HEAD", "POST"])
def delete_pass(request: SignedInRequest, user_id: UUID, pass_id: UUID) -> HttpResponse:
    """Delete a person's pass."""

    def do(reached: Reached) -> str:
        tap.delete(request.actor, target=reached, pass_id=pass_id)
        return _("Temporary Access Pass deleted.")

    text = _("%(name)s can't sign in with it any more and is signed out of sessions started with it.")
    return _confirmed(request, user_id, Act.PASS_DELETE, do, (_("Delete Temporary Access Pass?"), text, _("Delete")))


@require_http_methods(["GET", "HEAD", "POST"])
def end_sessions(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """End every session of a person."""

    def do(reached: Reached) -> str:
        ended = accounts.revoke_sessions(request.actor, target=reached)
        said = ngettext("%(count)s session ended.", "%(count)s sessions ended.", ended) % {"count": ended}
        return said if ended else _("There was no session left to end.")

    text = _("%(name)s is signed out everywhere at once and has to sign in again.")
    words = (_("End all sessions?"), text, _("End all sessions"))
    return _confirmed(request, user_id, Act.SESSIONS_REVOKE, do, words)


@require_http_methods(["GET", "HEAD", "POST"])
def disable(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Let a person sign in no more."""
    text = _("%(name)s is signed out everywhere at once and can't sign in until the account is enabled again.")
    words = (_("Disable this account?"), text, _("Disable"))
    return _confirmed(request, user_id, Act.USERS_DISABLE, partial(_set_enabled, request, is_enabled=False), words)


@require_http_methods(["GET", "HEAD", "POST"])
def enable(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Let a person sign in again."""
    words = (_("Enable this account?"), _("%(name)s can sign in again with the methods there are."), _("Enable"))
    return _confirmed(request, user_id, Act.USERS_DISABLE, partial(_set_enabled, request, is_enabled=True), words)


@require_http_methods(["GET", "HEAD", "POST"])
def issue_pass(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Issue a pass to a person and show its code once."""
    return issue_panel(request, user_id, DESK, partial(_around, request))


def _set_enabled(request: SignedInRequest, reached: Reached, *, is_enabled: bool) -> str:
    directory.set_enabled(request.actor, target=reached, is_enabled=is_enabled)
    return _("Account enabled.") if is_enabled else _("Account disabled.")


def _confirmed(
    request: SignedInRequest,
    user_id: UUID,
    act: Act,
    do: Callable[[Reached], str],
    words: tuple[str, str, str],
) -> HttpResponse:
    """Ask first; do it when the answer comes. ``words``: the question, what would happen, the verb."""
    try:
        reached = reach(request.actor, user_id, act)
        if request.method == "POST":
            messages.success(request, do(reached))
            return redirect(PERSON, user_id)
    except ConfirmationNeeded:
        return redirect(confirm_url(request.path))
    title, text, verb = words
    question = {"title": title, "text": text % {"name": reached.user.display_name}, "verb": verb}
    return render(request, "admin/ask.html", _around(request, reached) | question)


def _around(request: HttpRequest, reached: Reached) -> dict[str, Any]:
    """Return what stands around the question: the navigation and the way back."""
    return site.each_context(request) | {
        "current": "people",
        "person": reached.user,
        "close_url": reverse(PERSON, args=[reached.user.id]),
    }
