"""Issuing a pass: the panel, and the one page that shows the code."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode
from uuid import UUID
from zoneinfo import ZoneInfo

import segno
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import translation
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from accounts.access import ConfirmationNeeded, Reached, Refused, reach, require_in_tenant
from accounts.enums import Act, UserKind
from accounts.queries import find_principals
from accounts.requests import SignedInRequest, confirm_url
from authmethods import wording
from authmethods.catalogue import people
from authmethods.forms.issue import IssueForm, Setting, city_of
from authmethods.views.home import home_page
from authmethods.views.user_methods import methods_page
from core import clock
from core.errors import Conflict, Invalid
from core.http import public_link
from tap import actions as tap
from tap import rules
from tap.actions import Issued
from tap.wording import problem_message

LONGEST_ADDRESS = 1000  # characters of an address to come back to


@dataclass(frozen=True)
class Pages:
    """The templates of one entrance: the form, the code, and what is said where the code was shown before."""

    form: str
    created: str
    shown_before: str


CENTER = Pages(
    form="authmethods/center/add_method.html",
    created="authmethods/center/pass_created.html",
    shown_before="authmethods/center/pass_shown.html",
)


@require_http_methods(["GET", "HEAD", "POST"])
def add_method(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Add a method to a person whose page this is drawn over."""
    return _panel(request, str(user_id), is_from_home=False)


@require_http_methods(["GET", "HEAD", "POST"])
def issue(request: SignedInRequest) -> HttpResponse:
    """Choose a person first, then go on in the same panel."""
    sent = request.POST if request.method == "POST" else request.GET
    if not sent.get("user"):
        return _picker(request)
    try:
        return _panel(request, sent["user"], is_from_home=True)
    except Refused as refused:
        return _picker(request, refused)


def _picker(request: SignedInRequest, refused: Refused | None = None) -> HttpResponse:
    """Ask for whom; without scripts, list whom the letters typed find."""
    require_in_tenant(request.actor, Act.PASS_ISSUE)
    query = request.GET.get("q", "")
    context: dict[str, Any] = {"query": query, "close_url": f"{reverse('authmethods:home')}#issue"}
    context |= {"principals_url": f"{reverse('accounts:principals')}?type=user"}
    if refused is not None:
        context["refused"] = wording.needs(refused.reason, refused.needed)
    if query:  # a search costs queries of its own: the page below it goes without its figures
        found = find_principals(request.user.tenant_id, query, only="user")
        context |= {"nav": "home", "results": found, "status": "" if found else wording.nobody_found(query)}
    else:
        context |= home_page(request)
    return render(request, "authmethods/center/issue.html", context, status=refused.status if refused else 200)


def _panel(request: SignedInRequest, user_id: str, *, is_from_home: bool) -> HttpResponse:
    def around(reached: Reached) -> dict[str, Any]:
        return {"is_from_home": is_from_home, "close_url": _close_url(reached, is_from_home=is_from_home)}

    return issue_panel(request, user_id, CENTER, around)


def issue_panel(
    request: SignedInRequest, user_id: UUID | str, pages: Pages, around: Callable[[Reached], dict[str, Any]]
) -> HttpResponse:
    """Show the form; when it is sent, issue and show the code. ``around``: what the pages show besides."""
    is_sent = request.method == "POST"
    # A form that was filled in is shown again where only the sign-in is too old: the action below says so.
    reached = reach(request.actor, user_id, Act.METHODS_VIEW if is_sent else Act.PASS_ISSUE, people=people())
    if not reached.decide(Act.PASS_ISSUE).reason.can_step_up:
        reached.require(Act.PASS_ISSUE)
    context = methods_page(reached) | around(reached)
    setting = Setting(reached.user, request.actor.user_id, context["policy"], clock.now())
    form = IssueForm(request.POST if is_sent else None, setting=setting, initial=request.GET.dict())
    status = 200
    if is_sent and form.is_valid():
        try:
            return _issue(request, reached, form, context, page=pages.created)
        except Invalid as refused:
            form.take(refused)
        except ConfirmationNeeded as needed:
            context |= {"needed": needed.message, "confirm_url": confirm_url(_address(request, form, reached))}
            status = needed.status
        except Conflict as conflict:
            if conflict.code == "pass_shown":
                return render(request, pages.shown_before, context, status=conflict.status)
            form.add_error(None, str(conflict.message))
    return render(request, pages.form, context | _form_context(form, context), status=status)


@sensitive_variables("made", "context")
def _issue(
    request: SignedInRequest, reached: Reached, form: IssueForm, context: dict[str, Any], *, page: str
) -> HttpResponse:
    """Make the pass and show its code, in this answer and never again."""
    made = tap.issue(
        request.actor,
        target=reached,
        lifetime_in_minutes=form.lifetime,
        starts_at=form.starts_at,
        is_usable_once=form.is_usable_once,
        reason=form.note,
        pass_id=form.pass_id,
    )
    again = reach(request.actor, reached.user.id, Act.METHODS_VIEW, people=people())
    context |= methods_page(again) | _shown_once(request, again, form, made)
    response = render(request, page, context)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@sensitive_variables("made")
def _shown_once(request: SignedInRequest, reached: Reached, form: IssueForm, made: Issued) -> dict[str, Any]:
    """Return what the one answer says that shows a code."""
    person, zone = reached.user, ZoneInfo(form.setting.person_zone)
    language = person.language_or(request.LANGUAGE_CODE)
    link = public_link(f"{reverse('signin:tap_link')}?{urlencode({'u': person.upn})}")
    with translation.override(language):  # the mail is the person's, and so is the sheet
        mail_url = wording.instructions_link(person, made.issued, link=link, zone=zone)
    return {
        "issued": made.issued,
        "code": made.code,
        "spelling": wording.spelling(made.code),
        "link": link,
        "link_text": public_link(reverse("signin:tap_link")).partition("//")[2].rstrip("/"),
        "mail_url": mail_url,
        "qr": segno.make(link).svg_inline(border=0, omitsize=True),
        "person_zone": zone,
        "person_language": language,
        "has_other_zone": form.setting.person_zone != form.setting.own_zone,
        "starts_now": form.starts_at is None,
        "issuer": request.actor.name,
        "tenant": person.tenant,
    }


def _form_context(form: IssueForm, page: dict[str, Any]) -> dict[str, Any]:
    """Return what the panel shows around the form."""
    setting = form.setting
    kind = UserKind(setting.person.kind)
    held = page["methods"].temporary_access_pass
    problem = rules.issue_problem(policy=setting.policy, kind=kind, is_enabled=setting.person.is_enabled)
    return {
        "form": form,
        "problem": problem_message(problem, setting.policy) if problem else "",
        "replaces": wording.replaces(setting.person, held.state) if held and held.state else "",
        "now": setting.now,
        "own_zone": setting.own_zone,
        "own_city": city_of(setting.own_zone),
        "person_zone": setting.person_zone,
        "person_city": city_of(setting.person_zone),
    }


def _close_url(reached: Reached, *, is_from_home: bool) -> str:
    if is_from_home:
        return f"{reverse('authmethods:home')}#issue"
    return f"{reverse('authmethods:user_methods', args=[reached.user.id])}#add"


def _address(request: SignedInRequest, form: IssueForm, reached: Reached) -> str:
    """Return where the same form stands with everything typed; only a reason too long for an address stays behind."""
    typed = {"user": str(reached.user.id)} | form.typed
    address = f"{request.path}?{urlencode(typed)}"
    if len(address) > LONGEST_ADDRESS:
        del typed["reason"]
        address = f"{request.path}?{urlencode(typed)}"
    return address
