"""The list of groups, and one group."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import ReachedGroup, may_in_tenant, reach_group, require_in_tenant
from accounts.enums import Act, Role
from accounts.forms import GroupFilterForm
from accounts.requests import SignedInRequest


@require_safe
def groups(request: SignedInRequest) -> HttpResponse:
    """List the groups of the tenant; find some of them."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    return render(request, "accounts/groups.html", groups_page(request))


@require_safe
def group(request: SignedInRequest, group_id: UUID) -> HttpResponse:
    """Show one group: who is in it directly, and what it is in."""
    reached = reach_group(request.actor, group_id, Act.DIRECTORY_VIEW)
    return render(request, "accounts/group.html", group_page(request, reached))


def groups_page(request: SignedInRequest) -> dict[str, Any]:
    """Return what the list shows; panels are drawn over it."""
    form = GroupFilterForm(request.GET, auto_id="%s")
    listing = None
    if form.is_valid():
        listing = queries.group_listing(
            request.user.tenant_id, term=form.cleaned_data["q"], cursor=request.GET.get("page", "")
        )
    return {
        "nav": "groups",
        "filter": form,
        "listing": listing,
        "query": form.data.get("q"),
        "may_create": may_in_tenant(request.actor, Act.GROUPS_MANAGE),
    }


def group_page(request: SignedInRequest, reached: ReachedGroup) -> dict[str, Any]:
    """Return what a group's page shows; panels and dialogs are drawn over it."""
    return {
        "nav": "groups",
        "group": reached.group,
        "roles": [role.label for role in Role if role in reached.roles],
        "may_manage": reached.may(Act.GROUPS_MANAGE),
        "may_issue": may_in_tenant(request.actor, Act.PASS_ISSUE),
        "page": queries.group_page(reached.group, cursor=request.GET.get("page", "")),
    }
