"""Why a person can or cannot use a pass: each rule, its answer, and the way to mend it."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.access import Reached, reach
from accounts.enums import Act
from accounts.queries import domain_of
from accounts.requests import SignedInRequest
from accounts.views.users import person_context
from authmethods import wording
from authmethods.mending import rows_of
from core import clock
from tap.queries import case_of, holders


@require_safe
def why(request: SignedInRequest, user_id: UUID) -> HttpResponse:
    """Answer the help desk's question, with nothing changed by asking."""
    reached = reach(request.actor, user_id, Act.PASS_VIEW, people=holders())
    return render(request, "authmethods/center/why.html", person_context(reached, "methods") | answer_about(reached))


def answer_about(reached: Reached, *, issue_at: str = "authmethods:add_method") -> dict[str, Any]:
    """Return what ``_why.html`` says of a person. ``issue_at`` is the name of the page that issues a pass."""
    now = clock.now()
    rows = rows_of(reached, case_of(reached.user, now=now, roles=reached.roles), now=now, issue_at=issue_at)
    stopping = [row for row in rows if row.finding.stops]
    return {
        "rows": rows,
        "stopping": len(stopping),
        "first": stopping[0].found if stopping else "",
        "notes": wording.also_worth_knowing(reached.user, domain_of(reached.user)),
    }
