"""Judges the sign-in session at every request. Nothing is cached between the decision and the table."""

from collections.abc import Callable
from typing import cast
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone, translation

from accounts import sessions
from accounts.access import ConfirmationNeeded, actor_of
from accounts.authority import Actor
from accounts.enums import SessionEnd
from accounts.models import User
from accounts.requests import Request, confirm_url
from core import clock, logs


class CurrentSignIn:
    """Set ``request.signin``, ``request.actor`` and ``request.user`` from the browser's token; speak the person's language
    and say times in his time zone.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, django_request: HttpRequest) -> HttpResponse:
        """Answer the request; a token that gives no access any more is taken from the browser."""
        request = cast("Request", django_request)
        ended = self._identify(request)
        request.ended = ended  # type: ignore[attr-defined]
        if request.signin is not None:
            request.LANGUAGE_CODE = cast("User", request.user).language_or(request.LANGUAGE_CODE)
        with timezone.override(_zone(request)), translation.override(request.LANGUAGE_CODE):
            response = self.get_response(request)
        if (
            request.COOKIES.get(settings.SIGN_IN_COOKIE)
            and request.signin is None
            and settings.SIGN_IN_COOKIE not in response.cookies
        ):
            response.delete_cookie(settings.SIGN_IN_COOKIE)
        return response

    def _identify(self, request: Request) -> SessionEnd | None:
        now = clock.now()
        request.signin, request.user = None, AnonymousUser()
        agent = request.headers.get("User-Agent", "")
        request.actor = Actor(address=request.address, user_agent=agent, request_id=request.id)
        token = request.COOKIES.get(settings.SIGN_IN_COOKIE, "")
        session = sessions.find(token) if token else None
        if session is None:
            return None
        ended = sessions.end_of(session, now=now)
        if ended is None:
            sessions.mark_seen(session, now=now)
            request.signin, request.user = session, session.user
            logs.carry(tenant=session.tenant_id, user=session.user_id)
            request.actor = actor_of(session, address=request.address, user_agent=agent, request_id=request.id)
        return ended


class RequireSignIn:
    """Closed by default: every view needs a live session unless it is marked ``login_not_required``."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *_args: object
    ) -> HttpResponse | None:
        """Send a person without a session to sign in, and one who must do something first to where it is done."""
        if not getattr(view, "login_required", True):
            return None
        signin = cast("Request", request).signin
        if signin is not None:
            is_open = not signin.interrupt or getattr(view, "is_open_when_interrupted", False)
            return None if is_open else _interrupted(request)
        if request.headers.get("Accept", "").startswith("application/json"):
            return JsonResponse({"error": "signed_out", "redirect": reverse("signin:identify")}, status=401)
        ended: SessionEnd | None = getattr(request, "ended", None)
        if ended is not None and not ended.is_own_doing:
            messages.info(request, ended.label)
        wanted = request.get_full_path() if request.method == "GET" else "/"
        return redirect(f"{reverse('signin:identify')}?{urlencode({'next': wanted})}")


class ConfirmSignIn:
    """Where only a fresh or stronger sign-in is missing, ask for it and come back."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass the request on."""
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Redirect a GET to the confirmation; a POST that no form re-shows gets the page that says so."""
        if isinstance(error, ConfirmationNeeded) and request.method == "GET":
            messages.info(request, str(error.message))
            return redirect(confirm_url(request.get_full_path()))
        return None


def _interrupted(request: HttpRequest) -> HttpResponse:
    """Lead to what the session must do first (``Interrupt``), with the way back."""
    to = reverse("signin:interrupt")
    if request.headers.get("Accept", "").startswith("application/json"):
        return JsonResponse({"error": "interrupted", "redirect": to}, status=403)
    if request.method != "GET":
        return redirect(to)
    return redirect(f"{to}?{urlencode({'next': request.get_full_path()})}")


def _zone(request: Request) -> ZoneInfo:
    if request.signin is None:
        return ZoneInfo(settings.TIME_ZONE)
    return request.signin.tenant.zone_for(cast("User", request.user).time_zone)
