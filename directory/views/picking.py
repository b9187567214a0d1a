"""Looking for people and groups in a panel; without scripts the server lists whom the letters typed find."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.queries import find_principals
from accounts.requests import SignedInRequest


def found(request: SignedInRequest) -> dict[str, Any]:
    """Return what the search box of a panel shows."""
    query = request.GET.get("q", "")
    results = find_principals(request.user.tenant_id, query) if query.strip() else []
    if results:
        words = ngettext("%(count)s result for “%(query)s”", "%(count)s results for “%(query)s”", len(results))
    else:
        words = _("No groups or users match “%(query)s”. Check the spelling.")
    status = words % {"count": len(results), "query": query} if query.strip() else ""
    return {
        "principals_url": reverse("accounts:principals"),
        "sought": query,
        "results": results,
        "status": status,
    }
