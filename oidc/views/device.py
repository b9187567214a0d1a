"""Where a person types the code a device shows, sees who asks, and lets it in or not (RFC 8628 §3.3)."""

from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.requests import SignedInRequest
from core.errors import NotFound, TooMany
from oidc import actions
from oidc.enums import Permission
from oidc.forms import DeviceCodeForm
from oidc.models import DeviceGrant
from oidc.queries import missing_consents
from oidc.scopes import parse

SALT = "oidc.device"
LONGEST = 900  # seconds


@never_cache
@require_http_methods(["GET", "POST"])
def device(request: SignedInRequest, tenant: str = "") -> HttpResponse:
    """Ask for the code. It is typed, never taken from a link: a link may come from anybody. No matter of which tenant."""
    form = DeviceCodeForm(request.POST or None)
    status, retry_after = 200, 0
    if request.method == "POST" and form.is_valid():
        try:
            return _ask(request, actions.find(request.actor, typed=form.cleaned_data["code"]))
        except NotFound as error:
            form.add_error("code", str(error.message))
        except TooMany as error:
            form.add_error("code", str(error.message))
            status, retry_after = int(error.status), error.retry_after
    response = render(request, "oidc/device.html", {"form": form} | _who(request), status=status)
    if retry_after:
        response.headers["Retry-After"] = str(retry_after)
    return response


@never_cache
@require_POST
def device_answer(request: SignedInRequest) -> HttpResponse:
    """Take the person's answer."""
    try:
        grant_id, session_id = signing.loads(request.POST.get("device", ""), salt=SALT, max_age=LONGEST)
    except (signing.BadSignature, ValueError, TypeError):
        return redirect("oidc:device")
    if session_id != str(request.signin.id):
        return redirect("oidc:device")
    grant = actions.waiting(request.actor, grant_id=grant_id)
    permissions = parse(grant.scope)
    missing, higher = missing_consents(grant.application, request.user, permissions)
    if request.POST.get("answer") != "agree" or higher:
        actions.turn_away(request.actor, grant=grant)
        return render(request, "oidc/device_done.html", {"is_in": False} | _who(request))
    actions.agree(request.actor, application=grant.application, user=request.user, permissions=missing)
    actions.let_in(request.actor, grant=grant, session=request.signin)
    return render(request, "oidc/device_done.html", {"is_in": True, "application": grant.application} | _who(request))


def _ask(request: SignedInRequest, grant: DeviceGrant) -> HttpResponse:
    permissions = parse(grant.scope)
    _missing, higher = missing_consents(grant.application, request.user, permissions)
    context = {
        "application": grant.application,
        "permissions": sorted(permissions, key=list(Permission).index),
        "higher": sorted(higher, key=list(Permission).index),
        "grant": grant,
        "code": request.POST["code"].upper(),
        "is_elsewhere": grant.address != request.address,
        "device": signing.dumps([grant.pk, str(request.signin.id)], salt=SALT),
        "ends_at": request.signin.ends_at,
    }
    return render(request, "oidc/device_confirm.html", context | _who(request))


def _who(request: SignedInRequest) -> dict[str, str]:
    return {"identifier": request.user.upn, "tenant_name": request.signin.tenant.name}
