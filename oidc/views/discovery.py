"""What clients read before anything else: where the endpoints are, and the keys."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_GET

from core import clock
from core.errors import NotFound
from core.http import public_host, public_link
from oidc import keys, rules
from oidc.enums import Permission
from oidc.jose import ALGORITHM
from oidc.provider.validator import DEVICE_CODE
from oidc.queries import tenant_named
from oidc.tokens import issuer_of

SECONDS_A_KEY_SET_KEEPS = 3600
CLIENT_AUTHENTICATION = ["client_secret_basic", "client_secret_post", "none"]
TENANT_OF_ANYBODY = "{tenantid}"  # what stands in the issuer where the address names no tenant


def for_tenant(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Give the view the tenant its address names, or answer as JSON that there is none."""

    @wraps(view)
    def with_tenant(request: HttpRequest, tenant: str) -> HttpResponse:
        try:
            found = tenant_named(tenant)
        except NotFound:
            message = f"There is no organisation named {tenant[:100]} here."
            return JsonResponse({"error": "invalid_tenant", "error_description": message}, status=400)
        return view(request, found, tenant)

    return with_tenant


def public(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let every origin read the answer, and keep it for an hour: it is the same for everybody."""

    @wraps(view)
    def readable(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers["Access-Control-Allow-Origin"] = "*"
        response.headers["Cache-Control"] = f"public, max-age={SECONDS_A_KEY_SET_KEEPS}"
        return response

    return readable


@login_not_required
@require_GET
@public
@for_tenant
def configuration(request: HttpRequest, tenant: Any, name: str) -> HttpResponse:
    """Answer with OpenID Connect Discovery 1.0's document, for a tenant or for all."""
    base = public_link(f"/{tenant.id if tenant else name}")
    return JsonResponse(
        {
            "issuer": issuer_of(tenant.id if tenant else TENANT_OF_ANYBODY),
            "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
            "token_endpoint": f"{base}/oauth2/v2.0/token",
            "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
            "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
            "revocation_endpoint": f"{base}/oauth2/v2.0/revoke",
            "revocation_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
            "jwks_uri": f"{base}/discovery/v2.0/keys",
            "userinfo_endpoint": public_link("/oidc/userinfo"),
            "response_types_supported": ["code"],
            "response_modes_supported": list(rules.RESPONSE_MODES),
            "grant_types_supported": ["authorization_code", "refresh_token", "client_credentials", DEVICE_CODE],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": CLIENT_AUTHENTICATION,
            "id_token_signing_alg_values_supported": [ALGORITHM],
            "subject_types_supported": ["public"],
            "scopes_supported": [one.value for one in Permission],
            "prompt_values_supported": sorted(rules.PROMPTS),
            "acr_values_supported": sorted(rules.CLASSES),
            "claims_supported": [
                *("iss", "aud", "sub", "oid", "tid", "exp", "iat", "nbf", "jti", "nonce", "at_hash"),
                *("sid", "auth_time", "amr", "acr", "name", "preferred_username", "email"),
            ],
            "authorization_response_iss_parameter_supported": True,
            "backchannel_logout_supported": True,
            "backchannel_logout_session_supported": True,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": False,
        }
    )


@login_not_required
@require_GET
@public
@for_tenant
def key_set(request: HttpRequest, tenant: Any, name: str) -> HttpResponse:
    """Answer with the public halves of the keys whose signatures count."""
    return JsonResponse({"keys": keys.published(now=clock.now())})


@login_not_required
@require_GET
@public
def instance(request: HttpRequest) -> HttpResponse:
    """Say that this host is an authority of its own, as client libraries ask that do not know it."""
    tenant = _tenant_at(request.GET.get("authorization_endpoint", ""))
    if tenant is None:
        return JsonResponse({"error": "invalid_instance"}, status=400)
    host = public_host()
    return JsonResponse(
        {
            "tenant_discovery_endpoint": public_link(f"/{tenant}/v2.0/.well-known/openid-configuration"),
            "api-version": "1.1",
            "metadata": [{"preferred_network": host, "preferred_cache": host, "aliases": [host]}],
        }
    )


def _tenant_at(address: str) -> str | None:
    """Return the tenant an address of ours names. Only the host's name is compared: some clients leave the port out."""
    try:
        asked = urlsplit(address)
        name = asked.path.strip("/").partition("/")[0]
        tenant_named(name)
    except (NotFound, ValueError):
        return None
    return name if asked.hostname == public_host() else None
