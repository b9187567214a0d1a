"""Pages about the server itself: health, theme, and every way to say no."""

import logging
import sys

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_POST

from core.context_processors import THEMES
from core.errors import DomainError, Unavailable
from core.http import came_from, keep_choice, safe_next
from core.outages import in_words, migrations_wait, outage_of
from core.text import Text

log = logging.getLogger("gatepass.request")

TITLES: dict[int, Text] = {
    400: _("We couldn't read that request"),
    401: _("Sign in to go on"),
    403: _("You can't do this"),
    404: _("We couldn't find that page"),
    405: _("That can't be done here"),
    409: _("Someone else was faster"),
    413: _("That was too much at once"),
    429: _("Too many attempts"),
    500: _("Something went wrong on our side"),
    503: _("The server is busy"),
}
MESSAGES: dict[int, Text] = {
    400: _("Go back, check what you entered, and try again."),
    404: _("Check the address, or go back to the start page."),
    405: _("Go back and use the buttons on the page."),
    413: _("Go back and send less text."),
    500: _("Nothing was saved. Try again, and tell your administrator if it keeps happening."),
}


def problem_page(
    request: HttpRequest, status: int, *, error: DomainError | None = None, message: Text = ""
) -> HttpResponse:
    """Answer with the page for ``status``; ``error`` brings its own message, and Retry-After where it knows."""
    template = status if status in TITLES else 400
    retry_after = getattr(error, "retry_after", None)
    context = {
        "title": getattr(error, "title", TITLES[template]),
        "message": error.message if error else message or MESSAGES.get(template, ""),
        "reference": getattr(request, "id", ""),
        "retry_after": retry_after,
        "error": error,
    }
    response = render(request, f"errors/{template}.html", context, status=status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django calls suspicious, oversize bodies among it."""
    too_big = isinstance(exception, RequestDataTooBig | TooManyFieldsSent)
    return problem_page(request, 413 if too_big else 400)


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a refusal that no action made."""
    return problem_page(request, 403)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return problem_page(request, 404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer a fault of ours, or of the database, with a reference the log knows too."""
    error = sys.exception()
    outage = outage_of(error)
    if outage is None:
        return problem_page(request, 500)
    log.error("%s", in_words(outage, error))
    response = problem_page(request, 503, error=Unavailable(outage.name.lower()))
    response._has_been_logged = True  # type: ignore[attr-defined]  # noqa: SLF001  Django would add a traceback of its own
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form whose CSRF value is missing or of an earlier sign-in."""
    log.warning("csrf %s", reason)
    return problem_page(
        request, 403, message=_("This form is too old. Go back, reload the page, and send it again. Nothing was saved.")
    )


@require_GET
@login_not_required
def healthz(request: HttpRequest) -> HttpResponse:
    """Say that the process answers."""
    return JsonResponse({"status": "ok"})


@require_GET
@login_not_required
def readyz(request: HttpRequest) -> HttpResponse:
    """Say whether the database answers and every migration is in."""
    try:
        waiting = migrations_wait()
    except DatabaseError:
        return JsonResponse({"status": "no database"}, status=503)
    if waiting:
        return JsonResponse({"status": "migrations waiting"}, status=503)
    return JsonResponse({"status": "ok"})


@require_POST
@login_not_required
def theme(request: HttpRequest) -> HttpResponse:
    """Keep the theme a person chose for a year, on this browser."""
    response = redirect(safe_next(request, "/"))
    chosen = request.POST.get("theme", "")
    if chosen in THEMES:
        keep_choice(response, settings.THEME_COOKIE, chosen)
    return response


@require_POST
@login_not_required
def language(request: HttpRequest) -> HttpResponse:
    """Keep the language somebody chose for a year, on this browser. Who is signed in and has chosen one keeps his."""
    response = redirect(came_from(request))
    chosen = request.POST.get("language", "")
    if chosen in dict(settings.LANGUAGES):
        keep_choice(response, settings.LANGUAGE_COOKIE_NAME, chosen)
    return response
