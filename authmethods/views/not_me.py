"""The page behind the link in a mail: it works for whoever is signed out, asks first, and shows nothing of the account."""

from http import HTTPStatus

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.requests import Request
from authmethods import denying
from core.errors import Conflict

PAGE = "authmethods/not_me.html"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def not_me(request: Request) -> HttpResponse:
    """Ask, then end what the mail told of. The address goes to no other site: the site's Referrer-Policy sees to that."""
    notice = denying.denied_by(request.GET.get("notice", ""))
    if notice is None:
        return render(request, PAGE, {"state": "over"}, status=HTTPStatus.GONE)
    if request.method == "GET":
        return render(
            request,
            PAGE,
            {
                "state": "ask",
                "tenant": notice.tenant,
                "is_pass": notice.what in denying.ABOUT_A_PASS,
                "is_added": notice.what in denying.ABOUT_SOMETHING_ADDED,
                "is_change": notice.what in denying.ABOUT_A_CHANGE,
            },
        )
    try:
        denying.deny(request.actor, notice=notice)
    except Conflict:
        return render(request, PAGE, {"state": "over"}, status=HTTPStatus.GONE)
    return render(request, PAGE, {"state": "done", "tenant": notice.tenant})
