"""The list of groups, and one group."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import require_in_tenant
from accounts.authority import reach_of
from accounts.enums import Act
from accounts.forms import GroupFilterForm
from accounts.requests import SignedInRequest


@require_safe
def groups(request: SignedInRequest) -> HttpResponse:
    """List the groups of the tenant; find some of them."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    form = GroupFilterForm(request.GET, auto_id="%s")
    listing = None
    if form.is_valid():
        listing = queries.group_listing(
            request.user.tenant_id, term=form.cleaned_data["q"], cursor=request.GET.get("page", "")
        )
    context = {"nav": "groups", "form": form, "listing": listing, "query": form.data.get("q")}
    return render(request, "accounts/groups.html", context)


@require_safe
def group(request: SignedInRequest, group_id: UUID) -> HttpResponse:
    """Show one group: who is in it directly, and what it is in."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    found = queries.group_named(request.user.tenant_id, group_id)
    page = queries.group_page(found, cursor=request.GET.get("page", ""))
    return render(
        request,
        "accounts/group.html",
        {"nav": "groups", "group": found, "page": page, "may_issue": bool(reach_of(request.actor, Act.PASS_ISSUE))},
    )
