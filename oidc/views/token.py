"""The endpoints programs call: tokens, device codes, and who somebody is. JSON, without cookies."""

import json
from collections.abc import Mapping
from typing import Any, TypeVar

from django.contrib.auth.decorators import login_not_required
from django.db import transaction
from django.http import HttpResponse, JsonResponse, QueryDict
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST
from oauthlib.oauth2 import OAuth2Error

from accounts.models import Tenant, User
from accounts.requests import Request
from core import clock
from core.decorators import for_programs
from core.errors import TooMany
from core.http import public_link
from oidc import actions
from oidc.actions.devices import INTERVAL, LIFETIME
from oidc.enums import Permission
from oidc.jose import TokenRefused
from oidc.models import Application
from oidc.provider.server import Provider
from oidc.provider.validator import DEVICE_CODE
from oidc.rules import is_at_home
from oidc.scopes import parse
from oidc.tokens import bearer_of, graph_audience
from oidc.views.discovery import for_tenant

Response = TypeVar("Response", bound=HttpResponse)
SECRETS = ("client_secret", "code", "code_verifier", "refresh_token", "device_code", "assertion", "password")


@csrf_exempt
@login_not_required
@for_programs
@sensitive_post_parameters(*SECRETS)
@require_POST
@for_tenant
def token(request: Request, tenant: Tenant | None, name: str) -> HttpResponse:
    """Give tokens for a code, a refresh token, a device code, or to an application for itself."""
    if not _is_text(request.POST):
        return _refused("invalid_request", "The body must be a form of plain text.")
    provider = Provider(tenant, request)
    with transaction.atomic():
        _uri, headers, body, status = provider.create_token_response(request)
    return _readable_at_home(request, provider, _answered(json.loads(body), headers, status))


@csrf_exempt
@login_not_required
@for_programs
@sensitive_post_parameters("token", *SECRETS)
@require_POST
@for_tenant
def revoke(request: Request, tenant: Tenant | None, name: str) -> HttpResponse:
    """End a token and whatever came with it (RFC 7009). A token that is not the client's is as good as ended: 200."""
    if not _is_text(request.POST):
        return _refused("invalid_request", "The body must be a form of plain text.")
    provider = Provider(tenant, request)
    with transaction.atomic():
        _uri, headers, body, status = provider.create_revocation_response(request)
    answer = _answered(json.loads(body), headers, status) if body else _no_store(HttpResponse(status=status))
    return _readable_at_home(request, provider, answer)


@csrf_exempt
@login_not_required
@for_programs
@sensitive_post_parameters(*SECRETS)
@require_POST
def token_v1(request: Request, tenant: str) -> HttpResponse:
    """Do the same in the older words: a resource instead of scopes, and times as text."""
    request.POST = _in_new_words(request.POST)  # type: ignore[assignment]
    response = token(request, tenant)
    answer = json.loads(response.content)
    if "access_token" in answer:
        now = int(clock.now().timestamp())
        answer |= {
            "resource": graph_audience(),
            "not_before": str(now),
            "expires_on": str(now + answer["expires_in"]),
            "expires_in": str(answer["expires_in"]),
        }
        response.content = json.dumps(answer).encode()
    return response


@csrf_exempt
@login_not_required
@for_programs
@require_POST
@for_tenant
def device_code(request: Request, tenant: Tenant | None, name: str) -> HttpResponse:
    """Give a device its two codes (RFC 8628 §3.2)."""
    if not _is_text(request.POST):
        return _refused("invalid_request", "The body must be a form of plain text.")
    try:
        asked = Provider(tenant, request).device_request(request)
        application: Application = asked.client
        started = actions.start(
            request.actor,
            application=application,
            permissions=parse(" ".join(asked.scopes)),
            user_agent=request.headers.get("User-Agent", ""),
        )
    except OAuth2Error as error:
        return _answered(json.loads(error.json), error.headers, error.status_code)
    except TooMany as error:
        response = _refused("temporarily_unavailable", str(error.message), status=429)
        response.headers["Retry-After"] = str(error.retry_after)
        return response
    address = public_link(reverse("oidc:device"))
    return _answered(
        {
            "device_code": started.device_code,
            "user_code": started.user_code,
            "verification_uri": address,
            "expires_in": int(LIFETIME.total_seconds()),
            "interval": INTERVAL,
            "message": _("To sign in, open %(address)s in a browser and enter the code %(code)s.")
            % {"address": address, "code": started.user_code},
        },
        {},
        200,
    )


@csrf_exempt
@login_not_required
@for_programs
@require_POST
def device_code_v1(request: Request, tenant: str) -> HttpResponse:
    """Do the same in the older words."""
    request.POST = _in_new_words(request.POST)  # type: ignore[assignment]
    response = device_code(request, tenant)
    answer = json.loads(response.content)
    if "device_code" in answer:
        answer |= {
            "verification_url": answer.pop("verification_uri"),
            "expires_in": str(answer["expires_in"]),
            "interval": str(answer["interval"]),
        }
        response.content = json.dumps(answer).encode()
    return response


@csrf_exempt
@login_not_required
@for_programs
@require_http_methods(["GET", "POST"])
def user_info(request: Request) -> HttpResponse:
    """Tell a client who signed in, as far as it was permitted (OpenID Connect Core §5.3)."""
    try:
        bearer = bearer_of(request, graph_audience())
    except TokenRefused as refused:
        response = _refused("invalid_token", str(refused.message), status=401)
        response.headers["WWW-Authenticate"] = 'Bearer error="invalid_token"'
        return response
    if bearer.session is None or Permission.OPENID.value not in bearer.scopes:
        response = _refused("insufficient_scope", "The token is not for openid.", status=403)
        response.headers["WWW-Authenticate"] = 'Bearer error="insufficient_scope", scope="openid"'
        return response
    user: User = bearer.session.user
    told = actions.person_claims(user, [Permission(name) for name in bearer.scopes])
    return JsonResponse({"sub": str(user.id)} | told)


def _in_new_words(form: QueryDict) -> QueryDict:
    """Return an older request as a newer one says it."""
    words = form.copy()
    resource = words.pop("resource", [graph_audience()])[-1].rstrip("/")
    if not words.get("scope"):
        words["scope"] = f"openid profile offline_access {resource}/.default"
    elif words["scope"] == "openid":
        words["scope"] = f"{words['scope']} profile offline_access {resource}/.default"
    if words.get("grant_type") in ("device_code", DEVICE_CODE):
        words["grant_type"] = DEVICE_CODE
        words["device_code"] = words.get("device_code") or words.get("code", "")
    if words.get("grant_type") == "client_credentials":
        words["scope"] = f"{resource}/.default"
    if words.get("grant_type") == "refresh_token":
        del words["scope"]
    return words


def _is_text(form: QueryDict) -> bool:
    return not any("\x00" in part for name, values in form.lists() for part in (name, *values))


def _answered(answer: Any, headers: Mapping[str, str], status: int) -> JsonResponse:
    response = JsonResponse(answer, status=status)
    for name, value in headers.items():
        response.headers[name] = value
    return _no_store(response)


def _no_store(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    response.headers["Pragma"] = "no-cache"
    return response


def _readable_at_home(request: Request, provider: Provider, response: Response) -> Response:
    """Let a page of the application itself read the answer, where it is one without a secret (RFC 9700 §2.6: no other)."""
    application, origin = provider.validator.application, request.headers.get("Origin", "")
    patch_vary_headers(response, ["Origin"])
    if application and not application.is_confidential and is_at_home(origin, application.redirect_uris.split()):
        response.headers["Access-Control-Allow-Origin"] = origin
    return response


def _refused(error: str, description: str, *, status: int = 400) -> JsonResponse:
    return _answered({"error": error, "error_description": description}, {}, status)
