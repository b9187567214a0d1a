"""The roles, and who holds one of them."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import may_in_tenant, require_in_tenant
from accounts.enums import Act, Role
from accounts.requests import SignedInRequest


@require_safe
def roles(request: SignedInRequest) -> HttpResponse:
    """List the roles, what each may do, and how many people hold it."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    context = {"nav": "roles", "counts": queries.role_counts(request.user.tenant_id)}
    return render(request, "accounts/roles.html", context)


@require_safe
def role(request: SignedInRequest, role_id: UUID) -> HttpResponse:
    """Show who holds one role, and through which group."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    return render(request, "accounts/role.html", role_page(request, queries.role_named(role_id)))


def role_page(request: SignedInRequest, found: Role) -> dict[str, Any]:
    """Return what a role's page shows; panels and dialogs are drawn over it."""
    tenant_id = request.user.tenant_id
    page, holdings = queries.holders_of_role(tenant_id, found, cursor=request.GET.get("page", ""))
    return {
        "nav": "roles",
        "role": found,
        "page": page,
        "holdings": holdings,
        "groups": queries.groups_given(tenant_id, found),
        "own_id": request.user.id,
        "may_assign": may_in_tenant(request.actor, Act.ROLES_ASSIGN),
    }
