"""The list of users, and one user's Overview and Groups."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import Reached, may_in_tenant, reach, require_in_tenant
from accounts.enums import Act
from accounts.forms import UserFilterForm
from accounts.requests import SignedInRequest
from core import clock


@require_safe
def users(request: SignedInRequest) -> HttpResponse:
    """List the people of the tenant; find some of them."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    return render(request, "accounts/users.html", users_page(request))


def users_page(request: SignedInRequest) -> dict[str, Any]:
    """Return what the list shows; panels are drawn over it."""
    form = UserFilterForm(request.GET, auto_id="%s")
    listing = None
    if form.is_valid():
        listing = queries.user_listing(
            request.user.tenant_id,
            term=form.cleaned_data["q"],
            kind=form.kind_wanted,
            is_enabled=form.is_enabled_wanted,
            cursor=request.GET.get("page", ""),
        )
    is_filtered = any(form.data.get(name) for name in form.fields)
    return {
        "may_issue": may_in_tenant(request.actor, Act.PASS_ISSUE),
        "nav": "users",
        "filter": form,
        "listing": listing,
        "is_filtered": is_filtered,
        "query": form.data.get("q"),
        "may_create": may_in_tenant(request.actor, Act.USERS_CREATE),
        "may_restore": may_in_tenant(request.actor, Act.USERS_RESTORE),
    }


@require_safe
def user(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Show one person: facts, roles and, to whom that is given, sessions."""
    reached = reach(request.actor, user_id, Act.DIRECTORY_VIEW)
    return render(request, "accounts/user.html", overview_of(reached))


@require_safe
def user_groups(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Show the groups one person is in, directly and through other groups."""
    reached = reach(request.actor, user_id, Act.DIRECTORY_VIEW)
    page, memberships = queries.memberships_of(reached.user, cursor=request.GET.get("page", ""))
    context = person_context(reached, "groups") | {"page": page, "memberships": memberships}
    return render(request, "accounts/user_groups.html", context)


def person_context(reached: Reached, tab: str) -> dict[str, Any]:
    """Return what the head and the tabs of a person's page need (templates/accounts/user_page.html)."""
    return {"nav": "users", "person": reached.user, "tab": tab, "may_view_methods": reached.may(Act.METHODS_VIEW)}


def overview_of(reached: Reached) -> dict[str, Any]:
    """Return what the Overview shows."""
    person = reached.user
    may_view = reached.may(Act.SESSIONS_VIEW)
    sign_ins = queries.sign_ins_of(person.id, now=clock.now()) if may_view else None
    return person_context(reached, "overview") | {
        "held_roles": queries.roles_held_by([person.id])[person.id],
        "groups": queries.groups_counted(person.id),
        "may_update": reached.may(Act.USERS_UPDATE),
        "may_disable": reached.may(Act.USERS_DISABLE),
        "may_delete": reached.may(Act.USERS_DELETE),
        "may_view_sessions": may_view,
        "may_end_sessions": reached.may(Act.SESSIONS_REVOKE),
        "last_sign_in": sign_ins and sign_ins.last,
        "sessions": sign_ins.live if sign_ins else [],
    }
