"""The passes of the whole tenant."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import require_in_tenant
from accounts.authority import reach_of
from accounts.enums import Act, Standing
from accounts.queries.search import FOUND_AT_MOST, Sought, user_ids
from accounts.requests import SignedInRequest
from core import clock
from core.paging import page_of
from tap import queries, wording
from tap.enums import Listing
from tap.forms import PassFilter
from tap.models import TemporaryAccessPass
from tap.rules import State


@require_safe
def passes(request: SignedInRequest) -> HttpResponse:
    """List the passes the caller may view, by state and person, a page at a time."""
    require_in_tenant(request.actor, Act.PASS_VIEW)
    wanted, now = PassFilter({name: str(value) for name, value in request.GET.items()}), clock.now()
    tenant_id = request.user.tenant_id
    people = user_ids(Sought(tenant_id, wanted.term)) if wanted.term else None
    page = page_of(
        queries.listed_for(request.actor, wanted.listing, people=people, now=now),
        order=wanted.listing.order,
        cursor=wanted.cursor,
    )
    states = queries.states_of_listed(page.rows, now=now)

    def address(**changed: str) -> str:
        return f"{request.path}?{urlencode(wanted.parameters(**changed))}"

    context: dict[str, Any] = {
        "nav": "passes",
        "may_issue": Standing.MEMBER in reach_of(request.actor, Act.PASS_ISSUE),
        "form": wanted,
        "current": wanted.listing.value,
        "listings": [(listing.value, listing.label, address(state=listing.value)) for listing in Listing],
        "rows": [_row(issued, states[issued.id]) for issued in page.rows],
        "nothing": wording.nothing_listed(wanted.listing, wanted.term),
        "is_cut": people is not None and len(people) >= FOUND_AT_MOST,
        "most_people": FOUND_AT_MOST,
        "clear_url": address(q=""),
        "prev_url": address(cursor=page.previous) if page.previous else "",
        "next_url": address(cursor=page.next) if page.next else "",
    }
    return render(request, "tap/passes.html", context)


def _row(issued: TemporaryAccessPass, state: State) -> dict[str, Any]:
    return {"issued": issued, "person": issued.user, "pill": wording.pill(state), "why": wording.why(issued, state)}
