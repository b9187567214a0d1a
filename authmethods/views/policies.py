"""The tenant's methods: which are on, and for whom."""

from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import require_in_tenant
from accounts.enums import Act, MethodKind
from accounts.requests import SignedInRequest
from authmethods import campaign as campaigns
from authmethods import policy as passkeys
from authmethods import wording
from tap import queries as tap


@dataclass(frozen=True)
class Line:
    """One method as the list shows it."""

    kind: MethodKind
    icon: str
    what: str
    targets: str
    is_on: bool
    url: str = ""


@require_safe
def policies(request: SignedInRequest) -> HttpResponse:
    """List the methods with their state and target."""
    require_in_tenant(request.actor, Act.POLICY_VIEW)
    tenant_id = request.user.tenant_id
    policy, targets = tap.policy_of(tenant_id), tap.targets(tenant_id)
    passkey_policy = passkeys.policy_of(tenant_id)
    about = wording.about_methods()
    lines = [
        Line(
            MethodKind.TEMPORARY_ACCESS_PASS,
            "ticket",
            about[MethodKind.TEMPORARY_ACCESS_PASS],
            wording.targets_in_short(targets),
            policy.is_enabled,
            reverse("tap:policy_target"),
        ),
        Line(
            MethodKind.FIDO2,
            "passkey",
            about[MethodKind.FIDO2],
            wording.targets_in_short(passkeys.targets(passkey_policy)),
            passkey_policy.is_enabled,
            reverse("authmethods:passkey_policy_target"),
        ),
        Line(MethodKind.PASSWORD, "password", about[MethodKind.PASSWORD], wording.everybody(), is_on=True),
    ]
    context = {"nav": "policies", "lines": lines, "campaign": campaigns.campaign_of(tenant_id)}
    return render(request, "authmethods/center/policies.html", context)
