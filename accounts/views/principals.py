"""What the people and group picker asks while somebody types."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import require_in_tenant
from accounts.enums import Act
from accounts.requests import SignedInRequest


@require_safe
def principals(request: SignedInRequest) -> HttpResponse:
    """Answer with the people and groups ``q`` finds (``type``: only ``user`` or ``group``); a browser gets a page."""
    require_in_tenant(request.actor, Act.DIRECTORY_VIEW)
    query = request.GET.get("q", "")
    only = queries.principal_type(request.GET.get("type", ""))
    results = queries.find_principals(request.user.tenant_id, query, only=only)
    if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
        context = {"nav": "users", "query": query, "type": only or "", "results": results}
        return render(request, "accounts/principals.html", context)
    return JsonResponse({"results": results})
