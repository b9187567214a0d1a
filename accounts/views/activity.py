"""One person's Activity: the life of a pass on one line of time, and everything that happened to the account."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from accounts import queries
from accounts.access import reach
from accounts.activity import lines_of, trace_of
from accounts.enums import Act
from accounts.requests import SignedInRequest
from accounts.views.users import person_context
from audit.lives import life_of
from audit.queries import NEWEST_FIRST, happened_to
from core import clock
from core.paging import page_of
from core.templatetags.ui.times import utc_offset


@require_safe
def user_activity(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Show it to whoever may see the person's methods."""
    reached = reach(request.actor, user_id, Act.METHODS_VIEW)
    person, now = reached.user, clock.now()
    pass_id, events = queries.events_of_pass(person, request.GET.get("pass", ""))
    happened = happened_to(person.tenant_id, person.id)
    page = page_of(happened, order=NEWEST_FIRST, cursor=request.GET.get("page", ""), size=25)
    context = person_context(reached, "activity") | {
        "life": [(one, trace_of(one.event, person) if one.event else "") for one in life_of(pass_id, events, now=now)],
        "lines": lines_of(page.rows),
        "page": page,
        "now": now,
        "offset": utc_offset(timezone.localtime(now)),
        "may_view_audit": reached.may(Act.AUDIT_VIEW),
    }
    return render(request, "accounts/user_activity.html", context)
