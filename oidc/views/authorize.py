"""The authorization endpoint: who is it, does he agree, and back to the application with a code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST
from oauth2_provider.exceptions import FatalClientError, OAuthToolkitError

from accounts.authority import reach_of
from accounts.enums import Act, MethodKind
from accounts.models import SignInSession
from accounts.requests import Request, SignedInRequest
from core import clock
from core.http import is_own_path, see_other
from oidc import actions, jose, rules
from oidc.enums import Permission
from oidc.jose import TokenRefused
from oidc.models import Application, IDToken
from oidc.provider.server import Provider, error_uri, refusal_uri, unsound
from oidc.queries import missing_consents, tenant_named
from oidc.rules import Need, Wishes
from oidc.scopes import LOW, parse

MARK = "asked"  # our own parameter: what this request has asked the person before
SALT = "oidc.authorize"
LONGEST_MARK = 1800  # seconds


@dataclass(frozen=True)
class Mark:
    """What one authorization request has already done, signed, in its own address."""

    asked_at: datetime | None = None
    has_agreed: bool = False
    subject: str = ""


@dataclass(frozen=True)
class Asked:
    """An authorization request that is sound."""

    application: Application
    permissions: frozenset[Permission]
    credentials: dict[str, Any]
    wishes: Wishes
    mark: Mark


@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def authorize(request: Request, tenant: str) -> HttpResponse:
    """Answer an authorization request, or lead the person through what is missing first."""
    if request.method == "POST":
        return see_other(f"{request.path}?{request.POST.urlencode()}")
    provider = Provider(tenant_named(tenant), request)
    try:
        asked = _read(provider, request)
        return _go_on(provider, request, asked)
    except FatalClientError as error:
        return _stop(request, error)
    except OAuthToolkitError as error:
        return _send_back(request, error_uri(error, provider), str(error.oauthlib_error.redirect_uri))


@never_cache
@require_POST
def consent(request: SignedInRequest, tenant: str) -> HttpResponse:
    """Take the answer of the person to the consent page, whose address holds the request."""
    provider = Provider(tenant_named(tenant), request)
    try:
        asked = _read(provider, request)
    except FatalClientError as error:
        return _stop(request, error)
    except OAuthToolkitError as error:
        return _send_back(request, error_uri(error, provider), str(error.oauthlib_error.redirect_uri))
    if request.POST.get("answer") != "agree" or asked.application.tenant_id != request.signin.tenant_id:
        actions.refuse(request.actor, application=asked.application)
        return _answer(request, asked, refusal_uri(asked.credentials, "access_denied"))
    missing, _higher = missing_consents(asked.application, request.user, asked.permissions)
    actions.agree(request.actor, application=asked.application, user=request.user, permissions=missing)
    mark = Mark(asked.mark.asked_at, has_agreed=True, subject=asked.mark.subject)
    return see_other(_address(request, "oidc:authorize", tenant, mark))


def _read(provider: Provider, request: Request) -> Asked:
    """Return the request once it is sound. Raises the toolkit's two errors."""
    scopes, credentials = provider.validate_authorization_request(request)
    mark = _mark_of(request.GET)
    try:
        hint = request.GET.get("id_token_hint", "")
        subject = mark.subject or (_subject_of(hint, credentials["request"].client) if hint else "")
        wishes = rules.read_wishes(request.GET.dict(), subject=subject)
    except rules.BadRequest as error:
        raise unsound(credentials, str(error)) from error
    return Asked(
        application=credentials["request"].client,
        permissions=parse(" ".join(scopes)),
        credentials=credentials,
        wishes=wishes,
        mark=mark,
    )


def _go_on(provider: Provider, request: Request, asked: Asked) -> HttpResponse:
    """Take the next step: sign-in, consent, or the answer."""
    session, wishes = request.signin, asked.wishes
    is_ours = session is not None and session.tenant_id == asked.application.tenant_id
    need = rules.need_of(wishes, _seen(session) if is_ours else None, asked_at=asked.mark.asked_at, now=clock.now())
    if need in (Need.STRONGER, Need.OTHER_PERSON) or (need is not None and wishes.is_silent):
        error = "unmet_authentication_requirements" if need is Need.STRONGER else "login_required"
        return _answer(request, asked, refusal_uri(asked.credentials, error))
    if need is not None:
        if session is not None and not is_ours:
            words = _("%(name)s belongs to another organisation. Sign in with an account you have there.")
            messages.warning(request, words % {"name": asked.application.name})
        return _to_sign_in(request, asked)
    if session is not None and session.interrupt:
        if wishes.is_silent:
            return _answer(request, asked, refusal_uri(asked.credentials, "interaction_required"))
        return see_other(f"{reverse('signin:interrupt')}?{urlencode({'next': request.get_full_path()})}")
    signed_in = cast("SignedInRequest", request)
    missing, higher = missing_consents(asked.application, signed_in.user, asked.permissions)
    wants_page = "consent" in wishes.prompts and not asked.mark.has_agreed
    if (missing or higher or wants_page) and wishes.is_silent:
        return _answer(request, asked, refusal_uri(asked.credentials, "interaction_required"))
    if higher:
        return _needs_approval(signed_in, asked, higher)
    if missing or wants_page:
        return _ask_consent(signed_in, asked)
    return _answer(request, asked, provider.answer(request, asked.credentials))


def _to_sign_in(request: Request, asked: Asked) -> HttpResponse:
    """Send the person to sign in and back here, with a mark that it was asked."""
    now = clock.now().replace(microsecond=0)
    tenant = request.resolver_match.kwargs["tenant"]  # type: ignore[union-attr]
    mark = Mark(now, has_agreed=asked.mark.has_agreed, subject=asked.wishes.subject)
    wanted = _address(request, "oidc:authorize", tenant, mark)
    if not is_own_path(wanted):
        return _answer(request, asked, refusal_uri(asked.credentials, "invalid_request", "the request is too long"))
    return see_other(f"{reverse('signin:identify')}?{urlencode({'next': wanted, 'username': asked.wishes.login_hint})}")


def _ask_consent(request: SignedInRequest, asked: Asked) -> HttpResponse:
    tenant = request.resolver_match.kwargs["tenant"]  # type: ignore[union-attr]
    context = {
        "application": asked.application,
        "permissions": sorted(asked.permissions, key=list(Permission).index),
        "action": _address(request, "oidc:consent", tenant, asked.mark),
        "identifier": request.user.upn,
        "tenant_name": asked.application.tenant.name,
        "to": asked.credentials["redirect_uri"],
    }
    return render(request, "oidc/consent.html", context)


def _needs_approval(request: SignedInRequest, asked: Asked, higher: frozenset[Permission]) -> HttpResponse:
    context = {
        "application": asked.application,
        "permissions": sorted(higher - LOW, key=list(Permission).index),
        "may_consent": bool(reach_of(request.actor, Act.CONSENT_GRANT)),
        "back": refusal_uri(asked.credentials, "access_denied", "an administrator must approve this application"),
        "identifier": request.user.upn,
        "tenant_name": asked.application.tenant.name,
    }
    return render(request, "oidc/needs_approval.html", context, status=403)


def _answer(request: Request, asked: Asked, uri: str) -> HttpResponse:
    return _send_back(request, uri, asked.credentials["redirect_uri"])


def _send_back(request: Request, uri: str, redirect_uri: str) -> HttpResponse:
    """Send the browser to the application, by a form where it wished for one (OAuth 2.0 Form Post Response Mode).

    Where one of our own forms led here, by a page that goes on by itself: a browser holds the whole way of a form to our
    ``form-action``, redirects included, and would stop at the application's door.
    """
    if request.GET.get("response_mode") == rules.FORM_POST:
        context = {"fields": rules.told_in(uri, redirect_uri), "to": redirect_uri}
        response = render(request, "oidc/form_post.html", context)
        response._csp_replace = {"form-action": [rules.origin_of(redirect_uri)]}  # type: ignore[attr-defined]  # noqa: SLF001
        return response
    if request.headers.get("Sec-Fetch-Site") == "same-origin":
        return render(request, "oidc/continue.html", {"uri": uri})
    return see_other(uri)


def _stop(request: Request, error: FatalClientError) -> HttpResponse:
    """Tell the person, and nobody else: the request may have come from anybody."""
    said = error.oauthlib_error
    return render(request, "oidc/bad_request.html", {"detail": said.description or said.error}, status=400)


def _address(request: Request, name: str, tenant: str, mark: Mark) -> str:
    """Return where this request goes on, with what it has done so far and without what is done with."""
    words = request.GET.copy()
    words.pop("id_token_hint", None)
    words[MARK] = signing.dumps(
        [int(mark.asked_at.timestamp()) if mark.asked_at else 0, mark.has_agreed, mark.subject], salt=SALT
    )
    return f"{reverse(name, args=[tenant])}?{words.urlencode()}"


def _mark_of(words: QueryDict) -> Mark:
    try:
        asked_at, has_agreed, subject = signing.loads(words.get(MARK, ""), salt=SALT, max_age=LONGEST_MARK)
    except (signing.BadSignature, ValueError, TypeError):
        return Mark()
    return Mark(datetime.fromtimestamp(asked_at, UTC) if asked_at else None, has_agreed=has_agreed, subject=subject)


def _subject_of(hint: str, application: Application) -> str:
    """Return whom an ID token of this application names; it may have expired. Raises BadRequest."""
    try:
        claims: Mapping[str, Any] = jose.read(hint, jose.ID_TOKEN, now=clock.now())
        known = IDToken.objects.filter(jti=UUID(str(claims.get("jti"))), application=application).exists()
    except (TokenRefused, ValueError) as error:
        raise rules.BadRequest("id_token_hint is not an ID token of this application") from error
    if not known:
        raise rules.BadRequest("id_token_hint is not an ID token of this application")
    return str(claims["sub"])


def _seen(session: SignInSession | None) -> rules.SignedIn | None:
    if session is None:
        return None
    return rules.SignedIn(
        subject=str(session.user_id),
        upn_key=session.user.upn_key,
        method=MethodKind(session.method),
        authenticated_at=session.authenticated_at,
    )
